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
	engines  map[string]keys  // of usmUserTable
	password *usm.Credentials // of the account; nil when it has none
}

// Sender finds a user for notifications; nil when none has the name. Those of
// two snapshots that say the same are equal by reflect.DeepEqual.
func (a *Admin) Sender(c mib.Configs, name string) *Sender {
	s := &Sender{name: name, engines: map[string]keys{}}
	for row := range usmmib.Of(c).UsmUser.Active() {
		if row.Name != name {
			continue
		}
		if k, ok := a.keysOf(c, row); ok {
			s.engines[row.EngineID] = k
		}
	}
	if len(s.engines) == 0 {
		return nil
	}
	local, ok := s.engines[a.engineID]
	if !ok || ownKeys(c, a.engineID, name) != nil {
		return s
	}
	if account, ok := accounts.Find(c, name); ok && len(account.Password) >= accounts.MinPassword {
		p, err := usm.NewCredentials(&a.keys, name, local.auth, account.Password, local.priv, snmpmib.Of(c).PrivPassword)
		if err == nil {
			s.password = &p
		}
	}
	return s
}

// Name is the security name.
func (s *Sender) Name() string { return s.name }

// ErrNoKeys is a receiver that the user has no keys for.
var ErrNoKeys = errors.New("has no keys for the receiver's engine: give its account a password, or make a row for that engine in usmUserTable")

// Localize gives the user at one engine.
func (s *Sender) Localize(engineID []byte) (*usm.User, error) {
	if k, ok := s.engines[string(engineID)]; ok {
		return k.user(s.name)
	}
	if s.password != nil {
		return s.password.Localize(engineID)
	}
	return nil, fmt.Errorf("user %q %w", s.name, ErrNoKeys)
}
