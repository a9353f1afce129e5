package sipep

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mibgate/element/event"
	"mibgate/element/siptransport"
	"mibgate/mib/sipep"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// tlsFixture is a unit with a server that it trusts and a user.
func tlsFixture(t *testing.T, lines ...string) (*fixture, *registrar) {
	t.Helper()
	f := prepare(t)
	s := newRegistrar(t, siptransport.TLS)
	f.setup(append(append(tlsSetup(s.addr), userSetup(1, "100")...), trust(s.ca))...)
	f.setup(lines...)
	return f, s
}

func TestLinkUpAndItsRow(t *testing.T) {
	f, s := tlsFixture(t)
	f.run()
	up := f.notified(sipep.Notifications.TlsLinkUp)
	f.Await(linkState, "Up")
	base := f.Get("SipEp.TransportPersistentBasePort")
	row := func(column string) string {
		return f.Get("SipEp.TlsPersistentConnectionStatus[Index=1]." + column)
	}
	for column, want := range map[string]string{
		"Gateway": "default", "LocalPort": base, "RemoteHost": s.addr.String(), "RemoteHostIpAddr": "127.0.0.1", "TlsVersion": "TLS 1.3",
		"UpCount": "1", "LastFailureReason": "None", "LastFailureDetail": "",
	} {
		if got := row(column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if suite := row("CipherSuite"); !strings.HasPrefix(suite, "TLS_") {
		t.Errorf("cipher suite %q", suite)
	}
	for _, column := range []string{"PeerCertificateExpiry", "StateChangedAt"} {
		if at, err := time.Parse(time.RFC3339, row(column)); err != nil || !strings.HasSuffix(row(column), "+01:00") || at.IsZero() {
			t.Errorf("%s: %q, %v", column, row(column), err)
		}
	}
	n := up.Notification.(sipep.TlsLinkUp)
	if n.Gateway != "default" || fmt.Sprint(n.LocalPort) != base || n.RemoteHost != s.addr.String() || n.State != sipep.TlsPersistentConnectionStatusStateUp {
		t.Errorf("%+v", n)
	}
	f.Await(gatewayState, stateNoCertificate)
	f.awaitAlarms(0)
}

func TestAttemptIsLoggedAtTheDefaultThreshold(t *testing.T) {
	f, _ := tlsFixture(t)
	f.run()
	ev := f.AwaitEvent(f.sink, MsgLinkAttempt)
	if ev.Severity != event.Warning || !strings.Contains(ev.Text, "establishing persistent connection") {
		t.Errorf("%+v", ev)
	}
}

func TestLossAndReturn(t *testing.T) {
	f, s := tlsFixture(t)
	f.run()
	f.Await(regState, "Registered")
	f.drained()
	s.next()
	began := time.Now()
	s.restart()
	down := f.notified(sipep.Notifications.TlsLinkDown)
	if took := time.Since(began); took > 100*time.Millisecond {
		t.Errorf("told after %v", took)
	}
	n := down.Notification.(sipep.TlsLinkDown)
	if down.Severity != event.Error || n.State != sipep.TlsPersistentConnectionStatusStateDown || n.RemoteHostIpAddr != "127.0.0.1" {
		t.Errorf("%+v", down)
	}
	f.Await(linkState, "Down")
	f.Await(regState, "Unreachable")
	f.Await(gatewayState, stateUnreachable)
	for _, column := range []string{"TlsVersion", "CipherSuite"} {
		if got := f.Get("SipEp.TlsPersistentConnectionStatus[Index=1]." + column); got != "" {
			t.Errorf("%s of a link that is down: %q", column, got)
		}
	}
	f.awaitAlarms(3)
	f.Await(linkState, "Up") // within the interval of 5 s
	f.Await(regState, "Registered")
	f.Await(gatewayState, stateNoCertificate)
	if got := f.Get("SipEp.TlsPersistentConnectionStatus[Index=1].UpCount"); got != "2" {
		t.Errorf("UpCount %s", got)
	}
	f.awaitAlarms(0)
}

func TestHandshakeFailuresAreToldOnce(t *testing.T) {
	f := prepare(t)
	s := newRegistrar(t, siptransport.TLS)
	f.setup(append(tlsSetup(s.addr), userSetup(1, "100")...)...)
	f.run()
	failed := func() sipep.TlsHandshakeFailed {
		t.Helper()
		return f.notified(sipep.Notifications.TlsHandshakeFailed).Notification.(sipep.TlsHandshakeFailed)
	}
	if n := failed(); n.LastFailureReason != sipep.TlsPersistentConnectionStatusLastFailureReasonUntrusted || n.RemoteHost != s.addr.String() || n.LastFailureDetail == "" {
		t.Errorf("%+v", n)
	}
	f.notified(sipep.Notifications.TlsLinkDown) // counts as down once
	f.Await(gatewayState, stateUnreachable)
	f.Await("SipEp.TlsPersistentConnectionStatus[Index=1].LastFailureReason", "Untrusted")
	f.drained()

	// The same again, three times: attempts, but no news.
	for range 3 {
		f.sip.run.changed(true)
		f.AwaitEvent(f.sink, MsgLinkAttempt)
		if ev := f.AwaitEvent(f.sink, MsgHandshakeFailed); ev.Notification != nil || ev.Severity != event.Debug {
			t.Errorf("repeated: %+v", ev)
		}
	}
	// Another reason is told, the link is still the same down.
	s.certificate(testcert.Expired(testcert.Leaf{}))
	f.setup(trust(s.ca))
	if n := failed(); n.LastFailureReason != sipep.TlsPersistentConnectionStatusLastFailureReasonExpired {
		t.Errorf("%+v", n)
	}
	s.certificate(testcert.Leaf{})
	f.sip.run.changed(true)
	f.Await(linkState, "Up")
	f.Await(regState, "Registered")
	for _, ev := range f.drained() {
		if _, ok := ev.Notification.(sipep.TlsLinkDown); ok {
			t.Errorf("told down again: %+v", ev)
		}
	}
	f.awaitAlarms(0)
}

// TestClockDecides: dates are judged by the element's clock, and a step of it
// makes a link that is down try again.
func TestClockDecides(t *testing.T) {
	f, _ := tlsFixture(t)
	f.clock.set(true, -1000*time.Hour)
	f.run()
	f.Await("SipEp.TlsPersistentConnectionStatus[Index=1].LastFailureReason", "NotYetValid")
	f.clock.set(true, 0)
	f.Await(linkState, "Up")
}

func TestWaitsForTheTime(t *testing.T) {
	f, s := tlsFixture(t)
	f.clock.set(false, 0)
	f.run()
	f.Await(gatewayState, stateWaitingTime)
	if got := f.Get(linkState); got != "Down" {
		t.Errorf("link is %s", got)
	}
	f.awaitColumn("SipEp.RegistrationStatus.State", "Unregistered")
	select {
	case r := <-s.got:
		t.Errorf("before the clock is synchronized: %s", r.req.Short())
	default:
	}
	f.clock.set(true, 0)
	f.Await(linkState, "Up")
	f.Await(regState, "Registered")
}

// TestLinksOfTwoGateways: one link per gateway and server, local ports in their
// order, an own row for each.
func TestLinksOfTwoGateways(t *testing.T) {
	f, s := tlsFixture(t, `SipEp.UnitRegistrations[Index=1].GatewayName="all"`)
	other := newRegistrar(t, siptransport.TLS)
	f.setup(
		fmt.Sprintf(`SipEp.Gateway[Name="trunk2"].SecurePort=%d`, freePort(t)), `SipEp.Gateway[Name="trunk2"].NetworkInterface="Loop"`,
		`SipEp.InteropTlsCertificateValidation="NoValidation"`, `SipEp.GwSpecificProxy[GatewayName="trunk2"].EnableConfig="Enable"`,
		fmt.Sprintf(`SipEp.GwSpecificProxy[GatewayName="trunk2"].HomeDomainHost=%q`, other.addr),
		`SipEp.GwSpecificProxy[GatewayName="trunk2"].OutboundHost="0.0.0.0:0"`,
	)
	f.run()
	for i := 1; i <= 3; i++ {
		f.Await(fmt.Sprintf("SipEp.TlsPersistentConnectionStatus[Index=%d].State", i), "Up")
	}
	base := f.Get("SipEp.TransportPersistentBasePort")
	var n int
	fmt.Sscan(base, &n)
	want := fmt.Sprintf("%d %d %d", n, n+1, n+2)
	if got := strings.Join(f.Column("SipEp.TlsPersistentConnectionStatus.LocalPort"), " "); got != want {
		t.Errorf("ports %s, want %s", got, want)
	}
	if got := strings.Join(f.Column("SipEp.TlsPersistentConnectionStatus.Gateway"), " "); got != "trunk2 trunk2 default" {
		t.Errorf("gateways %s", got)
	}
	f.Await(regState, "Registered")
	f.Await("SipEp.RegistrationStatus[Index=2].State", "Registered")
	if a, b := s.next(), s.next(); a.flow.Remote() == b.flow.Remote() {
		t.Error("two gateways over one link")
	}
}

// TestPortsAreCycled: with an interval each connection has the next port, also
// over a restart of the unit.
func TestPortsAreCycled(t *testing.T) {
	f, s := tlsFixture(t, `SipEp.TransportPersistentPortInterval=100`)
	f.run()
	f.Await(linkState, "Up")
	first := f.Get("SipEp.TlsPersistentConnectionStatus[Index=1].LocalPort")
	f.restart()
	f.Await(linkState, "Up")
	second := f.Get("SipEp.TlsPersistentConnectionStatus[Index=1].LocalPort")
	var a, b int
	fmt.Sscan(first, &a)
	fmt.Sscan(second, &b)
	if b != a+1 {
		t.Errorf("ports %d, then %d", a, b)
	}
	testwait.Until(t, testelement.Patience, "the port is kept", func() bool {
		kept, err := f.Store.State().Load(StateName)
		return err == nil && strings.TrimSpace(string(kept)) == second
	})
	_ = s
}
