package sipep

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/element"
	certservice "mibgate/element/cert"
	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/sipep"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// fakeClock is the host's time and a state that a test changes.
type fakeClock struct {
	mu      sync.Mutex
	synced  bool
	offset  time.Duration
	changed chan struct{}
}

func newFakeClock(synced bool) *fakeClock {
	return &fakeClock{synced: synced, changed: make(chan struct{})}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset).UTC().Round(0)
}

func (c *fakeClock) Local(t time.Time) time.Time { return t.In(time.FixedZone("CET", 3600)) }

func (c *fakeClock) Synchronized() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.synced
}

func (c *fakeClock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

func (c *fakeClock) set(synced bool, offset time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.synced, c.offset = synced, offset
	close(c.changed)
	c.changed = make(chan struct{})
}

// fixture is an element with this service and the certificates.
type fixture struct {
	*testelement.Element
	t     *testing.T
	sip   *Service
	certs *certservice.Service
	clock *fakeClock
	sink  *event.Sink
}

// prepare makes an element with the factory gateway on Loop, on free ports. It
// is not started.
func prepare(t *testing.T) *fixture {
	t.Helper()
	testwait.NoLeaks(t)
	f := prepareIn(t, t.TempDir(), newFakeClock(true))
	f.setup(
		`SipEp.Gateway[Name="default"].NetworkInterface="Loop"`,
		fmt.Sprintf(`SipEp.Gateway[Name="default"].Port=%d`, freePort(t)),
		fmt.Sprintf(`SipEp.Gateway[Name="default"].SecurePort=%d`, freePort(t)),
		fmt.Sprintf(`SipEp.TransportPersistentBasePort=%d`, basePort(t)),
		`SipEp.TransportFailbackInterval=5`,
		`SipEp.MinSeverity="Debug"`,
	)
	return f
}

func prepareIn(t *testing.T, dir string, clock *fakeClock) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clock, Element: testelement.Open(t, dir, element.Options{Now: clock.Now})}
	f.certs = certservice.New(f.Store, f.Bus, clock)
	f.sip = New(Options{
		Store: f.Store, Bus: f.Bus, Clock: clock, Certificates: f.certs,
		Unit: func() Unit {
			return Unit{Product: "mibgate", Version: "1.2", Profile: "test", Serial: "0815", MAC: "020000000001"}
		},
	})
	f.sink = f.Bus.Subscribe("test", 10000)
	f.Services.Add(f.certs, 100)
	f.Services.Add(f.sip, 200)
	f.Store.Factory(Factory)
	if err := f.Store.Start(f.Services, f.Services.Participants()...); err != nil {
		t.Fatal(err)
	}
	return f
}

// setup assigns before or while the services run.
func (f *fixture) setup(lines ...string) {
	f.t.Helper()
	f.MustSet(lines...)
}

// run starts the services. They stop before the servers of the test do.
func (f *fixture) run() {
	f.t.Helper()
	f.t.Cleanup(f.Close)
	f.Run()
}

// restart is ServiceCommands.Restart.
func (f *fixture) restart() {
	f.t.Helper()
	f.Stop(sipep.Module)
	f.Startup(sipep.Module)
}

// tlsSetup are the lines that make the gateway speak TLS to a server.
func tlsSetup(server netip.AddrPort) []string {
	return []string{
		`SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"`,
		`SipEp.TransportConfig[GatewayName="default"].TlsQValue="0.7"`,
		`SipEp.TransportConfig[GatewayName="default"].RegistrationEnable="Enable"`,
		`SipEp.TransportConfig[GatewayName="default"].ContactEnable="Enable"`,
		`SipEp.InteropTlsCertificateValidation="TrustedCertificate"`,
		fmt.Sprintf(`SipEp.DefaultStaticRegistrarServerHost=%q`, server),
		fmt.Sprintf(`SipEp.DefaultStaticProxyHomeDomainHost=%q`, server),
		`SipEp.InteropRegisterHomeDomainOverride="example.test"`,
	}
}

// userSetup are the lines that register a user with the password "secret".
func userSetup(index int, user string) []string {
	return []string{
		fmt.Sprintf(`SipEp.UnitRegistrations[Index=%d].Username=%q`, index, user),
		fmt.Sprintf(`SipEp.UnitRegistrations[Index=%d].GatewayName="default"`, index),
		fmt.Sprintf(`SipEp.Authentication[Index=%d].CriteriaSelection="Username"`, index),
		fmt.Sprintf(`SipEp.Authentication[Index=%d].UsernameCriteria=%q`, index, user),
		fmt.Sprintf(`SipEp.Authentication[Index=%d].ValidateRealm="Disable"`, index),
		fmt.Sprintf(`SipEp.Authentication[Index=%d].Password="secret"`, index),
	}
}

// trust imports a certificate authority.
func trust(ca *testcert.CA) string {
	o := cert.Objects.OthersCertificatesInfoCertificate
	return fmt.Sprintf("%s=%s", o.Instance(cert.OthersCertificatesInfoKey("ca.pem")), mib.ValueText(o.Syntax, mib.String(string(ca.CertPEM))))
}

// hostCertificate imports a host certificate under a name.
func hostCertificate(name string, p *testcert.Pair) []string {
	key := cert.HostCertificatesInfoKey(name)
	line := func(o *mib.Object, text []byte) string {
		return fmt.Sprintf("%s=%s", o.Instance(key), mib.ValueText(o.Syntax, mib.String(string(text))))
	}
	return []string{
		line(cert.Objects.HostCertificatesInfoCertificate, p.CertPEM), line(cert.Objects.HostCertificatesInfoPrivateKey, p.KeyPEM),
	}
}

const (
	gatewayState = `SipEp.GatewayStatus[Name="default"].State`
	linkState    = `SipEp.TlsPersistentConnectionStatus[Index=1].State`
	regState     = `SipEp.RegistrationStatus[Index=1].State`
)

// notified waits for the next notification of a type and answers the event.
func (f *fixture) notified(n *mib.NotificationType) event.Event {
	f.t.Helper()
	for {
		ev := testwait.Recv(f.t, testelement.Patience, n.Name, f.sink.Events())
		if ev.Notification != nil && ev.Notification.Type() == n {
			return ev
		}
	}
}

// awaitColumn waits until the cells of a column, in their order, read as want.
func (f *fixture) awaitColumn(name, want string) {
	f.t.Helper()
	testwait.Until(f.t, testelement.Patience, name+" is "+want, func() bool { return strings.Join(f.Column(name), " ") == want })
}

// awaitAlarms waits until there are n active alarms.
func (f *fixture) awaitAlarms(n int) {
	f.t.Helper()
	testwait.Until(f.t, testelement.Patience, fmt.Sprintf("%d alarms, not %v", n, f.alarms()), func() bool { return len(f.alarms()) == n })
}

func (f *fixture) alarms() []string {
	var out []string
	for _, a := range f.Bus.Active() {
		out = append(out, a.Alarm.Resource+": "+a.Alarm.Condition)
	}
	return out
}

// drained takes what the sink holds.
func (f *fixture) drained() []event.Event {
	var out []event.Event
	for {
		select {
		case ev := <-f.sink.Events():
			out = append(out, ev)
		default:
			return out
		}
	}
}

// The local ports of links in tests lie below those that the system gives out,
// and begin elsewhere in each process.
const (
	firstBase, lastBase = 24000, 32000
	baseStep            = 10
)

var nextBase atomic.Int64

func init() { nextBase.Store(int64(os.Getpid())) }

// basePort is the first of some local ports that are free.
func basePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		base := firstBase + int(nextBase.Add(1))*baseStep%(lastBase-firstBase)
		if free(base) && free(base+1) && free(base+2) {
			return base
		}
	}
	t.Fatal("no free local ports")
	return 0
}

func free(port int) bool {
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	ln.Close()
	return true
}

func freePort(t testing.TB) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}
