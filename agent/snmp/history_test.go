package snmp

import (
	"slices"
	"strings"
	"testing"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/ifmib"
	"mibgate/mib/sipep"
	snmpmib "mibgate/mib/snmp"
)

// linkAlarm is what a link tells that goes down or comes up.
func linkAlarm(up bool) event.Event {
	e := event.Event{
		Module: snmpmib.Module, Severity: event.Warning, Text: "the link is down",
		Alarm:        event.Alarm{Resource: "interface lan9", Condition: "link down", Raised: !up},
		Notification: ifmib.LinkDown{Index: 9, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusDown},
	}
	if up {
		e.Notification = ifmib.LinkUp{Index: 9, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusUp}
	}
	return e
}

// A manager that missed everything reads it.
func TestManagerReadsWhatHappened(t *testing.T) {
	const dgw = "1.3.6.1.4.1.4935.1000.100"
	u := openUnit(t, t.TempDir(), Options{OIDRoot: mib.MustOID(dgw)}, openSettings...)
	u.el.Bus.Emit(linkAlarm(false))
	u.el.Bus.Emit(event.Event{
		Module: sipep.Module, Severity: event.Error, Text: "down",
		Notification: sipep.TlsLinkDown{Index: 4, Gateway: "default", RemoteHost: "sip.example.test"},
		Alarm:        event.Alarm{Resource: "gateway default", Condition: "TLS link down", Raised: true},
	})
	active := u.column("ALARM-MIB.AlarmActive.Description")
	out := u.ask("snmpwalk", v2c, active)
	if len(names(t, out)) != 2 || !strings.Contains(out, `"interface lan9: the link is down"`) || !strings.Contains(out, ".0.11.7.") {
		t.Errorf("the active alarms: %s", out)
	}
	if out := u.ask("snmpwalk", v3, u.column("ALARM-MIB.AlarmActive.ResourceId")); !strings.Contains(out, "OID: .1.3.6.1.2.1.2.2.1.1.9\n") || !strings.Contains(out, "OID: ."+dgw+".") {
		t.Errorf("what they are about: %s", out)
	}
	log := u.ask("snmpwalk", v2c, "1.3.6.1.2.1.92.1.3")
	for _, want := range []string{
		"OID: .1.3.6.1.6.3.1.1.5.1\n", "OID: .1.3.6.1.6.3.1.1.5.3\n", // coldStart, linkDown
		"OID: ." + dgw + ".200.100.1400.0.1\n", `STRING: "sip.example.test"`, "OID: .1.3.6.1.2.1.2.2.1.8.9\n",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s: %s", want, log)
		}
	}
	u.el.Bus.Emit(linkAlarm(true))
	if out := u.ask("snmpwalk", v2c, active); len(names(t, out)) != 1 || strings.Contains(out, "lan9") {
		t.Errorf("after the clear: %s", out)
	}
	if out := u.ask("snmpwalk", v2c, u.column("ALARM-MIB.AlarmClear.NotificationID")); !strings.Contains(out, "OID: .1.3.6.1.6.3.1.1.5.4\n") {
		t.Errorf("the cleared alarms: %s", out)
	}
	for _, tree := range []string{"1.3.6.1.2.1.92", "1.3.6.1.2.1.118"} {
		want := names(t, u.ask("snmpwalk", append([]string{"-Cc"}, v2c...), tree))
		if !slices.IsSortedFunc(want, mib.OID.Compare) || len(want) < 40 {
			t.Errorf("the walk of %s has %d instances", tree, len(want))
		}
		if got := names(t, u.ask("snmpbulkwalk", v3, tree)); !slices.EqualFunc(got, want, slices.Equal[mib.OID]) {
			t.Errorf("the bulk walk of %s has %d instances, not %d", tree, len(got), len(want))
		}
		u.checkGets(t, want)
	}
}

// The standard limits are another name of ours, and bound the log at once.
func TestLogLimitsAreOurs(t *testing.T) {
	u := newUnit(t, openSettings...)
	for range 5 {
		u.el.Bus.Emit(linkAlarm(false))
	}
	u.ask("snmpset", v2c, "1.3.6.1.2.1.92.1.1.1.0", "u", "2", "1.3.6.1.2.1.92.1.1.2.0", "u", "60", "1.3.6.1.2.1.118.1.3.1.0", "u", "7")
	if out := u.ask("snmpwalk", v2c, u.column("NotificationLog.NlmLog.NotificationID")); len(names(t, out)) != 2 {
		t.Errorf("the log: %s", out)
	}
	cfg := snmpmib.Of(u.el.Store.Current())
	if cfg.NotificationLogLimit != 2 || cfg.NotificationLogAge != 60 || cfg.ClearedAlarmLimit != 7 {
		t.Errorf("ours are %d, %d, %d", cfg.NotificationLogLimit, cfg.NotificationLogAge, cfg.ClearedAlarmLimit)
	}
	if out, err := u.tool("snmpset", v2c, "1.3.6.1.2.1.92.1.1.1.0", "u", "0"); err == nil || !strings.Contains(out, "wrongValue") {
		t.Errorf("a log without limit: %s", out)
	}
}
