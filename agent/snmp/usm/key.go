package usm

import (
	"crypto/subtle"
	"hash"
)

// MinPassword is the shortest password, in octets (RFC 3414 §11.2).
const MinPassword = 8

// expansion is how much repeated password is hashed (RFC 3414 §A.2).
const expansion = 1 << 20

// PasswordToKey makes the key Ku of a password (RFC 3414 §A.2, RFC 7860
// §9.3). It hashes 1 MiB: some milliseconds, see KeyCache.
func PasswordToKey(a AuthProtocol, password string) ([]byte, error) {
	if !a.valid() || a == NoAuth {
		return nil, ErrProtocol
	}
	if len(password) < MinPassword {
		return nil, ErrPasswordLength
	}
	h := a.info().hash()
	expand(h, password)
	return h.Sum(nil), nil
}

// expand hashes the password, repeated to 1 MiB.
func expand(h hash.Hash, password string) {
	// A multiple of 64 octets keeps the hash on whole blocks.
	chunk := make([]byte, 0, 64*len(password))
	for range 64 {
		chunk = append(chunk, password...)
	}
	left := expansion
	for ; left > len(chunk); left -= len(chunk) {
		h.Write(chunk)
	}
	h.Write(chunk[:left])
	clear(chunk)
}

// Localize makes the key Kul that key Ku has at one engine (RFC 3414 §2.6).
func Localize(a AuthProtocol, ku, engineID []byte) ([]byte, error) {
	if a == NoAuth || !a.valid() {
		return nil, ErrProtocol
	}
	if len(ku) != a.KeyLength() {
		return nil, ErrKeyLength
	}
	h := a.info().hash()
	h.Write(ku)
	h.Write(engineID)
	h.Write(ku)
	return h.Sum(nil), nil
}

// LocalizePriv makes the localised key of a privacy protocol, from the Ku of
// the privacy password: cut, or extended when the hash is too short.
func LocalizePriv(a AuthProtocol, p PrivProtocol, ku, engineID []byte) ([]byte, error) {
	if p == NoPriv || !p.valid() {
		return nil, ErrProtocol
	}
	kul, err := Localize(a, ku, engineID)
	if err != nil {
		return nil, err
	}
	for len(kul) < p.KeyLength() {
		if kul, err = extend(a, p, kul, engineID); err != nil {
			return nil, err
		}
	}
	return kul[:p.KeyLength()], nil
}

// extend lengthens kul by one hash.
func extend(a AuthProtocol, p PrivProtocol, kul, engineID []byte) ([]byte, error) {
	h := a.info().hash()
	if !p.info().reeder { // draft-blumenthal-aes-usm-04 §3.1.2.1
		h.Write(kul)
		return h.Sum(kul), nil
	}
	// draft-reeder-snmpv3-usm-3desede-00 §2.1: the last key is the password
	// of the next.
	expand(h, string(kul[len(kul)-h.Size():]))
	next, err := Localize(a, h.Sum(nil), engineID)
	return append(kul, next...), err
}

// ApplyKeyChange computes the new key from the old one and the value of a
// KeyChange object (RFC 3414 §5): random octets and delta, each as long as the
// key. a is the protocol of the user's authentication, for privacy keys too.
func ApplyKeyChange(a AuthProtocol, old, change []byte) ([]byte, error) {
	n := len(old)
	if a == NoAuth || !a.valid() {
		return nil, ErrProtocol
	}
	if len(change) != 2*n {
		return nil, ErrKeyChange
	}
	key := changeMask(a, old, change[:n])
	subtle.XORBytes(key, key, change[n:])
	return key, nil
}

// MakeKeyChange is what a manager writes to a KeyChange object; random must
// be as long as the keys and fresh.
func MakeKeyChange(a AuthProtocol, old, key, random []byte) ([]byte, error) {
	if a == NoAuth || !a.valid() {
		return nil, ErrProtocol
	}
	if len(old) != len(key) || len(random) != len(key) {
		return nil, ErrKeyChange
	}
	change := append(append(make([]byte, 0, 2*len(key)), random...), changeMask(a, old, random)...)
	subtle.XORBytes(change[len(key):], change[len(key):], key)
	return change, nil
}

// changeMask is the octets that hide the new key: the digest of the old key
// and the random part, chained as long as the key is.
func changeMask(a AuthProtocol, old, random []byte) []byte {
	temp := append([]byte(nil), old...)
	mask := make([]byte, 0, len(old)+64)
	for len(mask) < len(old) {
		h := a.info().hash()
		h.Write(temp)
		h.Write(random)
		temp = h.Sum(nil)
		mask = append(mask, temp...)
	}
	return mask[:len(old)]
}
