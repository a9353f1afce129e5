package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestPasswdRecoversSNMPv3: an admin whose SNMPv3 keys were changed, and lost,
// gets in again with the password that mibgate passwd sets.
func TestPasswdRecoversSNMPv3(t *testing.T) {
	p, port, admin := administered(t, "")
	admin.must("snmpusm", "-Cx", "-Ca", "passwd", testPassword, "forgotten passphrase", testUser)
	admin.refused("Authentication failure", "snmpget", locationOID)
	p.stop()
	must(t, "passwd", "--data", p.dir, "--file", file(t, "new", "a password to remember\n"), testUser)
	again := start(t, p.dir, "--snmp", fmt.Sprintf("127.0.0.1:%d", port))
	admin.as(v3(testUser, "a password to remember", "a password to remember")...).must("snmpget", locationOID)
	if out := must(t, "walk", "--data", again.dir, "Snmp.UserKeys"); strings.Contains(out, testUser) {
		t.Errorf("the lost keys are still there:\n%s", out)
	}
}
