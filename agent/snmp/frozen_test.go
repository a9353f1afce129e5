package snmp

import (
	"strings"
	"testing"

	"mibgate/mib"
)

// TestFrozenColumns: what the DESCRIPTIONs of snmpTargetAddrRowStatus and
// snmpTargetParamsRowStatus want: some columns cannot be set while the row is
// active, but in the SET that takes it out of service. Scripts are not bound.
func TestFrozenColumns(t *testing.T) {
	u := newUnit(t, `Snmp.TrapDest="192.0.2.1"`, `Target.SnmpTargetParams[Name="p"].SecurityName="admin"`)
	addr, params := mib.String("trap-1"), mib.String("p")
	status, address := u.oid("Target.SnmpTargetAddr.RowStatus", addr), u.oid("Target.SnmpTargetAddr.TAddress", addr)
	for _, tt := range []struct {
		name string
		args []string
		says string // "" is taken
	}{
		{"address", []string{address, "x", "c000020200a2"}, "inconsistentValue"},
		{"domain", []string{u.oid("Target.SnmpTargetAddr.TDomain", addr), "o", "1.3.6.1.2.1.100.1.1"}, "inconsistentValue"},
		{"address, with active", []string{address, "x", "c000020200a2", status, "i", "1"}, "inconsistentValue"},
		{"tags", []string{u.oid("Target.SnmpTargetAddr.TagList", addr), "s", "trap more"}, ""},
		{"no tags", []string{u.oid("Target.SnmpTargetAddr.TagList", addr), "s", "trap  more"}, "wrongValue"},
		{"address, out of service", []string{address, "x", "c000020200a2", status, "i", "2"}, ""},
		{"address while out of service", []string{address, "x", "c000020300a2"}, ""},
		{"back, with another address", []string{address, "x", "c000020400a2", status, "i", "1"}, ""},
		{"level", []string{u.oid("Target.SnmpTargetParams.SecurityLevel", params), "i", "2"}, "inconsistentValue"},
		{"name", []string{u.oid("Target.SnmpTargetParams.SecurityName", params), "s", "other"}, "inconsistentValue"},
		{"models", []string{u.oid("Target.SnmpTargetParams.MPModel", params), "i", "1", u.oid("Target.SnmpTargetParams.SecurityModel", params), "i", "2"}, "inconsistentValue"},
		{"a new row at once", []string{
			u.oid("Target.SnmpTargetParams.SecurityName", mib.String("q")), "s", "admin", u.oid("Target.SnmpTargetParams.RowStatus", mib.String("q")), "i", "4",
		}, ""},
	} {
		out, err := u.tool("snmpset", v3, tt.args...)
		if (err == nil) != (tt.says == "") || !strings.Contains(out, tt.says) {
			t.Errorf("%s: %v, want %q: %s", tt.name, err, tt.says, out)
		}
	}
	u.set(`Snmp.TrapDest="192.0.2.9"`, `Target.SnmpTargetParams[Name="p"].SecurityLevel="AuthNoPriv"`)
}
