package cli

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// longDir is a folder whose socket's path does not fit into sun_path.
func longDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat("d", 100), strings.Repeat("e", 100))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestListenAndDial(t *testing.T) {
	for name, dir := range map[string]string{"short": t.TempDir(), "longer than sun_path": longDir(t)} {
		t.Run(name, func(t *testing.T) {
			l, err := listen(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			info, err := os.Stat(filepath.Join(dir, SocketName))
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != 0o600 {
				t.Errorf("mode is %o, want 600", got)
			}
			c, err := dial(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			s, err := l.AcceptUnix()
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := admit(s); err != nil {
				t.Errorf("our own connection is refused: %v", err)
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 1 {
				t.Errorf("folder holds %v (%v), want the socket alone", entries, err)
			}
		})
	}
}

// TestStaleSocketIsReplaced: what a killed process left does not hinder, nor
// does a half-made one.
func TestStaleSocketIsReplaced(t *testing.T) {
	dir := t.TempDir()
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, SocketName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	_ = stale.Close()
	if err := os.WriteFile(filepath.Join(dir, SocketName+".new"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("stale socket: %v, want ErrNotRunning", err)
	}
	l, err := listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

func TestDialWithoutUnit(t *testing.T) {
	for name, dir := range map[string]string{
		"no socket": t.TempDir(), "no folder": filepath.Join(t.TempDir(), "none"),
		"no folder, long": filepath.Join(longDir(t), "none"), "long": longDir(t),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dial(dir)
			if err == nil {
				t.Fatal("connected to nothing")
			}
			if !strings.Contains(err.Error(), "none") && !strings.Contains(err.Error(), dir) {
				t.Errorf("error %q does not name the folder", err)
			}
		})
	}
}

func TestTrusted(t *testing.T) {
	self := uint32(os.Geteuid()) //nolint:gosec // a user id
	for uid, want := range map[uint32]bool{0: true, self: true, 54321: false, 1<<32 - 1: false} {
		if got := trusted(uid); got != want {
			t.Errorf("trusted(%d) = %v, want %v", uid, got, want)
		}
	}
}
