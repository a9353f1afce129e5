package usm

import (
	"errors"
	"strings"
	"testing"

	"mibgate/agent/snmp/message"
)

func TestNewUser(t *testing.T) {
	k := func(n int) []byte { return make([]byte, n) }
	tests := []struct {
		name  string
		user  string
		auth  AuthProtocol
		akey  []byte
		priv  PrivProtocol
		pkey  []byte
		want  error
		level message.Level
	}{
		{"no keys", "u", NoAuth, nil, NoPriv, nil, nil, message.NoAuthNoPriv},
		{"auth", "u", SHA224, k(28), NoPriv, nil, nil, message.AuthNoPriv},
		{"auth and priv", strings.Repeat("u", 32), SHA512, k(64), AES256R, k(32), nil, message.AuthPriv},
		{"empty name", "", NoAuth, nil, NoPriv, nil, ErrUserName, 0},
		{"name of 33 octets", strings.Repeat("u", 33), NoAuth, nil, NoPriv, nil, ErrUserName, 0},
		{"priv without auth", "u", NoAuth, nil, AES128, k(16), ErrPrivWithout, 0},
		{"DES without auth", "u", NoAuth, nil, DES, k(16), ErrPrivWithout, 0},
		{"short key", "u", SHA256, k(31), NoPriv, nil, ErrKeyLength, 0},
		{"key without protocol", "u", NoAuth, k(16), NoPriv, nil, ErrKeyLength, 0},
		{"long privacy key", "u", SHA256, k(32), AES128, k(32), ErrKeyLength, 0},
		{"unknown auth", "u", 7, k(32), NoPriv, nil, ErrProtocol, 0},
		{"unknown priv", "u", SHA256, k(32), 7, k(32), ErrProtocol, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := NewUser(tt.user, tt.auth, tt.akey, tt.priv, tt.pkey)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err == nil && (u.MaxLevel() != tt.level || u.Name() != tt.user || u.Auth() != tt.auth || u.Priv() != tt.priv) {
				t.Errorf("got %s %v %v %v", u.Name(), u.Auth(), u.Priv(), u.MaxLevel())
			}
		})
	}
}

func TestNewCredentials(t *testing.T) {
	tests := []struct {
		name, user string
		auth       AuthProtocol
		apass      string
		priv       PrivProtocol
		ppass      string
		want       error
	}{
		{"short password", "u", MD5, "1234567", NoPriv, "", ErrPasswordLength},
		{"short privacy password", "u", MD5, "12345678", DES, "1234567", ErrPasswordLength},
		{"priv without auth", "u", NoAuth, "", DES, "12345678", ErrPrivWithout},
		{"empty name", "", MD5, "12345678", NoPriv, "", ErrUserName},
		{"unknown protocol", "u", 99, "12345678", NoPriv, "", ErrProtocol},
		{"nothing", "u", NoAuth, "", NoPriv, "", nil},
		{"auth only", "u", MD5, "12345678", NoPriv, "", nil},
		{"empty privacy password", "u", MD5, "12345678", AES192, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := NewCredentials(&keys, tt.user, tt.auth, tt.apass, tt.priv, tt.ppass)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err != nil {
				if strings.Contains(err.Error(), "1234567") {
					t.Error("the error has the password")
				}
				return
			}
			if tt.priv != NoPriv && string(c.authKu) != string(c.privKu) {
				t.Error("an empty privacy password is the other one")
			}
			if u, err := c.Localize(engineID); err != nil || u.Name() != c.Name() || u.MaxLevel() != c.MaxLevel() {
				t.Errorf("%v at %v: %v", u, c.MaxLevel(), err)
			}
		})
	}
}

func TestUserTable(t *testing.T) {
	a, b := user(t, "b", NoAuth, NoPriv, engineID), user(t, "a", NoAuth, NoPriv, engineID)
	table := NewUserTable(a, b, a)
	if table.User([]byte("b")) != a || table.User([]byte("B")) != nil || table.User(nil) != nil {
		t.Error("lookup")
	}
	if all := table.All(); len(all) != 2 || all[0] != b {
		t.Errorf("%d users", len(all))
	}
}

func TestEngineIDs(t *testing.T) {
	id, err := TextEngineID(32473, "gateway-7")
	if err != nil || string(id) != "\x80\x00\x7e\xd9\x04gateway-7" {
		t.Errorf("%x, %v", id, err)
	}
	for _, text := range []string{"", strings.Repeat("x", 28)} {
		if _, err := TextEngineID(1, text); !errors.Is(err, ErrEngineID) {
			t.Errorf("%q: %v", text, err)
		}
	}
	a, b := RandomEngineID(32473), RandomEngineID(32473)
	if string(a) == string(b) || string(a[:5]) != "\x80\x00\x7e\xd9\x05" || CheckEngineID(a) != nil {
		t.Errorf("%x and %x", a, b)
	}
	for _, bad := range []string{"", "1234", strings.Repeat("x", 33), "\x00\x00\x00\x00\x00", "\xff\xff\xff\xff\xff\xff"} {
		if _, err := NewEngine(Config{ID: []byte(bad)}); !errors.Is(err, ErrEngineID) {
			t.Errorf("%x: %v", bad, err)
		}
	}
}

func TestProtocols(t *testing.T) {
	if got := SHA256.OID().String(); got != "1.3.6.1.6.3.10.1.1.5" {
		t.Errorf("usmHMAC192SHA256AuthProtocol is %s", got)
	}
	if got := AES128.OID().String(); got != "1.3.6.1.6.3.10.1.2.4" {
		t.Errorf("usmAesCfb128Protocol is %s", got)
	}
	if AuthProtocol(9).String() != "none" || PrivProtocol(9).String() != "none" || AuthProtocol(9).KeyLength() != 0 {
		t.Error("unknown protocols")
	}
	for a, want := range map[AuthProtocol]int{NoAuth: 0, MD5: 12, SHA1: 12, SHA224: 16, SHA256: 24, SHA384: 32, SHA512: 48} {
		if a.MACLength() != want {
			t.Errorf("%v: digest of %d octets, want %d", a, a.MACLength(), want)
		}
	}
}
