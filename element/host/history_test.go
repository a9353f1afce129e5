package host

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// scene is a host whose links the test makes.
type scene struct {
	*Host
	now   time.Duration
	links []Interface
	addrs []Address
	err   error
	told  []LinkChange
}

func newScene() *scene {
	s := &scene{}
	s.Host = New(Options{Root: "/does-not-exist", UpTime: func() time.Duration { return s.now }})
	s.Host.links = func() ([]Interface, []Address, error) { return slices.Clone(s.links), slices.Clone(s.addrs), s.err }
	s.tellTo(func(c LinkChange) { s.told = append(s.told, c) })
	return s
}

// at is the host a while later.
func (s *scene) at(now time.Duration, links ...Interface) *Network {
	s.now, s.links, s.told = now, links, nil
	return s.network.fresh()
}

func link(index int, state State) Interface { return Interface{Index: index, Name: "e", State: state} }

// TestLinkChanges is RFC 2863 §3.1.15.
func TestLinkChanges(t *testing.T) {
	tests := []struct {
		from, to State
		told, up bool
	}{
		{Up, Up, false, false},
		{Up, Down, true, false},
		{Up, LowerLayerDown, true, false},
		{Down, LowerLayerDown, false, false},
		{LowerLayerDown, Up, true, true},
		{Down, Up, true, true},
		{Down, Dormant, true, true},
		{Dormant, Up, false, false},
		{Dormant, Down, true, false},
		{NotPresent, Down, false, false},
		{NotPresent, Up, false, false},
		{Down, NotPresent, false, false},
		{Up, NotPresent, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.from.String()+" to "+tt.to.String(), func(t *testing.T) {
			s := newScene()
			s.at(0, link(1, tt.from))
			n := s.at(time.Second, link(1, tt.to))
			if (len(s.told) == 1) != tt.told || tt.told && s.told[0].Up != tt.up {
				t.Errorf("told %+v", s.told)
			}
			want := time.Duration(0)
			if tt.from != tt.to {
				want = time.Second
			}
			if i := n.Interfaces[0]; i.Since != want || i.Created != 0 || n.LastChange != 0 {
				t.Errorf("%+v, table %v", i, n.LastChange)
			}
		})
	}
}

func TestInterfacesComeAndGo(t *testing.T) {
	s := newScene()
	s.at(0, link(2, Up), link(1, Up))
	n := s.at(time.Second, link(3, Up), link(2, Up), link(1, Up))
	if len(s.told) != 0 || n.LastChange != time.Second || n.Interfaces[2].Created != time.Second || n.Interfaces[0].Created != 0 {
		t.Errorf("told %+v, %+v", s.told, n)
	}
	n = s.at(2*time.Second, link(1, Up), link(3, Down))
	if len(s.told) != 2 || n.LastChange != 2*time.Second {
		t.Errorf("told %+v, %+v", s.told, n)
	}
	n = s.at(3*time.Second, link(1, Up))
	if len(s.told) != 0 || n.LastChange != 3*time.Second {
		t.Errorf("an interface that was down is gone: told %+v, %+v", s.told, n)
	}
	n = s.at(4*time.Second, link(1, Up), link(3, Down))
	if i := n.Interfaces[1]; i.Created != 4*time.Second || i.Since != 4*time.Second {
		t.Errorf("an interface that is back: %+v", i)
	}
}

func TestAddressesComeAndGo(t *testing.T) {
	s := newScene()
	a := Address{Addr: netip.MustParseAddr("192.0.2.1"), Interface: 1, Status: Tentative}
	b := Address{Addr: netip.MustParseAddr("192.0.2.2"), Interface: 1, Status: Preferred}
	s.addrs = []Address{a}
	s.at(0)
	a.Status = Preferred
	s.addrs = []Address{b, a, b}
	n := s.at(time.Second)
	if len(n.Addresses) != 2 || n.Addresses[0].Created != 0 || n.Addresses[0].Changed != time.Second || n.Addresses[1].Created != time.Second {
		t.Errorf("%+v", n.Addresses)
	}
	s.addrs = nil
	s.at(2 * time.Second)
	s.addrs = []Address{a}
	if n = s.at(3 * time.Second); n.Addresses[0].Created != 3*time.Second {
		t.Errorf("an address that is back: %+v", n.Addresses)
	}
}

// TestKernelThatDoesNotAnswer: what was known stays, and nobody is told.
func TestKernelThatDoesNotAnswer(t *testing.T) {
	s := newScene()
	s.at(0, link(1, Up))
	s.err = errors.New("no buffer space")
	if n := s.at(time.Second); len(n.Interfaces) != 1 || len(s.told) != 0 {
		t.Errorf("%+v, told %+v", n, s.told)
	}
	s = newScene()
	s.err = errors.New("no buffer space")
	if n := s.at(0); len(n.Interfaces) != 0 {
		t.Errorf("%+v", n)
	}
}

// TestAnswersAreKept: within MaxAge the host is read once.
func TestAnswersAreKept(t *testing.T) {
	reads := 0
	c := cached[int]{read: func() int { reads++; return reads }}
	for i, got := range []int{c.get(time.Hour), c.get(time.Hour), c.fresh(), c.get(time.Hour), c.get(time.Nanosecond)} {
		if want := []int{1, 1, 2, 2, 3}[i]; got != want {
			t.Errorf("answer %d is of read %d, want %d", i, got, want)
		}
	}
	c.mu.Lock() // somebody reads
	defer c.mu.Unlock()
	if got := c.get(time.Nanosecond); got != 3 {
		t.Errorf("%d while somebody reads", got)
	}
}
