package history_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/cert"
	"mibgate/mib/dcm"
	"mibgate/mib/hoc"
	"mibgate/mib/notificationlog"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
	"mibgate/mib/snmp"
	"mibgate/testdata/testwait"
)

// expiry is an event about a certificate, which has no notification of its own.
func expiry(name string, s event.Severity, raised bool) event.Event {
	row := &event.Row{Object: cert.Objects.HostCertificatesInfoFileName, Key: cert.HostCertificatesInfoKey(name)}
	return event.Event{
		Module: cert.Module, Severity: s, Text: "expires",
		Alarm: event.Alarm{Resource: "host certificate " + name, Condition: "certificate expiry", Raised: raised, Row: row},
	}
}

// told lists the notifications of a sink that wants nothing else.
func told(s *event.Sink) (out []string) {
	for {
		select {
		case e := <-s.Events():
			var values []string
			for _, v := range e.Notification.Varbinds(nil) {
				values = append(values, v.Value.OID.String())
			}
			out = append(out, e.Notification.Type().Name+" "+strings.Join(values, " "))
		default:
			return out
		}
	}
}

func notifies(e event.Event) bool { return e.Notification != nil }

// TestEveryAlarmIsTold: what has no notification of its own has alarmActiveState
// and alarmClearState, with model and resource; also what ClearAll clears.
func TestEveryAlarmIsTold(t *testing.T) {
	u := newUnit()
	s := u.bus.SubscribeTo("manager", 100, notifies)
	model := func(index, state uint32) string {
		return alarm.Objects.AlarmModelNotificationId.OID.Append(0, index, state).String()
	}
	row := func(name string) string {
		return mib.AppendInstance(cert.Tables.HostCertificatesInfo.Index, cert.Objects.HostCertificatesInfoFileName.OID, cert.HostCertificatesInfoKey(name)).String()
	}
	disk := event.Event{Module: dcm.Module, Severity: event.Critical, Text: "unknown", Alarm: event.Alarm{Resource: "data folder", Condition: "configuration on disk unknown", Raised: true}}
	for _, c := range []struct {
		name string
		do   func()
		want []string
	}{
		{"raised", func() { u.bus.Emit(expiry("a", event.Warning, true)) }, []string{"alarmActiveState " + model(7, 3) + " " + row("a")}},
		{"another one", func() { u.bus.Emit(expiry("b", event.Warning, true)) }, []string{"alarmActiveState " + model(7, 3) + " " + row("b")}},
		{"in other words", func() { u.bus.Emit(expiry("a", event.Warning, true)) }, nil},
		{"graver", func() { u.bus.Emit(expiry("a", event.Error, true)) }, []string{"alarmActiveState " + model(7, 4) + " " + row("a")}},
		{"cleared", func() { u.bus.Emit(expiry("a", event.Info, false)) }, []string{"alarmClearState " + model(7, 4) + " " + row("a")}},
		{"cleared again", func() { u.bus.Emit(expiry("a", event.Info, false)) }, nil},
		{"no resource", func() { u.bus.Emit(disk) }, []string{"alarmActiveState " + model(8, 5) + " 0.0"}},
		{"soon again", func() { disk.Alarm.Raised = false; u.bus.Emit(disk); disk.Alarm.Raised = true; u.bus.Emit(disk) }, []string{"alarmClearState " + model(8, 5) + " 0.0"}},
		{"gone with what it was about", func() { u.bus.ClearAll(cert.Module, func(string) bool { return false }) }, []string{"alarmClearState " + model(7, 3) + " " + row("b")}},
	} {
		c.do()
		if got := told(s); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: told %q, want %q", c.name, got, c.want)
		}
	}
	u.bus.Emit(link(7, false))
	told(s)
	u.bus.ClearAll(snmp.Module, func(string) bool { return false })
	if got := told(s); len(got) != 1 || !strings.HasPrefix(got[0], "alarmClearState "+model(9, 3)+" 1.3.6.1.2.1.2.2.1.1.7") {
		t.Errorf("what a notification had raised is cleared with %q", got)
	}
	gone := u.cleared(t)
	last := gone[len(gone)-1]
	if last.NotificationID().Compare(alarm.Notifications.AlarmClearState.OID) != 0 || last.LogIndex() == 0 || last.ResourceId().String() != "1.3.6.1.2.1.2.2.1.1.7" {
		t.Errorf("alarmClearTable has %s, %d, %s", last.NotificationID(), last.LogIndex(), last.ResourceId())
	}
}

// TestSupplyGoesOnAfterTheThrottle: the same alarm is told again two seconds later.
func TestSupplyGoesOnAfterTheThrottle(t *testing.T) {
	u := newUnit()
	s := u.bus.SubscribeTo("manager", 100, notifies)
	flap := func() {
		u.bus.Emit(expiry("a", event.Warning, true))
		u.bus.Emit(expiry("a", event.Info, false))
	}
	flap()
	first := u.bus.UpTime()
	if n := len(told(s)); n != 2 {
		t.Fatalf("told %d times", n)
	}
	testwait.Until(t, 10*time.Second, "it is told again", func() bool {
		flap()
		return len(told(s)) > 0
	})
	if d := u.bus.UpTime() - first; d < 1900*time.Millisecond {
		t.Errorf("told again after %v", d)
	}
}

// TestAlarmHasItsNotification: the row of an alarm says what told of it.
func TestAlarmHasItsNotification(t *testing.T) {
	u := newUnit()
	u.bus.Emit(expiry("a", event.Warning, true))
	list := u.active(t)
	if len(list) != 1 || list[0].NotificationID().Compare(alarm.Notifications.AlarmActiveState.OID) != 0 || list[0].Variables() != 4 {
		t.Fatalf("alarms: %v", list)
	}
	vars := u.variables(t)
	key := alarm.Tables.AlarmActive.KeyOf(list[0], nil)
	if want := mib.AppendInstance(alarm.Tables.AlarmActive.Index, alarm.Objects.AlarmActiveModelPointer.OID, key); len(vars) != 2 || vars[0].ID().Compare(want) != 0 {
		t.Errorf("the variables are %d, the first %s, want %s", len(vars), vars[0].ID(), want)
	}
	if got := vars[1].OidVal().OID; got.Compare(list[0].ResourceId()) != 0 || !got.HasPrefix(cert.Objects.HostCertificatesInfoFileName.OID) {
		t.Errorf("the resource is %s in the notification and %s in the table", got, list[0].ResourceId())
	}
}

// TestPointersIntoTheLogEnd: what is not in the log any more is not pointed to.
func TestPointersIntoTheLogEnd(t *testing.T) {
	for name, shorten := range map[string]func(u *unit){
		"by number": func(u *unit) {
			for range 3 {
				u.bus.Emit(event.Event{Module: hoc.Module, Notification: hoc.ClockStateChange{}})
			}
		},
		"by age": func(u *unit) { u.limits.Age = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			u := newUnit()
			u.limits.Entries = 3
			u.bus.Emit(link(1, false))
			u.bus.Emit(link(1, true))
			u.bus.Emit(link(2, false))
			if a, c := u.active(t)[0], u.cleared(t)[0]; a.LogPointer().Compare(notificationlog.Objects.NlmLogTime.OID.Append(0, 3)) != 0 || c.LogIndex() != 2 {
				t.Fatalf("alarmActiveLogPointer %s, alarmClearLogIndex %d", a.LogPointer(), c.LogIndex())
			}
			shorten(u)
			if a, c := u.active(t)[0], u.cleared(t)[0]; a.LogPointer().String() != "0.0" || c.LogIndex() != 0 {
				t.Errorf("alarmActiveLogPointer %s, alarmClearLogIndex %d", a.LogPointer(), c.LogIndex())
			}
		})
	}
}

// TestModelTellsStatesApart: no two states of a condition have the same
// notification and the same value in the variable that tells them; what an alarm
// points to is the one that its notification says.
func TestModelTellsStatesApart(t *testing.T) {
	u := newUnit()
	states := map[string]string{}
	for _, r := range rows[alarm.AlarmModelRow](t, alarm.Tables.AlarmModel, u.alarms) {
		if (r.VarbindIndex() == 0) && r.VarbindValue() != 0 {
			t.Errorf("%s: a value without a place", r.Description())
		}
		is := fmt.Sprint(r.Index(), r.NotificationId(), r.VarbindIndex(), r.VarbindValue())
		clear := r.State() == 1
		for other, was := range states {
			if other == is && (clear || strings.HasSuffix(was, "clear")) && r.NotificationId().Compare(sipep.Notifications.GatewayStateChange.OID) != 0 {
				t.Errorf("%q and %q are told alike", r.Description(), was)
			}
		}
		states[is] = r.Description()
		if r.NotificationId().String() == "0.0" {
			t.Errorf("nothing tells %q", r.Description())
		}
	}
	for want, e := range map[string]event.Event{
		"1.4": {Module: scm.Module, Severity: event.Error, Notification: scm.ServiceStateChange{Name: "Nlm", ExecState: scm.ServicesInfoExecStateNotResponding}, Alarm: event.Alarm{Condition: "service not responding"}},
		"2.3": {Module: hoc.Module, Severity: event.Warning, Notification: hoc.ClockStateChange{ClockState: hoc.ClockStateLastKnown}, Alarm: event.Alarm{Condition: "clock not synchronized"}},
		"6.5": {Module: sipep.Module, Severity: event.Error, Notification: sipep.RegistrationStateChange{Index: 1, State: sipep.RegistrationStatusStateAuthFailed}, Alarm: event.Alarm{Condition: "not registered"}},
	} {
		e.Alarm.Resource, e.Alarm.Raised = want, true
		u.bus.Emit(e)
		var row alarm.AlarmActiveRow
		for _, a := range u.active(t) {
			if strings.HasPrefix(a.Description(), want) {
				row = a
			}
		}
		if row == nil || row.ModelPointer().String() != alarm.Objects.AlarmModelNotificationId.OID.Append(0).String()+"."+want {
			t.Fatalf("%s points to %v", want, row)
		}
		check(t, u, row, e.Notification)
	}
}

// check compares a notification with the row of the model that its alarm points
// to.
func check(t *testing.T, u *unit, a alarm.AlarmActiveRow, n mib.Notification) {
	t.Helper()
	for _, r := range rows[alarm.AlarmModelRow](t, alarm.Tables.AlarmModel, u.alarms) {
		if alarm.Objects.AlarmModelNotificationId.OID.Append(0, r.Index(), r.State()).Compare(a.ModelPointer()) != 0 {
			continue
		}
		vars := rows[alarm.AlarmActiveVariableRow](t, alarm.Tables.AlarmActiveVariable, u.alarms)
		for _, v := range vars {
			if v.AlarmActiveIndex() == a.Index() && v.Index() == r.VarbindIndex() && v.Integer32Val().Num == int64(r.VarbindValue()) {
				return
			}
		}
		t.Errorf("%s: variable %d is not %d in %+v", r.Description(), r.VarbindIndex(), r.VarbindValue(), n)
		return
	}
	t.Errorf("%s points to nothing", a.Description())
}
