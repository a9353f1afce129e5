package siptransport

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptls"
	"mibgate/testdata/testcert"
)

const patience = 5 * time.Second

type received struct {
	flow Flow
	msg  sip.Message
}

// recorder is a Receiver that answers every request with 200 and keeps what it got.
type recorder struct {
	got    chan received
	closed chan error
	answer bool
}

func newRecorder() *recorder {
	return &recorder{got: make(chan received, 1000), closed: make(chan error, 1000), answer: true}
}

func (r *recorder) ReceiveMessage(f Flow, m sip.Message) {
	r.got <- received{f, m}
	if req, ok := m.(*sip.Request); ok && r.answer {
		_ = f.Send(sip.NewResponseFromRequest(req, 200, "OK", nil))
	}
}

func (r *recorder) FlowClosed(_ Flow, err error) { r.closed <- err }

// startLayer makes a layer with one listener on a free port.
func startLayer(t *testing.T, tr Transport, limits Limits) (*Layer, *recorder, netip.AddrPort) {
	t.Helper()
	rec := newRecorder()
	l := NewLayer(Config{Receiver: rec, Limits: limits})
	t.Cleanup(l.Close)
	var cfg *tls.Config
	if tr == TLS {
		cfg = serverTLS(t)
	}
	addr, err := l.Listen(tr, netip.MustParseAddrPort("127.0.0.1:0"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l, rec, addr
}

func serverTLS(t *testing.T) *tls.Config {
	t.Helper()
	ca, err := testcert.NewCA("test CA", testcert.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue(testcert.Leaf{})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return siptls.Server(func() (siptls.Settings, error) {
		return siptls.Settings{Certificates: []tls.Certificate{cert}}, nil
	})
}

// peer is the other end of a stream, with raw octets.
type peer struct {
	net.Conn
	t *testing.T
	r *bufio.Reader
}

func dial(t *testing.T, tr Transport, addr netip.AddrPort) *peer {
	t.Helper()
	var c net.Conn
	var err error
	if tr == TLS {
		c, err = tls.Dial("tcp", addr.String(), &tls.Config{InsecureSkipVerify: true})
	} else {
		c, err = net.Dial(strings.ToLower(string(tr)), addr.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &peer{Conn: c, t: t, r: bufio.NewReaderSize(c, 1<<16)}
}

func (p *peer) send(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p, s); err != nil {
		p.t.Fatal(err)
	}
}

// head reads up to an empty line; answers in these tests have no body.
func (p *peer) head() string {
	p.t.Helper()
	var b strings.Builder
	for !strings.HasSuffix(b.String(), "\r\n\r\n") {
		line, err := p.r.ReadString('\n')
		if err != nil {
			p.t.Fatalf("after %q: %v", b.String(), err)
		}
		b.WriteString(line)
	}
	return b.String()
}

// wantClosed reads until the connection ends and returns what came before.
func (p *peer) wantClosed() string {
	p.t.Helper()
	data, err := io.ReadAll(p.r)
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		p.t.Fatal("the connection was not closed")
	}
	return string(data)
}
