package admin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mibgate/agent/snmp/usm"
	"mibgate/element/access"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
	usmmib "mibgate/mib/usm"
)

func kind(t *testing.T, err error) mib.ErrorKind {
	t.Helper()
	var e *mib.Error
	if err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	if e == nil {
		return ""
	}
	return e.Kind
}

// TestProcedure is the recommended way to make a user (RFC 3414, usmUserTable),
// step by step: it is ready before it is activated.
func TestProcedure(t *testing.T) {
	f := start(t)
	auth, priv := keysOf(t, usm.SHA256, usm.AES128, "first password")
	newAuth, newPriv := keysOf(t, usm.SHA256, usm.AES128, "carol's password")
	for i, step := range [][]assignment{
		{{"usmUserCloneFrom", userKey("carol"), mib.Ident(pointer("admin"))}, {"usmUserStatus", userKey("carol"), mib.Int(int32(mib.RowCreateAndWait))}},
		{{"usmUserPrivKeyChange", userKey("carol"), change(t, usm.SHA256, priv, newPriv)}, {"usmUserPublic", userKey("carol"), mib.String("one")}},
		{{"usmUserAuthKeyChange", userKey("carol"), change(t, usm.SHA256, auth, newAuth)}, {"usmUserPublic", userKey("carol"), mib.String("two")}},
		{{"usmUserStatus", userKey("carol"), mib.Int(int32(mib.RowActive))}},
	} {
		if i == 0 { // the responder orders the bindings of a PDU
			step[0], step[1] = step[1], step[0]
		}
		mustHave(t, f.as(manager("admin"), step...))
		if u := f.user("carol"); (u != nil) != (i == 3) {
			t.Errorf("after step %d the user is %v", i, u)
		}
	}
	if a, p := f.stored("carol"); string(a) != string(newAuth) || string(p) != string(newPriv) {
		t.Error("the keys are not those that were set")
	}
	if got := f.Get(cell("carol", "Public")); got != "two" {
		t.Errorf("usmUserPublic is %q", got)
	}
}

// TestUserObjects is what the DESCRIPTIONs of usmUserTable want of single
// assignments.
func TestUserObjects(t *testing.T) {
	other := mib.Key{mib.String("another engine"), mib.String("carol")}
	clear := userKey("clear") // without authentication
	value := change(t, usm.SHA256, make([]byte, 32), make([]byte, 32))
	create := mib.Int(int32(mib.RowCreateAndGo))
	tests := []struct {
		name string
		who  access.Principal
		sets []assignment
		want mib.ErrorKind // "": taken
	}{
		{"key of a new user without clone", manager("admin"), []assignment{{"usmUserStatus", userKey("dave"), create}, {"usmUserAuthKeyChange", userKey("dave"), value}}, mib.ErrNoRow},
		{"key of a user without authentication", manager("admin"), []assignment{{"usmUserAuthKeyChange", clear, value}}, ""},
		{"key of a user without privacy", manager("admin"), []assignment{{"usmUserPrivKeyChange", clear, value}}, ""},
		{"own key by community", access.Principal{Name: "carol", Role: access.User, Via: "community"}, []assignment{{"usmUserOwnAuthKeyChange", userKey("carol"), value}}, mib.ErrNoAccess},
		{"own key of the namesake at another engine", access.Principal{Name: "carol", Role: access.Admin, Via: access.ViaUSM}, []assignment{{"usmUserOwnAuthKeyChange", other, value}}, mib.ErrNoAccess},
		{"protocol that we do not have", manager("admin"), []assignment{{"usmUserAuthProtocol", userKey("carol"), mib.Ident(mib.OID{1, 3, 6, 1, 9})}}, mib.ErrWrongValue},
		{"privacy that we do not have", manager("admin"), []assignment{{"usmUserPrivProtocol", userKey("carol"), mib.Ident(mib.OID{1, 3, 6, 1, 9})}}, mib.ErrWrongValue},
		{"other protocol for a key", manager("admin"), []assignment{{"usmUserAuthProtocol", userKey("carol"), mib.Ident(usm.SHA512.OID())}}, mib.ErrInconsistent},
		{"other privacy for a key", manager("admin"), []assignment{{"usmUserPrivProtocol", userKey("carol"), mib.Ident(usm.DES.OID())}}, mib.ErrInconsistent},
		{"no authentication with privacy", manager("admin"), []assignment{{"usmUserAuthProtocol", userKey("carol"), mib.Ident(usm.NoAuth.OID())}}, mib.ErrInconsistent},
		{"no privacy", manager("admin"), []assignment{{"usmUserPrivProtocol", userKey("carol"), mib.Ident(usm.NoPriv.OID())}}, ""},
		{"neither", manager("admin"), []assignment{{"usmUserPrivProtocol", userKey("carol"), mib.Ident(usm.NoPriv.OID())}, {"usmUserAuthProtocol", userKey("carol"), mib.Ident(usm.NoAuth.OID())}}, ""},
		{"clone of a suspended user", manager("admin"), []assignment{{"usmUserStatus", userKey("dave"), create}, {"usmUserCloneFrom", userKey("dave"), mib.Ident(pointer("away"))}}, mib.ErrNoRow},
		{"clone from nothing", manager("admin"), []assignment{{"usmUserStatus", userKey("dave"), create}, {"usmUserCloneFrom", userKey("dave"), mib.Ident(mib.OID{1, 3, 6, 1})}}, mib.ErrNoRow},
		{"clone again", manager("admin"), []assignment{{"usmUserCloneFrom", userKey("carol"), mib.Ident(pointer("nobody"))}}, ""},
		{"volatile user", manager("admin"), []assignment{{"usmUserStorageType", userKey("carol"), mib.Int(2)}}, mib.ErrInconsistent},
		{"volatile user at another engine", manager("admin"), []assignment{{"usmUserStorageType", other, mib.Int(2)}}, ""},
	}
	f := start(t)
	mustHave(t, f.clone("carol", "admin"))
	mustHave(t, f.clone("away", "admin"))
	mustHave(t, f.as(manager("admin"), assignment{"usmUserStatus", clear, create}, assignment{"usmUserStatus", other, create}))
	mustHave(t, f.as(manager("admin"), assignment{"usmUserCloneFrom", other, mib.Ident(pointer("admin"))}, assignment{"usmUserStatus", userKey("away"), mib.Int(int32(mib.RowNotInService))}))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := kind(t, f.as(tt.who, tt.sets...)); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
	if n := usmmib.Of(f.Store.Current()).UsmUser.Len(); n != 5 {
		t.Errorf("%d users", n)
	}
}

// TestKeysEndWithTheUser: a new user of the name of one that has gone has none
// of its keys, at any engine.
func TestKeysEndWithTheUser(t *testing.T) {
	f := start(t)
	for _, key := range []mib.Key{userKey("carol"), {mib.String("another engine"), mib.String("carol")}} {
		mustHave(t, f.as(manager("admin"), assignment{"usmUserStatus", key, mib.Int(int32(mib.RowCreateAndGo))}, assignment{"usmUserCloneFrom", key, mib.Ident(pointer("admin"))}))
		mustHave(t, f.as(manager("admin"), assignment{"usmUserStatus", key, mib.Int(int32(mib.RowDestroy))}))
		if snmpmib.Of(f.Store.Current()).FindUserKeys(key[0].Str, key[1].Str) != nil {
			t.Errorf("the user at %q has left its keys", key[0].Str)
		}
	}
	// Both sides at once.
	mustHave(t, f.clone("carol", "admin"))
	f.MustSet(`Aaa.Users[UserName="carol"].Delete=10`, cell("carol", "Status")+`="Destroy"`)
	if snmpmib.Of(f.Store.Current()).FindUserKeys(string(engineID), "carol") != nil {
		t.Error("the account has left its keys")
	}
}

// TestUserWithoutKeys: one that waits for its keys, or has lost them, is there as
// long as it is not active, and after a restart too.
func TestUserWithoutKeys(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	mustHave(t, f.clone("carol", "admin"))
	f.MustSet(cell("carol", "Status") + `="NotInService"`)
	f.MustSet(fmt.Sprintf(`Snmp.UserKeys[EngineId=%s, Name="carol"].RowStatus="Destroy"`, mib.Quote(string(engineID))))
	mustHave(t, f.as(manager("admin"),
		assignment{"usmUserStatus", userKey("dave"), mib.Int(int32(mib.RowCreateAndWait))},
		assignment{"usmUserAuthProtocol", userKey("dave"), mib.Ident(usm.SHA512.OID())}))
	for range 2 {
		for _, name := range []string{"carol", "dave"} {
			if got := f.Get(cell(name, "Status")); got != "NotInService" {
				t.Errorf("%s is %q", name, got)
			}
			if err := f.Set(cell(name, "Status") + `="Active"`); !errors.Is(err, mib.ErrInconsistent) {
				t.Errorf("%s without keys is active: %v", name, err)
			}
		}
		f = f.reopen(dir)
	}
	mustHave(t, f.as(manager("admin"), assignment{"usmUserCloneFrom", userKey("dave"), mib.Ident(pointer("admin"))}, assignment{"usmUserStatus", userKey("dave"), mib.Int(int32(mib.RowActive))}))
	if u := f.user("dave"); u == nil || u.Auth() != usm.SHA256 {
		t.Errorf("the clone is %v", u)
	}
	err := f.as(manager("admin"), assignment{"usmUserStatus", userKey("erin"), mib.Int(int32(mib.RowCreateAndGo))},
		assignment{"usmUserAuthProtocol", userKey("erin"), mib.Ident(usm.SHA512.OID())})
	if !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("a user with a protocol and without keys: %v", err)
	}
}

// TestKeysWithoutUser: an account that is no user gets no keys, which would be
// for no protocol.
func TestKeysWithoutUser(t *testing.T) {
	f := start(t)
	f.MustSet(`Aaa.Users[UserName="bob"].Password="short"`)
	keys := fmt.Sprintf(`Snmp.UserKeys[EngineId=%s, Name="bob"].AuthKey="%s"`, mib.Quote(string(engineID)), strings.Repeat("ab", 64))
	if err := f.Set(keys); !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "UserKeys") {
		t.Errorf("keys of no user: %v", err)
	}
	f.MustSet(keys, cell("bob", "AuthProtocol")+`="`+usm.SHA512.OID().String()+`"`)
	if u := f.user("bob"); u == nil || u.Auth() != usm.SHA512 {
		t.Errorf("bob is %v", u)
	}
}

// TestCommunityFollowsRole: an account that the community stands for has the
// rights of its role, whatever else a transaction changes, and a group that it
// was given by hand.
func TestCommunityFollowsRole(t *testing.T) {
	f := start(t)
	f.MustSet(`Aaa.Users[UserName="bob"].AccessRights="Admin"`, `Snmp.SnmpUser="bob"`, `Snmp.Community="one"`)
	f.MustSet(`Aaa.Users[UserName="bob"].AccessRights="Observer"`, `Snmp.Community="two"`, communityRow+`Name="two"`)
	if got := f.Get(group(1, "bob")) + " " + f.Get(group(2, "bob")); got != "observer observer" {
		t.Errorf("groups after both sides were changed: %q", got)
	}
	f.MustSet(group(2, "bob") + `="mine"`)
	f.MustSet(`Snmp.Community="three"`)
	if got := f.Get(group(1, "bob")) + " " + f.Get(group(2, "bob")); got != "observer mine" {
		t.Errorf("groups after another community: %q", got)
	}
	f.MustSet(`Aaa.Users[UserName="bob"].AccessRights="User"`, communityRow+`SecurityName="community-none"`)
	if got := f.Get("Snmp.CommunityRole") + f.Get("Snmp.SnmpUser"); got != "None" {
		t.Errorf("the community stands for %q", got)
	}
}
