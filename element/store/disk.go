package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
)

// errUndo is a commit that failed and whose undoing failed too: what is on
// disk may be either text.
var errUndo = errors.New("the old configuration could not be put back")

// step is a point of a commit at which power may fail; the tests kill the
// process or fail the operation at each.
type step string

const (
	stepCreate  step = "create"
	stepWrite   step = "write"
	stepSync    step = "sync"
	stepHistory step = "history"
	stepRename  step = "rename"
	stepDirSync step = "dirsync"
	stepUndo    step = "undo"
	stepDone    step = "done"
)

// disk writes the configuration of one folder.
type disk struct {
	dir  string
	held bool // see Store.Hold; the writer's
	// passing has a text replaced that the history does not remember; the writer's.
	passing bool
	list    []int            // the history, oldest first, once it was read; nobody else changes it, for the folder is locked
	known   bool             // list is what the folder has
	fault   func(step) error // nil but in tests
}

func (d *disk) at(s step) error {
	if d.fault == nil {
		return nil
	}
	return d.fault(s)
}

func (d *disk) config() string  { return filepath.Join(d.dir, "config") }
func (d *disk) history() string { return filepath.Join(d.dir, "history") }

// aside is where the old text of a passing change is until the new one is there.
func (d *disk) aside() string { return d.config() + ".old" }

// replace makes text the configuration on disk: temporary file, fsync, the old
// text linked into the history, rename, fsync of the folder. On a slow disk
// nearly all of it is the two fsyncs; between them is nothing that can wait.
func (d *disk) replace(text []byte) error {
	err := d.exchange(text)
	if err != nil {
		d.known = false // what a failure has left is looked up
		return err
	}
	if d.passing {
		_ = os.Remove(d.aside())
	}
	d.prune()
	return d.at(stepDone)
}

func (d *disk) exchange(text []byte) error {
	tmp := d.config() + ".new"
	if err := d.write(tmp, text); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	kept, err := d.keep()
	if err == nil {
		err = d.at(stepHistory)
	}
	if err == nil {
		err = d.at(stepRename)
	}
	if err == nil {
		err = os.Rename(tmp, d.config())
	}
	if err != nil {
		_ = os.Remove(tmp)
		if kept != "" {
			_ = os.Remove(kept)
		}
		return err
	}
	if err := d.syncDir(); err != nil {
		return d.undo(kept, err)
	}
	return nil
}

func (d *disk) write(path string, text []byte) error {
	if err := d.at(stepCreate); err != nil {
		return err
	}
	if d.fault == nil {
		return writeFile(path, text, nil)
	}
	return writeFile(path, text, d.at)
}

// keep links the current text into the history under the next number, or aside
// when it is not to be remembered; "" when there is none yet.
func (d *disk) keep() (string, error) {
	if d.passing {
		return d.setAside()
	}
	path, err := d.link()
	if errors.Is(err, os.ErrExist) { // somebody has put a text back behind our back
		d.known = false
		path, err = d.link()
	}
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return path, err
}

func (d *disk) setAside() (string, error) {
	_ = os.Remove(d.aside()) // a crash may have left one
	err := os.Link(d.config(), d.aside())
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return d.aside(), err
}

func (d *disk) link() (string, error) {
	if !d.known {
		d.list, d.known = d.numbers(), true
	}
	next := 1
	if len(d.list) > 0 {
		next = d.list[len(d.list)-1] + 1
	}
	path := d.past(next)
	if err := os.Link(d.config(), path); err != nil {
		return "", err
	}
	d.list = append(d.list, next)
	return path, nil
}

// past is the file of one text of the history.
func (d *disk) past(number int) string {
	return filepath.Join(d.history(), fmt.Sprintf("%08d", number))
}

// numbers lists the history, oldest first, as the folder has it.
func (d *disk) numbers() []int {
	entries, err := os.ReadDir(d.history())
	if err != nil {
		return nil
	}
	var out []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			out = append(out, n)
		}
	}
	sort.Ints(out)
	return out
}

// prune drops what is too old; what cannot be removed now is tried again.
func (d *disk) prune() {
	for len(d.list) > HistoryDepth {
		if err := os.Remove(d.past(d.list[0])); err != nil && !errors.Is(err, os.ErrNotExist) {
			return
		}
		d.list = append(d.list[:0], d.list[1:]...)
	}
}

func (d *disk) syncDir() error {
	if err := d.at(stepDirSync); err != nil {
		return err
	}
	return syncFolder(d.dir)
}

// undo puts the old text back after the rename when the folder cannot be
// synced: the change must not be answered as failed and then be there.
func (d *disk) undo(kept string, cause error) error {
	err := d.at(stepUndo)
	switch {
	case err != nil:
	case kept == "":
		err = os.Remove(d.config())
	default:
		err = os.Rename(kept, d.config())
	}
	if err == nil {
		err = syncFolder(d.dir)
	}
	if err != nil {
		return fmt.Errorf("%w: %w (after %w)", errUndo, err, cause)
	}
	return cause
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// writeFile writes and syncs a file of mode 0600; at is told the steps.
func writeFile(path string, b []byte, at func(step) error) error {
	f, err := create(path)
	if errors.Is(err, os.ErrExist) {
		// What a crash or somebody's copy has left under this name is not written to: it may be a link, or be open to others.
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		f, err = create(path)
	}
	if err != nil {
		return err
	}
	if err := fill(f, b, at); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// fill writes and syncs a file; at a test's steps half of it is written.
func fill(f *os.File, b []byte, at func(step) error) error {
	if at != nil {
		half := len(b) / 2
		if _, err := f.Write(b[:half]); err != nil {
			return err
		}
		if err := at(stepWrite); err != nil {
			return err
		}
		b = b[half:]
	}
	if _, err := f.Write(b); err != nil {
		return err
	}
	if at != nil {
		if err := at(stepSync); err != nil {
			return err
		}
	}
	return f.Sync()
}

// writeDurable replaces a file of mode 0600 so that after a crash it has
// either content.
func writeDurable(path string, b []byte, at func(step) error) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
		return nil
	}
	tmp := path + ".new"
	if err := writeFile(tmp, b, at); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	return syncFolder(filepath.Dir(path))
}
