package siplink

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptls"
	"mibgate/element/siptransport"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testwait"
)

const patience = 5 * time.Second

// basePort of these tests is away from that of others that may run at the same time.
var basePort = struct {
	sync.Mutex
	next uint16
}{next: 21000}

func newPorts() *Ports {
	basePort.Lock()
	defer basePort.Unlock()
	basePort.next += 20
	return NewPorts(basePort.next, 0, 0)
}

// fakeServer accepts TLS connections and hands them to the test.
type fakeServer struct {
	t     *testing.T
	ca    *testcert.CA
	ln    net.Listener
	addr  netip.AddrPort
	mu    sync.Mutex
	cfg   *tls.Config
	conns chan *fakeConn
	// pong answers pings; plain speaks no TLS; stuck never answers the handshake.
	pong, plain, stuck bool
}

type fakeConn struct {
	*tls.Conn
	got  chan string // lines from the client
	mute chan struct{}
	end  chan struct{} // closed when the client closed its side
}

func newServer(t *testing.T, change func(*fakeServer)) *fakeServer {
	t.Helper()
	ca, err := testcert.NewCA("test CA", testcert.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	s := &fakeServer{t: t, ca: ca, conns: make(chan *fakeConn, 100), pong: true}
	s.cfg = &tls.Config{Certificates: []tls.Certificate{s.issue(testcert.Leaf{})}}
	if change != nil {
		change(s)
	}
	s.listen("127.0.0.1:0")
	t.Cleanup(func() { s.ln.Close() })
	return s
}

func (s *fakeServer) issue(l testcert.Leaf) tls.Certificate {
	s.t.Helper()
	p, err := s.ca.Issue(l)
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := p.TLS()
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *fakeServer) listen(addr string) {
	s.t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.ln = ln
	if !s.addr.IsValid() {
		s.addr = netip.MustParseAddrPort(ln.Addr().String())
	}
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go s.serve(nc)
		}
	}()
}

func (s *fakeServer) config(change func(*tls.Config)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg = s.cfg.Clone()
	change(s.cfg)
}

func (s *fakeServer) serve(nc net.Conn) {
	if s.plain {
		nc.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	}
	if s.stuck || s.plain {
		time.AfterFunc(patience, func() { nc.Close() })
		return
	}
	s.mu.Lock()
	cfg := s.cfg
	s.mu.Unlock()
	c := &fakeConn{Conn: tls.Server(nc, cfg), got: make(chan string, 1000), mute: make(chan struct{}), end: make(chan struct{})}
	defer c.NetConn().Close()
	defer close(c.end)
	if c.Handshake() != nil {
		return
	}
	s.conns <- c
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		select {
		case <-c.mute:
			continue
		default:
		}
		c.got <- line
		if line == "\r\n" && s.pong {
			if next, err := r.Peek(2); err == nil && string(next) == "\r\n" {
				r.Discard(2)
				c.Write([]byte("\r\n"))
			}
		}
	}
}

// receiver keeps what comes over the link.
type receiver struct{ msgs chan sip.Message }

func (r *receiver) ReceiveMessage(_ siptransport.Flow, m sip.Message) { r.msgs <- m }
func (r *receiver) FlowClosed(siptransport.Flow, error)               {}

// fixture is a link to a fake server, and its events.
type fixture struct {
	*Link
	t      *testing.T
	events chan Event
	recv   *receiver
	mu     sync.Mutex
	set    siptls.Settings
	seen   []Event
}

func (f *fixture) settings(change func(*siptls.Settings)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.set)
}

func newLink(t *testing.T, s *fakeServer, change func(*Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, events: make(chan Event, 1000), recv: &receiver{msgs: make(chan sip.Message, 100)}}
	f.set = siptls.Settings{Level: siptls.HostName, Roots: s.ca.Pool()}
	cfg := Config{
		Gateway: "default", Host: s.addr.String(), LocalAddr: netip.MustParseAddr("127.0.0.1"), Ports: newPorts(),
		Locate: func(context.Context) (Location, error) {
			return Location{Targets: []netip.AddrPort{s.addr}, Reference: siptls.Reference{Host: "127.0.0.1"}}, nil
		},
		TLS: func() (siptls.Settings, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.set, nil
		},
		FailbackInterval: 50 * time.Millisecond, AcceptanceTime: 200 * time.Millisecond,
		KeepAlive: KeepAlive{Method: None}, Receiver: f.recv, OnEvent: func(e Event) { f.events <- e },
	}
	if change != nil {
		change(&cfg)
	}
	l, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	f.Link = l
	t.Cleanup(l.Close)
	l.Start()
	return f
}

// until takes events up to the first that fits.
func (f *fixture) until(what string, fits func(Event) bool) Event {
	f.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e := <-f.events:
			f.seen = append(f.seen, e)
			if fits(e) {
				return e
			}
		case <-deadline:
			f.t.Fatalf("no event: %s; status %+v", what, f.Status())
		}
	}
}

func (f *fixture) state(s State) Event {
	f.t.Helper()
	return f.until("state "+s.String(), func(e Event) bool { return e.Kind == StateChanged && e.State == s })
}

func (f *fixture) failure() Event {
	f.t.Helper()
	return f.until("a failed handshake", func(e Event) bool { return e.Kind == HandshakeFailed })
}

func (s *fakeServer) conn() *fakeConn {
	s.t.Helper()
	return testwait.Recv(s.t, patience, "a connection at the server", s.conns)
}
