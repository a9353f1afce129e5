package snmp

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mibgate/mib"
)

func TestFirstLight(t *testing.T) {
	u := newUnit(t, openSettings...)
	for name, how := range map[string][]string{"v1": v1, "v2c": v2c, "v3": v3} {
		t.Run(name, func(t *testing.T) {
			if out := u.ask("snmpget", how, u.oid("SNMPv2-MIB.SysServices")); !strings.Contains(out, "INTEGER: 72") {
				t.Errorf("snmpget said %s", out)
			}
			if out := u.ask("snmpgetnext", how, "1.3.6.1.2.1"); !strings.Contains(out, ".1.3.6.1.2.1.1.1.0 = STRING: \"mibgate") {
				t.Errorf("snmpgetnext said %s", out)
			}
			if out := u.ask("snmpset", how, u.oid("SNMPv2-MIB.SysName"), "s", "unit "+name); !strings.Contains(out, "unit "+name) {
				t.Errorf("snmpset said %s", out)
			}
			if out := u.ask("snmpget", how, u.oid("Hoc.SystemName")); !strings.Contains(out, "unit "+name) {
				t.Errorf("after the SET: %s", out)
			}
		})
	}
}

// names are the OIDs at the starts of the lines of a tool's output.
func names(t *testing.T, out string) []mib.OID {
	t.Helper()
	var oids []mib.OID
	for line := range strings.Lines(out) {
		name, _, ok := strings.Cut(line, " = ")
		if !ok || !strings.HasPrefix(name, ".") || strings.Contains(line, "No more variables") {
			continue
		}
		oid, err := mib.ParseOID(name)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		oids = append(oids, oid)
	}
	return oids
}

// rows fills tables, so that a walk has something to go through.
var rows = []string{
	`SipEp.Gateway[Name="default"].Type="TrunkGateway"`, `SipEp.Gateway[Name="a"].Type="TrunkGateway"`, `SipEp.Gateway[Name="zz"].Type="TrunkGateway"`,
	`SipEp.Authentication[Index=1].Username="100"`, `SipEp.Authentication[Index=300].Username="300"`,
	`Aaa.Users[UserName="observer"].AccessRights="Observer"`, `Aaa.Users[UserName="observer"].Password="the observer"`,
}

// comeAndGo are the tables of the host whose rows do: neighbors and sockets.
var comeAndGo = []mib.OID{
	mib.MustOID("1.3.6.1.2.1.4.22"), mib.MustOID("1.3.6.1.2.1.4.35"), mib.MustOID("1.3.6.1.2.1.6.19"), mib.MustOID("1.3.6.1.2.1.6.20"), mib.MustOID("1.3.6.1.2.1.7.7"),
}

// lasting leaves out what may be gone when it is asked for again.
func lasting(list []mib.OID) []mib.OID {
	return slices.DeleteFunc(slices.Clone(list), func(name mib.OID) bool {
		return slices.ContainsFunc(comeAndGo, func(table mib.OID) bool { return len(name) > len(table) && slices.Equal(name[:len(table)], table) })
	})
}

// Every way of walking gives the same instances, strictly increasing, and each
// is what a GET answers.
func TestWalks(t *testing.T) {
	for _, root := range []string{"", "1.3.6.1.4.1.4935.1000.100"} {
		t.Run("root "+root, func(t *testing.T) {
			o := Options{}
			if root != "" {
				o.OIDRoot = mib.MustOID(root)
			}
			u := openUnit(t, t.TempDir(), o, append(openSettings, rows...)...)
			want := names(t, u.ask("snmpwalk", append([]string{"-Cc"}, v2c...), ".1"))
			if len(want) < 200 {
				t.Errorf("the walk has %d instances", len(want))
			}
			if !slices.IsSortedFunc(want, mib.OID.Compare) || len(slices.CompactFunc(slices.Clone(want), slices.Equal[mib.OID])) != len(want) {
				t.Error("the walk is not strictly increasing")
			}
			want = lasting(want)
			for name, walk := range map[string]func() string{
				"v1":             func() string { return u.ask("snmpwalk", v1, ".1") },
				"v3":             func() string { return u.ask("snmpwalk", v3, ".1") },
				"bulk":           func() string { return u.ask("snmpbulkwalk", v2c, ".1") },
				"bulk v3":        func() string { return u.ask("snmpbulkwalk", v3, ".1") },
				"bulk, 1 each":   func() string { return u.ask("snmpbulkwalk", append([]string{"-Cr1"}, v2c...), ".1") },
				"bulk, 500 each": func() string { return u.ask("snmpbulkwalk", append([]string{"-Cr500"}, v2c...), ".1") },
			} {
				want := want
				if name == "v1" {
					want = slices.DeleteFunc(slices.Clone(want), u.isWide)
				}
				if got := lasting(names(t, walk())); !slices.EqualFunc(got, want, slices.Equal[mib.OID]) {
					t.Errorf("%s: %d instances, not %d", name, len(got), len(want))
				}
			}
			u.checkGets(t, want)
		})
	}
}

// isWide tells whether an instance is a Counter64, which SNMPv1 leaves out (RFC
// 3584 §4.2.2.1).
func (u *unit) isWide(name mib.OID) bool {
	leaf, _ := u.svc.Tree().Locate(name)
	return leaf != nil && leaf.Object.Syntax.Base == mib.Counter64
}

// checkGets asks for what a walk found.
func (u *unit) checkGets(t *testing.T, want []mib.OID) {
	t.Helper()
	for chunk := range slices.Chunk(want, 50) {
		args := make([]string, len(chunk))
		for i, n := range chunk {
			args[i] = n.String()
		}
		out := u.ask("snmpget", v2c, args...)
		if strings.Contains(out, "No Such") {
			t.Errorf("GET of what a walk found: %s", out)
		}
		if got := names(t, out); !slices.EqualFunc(got, chunk, slices.Equal[mib.OID]) {
			t.Errorf("GET answered %d of %d", len(got), len(chunk))
		}
	}
}

func TestRootMovesSysObjectID(t *testing.T) {
	dir := t.TempDir()
	u := openUnit(t, dir, Options{OIDRoot: mib.MustOID("1.3.6.1.4.1.4935.1000.100")}, openSettings...)
	if out := u.ask("snmpget", v2c, "1.3.6.1.2.1.1.2.0"); !strings.Contains(out, "OID: .1.3.6.1.4.1.4935.1000.100.100.61000") {
		t.Errorf("sysObjectID: %s", out)
	}
	if out := u.ask("snmpgetnext", v2c, "1.3.6.1.4.1.32473"); strings.Contains(out, ".32473.") {
		t.Errorf("the model's root is served as well: %s", out)
	}
	id := u.svc.EngineID()
	u.close()
	u = openUnit(t, dir, Options{}, openSettings...)
	if string(u.svc.EngineID()) != string(id) {
		t.Error("the engine ID depends on the root")
	}
}

// A table tool has to find its columns by name, so it needs our modules and
// those they import.
func TestTable(t *testing.T) {
	const base = "../../../shared/mibs"
	if _, err := os.Stat(base); err != nil {
		t.Skip("the IETF modules are not here")
	}
	modules, err := filepath.Abs("../../mib/modules")
	if err != nil {
		t.Fatal(err)
	}
	u := newUnit(t, append(openSettings, rows...)...)
	for name, how := range map[string][]string{"v1": v1, "v2c": v2c} {
		args := append([]string{"-M", modules + ":" + base, "-m", "ALL", "-OS"}, how...)
		if out := u.ask("snmptable", args, "MIBGATE-AAA-MIB::usersTable"); !strings.Contains(out, "observer") || !strings.Contains(out, "admin") {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// A SET over two services with one bad binding changes nothing and says which
// one it was, in every version.
func TestSetWithOneBadBinding(t *testing.T) {
	u := newUnit(t, openSettings...)
	name, severity := u.oid("Hoc.SystemName"), u.oid("Nlm.MinSeverity")
	for _, tt := range []struct {
		version string
		how     []string
		reason  string
	}{
		{"v1", v1, "badValue"}, {"v2c", v2c, "wrongValue"}, {"v3", v3, "wrongValue"},
	} {
		t.Run(tt.version, func(t *testing.T) {
			before := u.el.Store.Current()
			out, err := u.tool("snmpset", tt.how, name, "s", "x", severity, "i", "250", u.oid("Hoc.SystemLocation"), "s", "y")
			if err == nil || !strings.Contains(out, tt.reason) || !strings.Contains(out, "Failed object: ."+severity) {
				t.Errorf("%v: %s", err, out)
			}
			if u.el.Store.Current() != before {
				t.Error("something was changed")
			}
			u.ask("snmpset", tt.how, name, "s", tt.version, severity, "i", "200")
			if out := u.ask("snmpget", tt.how, name, severity); !strings.Contains(out, tt.version) || !strings.Contains(out, "INTEGER: 200") {
				t.Errorf("after a good SET: %s", out)
			}
		})
	}
}

func TestRowsOverSNMP(t *testing.T) {
	u := newUnit(t, openSettings...)
	key := mib.String("guest")
	status, role, pass := u.oid("Aaa.Users.RowStatus", key), u.oid("Aaa.Users.AccessRights", key), u.oid("Aaa.Users.Password", key)
	u.ask("snmpset", v3, role, "i", "300", pass, "s", "guest pass", status, "i", "4")
	guest := []string{"-v3", "-l", "authPriv", "-u", "guest", "-a", "SHA-256", "-A", "guest pass", "-x", "AES", "-X", "guest pass"}
	if out := u.ask("snmpget", guest, u.oid("Hoc.SystemName")); !strings.Contains(out, `= ""`) {
		t.Errorf("the new account reads %s", out)
	}
	if out := u.ask("snmpget", v3, pass, status); !strings.Contains(out, pass+` = ""`) || !strings.Contains(out, "INTEGER: 1") {
		t.Errorf("the row reads %s", out)
	}
	out, err := u.tool("snmpset", guest, u.oid("Hoc.SystemName"), "s", "x")
	if err == nil || !strings.Contains(out, "noAccess") {
		t.Errorf("an observer may SET: %s", out)
	}
	if out := u.ask("snmpget", guest, role); !strings.Contains(out, "No Such Object") {
		t.Errorf("an observer sees accounts: %s", out)
	}
	u.ask("snmpset", v3, status, "i", "2")
	if out, err := u.tool("snmpget", guest, u.oid("Hoc.SystemName")); err == nil || !strings.Contains(out, "Unknown user name") {
		t.Errorf("an account out of service reads %s", out)
	}
	u.ask("snmpset", v3, status, "i", "6")
	if out := u.ask("snmpget", v3, status); !strings.Contains(out, "No Such Instance") {
		t.Errorf("after destroy: %s", out)
	}
	admin := u.oid("Aaa.Users.RowStatus", mib.String("admin"))
	if out, err := u.tool("snmpset", v3, admin, "i", "6"); err == nil || !strings.Contains(out, "inconsistentValue") {
		t.Errorf("the last admin was removed: %s", out)
	}
}

// Every address that a wildcard socket is asked at answers for itself: the
// tools' sockets take an answer from no other.
func TestAnswersFromTheAddressAsked(t *testing.T) {
	all, err := ParseListen(":0")
	if err != nil {
		t.Fatal(err)
	}
	u := openUnit(t, t.TempDir(), Options{Listen: all}, openSettings...)
	for _, a := range u.svc.Addrs() {
		hosts := []string{"127.0.0.1", "127.0.0.2", "127.1.2.3"}
		if a.Addr().Is6() {
			hosts = []string{"::1"}
		}
		for _, h := range hosts {
			c := dial(t, netip.AddrPortFrom(netip.MustParseAddr(h), a.Port()))
			req := (&client{t: t}).community(1, 0xa0, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0"))
			if out := c.ask(req); out == nil {
				t.Errorf("%s does not answer", h)
			}
		}
	}
}
