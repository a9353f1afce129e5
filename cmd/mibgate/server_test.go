package main

import (
	"testing"
	"time"

	"mibgate/mib/scm"
	"mibgate/mib/sipep"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testwait"
)

// TestServerAbsent: without its server the unit is ready as soon, tells once
// that the link is down and why, and brings it up when the server is there.
func TestServerAbsent(t *testing.T) {
	t.Parallel() // it waits most of the time
	s := newSite(t, siteOptions{})
	s.sip.Stop()
	s.syslog.clear()
	began := s.begin()
	if took := time.Since(began); took > upLimit {
		t.Errorf("ready after %v", took)
	}
	s.trap(generous, sipep.Notifications.TlsLinkDown)
	failed := s.trap(generous, sipep.Notifications.TlsHandshakeFailed)
	if got := failed.Values(); len(got) != 4 || got[2] != "700" {
		t.Errorf("the notification says %q, want reason 700", got)
	}
	testwait.Until(t, 2*failback, "a second attempt", func() bool { return len(s.syslog.lines(establishing)) >= 2 })
	s.sip.Run()
	s.untilUp(failback + time.Second)
	if down, failed := s.count(sipep.Notifications.TlsLinkDown), s.count(sipep.Notifications.TlsHandshakeFailed); down != 1 || failed != 1 {
		t.Errorf("%d notifications of the link down and %d of failed handshakes, want 1 and 1", down, failed)
	}
	if got := s.gatewayState(); got != "Ready, secure port closed: no host certificate" {
		t.Errorf("the gateway is %q", got)
	}
}

// TestServerFrozen: a server that is there but says nothing is noticed within
// interval × (retry + 1), and does not keep the unit from ending.
func TestServerFrozen(t *testing.T) {
	t.Parallel() // it waits most of the time
	const limit = 2 * time.Second
	s := newSite(t, siteOptions{lines: "SipEp.SipKeepAliveMethod=\"SipOptions\"\nSipEp.SipKeepAliveInterval=1\nSipEp.SipKeepAliveRetry=1\n"})
	s.begin()
	s.untilUp(generous)
	frozen := time.Now()
	s.sip.Freeze()
	defer s.sip.Thaw()
	s.trap(limit+time.Second, sipep.Notifications.TlsLinkDown)
	t.Logf("notification %v after the server froze", time.Since(frozen))
	s.until(noticeLimit, stateDown, sipep.Objects.TlsPersistentConnectionStatusState, 1)
	s.sip.Thaw()
	s.retryNow()
	s.untilUp(generous)
	s.sip.Freeze()
	began := time.Now()
	s.stop()
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("the unit takes %v to end", took)
	}
}

// TestWrongPassword: a refused registration is told once; a password that is
// SET is used at once.
func TestWrongPassword(t *testing.T) {
	s := newSite(t, siteOptions{lines: "SipEp.Authentication[Index=1].Password=\"wrong\"\nSipEp.DefaultRegistrationRetryTime=1\n"})
	s.begin()
	const authFailed = "700"
	s.until(generous, authFailed, sipep.Objects.RegistrationStatusState, 1)
	if got := s.read(sipep.Objects.TlsPersistentConnectionStatusState, 1); got != stateUp {
		t.Errorf("the link is in state %s", got)
	}
	told := func(state string) int {
		n := 0
		for _, got := range s.traps.Received() {
			if got.TrapOID == s.notification(sipep.Notifications.RegistrationStateChange) && got.Values()[3] == state {
				n++
			}
		}
		return n
	}
	s.traps.WaitFor("the refusal", generous, func(snmptrapd.Notification) bool { return told(authFailed) > 0 })
	s.set(s.oid(sipep.Objects.AuthenticationPassword, 1), "s", "secret")
	s.untilUp(generous)
	s.traps.WaitFor("the registration", generous, func(snmptrapd.Notification) bool { return told(stateRegistered) > 0 })
	if n := told(authFailed); n != 1 {
		t.Errorf("the refusal was told %d times", n)
	}
	if got := s.read(sipep.Objects.NeedRestartInfo); got != "0" {
		t.Errorf("the password needs a restart: %s", got)
	}
}

// TestRestartBySET restarts, stops and starts the service with its link up:
// the server is told, and everything stays readable.
func TestRestartBySET(t *testing.T) {
	s := newSite(t, siteOptions{})
	s.begin()
	s.untilUp(generous)
	key := []uint32{5, 'S', 'i', 'p', 'E', 'p'}
	for range 3 {
		s.traps.Clear()
		s.restart()
		s.trap(generous, sipep.Notifications.TlsLinkUp)
		s.untilUp(generous)
	}
	s.set(s.oid(scm.Objects.ServiceCommandsStop, key...), "i", "10")
	s.until(generous, "300", scm.Objects.ServicesInfoExecState, key...)
	s.until(generous, stateDown, sipep.Objects.TlsPersistentConnectionStatusState, 1)
	if got := s.gatewayState(); got != "Restarting" {
		t.Errorf("of the stopped service the gateway is %q", got)
	}
	s.set(s.oid(scm.Objects.ServiceCommandsStart, key...), "i", "10")
	s.until(generous, "100", scm.Objects.ServicesInfoExecState, key...)
	s.untilUp(generous)
}
