package history

import (
	"slices"
	"time"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/alarm"
)

// throttle is how long nothing more is supplied of one alarm (RFC 3877,
// alarmActiveState and alarmClearState).
const throttle = 2 * time.Second

// supplied tells the notifications that are throttled together.
type supplied struct {
	clear           bool
	model, resource string
}

// supply makes the notification of a change that nothing else tells of (RFC
// 3877, alarmActiveState). The bus calls it before record.
func (h *History) supply(c event.Change, a event.ActiveAlarm) mib.Notification {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := h.alarms.find(a.Index)
	if c == event.Cleared {
		if old == nil || !h.maySupply(true, old) {
			return nil
		}
		return alarm.AlarmClearState{DateAndTime: old.at, Index: old.index, ModelPointer: old.model, ResourceId: old.resource}
	}
	row := h.newAlarm(a, nil, 0, nil)
	if old != nil {
		if row.model.Compare(old.model) == 0 {
			return nil // only its words are others
		}
		row.at = old.at
		if row.resource.Compare(none) == 0 {
			row.resource = old.resource
		}
	}
	if !h.maySupply(false, row) {
		return nil
	}
	return alarm.AlarmActiveState{DateAndTime: row.at, Index: row.index, ModelPointer: row.model, ResourceId: row.resource}
}

// maySupply tells whether enough time has passed since the last one. What has
// not is told by the tables alone.
func (h *History) maySupply(clears bool, a *active) bool {
	now, s := h.o.Bus.UpTime(), &h.alarms
	for k, at := range s.supplied {
		if now-at >= throttle {
			delete(s.supplied, k)
		}
	}
	k := supplied{clears, a.model.String(), a.resource.String()}
	if _, soon := s.supplied[k]; soon {
		return false
	}
	if s.supplied == nil {
		s.supplied = map[supplied]time.Duration{}
	}
	s.supplied[k] = now
	return true
}

// find is the row of an active alarm; nil when it is none.
func (s *alarms) find(index uint32) *active {
	if j, ok := slices.BinarySearchFunc(s.byIndex, index, compareIndex); ok {
		return s.byIndex[j]
	}
	return nil
}
