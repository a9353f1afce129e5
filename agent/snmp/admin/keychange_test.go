package admin_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"testing"

	"mibgate/agent/snmp/usm"
	"mibgate/element/access"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
	usmmib "mibgate/mib/usm"
)

// pointer is the usmUserSecurityName of a user, which managers clone from.
func pointer(name string) mib.OID {
	return mib.AppendInstance(usmmib.Tables.UsmUser.Index, usmmib.Objects.UsmUserSecurityName.OID.Append(), userKey(name))
}

func (f *fixture) clone(name, from string) error {
	f.t.Helper()
	return f.as(manager("admin"),
		assignment{"usmUserStatus", userKey(name), mib.Int(int32(mib.RowCreateAndGo))},
		assignment{"usmUserCloneFrom", userKey(name), mib.Ident(pointer(from))},
	)
}

// keysOf are the keys of an account's password.
func keysOf(t *testing.T, a usm.AuthProtocol, p usm.PrivProtocol, password string) (auth, priv []byte) {
	t.Helper()
	ku, err := usm.PasswordToKey(a, password)
	mustHave(t, err)
	auth, err = usm.Localize(a, ku, engineID)
	mustHave(t, err)
	priv, err = usm.LocalizePriv(a, p, ku, engineID)
	mustHave(t, err)
	return auth, priv
}

func change(t *testing.T, a usm.AuthProtocol, old, key []byte) mib.Value {
	t.Helper()
	random := make([]byte, len(key))
	_, _ = rand.Read(random)
	v, err := usm.MakeKeyChange(a, old, key, random)
	mustHave(t, err)
	return mib.String(string(v))
}

// stored are the keys of a user of its own.
func (f *fixture) stored(name string) (auth, priv []byte) {
	f.t.Helper()
	row := snmpmib.Of(f.Store.Current()).FindUserKeys(string(engineID), name)
	if row == nil {
		f.t.Fatalf("%s has no keys of its own", name)
	}
	auth, err := hex.DecodeString(row.AuthKey)
	mustHave(f.t, err)
	priv, err = hex.DecodeString(row.PrivKey)
	mustHave(f.t, err)
	return auth, priv
}

// TestClone: a clone has the keys of its template until they are changed.
func TestClone(t *testing.T) {
	f := start(t)
	mustHave(t, f.clone("carol", "admin"))
	auth, priv := keysOf(t, usm.SHA256, usm.AES128, "first password")
	if a, p := f.stored("carol"); !bytes.Equal(a, auth) || !bytes.Equal(p, priv) {
		t.Error("the clone has other keys than its template")
	}
	if u := f.user("carol"); u == nil || u.Auth() != usm.SHA256 || u.Priv() != usm.AES128 {
		t.Errorf("the clone is %v", u)
	}
	// Cloning again does nothing (RFC 3414, usmUserCloneFrom).
	mustHave(t, f.clone("dave", "carol"))
	mustHave(t, f.as(manager("admin"), assignment{"usmUserCloneFrom", userKey("dave"), mib.Ident(pointer("admin"))}))
	if err := f.clone("erin", "nobody"); !errors.Is(err, mib.ErrNoRow) || f.user("erin") != nil {
		t.Errorf("a clone of nobody: %v", err)
	}
	if err := f.clone("erin", "erin"); err == nil || f.user("erin") != nil {
		t.Errorf("a clone of itself: %v", err)
	}
}

// TestKeyChange is RFC 3414 §5: with both keys in one SET, together with the
// clone, and a key that is not known to who only has the old one.
func TestKeyChange(t *testing.T) {
	f := start(t)
	auth, priv := keysOf(t, usm.SHA256, usm.AES128, "first password")
	newAuth, newPriv := keysOf(t, usm.SHA256, usm.AES128, "carol's password")
	mustHave(t, f.as(manager("admin"), // as if at once: the order of keys and clone is no matter
		assignment{"usmUserStatus", userKey("carol"), mib.Int(int32(mib.RowCreateAndGo))},
		assignment{"usmUserPrivKeyChange", userKey("carol"), change(t, usm.SHA256, priv, newPriv)},
		assignment{"usmUserAuthKeyChange", userKey("carol"), change(t, usm.SHA256, auth, newAuth)},
		assignment{"usmUserCloneFrom", userKey("carol"), mib.Ident(pointer("admin"))},
	))
	if a, p := f.stored("carol"); !bytes.Equal(a, newAuth) || !bytes.Equal(p, newPriv) {
		t.Error("the keys are not those that were set")
	}
	bob := mib.Key{mib.String("another engine"), mib.String("bob")} // whose informs we send
	mustHave(t, f.as(manager("admin"),
		assignment{"usmUserStatus", bob, mib.Int(int32(mib.RowCreateAndGo))},
		assignment{"usmUserCloneFrom", bob, mib.Ident(pointer("admin"))},
		assignment{"usmUserAuthKeyChange", bob, change(t, usm.SHA256, auth, newAuth)},
	))
	if got := len(f.rows("Aaa.Users")); got != 2 {
		t.Errorf("%d accounts: a user at another engine is none", got)
	}
}

// TestOwnKeyChange: a user changes its own keys and nobody else's.
func TestOwnKeyChange(t *testing.T) {
	f := start(t)
	mustHave(t, f.clone("carol", "admin"))
	auth, priv := f.stored("carol")
	newAuth, newPriv := keysOf(t, usm.SHA256, usm.AES128, "carol's password")
	sets := []assignment{
		{"usmUserOwnAuthKeyChange", userKey("carol"), change(t, usm.SHA256, auth, newAuth)},
		{"usmUserOwnPrivKeyChange", userKey("carol"), change(t, usm.SHA256, priv, newPriv)},
	}
	for _, who := range []access.Principal{manager("admin"), {Name: "carol", Role: access.Admin, Via: "cli"}} {
		if err := f.as(who, sets...); !errors.Is(err, mib.ErrNoAccess) {
			t.Errorf("%v changes the own keys of carol: %v", who, err)
		}
	}
	observer := access.Principal{Name: "carol", Role: access.Observer, Via: access.ViaUSM}
	mustHave(t, f.as(observer, sets...))
	if a, p := f.stored("carol"); !bytes.Equal(a, newAuth) || !bytes.Equal(p, newPriv) {
		t.Error("the keys are not those that were set")
	}
	if err := f.as(observer, assignment{"usmUserAuthKeyChange", userKey("carol"), sets[0].value}); !errors.Is(err, mib.ErrNoAccess) {
		t.Errorf("an observer changes a key that is not called its own: %v", err)
	}
}

// TestChangedAccount: the key of a user whose account has a password is another
// one after a change, and the password's again when it is set.
func TestChangedAccount(t *testing.T) {
	f := start(t)
	auth, _ := keysOf(t, usm.SHA256, usm.AES128, "first password")
	newAuth, _ := keysOf(t, usm.SHA256, usm.AES128, "another password")
	mustHave(t, f.as(manager("admin"), assignment{"usmUserAuthKeyChange", userKey("admin"), change(t, usm.SHA256, auth, newAuth)}))
	if a, _ := f.stored("admin"); !bytes.Equal(a, newAuth) {
		t.Error("the key has not changed")
	}
	f.MustSet(`Snmp.AuthProtocol="Sha512"`)
	if u := f.user("admin"); u.Auth() != usm.SHA256 {
		t.Error("a user with a key of its own was given another protocol")
	}
	f.MustSet(`Aaa.Users[UserName="admin"].Password="third password"`)
	if snmpmib.Of(f.Store.Current()).FindUserKeys(string(engineID), "admin") != nil {
		t.Error("a new password leaves the old key")
	}
	for _, bad := range []string{"", "short", string(make([]byte, 63)), string(make([]byte, 65))} {
		err := f.as(manager("admin"), assignment{"usmUserAuthKeyChange", userKey("admin"), mib.String(bad)})
		if !errors.Is(err, mib.ErrWrongLength) {
			t.Errorf("a key change of %d octets: %v", len(bad), err)
		}
	}
}
