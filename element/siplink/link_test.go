package siplink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptls"
	"mibgate/element/siptransport"
	"mibgate/testdata/sipfuzz"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testwait"
)

func TestUpAfterAnySignOfAcceptance(t *testing.T) {
	noTickets := func(s *fakeServer) { s.cfg.SessionTicketsDisabled = true }
	tests := []struct {
		name       string
		server     func(*fakeServer)
		acceptance time.Duration
		greet      string
	}{
		{"session ticket", nil, time.Hour, ""},
		{"an octet", noTickets, time.Hour, "\r\n"},
		{"silence", noTickets, 30 * time.Millisecond, ""},
		{"TLS 1.2", func(s *fakeServer) { noTickets(s); s.cfg.MaxVersion = tls.VersionTLS12 }, time.Hour, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			testwait.NoLeaks(t)
			s := newServer(t, tt.server)
			f := newLink(t, s, func(c *Config) { c.AcceptanceTime = tt.acceptance })
			f.state(WaitingUp)
			if tt.greet != "" {
				if _, err := s.conn().Write([]byte(tt.greet)); err != nil {
					t.Fatal(err)
				}
			}
			e := f.state(Up)
			if e.Old != WaitingUp || !e.Announce || e.LocalPort != f.cfg.Ports.base || e.RemoteAddr != s.addr || e.RemoteHost != s.addr.String() {
				t.Errorf("event %+v", e)
			}
			flow, ok := f.Flow()
			if !ok || flow.Local().Port() != e.LocalPort || flow.Transport() != siptransport.TLS {
				t.Errorf("flow %v", flow)
			}
			var kinds []Kind
			for _, e := range f.seen {
				kinds = append(kinds, e.Kind)
			}
			if want := "[1 2 4 4]"; fmt.Sprint(kinds) != want {
				t.Errorf("events %v, want %s", kinds, want)
			}
		})
	}
}

func TestRefusedAfterTheHandshakeIsNeverUp(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			s := newServer(t, func(s *fakeServer) {
				s.cfg.ClientAuth, s.cfg.ClientCAs, s.cfg.MaxVersion = tls.RequireAndVerifyClientCert, s.ca.Pool(), version
			})
			stranger := newServer(t, nil)
			bad := stranger.issue(testcert.Leaf{})
			f := newLink(t, s, nil)
			f.settings(func(set *siptls.Settings) { set.Certificates = []tls.Certificate{bad} })
			var failures []Event
			for range 4 {
				failures = append(failures, f.failure())
			}
			for i, e := range failures[2:] { // the first attempt may have been made before the certificate was set
				if e.Reason != siptls.ReasonRefused || !e.Repeated {
					t.Errorf("failure %d: %v %q repeated %v", i+2, e.Reason, e.Detail, e.Repeated)
				}
			}
			downs := 0
			for _, e := range f.seen {
				if e.State == Up {
					t.Fatalf("the link was up: %+v", e)
				}
				if e.Kind == StateChanged && e.State == Down && e.Announce {
					downs++
				}
			}
			if downs != 1 {
				t.Errorf("down was announced %d times", downs)
			}
			good := s.issue(testcert.Leaf{})
			f.settings(func(set *siptls.Settings) { set.Certificates = []tls.Certificate{good} })
			f.state(Up) // a new certificate serves the next handshake
		})
	}
}

func TestFailuresAreSorted(t *testing.T) {
	tests := []struct {
		name   string
		server func(*fakeServer)
		link   func(*Config)
		want   siptls.Reason
		detail string
	}{
		{"untrusted", func(s *fakeServer) {
			ca, err := testcert.NewCA("stranger", testcert.ECDSA)
			if err != nil {
				s.t.Fatal(err)
			}
			own := s.ca
			s.ca = ca
			s.cfg.Certificates[0] = s.issue(testcert.Leaf{})
			s.ca = own
		}, nil, siptls.ReasonUntrusted, "unknown authority"},
		{"expired", func(s *fakeServer) { s.cfg.Certificates[0] = s.issue(testcert.Expired(testcert.Leaf{})) }, nil, siptls.ReasonExpired, "expired at"},
		{"not yet valid", func(s *fakeServer) { s.cfg.Certificates[0] = s.issue(testcert.NotYetValid(testcert.Leaf{})) }, nil, siptls.ReasonNotYetValid, "not valid before"},
		{"other name", func(s *fakeServer) { s.cfg.Certificates[0] = s.issue(testcert.Leaf{DNS: []string{"x.test"}}) }, nil, siptls.ReasonNameMismatch, "does not name 127.0.0.1"},
		{"old protocol", func(s *fakeServer) { s.cfg.MinVersion, s.cfg.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, nil, siptls.ReasonProtocolVersion, "protocol version"},
		{"no handshake", func(s *fakeServer) { s.stuck = true }, func(c *Config) { c.ConnectTimeout = 100 * time.Millisecond }, siptls.ReasonTimeout, "deadline"},
		{"plain text", func(s *fakeServer) { s.plain = true }, nil, siptls.ReasonOther, "does not speak TLS"},
		{"nobody there", nil, func(c *Config) {
			c.Locate = func(context.Context) (Location, error) {
				return Location{Targets: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1")}}, nil
			}
		}, siptls.ReasonRefused, "connection refused"},
		{"no address", nil, func(c *Config) {
			c.Locate = func(context.Context) (Location, error) { return Location{}, nil }
		}, siptls.ReasonOther, "no address"},
		{"no such name", nil, func(c *Config) {
			c.Locate = func(context.Context) (Location, error) { return Location{}, errors.New("no such name") }
		}, siptls.ReasonOther, "no such name"},
		{"no configuration", nil, func(c *Config) {
			c.TLS = func() (siptls.Settings, error) { return siptls.Settings{}, errors.New("store locked") }
		}, siptls.ReasonOther, "store locked"},
		{"address of another host", nil, func(c *Config) { c.LocalAddr = netip.MustParseAddr("192.0.2.1") }, siptls.ReasonOther, "cannot assign"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.server)
			f := newLink(t, s, tt.link)
			first, second := f.failure(), f.failure()
			if first.Reason != tt.want || !strings.Contains(first.Detail, tt.detail) || first.Repeated || !second.Repeated {
				t.Errorf("%v %q repeated %v, then %v; want %v %q", first.Reason, first.Detail, first.Repeated, second.Repeated, tt.want, tt.detail)
			}
			if f.Status().State != Down {
				t.Errorf("status %+v", f.Status())
			}
		})
	}
}

func TestLossIsNoticedAtOnceAndThePortIsKept(t *testing.T) {
	for _, tt := range []struct {
		name string
		cut  func(*fakeConn)
	}{
		{"FIN", func(c *fakeConn) { c.NetConn().Close() }},
		{"close_notify", func(c *fakeConn) { c.Close() }},
		{"RST", func(c *fakeConn) {
			_ = c.NetConn().(*net.TCPConn).SetLinger(0)
			c.NetConn().Close()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, nil)
			f := newLink(t, s, nil)
			for range 3 {
				up := f.state(Up)
				c := s.conn()
				began := time.Now()
				tt.cut(c)
				down := f.state(Down)
				if d := time.Since(began); d > 100*time.Millisecond {
					t.Errorf("noticed after %v", d)
				}
				if !down.Announce || down.Detail == "" || down.Old != Up || down.LocalPort != up.LocalPort || up.LocalPort != f.cfg.Ports.base {
					t.Errorf("event %+v after %+v", down, up)
				}
				if _, ok := f.Flow(); ok {
					t.Error("a flow is offered while the link is down")
				}
			}
		})
	}
}

func TestServerRestart(t *testing.T) {
	s := newServer(t, nil)
	f := newLink(t, s, nil)
	f.state(Up)
	s.ln.Close()
	s.conn().NetConn().Close()
	f.state(Down)
	if e := f.failure(); e.Reason != siptls.ReasonRefused {
		t.Errorf("failure %+v", e)
	}
	s.listen(s.addr.String())
	f.state(Up)
}

func TestSecondTargetIsUsed(t *testing.T) {
	s := newServer(t, nil)
	f := newLink(t, s, func(c *Config) {
		c.Locate = func(context.Context) (Location, error) {
			return Location{Targets: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:1"), s.addr}, Reference: siptls.Reference{Host: "127.0.0.1"}}, nil
		}
	})
	f.state(Up)
	if f.Status().RemoteAddr != s.addr {
		t.Errorf("status %+v", f.Status())
	}
	for _, e := range f.seen {
		if e.Kind == HandshakeFailed {
			t.Errorf("a failure was told: %+v", e)
		}
	}
}

func TestRequestsComeBackOverTheLink(t *testing.T) {
	s := newServer(t, nil)
	f := newLink(t, s, nil)
	f.state(Up)
	c := s.conn()
	if _, err := c.Write([]byte(sipfuzz.Seeds()[0])); err != nil {
		t.Fatal(err)
	}
	if m := testwait.Recv(t, patience, "the request", f.recv.msgs); m.CSeq().MethodName != sip.OPTIONS {
		t.Errorf("got %v", m)
	}
	if _, err := c.Write([]byte("\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if line := testwait.Recv(t, patience, "the pong", c.got); line != "\r\n" {
		t.Errorf("pong %q", line)
	}
}

func TestShutdownDrains(t *testing.T) {
	testwait.NoLeaks(t)
	s := newServer(t, nil)
	draining := make(chan siptransport.Flow)
	release := make(chan struct{})
	f := newLink(t, s, func(c *Config) {
		c.Drain = func(_ context.Context, flow siptransport.Flow) { draining <- flow; <-release }
	})
	f.state(Up)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		f.Shutdown(ctx)
	}()
	flow := testwait.Recv(t, patience, "Drain", draining)
	if e := f.state(WaitingShutdown); !e.Stopping || e.Announce {
		t.Errorf("event %+v", e)
	}
	msg, err := siptransport.Parse([]byte(sipfuzz.Seeds()[0]), siptransport.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := flow.Send(msg); err != nil {
		t.Errorf("Send while draining: %v", err)
	}
	close(release)
	if e := f.state(Down); !e.Stopping {
		t.Errorf("event %+v", e)
	}
	c := s.conn()
	if line := testwait.Recv(t, patience, "the last message", c.got); !strings.HasPrefix(line, "OPTIONS ") {
		t.Errorf("line %q", line)
	}
	testwait.Recv(t, patience, "the end at the server", c.end)
	testwait.Recv(t, patience, "the end of Shutdown", done)
}

func TestCloseAtAnyTime(t *testing.T) {
	for name, server := range map[string]func(*fakeServer){
		"up": nil, "in the handshake": func(s *fakeServer) { s.stuck = true }, "waiting": func(s *fakeServer) { s.plain = true },
	} {
		t.Run(name, func(t *testing.T) {
			testwait.NoLeaks(t)
			s := newServer(t, server)
			f := newLink(t, s, func(c *Config) { c.FailbackInterval = time.Hour })
			f.until("an attempt", func(e Event) bool { return e.Kind == Attempt })
			began := time.Now()
			f.Close()
			if d := time.Since(began); d > time.Second {
				t.Errorf("Close took %v", d)
			}
			if f.Status().State != Down {
				t.Errorf("status %+v", f.Status())
			}
			f.Close()
		})
	}
	t.Run("never started", func(t *testing.T) {
		s := newServer(t, nil)
		p := newPorts()
		l, err := New(Config{Host: "x", Ports: p, Locate: func(context.Context) (Location, error) { return Location{}, nil },
			TLS: func() (siptls.Settings, error) { return siptls.Settings{}, nil }, Receiver: &receiver{}})
		if err != nil {
			t.Fatal(err)
		}
		if port := l.Status().LocalPort; port != p.base {
			t.Errorf("port %d", port)
		}
		l.Close()
		l.Start()
		if len(p.used) != 0 {
			t.Error("the port is still reserved")
		}
		_ = s
	})
}

func TestRetryNow(t *testing.T) {
	s := newServer(t, func(s *fakeServer) { s.cfg.Certificates[0] = s.issue(testcert.Expired(testcert.Leaf{})) })
	f := newLink(t, s, func(c *Config) { c.FailbackInterval = time.Hour })
	f.failure()
	f.state(Down)
	good := s.issue(testcert.Leaf{})
	s.config(func(c *tls.Config) { c.Certificates = []tls.Certificate{good} })
	f.Retry()
	f.state(Up)
}

func TestIncompleteConfiguration(t *testing.T) {
	if _, err := New(Config{}); !errors.Is(err, ErrConfig) {
		t.Errorf("New: %v", err)
	}
}
