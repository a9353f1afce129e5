package siplink

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"golang.org/x/sys/unix"

	"mibgate/element/siptransport"
	"mibgate/testdata/testwait"
)

func TestCRLFPeerThatStopsAnsweringIsDead(t *testing.T) {
	for _, retry := range []int{0, 1, 3} {
		s := newServer(t, nil)
		k := KeepAlive{Method: CRLF, Interval: 100 * time.Millisecond, Retry: retry}
		f := newLink(t, s, func(c *Config) { c.KeepAlive = k })
		f.state(Up)
		c := s.conn()
		for range 3 {
			testwait.Recv(t, patience, "a ping", c.got)
		}
		if f.Status().State != Up {
			t.Fatalf("status %+v", f.Status())
		}
		close(c.mute)
		began := time.Now()
		e := f.state(Down)
		if d := time.Since(began); d > k.patience()+50*time.Millisecond {
			t.Errorf("retry %d: noticed after %v", retry, d)
		}
		if e.Detail != ErrDead.Error() || !e.Announce {
			t.Errorf("event %+v", e)
		}
	}
}

func TestCRLFPeerThatNeverAnsweredIsNotJudged(t *testing.T) {
	s := newServer(t, func(s *fakeServer) { s.pong = false })
	f := newLink(t, s, func(c *Config) { c.KeepAlive = KeepAlive{Method: CRLF, Interval: 20 * time.Millisecond} })
	f.state(Up)
	c := s.conn()
	for range 20 {
		testwait.Recv(t, patience, "a ping", c.got)
	}
	if f.Status().State != Up {
		t.Errorf("status %+v", f.Status())
	}
}

func TestOptionsAndPing(t *testing.T) {
	for method, name := range map[Method]sip.RequestMethod{SIPOptions: sip.OPTIONS, Ping: "PING"} {
		t.Run(string(name), func(t *testing.T) {
			testwait.NoLeaks(t)
			s := newServer(t, nil)
			var dead atomic.Bool
			asked := make(chan sip.RequestMethod, 100)
			f := newLink(t, s, func(c *Config) {
				c.KeepAlive = KeepAlive{Method: method, Interval: 50 * time.Millisecond, Retry: 1}
				c.Probe = func(ctx context.Context, _ siptransport.Flow, m sip.RequestMethod) error {
					asked <- m
					if dead.Load() {
						<-ctx.Done()
						return ctx.Err()
					}
					return nil
				}
			})
			f.state(Up)
			for range 5 {
				if m := testwait.Recv(t, patience, "a request", asked); m != name {
					t.Errorf("asked with %s", m)
				}
			}
			dead.Store(true)
			began := time.Now()
			f.state(Down)
			if d := time.Since(began); d > 200*time.Millisecond {
				t.Errorf("noticed after %v", d)
			}
			dead.Store(false)
			f.state(Up)
		})
	}
}

func TestTransactionTimeOutMeansDead(t *testing.T) {
	s := newServer(t, nil)
	f := newLink(t, s, func(c *Config) {
		c.KeepAlive = KeepAlive{Method: SIPOptions, Interval: time.Hour}
		c.Probe = func(context.Context, siptransport.Flow, sip.RequestMethod) error { return errors.New("timer F") }
	})
	f.state(Up)
	if e := f.state(Down); e.Detail != ErrDead.Error() {
		t.Errorf("event %+v", e)
	}
}

func TestSocketOptions(t *testing.T) {
	s := newServer(t, nil)
	f := newLink(t, s, func(c *Config) { c.KeepAlive = KeepAlive{Method: TCPKeepAlive, Interval: 7 * time.Second, Retry: 2} })
	f.state(Up)
	f.Close()
	nc, err := f.connectFrom(t.Context(), f.cfg.Ports.base, s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	want := map[[2]int]int{
		{unix.SOL_SOCKET, unix.SO_REUSEADDR}: 1, {unix.SOL_SOCKET, unix.SO_KEEPALIVE}: 1,
		{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE}: 7, {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}: 7, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT}: 2,
		{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT}: 21000,
	}
	for opt, v := range want {
		if got := sockopt(t, nc, opt[0], opt[1]); got != v {
			t.Errorf("option %v is %d, want %d", opt, got, v)
		}
	}
}

func sockopt(t *testing.T, nc *net.TCPConn, level, opt int) int {
	t.Helper()
	raw, err := nc.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var v int
	if cerr := raw.Control(func(fd uintptr) { v, err = unix.GetsockoptInt(int(fd), level, opt) }); cerr != nil || err != nil {
		t.Fatal(cerr, err)
	}
	return v
}

func TestPatience(t *testing.T) {
	k := KeepAlive{Method: CRLF, Retry: -1}.withDefaults()
	if k.Interval != defaultInterval || k.Retry != 0 || k.patience() != defaultInterval || k.period() != defaultInterval/2 {
		t.Errorf("%+v", k)
	}
}
