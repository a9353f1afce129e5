package cert

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testelement"
)

// testClock is a clock that a test sets.
type testClock struct {
	mu      sync.Mutex
	now     time.Time
	changed chan struct{}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

func (c *testClock) Local(t time.Time) time.Time { return t.In(time.FixedZone("CET", 3600)) }

func (c *testClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
	close(c.changed)
	c.changed = make(chan struct{})
}

// fixture is an element with nothing but this service.
type fixture struct {
	*testelement.Element
	t     *testing.T
	cert  *Service
	clock *testClock
	sink  *event.Sink
	ca    *testcert.CA
}

func start(t *testing.T) *fixture {
	t.Helper()
	clock := &testClock{now: time.Now().Truncate(time.Second), changed: make(chan struct{})}
	el := testelement.New(t, element.Options{Now: clock.Now})
	f := &fixture{Element: el, t: t, clock: clock, sink: el.Bus.Subscribe("test", 100)}
	f.cert = New(el.Store, el.Bus, clock)
	var err error
	if f.ca, err = testcert.NewCA("test CA", testcert.ECDSA); err != nil {
		t.Fatal(err)
	}
	el.Start(f.cert)
	return f
}

func (f *fixture) issue(l testcert.Leaf) *testcert.Pair {
	f.t.Helper()
	p, err := f.ca.Issue(l)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// host are the assignments that import a host certificate.
func host(name string, p *testcert.Pair) []string {
	return []string{
		fmt.Sprintf("Cert.HostCertificatesInfo[FileName=%q].Certificate=%s", name, mib.Quote(string(p.CertPEM))),
		fmt.Sprintf("Cert.HostCertificatesInfo[FileName=%q].PrivateKey=%s", name, mib.Quote(string(p.KeyPEM))),
	}
}

// other is the assignment that imports other certificates.
func other(name string, pem []byte) string {
	return fmt.Sprintf("Cert.OthersCertificatesInfo[FileName=%q].Certificate=%s", name, mib.Quote(string(pem)))
}
