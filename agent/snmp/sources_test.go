package snmp

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// fakeTime is a clock that a test turns.
type fakeTime struct{ now time.Time }

func newFakeTime() *fakeTime { return &fakeTime{now: time.Now()} }

func (f *fakeTime) read() time.Time         { return f.now }
func (f *fakeTime) advance(d time.Duration) { f.now = f.now.Add(d) }

func TestSourcesOf(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7":              "192.0.2.7",
		"127.0.0.1":              "127.0.0.1",
		"::ffff:192.0.2.7":       "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":   "2001:db8:1:2:3:4:5:6 2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1":   "2001:db8:1:2:ffff::1 2001:db8:1:2::/64",
		"2001:db8:1:3::1":        "2001:db8:1:3::1 2001:db8:1:3::/64",
		"fe80::1%eth0":           "fe80::1%eth0 fe80::%eth0/64",
		"::1":                    "::1 ::/64",
		"::ffff:255.255.255.255": "255.255.255.255",
	} {
		of, n := sourcesOf(netip.MustParseAddr(in))
		var got []string
		for _, s := range of[:n] {
			got = append(got, s.String())
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s is of %s, not %s", in, got, want)
		}
	}
}

// TestPrefixesWait: a host that guesses makes itself wait, and its prefix only
// when it takes address after address; on another link it is another host.
func TestPrefixesWait(t *testing.T) {
	const limit, window = 3, 10 * time.Second
	for _, tt := range []struct{ guesser, neighbour, other string }{
		{"2001:db8::%x", "2001:db8::ffff", "2001:db8:0:1::1"},
		{"fe80::%x%%1", "fe80::ffff%1", "fe80::1%2"},
	} {
		s := newSources(newFakeTime().read)
		at := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf(tt.guesser, i)) }
		neighbour, other := netip.MustParseAddr(tt.neighbour), netip.MustParseAddr(tt.other)
		for range limit {
			s.fail(at(1), limit, window)
		}
		if !s.waits(at(1)) || s.waits(neighbour) || s.waits(other) {
			t.Errorf("%s waits: %v, its neighbour %v, another %v", at(1), s.waits(at(1)), s.waits(neighbour), s.waits(other))
		}
		for i := range netLimit*limit - limit - 1 {
			s.fail(at(2+i), limit, window)
		}
		if s.waits(neighbour) {
			t.Error("the prefix waits too early")
		}
		if p := s.fail(at(1000), limit, window); p.pause != window || !p.who.net {
			t.Errorf("the last failure of the prefix: %+v", p)
		}
		if !s.waits(neighbour) || s.waits(other) {
			t.Errorf("of %s the neighbour waits: %v, another %v", tt.guesser, s.waits(neighbour), s.waits(other))
		}
	}
}

// TestTries: of a source that waits so many messages are looked at, and then one
// in a while.
func TestTries(t *testing.T) {
	clock := newFakeTime()
	s := newSources(clock.read)
	a := netip.MustParseAddr("2001:db8::1")
	s.fail(a, 1, time.Minute)
	tries := func() (n int) {
		for s.try(a) {
			n++
		}
		return n
	}
	if n := tries(); n != tryMost {
		t.Errorf("%d tries at first", n)
	}
	clock.advance(tryTime)
	if n := tries(); n != 1 {
		t.Errorf("%d tries after %v", n, tryTime)
	}
	clock.advance(30 * time.Second)
	if n := tries(); n != tryMost {
		t.Errorf("%d tries after a while", n)
	}
}

// TestNeighboursHaveTheirTries: of a prefix that waits one address takes its own
// tries, and all together those of the prefix.
func TestNeighboursHaveTheirTries(t *testing.T) {
	s := newSources(newFakeTime().read)
	at := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i)) }
	for i := range netLimit {
		s.fail(at(100+i), 1, time.Minute)
	}
	tries := func(a netip.Addr) (n int) {
		for s.try(a) {
			n++
		}
		return n
	}
	all := 0
	for i := range netLimit {
		n := tries(at(i))
		if n != tryMost {
			t.Errorf("%s has %d tries", at(i), n)
		}
		all += n
	}
	if n := tries(at(50)); n != 0 || all != netLimit*tryMost {
		t.Errorf("%d tries of the prefix, and %d of one more", all, n)
	}
}

// TestManySources: who has many addresses fails no faster than so many times a
// second.
func TestManySources(t *testing.T) {
	clock := newFakeTime()
	s := newSources(clock.read)
	failures := func() (n int) {
		for ; !s.flooded() && n < 10*floodMost; n++ {
			s.fail(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 10, time.Minute)
		}
		return n
	}
	if n := failures(); n != floodMost {
		t.Errorf("%d failures at once", n)
	}
	clock.advance(100 * time.Millisecond)
	if n := failures(); n != int(100*time.Millisecond/floodTime) {
		t.Errorf("%d failures in 100 ms", n)
	}
	clock.advance(floodMost * floodTime)
	if s.flooded() || s.spent.Load() != 0 {
		t.Error("the flood does not end")
	}
}

// TestWhoWaitsIsNotForgotten: sources that fail once do not drive out one that
// waits.
func TestWhoWaitsIsNotForgotten(t *testing.T) {
	clock := newFakeTime()
	s := newSources(clock.read)
	bad := netip.MustParseAddr("192.0.2.1")
	s.fail(bad, 1, time.Minute)
	for i := range 3 * maxSources {
		s.fail(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 10, time.Minute)
	}
	if !s.waits(bad) || len(s.known) != maxSources {
		t.Errorf("it waits: %v; %d are known", s.waits(bad), len(s.known))
	}
}

// TestPausesGrow: limit failures make a source wait, twice as long each time
// that it goes on, and as at first when it has been good.
func TestPausesGrow(t *testing.T) {
	const limit, window = 3, 10 * time.Second
	clock := newFakeTime()
	s := newSources(clock.read)
	bad, good := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	offend := func(n int) (p penalty) {
		for range n {
			p = s.fail(bad, limit, window)
		}
		return p
	}
	if p := offend(1); !p.tell || p.pause != 0 {
		t.Errorf("the first failure: %+v", p)
	}
	if p := offend(1); p.tell || p.pause != 0 || s.waits(bad) {
		t.Errorf("the second failure: %+v", p)
	}
	clock.advance(window)
	if p := offend(2); p.pause != 0 || s.waits(bad) {
		t.Error("failures of the window before count")
	}
	clock.advance(window)
	for i, want := range []time.Duration{window, 2 * window, 4 * window} {
		if p := offend(limit); p.pause != want {
			t.Fatalf("pause %d is %v", i, p.pause)
		}
		clock.advance(want - 1)
		if !s.waits(bad) || s.waits(good) {
			t.Errorf("in pause %d: %v, another %v", i, s.waits(bad), s.waits(good))
		}
		clock.advance(1)
		if s.waits(bad) || s.last.Load() != 0 {
			t.Errorf("pause %d does not end", i)
		}
	}
	for range 20 {
		clock.advance(offend(limit).pause)
	}
	if p := offend(limit); p.pause != longestPause {
		t.Errorf("the longest pause is %v", p.pause)
	}
	clock.advance(2*longestPause - 1)
	if p := offend(limit); p.pause != longestPause {
		t.Errorf("it starts anew too early: %v", p.pause)
	}
	clock.advance(2 * longestPause)
	if p := offend(limit); p.pause != window {
		t.Errorf("it does not start anew: %v", p.pause)
	}
	if p := s.fail(good, 0, window); p.pause != 0 || s.waits(good) {
		t.Error("0 does not switch it off")
	}
}

// TestSourcesAreBounded: who forges addresses fills no memory, and drives out
// what has been silent for longest.
func TestSourcesAreBounded(t *testing.T) {
	s := newSources(newFakeTime().read)
	first, second := netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("198.51.100.2")
	for _, a := range []netip.Addr{first, second} {
		s.fail(a, 1, time.Minute)
	}
	for i := range 10 * maxSources {
		s.fail(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 1, time.Minute)
		if !s.waits(first) { // its messages go on
			t.Fatalf("a source that is heard of is driven out by %d others", i)
		}
	}
	if len(s.known) != maxSources || s.order.Len() != maxSources {
		t.Errorf("%d sources are known, %d in order", len(s.known), s.order.Len())
	}
	if s.waits(second) {
		t.Error("a source that has long been silent is still there")
	}
}

func TestPeers(t *testing.T) {
	clock := newFakeTime()
	p := newPeers(clock.read)
	at := func(addr string, port int) netip.AddrPort {
		return netip.AddrPortFrom(netip.MustParseAddr(addr), uint16(port)) //nolint:gosec // small
	}
	manager := at("192.0.2.1", 40000)
	if p.has(manager) {
		t.Error("a stranger is known")
	}
	p.add(manager)
	if !p.has(manager) || p.has(at("192.0.2.1", 40001)) || p.has(at("192.0.2.2", 40000)) {
		t.Error("not exactly the one that was added is known")
	}
	const limit, pause = 4, time.Minute
	fail := func(a netip.AddrPort, n int) {
		for range n {
			p.fail(a, limit, pause)
		}
	}
	fail(at("192.0.2.1", 40001), limit)
	fail(manager, limit-1)
	if !p.has(manager) {
		t.Error("failures of another port, or too few, take it out")
	}
	clock.advance(pause / limit)
	if fail(manager, 1); !p.has(manager) {
		t.Error("an old failure is not forgotten")
	}
	if fail(manager, 1); p.has(manager) {
		t.Error("it has failed too often")
	}
	p.add(manager)
	if fail(manager, 1); p.has(manager) {
		t.Error("a success takes failures back")
	}
	clock.advance(pause)
	p.add(manager)
	if fail(manager, limit-1); !p.has(manager) {
		t.Error("failures are never forgotten")
	}
	for _, addrs := range [][2]string{{"192.0.2.1", "192.0.2.1"}, {"2001:db8::1", "2001:db8::2"}} {
		known := 0
		for port := range 1000 {
			p.add(at(addrs[port%2], port))
		}
		for port := range 1000 {
			if p.has(at(addrs[port%2], port)) {
				known++
			}
		}
		if known > peerPorts {
			t.Errorf("%d peers of the source of %s are known", known, addrs[0])
		}
	}
	if n := testing.AllocsPerRun(100, func() { p.add(manager) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
