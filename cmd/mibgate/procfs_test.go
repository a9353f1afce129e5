package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// clockTick is the unit of times in /proc/PID/stat: USER_HZ, which is 100 on
// every architecture Debian has.
const clockTick = 10 * time.Millisecond

// vitals are what the kernel tells of a process.
type vitals struct {
	rss, anon    int // KiB; anon is without pages of files
	threads, fds int
}

func (v vitals) String() string {
	return fmt.Sprintf("RSS %d KiB (%d of it anonymous), %d threads, %d file descriptors", v.rss, v.anon, v.threads, v.fds)
}

// vitalsOf reads /proc/PID/status and counts /proc/PID/fd.
func vitalsOf(t testing.TB, pid int) vitals {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatalf("the process is gone: %v", err)
	}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	v := vitals{fds: len(fds)}
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			continue
		}
		n, _ := strconv.Atoi(fields[0])
		switch name {
		case "VmRSS":
			v.rss = n
		case "RssAnon":
			v.anon = n
		case "Threads":
			v.threads = n
		}
	}
	if v.rss == 0 || v.threads == 0 {
		t.Fatalf("process %d has ended", pid)
	}
	return v
}

// cpuOf is the processor time of a process so far, user and system, of all its
// threads, in whole clock ticks.
func cpuOf(t testing.TB, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	// The name of the program is in brackets and may hold anything; utime and
	// stime are fields 14 and 15, the state behind the name is field 3.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		t.Fatalf("/proc/%d/stat is %q", pid, stat)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		t.Fatalf("/proc/%d/stat is %q", pid, stat)
	}
	return time.Duration(user+system) * clockTick
}

func TestVitalsAndTimeOfThisProcess(t *testing.T) {
	before := cpuOf(t, os.Getpid())
	for began := time.Now(); time.Since(began) < 60*time.Millisecond; {
		_ = fmt.Sprint(began)
	}
	if used := cpuOf(t, os.Getpid()) - before; used < clockTick || used > 5*time.Second {
		t.Errorf("60 ms of work cost %v of processor time", used)
	}
	v := vitalsOf(t, os.Getpid())
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if w := vitalsOf(t, os.Getpid()); w.fds != v.fds+1 || w.rss < 1000 || w.anon > w.rss || w.threads < 2 {
		t.Errorf("before and after opening a file: %v; %v", v, w)
	}
}

// udpDrops is how many datagrams the kernel has thrown away because the buffers
// of the sockets on a port of IPv4 were full.
func udpDrops(t testing.TB, port uint16) (drops int) {
	t.Helper()
	table, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) > 12 && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
			n, _ := strconv.Atoi(fields[12])
			drops, found = drops+n, true
		}
	}
	if !found {
		t.Fatalf("nobody listens on UDP port %d", port)
	}
	return drops
}
