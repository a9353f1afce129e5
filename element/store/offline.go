package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Rollback puts the n-th text before the current one back (1 is the one
// before); the one it replaces goes into the history. The store must not have
// been started: it is for a folder whose configuration cannot be read, too.
func Rollback(dir string, n int) error {
	lock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	d := disk{dir: dir}
	texts, err := d.texts()
	if err != nil {
		return err
	}
	if n < 1 || n > len(texts) {
		return fmt.Errorf("%s has %d configurations to go back to, not %d", dir, len(texts), n)
	}
	return d.replace(texts[len(texts)-n])
}

// texts are the texts of the history, oldest first, without those that equal
// what follows: a process killed within a commit leaves such a one.
func (d *disk) texts() ([][]byte, error) {
	next, err := os.ReadFile(d.config())
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	var out [][]byte
	numbers := d.numbers()
	for i := len(numbers) - 1; i >= 0; i-- {
		b, err := os.ReadFile(d.past(numbers[i]))
		if err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
		if !bytes.Equal(b, next) {
			out = append(out, b)
		}
		next = b
	}
	slices.Reverse(out)
	return out, nil
}

// Reset makes the folder new: no configuration, history or state. The sealing
// key goes too, so that no old backup can be opened with this folder. What
// identifies the unit to managers (the names in keep, of state) stays.
func Reset(dir string, keep ...string) error {
	lock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	for _, name := range []string{"config", "config.new", "config.old", "history", "key", "key.new"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	entries, _ := os.ReadDir(filepath.Join(dir, "state"))
	for _, e := range entries {
		if kept(keep, e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, "state", e.Name())); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	return syncFolder(dir)
}

func kept(keep []string, name string) bool {
	for _, k := range keep {
		if k == name {
			return true
		}
	}
	return false
}
