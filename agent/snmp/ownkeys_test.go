package snmp

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"mibgate/agent/snmp/usm"
	"mibgate/mib"
	communitymib "mibgate/mib/community"
)

// TestOwnKeyProcedure: a user changes his keys as RFC 3414 wants it, with the lock
// and a note in usmUserPublic that he reads afterwards, and sees no other row.
func TestOwnKeyProcedure(t *testing.T) {
	u := newUnit(t, insiders...)
	u.set(`Vacm.VacmViewTreeFamily[ViewName="few", Subtree="1.3.6.1.6.3.15.1.2.1"].Type="Included"`,
		`Vacm.VacmViewTreeFamily[ViewName="some", Subtree="1.3.6.1.6.3.15.1.2.1"].Type="Included"`)
	lock, public := u.oid("Usm.UsmUserSpinLock"), u.column("Usm.UsmUser.Public")
	for _, name := range []string{"obs", "usr"} {
		how := as(name, "authPriv")
		number := value(u.ask("snmpget", how, lock))
		key := "the new password of " + name
		u.ask("snmpset", how, lock, "i", number, u.cellOf("OwnAuthKeyChange", name), "x", u.keyChange("the password of "+name, key), u.cellOf("Public", name), "s", "done")
		how = user("authPriv", name, "SHA-256", key, "AES", "the password of "+name)
		out := u.ask("snmpwalk", how, public)
		if !strings.Contains(out, u.cellOf("Public", name)+` = STRING: "done"`) || strings.Count(out, " = STRING") != 1 {
			t.Errorf("%s sees of usmUserPublic\n%s", name, out)
		}
		for _, other := range []string{"admin", "own"} {
			if out := u.ask("snmpget", how, u.cellOf("Public", other)); !strings.Contains(out, "No Such Instance") {
				t.Errorf("%s sees the row of %s: %s", name, other, out)
			}
		}
		if out := u.ask("snmpget", as(name, "noAuthNoPriv"), u.cellOf("Public", name)); !strings.Contains(out, "No Such") {
			t.Errorf("whoever writes the name %s sees its row: %s", name, out)
		}
	}
	if out := u.ask("snmpwalk", asCommunity("-v2c", "public"), public); strings.Contains(out, "STRING") {
		t.Errorf("a community sees of usmUserPublic\n%s", out)
	}
	// A group of its own has the views for it, or not: here all but usmUserPublic.
	own := as("own", "authPriv")
	number := value(u.ask("snmpget", own, lock))
	u.ask("snmpset", own, lock, "i", number, u.cellOf("OwnAuthKeyChange", "own"), "x", u.keyChange("the password of own", "the new password of own"))
	if out := u.ask("snmpwalk", v3, public); strings.Count(out, "\n") < 5 {
		t.Errorf("an admin sees of usmUserPublic\n%s", out)
	}
}

// value is what the tools print of one number.
func value(out string) string {
	_, v, _ := strings.Cut(strings.TrimSpace(out), "INTEGER: ")
	return v
}

// keyChange is a value of usmUserOwnAuthKeyChange, in hexadecimal digits.
func (u *unit) keyChange(from, to string) string {
	u.t.Helper()
	var keys [2][]byte
	for i, password := range []string{from, to} {
		ku, err := usm.PasswordToKey(usm.SHA256, password)
		if err != nil {
			u.t.Fatal(err)
		}
		if keys[i], err = usm.Localize(usm.SHA256, ku, u.svc.EngineID()); err != nil {
			u.t.Fatal(err)
		}
	}
	change, err := usm.MakeKeyChange(usm.SHA256, keys[0], keys[1], make([]byte, len(keys[1])))
	if err != nil {
		u.t.Fatal(err)
	}
	return hex.EncodeToString(change)
}

// TestProtocolsOverSNMP: a manager changes a protocol to none and to nothing else
// (RFC 3414, usmUserAuthProtocol), though the keys come from a password; that it
// is as it was is no change, and a script may give others.
func TestProtocolsOverSNMP(t *testing.T) {
	u := newUnit(t, insiders...)
	priv, auth := u.cellOf("PrivProtocol", "obs"), u.cellOf("AuthProtocol", "obs")
	u.ask("snmpset", v3, priv, "o", usm.AES128.OID().String(), auth, "o", usm.SHA256.OID().String())
	for _, oid := range []mib.OID{usm.DES.OID(), usm.AES256.OID(), {1, 3, 6, 1}} {
		if out, err := u.tool("snmpset", v3, priv, "o", oid.String()); err == nil || !strings.Contains(out, "inconsistentValue") {
			t.Errorf("%s: %v %s", oid, err, out)
		}
	}
	u.set(fmt.Sprintf(`Usm.UsmUser[EngineID=%s, Name="obs"].PrivProtocol="%s"`, mib.Quote(string(u.svc.EngineID())), usm.AES256.OID()))
	u.ask("snmpset", v3, priv, "o", usm.NoPriv.OID().String())
	u.ask("snmpset", v3, priv, "o", usm.NoPriv.OID().String(), auth, "o", usm.NoAuth.OID().String())
}

// TestNoSuchView: who has no view for requests of a class is denied all of them,
// without an index (RFC 3413 §3.2, RFC 3415 §3.2), and counted as before.
func TestNoSuchView(t *testing.T) {
	access := `Vacm.VacmAccess[VacmGroupName="mine", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthNoPriv"].`
	u := newUnit(t, insiders...)
	own, contact := as("own", "authPriv"), "1.3.6.1.2.1.1.4.0"
	for _, tt := range []struct {
		name, read, write  string
		readSays, setsSays string
	}{
		{"no write view", "some", "", "= ", "authorizationError"},
		{"a write view that is not there", "some", "gone", "= ", "authorizationError"},
		{"no read view", "", "few", "authorizationError", "= "},
		{"a read view that is not there", "gone", "few", "authorizationError", "= "},
		{"neither", "", "", "authorizationError", "authorizationError"},
	} {
		u.set(access+`ReadViewName="`+tt.read+`"`, access+`WriteViewName="`+tt.write+`"`)
		for _, ask := range []struct {
			says string
			args []string
		}{{tt.readSays, []string{"snmpget", contact}}, {tt.readSays, []string{"snmpgetnext", contact}}, {tt.setsSays, []string{"snmpset", contact, "s", "x"}}} {
			out, err := u.tool(ask.args[0], own, ask.args[1:]...)
			if ask.says == "= " && err != nil || !strings.Contains(out, ask.says) || strings.Contains(out, "Failed object") {
				t.Errorf("%s: %v: %v, %s", tt.name, ask.args, err, out)
			}
		}
	}
	u.set(`Vacm.VacmSecurityToGroup[VacmSecurityModel=1, VacmSecurityName="own"].VacmGroupName="mine"`)
	before := u.svc.count.badCommunityUses.Load()
	if out, err := u.tool("snmpset", asCommunity("-v1", "narrow"), contact, "s", "x"); err == nil || !strings.Contains(out, "noSuchName") {
		t.Errorf("SNMPv1 says %s", out)
	}
	if after := u.svc.count.badCommunityUses.Load(); after != before+1 {
		t.Errorf("%d uses of the SET are counted", after-before)
	}
}

// TestContextEngine: the engine of a community's context is ours, though none is
// stored, and setting it stores none.
func TestContextEngine(t *testing.T) {
	u := newUnit(t, insiders...)
	cell := u.oid("Community.SnmpCommunity.ContextEngineID", mib.String("narrow"))
	want := strings.ToUpper(hex.EncodeToString(u.svc.EngineID()))
	for range 2 {
		out := strings.ReplaceAll(u.ask("snmpget", v3, cell), " ", "")
		if next := strings.ReplaceAll(u.ask("snmpgetnext", v3, u.oid("Community.SnmpCommunity.ContextEngineID", mib.String("narrov"))), " ", ""); !strings.Contains(out, want) || !strings.Contains(next, want) {
			t.Errorf("it is %s, by a walk %s", out, next)
		}
		u.ask("snmpset", v3, cell, "x", want)
		if got := communitymib.Of(u.el.Store.Current()).FindSnmpCommunity("narrow").ContextEngineID; got != "" {
			t.Errorf("stored is %q", got)
		}
	}
	if out, err := u.tool("snmpset", v3, cell, "x", "8000000001"); err == nil || !strings.Contains(out, "inconsistentValue") {
		t.Errorf("another engine: %s", out)
	}
}
