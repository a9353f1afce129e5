package sipreg_test

import (
	"context"
	"crypto/tls"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/sipauth"
	"mibgate/element/siplink"
	"mibgate/element/sipreg"
	"mibgate/element/siptls"
	"mibgate/element/siptransport"
	"mibgate/element/sipua"
	"mibgate/testdata/kamailio"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testwait"
)

const patience = 10 * time.Second

// gateway is the smallest whole of the protocol packages: a user agent, a persistent link and a registration, joined as
// a service joins them.
type gateway struct {
	*testing.T
	ua     *sipua.UA
	link   *siplink.Link
	reg    *sipreg.Registration
	events chan siplink.Event
	states chan sipreg.Change

	mu  sync.Mutex
	set siptls.Settings
}

func newUA(t *testing.T) *sipua.UA {
	t.Helper()
	testwait.NoLeaks(t)
	ua := sipua.New(sipua.Config{Headers: sipua.Headers{UserAgent: "mibgate/test", MaxForwards: 70}})
	t.Cleanup(ua.Close)
	ua.Mux.Handle(sip.OPTIONS, ua.Mux.AnswerOptions)
	ua.Mux.Handle(sip.INVITE, ua.Mux.Refuse(480, "Temporarily Unavailable"))
	return ua
}

func start(t *testing.T, target netip.AddrPort, s *kamailio.Server, change func(*siplink.Config, *siptls.Settings)) *gateway {
	t.Helper()
	g := &gateway{T: t, ua: newUA(t), events: make(chan siplink.Event, 1000), states: make(chan sipreg.Change, 1000)}
	g.set = siptls.Settings{Level: siptls.HostName, Roots: s.CA.Pool()}
	cfg := siplink.Config{
		Gateway: "default", Host: target.String(), LocalAddr: netip.MustParseAddr("127.0.0.1"), Ports: siplink.NewPorts(23000, 0, 0),
		Locate: func(context.Context) (siplink.Location, error) {
			return siplink.Location{Targets: []netip.AddrPort{target}, Reference: siptls.Reference{Host: "127.0.0.1"}}, nil
		},
		TLS: func() (siptls.Settings, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			return g.set, nil
		},
		FailbackInterval: 200 * time.Millisecond,
		KeepAlive:        siplink.KeepAlive{Method: siplink.CRLF, Interval: 250 * time.Millisecond, Retry: 1},
		Probe:            g.ua.Probe(sipua.ServerURI(target.String()), sipua.URI("", kamailio.Domain, 0)),
		Receiver:         g.ua.Transactions,
		Drain:            func(ctx context.Context, f siptransport.Flow) { _ = g.ua.Transactions.Drain(ctx, f) },
		OnEvent:          g.onEvent,
	}
	if change != nil {
		change(&cfg, &g.set)
	}
	var err error
	if g.link, err = siplink.New(cfg); err != nil {
		t.Fatal(err)
	}
	g.reg = sipreg.New(sipreg.Config{
		UA: g.ua, User: "100", Domain: kamailio.Domain, Credentials: secret,
		Flow: func(context.Context) (siptransport.Flow, error) {
			if f, ok := g.link.Flow(); ok {
				return f, nil
			}
			return nil, siptransport.ErrClosed
		},
		Contacts: func(f siptransport.Flow) []sipua.Contact {
			return []sipua.Contact{sipua.NewContact("100", f, true, "0.7")}
		},
		RefreshTime: time.Minute, OnChange: func(c sipreg.Change) { g.states <- c },
	})
	t.Cleanup(g.stop)
	g.reg.Start()
	g.link.Start()
	return g
}

func secret(string) (sipauth.Credentials, bool) {
	return sipauth.Credentials{Username: "100", Password: kamailio.Password}, true
}

// onEvent is the part of a service that joins link and registration.
func (g *gateway) onEvent(e siplink.Event) {
	if e.Kind == siplink.StateChanged {
		switch {
		case e.State == siplink.Up:
			g.reg.Reregister()
		case e.State == siplink.Down && e.Old != siplink.Down:
			g.reg.Lost()
		}
	}
	g.events <- e
}

func (g *gateway) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	g.reg.Stop(ctx)
	g.link.Shutdown(ctx)
}

func (g *gateway) waitLink(s siplink.State) siplink.Event {
	g.Helper()
	for {
		e := testwait.Recv(g.T, patience, "link "+s.String(), g.events)
		if e.Kind == siplink.StateChanged && e.State == s {
			return e
		}
	}
}

func (g *gateway) waitReg(s sipreg.State) {
	g.Helper()
	for testwait.Recv(g.T, patience, "registration "+s.String(), g.states).New != s {
	}
}

func TestUpAndRegistered(t *testing.T) {
	for name, sha := range map[string]bool{"MD5": false, "SHA-256": true} {
		t.Run(name, func(t *testing.T) {
			s := kamailio.Start(t, kamailio.Options{SHA256: sha})
			began := time.Now()
			g := start(t, s.TLS, s, nil)
			g.waitReg(sipreg.Registered)
			if d := time.Since(began); d > 2*time.Second {
				t.Errorf("registered after %v", d)
			}
			want := "contact=<sip:100@127.0.0.1:23000;transport=tls>;q=0.7"
			testwait.Until(t, patience, "the REGISTER in the log", func() bool { return strings.Contains(s.Log(), want) })
			g.checkRelayed(s)
			g.stop()
			if got := string(s.Exchange(kamailio.Request("OPTIONS", "100"), patience)); !strings.HasPrefix(got, "SIP/2.0 404 ") {
				t.Errorf("after the removal of the binding: %q", got)
			}
		})
	}
}

// checkRelayed sends requests to Kamailio over UDP, which come back over the link.
func (g *gateway) checkRelayed(s *kamailio.Server) {
	g.Helper()
	for method, want := range map[string]string{"OPTIONS": "200", "INVITE": "480", "FOO": "405"} {
		got := string(s.Exchange(kamailio.Request(method, "100"), patience))
		if !strings.HasPrefix(got, "SIP/2.0 "+want) || !strings.Contains(got, "Server: mibgate/test") {
			g.Errorf("%s is answered %q, want %s", method, got, want)
		}
	}
}

func TestKilledAndStartedAgain(t *testing.T) {
	s := kamailio.Start(t, kamailio.Options{})
	g := start(t, s.TLS, s, nil)
	g.waitReg(sipreg.Registered)
	for range 2 {
		began := time.Now()
		s.Kill()
		down := g.waitLink(siplink.Down)
		if d := time.Since(began); d > time.Second || !down.Announce {
			t.Errorf("down after %v: %+v", d, down)
		}
		g.waitReg(sipreg.Unreachable)
		s.Run()
		began = time.Now()
		if up := g.waitLink(siplink.Up); up.LocalPort != 23000 {
			t.Errorf("up from port %d", up.LocalPort)
		}
		if d := time.Since(began); d > time.Second {
			t.Errorf("up after %v", d)
		}
		g.waitReg(sipreg.Registered)
		g.checkRelayed(s)
	}
}

func TestFrozenServerIsNoticed(t *testing.T) {
	for name, method := range map[string]siplink.Method{"CRLF": siplink.CRLF, "OPTIONS": siplink.SIPOptions, "PING": siplink.Ping} {
		t.Run(name, func(t *testing.T) {
			s := kamailio.Start(t, kamailio.Options{})
			g := start(t, s.TLS, s, func(c *siplink.Config, _ *siptls.Settings) { c.KeepAlive.Method = method })
			g.waitReg(sipreg.Registered)
			quiet := time.After(3 * 250 * time.Millisecond) // three intervals in which the server answers
			for waiting := true; waiting; {
				select {
				case e := <-g.events:
					if e.State == siplink.Down && e.Old == siplink.Up {
						t.Fatalf("event %+v", e)
					}
				case <-quiet:
					waiting = false
				}
			}
			if st := g.link.Status(); st.State != siplink.Up {
				t.Fatalf("status %+v", st)
			}
			s.Freeze()
			began := time.Now()
			g.waitLink(siplink.Down)
			if d := time.Since(began); d > 700*time.Millisecond { // 250 ms × 2, and the scheduling of a busy machine
				t.Errorf("noticed after %v", d)
			}
			s.Thaw()
			g.waitLink(siplink.Up)
			g.waitReg(sipreg.Registered)
		})
	}
}

func TestClientCertificateIsCompulsory(t *testing.T) {
	s := kamailio.Start(t, kamailio.Options{})
	g := start(t, s.MTLS, s, nil)
	for failures := 0; failures < 2; {
		e := testwait.Recv(t, patience, "a failure", g.events)
		if e.State == siplink.Up {
			t.Fatal("up without a certificate")
		}
		if e.Kind == siplink.HandshakeFailed {
			failures++
			if e.Reason != siptls.ReasonRefused {
				t.Errorf("failure %v %q", e.Reason, e.Detail)
			}
		}
	}
	pair, err := s.CA.Issue(testcert.Leaf{})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	g.mu.Lock()
	g.set.Certificates = []tls.Certificate{cert}
	g.mu.Unlock()
	g.link.Retry()
	g.waitLink(siplink.Up)
	g.waitReg(sipreg.Registered)
}

func TestServerCertificateForAnotherName(t *testing.T) {
	s := kamailio.Start(t, kamailio.Options{Leaf: testcert.Leaf{DNS: []string{"other.test"}}})
	g := start(t, s.TLS, s, nil)
	for {
		e := testwait.Recv(t, patience, "a failure", g.events)
		if e.Kind == siplink.HandshakeFailed {
			if e.Reason != siptls.ReasonNameMismatch {
				t.Errorf("failure %v %q", e.Reason, e.Detail)
			}
			break
		}
	}
	g.mu.Lock()
	g.set.Level = siptls.TrustedCertificate
	g.mu.Unlock()
	g.link.Retry()
	g.waitLink(siplink.Up)
}

func TestOverUDPAndTCP(t *testing.T) {
	for _, tr := range []siptransport.Transport{siptransport.UDP, siptransport.TCP} {
		t.Run(string(tr), func(t *testing.T) {
			s := kamailio.Start(t, kamailio.Options{})
			ua := newUA(t)
			local, err := ua.Transport.Listen(tr, netip.MustParseAddrPort("127.0.0.1:0"), nil)
			if err != nil {
				t.Fatal(err)
			}
			states := make(chan sipreg.Change, 100)
			reg := sipreg.New(sipreg.Config{
				UA: ua, User: "100", Domain: kamailio.Domain, Credentials: secret,
				Flow: func(ctx context.Context) (siptransport.Flow, error) { return ua.Transport.Flow(ctx, tr, s.Plain) },
				Contacts: func(siptransport.Flow) []sipua.Contact {
					return []sipua.Contact{sipua.ContactAt("100", local, tr, true, "")}
				},
				OnChange: func(c sipreg.Change) { states <- c },
			})
			reg.Start()
			g := &gateway{T: t, ua: ua, states: states}
			g.waitReg(sipreg.Registered)
			g.checkRelayed(s)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			reg.Stop(ctx)
		})
	}
}

func TestWrongPassword(t *testing.T) {
	s := kamailio.Start(t, kamailio.Options{})
	ua := newUA(t)
	if _, err := ua.Transport.Listen(siptransport.UDP, netip.MustParseAddrPort("127.0.0.1:0"), nil); err != nil {
		t.Fatal(err)
	}
	states := make(chan sipreg.Change, 100)
	reg := sipreg.New(sipreg.Config{
		UA: ua, User: "100", Domain: kamailio.Domain, OnChange: func(c sipreg.Change) { states <- c },
		Credentials: func(string) (sipauth.Credentials, bool) {
			return sipauth.Credentials{Username: "100", Password: "x"}, true
		},
		Flow: func(ctx context.Context) (siptransport.Flow, error) {
			return ua.Transport.Flow(ctx, siptransport.UDP, s.Plain)
		},
		Contacts: func(f siptransport.Flow) []sipua.Contact {
			return []sipua.Contact{sipua.NewContact("100", f, false, "")}
		},
	})
	reg.Start()
	(&gateway{T: t, states: states}).waitReg(sipreg.AuthFailed)
	reg.Stop(t.Context())
}
