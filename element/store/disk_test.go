package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

var allSteps = []step{stepCreate, stepWrite, stepSync, stepHistory, stepRename, stepDirSync, stepDone}

func newDisk(t *testing.T) disk {
	t.Helper()
	d := disk{dir: t.TempDir()}
	if err := os.Mkdir(d.history(), 0o700); err != nil {
		t.Fatal(err)
	}
	return d
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReplaceKeepsHistory(t *testing.T) {
	d := newDisk(t)
	for i := range HistoryDepth + 5 {
		if err := d.replace([]byte{byte('a' + i)}); err != nil {
			t.Fatal(err)
		}
	}
	numbers := d.numbers()
	if len(numbers) != HistoryDepth {
		t.Fatalf("history has %d texts, want %d", len(numbers), HistoryDepth)
	}
	if got, want := content(t, d.config()), string(rune('a'+HistoryDepth+4)); got != want {
		t.Errorf("config is %q, want %q", got, want)
	}
}

// TestPassingTexts are on disk as others are, and leave the history alone.
func TestPassingTexts(t *testing.T) {
	d := newDisk(t)
	for _, text := range []string{"first", "second"} {
		if err := d.replace([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	before := d.numbers()
	d.passing = true
	if err := os.WriteFile(d.aside(), []byte("left by a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"passing", "passing too"} {
		if err := d.replace([]byte(text)); err != nil || content(t, d.config()) != text {
			t.Fatal(err)
		}
	}
	if got := d.numbers(); !slices.Equal(got, before) {
		t.Errorf("the history is %v, was %v", got, before)
	}
	if _, err := os.Stat(d.aside()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old text is still aside: %v", err)
	}
	d.fault = func(s step) error {
		if s == stepDirSync {
			return errors.New("boom")
		}
		return nil
	}
	if err := d.replace([]byte("failing")); err == nil || content(t, d.config()) != "passing too" {
		t.Errorf("%v; the configuration is %q", err, content(t, d.config()))
	}
	d.passing, d.fault = false, nil
	if err := d.replace([]byte("third")); err != nil || len(d.numbers()) != len(before)+1 {
		t.Errorf("%v; the history is %v", err, d.numbers())
	}
}

// TestFailAtEveryStep: whichever operation fails, the text on disk is the old
// one and no temporary file is left.
func TestFailAtEveryStep(t *testing.T) {
	boom := errors.New("boom")
	for _, at := range []step{stepCreate, stepWrite, stepSync, stepHistory, stepRename, stepDirSync} {
		t.Run(string(at), func(t *testing.T) {
			d := newDisk(t)
			if err := d.replace([]byte("old")); err != nil {
				t.Fatal(err)
			}
			d.fault = func(s step) error {
				if s == at {
					return boom
				}
				return nil
			}
			err := d.replace([]byte("new"))
			if !errors.Is(err, boom) || errors.Is(err, errUndo) {
				t.Fatalf("error is %v", err)
			}
			if got := content(t, d.config()); got != "old" {
				t.Errorf("config is %q after a failure", got)
			}
			if _, err := os.Stat(d.config() + ".new"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the temporary file is still there")
			}
			if n := len(d.numbers()); n != 0 {
				t.Errorf("the history has %d texts after a failure, want none", n)
			}
		})
	}
}

func TestUndoFails(t *testing.T) {
	d := newDisk(t)
	if err := d.replace([]byte("old")); err != nil {
		t.Fatal(err)
	}
	d.fault = func(s step) error {
		if s == stepDirSync || s == stepUndo {
			return errors.New("boom")
		}
		return nil
	}
	if err := d.replace([]byte("new")); !errors.Is(err, errUndo) {
		t.Fatalf("error is %v, want errUndo", err)
	}
}

// TestKilledAtEveryStep kills a process with SIGKILL at each step of a commit:
// the next reader finds the old or the new text, whole.
func TestKilledAtEveryStep(t *testing.T) {
	const envDir, envStep = "STORE_KILL_DIR", "STORE_KILL_STEP"
	oldText, newText := strings.Repeat("old\n", 5000), strings.Repeat("new\n", 7000)
	if dir := os.Getenv(envDir); dir != "" {
		d := disk{dir: dir, fault: func(s step) error {
			if string(s) == os.Getenv(envStep) {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
			return nil
		}}
		_ = d.replace([]byte(newText))
		os.Exit(3)
	}
	for _, at := range allSteps {
		t.Run(string(at), func(t *testing.T) {
			d := newDisk(t)
			if err := d.replace([]byte(oldText)); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestKilledAtEveryStep$")
			cmd.Env = append(os.Environ(), envDir+"="+d.dir, envStep+"="+string(at))
			err := cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != -1 {
				t.Fatalf("the process was not killed: %v", err)
			}
			got := content(t, d.config())
			if got != oldText && got != newText {
				t.Fatalf("config is neither text (%d octets)", len(got))
			}
			if at == stepDone && got != newText {
				t.Errorf("a finished commit is not on disk")
			}
			if err := d.replace([]byte("next")); err != nil || content(t, d.config()) != "next" {
				t.Errorf("the folder cannot be written after the kill: %v", err)
			}
		})
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	f, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock: %v, want ErrLocked", err)
	}
	_ = f.Close()
	if f, err = lockFolder(dir); err != nil {
		t.Errorf("after release: %v", err)
	}
	_ = f.Close()
}

func TestSeal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	s, err := loadSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	if fi, _ := os.Stat(path); fi.Mode().Perm() != 0o600 {
		t.Errorf("key file has mode %v", fi.Mode())
	}
	sealed := s.seal("A.B", "secret")
	if strings.Contains(sealed, "secret") || sealed == s.seal("A.C", "secret") || sealed != s.seal("A.B", "secret") {
		t.Errorf("sealed form %q", sealed)
	}
	again, err := loadSealer(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.open("A.B", sealed); err != nil || got != "secret" {
		t.Errorf("open: %q, %v", got, err)
	}
	for name, bad := range map[string]string{"other variable": s.seal("A.C", "secret"), "cut": sealed[:8], "not base64": "***", "empty": ""} {
		if _, err := again.open("A.B", bad); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if s.fingerprint("") != "" || s.fingerprint("x") == s.fingerprint("y") || len(s.fingerprint("x")) != 16 {
		t.Errorf("fingerprints: %q %q", s.fingerprint("x"), s.fingerprint("y"))
	}
	other, err := loadSealer(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	if other.fingerprint("x") == s.fingerprint("x") {
		t.Errorf("two units give one fingerprint")
	}
}

func TestRollback(t *testing.T) {
	d := newDisk(t)
	for _, text := range []string{"one", "two", "three"} {
		if err := d.replace([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.keep(); err != nil { // as after a kill between link and rename
		t.Fatal(err)
	}
	if err := Rollback(d.dir, 1); err != nil || content(t, d.config()) != "two" {
		t.Fatalf("rollback 1: %v, config %q", err, content(t, d.config()))
	}
	if err := Rollback(d.dir, 1); err != nil || content(t, d.config()) != "three" {
		t.Errorf("rollback of the rollback: %v, config %q", err, content(t, d.config()))
	}
	if err := Rollback(d.dir, 9); err == nil || !strings.Contains(err.Error(), "not 9") {
		t.Errorf("rollback 9: %v", err)
	}
}

// TestHistoryIsReadOnce, and again when a commit has failed or finds a text
// where it would put its own; what is too old goes all the same.
func TestHistoryIsReadOnce(t *testing.T) {
	d := newDisk(t)
	put := func(text string) {
		t.Helper()
		if err := d.replace([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := d.numbers(); !slices.Equal(got, d.list) && d.known {
			t.Fatalf("the folder has %v, remembered are %v", got, d.list)
		}
	}
	for i := range 4 {
		put(fmt.Sprint("text ", i))
	}
	if err := os.WriteFile(d.past(4), []byte("restored"), 0o600); err != nil {
		t.Fatal(err)
	}
	put("text 4")
	if got := content(t, d.past(4)) + " " + content(t, d.past(5)); got != "restored text 3" {
		t.Errorf("the history has %q", got)
	}
	d.fault = failAt(stepDirSync)
	if err := d.replace([]byte("refused")); err == nil || d.known {
		t.Errorf("a failure leaves what is remembered: %v", err)
	}
	d.fault = nil
	for i := range HistoryDepth {
		put(fmt.Sprint("more ", i))
	}
	if got := d.numbers(); len(got) != HistoryDepth || got[0] != 6 {
		t.Errorf("the history has %v", got)
	}
}

// TestPruneIsTriedAgain: what cannot be removed when it is too old is removed
// later, and does not fail the commit.
func TestPruneIsTriedAgain(t *testing.T) {
	d := newDisk(t)
	if err := os.MkdirAll(filepath.Join(d.past(1), "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range HistoryDepth + 3 {
		if err := d.replace([]byte{byte('a' + i)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.numbers()); n != HistoryDepth+3 {
		t.Fatalf("the history has %d entries", n)
	}
	if err := os.RemoveAll(d.past(1)); err != nil {
		t.Fatal(err)
	}
	if err := d.replace([]byte("last")); err != nil || len(d.numbers()) != HistoryDepth {
		t.Errorf("%v, the history has %v", err, d.numbers())
	}
}

// TestLeftOvers: what lies where the temporary file goes is neither written to
// nor followed.
func TestLeftOvers(t *testing.T) {
	d := newDisk(t)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(elsewhere, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, d.config()+".new"); err != nil {
		t.Fatal(err)
	}
	if err := d.replace([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if i, err := os.Lstat(d.config()); err != nil || !i.Mode().IsRegular() || i.Mode().Perm() != 0o600 {
		t.Errorf("config is %v, %v", i, err)
	}
	if content(t, elsewhere) != "mine" || content(t, d.config()) != "text" {
		t.Error("the link was followed")
	}
}
