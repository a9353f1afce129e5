package usm

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// engineIDRFC is the engine ID of the examples of RFC 3414 appendix A.
var engineIDRFC = []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}

// TestKeysRFC3414 is RFC 3414 §A.3 and §A.5.
func TestKeysRFC3414(t *testing.T) {
	tests := []struct {
		auth                     AuthProtocol
		password, ku, kul        string
		newPassword, newKul, dif string
		privDif                  string // A.5.2: the privacy key is shorter than the hash
	}{
		{
			MD5, "maplesyrup", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b",
			"newsyrup", "87021d7bd9d101ba05ea6e3bf9d9bd4a", "8805615141676cc9196174e742a32551", "",
		},
		{
			SHA1, "maplesyrup", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f",
			"newsyrup", "78e2dcce79d59403b58c1bbaa5bff46391f1cd25", "9c1017f4fd483d2de8d5fadbf84392cb06457051",
			"7ef8d8a4c9cdb26b47591cd852ff88b5",
		},
	}
	for _, tt := range tests {
		t.Run(tt.auth.String(), func(t *testing.T) {
			kul := localKey(t, tt.auth, tt.password, tt.ku)
			if got := hex.EncodeToString(kul); got != tt.kul {
				t.Errorf("Kul %s, want %s", got, tt.kul)
			}
			newKul := localKey(t, tt.auth, tt.newPassword, "")
			if got := hex.EncodeToString(newKul); got != tt.newKul {
				t.Errorf("new Kul %s, want %s", got, tt.newKul)
			}
			checkKeyChange(t, tt.auth, kul, newKul, tt.dif)
			if tt.privDif != "" {
				checkKeyChange(t, tt.auth, kul[:16], newKul[:16], tt.privDif)
			}
		})
	}
}

func localKey(t *testing.T, a AuthProtocol, password, want string) []byte {
	t.Helper()
	ku, err := PasswordToKey(a, password)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(ku); want != "" && got != want {
		t.Errorf("Ku %s, want %s", got, want)
	}
	kul, err := Localize(a, ku, engineIDRFC)
	if err != nil {
		t.Fatal(err)
	}
	return kul
}

func checkKeyChange(t *testing.T, a AuthProtocol, old, key []byte, want string) {
	t.Helper()
	change, err := MakeKeyChange(a, old, key, make([]byte, len(old)))
	if err != nil || hex.EncodeToString(change[len(old):]) != want {
		t.Errorf("delta %x (%v), want %s", change, err, want)
	}
	got, err := ApplyKeyChange(a, old, change)
	if err != nil || !bytes.Equal(got, key) {
		t.Errorf("changed to %x (%v), want %x", got, err, key)
	}
}

func TestKeyChangeOfAnyLength(t *testing.T) {
	for _, a := range []AuthProtocol{MD5, SHA1, SHA224, SHA256, SHA384, SHA512} {
		for _, n := range []int{16, 24, 32, 48, 64} {
			old, key, random := bytes.Repeat([]byte{1}, n), bytes.Repeat([]byte{2}, n), bytes.Repeat([]byte{3}, n)
			change, err := MakeKeyChange(a, old, key, random)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ApplyKeyChange(a, old, change); err != nil || !bytes.Equal(got, key) {
				t.Errorf("%v, %d octets: %x, %v", a, n, got, err)
			}
		}
	}
	if _, err := ApplyKeyChange(MD5, make([]byte, 16), make([]byte, 31)); !errors.Is(err, ErrKeyChange) {
		t.Error(err)
	}
	if _, err := MakeKeyChange(MD5, make([]byte, 16), make([]byte, 20), nil); !errors.Is(err, ErrKeyChange) {
		t.Error(err)
	}
	if _, err := ApplyKeyChange(NoAuth, nil, nil); !errors.Is(err, ErrProtocol) {
		t.Error(err)
	}
	if _, err := MakeKeyChange(99, nil, nil, nil); !errors.Is(err, ErrProtocol) {
		t.Error(err)
	}
}

// TestExtensions checks the structure of extended keys; that they are right
// is for the peers to say (peers_test.go).
func TestExtensions(t *testing.T) {
	for a := MD5; a <= SHA512; a++ {
		ku, err := PasswordToKey(a, "maplesyrup")
		if err != nil {
			t.Fatal(err)
		}
		kul, err := Localize(a, ku, engineIDRFC)
		if err != nil {
			t.Fatal(err)
		}
		keys := map[PrivProtocol][]byte{}
		for p := DES; p <= AES256R; p++ {
			k, err := LocalizePriv(a, p, ku, engineIDRFC)
			if err != nil || len(k) != p.KeyLength() {
				t.Fatalf("%v with %v: %d octets, %v", p, a, len(k), err)
			}
			if n := min(len(k), len(kul)); !bytes.Equal(k[:n], kul[:n]) {
				t.Errorf("%v with %v does not begin with Kul", p, a)
			}
			keys[p] = k
		}
		if differ := !bytes.Equal(keys[AES256], keys[AES256R]); differ != (a.KeyLength() < 32) {
			t.Errorf("%v: extensions differ: %v", a, differ)
		}
	}
}

func TestKeyErrors(t *testing.T) {
	if _, err := PasswordToKey(SHA256, "1234567"); !errors.Is(err, ErrPasswordLength) {
		t.Errorf("7 octets: %v", err)
	}
	if _, err := PasswordToKey(NoAuth, "12345678"); !errors.Is(err, ErrProtocol) {
		t.Errorf("no protocol: %v", err)
	}
	if _, err := Localize(SHA1, make([]byte, 19), engineIDRFC); !errors.Is(err, ErrKeyLength) {
		t.Errorf("short Ku: %v", err)
	}
	if _, err := Localize(77, nil, nil); !errors.Is(err, ErrProtocol) {
		t.Errorf("protocol 77: %v", err)
	}
	if _, err := LocalizePriv(SHA1, NoPriv, make([]byte, 20), nil); !errors.Is(err, ErrProtocol) {
		t.Errorf("no privacy: %v", err)
	}
	if _, err := LocalizePriv(SHA1, DES, nil, nil); !errors.Is(err, ErrKeyLength) {
		t.Errorf("no Ku: %v", err)
	}
}

func TestKeyCache(t *testing.T) {
	var c KeyCache
	first, err := c.PasswordToKey(MD5, "maplesyrup")
	if err != nil {
		t.Fatal(err)
	}
	first[0] ^= 1 // what the caller does with it is his matter
	second, err := c.PasswordToKey(MD5, "maplesyrup")
	if err != nil || hex.EncodeToString(second) != "9faf3283884e92834ebc9847d8edd963" {
		t.Errorf("cached key %x, %v", second, err)
	}
	other, err := c.PasswordToKey(SHA1, "maplesyrup")
	if err != nil || len(other) != 20 || len(c.keys) != 2 {
		t.Errorf("other protocol: %x, %v, %d in cache", other, err, len(c.keys))
	}
	if _, err := c.PasswordToKey(MD5, "short"); !errors.Is(err, ErrPasswordLength) {
		t.Error(err)
	}
	for i := range cacheLimit {
		c.keys[cacheKey{password: [32]byte{byte(i), 1}}] = nil
	}
	if _, err := c.PasswordToKey(MD5, "new password"); err != nil || len(c.keys) != 1 {
		t.Errorf("%d in cache, %v", len(c.keys), err)
	}
}
