package snmp

import (
	"fmt"
	"sync"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/element/event"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/snmpv2"
)

// failuresPerSecond bounds the events about requests that are not authentic:
// whoever can send datagrams must not be able to flood logs and managers.
const failuresPerSecond = 5

// failures tells of requests that are not authentic.
type failures struct {
	mu      sync.Mutex
	since   time.Time
	told    int
	skipped int
}

// allow counts one; skipped are those of the seconds before that were not told.
func (f *failures) allow(now time.Time) (ok bool, skipped int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.since) >= time.Second {
		f.since, f.told = now, 0
	}
	if f.told >= failuresPerSecond {
		f.skipped++
		return false, 0
	}
	f.told++
	skipped, f.skipped = f.skipped, 0
	return true, skipped
}

// shut reports whether x is dropped unread: its source, or all together, has
// failed to authenticate too often, and it is none that has authenticated. Of
// messages of SNMPv3 a few are looked at all the same, and those that ask for our
// engine ID, with which nobody guesses anything.
func (s *Service) shut(x *exchange) bool {
	waits, flooded := s.sources.waits(x.from.Addr()), s.sources.flooded()
	if !waits && !flooded || x.policy.authLimit == 0 || s.peers.has(x.from) {
		return false
	}
	if err := message.DecodeHeader(x.packet(), &x.message); err != nil || x.message.Version != message.V3 {
		return true
	}
	if usm.IsDiscovery(&x.message.Header) {
		return false
	}
	return flooded || !s.sources.try(x.from.Addr())
}

// failed counts that x is not authentic and tells of it, once per source and
// authFailurePause. what must not name a secret.
func (s *Service) failed(x *exchange, what string) {
	s.peers.fail(x.from, x.policy.authLimit, x.policy.authPause)
	p := s.sources.fail(x.from.Addr(), x.policy.authLimit, x.policy.authPause)
	if p.tell {
		s.failures.tell(s, x, what)
	}
	if p.pause == 0 {
		return
	}
	if ok, _ := s.pauses.allow(time.Now()); ok {
		s.el.Bus.Emit(event.Event{
			Module: snmpmib.Module, ID: MsgSourceWaits, Severity: event.Warning,
			Text: fmt.Sprintf("SNMP messages from %s are dropped for %v: too many were not authentic", p.who, p.pause),
		})
	}
}

// tell emits the event, with authenticationFailure unless that is switched off
// (RFC 3418, snmpEnableAuthenTraps). what must not name a secret.
func (f *failures) tell(s *Service, x *exchange, what string) {
	ok, skipped := f.allow(time.Now())
	if !ok {
		return
	}
	e := event.Event{
		Module: snmpmib.Module, ID: MsgAuthenticationFailure, Severity: event.Warning,
		Text: fmt.Sprintf("SNMP%s request from %s refused: %s", x.message.Version, x.from.Addr(), what),
	}
	if skipped > 0 {
		e.Text += fmt.Sprintf(" (and %d more were refused)", skipped)
	}
	if x.policy.authenTraps {
		e.Notification = snmpv2.AuthenticationFailure{}
	}
	s.el.Bus.Emit(e)
}
