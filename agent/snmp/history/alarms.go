package history

import (
	"cmp"
	"slices"
	"time"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/tc"
)

// alarms are the active and the cleared ones.
type alarms struct {
	active  []*active  // as alarmActiveTable
	byIndex []*active  // the same by index
	cleared []*cleared // as alarmClearTable

	raised, overflow     uint32
	lastRaise, lastClear uint32 // sysUpTime
	lastChange           uint32

	supplied map[supplied]time.Duration // when, by the monotonic clock
}

// origin is what all alarms have in common: they are ours.
type origin struct {
	index    uint32
	at       string // DateAndTime, local
	engine   string
	id       mib.OID // of the notification
	resource mib.OID
	model    mib.OID
}

func (o *origin) AlarmListName() string                 { return "" }
func (o *origin) Index() uint32                         { return o.index }
func (o *origin) DateAndTime() string                   { return o.at }
func (o *origin) EngineID() string                      { return o.engine }
func (o *origin) EngineAddressType() tc.InetAddressType { return tc.InetAddressTypeUnknown }
func (o *origin) EngineAddress() string                 { return "" }
func (o *origin) ContextName() string                   { return "" }
func (o *origin) NotificationID() mib.OID               { return o.id }
func (o *origin) ResourceId() mib.OID                   { return o.resource } //nolint:revive // the object's name
func (o *origin) ModelPointer() mib.OID                 { return o.model }

// active is a row of alarmActiveTable.
type active struct {
	origin
	text   string
	logged *entry // nil when it has not been
	vars   []variable
}

func (a *active) Variables() uint32        { return uint32(len(a.vars)) } //nolint:gosec // they are few
func (a *active) Description() string      { return a.text }
func (a *active) LogPointer() mib.OID      { return a.logged.pointer() }
func (a *active) SpecificPointer() mib.OID { return none }

// cleared is a row of alarmClearTable.
type cleared struct {
	origin
	logged *entry // nil when it has not been
	order  uint32 // how many were cleared before
}

func (c *cleared) LogIndex() uint32 {
	if c.logged == nil {
		return 0
	}
	return c.logged.index
}

// newAlarm makes the row of an alarm that n has told of, which is nil when
// nothing has; h.mu is held.
func (h *History) newAlarm(a event.ActiveAlarm, n mib.Notification, up uint32, logged *entry) *active {
	c := conditionOf(&a)
	out := &active{
		origin: origin{
			index: a.Index, at: mib.DateAndTime(h.o.Local(a.At)), engine: h.o.Engine, id: none, resource: resourceOf(&a, n),
			model: c.pointer(c.state(a.Severity, n)),
		},
		text: mib.Clip(a.Alarm.Resource+": "+a.Text, 255), logged: logged,
	}
	if n != nil {
		out.id, out.vars = n.Type().OID, sent(a.Index, n, up)
	}
	return out
}

// newCleared makes the row of an alarm that e has cleared; h.mu is held.
func (h *History) newCleared(a event.ActiveAlarm, e event.Event, logged *entry) *cleared {
	out := &cleared{origin: origin{
		index: a.Index, at: mib.DateAndTime(h.o.Local(e.At)), engine: h.o.Engine, id: none, resource: resourceOf(&a, e.Notification),
		model: conditionOf(&a).pointer(stateClear),
	}, logged: logged}
	if e.Notification != nil {
		out.id = e.Notification.Type().OID
	}
	return out
}

// resourceOf is what an alarm is about: the name of an object of its row, or
// else of the first variable of its notification.
func resourceOf(a *event.ActiveAlarm, n mib.Notification) mib.OID {
	if r := a.Alarm.Row; r != nil {
		return instance(r.Object, r.Key)
	}
	switch n.(type) {
	case nil, alarm.AlarmActiveState, alarm.AlarmClearState:
		return none
	}
	if vars := n.Varbinds(nil); len(vars) > 0 {
		return instance(vars[0].Object, vars[0].Key)
	}
	return none
}

func compareActive(a, b *active) int {
	return cmp.Or(mib.CompareString(a.at, b.at), cmp.Compare(a.index, b.index))
}

func compareIndex(a *active, index uint32) int { return cmp.Compare(a.index, index) }

func (s *alarms) raise(a *active, up uint32) {
	i, _ := slices.BinarySearchFunc(s.active, a, compareActive)
	s.active = slices.Insert(s.active, i, a)
	s.byIndex = append(s.byIndex, a) // indexes only grow
	s.raised++
	s.lastRaise, s.lastChange = up, up
}

// refresh replaces the words of an alarm. It keeps when it was raised, and what
// a notification told of it when there is no new one.
func (s *alarms) refresh(a *active) {
	j, ok := slices.BinarySearchFunc(s.byIndex, a.index, compareIndex)
	if !ok {
		return
	}
	old := s.byIndex[j]
	a.at = old.at
	if a.vars == nil {
		a.id, a.logged, a.vars = old.id, old.logged, old.vars
	}
	if a.resource.Compare(none) == 0 {
		a.resource = old.resource
	}
	if i, ok := slices.BinarySearchFunc(s.active, old, compareActive); ok {
		s.active[i], s.byIndex[j] = a, a
	}
}

func (s *alarms) clear(c *cleared, up, limit uint32) {
	if j, ok := slices.BinarySearchFunc(s.byIndex, c.index, compareIndex); ok {
		old := s.byIndex[j]
		if old.resource.Compare(none) != 0 {
			c.resource = old.resource
		}
		s.byIndex = slices.Delete(s.byIndex, j, j+1)
		if i, ok := slices.BinarySearchFunc(s.active, old, compareActive); ok {
			s.active = slices.Delete(s.active, i, i+1)
		}
	}
	s.lastClear, s.lastChange = up, up
	if n := len(s.cleared); n > 0 {
		c.order = s.newest().order + 1
	}
	i, _ := slices.BinarySearchFunc(s.cleared, c, func(a, b *cleared) int {
		return cmp.Or(mib.CompareString(a.at, b.at), cmp.Compare(a.index, b.index))
	})
	s.cleared = slices.Insert(s.cleared, i, c)
	s.trim(limit)
}

func byOrder(a, b *cleared) int { return cmp.Compare(a.order, b.order) }

func (s *alarms) newest() *cleared { return slices.MaxFunc(s.cleared, byOrder) }

// trim drops what was cleared first, whatever the clock said then.
func (s *alarms) trim(limit uint32) {
	for len(s.cleared) > int(limit) {
		i := slices.Index(s.cleared, slices.MinFunc(s.cleared, byOrder))
		s.cleared = slices.Delete(s.cleared, i, i+1)
	}
}
