package usm

import (
	"bytes"
	"crypto/sha256"
	"sync"
)

// KeyCache remembers the Ku of passwords, since each costs a hash over 1 MiB
// and a change of configuration rebuilds all users. It holds digests of the
// passwords, not the passwords. The zero KeyCache is ready; a nil one works
// without remembering.
type KeyCache struct {
	mu   sync.Mutex
	keys map[cacheKey][]byte
}

type cacheKey struct {
	auth     AuthProtocol
	password [sha256.Size]byte
}

// cacheLimit bounds the cache; what is dropped is computed again.
const cacheLimit = 256

// PasswordToKey is the function of that name.
func (c *KeyCache) PasswordToKey(a AuthProtocol, password string) ([]byte, error) {
	if c == nil {
		return PasswordToKey(a, password)
	}
	k := cacheKey{a, sha256.Sum256([]byte(password))}
	c.mu.Lock()
	ku, ok := c.keys[k]
	c.mu.Unlock()
	if ok {
		return bytes.Clone(ku), nil
	}
	ku, err := PasswordToKey(a, password)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil || len(c.keys) >= cacheLimit {
		c.keys = make(map[cacheKey][]byte)
	}
	c.keys[k] = ku
	return bytes.Clone(ku), nil
}
