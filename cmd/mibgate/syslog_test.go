package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"mibgate/mib/nlm"
	"mibgate/mib/sipep"
	"mibgate/testdata/testwait"
)

const establishing = "establishing persistent connection"

// TestSyslog: at the default threshold the attempt to bring up a link is told
// in the form of RFC 3164, after a SET in that of RFC 5424, and rsyslogd takes
// both apart as they were meant.
func TestSyslog(t *testing.T) {
	s := newSite(t, siteOptions{})
	s.syslog.clear()
	s.begin()
	if got := s.get("SipEp.MinSeverity"); got != "Warning" {
		t.Errorf("the default threshold is %q", got)
	}
	s.untilUp(generous)
	server := regexp.QuoteMeta(s.server.String())
	text := `gateway default: ` + establishing + ` to ` + server + ` \(` + server + `\)`
	s.matches(`^<132>(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 123]\d \d\d:\d\d:\d\d \S+ SipEp: 1400-SIP endpoint: 200-` + text + `$`)
	if n := len(s.syslog.lines(" is up ")); n != 0 {
		t.Errorf("%d lines below the threshold", n)
	}

	s.syslog.clear()
	s.set(s.oid(nlm.Objects.SyslogProtocol), "i", "200", s.oid(sipep.Objects.MinSeverity), "i", "200")
	s.restart()
	s.untilUp(generous)
	const stamp = `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)`
	data := ` \[mibgate@32473 service="SipEp" serviceid="1400" msgid="200"\] `
	s.matches(`^<132>1 ` + stamp + ` \S+ mibgate \d+ SipEp-200` + data + "(\xef\xbb\xbf)?(SipEp: 1400-SIP endpoint: 200-)?" + text + `$`)
	s.syslog.await(t, generous, "TLS link to "+s.server.String()+" is up ") // the threshold was lowered

	addr, log := startRsyslog(t)
	s.set(s.oid(nlm.Objects.SyslogRemoteHost), "s", addr)
	for protocol, want := range map[string]string{"100": "|local0|4|SipEp|", "200": "|local0|4|mibgate|"} {
		s.set(s.oid(nlm.Objects.SyslogProtocol), "i", protocol)
		s.restart()
		testwait.Until(t, generous, "in rsyslogd's log: "+want, func() bool {
			for line := range strings.Lines(log()) {
				if strings.Contains(line, want) && strings.Contains(line, establishing) {
					return true
				}
			}
			return false
		})
	}
}

// matches checks the form of the message about the attempt.
func (s *site) matches(pattern string) {
	s.t.Helper()
	if line := s.syslog.await(s.t, generous, establishing); !regexp.MustCompile(pattern).MatchString(line) {
		s.t.Errorf("the message is\n%q, want\n%q", line, pattern)
	}
}

// startRsyslog runs a real receiver on loopback and answers where, and what
// tells its log: a line for each message, with the fields it found.
func startRsyslog(t *testing.T) (addr string, log func() string) {
	t.Helper()
	program, dir := programAt(t, "rsyslogd"), t.TempDir()
	path, config, port := filepath.Join(dir, "log"), filepath.Join(dir, "rsyslog.conf"), freePort(t)
	text := fmt.Sprintf(`global(workDirectory="%[1]s")
module(load="imudp")
template(name="t" type="string" string="|%%syslogfacility-text%%|%%syslogseverity%%|%%app-name%%|%%msg%%\n")
input(type="imudp" address="127.0.0.1" port="%[2]d")
action(type="omfile" file="%[3]s" template="t")
`, dir, port, path)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-n", "-f", config, "-i", filepath.Join(dir, "pid"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	testwait.Until(t, generous, "rsyslogd listens", func() bool { return udpTaken(t, port) })
	return fmt.Sprintf("127.0.0.1:%d", port), func() string {
		b, _ := os.ReadFile(path) // it is not there before the first message
		return string(b)
	}
}

// udpTaken reports whether somebody listens on a port of 127.0.0.1.
func udpTaken(t *testing.T, port uint16) bool {
	t.Helper()
	b, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(b), fmt.Sprintf(" 0100007F:%04X ", port))
}
