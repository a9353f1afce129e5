package host

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const (
	// page is the most that an attribute has (the kernel's
	// Documentation/filesystems/sysfs.rst).
	page = 4096
	// mostDevices is how many entries of a folder are looked at: DAHDI has at
	// most 2,048 channels.
	mostDevices = 4096
	// longest is the longest text of an attribute that is kept.
	longest = 255
)

// sysfs reads devices of drivers that are not of this kernel, and may say
// anything.
type sysfs struct {
	root    string // of the host
	pci     pciDevices
	starved bool // something could not be read for want of files or memory
}

// devices lists the devices of a class or bus, in the order of people.
func (r *sysfs) devices(folder string) []string {
	d, err := os.Open(filepath.Join(r.root, "sys", folder))
	if err != nil {
		r.failed(err)
		return nil
	}
	defer d.Close()
	names, err := d.Readdirnames(mostDevices)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed(err)
	}
	slices.SortFunc(names, naturally)
	for i, name := range names {
		names[i] = filepath.Join(r.root, "sys", folder, name)
	}
	return names
}

// failed notes that the host is out of something, rather than the device.
func (r *sysfs) failed(err error) {
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM) {
		r.starved = true
	}
}

// text is the first line of an attribute; false when there is no such one. The
// kernel writes "(null)" for a string that a driver has not set.
func (r *sysfs) text(dir, name string) (string, bool) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		r.failed(err)
		return "", false
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, page))
	if err != nil {
		r.failed(err)
		return "", false
	}
	s, _, _ := strings.Cut(string(b), "\n")
	if s = clean(s); s == "(null)" {
		s = ""
	}
	return s, true
}

// clean leaves out what DisplayString has no place for, and the end of what is
// too long.
func clean(s string) string {
	s = strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, s))
	return strings.TrimSpace(s[:min(len(s), longest)])
}

// word is text, or "".
func (r *sysfs) word(dir, name string) string {
	s, _ := r.text(dir, name)
	return s
}

// count is a number from 0 to most; 0 when there is none.
func (r *sysfs) count(dir, name string, most int) int {
	n, err := strconv.Atoi(r.word(dir, name))
	if err != nil || n < 0 || n > most {
		return 0
	}
	return n
}

// target is the device itself, behind a link to it.
func (r *sysfs) target(link string) (string, bool) {
	dir, err := filepath.EvalSymlinks(link)
	if err != nil {
		r.failed(err)
		return "", false
	}
	return dir, true
}

// hardware completes a module with what the bus that its card is on tells of it:
// attributes of PCI devices, and of USB devices, whose functions are folders
// within them.
func (r *sysfs) hardware(m *LineModule) {
	if m.device == "" {
		return
	}
	if vendor, ok := r.text(m.device, "vendor"); ok {
		m.Plugged = true
		m.Revision = cmp.Or(m.Revision, strings.TrimPrefix(r.word(m.device, "revision"), "0x"))
		m.Location = cmp.Or(m.Location, "PCI "+filepath.Base(m.device))
		names := r.pci.find(r.root, vendor, r.word(m.device, "device"))
		m.Maker, m.Model = cmp.Or(m.Maker, names.maker), cmp.Or(m.Model, names.model)
		return
	}
	for _, dir := range []string{m.device, filepath.Dir(m.device)} {
		if _, ok := r.text(dir, "idVendor"); !ok {
			continue
		}
		m.Plugged = true
		m.Maker = cmp.Or(m.Maker, r.word(dir, "manufacturer"))
		m.Model = cmp.Or(m.Model, r.word(dir, "product"), "USB "+r.word(dir, "idVendor")+":"+r.word(dir, "idProduct"))
		m.Serial = cmp.Or(m.Serial, r.word(dir, "serial"))
		m.Revision = cmp.Or(m.Revision, r.word(dir, "bcdDevice"))
		m.Location = cmp.Or(m.Location, "USB "+filepath.Base(dir))
		return
	}
}
