package history

import (
	"fmt"
	"slices"

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
	// raise and clear are what tells of it.
	raise, clear *mib.NotificationType
	// by is the variable of raise and clear that tells them apart, which are the
	// same notification then, and its values; nil when there is none.
	by *values
}

// values are those of the variable that tells the state of a condition.
type values struct {
	object *mib.Object
	clear  int32
	raised []int32 // the less grave first; each is a state of its own
}

// activeState and clearState are of what has no others (RFC 3877, alarmActiveState).
var activeState, clearState = alarm.Notifications.AlarmActiveState, alarm.Notifications.AlarmClearState

// conditions are what may go wrong, by index.
var conditions = []*condition{
	{1, scm.Module, "service not responding", []event.Severity{event.Error}, scm.Notifications.ServiceStateChange, scm.Notifications.ServiceStateChange, &values{
		scm.Objects.ServicesInfoExecState, int32(scm.ServicesInfoExecStateStarted), []int32{int32(scm.ServicesInfoExecStateNotResponding)},
	}},
	{2, hoc.Module, "clock not synchronized", []event.Severity{event.Warning}, hoc.Notifications.ClockStateChange, hoc.Notifications.ClockStateChange, &values{
		hoc.Objects.ClockState, int32(hoc.ClockStateSynchronized), []int32{int32(hoc.ClockStateLastKnown), int32(hoc.ClockStateNotSynchronized)},
	}},
	{3, hoc.Module, "no SNTP server answers", []event.Severity{event.Warning}, activeState, clearState, nil},
	{4, sipep.Module, "gateway not ready", []event.Severity{event.Warning, event.Error}, sipep.Notifications.GatewayStateChange, sipep.Notifications.GatewayStateChange, nil},
	{5, sipep.Module, "TLS link down", []event.Severity{event.Info, event.Error}, sipep.Notifications.TlsLinkDown, sipep.Notifications.TlsLinkUp, nil},
	{6, sipep.Module, "not registered", []event.Severity{event.Error}, sipep.Notifications.RegistrationStateChange, sipep.Notifications.RegistrationStateChange, &values{
		sipep.Objects.RegistrationStatusState, int32(sipep.RegistrationStatusStateRegistered), []int32{
			int32(sipep.RegistrationStatusStateUnreachable), int32(sipep.RegistrationStatusStateAuthFailed), int32(sipep.RegistrationStatusStateRejected),
			int32(sipep.RegistrationStatusStateConfigError), int32(sipep.RegistrationStatusStateInvalidResponse),
		},
	}},
	{7, cert.Module, "certificate expiry", []event.Severity{event.Warning, event.Error}, activeState, clearState, nil},
	{8, dcm.Module, "configuration on disk unknown", []event.Severity{event.Critical}, activeState, clearState, nil},
	{9, snmp.Module, "link down", []event.Severity{event.Warning}, ifmib.Notifications.LinkDown, ifmib.Notifications.LinkUp, nil},
	{1000, nil, "", []event.Severity{event.Info, event.Warning, event.Error, event.Critical}, activeState, clearState, nil},
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

// state is the row for what n told, or else for a severity: its own, or that of
// the gravest that the condition is known to have.
func (c *condition) state(s event.Severity, n mib.Notification) uint32 {
	if c.by != nil && n != nil {
		for _, v := range n.Varbinds(nil) {
			if i := slices.Index(c.by.raised, int32(v.Value.Num)); v.Object == c.by.object && i >= 0 { //nolint:gosec // a label
				return stateOf(c.severities[0]) + uint32(i)
			}
		}
	}
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
		if c.by == nil {
			rows = append(rows, c.row(stateClear, "clear", c.clear, nil))
			for _, s := range c.severities {
				rows = append(rows, c.row(stateOf(s), s.String(), c.raise, nil))
			}
			continue
		}
		rows = append(rows, c.row(stateClear, "clear", c.clear, &c.by.clear))
		for i, v := range c.by.raised {
			label, _ := c.by.object.Syntax.LabelOf(int64(v))
			rows = append(rows, c.row(stateOf(c.severities[0])+uint32(i), label.Name, c.raise, &v)) //nolint:gosec // they are few
		}
	}
	alarm.SortAlarmModel(rows)
	return mib.NewSorted(rows, alarm.CompareAlarmModel)
}

// row is the row of one state, which n tells, with value in the variable that
// tells the state.
func (c *condition) row(state uint32, word string, n *mib.NotificationType, value *int32) alarm.AlarmModelRow {
	subtree := n.Objects[0].OID
	if n == activeState || n == clearState {
		subtree = alarm.Objects.AlarmActiveResourceId.OID
	}
	text := "Another condition: " + word
	if c.module != nil {
		text = fmt.Sprintf("%s: %s: %s", c.module.Service, c.name, word)
	}
	var place uint32
	var is int32
	if value != nil {
		// sysUpTime.0 and snmpTrapOID.0 are the first two.
		place, is = uint32(slices.Index(n.Objects, c.by.object))+3, *value //nolint:gosec // it is one of them
	}
	return alarm.NewAlarmModelRow("", c.index, state, n.OID, place, is, text, none, subtree, none, mib.RowActive)
}
