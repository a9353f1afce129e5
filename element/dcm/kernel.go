package dcm

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// disk gives the size of the file system that holds dir and how much of it is
// in use, in octets; 0 when the kernel does not tell.
func disk(dir string) (total, used uint64) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, 0
	}
	block := uint64(fs.Frsize) //nolint:gosec,unconvert // of another type on other machines, never negative
	return fs.Blocks * block, (fs.Blocks - min(fs.Bfree, fs.Blocks)) * block
}

// kernel reads /proc below root.
type kernel struct{ root string }

// memory gives the memory of the host and how much of it is in use, which is
// what could not be had without swapping, in octets.
func (k kernel) memory() (total, used uint64) {
	b, err := os.ReadFile(filepath.Join(k.root, "proc/meminfo"))
	if err != nil {
		return 0, 0
	}
	total, available := meminfo(b, "MemTotal:"), meminfo(b, "MemAvailable:")
	return total, total - min(available, total)
}

// meminfo finds a line "NAME 123 kB" of proc(5).
func meminfo(b []byte, name string) uint64 {
	for line := range bytes.Lines(b) {
		f := strings.Fields(string(line))
		if len(f) < 2 || f[0] != name {
			continue
		}
		n, err := strconv.ParseUint(f[1], 10, 54)
		if err != nil {
			return 0
		}
		return n * 1024
	}
	return 0
}

// revision is processor architecture and operating system: "amd64, linux 6.1.0".
func (k kernel) revision() string {
	s := runtime.GOARCH + ", " + runtime.GOOS
	b, err := os.ReadFile(filepath.Join(k.root, "proc/sys/kernel/osrelease"))
	if release := strings.TrimSpace(string(b)); err == nil && release != "" {
		s += " " + release
	}
	return s
}
