package access

import (
	"strings"

	"mibgate/mib"
)

// Role is what an account may do; a greater role may do all that a lesser one
// may.
type Role uint8

// The roles. Observer reads; User reads and changes; Admin also sees and
// changes accounts, the SNMP agent's own access and certificates.
const (
	None Role = iota
	Observer
	User
	Admin
)

var roleNames = [...]string{"none", "observer", "user", "admin"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return "none"
}

// Principal is on whose behalf something is read or changed.
type Principal struct {
	Name string // account, or what stands for it ("console", "community")
	Role Role
	Via  string // ViaUSM, "community", "cli", "script", "internal"
	// Credentials are what a view will know him by when something is decided in
	// his name later on; empty where his role is all there is to know.
	Credentials string
}

// ViaUSM is Principal.Via of a user whom SNMPv3 has made sure of; those who send
// a community that stands for an account have its name, too.
const ViaUSM = "usm"

// Internal acts for the element itself.
var Internal = Principal{Name: "mibgate", Role: Admin, Via: "internal"}

// adminOnly are the services that hold the keys to the unit: who may change
// them may make himself admin.
var adminOnly = map[string]struct{ read, write bool }{
	"Aaa":  {read: true, write: true},
	"Snmp": {write: true},
	"Cert": {write: true},

	"Community":       {read: true, write: true},
	"Notification":    {write: true},
	"NotificationLog": {write: true},
	"Target":          {write: true},
	"Usm":             {write: true}, // see also secret
	"Vacm":            {read: true, write: true},
}

// adminRead are single objects that only an admin may see, and whose values
// go into no error.
var adminRead = map[string]bool{
	"Snmp.LogCreator.SecurityName": true, // as in the tables of VACM
	"Snmp.Community":               true,
	"Community.SnmpCommunity.Name": true,
}

// userLock is what managers take turns by that change keys: their own, too.
const userLock = "usmUserSpinLock"

// secret reports whether o is one of those that only an admin may see of a
// module of which others may see the rest: the users, beside the counters.
func secret(o *mib.Object) bool {
	return o.Module.Service == "Usm" && strings.HasPrefix(o.Name, "usmUser") && o.Name != userLock
}

// adminWrite are single objects that only an admin may change: where the unit
// is managed from.
var adminWrite = map[string]bool{
	"Hoc.ManagementInterface": true,
}

// Confidential reports whether no error and no log may repeat the value of o,
// though an admin can read it.
func Confidential(o *mib.Object) bool { return o.Secret || adminRead[o.Path()] }

// Redact takes the value out of an error about such an object.
func Redact(err *mib.Error) {
	if adminRead[withoutKey(err.Path)] {
		err.Value, err.HasValue = "", false
	}
}

// withoutKey takes the key, which may hold anything, out of the name of a cell.
func withoutKey(path string) string {
	from, to := strings.IndexByte(path, '['), strings.LastIndexByte(path, ']')
	if from < 0 || to < from {
		return path
	}
	return path[:from] + path[to+1:]
}

// CanRead reports whether role may see o.
func CanRead(role Role, o *mib.Object) bool {
	if !o.Access.Readable() || role < Observer {
		return false
	}
	if role < Admin && (adminOnly[o.Module.Service].read || secret(o) || adminRead[o.Path()]) {
		return false
	}
	return true
}

// ownKey reports whether o is one that a user changes for himself, and nobody
// for him (RFC 3414 §5): its service sees to that.
func ownKey(o *mib.Object) bool {
	return o.Name == "usmUserOwnAuthKeyChange" || o.Name == "usmUserOwnPrivKeyChange"
}

// OwnRow reports whether o is a column of which everybody sees and changes the
// cell in his own row, and only an admin those of others: usmUserPublic, where a
// user notes a change of his keys to see afterwards whether it was done (RFC 3414,
// usmUserPublic). To CanRead, which knows of no row, it is the admin's.
func OwnRow(o *mib.Object) bool { return o.Name == "usmUserPublic" }

// CanWrite reports whether role may change o, given that o is writable, in some
// row at least.
func CanWrite(role Role, o *mib.Object) bool {
	if ownKey(o) || OwnRow(o) || o.Name == userLock {
		return role >= Observer
	}
	if role < User {
		return false
	}
	return role >= Admin || !adminOnly[o.Module.Service].write && !adminWrite[o.Path()]
}

// CanWriteRow is CanWrite for one row of o's table. The service controller has
// a row per service: stopping a service that only an admin may change, or
// keeping it from starting, is as much as changing it.
func CanWriteRow(who Principal, o *mib.Object, key mib.Key) bool {
	switch {
	case !CanWrite(who.Role, o):
		return false
	case who.Role >= Admin:
		return true
	case OwnRow(o):
		return who.Via == ViaUSM && len(key) > 0 && key[len(key)-1].Str == who.Name
	case o.Module.Service != "Scm" || len(key) == 0:
		return true
	}
	return !adminOnly[key[0].Str].write
}
