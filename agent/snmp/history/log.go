package history

import (
	"math"
	"time"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/notificationlog"
	"mibgate/mib/tc"
)

// log is the default log, the only one: the entries, the oldest first.
type log struct {
	entries        []*entry
	last           uint32 // nlmLogIndex
	logged, bumped uint32
}

// entry is a row of nlmLogTable.
type entry struct {
	index  uint32
	up     time.Duration
	at     string
	engine string
	id     mib.OID
	vars   []variable
	gone   bool // out of the log; under the lock of the History
}

// newEntry makes the entry of a notification; h.mu is held. Its number is the
// next of the log.
func (h *History) newEntry(e event.Event) *entry {
	index := h.log.next()
	return &entry{
		index: index, up: e.Up, at: mib.DateAndTime(h.o.Local(e.At)), engine: h.o.Engine,
		id: e.Notification.Type().OID, vars: variables(index, e.Notification, nil),
	}
}

// next is the number of the next entry. The log starts anew when the numbers
// do, or it would be out of order.
func (l *log) next() uint32 {
	if l.last == math.MaxUint32 {
		l.cut(len(l.entries))
		l.last = 0
	}
	return l.last + 1
}

func (l *log) add(e *entry) *entry {
	l.entries = append(l.entries, e)
	l.last = e.index
	l.logged++
	return e
}

// trim takes out what is too old, which is not counted, and what is too much.
func (l *log) trim(limit uint32, age, now time.Duration) {
	old := 0
	for age > 0 && old < len(l.entries) && now-l.entries[old].up > age {
		old++
	}
	l.cut(old)
	if over := len(l.entries) - int(limit); over > 0 {
		l.cut(over)
		l.bumped += uint32(over) //nolint:gosec // wraps by definition
	}
}

// cut drops the n oldest entries.
func (l *log) cut(n int) {
	for _, e := range l.entries[:n] {
		e.gone = true
	}
	clear(l.entries[:n])
	l.entries = l.entries[n:]
}

func (e *entry) NlmLogName() string      { return "" }
func (e *entry) Index() uint32           { return e.index }
func (e *entry) Time() uint32            { return ticksOf(e.up) }
func (e *entry) DateAndTime() string     { return e.at }
func (e *entry) ContextName() string     { return "" }
func (e *entry) ContextEngineID() string { return e.engine }
func (e *entry) NotificationID() mib.OID { return e.id }

// EngineID is empty where all entries are of one engine (RFC 3014).
func (e *entry) EngineID() string { return "" }

// still is an entry while it is in the log, and nil afterwards; the lock of the
// History is held.
func (e *entry) still() *entry {
	if e == nil || e.gone {
		return nil
	}
	return e
}

// pointer is the RowPointer of an entry.
func (e *entry) pointer() mib.OID {
	if e == nil {
		return none
	}
	return notificationlog.Objects.NlmLogTime.OID.Append(0, e.index)
}

// logStatus is the Status of NOTIFICATION-LOG-MIB.
type logStatus struct{ h *History }

var _ notificationlog.Status = logStatus{}

// open locks the history with its log in bounds.
func (s logStatus) open() *log {
	s.h.mu.Lock()
	s.h.trim()
	return &s.h.log
}

func (s logStatus) NlmConfigGlobalEntryLimit() uint32 { return s.h.o.Limits().Entries }

func (s logStatus) NlmConfigGlobalAgeOut() uint32 {
	return uint32(s.h.o.Limits().Age / time.Minute) //nolint:gosec // it was made of minutes
}

func (s logStatus) NlmStatsGlobalNotificationsLogged() uint32 {
	defer s.h.mu.Unlock()
	return s.open().logged
}

func (s logStatus) NlmStatsGlobalNotificationsBumped() uint32 {
	defer s.h.mu.Unlock()
	return s.open().bumped
}

var onlyLog = mib.NewSorted([]notificationlog.NlmConfigLogRow{notificationlog.NewNlmConfigLogRow("", 0,
	notificationlog.NlmConfigLogAdminStatusEnabled, notificationlog.NlmConfigLogOperStatusOperational, tc.StorageTypeReadOnly, mib.RowActive)},
	notificationlog.CompareNlmConfigLog)

func (s logStatus) SeekNlmConfigLog(key mib.Key, inclusive bool) notificationlog.NlmConfigLogRow {
	row, _ := onlyLog.Seek(key, inclusive)
	return row
}

func (s logStatus) SeekNlmStatsLog(key mib.Key, inclusive bool) notificationlog.NlmStatsLogRow {
	defer s.h.mu.Unlock()
	l := s.open()
	rows := []notificationlog.NlmStatsLogRow{notificationlog.NewNlmStatsLogRow("", l.logged, l.bumped)}
	row, _ := mib.NewSorted(rows, notificationlog.CompareNlmStatsLog).Seek(key, inclusive)
	return row
}

func compareEntry(e *entry, key mib.Key) int { return notificationlog.CompareNlmLog(e, key) }

func (s logStatus) SeekNlmLog(key mib.Key, inclusive bool) notificationlog.NlmLogRow {
	defer s.h.mu.Unlock()
	row, ok := mib.NewSorted(s.open().entries, compareEntry).Seek(key, inclusive)
	return found(row, ok, func(e *entry) notificationlog.NlmLogRow { return e })
}

func (s logStatus) SeekNlmLogVariable(key mib.Key, inclusive bool) notificationlog.NlmLogVariableRow {
	defer s.h.mu.Unlock()
	row, ok := seekVariable(s.open().entries, func(e *entry) []variable { return e.vars }, compareEntry,
		func(v *variable, k mib.Key) int { return notificationlog.CompareNlmLogVariable(logVariable{v}, k) }, key, inclusive)
	return found(row, ok, func(v *variable) notificationlog.NlmLogVariableRow { return logVariable{v} })
}
