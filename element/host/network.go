package host

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"time"
)

// Network is the interfaces and addresses of one moment. It never changes.
type Network struct {
	Interfaces []Interface // by Index; the ports of line modules are the last
	Addresses  []Address   // by Addr, zone included
	// LastChange is the up time of the unit when an interface last came or
	// went, Renamed when one last was called otherwise; 0 when none has since
	// the start.
	LastChange, Renamed time.Duration
	// Stack is which interface runs on top of which, in order; StackChange the
	// up time when that last became another, 0 when it has not since the start.
	Stack       []Layer
	StackChange time.Duration
	// Forwarding4 and Forwarding6 tell whether the host is a router.
	Forwarding4, Forwarding6 bool
	// LineModules are the cards with telephone ports, by Number.
	LineModules []LineModule
	// TTL4 and HopLimit6 are what packets start with; 0 when unknown.
	TTL4, HopLimit6 int
}

// Interface finds an interface by its number.
func (n *Network) Interface(index int) (*Interface, bool) {
	i, ok := slices.BinarySearchFunc(n.Interfaces, index, func(i Interface, index int) int { return cmp.Compare(i.Index, index) })
	if !ok {
		return nil, false
	}
	return &n.Interfaces[i], true
}

// Interface is one network interface.
type Interface struct {
	Index    int
	Name     string // "eth0"
	Alias    string // what an operator calls it; may be empty
	Kind     string // "veth", "bridge", "vlan" …; empty for a device
	Hardware uint16 // ARPHRD_… of linux/if_arp.h
	Flags    uint32 // IFF_… of linux/if.h
	MTU      int
	Address  net.HardwareAddr
	State    State
	Below    int   // Index of the interface that this one runs on; 0: none
	Above    int   // Index of the bridge, bond … that this one is a member of; 0: none
	OnTop    bool  // it runs on another, or has members
	Megabits int64 // bandwidth in Mbit/s; 0 when unknown
	Device   bool  // it is a device of the host, and not made of software
	Promisc  bool
	Counters Counters
	Line     *Line // a telephone port, of which there are no counters; else nil
	// Since is the up time of the unit when State last changed, Created when
	// the interface came; 0 when that was before the start.
	Since, Created time.Duration

	elsewhere bool // what is below is in another network namespace
}

// AdminUp tells whether the interface is to be up.
func (i *Interface) AdminUp() bool { return i.Flags&flagUp != 0 }

// Loopback tells whether the interface leads back to the host.
func (i *Interface) Loopback() bool { return i.Flags&flagLoopback != 0 }

// Watched tells whether a link that fails is to be told of. That of an
// interface on top of others fails with theirs (RFC 2863 §6,
// ifLinkUpDownTrapEnable).
func (i *Interface) Watched() bool { return !i.Loopback() && !i.OnTop }

// Fault tells whether a watched link ought to be up and is not.
func (i *Interface) Fault() bool {
	return i.Watched() && i.AdminUp() && (i.State.down() || i.State == NotPresent)
}

// Flags of linux/if.h.
const (
	flagUp       = 1 << 0
	flagLoopback = 1 << 3
	flagRunning  = 1 << 6
	flagPromisc  = 1 << 8
)

// State is the operational state of an interface (RFC 2863 §3.1.13).
type State uint8

// The states, in the numbers of ifOperStatus.
const (
	Up             State = 1
	Down           State = 2
	Testing        State = 3
	Unknown        State = 4
	Dormant        State = 5
	NotPresent     State = 6
	LowerLayerDown State = 7
)

func (s State) String() string {
	switch s {
	case Up:
		return "up"
	case Down:
		return "down"
	case Testing:
		return "testing"
	case Dormant:
		return "dormant"
	case NotPresent:
		return "not present"
	case LowerLayerDown:
		return "lower layer down"
	}
	return "unknown"
}

// down tells whether the state is down; lowerLayerDown is a kind of it (RFC
// 2863 §3.1.15).
func (s State) down() bool { return s == Down || s == LowerLayerDown }

// Counters are what an interface has carried since it came.
type Counters struct {
	InPackets, InOctets, InErrors, InDropped, InMulticast, InUnwanted uint64
	OutPackets, OutOctets, OutErrors, OutDropped                      uint64
}

// Address is one address of an interface.
type Address struct {
	Addr      netip.Addr // with the interface's number as zone when it is link-local IPv6
	Peer      netip.Addr // the other end of a point-to-point link; invalid: none
	Bits      int        // of the prefix
	Broadcast netip.Addr // IPv4 only; may be invalid
	Interface int
	Origin    Origin
	Status    AddressStatus
	// Created and Changed are the up time of the unit when the address came,
	// and when it last changed; 0 when that was before the start.
	Created, Changed time.Duration
}

// Origin is where an address comes from (RFC 4293).
type Origin uint8

// The origins, in the numbers of IpAddressOriginTC.
const (
	OriginOther     Origin = 1
	OriginManual    Origin = 2
	OriginDHCP      Origin = 4
	OriginLinkLayer Origin = 5
	OriginRandom    Origin = 6
)

// AddressStatus is how an address may be used (RFC 4293).
type AddressStatus uint8

// The states, in the numbers of IpAddressStatusTC.
const (
	Preferred    AddressStatus = 1
	Deprecated   AddressStatus = 2
	Inaccessible AddressStatus = 4
	Tentative    AddressStatus = 6
	Duplicate    AddressStatus = 7
	Optimistic   AddressStatus = 8
)

// Prefix is the network of an address: that of its peer, when it has one.
func (a *Address) Prefix() netip.Prefix {
	of := a.Addr.WithZone("")
	if a.Peer.IsValid() {
		of = a.Peer
	}
	return netip.PrefixFrom(of, a.Bits).Masked()
}

// reach marks the addresses of interfaces that do not operate (RFC 4293,
// IpAddressStatusTC). One that another has too stays a duplicate.
func (n *Network) reach() {
	for i := range n.Addresses {
		a := &n.Addresses[i]
		link, ok := n.Interface(a.Interface)
		if ok && a.Status != Duplicate && (link.State.down() || link.State == NotPresent) {
			a.Status = Inaccessible
		}
	}
}

// readNetwork makes a snapshot. When the kernel does not answer, what was known
// stays.
func (h *Host) readNetwork() *Network {
	interfaces, addresses, err := h.links()
	if err != nil {
		if last := h.network.last.Load(); last != nil {
			return last.value
		}
	}
	n := &Network{Interfaces: interfaces, Addresses: addresses}
	h.addLines(n)
	slices.SortFunc(n.Interfaces, func(a, b Interface) int { return cmp.Compare(a.Index, b.Index) })
	slices.SortFunc(n.Addresses, func(a, b Address) int { return a.Addr.Compare(b.Addr) })
	n.Addresses = slices.CompactFunc(n.Addresses, func(a, b Address) bool { return a.Addr == b.Addr })
	n.Stack = stack(n)
	n.reach()
	n.Forwarding4 = h.number("proc/sys/net/ipv4/ip_forward") == 1
	n.Forwarding6 = h.number("proc/sys/net/ipv6/conf/all/forwarding") == 1
	n.TTL4 = int(h.number("proc/sys/net/ipv4/ip_default_ttl"))
	n.HopLimit6 = int(h.number("proc/sys/net/ipv6/conf/default/hop_limit"))
	h.history.note(n, h.upTime())
	return n
}
