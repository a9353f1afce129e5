package usm

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // RFC 3414 §8
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// TestAESCFB128 is SP 800-38A §F.3.13, the mode that RFC 3826 §3.1.3 names.
// Its IV is 00 01 … 0f, which engineBoots, engineTime and salt make up.
func TestAESCFB128(t *testing.T) {
	plain := unhex(t, "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"+
		"30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710")
	const want = "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b" +
		"26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6"
	k, err := newPrivKey(AES128, unhex(t, "2b7e151628aed2a6abf7158809cf4f3c"))
	if err != nil {
		t.Fatal(err)
	}
	salt := unhex(t, "08090a0b0c0d0e0f")
	for _, n := range []int{64, 63, 49, 48, 17, 16, 15, 1} {
		var s scratch
		got := bytes.Clone(plain[:n])
		k.encrypt(&s, got, salt, 0x00010203, 0x04050607)
		if hex.EncodeToString(got) != want[:2*n] {
			t.Errorf("%d octets: %x", n, got)
		}
		back := make([]byte, n)
		if !k.decrypt(&s, back, got, salt, 0x00010203, 0x04050607) || !bytes.Equal(back, plain[:n]) {
			t.Errorf("%d octets decrypted: %x", n, back)
		}
	}
}

// TestModesAgainstStandardLibrary compares with crypto/cipher's modes.
func TestModesAgainstStandardLibrary(t *testing.T) {
	key := bytes.Repeat([]byte{0x17, 0x2a, 0x03, 0x84}, 8)
	salt := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	iv := binary.BigEndian.AppendUint32(nil, 7)
	iv = append(binary.BigEndian.AppendUint32(iv, 99), salt...)
	for p := DES; p <= AES256R; p++ {
		k, err := newPrivKey(p, key[:p.KeyLength()])
		if err != nil {
			t.Fatal(err)
		}
		for n := 8; n <= 256; n += 8 {
			plain := bytes.Repeat([]byte{byte(n)}, n)
			got, want := bytes.Clone(plain), make([]byte, n)
			if p == DES {
				block, err := des.NewCipher(key[:8]) //nolint:gosec // RFC 3414 §8
				if err != nil {
					t.Fatal(err)
				}
				div := make([]byte, 8)
				for i := range div {
					div[i] = key[8+i] ^ salt[i]
				}
				cipher.NewCBCEncrypter(block, div).CryptBlocks(want, plain)
			} else {
				block, err := aes.NewCipher(key[:p.KeyLength()])
				if err != nil {
					t.Fatal(err)
				}
				cipher.NewCFBEncrypter(block, iv).XORKeyStream(want, plain) //nolint:staticcheck // the mode of RFC 3826
			}
			var s scratch
			if k.encrypt(&s, got, salt, 7, 99); !bytes.Equal(got, want) {
				t.Errorf("%v, %d octets: %x, want %x", p, n, got, want)
			}
			if k.decrypt(&s, got, bytes.Clone(got), salt, 7, 99); !bytes.Equal(got, plain) {
				t.Errorf("%v, %d octets do not come back", p, n)
			}
		}
	}
}

func TestDecryptRefuses(t *testing.T) {
	for p := DES; p <= AES256R; p++ {
		k, err := newPrivKey(p, make([]byte, p.KeyLength()))
		if err != nil {
			t.Fatal(err)
		}
		var s scratch
		for name, tt := range map[string]struct {
			n, salt int
			ok      bool
		}{
			"nothing": {0, 8, false}, "no salt": {16, 0, false}, "long salt": {16, 9, false},
			"half a block": {12, 8, p != DES}, "whole blocks": {16, 8, true},
		} {
			if got := k.decrypt(&s, make([]byte, tt.n), make([]byte, tt.n), make([]byte, tt.salt), 1, 1); got != tt.ok {
				t.Errorf("%v, %s: %v", p, name, got)
			}
		}
	}
}
