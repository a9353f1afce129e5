package host

import (
	"os"
	"strconv"
	"strings"
)

// line is the first line of a small file below the root; "" when it cannot be
// read.
func (h *Host) line(elem ...string) string {
	b, err := os.ReadFile(h.path(elem...))
	if err != nil {
		return ""
	}
	s, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(s)
}

// number is a file that holds one number; 0 when it cannot be read.
func (h *Host) number(elem ...string) int64 {
	n, err := strconv.ParseInt(h.line(elem...), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (h *Host) exists(elem ...string) bool {
	_, err := os.Stat(h.path(elem...))
	return err == nil
}
