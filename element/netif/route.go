package netif

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// routeFile is the kernel's IPv4 routing table as text, one route per line:
//
//	Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
//
// Addresses are hexadecimal in host byte order, flags hexadecimal, the metric decimal.
const routeFile = "/proc/net/route"

// Flags of linux/route.h.
const (
	routeUp     = 0x1
	routeReject = 0x200
)

// defaultInterface names the interface of the default route with the lowest metric; "" when there is none.
func defaultInterface(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("default route: %w", err)
	}
	defer f.Close()
	return parseRoutes(f)
}

func parseRoutes(r io.Reader) (string, error) {
	name, best := "", uint64(1<<63)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		iface, metric, ok := defaultRoute(lines.Text())
		if ok && metric < best {
			name, best = iface, metric
		}
	}
	return name, lines.Err()
}

// defaultRoute reads a line; ok when it is a default route that works.
func defaultRoute(line string) (iface string, metric uint64, ok bool) {
	f := strings.Fields(line)
	if len(f) < 8 || !zero(f[1]) || !zero(f[7]) {
		return "", 0, false
	}
	flags, err := strconv.ParseUint(f[3], 16, 32)
	if err != nil || flags&routeUp == 0 || flags&routeReject != 0 {
		return "", 0, false
	}
	metric, err = strconv.ParseUint(f[6], 10, 32)
	return f[0], metric, err == nil
}

// zero tells whether a field is the address 0.0.0.0.
func zero(field string) bool {
	b, err := hex.DecodeString(field)
	return err == nil && len(b) == 4 && b[0]|b[1]|b[2]|b[3] == 0
}
