package usm

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // RFC 3414 §8
	"crypto/subtle"
	"encoding/binary"
)

// saltLength is the length of msgPrivacyParameters, for DES and AES alike.
const saltLength = 8

// privKey encrypts with one localised key. The modes are written out here:
// the standard library's allocate per message, and its CFB is deprecated,
// rightly, but RFC 3826 is what it is.
type privKey struct {
	proto PrivProtocol
	block cipher.Block
	preIV [8]byte // DES
}

// scratch is memory for one message; the interface cipher.Block would move it
// to the heap otherwise.
type scratch struct {
	iv, out [aes.BlockSize]byte
}

func newPrivKey(p PrivProtocol, key []byte) (*privKey, error) {
	k := &privKey{proto: p}
	var err error
	if p == DES {
		copy(k.preIV[:], key[8:])
		k.block, err = des.NewCipher(key[:8]) //nolint:gosec // RFC 3414 §8
	} else {
		k.block, err = aes.NewCipher(key)
	}
	return k, err
}

// setIV prepares the initialisation vector from msgPrivacyParameters and the
// time of the message (RFC 3414 §8.1.1.1, RFC 3826 §3.1.2.1).
func (k *privKey) setIV(s *scratch, salt []byte, boots, time uint32) {
	if k.proto == DES {
		subtle.XORBytes(s.iv[:8], k.preIV[:], salt)
		return
	}
	binary.BigEndian.PutUint32(s.iv[:4], boots)
	binary.BigEndian.PutUint32(s.iv[4:8], time)
	copy(s.iv[8:], salt)
}

// encrypt works in place; for DES data is whole blocks.
func (k *privKey) encrypt(s *scratch, data, salt []byte, boots, time uint32) {
	k.setIV(s, salt, boots, time)
	if k.proto == DES {
		for prev := s.iv[:8]; len(data) >= 8; data = data[8:] {
			subtle.XORBytes(data[:8], data[:8], prev)
			k.block.Encrypt(data[:8], data[:8])
			prev = data[:8]
		}
		return
	}
	prev := s.iv[:]
	for ; len(data) >= aes.BlockSize; data = data[aes.BlockSize:] {
		k.block.Encrypt(s.out[:], prev)
		xorBlock(data, data, &s.out)
		prev = data[:aes.BlockSize]
	}
	if len(data) > 0 {
		k.block.Encrypt(s.out[:], prev)
		subtle.XORBytes(data, data, s.out[:])
	}
}

// decrypt writes to dst, which is as long as src; false: it cannot be
// ciphertext of this protocol.
func (k *privKey) decrypt(s *scratch, dst, src, salt []byte, boots, time uint32) bool {
	if len(salt) != saltLength || len(src) == 0 || k.proto == DES && len(src)%8 != 0 {
		return false
	}
	k.setIV(s, salt, boots, time)
	if k.proto == DES {
		for prev := s.iv[:8]; len(src) >= 8; src, dst = src[8:], dst[8:] {
			k.block.Decrypt(dst[:8], src[:8])
			subtle.XORBytes(dst[:8], dst[:8], prev)
			prev = src[:8]
		}
		return true
	}
	prev := s.iv[:]
	for ; len(src) >= aes.BlockSize; src, dst = src[aes.BlockSize:], dst[aes.BlockSize:] {
		k.block.Encrypt(s.out[:], prev)
		xorBlock(dst, src, &s.out)
		prev = src[:aes.BlockSize]
	}
	if len(src) > 0 {
		k.block.Encrypt(s.out[:], prev)
		subtle.XORBytes(dst, src, s.out[:])
	}
	return true
}

// xorBlock is subtle.XORBytes for one block, which costs as much again as
// encrypting it.
func xorBlock(dst, src []byte, key *[aes.BlockSize]byte) {
	ne := binary.NativeEndian
	lo, hi := ne.Uint64(src[:8])^ne.Uint64(key[:8]), ne.Uint64(src[8:16])^ne.Uint64(key[8:])
	ne.PutUint64(dst[:8], lo)
	ne.PutUint64(dst[8:16], hi)
}
