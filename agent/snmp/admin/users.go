package admin

import (
	"errors"
	"fmt"

	"mibgate/agent/snmp/usm"
	accounts "mibgate/element/aaa"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
	usmmib "mibgate/mib/usm"
)

// Users are the active users at our engine, ready for use. The error is a key
// that cannot be made; it names no secret.
func (a *Admin) Users(c mib.Configs) ([]*usm.User, error) {
	var out []*usm.User
	for row := range usmmib.Of(c).UsmUser.Active() {
		if row.EngineID != a.engineID {
			continue
		}
		u, err := a.user(c, row)
		if err != nil {
			return nil, err
		}
		if u != nil {
			out = append(out, u)
		}
	}
	return out, nil
}

// user makes the user of a row; nil when it has no keys.
func (a *Admin) user(c mib.Configs, row *usmmib.UsmUserRow) (*usm.User, error) {
	k, ok := a.keysOf(c, row)
	if !ok {
		return nil, nil //nolint:nilnil // it is no user then
	}
	u, err := k.user(row.Name)
	if err != nil {
		return nil, &mib.Error{
			Kind: mib.ErrUnavailable, Path: usmmib.Objects.UsmUserAuthProtocol.Instance(usmmib.UsmUserKey(row.EngineID, row.Name)),
			Detail: "SNMPv3 keys cannot be made: " + err.Error(), Position: -1,
		}
	}
	return u, nil
}

// Sender is whom a notification is sent as: the user at our own engine for
// traps, and at the receiver's for informs (RFC 3414 §1.5.1). It implements
// usm.Keys.
type Sender struct {
	name     string
	engines  map[string]*usm.User // of usmUserTable
	password *usm.Credentials     // of the account; nil when it has none
}

// Sender finds a user for notifications; nil when none has the name.
func (a *Admin) Sender(c mib.Configs, name string) (*Sender, error) {
	s := &Sender{name: name, engines: map[string]*usm.User{}}
	for row := range usmmib.Of(c).UsmUser.Active() {
		if row.Name != name {
			continue
		}
		u, err := a.user(c, row)
		if err != nil {
			return nil, err
		}
		if u != nil {
			s.engines[row.EngineID] = u
		}
	}
	local := s.engines[a.engineID]
	if local != nil && ownKeys(c, a.engineID, name) == nil {
		account, ok := accounts.Find(c, name)
		if ok && len(account.Password) >= accounts.MinPassword {
			k, err := usm.NewCredentials(&a.keys, name, local.Auth(), account.Password, local.Priv(), snmpmib.Of(c).PrivPassword)
			if err == nil {
				s.password = &k
			}
		}
	}
	if len(s.engines) == 0 {
		return nil, nil //nolint:nilnil // there is no such user
	}
	return s, nil
}

// Name is the security name.
func (s *Sender) Name() string { return s.name }

// ErrNoKeys is a receiver that the user has no keys for.
var ErrNoKeys = errors.New("has no keys for the receiver's engine: give its account a password, or make a row for that engine in usmUserTable")

// Localize gives the user at one engine.
func (s *Sender) Localize(engineID []byte) (*usm.User, error) {
	if u := s.engines[string(engineID)]; u != nil {
		return u, nil
	}
	if s.password != nil {
		return s.password.Localize(engineID)
	}
	return nil, fmt.Errorf("user %q %w", s.name, ErrNoKeys)
}
