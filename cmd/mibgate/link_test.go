package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mibgate/mib/nlm"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
	"mibgate/mib/snmp"
	"mibgate/mib/snmpv2"
	"mibgate/testdata/kamailio"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testwait"
)

// TestIssueScript takes the script as it stands, ports included.
func TestIssueScript(t *testing.T) {
	p := start(t, folder(t), "--script", file(t, "s", issueScript))
	if got := p.get(`SipEp.UnitRegistrations[Index=1].Username`); got != stateUp {
		t.Errorf("the registration is of %q", got)
	}
}

// TestLink: from the start of the process to a registered line takes less than
// two seconds, whatever the digest; requests come back over the link.
func TestLink(t *testing.T) {
	for name, o := range map[string]kamailio.Options{"MD5": {}, "SHA-256": {SHA256: true}} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, siteOptions{sip: o})
			before := len(s.sip.Log())
			began := s.begin()
			s.untilUp(upLimit)
			took := time.Since(began)
			t.Logf("link Up and line registered %v after the start of the process", took)
			if took > upLimit {
				t.Errorf("took %v, more than %v", took, upLimit)
			}
			port := s.localPort()
			s.checkRegister(s.sip.Log()[before:], port)
			s.checkRequests(before, port)
			if got := s.read(sipep.Objects.GatewayStatusState, 7, 'd', 'e', 'f', 'a', 'u', 'l', 't'); got != "Ready, secure port closed: no host certificate" {
				t.Errorf("the gateway is %q", got)
			}
		})
	}
}

// localPort is the port of the link, in its range.
func (s *site) localPort() int {
	s.t.Helper()
	port, err := strconv.Atoi(s.read(sipep.Objects.TlsPersistentConnectionStatusLocalPort, 1))
	if err != nil || port < int(s.base) || port > int(s.base)+1000 {
		s.t.Errorf("the local port is %d (%v), the base port %d", port, err, s.base)
	}
	return port
}

// checkRegister looks at the REGISTER that Kamailio has accepted.
func (s *site) checkRegister(log string, port int) {
	s.t.Helper()
	line := regexp.MustCompile(`REGISTER 100 from .*`).FindString(log)
	for _, want := range []string{
		fmt.Sprintf("from tls:127.0.0.1:%d ", port),
		fmt.Sprintf("contact=<sip:100@127.0.0.1:%d;transport=tls>;q=0.7 ", port),
		fmt.Sprintf("via=SIP/2.0/TLS 127.0.0.1:%d;", port),
	} {
		if !strings.Contains(line+" ", want) {
			s.t.Errorf("REGISTER lacks %q: %s", want, line)
		}
	}
}

// checkRequests sends requests from a UDP client through Kamailio to the line:
// they come over the link and have final answers.
func (s *site) checkRequests(before, port int) {
	s.t.Helper()
	options := func() string { return string(s.sip.Exchange(kamailio.Request("OPTIONS", "100"), generous)) }
	if got := options(); !strings.HasPrefix(got, "SIP/2.0 405 ") {
		s.t.Errorf("OPTIONS that are not supported are answered %q", got)
	}
	s.setInt(sipep.Objects.InteropSipOptionsMethodSupport, int(sipep.InteropSipOptionsMethodSupportAlwaysOk))
	got := options()
	if contact := fmt.Sprintf("Contact: <sip:100@127.0.0.1:%d;transport=tls>", port); !strings.HasPrefix(got, "SIP/2.0 200 ") || !strings.Contains(got, contact) {
		s.t.Errorf("OPTIONS are answered %q, want 200 with %s", got, contact)
	}
	if got := string(s.sip.Exchange(kamailio.Request("INVITE", "100"), generous)); !strings.HasPrefix(got, "SIP/2.0 480 ") {
		s.t.Errorf("INVITE is answered %q, want 480", got)
	}
	log := s.sip.Log()[before:]
	if n := strings.Count(log, "REGISTER 100 from"); n != 1 {
		s.t.Errorf("%d registrations", n)
	}
	if got := s.read(sipep.Objects.TlsPersistentConnectionStatusUpCount, 1); got != "1" {
		s.t.Errorf("the link came up %s times", got)
	}
}

// TestCertificateLevelBySet changes by SET how the server's certificate is
// judged, which takes effect at the restart of the service and of no other.
func TestCertificateLevelBySet(t *testing.T) {
	t.Parallel() // it waits most of the time
	s := newSite(t, siteOptions{sip: kamailio.Options{Leaf: testcert.Leaf{DNS: []string{"other.example.test"}}}})
	s.begin()
	s.untilUp(generous)
	boots, upTime := s.read(snmp.Objects.EngineBoots), s.upTime()
	level := sipep.Objects.InteropTlsCertificateValidation
	for _, step := range []struct {
		level int
		need  string
	}{{400, "100"}, {200, "0"}, {400, "100"}} {
		s.setInt(level, step.level)
		if got := s.read(sipep.Objects.NeedRestartInfo); got != step.need {
			t.Errorf("after %d needRestartInfo is %s, want %s", step.level, got, step.need)
		}
	}
	if got := s.read(sipep.Objects.TlsPersistentConnectionStatusState, 1); got != stateUp {
		t.Errorf("before the restart the link is in state %s", got)
	}
	s.traps.Clear()
	s.syslog.clear()
	s.restart()
	failed := s.trap(generous, sipep.Notifications.TlsHandshakeFailed)
	if got := failed.Values(); len(got) != 4 || got[0] != "default" || got[1] != s.server.String() || got[2] != "400" || got[3] == "" {
		t.Errorf("the notification says %q", got)
	}
	s.until(generous, stateDown, sipep.Objects.TlsPersistentConnectionStatusState, 1)
	s.checkUntouched(boots, upTime)
	testwait.Until(t, 3*failback, "three attempts", func() bool { return len(s.syslog.lines("establishing persistent connection")) >= 3 })
	s.until(generous, "400", sipep.Objects.TlsPersistentConnectionStatusLastFailureReason, 1)
	if n := s.count(sipep.Notifications.TlsHandshakeFailed); n != 1 {
		t.Errorf("%d notifications of failed handshakes over two intervals, want 1", n)
	}
	// The link went down by the restart, and after it could not come up: that counts once.
	if n := s.count(sipep.Notifications.TlsLinkDown); n != 2 {
		t.Errorf("%d notifications of the link that is down over two intervals, want 2", n)
	}
	began := time.Now()
	s.setInt(level, 200)
	s.restart()
	s.trap(generous, sipep.Notifications.TlsLinkUp)
	s.untilUp(generous)
	t.Logf("Up %v after SET and restart", time.Since(began))
	if got := s.read(sipep.Objects.NeedRestartInfo); got != "0" {
		t.Errorf("after the restart needRestartInfo is %s", got)
	}
	s.checkUntouched(boots, upTime)
}

func (s *site) upTime() int {
	s.t.Helper()
	n, err := strconv.Atoi(s.read(snmpv2.Objects.SysUpTime))
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// checkUntouched makes sure that no service but the SIP endpoint has changed
// its state, and that the agent's engine has gone on.
func (s *site) checkUntouched(boots string, upTime int) {
	s.t.Helper()
	if now := s.upTime(); now < upTime {
		s.t.Errorf("sysUpTime went from %d to %d", upTime, now)
	}
	if got := s.read(snmp.Objects.EngineBoots); got != boots {
		s.t.Errorf("engineBoots went from %s to %s", boots, got)
	}
	want := s.notification(scm.Notifications.ServiceStateChange)
	for _, n := range s.traps.Received() {
		if n.TrapOID == want && n.Values()[0] != "SipEp" {
			s.t.Errorf("another service was touched: %s", n)
		}
	}
	if got := s.read(nlm.Objects.NeedRestartInfo); got != "0" {
		s.t.Errorf("Nlm wants a restart: %s", got)
	}
}
