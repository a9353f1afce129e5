package main

import (
	"fmt"
	"strings"
	"testing"

	"mibgate/mib/alarm"
	"mibgate/mib/hoc"
	"mibgate/mib/sipep"
	"mibgate/testdata/snmptrapd"
)

// alarmTold waits for alarmActiveState or alarmClearState of a condition.
func alarmTold(r *snmptrapd.Receiver, raised bool, condition uint32, resource string) snmptrapd.Notification {
	typ := alarm.Notifications.AlarmClearState
	if raised {
		typ = alarm.Notifications.AlarmActiveState
	}
	model := fmt.Sprint(alarm.Objects.AlarmModelNotificationId.OID.Append(0, condition), ".")
	return r.WaitFor(fmt.Sprintf("%s of condition %d about %s", typ.Name, condition, resource), generous, func(n snmptrapd.Notification) bool {
		return n.TrapOID == typ.OID.String() && len(n.Varbinds) == 2 && strings.HasPrefix(n.Varbinds[0].Value, model) && n.Varbinds[1].Value == resource
	})
}

// TestAlarmsWithoutNotificationsAreTold: a unit without a time server says so at
// once, and that it has one no more need of.
func TestAlarmsWithoutNotificationsAreTold(t *testing.T) {
	traps := snmptrapd.Start(t, snmptrapd.Options{Communities: []string{testCommunity}})
	p, _ := snmpUnit(t, fmt.Sprintf("Snmp.TrapDest=%q\nSnmp.TrapVersion=\"V2c\"\n", traps.Addr())+bySNTP(freePort(t)))
	state := func(want string) {
		t.Helper()
		traps.WaitFor("hocClockStateChange to "+want, generous, func(n snmptrapd.Notification) bool {
			return n.TrapOID == hoc.Notifications.ClockStateChange.OID.String() && n.Varbinds[0].Value == want
		})
	}
	state(clockNotSynchronized)
	alarmTold(traps, true, 3, "0.0")
	must(t, "set", "--data", p.dir, `Hoc.ClockSource="Host"`)
	state(clockSynchronized)
	alarmTold(traps, false, 3, "0.0")
}

// TestAlarmsEndWithTheirCause: a restart of the SIP endpoint with another proxy
// ends the alarms about the one of before, and tells of it.
func TestAlarmsEndWithTheirCause(t *testing.T) {
	s := newSite(t, siteOptions{})
	s.begin()
	s.untilUp(generous)
	s.sip.Kill()
	s.trap(generous, sipep.Notifications.TlsLinkDown)
	lost := func(what, state string) {
		t.Helper()
		want := s.notification(sipep.Notifications.RegistrationStateChange)
		s.traps.WaitFor(what, generous, func(n snmptrapd.Notification) bool {
			return n.TrapOID == want && n.Varbinds[len(n.Varbinds)-1].Value == state
		})
	}
	lost("the loss of the registration", fmt.Sprint(int32(sipep.RegistrationStatusStateUnreachable)))
	s.traps.Clear()
	other := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	s.set(s.oid(sipep.Objects.DefaultStaticProxyHomeDomainHost), "s", other, s.oid(sipep.Objects.DefaultStaticRegistrarServerHost), "s", other)
	s.restart()
	lost("the end of the registration", fmt.Sprint(int32(sipep.RegistrationStatusStateUnregistered)))
	alarmTold(s.traps, false, 5, strings.TrimPrefix(s.oid(sipep.Objects.TlsPersistentConnectionStatusGateway, 1), "."))
}
