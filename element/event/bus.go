package event

import (
	"sync"
	"sync/atomic"
	"time"

	"mibgate/mib"
)

// MaxActiveAlarms bounds the table of active alarms; beyond it new conditions
// are still told, but not listed.
const MaxActiveAlarms = 1000

// Bus hands events to sinks and keeps the active alarms.
type Bus struct {
	now     func() time.Time
	started time.Time // monotonic

	mu     sync.Mutex
	sinks  []*Sink
	watch  []func(Event, Change, ActiveAlarm)
	supply func(Change, ActiveAlarm) mib.Notification // nil: nobody does
	alarms map[alarmKey]*ActiveAlarm
	next   uint32
	list   atomic.Pointer[[]ActiveAlarm]
}

type alarmKey struct {
	service, resource, condition string
}

// NewBus makes a bus whose events are stamped by now.
func NewBus(now func() time.Time) *Bus {
	b := &Bus{now: now, started: time.Now(), alarms: map[alarmKey]*ActiveAlarm{}}
	b.list.Store(&[]ActiveAlarm{})
	return b
}

// UpTime is how long the bus has been there: the element's up time, by the
// monotonic clock.
func (b *Bus) UpTime() time.Duration { return time.Since(b.started) }

// Emit hands an event to every sink. It never blocks. Up is stamped, and At
// when it is zero.
func (b *Bus) Emit(e Event) {
	e.Up = b.UpTime()
	if e.At.IsZero() {
		e.At = b.now()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var change Change
	var alarm ActiveAlarm
	if e.Alarm.Condition != "" {
		change, alarm = b.pair(e)
	}
	if e.Notification == nil && b.supply != nil && (change == Raised || change == Refreshed || change == Cleared) {
		e.Notification = b.supply(change, alarm)
	}
	for _, f := range b.watch {
		f(e, change, alarm)
	}
	for _, s := range b.sinks {
		s.offer(e)
	}
}

// pair raises or clears the alarm of e; raising one that is raised refreshes
// its text and keeps its index and time.
func (b *Bus) pair(e Event) (Change, ActiveAlarm) {
	key := alarmKey{e.Module.Service, e.Alarm.Resource, e.Alarm.Condition}
	old, raised := b.alarms[key]
	switch {
	case !e.Alarm.Raised && raised:
		delete(b.alarms, key)
		b.publish()
		return Cleared, *old
	case !e.Alarm.Raised:
		return Unchanged, ActiveAlarm{}
	case raised:
		c := *old
		c.Severity, c.Text = e.Severity, e.Text
		b.alarms[key] = &c
		b.publish()
		return Refreshed, c
	case len(b.alarms) >= MaxActiveAlarms:
		return Overflowed, ActiveAlarm{}
	}
	b.next++
	a := ActiveAlarm{Index: b.next, Module: e.Module, Alarm: e.Alarm, Severity: e.Severity, Text: e.Text, At: e.At}
	b.alarms[key] = &a
	b.publish()
	return Raised, a
}

// publish makes the list that Active answers.
func (b *Bus) publish() {
	list := make([]ActiveAlarm, 0, len(b.alarms))
	for _, a := range b.alarms {
		list = append(list, *a)
	}
	sortAlarms(list)
	b.list.Store(&list)
}

// Watch calls f for every event from now on, with what it did to the active
// alarms and the alarm that it did it to, and returns those that are active.
// Unlike a sink it misses nothing: f is called by who emits, one event at a
// time. It must be quick and not use the bus.
func (b *Bus) Watch(f func(e Event, c Change, a ActiveAlarm)) []ActiveAlarm {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watch = append(b.watch, f)
	return b.Active()
}

// Supply names who makes the notification of what changes an active alarm and has
// none of its own, so that a manager is told of every alarm. It may make none; it
// is called as those of Watch are, before them.
func (b *Bus) Supply(f func(c Change, a ActiveAlarm) mib.Notification) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.supply = f
}

// Active lists the active alarms by index. The slice must not be changed.
func (b *Bus) Active() []ActiveAlarm { return *b.list.Load() }

// ClearAll clears every alarm of a service whose resource is not in keep; a
// service calls it when what the alarms were about has gone.
func (b *Bus) ClearAll(m *mib.Module, keep func(resource string) bool) {
	for _, a := range b.Active() {
		if a.Module == m && !keep(a.Alarm.Resource) {
			c := a.Alarm
			c.Raised = false
			b.Emit(Event{Module: m, Severity: Info, Text: a.Alarm.Condition + ": no longer applies to " + a.Alarm.Resource, Alarm: c})
		}
	}
}

// Sink is one consumer's queue.
type Sink struct {
	name    string
	ch      chan Event
	wants   func(Event) bool // nil: everything
	queued  atomic.Uint64
	dropped atomic.Uint64
	bus     *Bus
}

// Subscribe adds a sink whose queue holds depth events.
func (b *Bus) Subscribe(name string, depth int) *Sink { return b.SubscribeTo(name, depth, nil) }

// SubscribeTo adds a sink, of one event at least, that takes only what it wants:
// nothing else fills its queue or counts as dropped. wants is called by who emits, one event at a
// time; it must be quick and not use the bus.
func (b *Bus) SubscribeTo(name string, depth int, wants func(Event) bool) *Sink {
	s := &Sink{name: name, ch: make(chan Event, max(depth, 1)), wants: wants, bus: b}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sinks = append(b.sinks, s)
	return s
}

func (s *Sink) offer(e Event) {
	if s.wants != nil && !s.wants(e) {
		return
	}
	select {
	case s.ch <- e:
		s.queued.Add(1)
		return
	default:
	}
	// The oldest goes: of a resource that changes, the last state is the one to know.
	select {
	case <-s.ch:
		s.dropped.Add(1)
	default: // all has come out meanwhile
		s.queued.Add(1)
	}
	s.ch <- e // there is room: nobody else fills it
}

// Events is where the sink's events come out; it is closed by Close.
func (s *Sink) Events() <-chan Event { return s.ch }

// Queued counts the events that have come out or will come out of Events.
func (s *Sink) Queued() uint64 { return s.queued.Load() }

// Dropped counts the events that had to go because the queue was full.
func (s *Sink) Dropped() uint64 { return s.dropped.Load() }

// Close takes the sink off the bus and closes its channel; what is queued can
// still be read.
func (s *Sink) Close() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	for i, t := range s.bus.sinks {
		if t == s {
			s.bus.sinks = append(s.bus.sinks[:i:i], s.bus.sinks[i+1:]...)
			close(s.ch)
			return
		}
	}
}
