package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mibgate/testdata/testwait"
)

// labRun is a running `mibgate lab`.
type labRun struct {
	t      *testing.T
	cmd    *exec.Cmd
	closed chan struct{} // its output has ended
	mu     sync.Mutex
	lines  []string
}

func startLab(t *testing.T) *labRun {
	t.Helper()
	l := &labRun{t: t, cmd: exec.Command(binary, "lab"), closed: make(chan struct{})}
	l.cmd.Env = environment()
	out, in := io.Pipe()
	l.cmd.Stdout, l.cmd.Stderr = in, in
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(l.closed)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			l.mu.Lock()
			l.lines = append(l.lines, sc.Text())
			l.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = l.cmd.Process.Signal(syscall.SIGTERM)
		if err := l.cmd.Wait(); err != nil {
			t.Errorf("SIGTERM ends the lab with %v", err)
		}
		in.Close()
		<-l.closed
		if t.Failed() {
			t.Logf("the lab:\n%s", strings.Join(l.output(), "\n"))
		}
	})
	return l
}

func (l *labRun) output() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// await waits for a line from the given one on that fits, and answers its number.
func (l *labRun) await(limit time.Duration, from int, pattern string) int {
	l.t.Helper()
	re, at := regexp.MustCompile(pattern), -1
	testwait.Until(l.t, limit, "in the lab: "+pattern, func() bool {
		lines := l.output()
		i := slices.IndexFunc(lines[from:], re.MatchString)
		at = from + i
		return i >= 0
	})
	return at
}

// do executes a command as it is printed, and answers what it prints.
func (l *labRun) do(command string) string {
	l.t.Helper()
	out, err := exec.Command("sh", "-c", command).CombinedOutput()
	if err != nil {
		l.t.Errorf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// TestLab does what the README promises of `make run`: the lab comes up by
// itself, and every command it prints works as it stands.
func TestLab(t *testing.T) {
	for _, tool := range []string{"snmpwalk", "snmpset"} {
		peer(t, tool)
	}
	began := time.Now()
	l := startLab(t)
	l.await(generous, 0, `^TLS link Up, 3 lines registered\.$`)
	t.Logf("Up after %v", time.Since(began))
	l.await(generous, 0, `^  \S*mibgate show `)
	commands := map[string][]string{}
	for _, line := range l.output() {
		if command, ok := strings.CutPrefix(line, "  "); ok {
			name := regexp.MustCompile(`^(\S*/)?(\S+)`).FindStringSubmatch(command)[2]
			commands[name] = append(commands[name], command)
		}
	}
	if len(commands["snmpwalk"]) != 3 || len(commands["snmpset"]) != 2 || len(commands["kill"]) != 1 || len(commands["mibgate"]) != 1 {
		t.Fatalf("commands are %q", commands)
	}
	links := l.do(commands["snmpwalk"][0])
	if want := ".900.10000.1.500.1 = INTEGER: 100"; !strings.Contains(links, want) {
		t.Errorf("the links are\n%s, want %s", links, want)
	}
	if out := l.do(commands["snmpwalk"][1]); strings.Count(out, "INTEGER: 300") != 3 {
		t.Errorf("the registrations are\n%s", out)
	}
	if out := l.do(commands["snmpset"][0]); !strings.Contains(out, "Gauge32: 5") || !strings.Contains(out, "rack 12") {
		t.Errorf("SET answers %s", out)
	}
	l.cut(commands["kill"][0])
	l.restart(commands["snmpset"][1])
	if out := l.do(commands["snmpwalk"][2]); !strings.Contains(out, `STRING: "Ready`) {
		t.Errorf("the gateways are\n%s", out)
	}
	if out := l.do(commands["mibgate"][0]); !strings.Contains(out, "Up") {
		t.Errorf("the link is\n%s", out)
	}
}

// cut cuts the link by the command printed; the trap appears at once and the
// link returns.
func (l *labRun) cut(command string) {
	l.t.Helper()
	from := len(l.output())
	began := time.Now()
	l.do(command)
	at := l.await(noticeLimit, from, `TRAP +sipEpTlsLinkDown .*State="Down"`)
	l.t.Logf("trap %v after the cut", time.Since(began))
	l.await(failback+2*time.Second, at, `TRAP +sipEpTlsLinkUp .*State="Up"`)
	l.t.Logf("Up %v after the cut", time.Since(began))
	for i := range 3 {
		l.await(generous, at, fmt.Sprintf(`TRAP +sipEpRegistrationStateChange .*Username="%d".*State="Registered"`, 100+i))
	}
}

// restart restarts the SIP service by the command printed, and nothing else.
func (l *labRun) restart(command string) {
	l.t.Helper()
	from := len(l.output())
	l.do(command)
	at := l.await(generous, from, `TRAP +scmServiceStateChange +Name="SipEp" ExecState="Started"`)
	at = l.await(generous, at, `TRAP +sipEpTlsLinkUp `)
	l.await(generous, at, `SIP +.*, 3 registered`)
	for _, line := range l.output()[from:] {
		if strings.Contains(line, "scmServiceStateChange") && !strings.Contains(line, `"SipEp"`) || strings.Contains(line, "coldStart") {
			l.t.Errorf("more was restarted: %s", line)
		}
	}
}
