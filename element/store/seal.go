package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
)

// sealer encrypts secrets at rest with AES-256-GCM. The nonce is a keyed hash
// of variable and secret, so that the canonical text is the same for the same
// configuration; equal secrets of different variables look different.
type sealer struct {
	aead  cipher.AEAD
	nonce []byte // key of the nonce's hash
	print []byte // key of fingerprints
}

const keySize = 32

// loadSealer reads the key file, making it (0600) when it is missing.
func loadSealer(path string) (*sealer, error) {
	if err := closeToOthers(path); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	key, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		key = make([]byte, keySize)
		_, _ = rand.Read(key) // never fails (crypto/rand)
		err = writeDurable(path, key, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("key file %s has %d octets, not %d: secrets of this folder cannot be read", path, len(key), keySize)
	}
	return newSealer(key)
}

func newSealer(key []byte) (*sealer, error) {
	var sub [3][]byte
	for i, label := range []string{"mibgate seal", "mibgate nonce", "mibgate fingerprint"} {
		k, err := hkdf.Key(sha256.New, key, nil, label, keySize)
		if err != nil {
			return nil, fmt.Errorf("key file: %w", err)
		}
		sub[i] = k
	}
	block, err := aes.NewCipher(sub[0])
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return &sealer{aead: aead, nonce: sub[1], print: sub[2]}, nil
}

// seal encrypts the secret of one variable.
func (s *sealer) seal(path, secret string) string {
	m := hmac.New(sha256.New, s.nonce)
	m.Write([]byte(path))
	m.Write([]byte{0})
	m.Write([]byte(secret))
	nonce := m.Sum(nil)[:s.aead.NonceSize()]
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nonce, nonce, []byte(secret), []byte(path)))
}

var errSealed = errors.New("the sealed secret cannot be opened with this folder's key: set it anew")

// open decrypts what seal wrote for the same variable.
func (s *sealer) open(path, sealed string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(b) < s.aead.NonceSize() {
		return "", errSealed
	}
	n := s.aead.NonceSize()
	plain, err := s.aead.Open(nil, b[:n], b[n:], []byte(path))
	if err != nil {
		return "", errSealed
	}
	return string(plain), nil
}

func (s *sealer) fingerprint(secret string) string {
	if secret == "" {
		return ""
	}
	m := hmac.New(sha256.New, s.print)
	m.Write([]byte(secret))
	return hex.EncodeToString(m.Sum(nil)[:8])
}
