package history

import (
	"mibgate/mib"
	"mibgate/mib/alarm"
)

// alarmStatus is the Status of ALARM-MIB.
type alarmStatus struct{ h *History }

var _ alarm.Status = alarmStatus{}

// open locks the history, with its tables in bounds.
func (s alarmStatus) open() *alarms {
	s.h.mu.Lock()
	s.h.trim()
	s.h.alarms.trim(s.h.o.Limits().Cleared)
	return &s.h.alarms
}

// AlarmModelLastChanged is 0: the model is part of the program.
func (s alarmStatus) AlarmModelLastChanged() uint32 { return 0 }

func (s alarmStatus) AlarmActiveLastChanged() uint32 {
	defer s.h.mu.Unlock()
	return s.open().lastChange
}

func (s alarmStatus) AlarmActiveOverflow() uint32 {
	defer s.h.mu.Unlock()
	return s.open().overflow
}

func (s alarmStatus) AlarmClearMaximum() uint32 { return s.h.o.Limits().Cleared }

func (s alarmStatus) SeekAlarmModel(key mib.Key, inclusive bool) alarm.AlarmModelRow {
	row, _ := model.Seek(key, inclusive)
	return row
}

func (s alarmStatus) SeekAlarmActive(key mib.Key, inclusive bool) alarm.AlarmActiveRow {
	defer s.h.mu.Unlock()
	row, ok := mib.NewSorted(s.open().active, func(a *active, k mib.Key) int { return alarm.CompareAlarmActive(a, k) }).Seek(key, inclusive)
	return found(row, ok, func(a *active) alarm.AlarmActiveRow {
		if a.logged.still() == a.logged {
			return a
		}
		shown := *a
		shown.logged = nil
		return &shown
	})
}

func (s alarmStatus) SeekAlarmActiveVariable(key mib.Key, inclusive bool) alarm.AlarmActiveVariableRow {
	defer s.h.mu.Unlock()
	row, ok := seekVariable(s.open().byIndex, alarmVariables, compareOwner,
		func(v alarmVariable, k mib.Key) int { return alarm.CompareAlarmActiveVariable(v, k) }, key, inclusive)
	return found(row, ok, func(v alarmVariable) alarm.AlarmActiveVariableRow { return v })
}

// compareOwner orders an alarm against the first two parts of the key of a
// variable: its list and its index.
func compareOwner(a *active, key mib.Key) int {
	return alarm.CompareAlarmActiveVariable(alarmVariable{&variable{of: a.index}}, key)
}

func (s alarmStatus) SeekAlarmActiveStats(key mib.Key, inclusive bool) alarm.AlarmActiveStatsRow {
	defer s.h.mu.Unlock()
	a := s.open()
	rows := []alarm.AlarmActiveStatsRow{alarm.NewAlarmActiveStatsRow("", uint32(len(a.active)), a.raised, a.lastRaise, a.lastClear)} //nolint:gosec // they are few
	row, _ := mib.NewSorted(rows, alarm.CompareAlarmActiveStats).Seek(key, inclusive)
	return row
}

func (s alarmStatus) SeekAlarmClear(key mib.Key, inclusive bool) alarm.AlarmClearRow {
	defer s.h.mu.Unlock()
	row, ok := mib.NewSorted(s.open().cleared, func(c *cleared, k mib.Key) int { return alarm.CompareAlarmClear(c, k) }).Seek(key, inclusive)
	return found(row, ok, func(c *cleared) alarm.AlarmClearRow {
		if c.logged.still() == c.logged {
			return c
		}
		shown := *c
		shown.logged = nil
		return &shown
	})
}
