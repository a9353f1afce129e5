package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/model"
)

// TestEveryModuleIsReadByName: what SNMP serves of standard modules the command
// line reads when it is named, each module from its service; without a name they
// are not shown, and no export has them.
func TestEveryModuleIsReadByName(t *testing.T) {
	for _, tool := range []string{"snmpwalk", "snmpget"} {
		peer(t, tool)
	}
	p, port := snmpUnit(t, "Hoc.SystemName=\"gate\"\nHoc.SystemContact=\"noc\"\nSnmp.AuthenTrapsEnable=\"Disabled\"\n")
	m := managers(t, port)["v2c"]
	read := func(args ...string) string { return must(t, append(args, "--data", p.dir)...) }
	all := read("walk")
	export := read("script", "--export")
	for _, module := range model.Registry.Modules() {
		served := slices.ContainsFunc(module.Objects, func(o *mib.Object) bool {
			return o.Access.Readable() && len(m.column(o)) > 0
		})
		if shown := strings.Contains(read("walk", module.Name), module.Service+"."); shown != served {
			t.Errorf("%s: the command line reads it: %t, SNMP serves it: %t", module.Name, shown, served)
		}
		if !module.Shown() && (strings.Contains(all, module.Service+".") || strings.Contains(export, module.Service+".")) {
			t.Errorf("%s is shown without a name, or exported", module.Name)
		}
	}
	for _, o := range model.Registry.Objects() {
		if !o.Module.Standard || o.Table != nil || !o.Access.Readable() || o.Syntax.Base != mib.OctetString && o.Syntax.Base != mib.Integer32 || strings.HasPrefix(o.Syntax.Hint, "2d") {
			continue // counters and clocks go on
		}
		value, _, _ := strings.Cut(strings.TrimPrefix(m.must("snmpget", "-Oqv", "."+o.OID.String()+".0"), "\""), "\n")
		if n, err := strconv.Atoi(value); err == nil && len(o.Syntax.Enum) > 0 {
			value = o.Syntax.Display(mib.Int(int32(n))) //nolint:gosec // of an enumeration
		}
		if got := strings.TrimSpace(read("get", "--value", o.Name)); got != strings.TrimSuffix(value, "\"") && o.Syntax.Hint == "255a" || o.Syntax.Base == mib.Integer32 && got != value {
			t.Errorf("%s is %q on the command line, %q over SNMP", o.Path(), got, value)
		}
	}
	for name, want := range map[string]string{
		"sysName": "gate\n", "sysName.0": "gate\n", "1.3.6.1.2.1.1.5.0": "gate\n", "ifDescr.1": "lo\n", "ifTable[Index=1].Descr": "lo\n",
	} {
		if got := read("get", "--value", name); got != want {
			t.Errorf("get %s is %q, want %q", name, got, want)
		}
	}
	if got := read("walk", "1.3.6.1.2.1.1"); !strings.Contains(got, "SNMPv2-MIB.SysName=\"gate\"\n") || strings.Contains(got, "\nIF-MIB.") {
		t.Errorf("what is below system is\n%s", got)
	}
	for _, table := range []string{"ifTable", "alarmModelTable", "hrStorageTable"} {
		if got := read("show", table); !strings.Contains(got, "MIB\n") || strings.Contains(got, "no rows") {
			t.Errorf("show %s is\n%s", table, got)
		}
	}
	read("set", "transportTlsVersion=TLSv1_3")
	if got := read("get", "transportTlsVersion"); got != "SipEp.TransportTlsVersion=\"TLSv1_3\"\n" {
		t.Errorf("after a set by descriptor: %s", got)
	}
	refused(t, 1, []string{"get", "--data", p.dir, "needRestartInfo"}, "name one of Scm.NeedRestartInfo, Hoc.NeedRestartInfo")
	refused(t, 1, []string{"show", "--data", p.dir, "SipEp.Gatway"}, `did you mean "Gateway"?`)
	refused(t, 1, []string{"show", "--data", p.dir, "ifTabel"}, `did you mean "ifTable"?`)
}
