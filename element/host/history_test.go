package host

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
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
		want     Notice
	}{
		{Up, Up, NoNotice},
		{Up, Down, LinkDown},
		{Up, LowerLayerDown, LinkDown},
		{Down, LowerLayerDown, NoNotice},
		{LowerLayerDown, Up, LinkUp},
		{Down, Up, LinkUp},
		{Down, Dormant, LinkUp},
		{Dormant, Up, NoNotice},
		{Dormant, Down, LinkDown},
		{NotPresent, Down, NoNotice},
		{NotPresent, Up, NoNotice},
		{Down, NotPresent, NoNotice},
		{Up, NotPresent, LinkDown},
	}
	for _, tt := range tests {
		t.Run(tt.from.String()+" to "+tt.to.String(), func(t *testing.T) {
			s := newScene()
			s.at(0, link(1, tt.from))
			n := s.at(time.Second, link(1, tt.to))
			if (len(s.told) == 1) != (tt.want != NoNotice) || len(s.told) == 1 && s.told[0].Notice != tt.want {
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

// TestFaults: a link that ought to be up and is not is a fault from when it is
// seen until it is up, is taken down or is gone, whatever it is called then.
func TestFaults(t *testing.T) {
	up := func(name string, state State, more ...func(*Interface)) Interface {
		i := Interface{Index: 1, Name: name, State: state, Flags: flagUp}
		for _, f := range more {
			f(&i)
		}
		return i
	}
	off := func(i *Interface) { i.Flags = 0 }
	tests := []struct {
		name   string
		before Interface
		after  []Interface
		want   string // what is told, each as name, notice, fault
	}{
		{"carrier lost", up("e", Up), []Interface{up("e", Down)}, "e 1 true"},
		{"carrier back", up("e", Down), []Interface{up("e", Up)}, "e 2 false"},
		{"taken down", up("e", LowerLayerDown), []Interface{up("e", Down, off)}, "e 0 false"},
		{"taken up without carrier", up("e", Down, off), []Interface{up("e", LowerLayerDown)}, "e 0 true"},
		{"gone", up("e", Down), nil, "e 0 false"},
		{"gone while up", up("e", Up), nil, "e 1 false"},
		{"renamed", up("e", Down), []Interface{up("f", Down)}, "e 0 false, f 0 true"},
		{"renamed and up", up("e", Down), []Interface{up("f", Up)}, "e 0 false, f 2 false"},
		{"renamed while up", up("e", Up), []Interface{up("f", Up)}, ""},
		{"device lost", up("e", Down), []Interface{up("e", NotPresent)}, ""},
		{"still down", up("e", Down), []Interface{up("e", LowerLayerDown)}, ""},
		{"put on top", up("e", Down), []Interface{up("e", Down, func(i *Interface) { i.Below = 2 }), {Index: 2, Name: "x"}}, "e 0 false"},
		{"lower lost its carrier", up("e", Up, func(i *Interface) { i.Below = 2 }), []Interface{up("e", LowerLayerDown, func(i *Interface) { i.Below = 2 })}, ""},
		{"loopback", up("lo", Up, func(i *Interface) { i.Flags |= flagLoopback }), []Interface{up("lo", Down, func(i *Interface) { i.Flags |= flagLoopback })}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene()
			before, after := []Interface{tt.before}, tt.after
			if tt.before.Below != 0 {
				before, after = append(before, Interface{Index: 2, Name: "x"}), append(after, Interface{Index: 2, Name: "x"})
			}
			s.at(0, before...)
			s.at(time.Second, after...)
			if got := s.heard(); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

// heard is what was told.
func (s *scene) heard() string {
	var out []string
	for _, c := range s.told {
		out = append(out, fmt.Sprint(c.Interface.Name, " ", c.Notice, " ", c.Fault))
	}
	return strings.Join(out, ", ")
}

// TestFaultsAtTheStart: who follows is told of the faults that are there, and of
// those that are there again when he follows again.
func TestFaultsAtTheStart(t *testing.T) {
	s := newScene()
	s.tellTo(nil)
	s.at(0, Interface{Index: 1, Name: "a", Flags: flagUp, State: LowerLayerDown}, Interface{Index: 2, Name: "b", State: Down}, Interface{Index: 3, Name: "c", Flags: flagUp, State: Up})
	for range 2 {
		s.told = nil
		s.tellTo(func(c LinkChange) { s.told = append(s.told, c) })
		if got := s.heard(); got != "a 0 true" {
			t.Errorf("told %q", got)
		}
	}
}

// TestStack: a VLAN on a bond of two, one of which is just gone.
func TestStack(t *testing.T) {
	s := newScene()
	n := s.at(0, link(1, Up), Interface{Index: 2, Name: "m", Above: 4}, Interface{Index: 4, Name: "bond"}, Interface{Index: 5, Name: "vlan", Below: 4}, Interface{Index: 6, Name: "lost", Below: 9})
	want := []Layer{{0, 1}, {0, 5}, {0, 6}, {1, 0}, {2, 0}, {4, 2}, {5, 4}, {6, 0}}
	if !slices.Equal(n.Stack, want) || n.StackChange != 0 {
		t.Errorf("%v at %v, want %v", n.Stack, n.StackChange, want)
	}
	for i, want := range []bool{false, false, true, true, false} {
		if n.Interfaces[i].OnTop != want {
			t.Errorf("%s is on top: %t", n.Interfaces[i].Name, !want)
		}
	}
	if n = s.at(time.Second, link(1, Down)); n.StackChange != time.Second {
		t.Errorf("the stack changed at %v", n.StackChange)
	}
	if n = s.at(2*time.Second, link(1, Up)); n.StackChange != time.Second || n.Renamed != 0 {
		t.Errorf("the stack changed at %v, a name at %v", n.StackChange, n.Renamed)
	}
	if n = s.at(3*time.Second, Interface{Index: 1, Name: "f"}); n.Renamed != 3*time.Second {
		t.Errorf("a name changed at %v", n.Renamed)
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
