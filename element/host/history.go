package host

import (
	"net/netip"
	"slices"
	"time"
)

// history remembers since when interfaces and addresses are as they are. Only
// cached.read, one at a time, uses it, but for told.
type history struct {
	begun     bool
	links     map[int]linkPast
	addresses map[netip.Addr]addressPast
	last      time.Duration // an interface came or went
	renamed   time.Duration
	stack     []Layer
	stacked   time.Duration // stack became another

	told func(LinkChange) // of Run; called by note
}

type linkPast struct {
	name, alias    string
	state          State
	onTop          bool
	fault          bool // it was told
	since, created time.Duration
}

type addressPast struct {
	origin         Origin
	status         AddressStatus
	bits           int
	iface          int
	created, since time.Duration
}

// LinkChange is news of a link.
type LinkChange struct {
	// Interface is as it is now; one that is gone has the state NotPresent, and
	// one that was renamed is told of under both names.
	Interface Interface
	Notice    Notice
	// Fault tells whether it is a fault from now on that the link is down.
	Fault bool
}

// Notice is what managers are told of a change of a link.
type Notice uint8

// The notices: linkDown and linkUp have their rule in RFC 2863 §3.1.15. No
// notice is of a fault that is there at the start, or that is none any more
// though the link is not up: it was taken down, or is gone.
const (
	NoNotice Notice = iota
	LinkDown
	LinkUp
)

// note compares a snapshot with the one before, and completes it.
func (y *history) note(n *Network, now time.Duration) {
	if y.links == nil {
		y.links, y.addresses = map[int]linkPast{}, map[netip.Addr]addressPast{}
	}
	y.noteLinks(n, now)
	y.noteAddresses(n, now)
	if y.begun && !slices.Equal(y.stack, n.Stack) {
		y.stacked = now
	}
	y.stack = n.Stack
	n.LastChange, n.Renamed, n.StackChange = y.last, y.renamed, y.stacked
	y.begun = true
}

func (y *history) noteLinks(n *Network, now time.Duration) {
	seen := make(map[int]bool, len(n.Interfaces))
	for i := range n.Interfaces {
		link := &n.Interfaces[i]
		seen[link.Index] = true
		past, known := y.links[link.Index]
		if !known {
			past = linkPast{name: link.Name, alias: link.Alias, state: link.State}
			if y.begun {
				past.since, past.created = now, now
				y.last = now
			}
		}
		if past.state != link.State {
			past.since = now
		}
		if past.name != link.Name || past.alias != link.Alias {
			y.renamed = now
		}
		link.Since, link.Created = past.since, past.created
		past.fault = y.tell(link, past)
		past.name, past.alias, past.state, past.onTop = link.Name, link.Alias, link.State, link.OnTop
		y.links[link.Index] = past
	}
	for index, past := range y.links {
		if seen[index] {
			continue
		}
		delete(y.links, index)
		y.last = now
		y.tell(&Interface{Index: index, Name: past.name, State: NotPresent, OnTop: past.onTop, Since: now}, past)
	}
}

// tell tells what is new of a link, and whether it is a fault that was told.
func (y *history) tell(link *Interface, past linkPast) (fault bool) {
	if y.told == nil {
		return false
	}
	if past.fault && past.name != link.Name {
		before := *link
		before.Name = past.name
		y.told(LinkChange{Interface: before})
		past.fault = false
	}
	c := LinkChange{Interface: *link, Fault: link.Fault()}
	if link.Watched() {
		c.Notice = notice(link.State, past.state)
	}
	if c.Notice != NoNotice || c.Fault != past.fault {
		y.told(c)
	}
	return c.Fault
}

// notice is the rule of RFC 2863 §3.1.15: down from any state but notPresent,
// and from down to any state but notPresent. An interface that is taken away
// while it is up is told as well: its link is as dead.
func notice(state, before State) Notice {
	switch gone := state == NotPresent; {
	case gone && before != NotPresent && !before.down(), state.down() && !before.down() && before != NotPresent:
		return LinkDown
	case before.down() && !state.down() && !gone:
		return LinkUp
	}
	return NoNotice
}

// follow says who is told from now on, and tells him of the faults that are
// there.
func (y *history) follow(told func(LinkChange), n *Network) {
	y.told = told
	for i := range n.Interfaces {
		link := &n.Interfaces[i]
		past := y.links[link.Index]
		past.fault = false
		past.fault = y.tell(link, past)
		y.links[link.Index] = past
	}
}

func (y *history) noteAddresses(n *Network, now time.Duration) {
	seen := make(map[netip.Addr]bool, len(n.Addresses))
	for i := range n.Addresses {
		a := &n.Addresses[i]
		seen[a.Addr] = true
		past, known := y.addresses[a.Addr]
		changed := past.origin != a.Origin || past.status != a.Status || past.bits != a.Bits || past.iface != a.Interface
		switch {
		case !y.begun:
		case !known:
			past.created, past.since = now, now
		case changed:
			past.since = now
		}
		past.origin, past.status, past.bits, past.iface = a.Origin, a.Status, a.Bits, a.Interface
		y.addresses[a.Addr] = past
		a.Created, a.Changed = past.created, past.since
	}
	for addr := range y.addresses {
		if !seen[addr] {
			delete(y.addresses, addr)
		}
	}
}
