package usm

import (
	"crypto/hmac"
	"crypto/subtle"
	"hash"
	"sync"
)

// authKey computes the digests of one localised key. hmac keeps the inner and
// outer state of a key after its first use, so the pool makes a digest cost
// the octets of the message only, and no garbage.
type authKey struct {
	mac  int // octets on the wire
	pool sync.Pool
}

type authState struct {
	h   hash.Hash
	sum [64]byte
}

func newAuthKey(a AuthProtocol, key []byte) *authKey {
	k := &authKey{mac: a.MACLength()}
	key = append([]byte(nil), key...)
	k.pool.New = func() any { return &authState{h: hmac.New(a.info().hash, key)} }
	return k
}

var zeros [64]byte

// digest computes the digest of packet with zeros for the octets at
// [at:at+k.mac], where it goes (RFC 3414 §6.3.1). release the state afterwards.
func (k *authKey) digest(packet []byte, at int) *authState {
	s := k.pool.Get().(*authState) //nolint:errcheck // the pool holds nothing else
	s.h.Reset()
	s.h.Write(packet[:at])
	s.h.Write(zeros[:k.mac])
	s.h.Write(packet[at+k.mac:])
	s.h.Sum(s.sum[:0])
	return s
}

// sign puts the digest into packet at at.
func (k *authKey) sign(packet []byte, at int) {
	s := k.digest(packet, at)
	copy(packet[at:at+k.mac], s.sum[:])
	k.pool.Put(s)
}

// verify compares the digest in packet at at; it takes the same time for
// every wrong digest.
func (k *authKey) verify(packet []byte, at int) bool {
	s := k.digest(packet, at)
	ok := subtle.ConstantTimeCompare(packet[at:at+k.mac], s.sum[:k.mac]) == 1
	k.pool.Put(s)
	return ok
}
