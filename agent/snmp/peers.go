package snmp

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"net/netip"
	"sync/atomic"
)

// The table of peers: so many sources, and of each so many ports.
const (
	peerSources = 256
	peerPorts   = 8
)

// peers are the addresses and ports that have authenticated, for these are
// answered while others of their source wait: who forges the address of a
// manager does not know its port, and who shares it has another one. There is
// no order and no age: one peer takes the place of another, and a failure of
// its own takes a peer out. So he who has a key of his own guesses at most
// peerPorts times more.
//
// It costs every good message a few nanoseconds and no lock.
type peers struct {
	key1, key2 uint64 // so that nobody finds addresses that share a place
	slots      [peerSources][peerPorts]atomic.Uint64
}

func newPeers() *peers {
	seed := maphash.MakeSeed()
	return &peers{key1: maphash.Bytes(seed, []byte{1}), key2: maphash.Bytes(seed, []byte{2})}
}

// slot is where a peer is, and its mark there, which is never 0.
func (p *peers) slot(a netip.AddrPort) (slot *atomic.Uint64, mark uint64) {
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
	if slot, mark := p.slot(a); slot.Load() != mark {
		slot.Store(mark)
	}
}

// remove forgets a, which has failed.
func (p *peers) remove(a netip.AddrPort) {
	slot, mark := p.slot(a)
	slot.CompareAndSwap(mark, 0)
}

// has reports whether a has authenticated, and not failed since.
func (p *peers) has(a netip.AddrPort) bool {
	slot, mark := p.slot(a)
	return slot.Load() == mark
}
