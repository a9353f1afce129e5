package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	console, err := os.OpenFile("/dev/console", os.O_RDWR, 0)
	if err != nil {
		os.Exit(1)
	}
	if err := mounts(); err != nil {
		fmt.Fprintf(console, "failed %v\n", err)
	}
	fmt.Fprintln(console, "\ndone") // the console begins with what the BIOS has left
	lines := bufio.NewScanner(console)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		err := errors.New("there is no such command")
		if f := commands[words[0]]; f != nil {
			err = f(console, words[1:])
		}
		if err != nil {
			fmt.Fprintf(console, "failed %v\n", err)
			continue
		}
		fmt.Fprintln(console, "done")
	}
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// mounts makes the file systems that programs expect.
func mounts() error {
	for dir, kind := range map[string]string{"/proc": "proc", "/sys": "sysfs", "/dev": "devtmpfs", "/tmp": "tmpfs"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(kind, dir, kind, 0, ""); err != nil && !errors.Is(err, unix.EBUSY) {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	return nil
}

var commands = map[string]func(w io.Writer, args []string) error{
	"insmod":  insmod,
	"rmmod":   func(_ io.Writer, args []string) error { return unix.DeleteModule(args[0], unix.O_NONBLOCK) },
	"address": func(_ io.Writer, args []string) error { return address(args[0], args[1]) },
	"run":     run,
	"start":   start,
	"span":    dynamicSpan,
	"tree":    tree,
	"off":     func(io.Writer, []string) error { return unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF) },
}

// insmod FILE [PARAMETERS…]
func insmod(_ io.Writer, args []string) error {
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), strings.Join(args[1:], " "), 0)
}

// run PROGRAM [ARGUMENTS…] runs a program to its end and shows what it writes.
func run(w io.Writer, args []string) error {
	cmd := exec.Command(args[0], args[1:]...)
	out, err := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		fmt.Fprintf(w, "| %s\n", strings.TrimRight(line, "\n"))
	}
	return err
}

// start PROGRAM [ARGUMENTS…] returns when the program has written its first line.
func start(_ io.Writer, args []string) error {
	cmd := exec.Command(args[0], args[1:]...)
	log, err := os.Create("/tmp/log")
	if err != nil {
		return err
	}
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		text, _ := os.ReadFile("/tmp/log")
		return fmt.Errorf("%w: %s", err, strings.ReplaceAll(string(text), "\n", " / "))
	}
	return nil
}

// address INTERFACE IPv4 sets an address, of a network of 256, and takes the interface up.
func address(name, ip string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for request, value := range map[uint]string{unix.SIOCSIFADDR: ip} {
		req, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		if err := req.SetInet4Addr(net.ParseIP(value).To4()); err != nil {
			return err
		}
		if err := unix.IoctlIfreq(fd, request, req); err != nil {
			return err
		}
	}
	req, _ := unix.NewIfreq(name)
	req.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req)
}

// span create|destroy DRIVER ADDRESS CHANNELS is DAHDI_DYNAMIC_CREATE or _DESTROY of dahdi/user.h, of which the structure
// is:
//
//	driver (20 octets), address (40), channels, timing, number (4 each)
func dynamicSpan(_ io.Writer, args []string) error {
	if len(args) != 4 {
		return errors.New("span takes create or destroy, driver, address and channels")
	}
	channels, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	var b [72]byte
	copy(b[:19], args[1])
	copy(b[20:59], args[2])
	binary.NativeEndian.PutUint32(b[60:], uint32(channels))
	const size, code = uintptr(len(b)) << 16, 0xda << 8
	request := 3<<30 | size | code | 80 // both ways
	if args[0] == "destroy" {
		request = 1<<30 | size | code | 81
	}
	f, err := os.OpenFile("/dev/dahdi/ctl", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(&b))); errno != 0 {
		return errno
	}
	return nil
}

// tree FOLDER… shows the files and links of folders, and what the files hold.
func tree(w io.Writer, args []string) error {
	for _, dir := range args {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			switch {
			case e.Type()&os.ModeSymlink != 0:
				to, _ := os.Readlink(path)
				fmt.Fprintf(w, "| %s -> %s\n", path, to)
			case e.Type().IsRegular():
				b, _ := os.ReadFile(path)
				fmt.Fprintf(w, "| %s %q\n", path, b)
			}
		}
	}
	return nil
}
