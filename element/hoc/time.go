package hoc

import (
	"context"
	"time"

	"mibgate/element/clock"
	"mibgate/element/posixtz"
	"mibgate/mib/hoc"
)

// Now is the element's time, in UTC and without monotonic reading. Before
// Attach it is the time of the host.
func (s *Service) Now() time.Time {
	if s.clock == nil {
		return s.options.Host().Round(0).UTC()
	}
	return s.clock.Now()
}

// Synchronized reports whether the time can be trusted for certificate dates.
func (s *Service) Synchronized() bool { return s.clock.State() == clock.Synchronized }

// WaitSynchronized returns when the clock is synchronized, or with the error of
// the context.
func (s *Service) WaitSynchronized(ctx context.Context) error { return s.clock.WaitSynchronized(ctx) }

// Changed is closed at the next step of the time or change of its state. Take it
// before reading Now or Synchronized.
func (s *Service) Changed() <-chan struct{} { return s.clock.Changed() }

// Local is t in the time zone of the unit: what is shown and logged.
func (s *Service) Local(t time.Time) time.Time { return t.In(s.Zone()) }

// Zone is the time zone of the unit.
func (s *Service) Zone() *time.Location {
	if s.store == nil {
		return time.UTC
	}
	text := hoc.Of(s.store.Current()).StaticTimeZone
	if z := s.zone.Load(); z != nil && z.text == text {
		return z.loc
	}
	loc, err := posixtz.Parse(text)
	if err != nil {
		loc = time.UTC // Validate lets no such string in
	}
	s.zone.Store(&zone{text: text, loc: loc})
	return loc
}
