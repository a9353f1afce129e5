package admin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

func cell(name, column string) string {
	return fmt.Sprintf(`Usm.UsmUser[EngineID=%s, Name=%q].%s`, mib.Quote(string(engineID)), name, column)
}

func group(model int, name string) string {
	return fmt.Sprintf(`Vacm.VacmSecurityToGroup[VacmSecurityModel=%d, VacmSecurityName=%q].VacmGroupName`, model, name)
}

// users are the names in usmUserTable.
func (f *fixture) users() string {
	f.t.Helper()
	var names []string
	for _, c := range f.rows("Usm.UsmUser") {
		names = append(names, c[1].Str)
	}
	return strings.Join(names, " ")
}

// rows are the keys of a table.
func (f *fixture) rows(table string) []mib.Key {
	f.t.Helper()
	t := f.Registry.Table(table)
	if t == nil {
		f.t.Fatalf("no table %s", table)
	}
	cfg := f.Store.Current().Config(t.Module)
	var out []mib.Key
	for place := 0; ; place++ {
		row, ok := t.At(cfg, place)
		if !ok {
			return out
		}
		out = append(out, t.KeyOf(row, nil))
	}
}

// TestAccountsAreUsers: what is set of an account shows in the tables.
func TestAccountsAreUsers(t *testing.T) {
	f := start(t)
	if got := f.users(); got != "admin" {
		t.Fatalf("users of the factory: %q", got)
	}
	if got := f.Get(group(3, "admin")); got != "admin" {
		t.Errorf("group of admin: %q", got)
	}
	f.MustSet(`Aaa.Users[UserName="bob"].Password="bob's password"`, `Aaa.Users[UserName="bob"].AccessRights="User"`)
	if got, want := f.Get(cell("bob", "AuthProtocol")), usm.SHA256.OID().String(); got != want {
		t.Errorf("protocol of bob: %s, want %s", got, want)
	}
	if got := f.Get(group(3, "bob")); got != "user" {
		t.Errorf("group of bob: %q", got)
	}
	f.MustSet(`Aaa.Users[UserName="bob"].AccessRights="Observer"`)
	if got := f.Get(group(3, "bob")); got != "observer" {
		t.Errorf("group of bob with another role: %q", got)
	}
	before := f.user("bob")
	f.MustSet(`Snmp.PrivProtocol="Aes256Reeder"`)
	if got, want := f.Get(cell("bob", "PrivProtocol")), usm.AES256R.OID().String(); got != want {
		t.Errorf("protocol of bob after Snmp.PrivProtocol: %s, want %s", got, want)
	}
	if u := f.user("bob"); u == nil || u.Priv() != usm.AES256R || before.Priv() != usm.AES128 {
		t.Errorf("bob is %v, was %v", u, before)
	}
	f.MustSet(`Aaa.Users[UserName="bob"].Password="short"`)
	if got := f.users(); got != "admin" {
		t.Errorf("users when bob has a short password: %q", got)
	}
	f.MustSet(`Aaa.Users[UserName="bob"].Password="long enough"`)
	f.MustSet(`Aaa.Users[UserName="bob"].RowStatus="NotInService"`)
	if f.user("bob") != nil || f.Get(cell("bob", "Status")) != "NotInService" {
		t.Errorf("bob is suspended, and his user %s", f.Get(cell("bob", "Status")))
	}
	f.MustSet(`Aaa.Users[UserName="bob"].Delete=10`)
	if got := f.users(); got != "admin" {
		t.Errorf("users after bob's end: %q", got)
	}
}

// TestUsersAreAccounts: what is set of the tables shows in the accounts.
func TestUsersAreAccounts(t *testing.T) {
	f := start(t)
	mustHave(t, f.as(manager("admin"),
		assignment{"usmUserStatus", userKey("carol"), mib.Int(int32(mib.RowCreateAndGo))},
		assignment{"usmUserCloneFrom", userKey("carol"), mib.Ident(pointer("admin"))},
	))
	if got := f.Get(`Aaa.Users[UserName="carol"].AccessRights`); got != "None" {
		t.Errorf("rights of a user without a group: %q", got)
	}
	f.MustSet(group(3, "carol") + `="user"`)
	if got := f.Get(`Aaa.Users[UserName="carol"].AccessRights`); got != "User" {
		t.Errorf("rights of a user in the group user: %q", got)
	}
	f.MustSet(group(3, "carol") + `="mine"`)
	if got := f.Get(`Aaa.Users[UserName="carol"].AccessRights`); got != "None" {
		t.Errorf("rights of a user in another group: %q", got)
	}
	f.MustSet(cell("carol", "Status") + `="NotInService"`)
	if got := f.Get(`Aaa.Users[UserName="carol"].RowStatus`); got != "NotInService" {
		t.Errorf("the account of a suspended user is %q", got)
	}
	f.MustSet(cell("carol", "Status") + `="Destroy"`)
	if got := len(f.rows("Aaa.Users")); got != 1 {
		t.Errorf("%d accounts after the end of carol", got)
	}
	if err := f.Set(cell("admin", "Status") + `="Destroy"`); !errors.Is(err, mib.ErrInconsistent) || len(f.rows("Aaa.Users")) != 1 {
		t.Errorf("the last admin, as a user: %v", err)
	}
}

// TestBothSides: a transaction that changes both sides is carried out when they
// agree, and refused when they do not.
func TestBothSides(t *testing.T) {
	f := start(t)
	f.MustSet(`Aaa.Users[UserName="bob"].Password="bob's password"`, `Aaa.Users[UserName="bob"].AccessRights="User"`)
	f.MustSet(`Aaa.Users[UserName="bob"].AccessRights="Admin"`, group(3, "bob")+`="admin"`)
	err := f.Set(`Aaa.Users[UserName="bob"].AccessRights="Observer"`, group(3, "bob")+`="user"`)
	if !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "bob") {
		t.Errorf("two roles at once: %v", err)
	}
	if got := f.Get(`Aaa.Users[UserName="bob"].AccessRights`); got != "Admin" {
		t.Errorf("after the refusal: %q", got)
	}
	// A new account has the role of an observer, unless it is said that it has none.
	carol := []string{`Aaa.Users[UserName="carol"].Password="carol's password"`, group(3, "carol") + `="mine"`}
	if err := f.Set(carol...); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("a group of its own, and a role: %v", err)
	}
	f.MustSet(append(carol, `Aaa.Users[UserName="carol"].AccessRights="None"`)...)
	if got := f.Get(group(3, "carol")); got != "mine" {
		t.Errorf("group of a new account: %q", got)
	}
}

// TestRolesAreFixed: the rows of the roles are the unit's, and not on disk.
func TestRolesAreFixed(t *testing.T) {
	f := start(t)
	access := `Vacm.VacmAccess[VacmGroupName="observer", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthNoPriv"]`
	if got := f.Get(access + ".ReadViewName"); got != "observer-read" {
		t.Fatalf("view of observers: %q", got)
	}
	for _, line := range []string{access + `.WriteViewName="admin-write"`, access + `.Status="Destroy"`, access + `.StorageType="NonVolatile"`} {
		if err := f.Set(line); err == nil {
			t.Errorf("%s was taken", line)
		}
	}
}

// TestRolesAreWhole: a role's group gets no further rows, by which an account
// might see over SNMP what it does not see at the command line.
func TestRolesAreWhole(t *testing.T) {
	f := start(t)
	for _, row := range []string{
		`VacmGroupName="observer", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthPriv"`,
		`VacmGroupName="user", ContextPrefix="", SecurityModel=0, SecurityLevel="NoAuthNoPriv"`,
		`VacmGroupName="none", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthPriv"`,
	} {
		if err := f.Set("Vacm.VacmAccess[" + row + `].ReadViewName="admin-read"`); !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "group of its own") {
			t.Errorf("%s: %v", row, err)
		}
	}
	f.MustSet(`Vacm.VacmAccess[VacmGroupName="mine", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthPriv"].ReadViewName="admin-read"`)
}

// TestRestart: everything is as it was after a restart, also where a face says
// less than the tables.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	f.MustSet(`Snmp.TrapDest="192.0.2.1,[2001:db8::1]:1162,nms.example.com"`, `Snmp.Community="c0mmunity"`, `Snmp.InformRetries=5`)
	f.MustSet(`Target.SnmpTargetAddr[Name="trap-2"].Timeout=123`)
	mustHave(t, f.as(manager("admin"),
		assignment{"usmUserStatus", userKey("carol"), mib.Int(int32(mib.RowCreateAndGo))},
		assignment{"usmUserCloneFrom", userKey("carol"), mib.Ident(pointer("admin"))},
	))
	key := f.Get(fmt.Sprintf(`Snmp.UserKeys[EngineId=%s, Name="carol"].AuthKeyFingerprint`, mib.Quote(string(engineID))))
	g := f.reopen(dir)
	if got := g.Get(`Target.SnmpTargetAddr[Name="trap-2"].Timeout`); got != "123" {
		t.Errorf("a timeout of one target: %s", got)
	}
	if got := g.Get(fmt.Sprintf(`Snmp.UserKeys[EngineId=%s, Name="carol"].AuthKeyFingerprint`, mib.Quote(string(engineID)))); got != key || key == "" {
		t.Errorf("the fingerprint of a key is %q, was %q", got, key)
	}
	if got := g.Get(`Snmp.TrapDest`); got != "192.0.2.1,[2001:db8::1]:1162,nms.example.com" {
		t.Errorf("TrapDest is %q", got)
	}
}
