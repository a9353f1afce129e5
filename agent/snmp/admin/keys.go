package admin

import (
	"encoding/hex"

	"mibgate/agent/snmp/usm"
	accounts "mibgate/element/aaa"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
	usmmib "mibgate/mib/usm"
)

// keys are the localised keys of a user at one engine.
type keys struct {
	auth usm.AuthProtocol
	priv usm.PrivProtocol

	authKey, privKey []byte
}

// protocolsOf are the protocols of a row of usmUserTable; ok is false when we
// do not know them.
func protocolsOf(row *usmmib.UsmUserRow) (a usm.AuthProtocol, p usm.PrivProtocol, ok bool) {
	a, okAuth := usm.AuthByOID(row.AuthProtocol)
	p, okPriv := usm.PrivByOID(row.PrivProtocol)
	return a, p, okAuth && okPriv
}

// keysOf are the keys of a row of usmUserTable; ok is false when it has none
// that fit its protocols. A user of ours without keys of its own has those that
// the password of its account gives.
func (a *Admin) keysOf(c mib.Configs, row *usmmib.UsmUserRow) (k keys, ok bool) {
	if k.auth, k.priv, ok = protocolsOf(row); !ok || k.auth == usm.NoAuth && k.priv != usm.NoPriv {
		return keys{}, false
	}
	if k.auth == usm.NoAuth {
		return k, true
	}
	if own := ownKeys(c, row.EngineID, row.Name); own != nil {
		k.authKey, k.privKey = unhex(own.AuthKey), unhex(own.PrivKey)
	} else if row.EngineID == a.engineID {
		account, found := accounts.Find(c, row.Name)
		if !found || a.derive(&k, account.Password, snmpmib.Of(c).PrivPassword) != nil {
			return keys{}, false
		}
	}
	return k, len(k.authKey) == k.auth.KeyLength() && (k.priv == usm.NoPriv || len(k.privKey) >= k.priv.KeyLength())
}

// derive makes the keys at our engine out of passwords (RFC 3414 §A.2).
func (a *Admin) derive(k *keys, password, privPassword string) error {
	engine := []byte(a.engineID)
	ku, err := a.keys.PasswordToKey(k.auth, password)
	if err != nil {
		return err
	}
	if k.authKey, err = usm.Localize(k.auth, ku, engine); err != nil || k.priv == usm.NoPriv {
		return err
	}
	if privPassword != "" {
		if ku, err = a.keys.PasswordToKey(k.auth, privPassword); err != nil {
			return err
		}
	}
	k.privKey, err = usm.LocalizePriv(k.auth, k.priv, ku, engine)
	return err
}

// user makes it ready for use.
func (k *keys) user(name string) (*usm.User, error) {
	privKey := k.privKey
	if k.priv == usm.NoPriv {
		privKey = nil
	}
	if len(privKey) > k.priv.KeyLength() { // a clone may have had a longer one
		privKey = privKey[:k.priv.KeyLength()]
	}
	authKey := k.authKey
	if k.auth == usm.NoAuth {
		authKey = nil
	}
	return usm.NewUser(name, k.auth, authKey, k.priv, privKey)
}

// ownKeys is the row with the keys that a user has of its own, or nil.
func ownKeys(c mib.Configs, engineID, name string) *snmpmib.UserKeysRow {
	if row := snmpmib.Of(c).FindUserKeys(engineID, name); row != nil && row.State() == mib.RowActive {
		return row
	}
	return nil
}

// unhex is nil for what is no hexadecimal text, which Validate refuses.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil
	}
	return b
}

// forgetKeys takes the keys of users that have gone, of any engine: a new user
// of the name has none until it is cloned.
func (e *edit) forgetKeys() {
	if e.before == nil {
		return
	}
	for row := range usmmib.Of(e.before).UsmUser.All() {
		if usmmib.Of(e).FindUsmUser(row.EngineID, row.Name) == nil && snmpmib.Of(e).FindUserKeys(row.EngineID, row.Name) != nil {
			cfg, tok := e.snmp()
			cfg.RemoveUserKeys(tok, row.EngineID, row.Name)
		}
	}
}

// keepProtocols refuses other protocols for keys that stay: they may only be set
// to none (RFC 3414, usmUserAuthProtocol).
func (e *edit) keepProtocols() {
	if e.before == nil {
		return
	}
	for row := range usmmib.Of(e).UsmUser.All() {
		old, keys := usmmib.Of(e.before).FindUsmUser(row.EngineID, row.Name), ownKeys(e, row.EngineID, row.Name)
		if old == nil || old == row || keys == nil || keys != ownKeys(e.before, row.EngineID, row.Name) {
			continue
		}
		for _, p := range []struct {
			o        *mib.Object
			old, now mib.OID
			none     mib.OID
		}{
			{usmmib.Objects.UsmUserAuthProtocol, old.AuthProtocol, row.AuthProtocol, usm.NoAuth.OID()},
			{usmmib.Objects.UsmUserPrivProtocol, old.PrivProtocol, row.PrivProtocol, usm.NoPriv.OID()},
		} {
			if _, _, known := protocolsOf(row); known && p.now.Compare(p.old) != 0 && p.now.Compare(p.none) != 0 {
				e.fail(p.o.Instance(usmmib.UsmUserKey(row.EngineID, row.Name)), "may only be set to none: the keys of the user are for the protocol that it has")
			}
		}
	}
}
