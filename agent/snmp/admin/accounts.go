package admin

import (
	"fmt"

	"mibgate/agent/snmp/usm"
	accounts "mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/aaa"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/tc"
	usmmib "mibgate/mib/usm"
	vacmmib "mibgate/mib/vacm"
)

// account is one row of Aaa.Users, as far as SNMP is concerned.
type account struct {
	there    bool
	active   bool
	password string
	role     access.Role
}

func accountOf(c mib.Configs, name string) account {
	row := aaa.Of(c).FindUsers(name)
	if row == nil {
		return account{}
	}
	return account{there: true, active: row.State() == mib.RowActive, password: row.Password, role: accounts.Role(row.AccessRights)}
}

// user is what the tables say of a user at our engine.
type user struct {
	there  bool
	active bool
	own    bool // has keys of its own
	noAuth bool
	group  string // "" when it is in none
}

func (a *Admin) userOf(c mib.Configs, name string) user {
	u := user{own: ownKeys(c, a.engineID, name) != nil}
	if row := usmmib.Of(c).FindUsmUser(a.engineID, name); row != nil {
		u.there, u.active = true, row.State() == mib.RowActive
		u.noAuth = row.AuthProtocol.Compare(usm.NoAuth.OID()) == 0
	}
	if g := vacmmib.Of(c).FindVacmSecurityToGroup(ModelUSM, name); g != nil && g.State() == mib.RowActive {
		u.group = g.VacmGroupName
	}
	return u
}

// usable tells whether the account has, or needs, no other key than it has.
func (u user) usable(acc account) bool {
	return u.own || u.there && u.noAuth || len(acc.password) >= accounts.MinPassword
}

// agree tells whether account and user say the same. A user that is not active
// may be without keys: they come later (RFC 3414, usmUserTable).
func agree(acc account, u user) bool {
	if !acc.there {
		return !u.there
	}
	waits := u.there && !u.active
	return (waits || u.there == u.usable(acc)) && (!u.there || u.active == acc.active) && RoleOf(u.group) == acc.role
}

// accounts brings every account in line with the user of its name.
func (e *edit) accounts() {
	for name := range e.names() {
		e.account(name)
	}
}

// names are those of all accounts and users, of now and before.
func (e *edit) names() map[string]bool {
	all := map[string]bool{}
	add := func(c mib.Configs) {
		for row := range aaa.Of(c).Users.All() {
			all[row.UserName] = true
		}
		for row := range usmmib.Of(c).UsmUser.All() {
			if row.EngineID == e.a.engineID {
				all[row.Name] = true
			}
		}
	}
	add(e)
	if e.before != nil {
		add(e.before)
	}
	return all
}

func (e *edit) account(name string) {
	acc, u := accountOf(e, name), e.a.userOf(e, name)
	if e.before == nil {
		switch {
		case agree(acc, u):
		case !acc.there:
			e.projectAccount(name, acc, user{}, u)
		default:
			e.deriveUser(name, acc, u) // nothing has changed: what the rows have is kept
		}
		return
	}
	accBefore, uBefore := accountOf(e.before, name), e.a.userOf(e.before, name)
	if e.passwordSet(name, accBefore, acc) {
		defer e.passwordCounts(name)
	}
	switch v, t := acc != accBefore, u != uBefore; {
	case v && !t:
		e.deriveUser(name, acc, u)
	case t && !v:
		e.projectAccount(name, acc, uBefore, u)
	case v && t && !agree(acc, u):
		if u == (user{group: u.group}) && acc.there && RoleOf(u.group) == acc.role { // only its group is there yet
			e.deriveUser(name, acc, u)
			return
		}
		e.fail(aaa.Tables.Users.Instance(aaa.UsersKey(name)), fmt.Sprintf("and the rows of %q in usmUserTable and vacmSecurityToGroupTable say the same and were set to different values", name))
	}
}

// deriveUser makes the rows of a user as its account says.
func (e *edit) deriveUser(name string, acc account, u user) {
	if !acc.there {
		e.removeUser(name)
		return
	}
	e.deriveGroup(name, acc.role, u.group)
	if u.own && !u.there {
		e.dropKeys(name) // nobody knows their protocols
		u.own = false
	}
	if !u.usable(acc) && (acc.active || !u.there) {
		cfg, tok := e.usm()
		cfg.RemoveUsmUser(tok, e.a.engineID, name)
		return
	}
	cfg, tok := e.usm()
	row := cfg.FindUsmUser(e.a.engineID, name)
	fresh := row == nil
	if fresh {
		row = usmmib.NewUsmUserRow(e.a.engineID, name)
		cfg.AddUsmUser(tok, row)
	}
	row = cfg.EditUsmUser(tok, row)
	if fresh {
		row.AuthProtocol, row.PrivProtocol = Protocols(snmpmib.Of(e))
	}
	row.SetState(stateOf(acc.active))
}

// passwordSet tells whether the transaction gives an account a password. One that
// it has already counts as well: whoever sets it wants that it is good. But to
// write back "", as a password reads, where there is none, says nothing.
func (e *edit) passwordSet(name string, before, acc account) bool {
	return acc.there && (acc.password != before.password || acc.password != "" && e.Assigned(aaa.Objects.UsersPassword, aaa.UsersKey(name)))
}

// passwordCounts makes the password of an account that of its user: the keys of
// its own go, and the protocols are the unit's again. What else the transaction
// gives the user of these stays. A user without a usable password goes with its
// keys, unless it has no use for any.
func (e *edit) passwordCounts(name string) {
	acc, u := accountOf(e, name), e.a.userOf(e, name)
	if u.own && !e.keysSet(name) {
		e.dropKeys(name)
		u.own = false
	}
	cfg, tok := e.usm()
	row := cfg.FindUsmUser(e.a.engineID, name)
	switch key := usmmib.UsmUserKey(e.a.engineID, name); {
	case row == nil || u.own:
	case !u.usable(acc) && acc.active:
		cfg.RemoveUsmUser(tok, e.a.engineID, name)
	case len(acc.password) < accounts.MinPassword,
		e.Assigned(usmmib.Objects.UsmUserAuthProtocol, key), e.Assigned(usmmib.Objects.UsmUserPrivProtocol, key):
	default:
		row = cfg.EditUsmUser(tok, row)
		row.AuthProtocol, row.PrivProtocol = Protocols(snmpmib.Of(e))
	}
}

// keysSet tells whether the transaction gives a user keys of its own.
func (e *edit) keysSet(name string) bool {
	own, user := snmpmib.UserKeysKey(e.a.engineID, name), usmmib.UsmUserKey(e.a.engineID, name)
	return e.Assigned(snmpmib.Objects.UserKeysAuthKey, own) || e.Assigned(snmpmib.Objects.UserKeysPrivKey, own) ||
		e.Assigned(usmmib.Objects.UsmUserAuthKeyChange, user) || e.Assigned(usmmib.Objects.UsmUserPrivKeyChange, user) ||
		e.Assigned(usmmib.Objects.UsmUserOwnAuthKeyChange, user) || e.Assigned(usmmib.Objects.UsmUserOwnPrivKeyChange, user)
}

// dropKeys takes the keys of its own from a user.
func (e *edit) dropKeys(name string) {
	cfg, tok := e.snmp()
	cfg.RemoveUserKeys(tok, e.a.engineID, name)
}

func stateOf(active bool) mib.RowStatus {
	if active {
		return mib.RowActive
	}
	return mib.RowNotInService
}

// deriveGroup puts a user into the group of a role; without one it stays in a
// group that is none of the roles'.
func (e *edit) deriveGroup(name string, role access.Role, group string) {
	if RoleOf(group) == role {
		return
	}
	cfg, tok := e.vacm()
	if role == access.None {
		cfg.RemoveVacmSecurityToGroup(tok, ModelUSM, name)
		return
	}
	row := vacmmib.NewVacmSecurityToGroupRow(ModelUSM, name)
	row.VacmGroupName = role.String()
	cfg.AddVacmSecurityToGroup(tok, row)
}

func (e *edit) removeUser(name string) {
	cfg, tok := e.usm()
	cfg.RemoveUsmUser(tok, e.a.engineID, name)
	groups, tok := e.vacm()
	groups.RemoveVacmSecurityToGroup(tok, ModelUSM, name)
	e.dropKeys(name)
}

// projectAccount makes an account as the rows of its user say.
func (e *edit) projectAccount(name string, acc account, before, u user) {
	cfg, tok := e.aaa()
	switch {
	case !u.there && before.there:
		cfg.RemoveUsers(tok, name)
		e.removeUser(name)
		return
	case !u.there && !acc.there: // only a group, or keys, for a user to come
		return
	case !u.there && u.own && !before.own:
		e.fail(snmpmib.Tables.UserKeys.Instance(snmpmib.UserKeysKey(e.a.engineID, name)), "are keys of an account that is no user: give it a row in usmUserTable first")
		return
	}
	row := cfg.FindUsers(name)
	if row == nil {
		row = aaa.NewUsersRow(name)
		cfg.AddUsers(tok, row)
	}
	row = cfg.EditUsers(tok, row)
	row.AccessRights = rightsOf(RoleOf(u.group))
	if u.there {
		row.SetState(stateOf(u.active))
	}
	if now := accountOf(e, name); !agree(now, u) && u.own != before.own {
		e.deriveUser(name, now, u) // keys of its own came or went; Validate refuses other users without
	}
}

func rightsOf(r access.Role) aaa.UsersAccessRights {
	switch r {
	case access.Admin:
		return aaa.UsersAccessRightsAdmin
	case access.User:
		return aaa.UsersAccessRightsUser
	case access.Observer:
		return aaa.UsersAccessRightsObserver
	}
	return aaa.UsersAccessRightsNone
}

// protocolsFace gives the protocols of Snmp to every user whose keys come from
// a password. A user may be given others afterwards.
var protocolsFace = face{
	variable: "Snmp.AuthProtocol", rows: "usmUserTable",
	variables: func(c mib.Configs) any {
		return [2]any{snmpmib.Of(c).AuthProtocol, snmpmib.Of(c).PrivProtocol}
	},
	tables:  func(mib.Configs) any { return nil },
	agree:   func(mib.Configs) bool { return true },
	project: func(*edit) {},
	derive: func(e *edit) {
		auth, priv := Protocols(snmpmib.Of(e))
		var rows []*usmmib.UsmUserRow
		for row := range usmmib.Of(e).UsmUser.All() {
			noAuth := row.AuthProtocol.Compare(usm.NoAuth.OID()) == 0
			if row.EngineID == e.a.engineID && !noAuth && ownKeys(e, row.EngineID, row.Name) == nil {
				rows = append(rows, row)
			}
		}
		for _, row := range rows {
			cfg, tok := e.usm()
			row = cfg.EditUsmUser(tok, row)
			row.AuthProtocol, row.PrivProtocol = auth, priv
		}
	},
}

var (
	authProtocols = map[snmpmib.AuthProtocol]usm.AuthProtocol{
		snmpmib.AuthProtocolMd5: usm.MD5, snmpmib.AuthProtocolSha1: usm.SHA1, snmpmib.AuthProtocolSha224: usm.SHA224,
		snmpmib.AuthProtocolSha256: usm.SHA256, snmpmib.AuthProtocolSha384: usm.SHA384, snmpmib.AuthProtocolSha512: usm.SHA512,
	}
	privProtocols = map[snmpmib.PrivProtocol]usm.PrivProtocol{
		snmpmib.PrivProtocolNone: usm.NoPriv, snmpmib.PrivProtocolDes: usm.DES, snmpmib.PrivProtocolAes128: usm.AES128,
		snmpmib.PrivProtocolAes192: usm.AES192, snmpmib.PrivProtocolAes256: usm.AES256,
		snmpmib.PrivProtocolAes192Reeder: usm.AES192R, snmpmib.PrivProtocolAes256Reeder: usm.AES256R,
	}
)

// Protocols are Snmp.AuthProtocol and Snmp.PrivProtocol as usmUserTable names
// them.
func Protocols(cfg *snmpmib.Config) (auth, priv mib.OID) {
	return authProtocols[cfg.AuthProtocol].OID(), privProtocols[cfg.PrivProtocol].OID()
}

// keep is the storage type of rows that a manager may remove.
const keep = tc.StorageTypeNonVolatile
