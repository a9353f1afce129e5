package usm

import (
	"bytes"
	"maps"
	"slices"

	"mibgate/agent/snmp/message"
)

// User is a user at one engine, with the keys ready for use. It is immutable.
type User struct {
	name  []byte
	auth  AuthProtocol
	priv  PrivProtocol
	mac   *authKey
	crypt *privKey
}

// maxUserName is the most octets of a user name (RFC 3414 §2.4).
const maxUserName = 32

// NewUser makes a user from localised keys. authKey and privKey are nil for
// NoAuth and NoPriv.
func NewUser(name string, a AuthProtocol, authKey []byte, p PrivProtocol, privKey []byte) (*User, error) {
	switch {
	case name == "" || len(name) > maxUserName:
		return nil, ErrUserName
	case !a.valid() || !p.valid():
		return nil, ErrProtocol
	case a == NoAuth && p != NoPriv:
		return nil, ErrPrivWithout
	case len(authKey) != a.KeyLength() || len(privKey) != p.KeyLength():
		return nil, ErrKeyLength
	}
	u := &User{name: []byte(name), auth: a, priv: p}
	if a != NoAuth {
		u.mac = newAuthKey(a, authKey)
	}
	if p != NoPriv {
		var err error
		if u.crypt, err = newPrivKey(p, privKey); err != nil {
			return nil, ErrKeyLength
		}
	}
	return u, nil
}

// Name is the user name, which is the security name, too (RFC 3414 §2.1).
func (u *User) Name() string { return string(u.name) }

// Auth is the authentication protocol.
func (u *User) Auth() AuthProtocol { return u.auth }

// Priv is the privacy protocol.
func (u *User) Priv() PrivProtocol { return u.priv }

// MaxLevel is the highest level that the user has keys for.
func (u *User) MaxLevel() message.Level {
	switch {
	case u.crypt != nil:
		return message.AuthPriv
	case u.mac != nil:
		return message.AuthNoPriv
	}
	return message.NoAuthNoPriv
}

// Keys are the keys of a user at whatever engine is authoritative. They are
// immutable, and the same when reflect.DeepEqual says so.
type Keys interface {
	// Name is the user name, 1 to 32 octets.
	Name() string
	// Localize makes the user at one engine. It fails when there are no keys
	// for that engine; the error names no secret.
	Localize(engineID []byte) (*User, error)
}

// Credentials are Keys out of passwords: Ku, as PasswordToKey makes them. They
// serve any engine.
type Credentials struct {
	name string
	auth AuthProtocol
	priv PrivProtocol

	authKu, privKu []byte
}

var _ Keys = Credentials{}

// NewCredentials derives the keys; cache may be nil. privPassword "" means
// the authentication password.
func NewCredentials(cache *KeyCache, name string, a AuthProtocol, authPassword string, p PrivProtocol, privPassword string) (Credentials, error) {
	c := Credentials{name: name, auth: a, priv: p}
	switch {
	case name == "" || len(name) > maxUserName:
		return Credentials{}, ErrUserName
	case !a.valid() || !p.valid():
		return Credentials{}, ErrProtocol
	case a == NoAuth && p != NoPriv:
		return Credentials{}, ErrPrivWithout
	case a == NoAuth:
		return c, nil
	}
	var err error
	if c.authKu, err = cache.PasswordToKey(a, authPassword); err != nil {
		return Credentials{}, err
	}
	if p == NoPriv {
		return c, nil
	}
	if privPassword == "" {
		privPassword = authPassword
	}
	if c.privKu, err = cache.PasswordToKey(a, privPassword); err != nil {
		return Credentials{}, err
	}
	return c, nil
}

// Name implements Keys.
func (c Credentials) Name() string { return c.name }

// MaxLevel is the highest level that there are keys for, at every engine.
func (c Credentials) MaxLevel() message.Level {
	switch {
	case c.priv != NoPriv:
		return message.AuthPriv
	case c.auth != NoAuth:
		return message.AuthNoPriv
	}
	return message.NoAuthNoPriv
}

// Localize implements Keys.
func (c Credentials) Localize(engineID []byte) (*User, error) {
	var authKey, privKey []byte
	var err error
	if c.auth != NoAuth {
		if authKey, err = Localize(c.auth, c.authKu, engineID); err != nil {
			return nil, err
		}
	}
	if c.priv != NoPriv {
		if privKey, err = LocalizePriv(c.auth, c.priv, c.privKu, engineID); err != nil {
			return nil, err
		}
	}
	return NewUser(c.name, c.auth, authKey, c.priv, privKey)
}

// Users finds the users of an engine, by the octets of msgUserName. It is
// asked for every packet, authentic or not, from many goroutines: it must
// neither block nor keep name.
type Users interface {
	User(name []byte) *User // nil: unknown
}

// UserTable is an immutable Users.
type UserTable struct{ byName map[string]*User }

// NewUserTable makes a table; of users with one name the last one counts.
func NewUserTable(users ...*User) *UserTable {
	t := &UserTable{byName: make(map[string]*User, len(users))}
	for _, u := range users {
		t.byName[string(u.name)] = u
	}
	return t
}

// User implements Users.
func (t *UserTable) User(name []byte) *User { return t.byName[string(name)] }

// All gives the users by name.
func (t *UserTable) All() []*User {
	return slices.SortedFunc(maps.Values(t.byName), func(a, b *User) int { return bytes.Compare(a.name, b.name) })
}
