package host

import (
	"cmp"
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Neighbors is who the host knows on its links. It never changes.
type Neighbors struct {
	List []Neighbor // by Interface and Addr
}

// Neighbor is one mapping of an address to a hardware address, by ARP or
// Neighbor Discovery.
type Neighbor struct {
	Interface int
	Addr      netip.Addr       // with zone as that of Address
	Hardware  net.HardwareAddr // empty while it is asked for
	State     NeighborState
	Static    bool // it was set, and not learnt
	// Updated is the up time of the unit when the mapping last changed; 0 when
	// that was before the start.
	Updated time.Duration
}

// NeighborState is what is known of a neighbor being there (RFC 4861 §7.3.2).
type NeighborState uint8

// The states, in the numbers of ipNetToPhysicalState.
const (
	Reachable  NeighborState = 1
	Stale      NeighborState = 2
	Delay      NeighborState = 3
	Probe      NeighborState = 4
	Incomplete NeighborState = 7
)

// States and flags of a neighbor, linux/neighbour.h.
const (
	neighIncomplete = 0x01
	neighReachable  = 0x02
	neighStale      = 0x04
	neighDelay      = 0x08
	neighProbe      = 0x10
	neighPermanent  = 0x80

	attrNeighAddr     = 1
	attrNeighHardware = 2
	attrNeighCache    = 3

	sizeofNdMsg = 12
)

// userHZ is the unit of times that the kernel tells: a hundredth of a second on
// every machine that Go runs on.
const userHZ = 100

// readNeighbors asks the kernel for neighbors; what it does not answer is empty.
func (h *Host) readNeighbors() *Neighbors {
	n := &Neighbors{}
	if messages, err := request(syscall.RTM_GETNEIGH); err == nil {
		n.List = parseNeighbors(messages, h.upTime())
	}
	slices.SortFunc(n.List, func(a, b Neighbor) int {
		return cmp.Or(cmp.Compare(a.Interface, b.Interface), a.Addr.Compare(b.Addr))
	})
	h.steady(n)
	return n
}

// steady keeps the time of a mapping that only seems to have changed: the kernel
// tells how long ago that was, in whole units.
func (h *Host) steady(n *Neighbors) {
	last := h.neighbors.last.Load()
	if last == nil {
		return
	}
	for i := range n.List {
		now := &n.List[i]
		at, ok := slices.BinarySearchFunc(last.value.List, now, func(a Neighbor, b *Neighbor) int {
			return cmp.Or(cmp.Compare(a.Interface, b.Interface), a.Addr.Compare(b.Addr))
		})
		if ok && (now.Updated-last.value.List[at].Updated).Abs() <= 5*time.Second/userHZ {
			now.Updated = last.value.List[at].Updated
		}
	}
}

// parseNeighbors reads messages of this form:
//
//	struct ndmsg: family (1 octet), padding (3), index (4), state (2), flags, type (1 each)
//	attributes as of links
func parseNeighbors(messages []syscall.NetlinkMessage, up time.Duration) []Neighbor {
	var out []Neighbor
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != syscall.RTM_NEWNEIGH || len(m.Data) < sizeofNdMsg {
			continue
		}
		if n, ok := parseNeighbor(m.Data, up); ok {
			out = append(out, n)
		}
	}
	return out
}

func parseNeighbor(b []byte, up time.Duration) (Neighbor, bool) {
	n := Neighbor{Interface: int(int32(binary.NativeEndian.Uint32(b[4:])))} //nolint:gosec // the kernel's type
	state := binary.NativeEndian.Uint16(b[8:])
	for typ, value := range attributes(b[sizeofNdMsg:]) {
		switch typ {
		case attrNeighAddr:
			n.Addr, _ = netip.AddrFromSlice(value)
		case attrNeighHardware:
			n.Hardware = append(net.HardwareAddr(nil), value...)
		case attrNeighCache: // struct nda_cacheinfo: confirmed, used, updated, references
			if len(value) >= 12 {
				age := time.Duration(number32(value[8:])) * time.Second / userHZ
				n.Updated = max(up-age, 0)
			}
		}
	}
	if !n.Addr.IsValid() || n.Interface <= 0 || !n.settle(state) {
		return n, false
	}
	if n.Addr.Is6() && n.Addr.IsLinkLocalUnicast() {
		n.Addr = n.Addr.WithZone(strconv.Itoa(n.Interface))
	}
	return n, true
}

// settle takes the state, and tells whether there is a mapping at all: none is
// needed for a group or the loopback interface, and there is none of a neighbor
// that did not answer.
func (n *Neighbor) settle(state uint16) bool {
	switch {
	case state&neighPermanent != 0:
		n.State, n.Static = Reachable, true
	case state&neighReachable != 0:
		n.State = Reachable
	case state&neighStale != 0:
		n.State = Stale
	case state&neighDelay != 0:
		n.State = Delay
	case state&neighProbe != 0:
		n.State = Probe
	case state&neighIncomplete != 0:
		n.State, n.Hardware = Incomplete, nil
	default:
		return false
	}
	return true
}
