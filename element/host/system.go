package host

import (
	"bufio"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"time"
)

// System is memory, storage and processors of one moment. It never changes.
type System struct {
	UpTime     time.Duration // of the host
	Processes  int
	Users      int // logged in
	Memory     Memory
	Storage    []Storage // by Number
	Disks      []Disk    // by Name
	Processors []Processor
}

// Memory is proc_meminfo(5) in octets.
type Memory struct {
	Total, Free, Buffers, Cached, Shared, SwapTotal, SwapFree uint64
}

func (h *Host) readSystem() *System {
	return &System{
		UpTime:     h.upTimeOfHost(),
		Processes:  h.processes(),
		Users:      h.users(),
		Memory:     h.memory(),
		Storage:    h.storage(),
		Disks:      h.disks(),
		Processors: h.processors(),
	}
}

// upTimeOfHost reads proc_uptime(5): seconds with two decimals.
func (h *Host) upTimeOfHost() time.Duration {
	s, _, _ := strings.Cut(h.line("proc/uptime"), " ")
	seconds, err := strconv.ParseFloat(s, 64)
	if err != nil || seconds < 0 || seconds > 1e9 {
		return 0
	}
	return time.Duration(seconds*100) * (time.Second / 100)
}

// processes counts the folders of /proc that are numbers.
func (h *Host) processes() int {
	d, err := os.Open(h.path("proc"))
	if err != nil {
		return 0
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	n := 0
	for _, name := range names {
		if name[0] >= '1' && name[0] <= '9' {
			n++
		}
	}
	return n
}

// users counts the records of users in utmp(5), whose type is the first number
// of each.
func (h *Host) users() int {
	const size, user = 384, 7
	b, err := os.ReadFile(h.path("run/utmp"))
	if err != nil {
		return 0
	}
	n := 0
	for ; len(b) >= size; b = b[size:] {
		if binary.NativeEndian.Uint16(b) == user {
			n++
		}
	}
	return n
}

func (h *Host) memory() Memory {
	var m Memory
	fields := map[string]*uint64{
		"MemTotal:": &m.Total, "MemFree:": &m.Free, "Buffers:": &m.Buffers, "Cached:": &m.Cached,
		"Shmem:": &m.Shared, "SwapTotal:": &m.SwapTotal, "SwapFree:": &m.SwapFree,
	}
	h.lines("proc/meminfo", func(f []string) {
		if to := fields[f[0]]; to != nil && len(f) > 1 {
			n, err := strconv.ParseUint(f[1], 10, 54)
			if err == nil {
				*to = n * 1024
			}
		}
	})
	return m
}

// lines calls f with the words of every line that is not empty.
func (h *Host) lines(name string, f func(words []string)) {
	file, err := os.Open(h.path(name))
	if err != nil {
		return
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 0 {
			f(words)
		}
	}
}
