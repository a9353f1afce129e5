package hoc

import (
	"errors"
	"strings"

	"mibgate/element/clock"
	"mibgate/element/event"
	"mibgate/mib/hoc"
)

// The messages of the service.
const (
	MsgClockSynchronized    = 100
	MsgClockNotSynchronized = 110
	MsgSntpFailed           = 200
	MsgSntpRestored         = 210
	MsgStateUnreadable      = 300
)

// What the alarms are about.
const (
	resourceClock     = "clock"
	resourceSntp      = "SNTP"
	conditionNotSync  = "clock not synchronized"
	conditionNoAnswer = "no SNTP server answers"
)

// tellStart says what the clock knows at the start. That is no change, so there
// is no notification.
func (s *Service) tellStart(state clock.State) {
	if s.loadErr != nil {
		s.emit(MsgStateUnreadable, event.Warning, "the last known time is lost: "+s.loadErr.Error())
		s.loadErr = nil
	}
	if state == clock.Synchronized {
		s.emitAlarm(MsgClockSynchronized, event.Info, "the clock is synchronized: "+s.keeper(), resourceClock, conditionNotSync, false)
	}
}

// onRound is told the end of every round of SNTP queries.
func (s *Service) onRound(st clock.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil || s.clock.Mode() == clock.ModeHost {
		return
	}
	s.observeLocked()
	if st.LastError == nil {
		s.answeredLocked()
		return
	}
	reason := oneLine(st.LastError)
	if reason == s.failure {
		return
	}
	s.failure = reason
	if !errors.Is(st.LastError, clock.ErrNoServer) {
		s.emitAlarm(MsgSntpFailed, event.Warning, "no SNTP server answers: "+reason, resourceSntp, conditionNoAnswer, true)
	}
	if state := s.clock.State(); state != clock.Synchronized {
		e := clockEvent(state, "the clock is not synchronized, TLS waits for it: "+reason)
		if s.lacking {
			e.Notification = nil // it has been told of
		}
		s.lacking = true
		s.bus.Emit(e)
	}
}

// answeredLocked ends the alarm about the servers.
func (s *Service) answeredLocked() {
	if s.failure == "" {
		return
	}
	s.failure = ""
	s.emitAlarm(MsgSntpRestored, event.Info, "an SNTP server answers: "+s.client.Status().Source, resourceSntp, conditionNoAnswer, false)
}

// observeLocked tells when the clock became synchronized or lost that state.
func (s *Service) observeLocked() {
	if s.told == nil {
		return
	}
	if s.clock.Mode() == clock.ModeHost && s.failure != "" {
		s.failure = ""
		s.emitAlarm(MsgSntpRestored, event.Info, "SNTP is not used any more", resourceSntp, conditionNoAnswer, false)
	}
	before, now := *s.told, s.clock.State()
	s.told = &now
	if (before == clock.Synchronized) == (now == clock.Synchronized) {
		return
	}
	s.lacking = now != clock.Synchronized
	if s.lacking {
		s.bus.Emit(clockEvent(now, "the clock is not synchronized any more; a TLS gateway that starts waits for it"))
		return
	}
	s.bus.Emit(clockEvent(now, "the clock is synchronized: "+s.keeper()))
}

// clockEvent is what is told when the clock has come to a state.
func clockEvent(state clock.State, text string) event.Event {
	e := event.Event{
		Module: hoc.Module, ID: MsgClockSynchronized, Severity: event.Info, Text: text,
		Notification: hoc.ClockStateChange{ClockState: clockState(state)},
		Alarm:        event.Alarm{Resource: resourceClock, Condition: conditionNotSync},
	}
	if state != clock.Synchronized {
		e.ID, e.Severity, e.Alarm.Raised = MsgClockNotSynchronized, event.Warning, true
	}
	return e
}

// keeper says who keeps the time.
func (s *Service) keeper() string {
	if s.clock.Mode() == clock.ModeHost {
		return "the host keeps the time"
	}
	if source := s.client.Status().Source; source != "" {
		return "by " + source
	}
	return "by SNTP"
}

func (s *Service) emit(id uint32, sev event.Severity, text string) {
	s.bus.Emit(event.Event{Module: hoc.Module, ID: id, Severity: sev, Text: text})
}

func (s *Service) emitAlarm(id uint32, sev event.Severity, text, resource, condition string, raised bool) {
	s.bus.Emit(event.Event{
		Module: hoc.Module, ID: id, Severity: sev, Text: text,
		Alarm: event.Alarm{Resource: resource, Condition: condition, Raised: raised},
	})
}

// oneLine is the text of an error that joins several.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
