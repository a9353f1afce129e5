package history_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mibgate/agent/snmp/history"
	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/ifmib"
	"mibgate/mib/notificationlog"
	"mibgate/mib/snmp"
	"mibgate/mib/snmpv2"
)

// unit is a history on a bus of its own, with a clock that is set.
type unit struct {
	bus    *event.Bus
	now    time.Time
	limits history.Limits
	logs   []history.Log // nil: that of the unit
	h      *history.History
	log    notificationlog.Status
	alarms alarm.Status
}

func newUnit(before ...event.Event) *unit {
	u := &unit{
		now:    time.Date(2026, 11, 23, 12, 0, 0, 700_000_000, time.UTC),
		limits: history.Limits{Entries: 1000, Age: time.Hour, Cleared: 100},
	}
	u.bus = event.NewBus(func() time.Time { return u.now })
	for _, e := range before {
		u.bus.Emit(e)
	}
	zone := time.FixedZone("", -(3*3600 + 1800))
	only := []history.Log{{Status: operational}}
	u.h = history.New(history.Options{
		Logs: func() []history.Log {
			if u.logs == nil {
				return only
			}
			return u.logs
		},
		Bus: u.bus, Engine: "engine", Limits: func() history.Limits { return u.limits },
		Local: func(t time.Time) time.Time { return t.In(zone) },
	})
	u.log = u.h.Status(notificationlog.Module).(notificationlog.Status)
	u.alarms = u.h.Status(alarm.Module).(alarm.Status)
	return u
}

func link(index int32, up bool) event.Event {
	e := event.Event{
		Module: snmp.Module, Severity: event.Warning, Text: "the link is down",
		Alarm: event.Alarm{Resource: fmt.Sprint("interface ", index), Condition: "link down", Raised: !up},
	}
	if up {
		e.Notification = ifmib.LinkUp{Index: index, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusUp}
		return e
	}
	e.Notification = ifmib.LinkDown{Index: index, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusDown}
	return e
}

// rows reads a table as a walk does, and sees to it that it goes forward.
func rows[R any](t *testing.T, table *mib.Table, status any) []R {
	t.Helper()
	var out []R
	var last mib.OID
	key, inclusive := mib.Key(nil), true
	for {
		row, ok := table.Seek(status, key, inclusive)
		if !ok {
			return out
		}
		key, inclusive = table.KeyOf(row, nil), false
		if at := mib.AppendInstance(table.Index, nil, key); last.Compare(at) >= 0 {
			t.Fatalf("%s: %s comes after %s", table.Name, at, last)
		} else {
			last = at
		}
		if again, ok := table.Seek(status, key, true); !ok || mib.CompareKeys(table.Index, table.KeyOf(again, nil), key) != 0 {
			t.Fatalf("%s: %s is not found", table.Name, last)
		}
		out = append(out, row.(R))
	}
}

func (u *unit) logged(t *testing.T) []notificationlog.NlmLogRow {
	return rows[notificationlog.NlmLogRow](t, notificationlog.Tables.NlmLog, u.log)
}

func (u *unit) variables(t *testing.T) []notificationlog.NlmLogVariableRow {
	return rows[notificationlog.NlmLogVariableRow](t, notificationlog.Tables.NlmLogVariable, u.log)
}

func (u *unit) active(t *testing.T) []alarm.AlarmActiveRow {
	return rows[alarm.AlarmActiveRow](t, alarm.Tables.AlarmActive, u.alarms)
}

func (u *unit) cleared(t *testing.T) []alarm.AlarmClearRow {
	return rows[alarm.AlarmClearRow](t, alarm.Tables.AlarmClear, u.alarms)
}

func TestLogHasNotificationsWithVariables(t *testing.T) {
	u := newUnit()
	u.bus.Emit(event.Event{Module: snmp.Module, Text: "started", Notification: snmpv2.ColdStart{}})
	u.bus.Emit(event.Event{Module: snmp.Module, Text: "for the log only"})
	u.bus.Emit(link(7, false))
	log := u.logged(t)
	if len(log) != 2 || log[1].Index() != 2 || log[1].NotificationID().Compare(ifmib.Notifications.LinkDown.OID) != 0 {
		t.Fatalf("the log has %d rows", len(log))
	}
	if got := fmt.Sprintf("% x", log[1].DateAndTime()); got != "07 ea 0b 17 08 1e 00 07 2d 03 1e" {
		t.Errorf("nlmLogDateAndTime is %s", got)
	}
	if log[1].EngineID() != "" || log[1].ContextEngineID() != "engine" {
		t.Error("the engine is not ours")
	}
	vars := u.variables(t)
	if len(vars) != 3 || vars[0].ID().Compare(ifmib.Objects.IfIndex.OID.Append(7)) != 0 {
		t.Fatalf("%d variables", len(vars))
	}
	if v := vars[2].Integer32Val(); v.Num != 2 || vars[2].OctetStringVal().Kind != mib.KindNone ||
		vars[2].ValueType() != notificationlog.NlmLogVariableValueTypeInteger32 {
		t.Errorf("ifOperStatus is %v of type %d", v, vars[2].ValueType())
	}
}

func TestLogIsBounded(t *testing.T) {
	u := newUnit()
	u.limits.Entries = 10
	for i := range int32(100) {
		u.bus.Emit(link(i+1, false))
	}
	log := u.logged(t)
	if len(log) != 10 || log[0].Index() != 91 || len(u.variables(t)) != 30 {
		t.Errorf("%d rows from %d", len(log), log[0].Index())
	}
	if l, b := u.log.NlmStatsGlobalNotificationsLogged(), u.log.NlmStatsGlobalNotificationsBumped(); l != 100 || b != 90 {
		t.Errorf("logged %d, bumped %d", l, b)
	}
	u.limits.Entries = 4
	if log := u.logged(t); len(log) != 4 || log[0].Index() != 97 {
		t.Errorf("a lower limit leaves %d rows", len(log))
	}
	u.limits.Age = 1
	if log := u.logged(t); len(log) != 0 || u.log.NlmStatsGlobalNotificationsBumped() != 96 {
		t.Errorf("%d rows are too old", len(log))
	}
	stats := rows[notificationlog.NlmStatsLogRow](t, notificationlog.Tables.NlmStatsLog, u.log)
	if len(stats) != 1 || stats[0].NotificationsBumped() != 96 {
		t.Errorf("the default log: %v", stats)
	}
}

func TestAlarmIsRaisedRefreshedAndCleared(t *testing.T) {
	u := newUnit()
	u.bus.Emit(link(7, false))
	u.now = u.now.Add(time.Minute)
	u.bus.Emit(link(3, false))
	again := link(7, false)
	again.Text, again.Notification = "still down", nil
	u.bus.Emit(again)
	list := u.active(t)
	if len(list) != 2 || list[0].Description() != "interface 7: still down" || list[0].ResourceId().Compare(ifmib.Objects.IfIndex.OID.Append(7)) != 0 {
		t.Fatalf("%d alarms, the first: %v", len(list), list[0])
	}
	if p := list[0].LogPointer(); p.Compare(notificationlog.Objects.NlmLogTime.OID.Append(0, 1)) != 0 {
		t.Errorf("alarmActiveLogPointer is %s", p)
	}
	if p := list[0].ModelPointer(); p.Compare(alarm.Objects.AlarmModelNotificationId.OID.Append(0, 9, 3)) != 0 {
		t.Errorf("alarmActiveModelPointer is %s", p)
	}
	vars := rows[alarm.AlarmActiveVariableRow](t, alarm.Tables.AlarmActiveVariable, u.alarms)
	if len(vars) != 10 || list[0].Variables() != 5 || vars[1].OidVal().OID.Compare(ifmib.Notifications.LinkDown.OID) != 0 {
		t.Errorf("%d variables", len(vars))
	}
	u.bus.Emit(link(7, true))
	u.bus.Emit(link(7, true)) // of no alarm
	if list = u.active(t); len(list) != 1 || list[0].Index() != 2 {
		t.Errorf("%d alarms after the clear", len(list))
	}
	gone := u.cleared(t)
	if len(gone) != 1 || gone[0].Index() != 1 || gone[0].LogIndex() != 3 || gone[0].NotificationID().Compare(ifmib.Notifications.LinkUp.OID) != 0 {
		t.Fatalf("cleared: %v", gone)
	}
	if gone[0].ModelPointer().Compare(alarm.Objects.AlarmModelNotificationId.OID.Append(0, 9, 1)) != 0 {
		t.Errorf("alarmClearModelPointer is %s", gone[0].ModelPointer())
	}
	stats := rows[alarm.AlarmActiveStatsRow](t, alarm.Tables.AlarmActiveStats, u.alarms)
	if len(stats) != 1 || stats[0].ActiveCurrent() != 1 || stats[0].Actives() != 2 {
		t.Errorf("statistics: %v", stats)
	}
}

func TestAlarmsFromBeforeAreThere(t *testing.T) {
	u := newUnit(event.Event{Module: snmp.Module, Severity: event.Critical, Alarm: event.Alarm{Resource: "x", Condition: "never heard of", Raised: true}})
	list := u.active(t)
	if len(list) != 1 || list[0].NotificationID().String() != "0.0" || list[0].LogPointer().String() != "0.0" || list[0].Variables() != 0 {
		t.Fatalf("alarms: %v", list)
	}
	if p := list[0].ModelPointer(); p.Compare(alarm.Objects.AlarmModelNotificationId.OID.Append(0, 1000, 5)) != 0 {
		t.Errorf("alarmActiveModelPointer is %s", p)
	}
}

func TestClearedAlarmsAreBounded(t *testing.T) {
	u := newUnit()
	u.limits.Cleared = 5
	for i := range int32(20) {
		u.now = u.now.Add(-time.Hour) // the clock is no help
		u.bus.Emit(link(i+1, false))
		u.bus.Emit(link(i+1, true))
	}
	gone := u.cleared(t)
	if len(gone) != 5 || gone[0].Index() != 20 || gone[4].Index() != 16 {
		t.Errorf("%d cleared alarms", len(gone))
	}
	u.limits.Cleared = 0
	if n := len(u.cleared(t)); n != 0 {
		t.Errorf("%d cleared alarms are kept", n)
	}
}

func TestOverflowIsCounted(t *testing.T) {
	u := newUnit()
	for i := range int32(event.MaxActiveAlarms + 5) {
		u.bus.Emit(link(i+1, false))
	}
	if n, over := len(u.active(t)), u.alarms.AlarmActiveOverflow(); n != event.MaxActiveAlarms || over != 5 {
		t.Errorf("%d active, %d too many", n, over)
	}
}

// TestModelHasEveryCondition reads what the services call their conditions.
func TestModelHasEveryCondition(t *testing.T) {
	var model []string
	for _, r := range rows[alarm.AlarmModelRow](t, alarm.Tables.AlarmModel, newUnit().alarms) {
		model = append(model, r.Description())
	}
	text := strings.Join(model, "\n")
	named := regexp.MustCompile(`(?m)(?:Condition:|^\s*(?:const )?condition\w+\s*=)\s*"([^"]+)"`)
	seen := 0
	for _, pattern := range []string{"../../../element/*/*.go", "../standard/*.go", "../*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, f := range files {
			source, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllStringSubmatch(string(source), -1) {
				if strings.HasSuffix(f, "_test.go") {
					continue
				}
				seen++
				if !strings.Contains(text, ": "+m[1]+": clear") {
					t.Errorf("%s: %q is not in alarmModelTable", f, m[1])
				}
			}
		}
	}
	if seen < 9 {
		t.Errorf("found %d conditions only", seen)
	}
}

func TestReadersSeeRowsWhileTheyChange(t *testing.T) {
	u := newUnit()
	u.limits.Entries = 20
	var writers sync.WaitGroup
	for range 2 {
		writers.Go(func() {
			for i := range int32(300) {
				u.bus.Emit(link(i%5, i%2 == 0))
			}
		})
	}
	for range 20 {
		for _, read := range []func() int{
			func() int { return len(u.walkLog()) },
			func() int { _, _ = alarm.Tables.AlarmActive.Seek(u.alarms, nil, true); return 0 },
		} {
			if n := read(); n > 700 {
				t.Errorf("%d rows", n)
			}
		}
	}
	writers.Wait()
	if n := len(u.logged(t)); n != 20 {
		t.Errorf("%d rows at the end", n)
	}
}

// walkLog walks the log while it changes.
func (u *unit) walkLog() (out []uint32) {
	key, inclusive := mib.Key(nil), true
	for {
		row := u.log.SeekNlmLog(key, inclusive)
		if row == nil {
			return out
		}
		key, inclusive = notificationlog.Tables.NlmLog.KeyOf(row, nil), false
		out = append(out, row.Index())
	}
}
