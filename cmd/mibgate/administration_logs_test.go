package main

import (
	"fmt"
	"strings"
	"testing"

	"mibgate/mib/scm"
	"mibgate/testdata/testwait"
)

const (
	warmStart = "1.3.6.1.6.3.1.1.5.2"
	coldStart = "1.3.6.1.6.3.1.1.5.1"
	logConfig = "1.3.6.1.2.1.92.1.1.3.1."
	logIDs    = "1.3.6.1.2.1.92.1.3.1.1.9"
)

// logged are the notifications in a log.
func (n netsnmp) logged(log string) string {
	n.t.Helper()
	out, _ := n.try("snmpwalk", logIDs+index(log))
	return out
}

// TestLogsBySNMP: logs with names are made over SNMP; each keeps what its filter
// passes and its creator may be notified of, also after the unit was killed.
func TestLogsBySNMP(t *testing.T) {
	p, port, admin := administered(t, "")
	states := scm.Notifications.ServiceStateChange.OID.String()
	filter := mibNotify + ".3.1."
	admin.must("snmpset", filter+"5"+index("all")+".1.3", "i", "4", filter+"5"+index("states")+"."+states, "i", "4")
	must(t, "set", "--data", p.dir, `Aaa.Users[UserName="dora"].Password="dora's password"`)
	dora := admin.as(v3("dora", "dora's password", "dora's password")...)
	admin.must("snmpvacm", "createView", "logs", ".1.3.6.1.2.1.92")
	admin.must("snmpvacm", "createView", "standard", ".1.3.6.1.6.3")
	admin.must("snmpvacm", "createAccess", "keepers", "3", "3", "1", "logs", "logs", "standard")
	admin.must("snmpvacm", "deleteSec2Group", "3", "dora")
	admin.must("snmpvacm", "createSec2Group", "3", "dora", "keepers")

	dora.must("snmpset", logConfig+"7"+index("hers"), "i", "4", logConfig+"2"+index("hers"), "s", "all")
	admin.must("snmpset", logConfig+"7"+index("states"), "i", "4", logConfig+"2"+index("states"), "s", "states", logConfig+"3"+index("states"), "u", "1")
	admin.must("snmpset", logConfig+"7"+index("none"), "i", "4")
	must(t, "set", "--data", p.dir, "Scm.ServiceCommands[Name=Snmp].Restart=10")
	testwait.Until(t, generous, "the logs have what happened", func() bool {
		return strings.Contains(admin.logged(""), warmStart) && strings.Contains(admin.logged("hers"), warmStart) && strings.Contains(admin.logged("states"), states)
	})
	if out := dora.logged("hers"); strings.Contains(out, states) {
		t.Errorf("a log has what its creator may not know of: %s", out)
	}
	if out := admin.logged("states"); strings.Contains(out, warmStart) || strings.Count(out, "OID: ") != 1 {
		t.Errorf("a log with a filter and a limit of 1: %s", out)
	}
	for log, want := range map[string]string{"": "2", "hers": "2", "states": "2", "none": "3"} {
		if out := admin.must("snmpget", logConfig+"5"+index(log)); !strings.Contains(out, "INTEGER: "+want) {
			t.Errorf("nlmConfigLogOperStatus of %q is %s, want %s", log, out, want)
		}
	}
	if got := p.get(`Snmp.LogCreator[Name="hers"].SecurityName`); got != "dora" {
		t.Errorf("the creator is %q", got)
	}

	admin.must("snmpset", logConfig+"4"+index(""), "i", "2")
	p.kill()
	p = start(t, p.dir, "--snmp", fmt.Sprintf("127.0.0.1:%d", port))
	testwait.Until(t, generous, "the log has the start", func() bool { return strings.Contains(dora.logged("hers"), coldStart) })
	if out := admin.logged("hers"); strings.Contains(out, states) {
		t.Errorf("after a restart a log has what its creator may not know of: %s", out)
	}
	if out := admin.logged(""); strings.Contains(out, "OID: ") {
		t.Errorf("a log that is disabled: %s", out)
	}
	admin.refused("inconsistentValue", "snmpset", logConfig+"7"+index(""), "i", "6")
	admin.must("snmpset", logConfig+"7"+index("hers"), "i", "6")
	if out := admin.logged("hers"); strings.Contains(out, "OID: ") {
		t.Errorf("a log that was removed: %s", out)
	}
	if out := must(t, "show", "--data", p.dir, "NotificationLog.NlmConfigLog"); !strings.Contains(out, "states") || strings.Contains(out, "hers") {
		t.Errorf("the command line shows\n%s", out)
	}
}
