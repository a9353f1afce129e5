package snmp

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"net/netip"
	"sync/atomic"
	"time"
)

// The table of peers: so many sources, and of each so many ports.
const (
	peerSources = 256
	peerPorts   = 8
)

// peers are the addresses and ports that have authenticated, for these are
// answered while others of their source wait: who forges the address of a
// manager does not know its port, and who shares it has another one. There is
// no order and no age: one peer takes the place of another.
//
// A peer may fail as often as a source may before it is one no more; who forges
// its address and every port must go on for long. A success takes nothing back,
// and nor does another peer in its place, so that he who has a key of his own
// guesses with peerPorts ports as he could with so many addresses.
//
// It costs every good message a few nanoseconds and no lock.
type peers struct {
	now        func() time.Time
	start      time.Time
	key1, key2 uint64 // so that nobody finds addresses that share a place
	slots      [peerSources][peerPorts]peerSlot
}

// peerSlot is the place of one peer.
type peerSlot struct {
	mark atomic.Uint64
	// spent is when, from start, the failures in this place are forgotten: each
	// takes its part of a pause.
	spent atomic.Int64
}

func newPeers(now func() time.Time) *peers {
	seed := maphash.MakeSeed()
	return &peers{now: now, start: now(), key1: maphash.Bytes(seed, []byte{1}), key2: maphash.Bytes(seed, []byte{2})}
}

// slot is where a peer is, and its mark there, which is never 0.
func (p *peers) slot(a netip.AddrPort) (slot *peerSlot, mark uint64) {
	b := a.Addr().As16()
	high, low := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	prefix := high
	if a.Addr().Unmap().Is4() {
		prefix = low
	}
	port := uint64(a.Port())
	bucket := mix(prefix^p.key1, p.key2) % peerSources
	mark = mix(mix(high^p.key1, low^p.key2)^port, p.key1) | 1
	return &p.slots[bucket][mark>>1%peerPorts], mark
}

// mix folds the product of two words into one.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b|1)
	return high ^ low
}

// add remembers that a has authenticated.
func (p *peers) add(a netip.AddrPort) {
	if slot, mark := p.slot(a); slot.mark.Load() != mark {
		slot.mark.Store(mark)
	}
}

// fail counts a failure of a, if it is a peer: limit of them within pause, and it
// is one no more.
func (p *peers) fail(a netip.AddrPort, limit int, pause time.Duration) {
	slot, mark := p.slot(a)
	if limit == 0 || slot.mark.Load() != mark {
		return
	}
	now := int64(p.now().Sub(p.start))
	for {
		was := slot.spent.Load()
		spent := min(max(was, now)+int64(pause)/int64(limit), now+int64(pause))
		if !slot.spent.CompareAndSwap(was, spent) {
			continue
		}
		if spent-now > int64(pause)-int64(pause)/int64(limit) {
			slot.mark.CompareAndSwap(mark, 0)
		}
		return
	}
}

// has reports whether a has authenticated, and not failed too often since.
func (p *peers) has(a netip.AddrPort) bool {
	slot, mark := p.slot(a)
	return slot.mark.Load() == mark
}
