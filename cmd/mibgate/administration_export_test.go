package main

import (
	"fmt"
	"strings"
	"testing"
)

// administrationLines are rows of every administration table, beside and
// behind their faces.
const administrationLines = `Snmp.TrapDest="127.0.0.1:9,localhost:9"
Vacm.VacmViewTreeFamily[ViewName="some", Subtree="1.3.6.1.2.1.1"].Mask="\xfe"
Vacm.VacmAccess[VacmGroupName="people", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthPriv"].ReadViewName="some"
Target.SnmpTargetAddr[Name="nms"].TDomain="1.3.6.1.2.1.100.1.14"
Target.SnmpTargetAddr[Name="nms"].TAddress="127.0.0.1:9"
Target.SnmpTargetAddr[Name="nms"].TagList="trap all"
Target.SnmpTargetAddr[Name="nms"].Params="nms"
Target.SnmpTargetParams[Name="nms"].MPModel=1
Target.SnmpTargetParams[Name="nms"].SecurityModel=2
Target.SnmpTargetParams[Name="nms"].SecurityName="noc"
Target.SnmpTargetParams[Name="nms"].SecurityLevel="NoAuthNoPriv"
Community.SnmpCommunity[Index="noc"].Name="n0c"
Community.SnmpCommunity[Index="noc"].SecurityName="noc"
Vacm.VacmSecurityToGroup[VacmSecurityModel=2, VacmSecurityName="noc"].VacmGroupName="observer"
Notification.SnmpNotify[Name="all"].Tag="all"
Notification.SnmpNotifyFilterProfile[SnmpTargetParamsName="nms"].Name="few"
Notification.SnmpNotifyFilter[SnmpNotifyFilterProfileName="few", Subtree="1.3.6.1.4"].Type="Excluded"
`

// TestExportOfAdministration: an export makes the same tables on another unit,
// but for keys; there a password makes them. Where it comes from it changes
// nothing.
func TestExportOfAdministration(t *testing.T) {
	p, port, admin := administered(t, administrationLines)
	must(t, "set", "--data", p.dir, `Target.SnmpTargetAddr[Name="trap-2"].Timeout=100`, `Community.SnmpTargetAddrExt[SnmpTargetAddrName="nms"].MMS=1472`)
	admin.must("snmpusm", "create", "erin", testUser)
	admin.must("snmpusm", "-Cx", "-Ca", "passwd", testPassword, "erin's first", "erin")
	admin.must("snmpvacm", "createSec2Group", "3", "erin", "people")
	erin := admin.as(v3("erin", "erin's first", "erin's first")...)
	erin.must("snmpget", locationOID)

	export := must(t, "script", "--export", "--data", p.dir)
	must(t, "script", "--data", p.dir, file(t, "again.cfg", export))
	if again := must(t, "script", "--export", "--data", p.dir); again != export {
		t.Errorf("its own export has changed the unit:\n%s\nwas\n%s", again, export)
	}
	erin.must("snmpget", locationOID)

	p.stop()
	dir := folder(t)
	other := start(t, dir, "--snmp", fmt.Sprintf("127.0.0.1:%d", port), "--initial-password", file(t, "pw", testPassword+"\n"), "--script", file(t, "export.cfg", export))
	if copied := must(t, "script", "--export", "--data", dir); withoutSecrets(copied) != withoutSecrets(export) {
		t.Errorf("export of the copy is\n%s\nwant\n%s", copied, export)
	}
	erin.refused("Unknown user name", "snmpget", locationOID) // localised keys are for one engine
	must(t, "set", "--data", dir, `Aaa.Users[UserName="erin"].Password="erin's second"`)
	erin = admin.as(v3("erin", "erin's second", "erin's second")...)
	erin.must("snmpget", locationOID)
	if out := erin.must("snmpget", "1.3.6.1.2.1.2.1.0"); !strings.Contains(out, "No Such") {
		t.Errorf("more than her view: %s", out)
	}
	admin.as("-v2c", "-c", "n0c").must("snmpget", locationOID)
	if got := other.get(`Target.SnmpTargetAddr[Name="trap-2"].Timeout`); got != "100" {
		t.Errorf("timeout is %s", got)
	}
}

// TestPrometheusTellsTargetsApart: two targets with one address are two series.
func TestPrometheusTellsTargetsApart(t *testing.T) {
	const password = "monitoring one two"
	_, port := snmpUnit(t, administrationLines+"Aaa.Users[UserName=\"monitor\"].Password=\""+password+"\"\n")
	x := startExporter(t, "1.3.6.1.4.1.32473.100", "CHANGE-ME-auth", password, "CHANGE-ME-priv", password)
	lines := x.scrape("mibgate_v3", port)
	for _, name := range []string{"trap-1", "nms"} {
		for _, metric := range []string{"dropped_count_total", "acked_count_total"} {
			if got := value(t, lines, "mibgate_snmp_trap_dest_status_"+metric, fmt.Sprintf(`name="%s"`, name), `destination="127.0.0.1:9"`); got < 0 {
				t.Errorf("%s of %s is missing", metric, name)
			}
		}
	}
}
