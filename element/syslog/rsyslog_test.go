package syslog

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startRsyslog runs a real receiver on loopback that writes one line per message, with the
// fields as it understood them. It gives the address and the file.
func startRsyslog(t *testing.T) (addr, file string) {
	t.Helper()
	program, err := exec.LookPath("rsyslogd")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/rsyslogd")
	}
	if err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatal("rsyslogd is not installed (see .ci/packages)")
		}
		t.Skip("rsyslogd is not installed")
	}
	dir := t.TempDir()
	probe := listen(t, "127.0.0.1:0")
	addr = probe.addr
	probe.Close()
	file = filepath.Join(dir, "log")
	config := filepath.Join(dir, "rsyslog.conf")
	text := fmt.Sprintf(`global(workDirectory="%[1]s")
module(load="imudp")
template(name="t" type="string" string="%%syslogfacility-text%%|%%syslogseverity%%|%%hostname%%|%%app-name%%|%%procid%%|%%msgid%%|%%structured-data%%|%%msg%%\n")
input(type="imudp" address="127.0.0.1" port="%[2]s")
action(type="omfile" file="%[3]s" template="t")
`, dir, addr[strings.LastIndexByte(addr, ':')+1:], file)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "-n", "-f", config, "-i", filepath.Join(dir, "pid"))
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("rsyslogd:\n%s", output.String())
		}
	})
	return addr, file
}

// rsyslog takes both forms apart as we meant them.
func TestRsyslog(t *testing.T) {
	addr, file := startRsyslog(t)
	s := newSender(t, 0, addr)
	format, err := ParseFormat("%message")
	if err != nil {
		t.Fatal(err)
	}
	log := func() string {
		data, _ := os.ReadFile(file)
		return string(data)
	}
	probe := message
	probe.Text = "probe"
	eventually(t, "rsyslogd receives", func() bool {
		s.Enqueue(probe)
		time.Sleep(20 * time.Millisecond) // not to flood it while it starts
		return strings.Contains(log(), "probe")
	})
	hostile := message
	hostile.Severity, hostile.Text = Error, "für\n<0>forged"
	tests := []struct {
		f    Formatter
		want string
	}{
		{Formatter{Unit: unit}, `local0|3|gw1.example|SipEp|-|-|-| 1400-SIP endpoint: 20-für\n<0>forged` + "\n"},
		{Formatter{Protocol: RFC5424, Unit: unit, Format: format},
			`local0|3|gw1.example|mibgate|42|SipEp-20|[mibgate@32473 service="SipEp" serviceid="1400" msgid="20"]|für\n<0>forged` + "\n"},
	}
	for _, tt := range tests {
		s.Configure(Config{Host: addr, Formatter: tt.f})
		s.Enqueue(hostile)
		eventually(t, tt.want, func() bool {
			return strings.Contains(strings.ReplaceAll(log(), bom, ""), tt.want)
		})
	}
}
