package siptransport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/testdata/testwait"
)

func TestEveryTransportAnswersOnItsFlow(t *testing.T) {
	for _, tr := range []Transport{UDP, TCP, TLS} {
		t.Run(string(tr), func(t *testing.T) {
			testwait.NoLeaks(t)
			_, rec, addr := startLayer(t, tr, Limits{})
			p := dial(t, tr, addr)
			p.send(request("OPTIONS"))
			if got := p.head(); !strings.HasPrefix(got, "SIP/2.0 200 OK\r\n") {
				t.Errorf("answer %q", got)
			}
			r := testwait.Recv(t, patience, "the request", rec.got)
			if r.flow.Transport() != tr || r.flow.Local() != addr || r.flow.Reliable() != (tr != UDP) {
				t.Errorf("flow %v %v reliable %v", r.flow.Transport(), r.flow.Local(), r.flow.Reliable())
			}
			via := r.msg.Via()
			if port, _ := via.Params.Get("rport"); port != fmt.Sprint(r.flow.Remote().Port()) {
				t.Errorf("rport %q", port)
			}
		})
	}
}

func TestMessagesOfOneConnectionStayInOrder(t *testing.T) {
	_, rec, addr := startLayer(t, TCP, Limits{})
	rec.answer = false
	p := dial(t, TCP, addr)
	var all strings.Builder
	const n = 200
	for i := range n {
		all.WriteString(request("OPTIONS", fmt.Sprintf("CSeq: %d OPTIONS", i+1)))
	}
	p.send(all.String())
	for i := range n {
		r := testwait.Recv(t, patience, "a message", rec.got)
		if seq := r.msg.CSeq().SeqNo; int(seq) != i+1 {
			t.Fatalf("message %d has CSeq %d", i+1, seq)
		}
	}
}

func TestReceivedIsAddedForAnotherSentBy(t *testing.T) {
	_, rec, addr := startLayer(t, TCP, Limits{})
	p := dial(t, TCP, addr)
	for _, tt := range []struct{ via, want string }{
		{"SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1", ""},
		{"SIP/2.0/TCP host.example.test;branch=z9hG4bK2", "127.0.0.1"},
		{"SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK3;received=10.0.0.9", "127.0.0.1"},
	} {
		p.send(request("OPTIONS", "Via: "+tt.via))
		r := testwait.Recv(t, patience, "the request", rec.got)
		if got, _ := r.msg.Via().Params.Get("received"); got != tt.want {
			t.Errorf("Via %s: received %q, want %q", tt.via, got, tt.want)
		}
	}
}

func TestUDPAnswersGoToTheSourceAddressOnly(t *testing.T) {
	_, _, addr := startLayer(t, UDP, Limits{})
	ask, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer ask.Close()
	answer, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	// No rport, and a Via that names another host: the port of Via, the address of the packet (RFC 3261 §18.2.2).
	port := answer.LocalAddr().(*net.UDPAddr).Port
	via := fmt.Sprintf("Via: SIP/2.0/UDP 127.0.0.9:%d;branch=z9hG4bK1;received=127.0.0.9", port)
	if _, err := ask.WriteToUDPAddrPort([]byte(request("OPTIONS", via)), addr); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2000)
	answer.SetReadDeadline(time.Now().Add(patience))
	n, err := answer.Read(buf)
	if err != nil || !strings.HasPrefix(string(buf[:n]), "SIP/2.0 200") {
		t.Errorf("answer %q, %v", buf[:n], err)
	}
}

func TestMalformedIsAnsweredAndTheConnectionGoesOn(t *testing.T) {
	for _, tr := range []Transport{UDP, TCP} {
		t.Run(string(tr), func(t *testing.T) {
			l, _, addr := startLayer(t, tr, Limits{})
			p := dial(t, tr, addr)
			p.send(request("OPTIONS", "CSeq: 1 INVITE"))
			if got := p.head(); !strings.HasPrefix(got, "SIP/2.0 400 ") {
				t.Errorf("answer %q", got)
			}
			p.send(request("OPTIONS"))
			if got := p.head(); !strings.HasPrefix(got, "SIP/2.0 200 ") {
				t.Errorf("answer %q", got)
			}
			if s := l.Stats(); s.Malformed != 1 || s.Received != 1 {
				t.Errorf("stats %+v", s)
			}
		})
	}
}

func TestUnframeableIsAnsweredAndClosed(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"no Content-Length", request("OPTIONS", "Content-Length: "), "SIP/2.0 400 "},
		{"too large a body", request("OPTIONS", "Content-Length: 70000"), "SIP/2.0 513 "},
		{"endless header", strings.Repeat("x", 70000), ""},
		{"not SIP", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, rec, addr := startLayer(t, TCP, Limits{})
			p := dial(t, TCP, addr)
			p.send(tt.data)
			if got := p.wantClosed(); !strings.HasPrefix(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("answer %q, want %q", got, tt.want)
			}
			testwait.Recv(t, patience, "FlowClosed", rec.closed)
			testwait.Until(t, patience, "connection counted out", func() bool { return l.Stats().Conns == 0 })
		})
	}
}

func TestPingIsAnswered(t *testing.T) {
	_, _, addr := startLayer(t, TCP, Limits{})
	p := dial(t, TCP, addr)
	p.send("\r\n\r\n")
	buf := make([]byte, 2)
	if _, err := p.r.Read(buf); err != nil || string(buf) != "\r\n" {
		t.Errorf("pong %q, %v", buf, err)
	}
}

func TestSlowPeersAreDropped(t *testing.T) {
	limits := Limits{MessageTime: 60 * time.Millisecond, FirstMessageTime: 150 * time.Millisecond, IdleTime: 200 * time.Millisecond, HandshakeTime: 100 * time.Millisecond}
	tests := []struct {
		name   string
		tr     Transport
		before string
		drip   string
	}{
		{"silent from the start", TCP, "", ""},
		{"pings only", TCP, "", "\r\n"},
		{"octet by octet", TCP, "OPTIONS sip:a SIP/2.0\r\n", "x"},
		{"idle after a message", TCP, request("OPTIONS"), ""},
		{"slow second message", TCP, request("OPTIONS") + "OPT", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, rec, addr := startLayer(t, tt.tr, limits)
			p := dial(t, tt.tr, addr)
			p.send(tt.before)
			stop := make(chan struct{})
			go func() {
				for tt.drip != "" {
					select {
					case <-stop:
						return
					case <-time.After(20 * time.Millisecond):
						if _, err := p.Write([]byte(tt.drip)); err != nil {
							return
						}
					}
				}
			}()
			defer close(stop)
			testwait.Recv(t, patience, "the end", rec.closed)
			if l.Stats().Slow != 1 {
				t.Errorf("stats %+v", l.Stats())
			}
		})
	}
	t.Run("no handshake", func(t *testing.T) {
		l, _, addr := startLayer(t, TLS, limits)
		p := dial(t, TCP, addr)
		p.wantClosed()
		testwait.Until(t, patience, "counted", func() bool { return l.Stats().Slow == 1 && l.Stats().Conns == 0 })
	})
}

func TestTooManyConnections(t *testing.T) {
	l, _, addr := startLayer(t, TCP, Limits{MaxConnsPerHost: 2})
	first, second := dial(t, TCP, addr), dial(t, TCP, addr)
	testwait.Until(t, patience, "two connections", func() bool { return l.Stats().Conns == 2 })
	dial(t, TCP, addr).wantClosed()
	for _, p := range []*peer{first, second} {
		p.send(request("OPTIONS"))
		p.head()
	}
	first.Close()
	testwait.Until(t, patience, "one connection", func() bool { return l.Stats().Conns == 1 })
	again := dial(t, TCP, addr)
	again.send(request("OPTIONS"))
	again.head()
}

func TestPeerThatDoesNotReadLosesItsConnection(t *testing.T) {
	l, rec, addr := startLayer(t, TCP, Limits{MaxQueued: 8, WriteTime: 200 * time.Millisecond})
	p := dial(t, TCP, addr)
	big := request("OPTIONS", "Subject: x")
	go func() {
		for {
			if _, err := p.Write([]byte(strings.Repeat(big, 50))); err != nil {
				return
			}
		}
	}()
	go func() {
		for range rec.got { //nolint:revive // keeps the recorder from filling up
		}
	}()
	err := testwait.Recv(t, patience, "the end", rec.closed)
	if !errors.Is(err, ErrPeerStalled) || l.Stats().Stalled == 0 {
		t.Errorf("closed with %v, stats %+v", err, l.Stats())
	}
	testwait.Until(t, patience, "gone", func() bool { return l.Stats().Conns == 0 })
	l.Close()
	close(rec.got)
}

func TestPortInUseIsTold(t *testing.T) {
	for _, tr := range []Transport{UDP, TCP} {
		t.Run(string(tr), func(t *testing.T) {
			first, _, addr := startLayer(t, tr, Limits{})
			second := NewLayer(Config{Receiver: newRecorder()})
			defer second.Close()
			_, err := second.Listen(tr, addr, nil)
			if !IsPortInUse(err) || !errors.Is(err, syscall.EADDRINUSE) {
				t.Fatalf("Listen: %v", err)
			}
			if _, err := first.Listen(tr, addr, nil); !errors.Is(err, ErrListening) {
				t.Errorf("second Listen of one layer: %v", err)
			}
			first.StopListening(tr)
			testwait.Until(t, patience, "the port is free", func() bool {
				_, err := second.Listen(tr, addr, nil)
				return err == nil
			})
		})
	}
}

func TestOutgoingTCPIsUsedAgain(t *testing.T) {
	testwait.NoLeaks(t)
	_, _, addr := startLayer(t, TCP, Limits{})
	rec := newRecorder()
	l := NewLayer(Config{Receiver: rec})
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	f1, err := l.Flow(ctx, TCP, addr)
	if err != nil {
		t.Fatal(err)
	}
	f2, err := l.Flow(ctx, TCP, addr)
	if err != nil || f1 != f2 {
		t.Fatalf("second flow %v, %v", f2, err)
	}
	msg, err := Parse([]byte(request("OPTIONS")), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f1.Send(msg); err != nil {
		t.Fatal(err)
	}
	r := testwait.Recv(t, patience, "the answer", rec.got)
	if res, ok := r.msg.(*sip.Response); !ok || res.StatusCode != 200 {
		t.Errorf("got %v", r.msg)
	}
	if _, err := l.Flow(ctx, UDP, addr); !errors.Is(err, ErrNotListening) {
		t.Errorf("UDP flow without a port: %v", err)
	}
	if _, err := l.Flow(ctx, TLS, addr); !errors.Is(err, ErrTransport) {
		t.Errorf("TLS flow: %v", err)
	}
	f1.(*Conn).Close()
	testwait.Until(t, patience, "forgotten", func() bool {
		f3, err := l.Flow(ctx, TCP, addr)
		return err == nil && f3 != f1
	})
}

func TestRestartOnTheSamePort(t *testing.T) {
	testwait.NoLeaks(t)
	l, _, addr := startLayer(t, TCP, Limits{})
	l.Close()
	for range 20 {
		l := NewLayer(Config{Receiver: newRecorder()})
		if _, err := l.Listen(TCP, addr, nil); err != nil {
			t.Fatal(err)
		}
		p := dial(t, TCP, addr)
		p.send(request("OPTIONS"))
		p.head()
		l.Close()
		if _, err := l.Listen(TCP, netip.AddrPort{}, nil); !errors.Is(err, ErrClosed) {
			t.Fatalf("Listen after Close: %v", err)
		}
	}
}

func TestShutdownWritesWhatIsQueued(t *testing.T) {
	_, rec, addr := startLayer(t, TCP, Limits{})
	nc, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	mine := newRecorder()
	c := NewConn(nc, TCP, ConnConfig{Receiver: mine})
	c.Start()
	msg, err := Parse([]byte(request("OPTIONS")), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if err := c.Send(msg); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	c.Shutdown(ctx)
	for range 50 {
		testwait.Recv(t, patience, "a message", rec.got)
	}
	if err := c.Send(msg); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after Shutdown: %v", err)
	}
	if err := c.Err(); !errors.Is(err, ErrClosed) {
		t.Errorf("Err: %v", err)
	}
}
