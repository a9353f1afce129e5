package syslog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// receiver is a syslog server that gives the datagrams it gets.
type receiver struct {
	*net.UDPConn
	addr string
}

func listen(t *testing.T, addr string) *receiver {
	t.Helper()
	udp, err := net.ResolveUDPAddr("udp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp4", udp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &receiver{conn, conn.LocalAddr().String()}
}

func (r *receiver) next(t *testing.T) string {
	t.Helper()
	buf := make([]byte, 4096)
	if err := r.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := r.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

func newSender(t *testing.T, queue int, host string) *Sender {
	t.Helper()
	s := NewSender(queue, nil)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.Close(ctx)
	})
	s.Configure(Config{Host: host, Formatter: Formatter{Unit: unit}})
	return s
}

func numbered(n int) Message {
	m := message
	m.Text = fmt.Sprint("number ", n)
	return m
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not in 10 s: ", what)
		}
	}
}

func TestSenderSendsInOrder(t *testing.T) {
	r := listen(t, "127.0.0.1:0")
	s := newSender(t, 0, r.addr)
	const count = 20
	for n := range count {
		if !s.Enqueue(numbered(n)) {
			t.Fatal("not taken")
		}
	}
	for n := range count {
		want := fmt.Sprintf("<134>Nov  3 09:05:07 gw1.example SipEp: 1400-SIP endpoint: 20-number %d", n)
		if got := r.next(t); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
	eventually(t, "all counted", func() bool { return s.Stats() == Stats{Sent: count} })
}

func TestSenderIsConfiguredLive(t *testing.T) {
	first, second := listen(t, "127.0.0.1:0"), listen(t, "127.0.0.1:0")
	s := newSender(t, 0, "")
	if s.Enqueue(message) {
		t.Error("taken without a server")
	}
	for _, r := range []*receiver{first, second, first} {
		s.Configure(Config{Host: r.addr, Formatter: Formatter{Protocol: RFC5424}})
		if !s.Enqueue(message) {
			t.Fatal("not taken")
		}
		if got := r.next(t); !strings.HasPrefix(got, "<134>1 ") {
			t.Errorf("received %q", got)
		}
	}
	if stats := s.Stats(); stats.Dropped != 0 {
		t.Errorf("stats %+v", stats)
	}
}

func TestSenderNeverBlocks(t *testing.T) {
	s := newSender(t, 3, "name.invalid:bad-port") // never resolved: messages wait
	taken := 0
	for n := range 100 {
		if s.Enqueue(numbered(n)) {
			taken++
		}
	}
	if taken != 3 && taken != 4 { // one may be in the sender's hand
		t.Errorf("%d taken, want the queue and one", taken)
	}
	if stats := s.Stats(); stats.Dropped != uint64(100-taken) {
		t.Errorf("stats %+v with %d taken", stats, taken)
	}
	r := listen(t, "127.0.0.1:0")
	s.Configure(Config{Host: r.addr})
	for range taken {
		r.next(t) // what waited is sent when the server can be reached
	}
}

// A server given by name is found by the resolver of the configuration.
func TestSenderResolver(t *testing.T) {
	asked := make(chan string, 10)
	refuse := errors.New("no DNS here")
	resolver := &net.Resolver{PreferGo: true, Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		select {
		case asked <- address:
		default:
		}
		return nil, refuse
	}}
	s := newSender(t, 3, "")
	s.Configure(Config{Host: "log.example", Resolver: resolver})
	s.Enqueue(message)
	select {
	case <-asked:
	case <-time.After(10 * time.Second):
		t.Fatal("the resolver was not asked")
	}
}

func TestSenderForgetsWhenServerIsRemoved(t *testing.T) {
	s := newSender(t, 3, "name.invalid:bad-port")
	s.Enqueue(message)
	s.Configure(Config{})
	eventually(t, "dropped", func() bool { return s.Stats().Dropped == 1 })
}

func TestSenderSurvivesServerRestart(t *testing.T) {
	r := listen(t, "127.0.0.1:0")
	s := newSender(t, 0, r.addr)
	s.Enqueue(message)
	r.next(t)
	r.Close()
	for n := range 5 { // each bounces off the closed port; the error comes with the next one
		sent := s.Stats().Sent
		s.Enqueue(numbered(n))
		eventually(t, "message gone", func() bool { st := s.Stats(); return st.Sent+st.Dropped > sent })
	}
	r = listen(t, r.addr)
	s.Enqueue(numbered(100))
	if got := r.next(t); !strings.HasSuffix(got, "number 100") {
		t.Errorf("received %q", got)
	}
}

func TestCloseFlushes(t *testing.T) {
	r := listen(t, "127.0.0.1:0")
	s := newSender(t, 200, r.addr)
	for n := range 200 {
		s.Enqueue(numbered(n))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if stats := s.Stats(); stats != (Stats{Sent: 200}) {
		t.Errorf("stats %+v", stats)
	}
	if s.Enqueue(message) {
		t.Error("taken after Close")
	}
	if err := s.Close(ctx); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestCloseIsBounded(t *testing.T) {
	s := newSender(t, 3, "name.invalid:bad-port")
	for n := range 3 {
		s.Enqueue(numbered(n))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := s.Close(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "3 syslog messages") {
		t.Errorf("error %v", err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("Close took %s", took)
	}
	if stats := s.Stats(); stats.Dropped != 3 {
		t.Errorf("stats %+v", stats)
	}
}

func TestDefaultPort(t *testing.T) {
	for host, want := range map[string]string{
		"log.example": "log.example:514", "log.example:1514": "log.example:1514", "log.example:": "log.example:514",
		"192.0.2.1": "192.0.2.1:514", "::1": "[::1]:514", "[::1]": "[::1]:514", "[::1]:99": "[::1]:99",
	} {
		if got := withPort(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}
