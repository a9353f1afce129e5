package history

import (
	"time"

	"mibgate/mib"
	"mibgate/mib/notificationlog"
)

// logStatus is the Status of NOTIFICATION-LOG-MIB.
type logStatus struct{ h *History }

var _ notificationlog.Status = logStatus{}

// open locks the history with its logs in bounds.
func (s logStatus) open() *logs {
	s.h.mu.Lock()
	s.h.trim()
	return &s.h.logs
}

func (s logStatus) NlmConfigGlobalEntryLimit() uint32 { return s.h.o.Limits().Entries }

func (s logStatus) NlmConfigGlobalAgeOut() uint32 {
	return uint32(s.h.o.Limits().Age / time.Minute) //nolint:gosec // it was made of minutes
}

func (s logStatus) NlmConfigLogOperStatus(row *notificationlog.NlmConfigLogRow) notificationlog.NlmConfigLogOperStatus {
	defer s.h.mu.Unlock()
	for _, l := range s.open().list {
		if l.Name == row.NlmLogName {
			return l.Status
		}
	}
	return notificationlog.NlmConfigLogOperStatusDisabled
}

func (s logStatus) NlmStatsGlobalNotificationsLogged() uint32 {
	defer s.h.mu.Unlock()
	return s.open().logged
}

func (s logStatus) NlmStatsGlobalNotificationsBumped() uint32 {
	defer s.h.mu.Unlock()
	return s.open().bumped
}

func (s logStatus) SeekNlmStatsLog(key mib.Key, inclusive bool) notificationlog.NlmStatsLogRow {
	defer s.h.mu.Unlock()
	var rows []notificationlog.NlmStatsLogRow
	for _, l := range s.open().list {
		rows = append(rows, notificationlog.NewNlmStatsLogRow(l.Name, l.logged, l.bumped))
	}
	row, _ := mib.NewSorted(rows, notificationlog.CompareNlmStatsLog).Seek(key, inclusive)
	return row
}

func compareEntry(e *entry, key mib.Key) int { return notificationlog.CompareNlmLog(e, key) }

func (s logStatus) SeekNlmLog(key mib.Key, inclusive bool) notificationlog.NlmLogRow {
	defer s.h.mu.Unlock()
	for _, l := range s.open().list {
		if row, ok := mib.NewSorted(l.entries, compareEntry).Seek(key, inclusive); ok {
			return row
		}
	}
	return nil
}

func (s logStatus) SeekNlmLogVariable(key mib.Key, inclusive bool) notificationlog.NlmLogVariableRow {
	defer s.h.mu.Unlock()
	for _, l := range s.open().list {
		row, ok := seekVariable(l.entries, func(e *entry) []logVariable { return e.variables() }, compareEntry,
			func(v logVariable, k mib.Key) int { return notificationlog.CompareNlmLogVariable(v, k) }, key, inclusive)
		if ok {
			return row
		}
	}
	return nil
}
