package testguest

import (
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"path/filepath"
	"testing"
)

// archive writes cpio as the kernel reads it (the kernel's
// Documentation/driver-api/early-userspace/buffer-format.rst): a header of 110 octets, thirteen numbers of eight
// hexadecimal digits behind a magic one; the name with a zero octet; the content; both padded to four.
type archive struct {
	w    io.Writer
	ino  int
	made map[string]bool
	err  error
}

const (
	modeFolder  = 0o040755
	modeFile    = 0o100755
	modeConsole = 0o020600
)

func (a *archive) entry(name string, mode, size, major, minor int, content io.Reader) {
	if a.err != nil {
		return
	}
	a.ino++
	head := fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\x00",
		a.ino, mode, 0, 0, 1, 0, size, 0, 0, major, minor, len(name)+1, 0, name)
	a.write(head, len(head))
	if content != nil && a.err == nil {
		_, a.err = io.CopyN(a.w, content, int64(size))
		a.write("", size)
	}
}

// write writes text and the padding behind what has size octets.
func (a *archive) write(text string, size int) {
	if a.err == nil {
		_, a.err = io.WriteString(a.w, text+"\x00\x00\x00"[:(4-size%4)%4])
	}
}

// folder adds a folder and those it is in.
func (a *archive) folder(name string) {
	if name == "." || name == "" || a.made[name] {
		return
	}
	a.folder(path.Dir(name))
	if a.made == nil {
		a.made = map[string]bool{}
	}
	a.made[name] = true
	a.entry(name, modeFolder, 0, 0, 0, nil)
}

func (a *archive) console(name string) { a.entry(name, modeConsole, 0, 5, 1, nil) }

func (a *archive) file(name, from string) {
	f, err := os.Open(from)
	if err != nil {
		a.err = err
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		a.err = err
		return
	}
	a.folder(path.Dir(name))
	a.entry(name, modeFile, int(info.Size()), 0, 0, f)
}

// all adds a file, or a folder with what is in it.
func (a *archive) all(name, from string) {
	err := filepath.WalkDir(from, func(p string, d os.DirEntry, err error) error {
		rel, relErr := filepath.Rel(from, p)
		switch {
		case err != nil:
			return err
		case relErr != nil:
			return relErr
		case d.IsDir():
			a.folder(path.Join(name, rel))
		case d.Type().IsRegular():
			a.file(path.Join(name, rel), p)
		}
		return a.err
	})
	if a.err == nil {
		a.err = err
	}
}

func (a *archive) end() { a.entry("TRAILER!!!", 0, 0, 0, 0, nil) }

// freePort is an address of UDP on loopback that nobody has.
func freePort(t testing.TB) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}
