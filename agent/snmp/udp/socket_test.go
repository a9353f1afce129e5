package udp

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func open(t testing.TB, addr string) *Socket {
	t.Helper()
	s, err := Listen(netip.MustParseAddrPort(addr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// batch makes a batch of n datagrams with buffers of size octets.
func batch(n, size int) *Batch {
	datagrams := make([]*Datagram, n)
	for i := range datagrams {
		datagrams[i] = &Datagram{Buffer: make([]byte, size)}
	}
	return NewBatch(datagrams)
}

func dial(t testing.TB, to netip.AddrPort) *net.UDPConn {
	t.Helper()
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func send(t testing.TB, c *net.UDPConn, b []byte) {
	t.Helper()
	if _, err := c.Write(b); err != nil {
		t.Fatal(err)
	}
}

// receive is Receive for what must succeed.
func receive(t testing.TB, s *Socket, b *Batch) int {
	t.Helper()
	n, err := s.Receive(b)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReceiveTakesWhatIsThere(t *testing.T) {
	s, b := open(t, "127.0.0.1:0"), batch(4, 100)
	c := dial(t, s.Addr())
	for i := range 6 {
		send(t, c, fmt.Appendf(nil, "datagram %d", i))
	}
	var got []string
	for _, want := range []int{4, 2} { // a full batch, then a partial one
		n := receive(t, s, b)
		if n != want {
			t.Fatalf("%d datagrams at once, want %d", n, want)
		}
		for _, d := range b.Datagrams[:n] {
			got = append(got, string(d.Buffer[:d.Size]))
			if d.From() != c.LocalAddr().(*net.UDPAddr).AddrPort() {
				t.Errorf("from %s, want %s", d.From(), c.LocalAddr())
			}
			d.Answer = append([]byte("answer to "), d.Buffer[:d.Size]...)
		}
		b.Datagrams[0].Answer = nil // this one is not answered
		s.Answer(b, n)
	}
	for i, g := range got {
		if g != fmt.Sprintf("datagram %d", i) {
			t.Errorf("datagram %d is %q", i, g)
		}
	}
	buf := make([]byte, 100)
	for _, i := range []int{1, 2, 3, 5} {
		n, err := c.Read(buf)
		if want := fmt.Sprintf("answer to datagram %d", i); err != nil || string(buf[:n]) != want {
			t.Errorf("%q (%v), want %q", buf[:n], err, want)
		}
	}
}

func TestSizes(t *testing.T) {
	s, b := open(t, "127.0.0.1:0"), batch(3, MaxDatagram+1)
	short := batch(1, 8)
	c := dial(t, s.Addr())
	large := bytes.Repeat([]byte{0x5a}, MaxDatagram)
	buf := make([]byte, MaxDatagram+1)
	for _, tt := range []struct {
		name    string
		content []byte
		batch   *Batch
		want    int
	}{
		{"empty", nil, b, 0},
		{"the largest", large, b, MaxDatagram},
		{"as long as the buffer", large[:8], short, 8},
		{"cut", large[:9], short, 9},
		{"cut short", large[:5000], short, 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			send(t, c, tt.content)
			if n := receive(t, s, tt.batch); n != 1 {
				t.Fatalf("%d datagrams", n)
			}
			d := tt.batch.Datagrams[0]
			if d.Size != tt.want {
				t.Errorf("size %d, want %d", d.Size, tt.want)
			}
			if d.Size > len(d.Buffer) {
				return
			}
			d.Answer = d.Buffer[:d.Size]
			s.AnswerOne(d)
			n, err := c.Read(buf)
			if err != nil || !bytes.Equal(buf[:n], tt.content) {
				t.Errorf("%d octets came back (%v), want %d", n, err, len(tt.content))
			}
		})
	}
}

// An answer that cannot be sent does not keep the others.
func TestAnswersThatCannotBeSent(t *testing.T) {
	s, b := open(t, "127.0.0.1:0"), batch(3, 100)
	c := dial(t, s.Addr())
	for range 3 {
		send(t, c, []byte("x"))
	}
	n := receive(t, s, b)
	if n != 3 {
		t.Fatalf("%d datagrams", n)
	}
	for i, d := range b.Datagrams {
		d.Answer = []byte{byte(i)}
	}
	b.Datagrams[1].Answer = make([]byte, MaxDatagram+100)
	s.Answer(b, n)
	buf := make([]byte, 100)
	for _, want := range []byte{0, 2} {
		if n, err := c.Read(buf); err != nil || n != 1 || buf[0] != want {
			t.Errorf("%v (%v), want %d", buf[:n], err, want)
		}
	}
}

func TestAnswersFromTheAddressAsked(t *testing.T) {
	for _, tt := range []struct{ all, asked string }{
		{"0.0.0.0:0", "127.0.0.1"}, {"0.0.0.0:0", "127.9.8.7"}, {"[::]:0", "::1"}, {"127.0.0.2:0", "127.0.0.2"}, {"[::1]:0", "::1"},
	} {
		t.Run(tt.all+" at "+tt.asked, func(t *testing.T) {
			s, b := open(t, tt.all), batch(2, 100)
			// A connected socket takes answers of the address that it asked.
			c := dial(t, netip.AddrPortFrom(netip.MustParseAddr(tt.asked), s.Addr().Port()))
			buf := make([]byte, 100)
			for range 3 {
				send(t, c, []byte("who"))
				n := receive(t, s, b)
				b.Datagrams[0].Answer = []byte("I")
				s.Answer(b, n)
				if n, err := c.Read(buf); err != nil || string(buf[:n]) != "I" {
					t.Fatalf("%q (%v)", buf[:n], err)
				}
			}
		})
	}
}

func TestStopWakesEveryReader(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0"} {
		t.Run(addr, func(t *testing.T) {
			s := open(t, addr)
			ended := make(chan error, 3)
			for range cap(ended) {
				go func() {
					b := batch(2, 100)
					for {
						n, err := s.Receive(b)
						if err != nil || n == 0 || b.Datagrams[0].Size == 0 {
							ended <- err
							return
						}
					}
				}()
			}
			send(t, dial(t, netip.AddrPortFrom(loopback(s), s.Addr().Port())), []byte("x")) // they run
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			for range cap(ended) {
				select {
				case err := <-ended:
					if err != nil {
						t.Error(err)
					}
				case <-time.After(10 * time.Second):
					t.Fatal("a reader still waits")
				}
			}
		})
	}
}

func loopback(s *Socket) netip.Addr {
	if s.Addr().Addr().Is6() {
		return netip.IPv6Loopback()
	}
	return netip.MustParseAddr("127.0.0.1")
}

func TestCloseWhileReadersWait(t *testing.T) {
	s := open(t, "127.0.0.1:0")
	addr := s.Addr()
	ended := make(chan error, 2)
	for range cap(ended) {
		go func() {
			b := batch(2, 100)
			for {
				if _, err := s.Receive(b); err != nil {
					ended <- err
					return
				}
			}
		}()
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range cap(ended) {
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("a reader ended with %v", err)
		}
	}
	// Whoever is late does not reach a descriptor that is another's by now.
	again := open(t, addr.String())
	d := &Datagram{Answer: []byte("late")}
	s.AnswerOne(d)
	b := batch(1, 10)
	b.Datagrams[0].Answer = d.Answer
	s.Answer(b, 1)
	if err := s.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a second Close: %v", err)
	}
	if err := s.Stop(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Stop of a closed one: %v", err)
	}
	if s.Addr().IsValid() || again.Addr() != addr {
		t.Errorf("closed: %s; opened again: %s, want %s", s.Addr(), again.Addr(), addr)
	}
}

func TestListenErrors(t *testing.T) {
	taken := open(t, "127.0.0.1:0")
	for addr, want := range map[string]error{
		taken.Addr().String():        unix.EADDRINUSE,
		"192.0.2.1:0":                unix.EADDRNOTAVAIL,
		"[fe80::1%nosuchdevice]:161": nil,
	} {
		_, err := Listen(netip.MustParseAddrPort(addr))
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", addr, err, want)
		}
	}
}

func TestReceivingMakesNoGarbage(t *testing.T) {
	s, b := open(t, "0.0.0.0:0"), batch(4, 2000)
	c := dial(t, netip.AddrPortFrom(loopback(s), s.Addr().Port()))
	request, answer := []byte("request"), []byte("answer")
	n := testing.AllocsPerRun(100, func() {
		send(t, c, request)
		got := receive(t, s, b)
		_ = b.Datagrams[0].From()
		b.Datagrams[0].Answer = answer
		s.Answer(b, got)
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzAnswerFrom(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1})
	f.Add([]byte{36, 0, 0, 0, 0, 0, 0, 0, 41, 0, 0, 0, 50, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, oob []byte) {
		if got := answerFrom(nil, oob); len(got) > len(oob)+cmsgLevel || len(got)%cmsgLevel != 0 {
			t.Errorf("%d octets of %d", len(got), len(oob))
		}
	})
}
