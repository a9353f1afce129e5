package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestNoGrantOutlivesVolatile: what a manager makes volatile ends with the
// process, or is refused; after a restart nobody has more than he had before
// (RFC 2579, StorageType).
func TestNoGrantOutlivesVolatile(t *testing.T) {
	p, port, admin := administered(t, `Aaa.Users[UserName="dave"].Password="dave's password"
Aaa.Users[UserName="dave"].AccessRights="User"
`)
	group, params, notify := mibVacm+".2.1.%d.3"+index("dave"), mibTarget+".3.1.%d"+implied("trap"), mibNotify+".1.1.%d"+implied("trap")
	column := func(name string, n int) string { return fmt.Sprintf(name, n) }
	admin.refused("inconsistentValue", "snmpset", column(group, 4), "i", "2", column(group, 3), "s", "admin")
	admin.refused("inconsistentValue", "snmpset", column(params, 6), "i", "2", column(params, 7), "i", "2", column(params, 2), "i", "1", column(params, 3), "i", "2",
		column(params, 4), "s", "noc", column(params, 5), "i", "1")
	admin.refused("inconsistentValue", "snmpset", column(notify, 4), "i", "2", column(notify, 3), "i", "2")
	p.stop()
	p = start(t, p.dir, "--snmp", fmt.Sprintf("127.0.0.1:%d", port))
	for name, want := range map[string]string{
		`Aaa.Users[UserName="dave"].AccessRights`: "User", "Snmp.TrapKind": "Trap", "Snmp.TrapVersion": "V3",
	} {
		if got := p.get(name); got != want {
			t.Errorf("%s is %s after a restart, want %s", name, got, want)
		}
	}
	dave := admin.as(v3("dave", "dave's password", "dave's password")...)
	dave.refused("noAccess", "snmpset", column(group, 3), "s", "admin")
}

// TestAdminKeepsSNMP: the only admin cannot lock himself out over SNMP; with
// another one there he can, and his password, set again, lets him in.
func TestAdminKeepsSNMP(t *testing.T) {
	p, port, admin := administered(t, "Snmp.MinimumSecurityLevel=AuthPriv\n")
	engine := engineIDOf(t, port)
	priv := "1.3.6.1.6.3.15.1.2.2.1.8" + index(string(engine)) + index(testUser)
	const none, des = "1.3.6.1.6.3.10.1.2.1", "1.3.6.1.6.3.10.1.2.2"
	admin.refused("inconsistentValue", "snmpset", priv, "o", none)
	admin.refused("inconsistentValue", "snmpset", priv, "o", des)
	admin.must("snmpget", locationOID)
	must(t, "set", "--data", p.dir, `Aaa.Users[UserName="root"].Password="root's password"`, `Aaa.Users[UserName="root"].AccessRights="Admin"`)
	admin.must("snmpset", priv, "o", none)
	admin.refused("Unsupported security level", "snmpget", locationOID)
	must(t, "set", "--data", p.dir, fmt.Sprintf(`Aaa.Users[UserName=%q].Password=%q`, testUser, testPassword))
	admin.must("snmpget", locationOID)
}

// TestPasswordRevokesKeys: setting a password takes keys of a user's own, when it
// is the one that the account has, and when SNMPv3 cannot use it.
func TestPasswordRevokesKeys(t *testing.T) {
	p, _, admin := administered(t, `Aaa.Users[UserName="dave"].Password="dave's password"`+"\n")
	dave := admin.as(v3("dave", "dave's password", "dave's password")...)
	for _, again := range []struct{ password, says string }{{"dave's password", "Authentication failure"}, {"short", "Unknown user name"}} {
		dave.must("snmpusm", "passwd", "dave's password", "known to a thief")
		thief := admin.as(v3("dave", "known to a thief", "known to a thief")...)
		thief.must("snmpget", locationOID)
		must(t, "set", "--data", p.dir, `Aaa.Users[UserName="dave"].Password="`+again.password+`"`)
		thief.refused(again.says, "snmpget", locationOID)
		if again.password != "short" {
			dave.must("snmpget", locationOID)
		}
	}
}

// TestParametersBySNMP: a manager sets the columns of snmpTargetParamsTable one by
// one, in whatever order, before the row is active.
func TestParametersBySNMP(t *testing.T) {
	_, _, admin := administered(t, "")
	column := func(n int) string { return fmt.Sprintf("%s.3.1.%d%s", mibTarget, n, implied("p")) }
	for _, set := range [][]string{{column(7), "i", "5"}, {column(2), "i", "1"}, {column(4), "s", "noc"}} {
		admin.must("snmpset", set...)
	}
	admin.refused("inconsistentValue", "snmpset", column(7), "i", "1")
	for _, set := range [][]string{{column(3), "i", "2"}, {column(5), "i", "1"}, {column(7), "i", "1"}} {
		admin.must("snmpset", set...)
	}
	if out := admin.must("snmpget", column(7)); !strings.Contains(out, "INTEGER: 1") {
		t.Errorf("the row is %s", out)
	}
}
