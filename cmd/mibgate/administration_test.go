package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testwait"
)

// The OIDs of what the tests set with net-snmp's general tools.
const (
	mibTarget    = "1.3.6.1.6.3.12.1"
	mibNotify    = "1.3.6.1.6.3.13.1"
	mibCommunity = "1.3.6.1.6.3.18.1"
	mibVacm      = "1.3.6.1.6.3.16.1"
	locationOID  = "1.3.6.1.2.1.1.6.0"
	contactOID   = "1.3.6.1.2.1.1.4.0"
)

// netsnmp is net-snmp's tools as one user of one agent.
type netsnmp struct {
	t    *testing.T
	auth []string
	at   string
}

// try runs a tool; args follow the agent's address.
func (n netsnmp) try(tool string, args ...string) (string, error) {
	n.t.Helper()
	all := append(append([]string{"-On", "-r", "1", "-t", "3"}, n.auth...), n.at)
	out, err := exec.Command(tool, append(all, args...)...).CombinedOutput()
	return string(out), err
}

func (n netsnmp) must(tool string, args ...string) string {
	n.t.Helper()
	out, err := n.try(tool, args...)
	if err != nil {
		n.t.Fatalf("%s %s: %v\n%s", tool, strings.Join(args, " "), err, out)
	}
	return out
}

// refused runs what must fail with a word in the output.
func (n netsnmp) refused(word, tool string, args ...string) {
	n.t.Helper()
	if word == "Timeout" { // it is not answered: do not wait long for nothing
		n.auth = append(slices.Clone(n.auth), "-r", "0", "-t", "1")
	}
	if out, err := n.try(tool, args...); !strings.Contains(out, word) {
		n.t.Errorf("%s %s: want %q, got %v\n%s", tool, strings.Join(args, " "), word, err, out)
	}
}

func v3(user, authPass, privPass string, extra ...string) []string {
	return append([]string{"-v3", "-u", user, "-l", "authPriv", "-a", "SHA-256", "-A", authPass, "-x", "AES", "-X", privPass}, extra...)
}

// administered is a unit and net-snmp's tools as its admin.
func administered(t *testing.T, lines string) (*process, uint16, netsnmp) {
	t.Helper()
	for _, tool := range []string{"snmpusm", "snmpvacm", "snmpset", "snmpget", "snmpwalk"} {
		peer(t, tool)
	}
	p, port := snmpUnit(t, "Snmp.AuthFailureLimit=0\n"+lines)
	return p, port, netsnmp{t, v3(testUser, testPassword, testPassword), fmt.Sprintf("127.0.0.1:%d", port)}
}

func (n netsnmp) as(auth ...string) netsnmp { n.auth = auth; return n }

// index is the instance of a name as an index of variable length.
func index(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".%d", len(name))
	return b.String() + implied(name)
}

// implied is the same without its length.
func implied(name string) string {
	var b strings.Builder
	for i := range len(name) {
		fmt.Fprintf(&b, ".%d", name[i])
	}
	return b.String()
}

// TestUsersBySNMP: net-snmp's snmpusm clones a user, changes both keys as an
// admin and as the user, and removes it; the account is there all along.
func TestUsersBySNMP(t *testing.T) {
	p, _, admin := administered(t, "")
	admin.must("snmpusm", "create", "carol", testUser)
	if got := p.get(`Aaa.Users[UserName="carol"].AccessRights`); got != "None" {
		t.Errorf("rights of a clone: %s", got)
	}
	must(t, "set", "--data", p.dir, `Aaa.Users[UserName="carol"].AccessRights="User"`)
	carol := admin.as(v3("carol", testPassword, testPassword)...)
	carol.must("snmpget", locationOID)

	admin.must("snmpusm", "-Cx", "-Ca", "passwd", testPassword, "carol's passphrase", "carol")
	carol.refused("Authentication failure", "snmpget", locationOID)
	carol = admin.as(v3("carol", "carol's passphrase", "carol's passphrase")...)
	carol.must("snmpset", locationOID, "s", "Bern")

	carol.must("snmpusm", "-CE", strings.ToUpper(fmt.Sprintf("%x", engineIDOf(t, portOf(admin)))), "passwd", "carol's passphrase", "a third passphrase")
	carol.refused("Authentication failure", "snmpget", locationOID)
	carol = admin.as(v3("carol", "a third passphrase", "a third passphrase")...)
	carol.must("snmpget", locationOID)
	carol.refused("noAccess", "snmpusm", "passwd", testPassword, "not hers to set", testUser)

	admin.must("snmpusm", "delete", "carol")
	carol.refused("Unknown user name", "snmpget", locationOID)
	if out := must(t, "show", "--data", p.dir, "Aaa.Users"); strings.Contains(out, "carol") {
		t.Errorf("the account of a user that was removed:\n%s", out)
	}
	if log := p.log(); strings.Contains(log, "passphrase") {
		t.Errorf("a passphrase in the log:\n%s", log)
	}
}

func portOf(n netsnmp) uint16 {
	var port uint16
	if _, err := fmt.Sscanf(n.at, "127.0.0.1:%d", &port); err != nil {
		n.t.Fatal(err)
	}
	return port
}

// TestViewsBySNMP: net-snmp's snmpvacm makes a view with a mask, a group and its
// access; a walk sees that and nothing else, and is not ended by it.
func TestViewsBySNMP(t *testing.T) {
	p, _, admin := administered(t, "")
	must(t, "set", "--data", p.dir, `Aaa.Users[UserName="dora"].Password="dora's password"`)
	dora := admin.as(v3("dora", "dora's password", "dora's password")...)
	dora.must("snmpget", contactOID)

	admin.must("snmpvacm", "createView", "some", ".1.3.6.1.2.1.1")
	admin.must("snmpvacm", "-Ce", "createView", "some", contactOID[:len(contactOID)-2])
	admin.must("snmpvacm", "createView", "some", ".1.3.6.1.2.1.2.2.1.0.1", "FF:A0")
	admin.must("snmpvacm", "createView", "place", locationOID)
	admin.must("snmpvacm", "createAccess", "some people", "3", "3", "1", "some", "place", "none")
	admin.must("snmpvacm", "deleteSec2Group", "3", "dora")
	admin.must("snmpvacm", "createSec2Group", "3", "dora", "some people")
	if got := p.get(`Aaa.Users[UserName="dora"].AccessRights`); got != "None" {
		t.Errorf("rights of who is in a group of its own: %s", got)
	}

	if out := dora.must("snmpget", contactOID); !strings.Contains(out, "No Such") {
		t.Errorf("what is excluded is read: %s", out)
	}
	dora.must("snmpset", locationOID, "s", "Bern")
	dora.refused("noAccess", "snmpset", "1.3.6.1.2.1.1.5.0", "s", "name")
	walk := dora.must("snmpwalk", ".1")
	for line := range strings.Lines(walk) {
		switch {
		case strings.HasPrefix(line, ".1.3.6.1.2.1.1."):
		case strings.HasPrefix(line, ".1.3.6.1.2.1.2.2.1.") && strings.HasSuffix(strings.Fields(line)[0], ".1"):
		case strings.Contains(line, "No more variables"):
		default:
			t.Errorf("out of view: %s", line)
		}
	}
	for _, want := range []string{".1.3.6.1.2.1.1.6.0 = STRING: \"Bern\"", ".1.3.6.1.2.1.2.2.1.2.1 ="} {
		if !strings.Contains(walk, want) {
			t.Errorf("the walk lacks %s:\n%s", want, walk)
		}
	}
	admin.must("snmpvacm", "deleteAccess", "some people", "3", "3")
	dora.refused("authorizationError", "snmpget", locationOID)
	admin.refused("notWritable", "snmpvacm", "deleteAccess", "admin", "3", "2")
}

// TestCommunitiesBySNMP: a community of its own, in another group, from one
// address only.
func TestCommunitiesBySNMP(t *testing.T) {
	p, port, admin := administered(t, "")
	entry, row := mibCommunity+".1.1.", implied("noc")
	admin.must("snmpset", entry+"8"+row, "i", "4", entry+"2"+row, "s", "n0c", entry+"3"+row, "s", "noc", entry+"6"+row, "s", "here")
	noc := admin.as("-v2c", "-c", "n0c")
	noc.refused("Timeout", "snmpget", locationOID) // it comes from nowhere that it may

	// 127.0.0.0/8, any port; and a group.
	addr, taddr := mibTarget+".2.1.", implied("loopback")
	admin.must("snmpset", addr+"9"+taddr, "i", "4", addr+"2"+taddr, "o", "1.3.6.1.6.1.1", addr+"3"+taddr, "x", "7F0000000000",
		addr+"6"+taddr, "s", "here there", addr+"7"+taddr, "s", "none")
	admin.must("snmpset", mibCommunity+".2.1.1"+taddr, "x", "FF0000000000")
	noc.refused("Timeout", "snmpget", locationOID) // no group yet
	admin.must("snmpvacm", "createSec2Group", "2", "noc", "observer")
	noc.must("snmpget", locationOID)
	noc.refused("authorizationError", "snmpset", locationOID, "s", "Bern") // observers have no view for it
	admin.as("-v2c", "-c", testCommunity).must("snmpset", locationOID, "s", "Bern")

	// The row behind Snmp.Community shows what is set of it, and the other way.
	admin.must("snmpset", entry+"2"+implied("default"), "s", "changed")
	if got := p.get("Snmp.Community"); got != "changed" {
		t.Errorf("Snmp.Community is %q", got)
	}
	must(t, "set", "--data", p.dir, `Snmp.Community=""`)
	if out := admin.must("snmpget", entry+"2"+implied("default")); !strings.Contains(out, "No Such Instance") {
		t.Errorf("no community, and %s", out)
	}
	_ = port
}

// TestTargetsBySNMP: a manager is made the target of informs, with a filter,
// over SNMP alone.
func TestTargetsBySNMP(t *testing.T) {
	peer(t, "snmptrapd")
	p, _, admin := administered(t, "")
	trapd := snmptrapd.Start(t, snmptrapd.Options{})
	host, port := hostPort(t, trapd.Addr())
	addr, params, notify := mibTarget+".2.1.", mibTarget+".3.1.", mibNotify+".1.1."
	nms := implied("nms")
	admin.must("snmpset",
		addr+"9"+nms, "i", "4", addr+"2"+nms, "o", "1.3.6.1.6.1.1", addr+"3"+nms, "x", fmt.Sprintf("%s%04X", host, port),
		addr+"4"+nms, "i", "300", addr+"6"+nms, "s", "all", addr+"7"+nms, "s", "v2",
		params+"7"+implied("v2"), "i", "4", params+"2"+implied("v2"), "i", "1", params+"3"+implied("v2"), "i", "2",
		params+"4"+implied("v2"), "s", "community-admin", params+"5"+implied("v2"), "i", "1",
		notify+"5"+implied("informs"), "i", "4", notify+"2"+implied("informs"), "s", "all", notify+"3"+implied("informs"), "i", "2")
	stranger := admin.as("-v2c", "-c", "nobody's")
	stranger.refused("Timeout", "snmpget", locationOID)
	n := trapd.WaitFor("authenticationFailure", generous, func(n snmptrapd.Notification) bool { return n.TrapOID == authenticationFailure })
	if !n.Inform || n.Community != testCommunity {
		t.Errorf("came as %s", n)
	}
	status := `Snmp.TrapDestStatus[Name="nms"].`
	testwait.Until(t, generous, "the inform is acknowledged", func() bool { return p.get(status+"AckedCount") != "0" })

	// A filter: everything but authenticationFailure.
	filter, profile := mibNotify+".3.1.", mibNotify+".2.1."
	row := func(subtree string) string { return index("few") + subtree }
	admin.must("snmpset", filter+"5"+row(".1.3"), "i", "4",
		filter+"5"+row("."+authenticationFailure), "i", "4", filter+"3"+row("."+authenticationFailure), "i", "2",
		profile+"3"+implied("v2"), "i", "4", profile+"1"+implied("v2"), "s", "few")
	trapd.Clear()
	before := p.get(status + "SentCount")
	stranger.as("-v2c", "-c", "somebody's").refused("Timeout", "snmpget", locationOID)
	must(t, "set", "--data", p.dir, "Scm.ServiceCommands[Name=Snmp].Restart=10") // warmStart passes
	trapd.WaitFor("warmStart", generous, func(n snmptrapd.Notification) bool { return n.TrapOID == "1.3.6.1.6.3.1.1.5.2" })
	for _, n := range trapd.Received() {
		if n.TrapOID == authenticationFailure {
			t.Errorf("what is filtered came: %s (%s sent before)", n, before)
		}
	}

	// TrapDest and its rows.
	must(t, "set", "--data", p.dir, "Snmp.TrapDest=192.0.2.7:1162")
	if out := admin.must("snmpget", addr+"3"+implied("trap-1")); !strings.Contains(out, "C0 00 02 07 04 8A") {
		t.Errorf("address of TrapDest: %s", out)
	}
	admin.must("snmpset", addr+"9"+implied("trap-1"), "i", "6")
	if got := p.get("Snmp.TrapDest"); got != "" {
		t.Errorf("TrapDest without its target: %q", got)
	}
}

// hostPort is an IPv4 address in hexadecimal, and a port.
func hostPort(t *testing.T, addr string) (string, int) {
	t.Helper()
	var a, b, c, d, port int
	if _, err := fmt.Sscanf(addr, "%d.%d.%d.%d:%d", &a, &b, &c, &d, &port); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%02X%02X%02X%02X", a, b, c, d), port
}
