package snmp

import (
	"net/netip"
	"testing"
	"time"
)

// fakeTime is a clock that a test turns.
type fakeTime struct{ now time.Time }

func newFakeTime() *fakeTime { return &fakeTime{now: time.Now()} }

func (f *fakeTime) read() time.Time         { return f.now }
func (f *fakeTime) advance(d time.Duration) { f.now = f.now.Add(d) }

func TestSource(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7":              "192.0.2.7",
		"127.0.0.1":              "127.0.0.1",
		"::ffff:192.0.2.7":       "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":   "2001:db8:1:2::",
		"2001:db8:1:2:ffff::1":   "2001:db8:1:2::",
		"2001:db8:1:3::1":        "2001:db8:1:3::",
		"fe80::1%eth0":           "fe80::",
		"::1":                    "::",
		"::ffff:255.255.255.255": "255.255.255.255",
	} {
		if got := source(netip.MustParseAddr(in)); got.String() != want {
			t.Errorf("%s is of source %s, not %s", in, got, want)
		}
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
	p := newPeers()
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
	p.remove(at("192.0.2.1", 40001))
	if !p.has(manager) {
		t.Error("another port takes it out")
	}
	p.remove(manager)
	if p.has(manager) {
		t.Error("it was removed")
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
