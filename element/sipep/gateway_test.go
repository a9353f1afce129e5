package sipep

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/netif"
	"mibgate/element/siptransport"
	"mibgate/mib/sipep"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

func TestStatesOfAGateway(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  string
		ports bool
	}{
		{"UDP", nil, stateReady, true},
		{"UDP and TCP", []string{`SipEp.TransportConfig[GatewayName="default"].TcpEnable="Enable"`}, stateReady, true},
		{"endpoint gateway", []string{`SipEp.Gateway[Name="default"].Type="EndpointGateway"`, `SipEp.TransportConfig[GatewayName="default"].TcpEnable="Enable"`}, stateReady, true},
		{"no transport", []string{`SipEp.TransportConfig[GatewayName="default"].UdpEnable="Disable"`}, stateInvalid, false},
		{"no such interface", []string{`SipEp.Gateway[Name="default"].NetworkInterface="nothing0"`}, stateNetworkDown, false},
		{"TLS without certificate and server", []string{`SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"`}, stateNoCertificate, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare(t)
			f.setup(tt.lines...)
			f.run()
			if got := f.Get(gatewayState); got != tt.want { // at once: Start has settled
				t.Errorf("state %q, want %q", got, tt.want)
			}
			if got := f.Get(`SipEp.GatewayStatus[Name="default"].Port`) != "0"; got != tt.ports {
				t.Errorf("port open: %v", got)
			}
			ev := f.notified(sipep.Notifications.GatewayStateChange)
			if n := ev.Notification.(sipep.GatewayStateChange); n.Name != "default" || n.State != tt.want {
				t.Errorf("%+v", n)
			}
			raised := 1
			if isReady(tt.want) {
				raised = 0
			}
			if ready, since := f.sip.Status().(status).Operating(); ready != isReady(tt.want) || ready && since.IsZero() {
				t.Errorf("operating: %t since %v", ready, since)
			}
			f.awaitAlarms(raised)
			f.Stop(sipep.Module)
			if got := f.Get(gatewayState); got != stateRestarting {
				t.Errorf("state while stopped: %q", got)
			}
			if got := f.Get(`SipEp.GatewayStatus[Name="default"].Port`); got != "0" {
				t.Errorf("port while stopped: %s", got)
			}
		})
	}
}

func TestPortInUse(t *testing.T) {
	f := prepare(t)
	taken, err := net.ListenPacket("udp4", "127.0.0.1:"+f.Get(`SipEp.Gateway[Name="default"].Port`))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	f.run()
	f.Await(gatewayState, statePortInUse)
	f.awaitAlarms(1)
	taken.Close()
	f.Await(gatewayState, stateReady) // within TransportFailbackInterval
	f.awaitAlarms(0)
}

// TestSecurePortFollowsTheCertificate: it opens when a host certificate is
// there and closes with the last one, while the service runs.
func TestSecurePortFollowsTheCertificate(t *testing.T) {
	f, s := tlsFixture(t)
	f.run()
	f.Await(gatewayState, stateNoCertificate)
	f.Await(linkState, "Up")
	port := f.Get(`SipEp.Gateway[Name="default"].SecurePort`)
	pair, err := s.ca.Issue(testcert.Leaf{CommonName: "the unit"})
	if err != nil {
		t.Fatal(err)
	}
	f.setup(hostCertificate("unit", pair)...)
	f.Await(gatewayState, stateReady)
	f.Await(`SipEp.GatewayStatus[Name="default"].SecurePort`, port)

	conn, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: s.ca.Pool(), ServerName: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if name := conn.ConnectionState().PeerCertificates[0].Subject.CommonName; name != "the unit" {
		t.Errorf("certificate of %q", name)
	}
	f.setup(`Cert.HostCertificateAssociation[FileName="unit"].Sip="Disable"`)
	f.Await(gatewayState, stateNoCertificate)
	if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
		c.Close()
		t.Error("the secure port is still open")
	}
	if got := f.Get(linkState); got != "Up" {
		t.Errorf("link is %s", got)
	}
}

// plainFixture is a unit with a server that it reaches over UDP or TCP, and the
// flow by which its REGISTER came.
func plainFixture(t *testing.T, tr siptransport.Transport, lines ...string) (*fixture, *registrar, received) {
	t.Helper()
	f := prepare(t)
	s := newRegistrar(t, tr)
	f.setup(userSetup(1, "100")...)
	f.setup(
		fmt.Sprintf(`SipEp.DefaultStaticRegistrarServerHost=%q`, s.addr), `SipEp.InteropRegisterHomeDomainOverride="example.test"`,
		fmt.Sprintf(`SipEp.TransportConfig[GatewayName="default"].%s%sEnable="Enable"`, tr[:1], strings.ToLower(string(tr[1:]))),
	)
	if tr == siptransport.TCP {
		f.setup(`SipEp.TransportConfig[GatewayName="default"].UdpEnable="Disable"`)
	}
	f.setup(lines...)
	f.run()
	f.Await(regState, "Registered")
	return f, s, s.next()
}

func TestPlainTransports(t *testing.T) {
	for _, tr := range []siptransport.Transport{siptransport.UDP, siptransport.TCP} {
		t.Run(string(tr), func(t *testing.T) {
			f, _, r := plainFixture(t, tr)
			want := fmt.Sprintf("<sip:100@127.0.0.1:%s>", f.Get(`SipEp.GatewayStatus[Name="default"].Port`))
			if got := r.header("Contact"); got != want {
				t.Errorf("Contact %s, want %s", got, want)
			}
			if got := len(f.Column("SipEp.TlsPersistentConnectionStatus.Index")); got != 0 {
				t.Errorf("%d links", got)
			}
		})
	}
}

// TestContactsNameTheTransports: RegistrationEnable registers one address for
// each transport, with its priority.
func TestContactsNameTheTransports(t *testing.T) {
	f, _, r := plainFixture(t, siptransport.UDP,
		`SipEp.TransportConfig[GatewayName="default"].TcpEnable="Enable"`, `SipEp.TransportConfig[GatewayName="default"].RegistrationEnable="Enable"`,
		`SipEp.TransportConfig[GatewayName="default"].UdpQValue="0.5"`, `SipEp.TransportConfig[GatewayName="default"].TcpQValue="1"`)
	port := f.Get(`SipEp.GatewayStatus[Name="default"].Port`)
	var got []string
	for _, h := range r.req.GetHeaders("Contact") {
		got = append(got, h.Value())
	}
	want := fmt.Sprintf("<sip:100@127.0.0.1:%s;transport=udp>;q=0.5 <sip:100@127.0.0.1:%s;transport=tcp>;q=1", port, port)
	if strings.Join(got, " ") != want {
		t.Errorf("Contacts %s\nwant %s", got, want)
	}
}

func TestRequestsFromTheServer(t *testing.T) {
	f, s, r := plainFixture(t, siptransport.TCP)
	for _, tt := range []struct {
		name   string
		method sip.RequestMethod
		tag    string
		set    string
		status int
	}{
		{"OPTIONS as it is", sip.OPTIONS, "", "", 405},
		{"INVITE without telephony", sip.INVITE, "", "", 480},
		{"INVITE of no dialog", sip.INVITE, "t1", "", 481},
		{"BYE of no dialog", sip.BYE, "t1", "", 481},
		{"MESSAGE", sip.MESSAGE, "", "", 405},
		{"OPTIONS always answered", sip.OPTIONS, "", `SipEp.InteropSipOptionsMethodSupport="AlwaysOk"`, 200},
		{"OPTIONS of no dialog", sip.OPTIONS, "t1", "", 481},
		{"INVITE to a gateway that is not disabled", sip.INVITE, "", `SipEp.DefaultUnitRegistrationUnregisteredBehavior="DisableGateway"`, 480},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.set != "" {
				f.setup(tt.set)
			}
			var status int
			testwait.Until(t, testelement.Patience, "the answer", func() bool { // a change is taken live, soon
				status = s.ask(r.flow, tt.method, tt.tag).StatusCode
				return status == tt.status
			})
		})
	}
	res := s.ask(r.flow, sip.OPTIONS, "")
	if got := value(res, "Allow"); got != "ACK, BYE, CANCEL, INVITE, OPTIONS" {
		t.Errorf("Allow %q", got)
	}
	if got := value(res, "Server"); got != "mibgate/v1.2 test" {
		t.Errorf("Server %q", got)
	}
	if got, want := value(res, "Contact"), fmt.Sprintf("<sip:100@%s>", r.flow.Remote()); strings.Contains(got, "transport") || got == want {
		t.Errorf("Contact %q", got) // the listener's address, not that of the connection
	}
	// A user that is not registered disables the gateway.
	s.answers(challenge("example.test", "nobody"))
	f.setup(userSetup(2, "200")...)
	f.awaitColumn("SipEp.RegistrationStatus.State", "Registered AuthFailed")
	if got := s.ask(r.flow, sip.INVITE, "").StatusCode; got != 503 {
		t.Errorf("INVITE to a disabled gateway: %d", got)
	}
}

func TestContactEnable(t *testing.T) {
	f, s := tlsFixture(t, `SipEp.InteropSipOptionsMethodSupport="AlwaysOk"`, `SipEp.InteropSendUaHeaderEnable="Disable"`)
	f.run()
	r := s.next()
	res := s.ask(r.flow, sip.OPTIONS, "")
	if got, want := value(res, "Contact"), fmt.Sprintf("<sip:100@%s;transport=tls>", r.flow.Remote()); got != want {
		t.Errorf("Contact %q, want %q", got, want)
	}
	if value(res, "Server") != "" || r.header("User-Agent") != "" {
		t.Error("headers that were switched off")
	}
}

func TestCountersOutliveRestarts(t *testing.T) {
	f, s, r := plainFixture(t, siptransport.TCP)
	s.ask(r.flow, sip.OPTIONS, "")
	bad, err := net.Dial("tcp", "127.0.0.1:"+f.Get(`SipEp.GatewayStatus[Name="default"].Port`))
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	if _, err := bad.Write([]byte("OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	f.Await("SipEp.SipMessagesMalformed", "1")
	before := f.Get("SipEp.SipMessagesReceived")
	f.Stop(sipep.Module)
	var a, b int
	fmt.Sscan(before, &a)
	fmt.Sscan(f.Get("SipEp.SipMessagesReceived"), &b)
	if a < 3 || b < a || f.Get("SipEp.SipMessagesMalformed") != "1" {
		t.Errorf("received %d, then %d; malformed %s", a, b, f.Get("SipEp.SipMessagesMalformed"))
	}
}

// TestServersAreAsked: OPTIONS over UDP tell whether the server is there.
func TestServersAreAsked(t *testing.T) {
	f, s, _ := plainFixture(t, siptransport.UDP, `SipEp.SipKeepAliveMethod="SipOptions"`, `SipEp.SipKeepAliveInterval=1`, `SipEp.SipKeepAliveRetry=0`)
	for r := s.next(); r.req.Method != sip.OPTIONS; r = s.next() {
		continue
	}
	f.Await(gatewayState, stateReady)
	addr := s.addr.String()
	s.ua.Close()
	f.Await(gatewayState, stateUnreachable)
	s.listen(siptransport.UDP, addr)
	f.Await(gatewayState, stateReady)
}

func TestStopIsBounded(t *testing.T) {
	f, s, _ := plainFixture(t, siptransport.UDP)
	s.ua.Close() // it will not answer
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), testelement.Patience)
	defer cancel()
	if err := f.sip.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > stopTime+time.Second {
		t.Errorf("Stop took %v", took)
	}
}

// TestAddressComesAndGoes: without an address the gateway is down with its
// links; with another one it is up again from there.
func TestAddressComesAndGoes(t *testing.T) {
	f, s := tlsFixture(t)
	var mu sync.Mutex
	now := "127.0.0.1"
	f.sip.addr = func(name string) (netip.Addr, error) {
		mu.Lock()
		defer mu.Unlock()
		if now == "" {
			return netip.Addr{}, fmt.Errorf("%s: %w", name, netif.ErrNetworkDown)
		}
		return netip.ParseAddr(now)
	}
	change := func(addr string) {
		mu.Lock()
		now = addr
		mu.Unlock()
		f.sip.run.wake()
	}
	f.run()
	f.Await(regState, "Registered")
	s.next()
	change("")
	f.Await(gatewayState, stateNetworkDown)
	for name, want := range map[string]string{linkState: "Down", regState: "Unregistered"} {
		if got := f.Get(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	f.setup(`SipEp.UnitRegistrations[Index=2].Username="101"`)
	f.awaitColumn("SipEp.RegistrationStatus.State", "Unregistered Unregistered")
	f.setup(`SipEp.UnitRegistrations[Index=2].Delete=10`)
	f.awaitColumn("SipEp.RegistrationStatus.State", "Unregistered")
	change("127.0.0.2")
	f.Await(regState, "Registered")
	r := s.next()
	if got := r.flow.Remote().Addr().String(); got != "127.0.0.2" || !strings.Contains(r.header("Contact"), "@127.0.0.2:") {
		t.Errorf("registered from %s with %s", got, r.header("Contact"))
	}
	change("127.0.0.1")
	f.awaitColumn("SipEp.RegistrationStatus.State", "Registered")
	for r = s.next(); !strings.Contains(r.header("Contact"), "@127.0.0.1:"); r = s.next() {
		continue
	}
}
