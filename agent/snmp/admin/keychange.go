package admin

import (
	"encoding/hex"
	"errors"

	"mibgate/agent/snmp/usm"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
	usmmib "mibgate/mib/usm"
)

// Edit carries out cloning and key changes (RFC 3414 §5, usmUserTable). mine is
// false for other objects.
func (a *Admin) Edit(c *store.Candidate, who access.Principal, o *mib.Object, key mib.Key, v mib.Value) (mine bool, err error) {
	if o.Table != usmmib.Tables.UsmUser {
		return false, nil
	}
	row := usmmib.Of(c).FindUsmUser(key[0].Str, key[1].Str)
	if row == nil {
		return true, &mib.Error{Kind: mib.ErrNoRow, Detail: "the user does not exist"}
	}
	e := &edit{Candidate: c, a: a, before: c.Before()}
	switch o {
	case usmmib.Objects.UsmUserCloneFrom:
		return true, e.clone(row, v.OID)
	case usmmib.Objects.UsmUserAuthKeyChange:
		return true, e.changeAuth(row, v.Str)
	case usmmib.Objects.UsmUserPrivKeyChange:
		return true, e.changePriv(row, v.Str)
	}
	// The own keys: of who asks, and of nobody else.
	if err := a.isOwn(who, row); err != nil {
		return true, err
	}
	if o == usmmib.Objects.UsmUserOwnAuthKeyChange {
		return true, e.changeAuth(row, v.Str)
	}
	return true, e.changePriv(row, v.Str)
}

// isOwn refuses who is not the user of the row.
func (a *Admin) isOwn(who access.Principal, row *usmmib.UsmUserRow) error {
	switch {
	case who.Via != access.ViaUSM || who.Name != row.Name || row.EngineID != a.engineID:
		return &mib.Error{Kind: mib.ErrNoAccess, Detail: "can be changed by its user only: use usmUserAuthKeyChange or usmUserPrivKeyChange"}
	case row.State() != mib.RowActive:
		return &mib.Error{Kind: mib.ErrInconsistent, Detail: "the user is not active"}
	}
	return nil
}

// userEntry is usmUserEntry, whose columns a clone-from points to.
var userEntry = usmmib.Tables.UsmUser.OID

// clone gives a new user the protocols and keys of another one. For a user that
// has keys it does nothing, as RFC 3414 wants.
func (e *edit) clone(row *usmmib.UsmUserRow, from mib.OID) error {
	has, ok := e.a.keysOf(e, row)
	if len(from) <= 2 || ok && has.auth != usm.NoAuth || ownKeys(e, row.EngineID, row.Name) != nil { // 0.0 points to nothing
		return nil
	}
	template := e.pointed(from)
	if template == nil || template == row || template.State() != mib.RowActive {
		return &mib.Error{Kind: mib.ErrNoRow, Detail: "points to no other active user: it must be the name of a column of usmUserTable in the row of one"}
	}
	k, ok := e.a.keysOf(e, template)
	if !ok {
		return &mib.Error{Kind: mib.ErrInconsistent, Detail: "points to a user that has no keys"}
	}
	cfg, tok := e.usm()
	fresh := cfg.EditUsmUser(tok, row)
	fresh.AuthProtocol, fresh.PrivProtocol = template.AuthProtocol, template.PrivProtocol
	if k.auth != usm.NoAuth {
		e.setKeys(fresh, k)
	}
	return nil
}

// pointed is the user that a RowPointer points to, or nil.
func (e *edit) pointed(oid mib.OID) *usmmib.UsmUserRow {
	if !oid.HasPrefix(userEntry) || len(oid) <= len(userEntry)+1 {
		return nil
	}
	bound := mib.ParseInstance(usmmib.Tables.UsmUser.Index, nil, oid[len(userEntry)+1:])
	if !bound.Exact {
		return nil
	}
	return usmmib.Of(e).FindUsmUser(bound.Key[0].Str, bound.Key[1].Str)
}

// changeAuth changes the authentication key. Of a user without authentication
// there is nothing to change, which is no error (RFC 3414, usmUserAuthKeyChange).
func (e *edit) changeAuth(row *usmmib.UsmUserRow, change string) error {
	k, err := e.changeable(row)
	if err != nil || k.auth == usm.NoAuth {
		return err
	}
	if k.authKey, err = usm.ApplyKeyChange(k.auth, k.authKey, []byte(change)); err != nil {
		return changeError(err)
	}
	e.setKeys(row, k)
	return nil
}

// changePriv changes the key of privacy, as changeAuth does that of
// authentication.
func (e *edit) changePriv(row *usmmib.UsmUserRow, change string) error {
	k, err := e.changeable(row)
	if err != nil || k.priv == usm.NoPriv {
		return err
	}
	if k.privKey, err = usm.ApplyKeyChange(k.auth, k.privKey[:k.priv.KeyLength()], []byte(change)); err != nil {
		return changeError(err)
	}
	e.setKeys(row, k)
	return nil
}

// changeable are the keys that a change begins with: a new user has none until
// it is cloned.
func (e *edit) changeable(row *usmmib.UsmUserRow) (keys, error) {
	k, ok := e.a.keysOf(e, row)
	switch {
	case !ok:
		return keys{}, &mib.Error{Kind: mib.ErrInconsistent, Detail: "the user has no key that could be changed"}
	case k.auth == usm.NoAuth && (e.before == nil || usmmib.Of(e.before).FindUsmUser(row.EngineID, row.Name) == nil):
		return keys{}, &mib.Error{Kind: mib.ErrNoRow, Detail: "the user is new and has no key that could be changed: clone it from another user first"}
	}
	return k, nil
}

func changeError(err error) error {
	if errors.Is(err, usm.ErrKeyChange) {
		return &mib.Error{Kind: mib.ErrWrongLength, Detail: "must have as many random octets as the key has, and as many of the change (RFC 3414, KeyChange)"}
	}
	return &mib.Error{Kind: mib.ErrInconsistent, Detail: "the key cannot be changed"}
}

// setKeys gives a user keys of its own.
func (e *edit) setKeys(user *usmmib.UsmUserRow, k keys) {
	cfg, tok := e.snmp()
	row := cfg.FindUserKeys(user.EngineID, user.Name)
	if row == nil {
		row = snmpmib.NewUserKeysRow(user.EngineID, user.Name)
		cfg.AddUserKeys(tok, row)
	}
	row = cfg.EditUserKeys(tok, row)
	row.AuthKey, row.PrivKey = hex.EncodeToString(k.authKey), hex.EncodeToString(k.privKey)
	row.SetState(mib.RowActive)
}
