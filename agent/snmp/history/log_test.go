package history_test

import (
	"fmt"
	"testing"

	"mibgate/agent/snmp/history"
	"mibgate/mib"
	"mibgate/mib/ifmib"
	"mibgate/mib/notificationlog"
)

// Statuses of logs.
const (
	operational = notificationlog.NlmConfigLogOperStatusOperational
	disabled    = notificationlog.NlmConfigLogOperStatusDisabled
	noFilter    = notificationlog.NlmConfigLogOperStatusNoFilter
)

// linksDown wants the notification linkDown.
func linksDown(n mib.Notification) bool { return n.Type() == ifmib.Notifications.LinkDown }

// entries are the rows of the logs, as "name index".
func (u *unit) entries(t *testing.T) (out []string) {
	for _, r := range u.logged(t) {
		out = append(out, fmt.Sprint(r.NlmLogName(), " ", r.Index()))
	}
	return out
}

// stats are those of the logs, as "name logged bumped".
func (u *unit) stats(t *testing.T) (out []string) {
	for _, r := range rows[notificationlog.NlmStatsLogRow](t, notificationlog.Tables.NlmStatsLog, u.log) {
		out = append(out, fmt.Sprint(r.NlmLogName(), " ", r.NotificationsLogged(), " ", r.NotificationsBumped()))
	}
	return out
}

// TestLogsKeepWhatTheyWant: each log has its own numbers, limit and statistics;
// the global limit takes the oldest of any.
func TestLogsKeepWhatTheyWant(t *testing.T) {
	u := newUnit()
	u.logs = []history.Log{
		{Status: operational},
		{Name: "noc", Status: operational, Wants: linksDown},
		{Name: "b", Status: operational, Limit: 2, Wants: linksDown}, // before "noc": shorter names come first
		{Name: "none", Status: noFilter},
		{Name: "off", Status: disabled},
	}
	for i := range int32(3) {
		u.bus.Emit(link(i+1, false))
		u.bus.Emit(link(i+1, true))
	}
	want := "[ 1  2  3  4  5  6 b 2 b 3 noc 1 noc 2 noc 3]"
	if got := fmt.Sprint(u.entries(t)); got != want {
		t.Errorf("the logs have %s, want %s", got, want)
	}
	if got := fmt.Sprint(u.stats(t)); got != "[ 6 0 b 3 1 noc 3 0 off 0 0 none 0 0]" {
		t.Errorf("the statistics are %s", got)
	}
	if n := len(u.variables(t)); n != 3*11 {
		t.Errorf("%d variables", n)
	}
	u.limits.Entries = 6
	want = "[ 4  5  6 b 3 noc 2 noc 3]"
	u.limits.Entries = 6
	if got := fmt.Sprint(u.entries(t)); got != want {
		t.Errorf("with a global limit of 6 the logs have %s, want %s", got, want)
	}
	if l, b := u.log.NlmStatsGlobalNotificationsLogged(), u.log.NlmStatsGlobalNotificationsBumped(); l != 12 || b != 6 {
		t.Errorf("logged %d, bumped %d", l, b)
	}
}

// TestLogsComeAndGo: a log that is disabled keeps what it has; one that is
// removed takes it along, and begins anew when it is made again.
func TestLogsComeAndGo(t *testing.T) {
	u := newUnit()
	with := func(s notificationlog.NlmConfigLogOperStatus) []history.Log {
		return []history.Log{{Status: operational}, {Name: "noc", Status: s, Wants: linksDown}}
	}
	for _, step := range []struct {
		name, want string
		logs       []history.Log
	}{
		{"made", "[ 1 noc 1]", with(operational)},
		{"disabled", "[ 1  2 noc 1]", with(disabled)},
		{"enabled", "[ 1  2  3 noc 1 noc 2]", with(operational)},
		{"removed", "[ 1  2  3  4]", with(operational)[:1]},
		{"made again", "[ 1  2  3  4  5 noc 1]", with(operational)},
		{"that of the unit disabled", "[ 1  2  3  4  5 noc 1 noc 2]", []history.Log{{Status: disabled}, {Name: "noc", Status: operational}}},
	} {
		u.logs = step.logs
		u.bus.Emit(link(7, false))
		if got := fmt.Sprint(u.entries(t)); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
		row := notificationlog.NewNlmConfigLogRow("noc")
		want := disabled
		if len(step.logs) > 1 {
			want = step.logs[1].Status
		}
		if got := u.log.NlmConfigLogOperStatus(row); got != want {
			t.Errorf("%s: nlmConfigLogOperStatus is %s", step.name, got)
		}
	}
	// The alarm points into the log of the unit, where it is not.
	if a := u.active(t)[0]; a.LogPointer().String() != "0.0" {
		t.Errorf("alarmActiveLogPointer is %s", a.LogPointer())
	}
}
