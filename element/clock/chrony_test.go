package clock

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// peer finds a program that the tests need; without it the test is skipped, or fails where
// `make test` has promised that it is there.
func peer(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/sbin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path
		}
	}
	if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
		t.Fatalf("%s is not installed (see .ci/packages)", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

// startChrony runs a real NTP server on loopback that serves the host's time and, by -x,
// never touches it. It stays in the foreground, without command socket.
func startChrony(t *testing.T) string {
	t.Helper()
	program := peer(t, "chronyd")
	dir, port := t.TempDir(), freePort(t)
	config := filepath.Join(dir, "chrony.conf")
	text := fmt.Sprintf("local stratum 1\nallow 127.0.0.0/8\nbindaddress 127.0.0.1\nport %d\ncmdport 0\nbindcmdaddress /\npidfile %s/pid\n",
		port, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-d", "-x", "-f", config}
	if os.Geteuid() == 0 {
		args = append(args, "-u", "root")
	} else {
		args = append(args, "-U")
	}
	var output bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("chronyd:\n%s", output.String())
		}
	})
	return fmt.Sprintf("127.0.0.1:%d", port)
}

func TestChrony(t *testing.T) {
	server := startChrony(t)
	dayOff := 24 * time.Hour // so that a clock which did nothing is seen
	r := startClient(t, Options{}, Config{Servers: []string{server}, Period: time.Hour, PeriodOnError: 20 * time.Millisecond})
	r.clock.mu.Lock()
	r.clock.offset += dayOff
	r.clock.mu.Unlock()
	status := r.round(t)
	for deadline := time.Now().Add(10 * time.Second); status.LastError != nil; status = r.round(t) {
		if time.Now().After(deadline) {
			t.Fatal(status.LastError)
		}
	}
	if status.Source != server || r.clock.State() != Synchronized {
		t.Errorf("source %q, state %s", status.Source, r.clock.State())
	}
	r.wantOffset(t, 0)
}
