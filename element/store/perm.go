package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrOpenFolder is a data folder in which others could put a configuration, a
// key or a control socket of theirs.
var ErrOpenFolder = errors.New("other users may change the data folder; it needs an owner and a mode (700) that keep them out")

// makeFolder makes a folder of ours, or refuses one that is there and is not
// ours, or root's, alone to change. A group that may is the administrator's own
// decision, and so is it when root works on the folder of a service's user.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	i, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if i.Mode().Perm()&0o002 != 0 || !ours(i, os.Geteuid()) {
		return fmt.Errorf("%s: %w", dir, ErrOpenFolder)
	}
	return nil
}

func ours(i os.FileInfo, euid int) bool {
	st, ok := i.Sys().(*syscall.Stat_t)
	return ok && (euid == 0 || st.Uid == 0 || int64(st.Uid) == int64(euid))
}

// closeToOthers takes from a file what group and others may do with it: a copy
// from a backup often comes back open. A missing file is no error.
func closeToOthers(path string) error {
	i, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if i.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return os.Chmod(path, i.Mode().Perm()&0o700)
}
