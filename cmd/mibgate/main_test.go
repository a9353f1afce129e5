package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(hostRows) != "" {
		os.Exit(tableHost())
	}
	dir, err := os.MkdirTemp("", "mibgate")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "mibgate")
	args := []string{"build", "-buildvcs=false", "-ldflags", "-X main.version=test", "-o", binary}
	if raceEnabled {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// result is how a command line ended.
type result struct {
	code           int
	stdout, stderr string
}

// mibgate runs a command line to its end.
func mibgate(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = environment()
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	timer := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// environment is ours without what would change the program. A program with
// the race detector waits a second before it ends, unless told not to.
func environment() []string {
	out := []string{"GORACE=atexit_sleep_ms=0"}
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "MIBGATE_") {
			out = append(out, e)
		}
	}
	return out
}

// must runs a command line that succeeds and answers its output.
func must(t *testing.T, args ...string) string {
	t.Helper()
	r := mibgate(t, "", args...)
	if r.code != 0 {
		t.Fatalf("mibgate %s: exit code %d\n%s", strings.Join(args, " "), r.code, r.stderr)
	}
	return r.stdout
}

// refused runs a command line that fails with code and whose error holds all
// of words.
func refused(t *testing.T, code int, args []string, words ...string) {
	t.Helper()
	r := mibgate(t, "", args...)
	if r.code != code {
		t.Errorf("mibgate %s: exit code %d, want %d\n%s", strings.Join(args, " "), r.code, code, r.stderr)
	}
	for _, w := range words {
		if !strings.Contains(r.stderr, w) {
			t.Errorf("mibgate %s: error lacks %q:\n%s", strings.Join(args, " "), w, r.stderr)
		}
	}
}

// process is a running unit.
type process struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	done   chan struct{}
	mu     sync.Mutex
	stderr bytes.Buffer
}

// Write collects the unit's log.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.Write(b)
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// start runs a unit on dir and returns when it is ready; it is stopped with
// the test.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	p := &process{t: t, dir: dir, done: make(chan struct{})}
	p.cmd = exec.Command(binary, append([]string{"run", "--data", dir, "--snmp", "127.0.0.1:0"}, args...)...)
	p.cmd.Env = environment()
	p.cmd.Stderr = p
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		ready <- line
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() { p.stop() })
	select {
	case line := <-ready:
		if line != "ready\n" {
			<-p.done
			t.Fatalf("first line is %q, want ready; exit code %d\n%s", line, p.cmd.ProcessState.ExitCode(), p.log())
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("not ready\n%s", p.log())
	}
	return p
}

// stop ends the unit by SIGTERM; it must end well.
func (p *process) stop() {
	p.t.Helper()
	select {
	case <-p.done:
		return
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			p.t.Errorf("SIGTERM ended the unit with %d\n%s", code, p.log())
		}
	case <-time.After(15 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
		p.t.Errorf("the unit does not end\n%s", p.log())
	}
}

// kill ends the unit as a power failure would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// get reads one value.
func (p *process) get(name string) string {
	p.t.Helper()
	return strings.TrimSuffix(must(p.t, "get", "--value", "--data", p.dir, name), "\n")
}

// file writes a file of the test.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
