package admin_test

import (
	"errors"
	"strings"
	"testing"

	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// TestLastReach: nothing leaves no admin whom SNMPv3 lets in, as long as there is
// one, and everything does while there is another.
func TestLastReach(t *testing.T) {
	none := mib.Ident(usm.NoPriv.OID())
	tests := []struct {
		name  string
		as    []assignment // or else
		lines []string
	}{
		{"no privacy", []assignment{{"usmUserPrivProtocol", userKey("admin"), none}}, nil},
		{"neither", []assignment{{"usmUserPrivProtocol", userKey("admin"), none}, {"usmUserAuthProtocol", userKey("admin"), mib.Ident(usm.NoAuth.OID())}}, nil},
		{"short password", nil, []string{`Aaa.Users[UserName="admin"].Password="short"`}},
		{"privacy of all", nil, []string{`Snmp.MinimumSecurityLevel="AuthNoPriv"`, `Snmp.PrivProtocol="None"`, `Snmp.MinimumSecurityLevel="AuthPriv"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := start(t)
			do := func() error {
				if tt.as != nil {
					return f.as(manager("admin"), tt.as...)
				}
				return f.Set(tt.lines...)
			}
			f.MustSet(`Snmp.MinimumSecurityLevel="AuthPriv"`)
			if err := do(); !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "no admin") {
				t.Fatalf("the last one: %v", err)
			}
			if tt.name == "privacy of all" {
				return
			}
			f.MustSet(`Aaa.Users[UserName="root"].Password="root's password"`, `Aaa.Users[UserName="root"].AccessRights="Admin"`)
			mustHave(t, do())
		})
	}
	t.Run("a level that none has", func(t *testing.T) {
		f := start(t)
		f.MustSet(`Snmp.MinimumSecurityLevel="AuthNoPriv"`)
		mustHave(t, f.as(manager("admin"), tests[0].as...))
		if err := f.Set(`Snmp.MinimumSecurityLevel="AuthPriv"`); !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "MinimumSecurityLevel") {
			t.Errorf("%v", err)
		}
		f.MustSet(`Snmp.EnableSnmpV3="Disable"`, `Snmp.MinimumSecurityLevel="AuthPriv"`) // nobody is to use it
		f.MustSet(`Snmp.EnableSnmpV3="Enable"`, `Snmp.TrapKind="Inform"`)                // what is so already is no reason
		f.MustSet(`Aaa.Users[UserName="admin"].Password="first password"`)
		if u := f.user("admin"); u == nil || u.Priv() != usm.AES128 {
			t.Errorf("a password that is set has not mended admin: %v", u)
		}
	})
}

// TestPasswordMakesUser: a password that is set is good, whatever the user was
// before: the keys of its own and the protocols go. The same one again as well.
func TestPasswordMakesUser(t *testing.T) {
	for _, password := range []string{"bob's password", "another password"} {
		t.Run(password, func(t *testing.T) {
			f := start(t)
			f.MustSet(`Aaa.Users[UserName="bob"].Password="bob's password"`, `Aaa.Users[UserName="bob"].AccessRights="User"`)
			auth, _ := keysOf(t, usm.SHA256, usm.AES128, "bob's password")
			stolen, _ := keysOf(t, usm.SHA256, usm.AES128, "not to be known")
			mustHave(t, f.as(manager("bob"), assignment{"usmUserOwnAuthKeyChange", userKey("bob"), change(t, usm.SHA256, auth, stolen)}))
			mustHave(t, f.as(manager("admin"), assignment{"usmUserPrivProtocol", userKey("bob"), mib.Ident(usm.NoPriv.OID())}))
			set := `Aaa.Users[UserName="bob"].Password="` + password + `"`
			f.MustSet(set)
			if n := len(f.rows("Snmp.UserKeys")); n != 0 {
				t.Fatal("the keys of its own are left")
			}
			if u := f.user("bob"); u == nil || u.Priv() != usm.AES128 {
				t.Errorf("bob is %v", u)
			}
			// With another side of the account in the same transaction, too.
			mustHave(t, f.as(manager("bob"), assignment{"usmUserOwnAuthKeyChange", userKey("bob"), keyChange(t, password)}))
			f.MustSet(set, `Aaa.Users[UserName="bob"].AccessRights="Observer"`, group(3, "bob")+`="observer"`)
			if n := len(f.rows("Snmp.UserKeys")); n != 0 {
				t.Error("the keys of its own are left when the group is set as well")
			}
			// What the transaction says of the user stays.
			f.MustSet(set, cell("bob", "AuthProtocol")+`="`+usm.SHA512.OID().String()+`"`)
			f.MustSet(cell("bob", "Public") + `="x"`)
			if u := f.user("bob"); u == nil || u.Auth() != usm.SHA512 {
				t.Errorf("bob with a protocol of his own is %v", u)
			}
		})
	}
}

// keyChange is one from the keys of a password to some other.
func keyChange(t *testing.T, from string) mib.Value {
	t.Helper()
	auth, _ := keysOf(t, usm.SHA256, usm.AES128, from)
	to, _ := keysOf(t, usm.SHA256, usm.AES128, "some other one")
	return change(t, usm.SHA256, auth, to)
}

// TestPasswordTakesKeys: a password too short for SNMPv3 takes the user, with keys
// of its own as well; no password written back where there is none takes nothing.
func TestPasswordTakesKeys(t *testing.T) {
	f := start(t)
	mustHave(t, f.clone("carol", "admin"))
	f.MustSet(`Aaa.Users[UserName="carol"].Password=""`)
	if f.user("carol") == nil {
		t.Fatal("a password written back as it reads has taken the keys")
	}
	f.MustSet(`Aaa.Users[UserName="carol"].Password="short"`)
	if got := f.users(); got != "admin" || len(f.rows("Snmp.UserKeys")) != 0 {
		t.Errorf("users when carol has a short password: %q", got)
	}
	f.MustSet(`Aaa.Users[UserName="carol"].Password="long enough"`)
	if f.user("carol") == nil {
		t.Error("carol is no user again")
	}
}
