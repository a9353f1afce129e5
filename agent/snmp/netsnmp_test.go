package snmp

import (
	"fmt"
	"strings"
	"testing"

	"mibgate/mib"
)

func TestFirstLight(t *testing.T) {
	u := newUnit(t, openSettings...)
	for name, how := range map[string][]string{"v1": v1, "v2c": v2c, "v3": v3} {
		t.Run(name, func(t *testing.T) {
			out := u.ask("snmpget", how, u.oid("SNMPv2-MIB.SysServices"))
			if !strings.Contains(out, "INTEGER: 72") {
				t.Errorf("snmpget said %s", out)
			}
			out = u.ask("snmpgetnext", how, "1.3.6.1.2.1")
			if !strings.Contains(out, ".1.3.6.1.2.1.1.1.0 = STRING: \"mibgate") {
				t.Errorf("snmpgetnext said %s", out)
			}
			out = u.ask("snmpset", how, u.oid("SNMPv2-MIB.SysName"), "s", "unit "+name)
			if !strings.Contains(out, "unit "+name) {
				t.Errorf("snmpset said %s", out)
			}
			out = u.ask("snmpget", how, u.oid("Hoc.SystemName"))
			if !strings.Contains(out, "unit "+name) {
				t.Errorf("after the SET: %s", out)
			}
		})
	}
	out := u.ask("snmpwalk", v3, "1.3")
	fmt.Println(len(strings.Split(out, "\n")), "lines")
	_ = mib.OID{}
}
