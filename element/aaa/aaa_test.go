package aaa

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mibgate/element"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/aaa"
	"mibgate/testdata/testelement"
)

// start is an element with the factory's account and nothing but this service.
func start(t *testing.T) *testelement.Element {
	t.Helper()
	el := testelement.New(t, element.Options{})
	el.Store.Factory(func(c *store.Candidate) { Factory(c, "first password") })
	el.Start(New())
	return el
}

func TestFactory(t *testing.T) {
	el := start(t)
	a, ok := Find(el.Store.Current(), AdminName)
	if !ok || a != (Account{Name: "admin", Password: "first password", Role: access.Admin}) {
		t.Errorf("the factory's account is %v, %+v", ok, a)
	}
	if got := el.Get(`Aaa.Users[UserName="admin"].Password`); got != "" {
		t.Error("the password reads back")
	}
	if got := el.Get(`Aaa.Users[UserName="admin"].PasswordFingerprint`); got == "" {
		t.Error("a password that is set has no fingerprint")
	}
	b, err := os.ReadFile(filepath.Join(el.Store.Dir(), "config"))
	if err != nil || strings.Contains(string(b), "first password") {
		t.Errorf("the password is on disk in clear (%v)", err)
	}
}

// TestLastAdmin: whatever would leave nobody who can administer the unit is
// refused, as long as nobody else can.
func TestLastAdmin(t *testing.T) {
	tests := []struct{ name, line string }{
		{"delete", `Aaa.Users[UserName="admin"].Delete=10`},
		{"destroy", `Aaa.Users[UserName="admin"].RowStatus="Destroy"`},
		{"suspend", `Aaa.Users[UserName="admin"].RowStatus="NotInService"`},
		{"demote", `Aaa.Users[UserName="admin"].AccessRights="User"`},
		{"no password", `Aaa.Users[UserName="admin"].Password=""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			el := start(t)
			el.MustSet(
				`Aaa.Users[UserName="root"].AccessRights="Admin"`, // without password: cannot log in
				`Aaa.Users[UserName="bob"].Password="bob's password"`,
				`Aaa.Users[UserName="bob"].AccessRights="User"`,
			)
			if err := el.Set(tt.line); !errors.Is(err, mib.ErrInconsistent) {
				t.Fatalf("the last admin: %v", err)
			}
			if _, ok := Find(el.Store.Current(), AdminName); !ok {
				t.Fatal("the last admin is gone")
			}
			el.MustSet(`Aaa.Users[UserName="root"].Password="root's password"`, `Aaa.Users[UserName="root"].AccessRights="Admin"`)
			el.MustSet(tt.line)
		})
	}
}

// TestHandOver: the last admin can be replaced in one transaction.
func TestHandOver(t *testing.T) {
	el := start(t)
	el.MustSet(`Aaa.Users[UserName="admin"].Delete=10`, `Aaa.Users[UserName="eve"].Password="eve's password"`, `Aaa.Users[UserName="eve"].AccessRights="Admin"`)
	if _, ok := Find(el.Store.Current(), AdminName); ok {
		t.Error("the old account is still there")
	}
	if a, ok := Find(el.Store.Current(), "eve"); !ok || a.Role != access.Admin {
		t.Errorf("the new account: %v, %+v", ok, a)
	}
}

func TestAccounts(t *testing.T) {
	el := start(t)
	el.MustSet(
		`Aaa.Users[UserName="watch"].AccessRights="Observer"`,
		`Aaa.Users[UserName="away"].RowStatus="NotInService"`,
	)
	if _, ok := Find(el.Store.Current(), "away"); ok {
		t.Error("an account that is not in service is found")
	}
	if _, ok := Find(el.Store.Current(), "nobody"); ok {
		t.Error("an account that is not there is found")
	}
	var names []string
	for _, a := range All(el.Store.Current()) {
		names = append(names, a.Name+"="+a.Role.String())
	}
	if got := strings.Join(names, " "); got != "admin=admin watch=observer" {
		t.Errorf("accounts: %s", got)
	}
	for _, bad := range []string{`Aaa.Users[UserName=""].Password="x"`, `Aaa.Users[UserName="` + strings.Repeat("x", 33) + `"].Password="x"`} {
		if err := el.Set(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestRole(t *testing.T) {
	for right, want := range map[aaa.UsersAccessRights]access.Role{
		aaa.UsersAccessRightsAdmin: access.Admin, aaa.UsersAccessRightsUser: access.User,
		aaa.UsersAccessRightsObserver: access.Observer, 7: access.None,
	} {
		if got := Role(right); got != want {
			t.Errorf("%v is %v, want %v", right, got, want)
		}
	}
}

// TestAccountsAreBounded: each costs memory and, with SNMPv3, time at every
// change.
func TestAccountsAreBounded(t *testing.T) {
	el := start(t)
	var lines []string
	for i := 1; i < MaxUsers; i++ { // and admin
		lines = append(lines, fmt.Sprintf(`Aaa.Users[UserName="u%d"].RowStatus="CreateAndWait"`, i))
	}
	el.MustSet(lines...)
	err := el.Set(`Aaa.Users[UserName="one more"].AccessRights="Observer"`)
	if !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "Aaa.Users") || !strings.Contains(err.Error(), "full") {
		t.Errorf("one account too many: %v", err)
	}
}
