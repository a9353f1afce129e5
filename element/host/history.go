package host

import (
	"net/netip"
	"time"
)

// history remembers since when interfaces and addresses are as they are. Only
// cached.read, one at a time, uses it, but for told.
type history struct {
	begun     bool
	links     map[int]linkPast
	addresses map[netip.Addr]addressPast
	last      time.Duration // an interface came or went

	told func(LinkChange) // of Run; called by note
}

type linkPast struct {
	name           string
	state          State
	since, created time.Duration
}

type addressPast struct {
	origin         Origin
	status         AddressStatus
	bits           int
	iface          int
	created, since time.Duration
}

// LinkChange is a link that went down or came up (RFC 2863 §3.1.15), with the
// interface as it is now; one that is gone has the state NotPresent.
type LinkChange struct {
	Interface Interface
	Up        bool
}

// note compares a snapshot with the one before, and completes it.
func (y *history) note(n *Network, now time.Duration) {
	if y.links == nil {
		y.links, y.addresses = map[int]linkPast{}, map[netip.Addr]addressPast{}
	}
	y.noteLinks(n, now)
	y.noteAddresses(n, now)
	n.LastChange = y.last
	y.begun = true
}

func (y *history) noteLinks(n *Network, now time.Duration) {
	seen := make(map[int]bool, len(n.Interfaces))
	for i := range n.Interfaces {
		link := &n.Interfaces[i]
		seen[link.Index] = true
		past, known := y.links[link.Index]
		switch {
		case !known:
			past = linkPast{state: link.State}
			if y.begun {
				past.since, past.created = now, now
				y.last = now
			}
		case past.state != link.State:
			past.since = now
			y.tell(*link, past.state)
		}
		past.name, past.state = link.Name, link.State
		y.links[link.Index] = past
		link.Since, link.Created = past.since, past.created
	}
	for index, past := range y.links {
		if seen[index] {
			continue
		}
		delete(y.links, index)
		y.last = now
		y.tell(Interface{Index: index, Name: past.name, State: NotPresent, Since: now}, past.state)
	}
}

// tell is the rule of RFC 2863 §3.1.15: down from any state but notPresent, and
// from down to any state but notPresent. An interface that is taken away while
// it is up is told as well: its link is as dead.
func (y *history) tell(link Interface, before State) {
	if y.told == nil || link.State == before {
		return
	}
	switch gone := link.State == NotPresent; {
	case gone && !before.down(), link.State.down() && !before.down() && before != NotPresent:
		y.told(LinkChange{Interface: link})
	case before.down() && !link.State.down() && !gone:
		y.told(LinkChange{Interface: link, Up: true})
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
