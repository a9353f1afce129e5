package history

import (
	"fmt"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/cert"
	"mibgate/mib/dcm"
	"mibgate/mib/hoc"
	"mibgate/mib/ifmib"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
	"mibgate/mib/snmp"
)

// condition is what may go wrong: the rows of alarmModelTable with one
// alarmModelIndex.
type condition struct {
	index      uint32 // never given to another: managers keep it
	module     *mib.Module
	name       string // as the events have it; "" for all that are not listed
	severities []event.Severity
	// raise and clear are what tells of it; nil when nothing does.
	raise, clear *mib.NotificationType
}

// conditions are what may go wrong, by index.
var conditions = []*condition{
	{1, scm.Module, "service not responding", []event.Severity{event.Error}, scm.Notifications.ServiceStateChange, scm.Notifications.ServiceStateChange},
	{2, hoc.Module, "clock not synchronized", []event.Severity{event.Warning}, hoc.Notifications.ClockStateChange, hoc.Notifications.ClockStateChange},
	{3, hoc.Module, "no SNTP server answers", []event.Severity{event.Warning}, nil, nil},
	{4, sipep.Module, "gateway not ready", []event.Severity{event.Warning, event.Error}, sipep.Notifications.GatewayStateChange, sipep.Notifications.GatewayStateChange},
	{5, sipep.Module, "TLS link down", []event.Severity{event.Info, event.Error}, sipep.Notifications.TlsLinkDown, sipep.Notifications.TlsLinkUp},
	{6, sipep.Module, "not registered", []event.Severity{event.Error}, sipep.Notifications.RegistrationStateChange, sipep.Notifications.RegistrationStateChange},
	{7, cert.Module, "certificate expiry", []event.Severity{event.Warning, event.Error}, nil, nil},
	{8, dcm.Module, "configuration on disk unknown", []event.Severity{event.Critical}, nil, nil},
	{9, snmp.Module, "link down", []event.Severity{event.Warning}, ifmib.Notifications.LinkDown, ifmib.Notifications.LinkUp},
	{1000, nil, "", []event.Severity{event.Info, event.Warning, event.Error, event.Critical}, nil, nil},
}

// conditionOf finds the condition of an alarm.
func conditionOf(a *event.ActiveAlarm) *condition {
	for _, c := range conditions {
		if c.module == a.Module && c.name == a.Alarm.Condition {
			return c
		}
	}
	return conditions[len(conditions)-1]
}

// stateClear is the alarmModelState of a condition that does not hold.
const stateClear = 1

// stateOf is the alarmModelState of a severity: the graver the higher.
func stateOf(s event.Severity) uint32 {
	switch {
	case s >= event.Critical:
		return 5
	case s >= event.Error:
		return 4
	case s >= event.Warning:
		return 3
	}
	return 2
}

// state is the row for a severity: its own, or else that of the gravest that
// the condition is known to have.
func (c *condition) state(s event.Severity) uint32 {
	for _, known := range c.severities {
		if stateOf(known) >= stateOf(s) {
			return stateOf(known)
		}
	}
	return stateOf(c.severities[len(c.severities)-1])
}

// pointer is the RowPointer of a state.
func (c *condition) pointer(state uint32) mib.OID {
	return alarm.Objects.AlarmModelNotificationId.OID.Append(0, c.index, state)
}

// model is alarmModelTable.
var model = buildModel()

func buildModel() mib.Sorted[alarm.AlarmModelRow] {
	var rows []alarm.AlarmModelRow
	for _, c := range conditions {
		rows = append(rows, c.row(stateClear, "clear", c.clear))
		for _, s := range c.severities {
			rows = append(rows, c.row(stateOf(s), s.String(), c.raise))
		}
	}
	alarm.SortAlarmModel(rows)
	return mib.NewSorted(rows, alarm.CompareAlarmModel)
}

// row is the row of one state. That of a condition which the same notification
// raises and clears has no variable that tells them apart for every state.
func (c *condition) row(state uint32, word string, n *mib.NotificationType) alarm.AlarmModelRow {
	id, subtree := none, none
	if n != nil {
		id, subtree = n.OID, n.Objects[0].OID
	}
	text := "Another condition: " + word
	if c.module != nil {
		text = fmt.Sprintf("%s: %s: %s", c.module.Service, c.name, word)
	}
	return alarm.NewAlarmModelRow("", c.index, state, id, 0, 0, text, none, subtree, none, mib.RowActive)
}
