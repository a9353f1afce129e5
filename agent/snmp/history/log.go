package history

import (
	"math"
	"slices"
	"time"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/notificationlog"
)

// Log is what one log is to keep.
type Log struct {
	Name  string // "" is the log of the unit
	Limit uint32 // most entries; 0: as many as there may be in all
	// Status is operational when anything is put into it.
	Status notificationlog.NlmConfigLogOperStatus
	// Wants tells what is put into it; nil: everything.
	Wants func(n mib.Notification) bool
}

// unitLog is the only one while nobody says otherwise.
var unitLog = []Log{{Status: notificationlog.NlmConfigLogOperStatusOperational}}

// logs are all of them.
type logs struct {
	from []Log  // what list was made of
	list []*log // as nlmConfigLogTable
	came uint64 // how many entries were made ever

	logged, bumped uint32 // of all, also those that are gone
}

// log is one log: the entries, the oldest first.
type log struct {
	Log
	entries        []*entry
	last           uint32 // nlmLogIndex
	logged, bumped uint32
}

// record is a notification in the logs.
type record struct {
	up     time.Duration
	at     string
	engine string
	id     mib.OID
	vars   []variable
}

// entry is a row of nlmLogTable.
type entry struct {
	*record
	log   string
	index uint32
	order uint64 // among those of all logs
	gone  bool   // out of the log; under the lock of the History
}

// newRecord keeps a notification; h.mu is held.
func (h *History) newRecord(e event.Event) *record {
	return &record{
		up: e.Up, at: mib.DateAndTime(h.o.Local(e.At)), engine: h.o.Engine, id: e.Notification.Type().OID, vars: variables(0, e.Notification, nil),
	}
}

// configure has the logs be those of next. One that is no more takes its entries
// with it.
func (x *logs) configure(next []Log) {
	if len(x.from) == len(next) && len(next) > 0 && &x.from[0] == &next[0] {
		return
	}
	old := map[string]*log{}
	for _, l := range x.list {
		old[l.Name] = l
	}
	x.from, x.list = next, nil
	for _, c := range next {
		l := old[c.Name]
		if l == nil {
			l = &log{}
		}
		delete(old, c.Name)
		l.Log = c
		x.list = append(x.list, l)
	}
	for _, l := range old {
		l.cut(len(l.entries))
	}
	slices.SortFunc(x.list, func(a, b *log) int { return mib.CompareString(a.Name, b.Name) })
}

// add puts a notification into every log that wants it, and answers its entry in
// that of the unit, or nil.
func (x *logs) add(n mib.Notification, r *record) (unit *entry) {
	for _, l := range x.list {
		if l.Status != notificationlog.NlmConfigLogOperStatusOperational || l.Wants != nil && !l.Wants(n) {
			continue
		}
		x.came++
		e := &entry{record: r, log: l.Name, index: l.next(), order: x.came}
		l.entries = append(l.entries, e)
		l.last = e.index
		l.logged++
		x.logged++
		if l.Name == "" {
			unit = e
		}
	}
	return unit
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

// trim takes out what is too old, which is not counted, and what is too much: of
// each log, and then the oldest of all.
func (x *logs) trim(limit uint32, age, now time.Duration) {
	total := 0
	for _, l := range x.list {
		old := 0
		for age > 0 && old < len(l.entries) && now-l.entries[old].up > age {
			old++
		}
		l.cut(old)
		if l.Limit > 0 {
			x.bump(l, len(l.entries)-int(l.Limit))
		}
		total += len(l.entries)
	}
	for ; total > int(limit); total-- {
		x.bump(x.oldest(), 1)
	}
}

// oldest is the log with the oldest entry; there is one.
func (x *logs) oldest() (found *log) {
	for _, l := range x.list {
		if len(l.entries) > 0 && (found == nil || l.entries[0].order < found.entries[0].order) {
			found = l
		}
	}
	return found
}

// bump takes the n oldest entries out of a log, if any.
func (x *logs) bump(l *log, n int) {
	if n <= 0 {
		return
	}
	l.cut(n)
	l.bumped += uint32(n) //nolint:gosec // wraps by definition
	x.bumped += uint32(n) //nolint:gosec // wraps by definition
}

// cut drops the n oldest entries.
func (l *log) cut(n int) {
	for _, e := range l.entries[:n] {
		e.gone = true
	}
	clear(l.entries[:n])
	l.entries = l.entries[n:]
}

func (e *entry) NlmLogName() string      { return e.log }
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
	return instance(notificationlog.Objects.NlmLogTime, notificationlog.NlmLogKey(e.log, e.index))
}
