package notifier

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mibgate/agent/snmp"
	"mibgate/element"
	accounts "mibgate/element/aaa"
	"mibgate/element/store"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testnetns"
	"mibgate/testdata/testwait"
)

// An outage loses nothing, however it shows: the link is down, there is no
// route, or nobody answers for the address of the destination. What waits goes
// out in order when the destination is back.
func TestOutage(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	for i, c := range []struct {
		name, here, there string
		route             bool // to there, over the link
		up                bool // the link
		want              string
	}{
		{"link down", "192.0.2.1/24", "192.0.2.2", true, false, "network is unreachable"},
		{"no route", "192.0.2.1/24", "198.51.100.2", false, true, "network is unreachable"},
		{"nobody there", "192.0.2.1/24", "192.0.2.2", true, true, "no route to host"},
		{"nobody there, IPv6", "2001:db8::1/64", "2001:db8::2", true, true, "no route to host"},
	} {
		for _, inform := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, inform %t", c.name, inform), func(t *testing.T) {
				link := fmt.Sprint("v", 2*i)
				testnetns.Cable(t, link, fmt.Sprint("v", 2*i+1))
				defer testnetns.IP(t, "link", "del", link)
				testnetns.IP(t, "addr", "add", c.here, "dev", link, "nodad")
				if !c.up {
					testnetns.IP(t, "link", "set", link, "down")
				}
				at := netip.AddrPortFrom(netip.MustParseAddr(c.there), 1162)
				cfg := config(t, at.String())
				cfg.Inform = inform
				cfg.Retries = 0
				cfg.Timeout = patience // ends with the host's word
				o := quick()
				if c.up && c.route {
					o.sure = defaults().sure
				}
				s := newSender(t, o, nil, cfg)
				const many = 3
				for i := range uint32(many) {
					s.emitUp(i)
				}
				s.await(1, "the outage is told of", func(d snmp.TargetStatus) bool {
					return d.LastError == at.String()+": "+c.want && d.Queued == many
				})
				d, _ := s.target(1)
				if d.Dropped != 0 || d.Acked != 0 {
					t.Errorf("status %+v", d)
				}
				testnetns.IP(t, "addr", "add", c.there, "dev", "lo", "nodad")
				defer testnetns.IP(t, "addr", "del", c.there, "dev", "lo")
				r := newReceiver(t, at.String())
				for i := range uint32(many) {
					r.take(t, i)
				}
				acked := uint32(0)
				if inform {
					acked = many
				}
				s.await(1, "all is well", func(d snmp.TargetStatus) bool {
					return d.Sent == many && d.Dropped == 0 && d.Acked == acked && d.Queued == 0 && d.LastError == ""
				})
			})
		}
	}
}

// TestBurst: what comes at once goes at once to who can be reached, and none of it
// is lost for want of room.
func TestBurst(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	o := quick()
	o.pace = time.Second // and there is no time for many of these
	s := newSender(t, o, nil, config(t, r.addr()))
	for half := range uint32(2) {
		for i := range uint32(queueDepth) {
			s.emitUp(half*queueDepth + i)
		}
		s.await(1, "they have left", func(d snmp.TargetStatus) bool { return d.Sent == (half+1)*queueDepth && d.Queued == 0 })
	}
	if d, _ := s.target(1); d.Dropped != 0 {
		t.Errorf("%+v", d)
	}
}

// A long outage keeps the newest, in order, and counts the others.
func TestOutageFillsTheQueue(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	names := make(chan hosts, 1)
	names <- hosts{}
	o := quick()
	o.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		h := <-names
		defer func() { names <- h }()
		return h.resolve(ctx, host)
	}
	s := newSender(t, o, nil, config(t, fmt.Sprintf("nms.example.test:%d", netip.MustParseAddrPort(r.addr()).Port())))
	const more = 10
	for i := range uint32(queueDepth + more) {
		s.emitUp(i)
	}
	settle(t, s.n)
	s.await(1, "what finds no room is counted", func(d snmp.TargetStatus) bool {
		return d.Sent == 0 && d.Dropped == more && d.Queued == queueDepth
	})
	<-names
	names <- hosts{"nms.example.test": {"127.0.0.1"}}
	for i := range uint32(queueDepth) {
		if got, want := gatewayOf(t, r.must()), fmt.Sprint("gateway ", more+i); got != want {
			t.Fatalf("%s instead of %s", got, want)
		}
	}
	s.awaitCounts(1, queueDepth, more, 0)
}

// TestPausesDouble: a destination is tried ever more seldom, and for ever.
func TestPausesDouble(t *testing.T) {
	w := &worker{o: &options{pause: time.Second, maxPause: 30 * time.Second}}
	s := newSettings(snmp.Target{}, &tally{})
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		w.rests.until = time.Time{}
		w.failed(s, errNoAnswer)
		w.failed(s, errNoAnswer) // of the same attempt
		if left := time.Until(w.rests.until).Round(time.Second); left != want*time.Second || w.rests.failures != i+1 {
			t.Errorf("pause %d is %v, want %v s", i+1, left, int(want))
		}
	}
}

// TestStopDoesNotMakeDeaf: while the last notifications go out the agent still
// answers, and a silent DNS server does not make that long.
func TestStopDoesNotMakeDeaf(t *testing.T) {
	asked := make(chan struct{}, 100)
	o := defaults()
	o.resolve = func(ctx context.Context, _ string) ([]netip.Addr, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	u := &unit{Element: testelement.Open(t, t.TempDir(), element.Options{})}
	var err error
	u.svc, err = snmp.New(u.Element.Element, snmp.Options{
		Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")},
		Notifier: func(env snmp.NotifierEnv) snmp.Notifier {
			u.n = newNotifier(env, o)
			return u.n
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	u.Store.Factory(func(c *store.Candidate) { accounts.Factory(c, password) })
	u.Start(accounts.New(), u.svc)
	u.MustSet(`Snmp.Community="public"`, `Snmp.EnableSnmpV2="Enable"`, `Snmp.TrapVersion="V2c"`, `Snmp.TrapDest="nms.example.test"`)
	u.emit(linkUp(1))
	testwait.Recv(t, patience, "the look-up", asked)
	addr := u.svc.Addrs()[0].String()
	stopped, begin := make(chan struct{}), time.Now()
	go func() {
		defer close(stopped)
		u.Stop(snmpmib.Module)
	}()
	testwait.Until(t, patience, "the notifier is ending", func() bool {
		u.n.mu.Lock()
		defer u.n.mu.Unlock()
		return u.n.run == nil
	})
	if !answers(t, addr) {
		t.Error("no answer while the last notifications go out")
	}
	testwait.Recv(t, patience, "the end of the service", stopped)
	if d := time.Since(begin); d > resolveTimeout/2 {
		t.Errorf("it took %v to stop", d)
	}
}

// answers asks for sysUpTime.0.
func answers(t *testing.T, addr string) bool {
	t.Helper()
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(stopGrace)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("0\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x05\x00")); err != nil {
		t.Fatal(err)
	}
	n, err := conn.Read(make([]byte, 1500))
	return err == nil && n > 0
}

// TestLastErrorDuringProbe: a trap may come back yet when the others still wait.
func TestLastErrorDuringProbe(t *testing.T) {
	for name, sure := range map[string]time.Duration{"not sure yet": time.Hour, "sure": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, "127.0.0.1:0")
			_, port, _ := net.SplitHostPort(r.addr())
			o := quick()
			o.sure = sure
			var there atomic.Bool
			o.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
				if there.Load() {
					return hosts{host: {"127.0.0.1"}}.resolve(ctx, host)
				}
				return hosts{}.resolve(ctx, host)
			}
			s := newSender(t, o, nil, config(t, net.JoinHostPort("nms.test", port)))
			last := uint32(2)
			if sure < time.Second {
				last = 1 // and nothing goes out after it
			}
			for i := range last {
				s.emitUp(1 + i)
			}
			s.await(1, "they wait", func(d snmp.TargetStatus) bool { return d.Queued == last && d.LastError != "" })
			there.Store(true)
			r.take(t, 1)
			if last == 1 {
				s.await(1, "all is well", func(d snmp.TargetStatus) bool { return d.Queued == 0 && d.LastError == "" })
				return
			}
			s.await(1, "the second waits", func(d snmp.TargetStatus) bool { return d.Sent == 1 && d.Queued == 1 })
			if d, _ := s.target(1); !strings.Contains(d.LastError, "no such host") {
				t.Errorf("%+v", d)
			}
		})
	}
}

// TestRefusedProbe: the host is there again, what receives on it is not.
func TestRefusedProbe(t *testing.T) {
	y := &tally{}
	s := newSettings(snmp.Target{}, y)
	w := &worker{o: &options{}, target: newTarget(s)}
	w.socket = socket{target: w.target, words: newWords()}
	w.rests = rests{failures: 1, probing: true, until: time.Now().Add(time.Hour), by: s}
	w.departures.add(&item{}, s, []byte("trap"), time.Hour)
	w.socket.words.list = []word{{err: syscall.ECONNREFUSED, of: []byte("trap")}}
	w.hear()
	if d := y.status("", 0); d.Dropped != 1 || !strings.Contains(d.LastError, "refused") || w.rests.failures != 0 {
		t.Errorf("%+v, %+v", d, w.rests)
	}
}

// TestTooLongForALink says nothing of what went out after it.
func TestTooLongForALink(t *testing.T) {
	for err, want := range map[error]int{syscall.EMSGSIZE: 1, syscall.EHOSTUNREACH: 2} {
		y := &tally{}
		s := newSettings(snmp.Target{}, y)
		s.View = everything
		w := &worker{o: &options{pause: time.Hour, maxPause: time.Hour}, target: newTarget(s)}
		w.socket = socket{target: w.target, words: newWords()}
		for i, out := range []string{"one", "two", "three"} {
			w.departures.add(&item{n: &notification{oid: mib.MustOID("1.3.6.1")}, place: uint64(i)}, s, []byte(out), time.Hour)
		}
		w.noWay(word{err: err, of: []byte("two")})
		if len(w.target.queue) != want || len(w.departures) != 3-want || w.rests.failures != 1 {
			t.Errorf("%v: %d wait, %d left, %+v", err, len(w.target.queue), len(w.departures), w.rests)
		}
	}
}
