package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"mibgate/mib/model"
)

// TestOthersAreKeptOut: whatever the umask and whatever was there before, no
// file of the data folder can be read by others.
func TestOthersAreKeptOut(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := openModel(t, dir)
	if err := s.Start(noRuntime{}); err != nil {
		t.Fatal(err)
	}
	mustSet(t, s, "Hoc.SystemName=a")
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "config.new")); err != nil { // what is to be written goes here first
		t.Fatal(err)
	}
	mustSet(t, s, "Hoc.SystemName=b")
	if b, err := os.ReadFile(outside); err != nil || string(b) != "theirs" {
		t.Errorf("a link was followed: %q, %v", b, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.new"), nil, 0o666); err != nil { //nolint:gosec // that is the test
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "config.new"), 0o666); err != nil { //nolint:gosec // that is the test
		t.Fatal(err)
	}
	mustSet(t, s, "Hoc.SystemName=c")
	if err := s.State().Save("x", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "key"), 0o644); err != nil { //nolint:gosec // a careless copy
		t.Fatal(err)
	}
	openModel(t, dir)
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := os.Lstat(path)
		if err == nil && i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, i.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOpenFolderIsRefused(t *testing.T) {
	for name, open := range map[string]func(dir string) error{
		"others may write":            func(dir string) error { return os.Chmod(dir, 0o777) }, //nolint:gosec // that is the test
		"a folder like /tmp":          func(dir string) error { return os.Chmod(dir, 0o777|os.ModeSticky) },
		"others may write in history": func(dir string) error { return os.Chmod(filepath.Join(dir, "history"), 0o777) }, //nolint:gosec // that is the test
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "history"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := open(dir); err != nil {
				t.Fatal(err)
			}
			s, err := Open(dir, model.Registry)
			if !errors.Is(err, ErrOpenFolder) {
				t.Errorf("error %v", err)
			}
			if err == nil {
				_ = s.Close()
			}
		})
	}
}

func TestOwnerOfTheFolder(t *testing.T) {
	i, err := os.Stat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	me := os.Geteuid()
	if !ours(i, me) || !ours(i, 0) {
		t.Error("our own folder is refused")
	}
	if ours(i, me+1) != (me == 0) { // a folder of root's is as good as our own
		t.Error("who owns the folder is not looked at")
	}
}
