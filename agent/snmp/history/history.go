package history

import (
	"sync"
	"time"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/notificationlog"
)

// Limits bound what is kept.
type Limits struct {
	Entries uint32        // of all logs
	Age     time.Duration // of an entry; 0: it does not matter
	Cleared uint32        // alarms
}

// Options are what a History is made with.
type Options struct {
	Bus *event.Bus
	// Limits are asked for whenever something is kept or read. They must be
	// quick, and not use the bus.
	Limits func() Limits
	// Logs are those of nlmConfigLogTable, asked for and bound likewise; the
	// same slice as before is no other. Nil: there is that of the unit.
	Logs func() []Log
	// Local puts a time into the time zone of the unit; nil means UTC.
	Local func(time.Time) time.Time
	// Engine is our snmpEngineID.
	Engine string
}

// History is what has happened.
type History struct {
	o Options

	mu     sync.Mutex
	logs   logs
	alarms alarms
}

// New makes a history that begins now, with the alarms that are active.
func New(o Options) *History {
	if o.Local == nil {
		o.Local = time.Time.UTC
	}
	if o.Logs == nil {
		o.Logs = func() []Log { return unitLog }
	}
	h := &History{o: o}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range o.Bus.Watch(h.record) {
		h.alarms.raise(h.newAlarm(a, nil, 0, nil), 0)
	}
	o.Bus.Supply(h.supply)
	return h
}

// Status is the generated Status of a module; nil when it is not answered here.
func (h *History) Status(m *mib.Module) any {
	switch m {
	case notificationlog.Module:
		return logStatus{h}
	case alarm.Module:
		return alarmStatus{h}
	}
	return nil
}

// record keeps an event. The bus calls it.
func (h *History) record(e event.Event, c event.Change, a event.ActiveAlarm) {
	if e.Notification == nil && c == event.Unchanged {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var logged *entry
	if e.Notification != nil {
		h.logs.configure(h.o.Logs())
		logged = h.logs.add(e.Notification, h.newRecord(e))
		h.trim()
	}
	up := ticksOf(e.Up)
	switch c {
	case event.Raised:
		h.alarms.raise(h.newAlarm(a, e.Notification, up, logged), up)
	case event.Refreshed:
		h.alarms.refresh(h.newAlarm(a, e.Notification, up, logged))
	case event.Cleared:
		h.alarms.clear(h.newCleared(a, e, logged), up, h.o.Limits().Cleared)
	case event.Overflowed:
		h.alarms.overflow++
	case event.Unchanged:
	}
}

// trim takes out of the logs what is too much or too old; h.mu is held.
func (h *History) trim() {
	h.logs.configure(h.o.Logs())
	l := h.o.Limits()
	h.logs.trim(l.Entries, l.Age, h.o.Bus.UpTime())
}

// ticksOf is TimeTicks of a duration; it wraps after 497 days (RFC 2578 §7.1.8).
func ticksOf(d time.Duration) uint32 {
	return uint32(d / (10 * time.Millisecond)) //nolint:gosec // wraps by definition
}

// none is zeroDotZero.
var none = mib.OID{0, 0}

// found makes the row of a Seek, or the nil interface at the end.
func found[I any, R any](row R, ok bool, as func(R) I) (i I) {
	if ok {
		return as(row)
	}
	return i
}
