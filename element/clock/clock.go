package clock

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Mode says who keeps the time.
type Mode int

// The values of Hoc.ClockSource.
const (
	ModeSNTP Mode = iota // monotonic clock of the kernel, corrected by SNTP
	ModeHost             // the host's clock
)

func (m Mode) String() string {
	if m == ModeHost {
		return "host"
	}
	return "sntp"
}

// State says how far the time can be trusted.
type State int

// A clock starts in NotSynchronized or LastKnown and stays Synchronized once it
// was; only a change from ModeHost to ModeSNTP can take it back.
const (
	NotSynchronized State = iota // not before the build time, nothing more is known
	LastKnown                    // not before the last known time of an earlier run
	Synchronized                 // a server's answer was accepted, or the host keeps time
)

func (s State) String() string {
	switch s {
	case LastKnown:
		return "lastKnown"
	case Synchronized:
		return "synchronized"
	}
	return "notSynchronized"
}

// Limits of how small corrections are spread, RFC 5905 §11.3 and the 500 ppm of its
// frequency tolerance.
const (
	stepThreshold = 128 * time.Millisecond
	slewPPM       = 500
)

// Options are what a Clock is made of. The zero value is a clock without floor and memory.
type Options struct {
	Mode  Mode
	Build time.Time // floor; when the software was built
	// Load gives the last known time; the zero time means there is none. Called once.
	Load func() (time.Time, error)
	// Save keeps the last known time. Called at each synchronization, hourly, and by Save.
	Save func(time.Time) error
	// Host is the host's clock, for tests; nil means time.Now. Its monotonic reading is used.
	Host func() time.Time
}

// Clock is the element's clock. Make it with New.
type Clock struct {
	host  func() time.Time
	build time.Time
	save  func(time.Time) error
	base  time.Time // host's time at New; with its monotonic reading it is the raw time line

	mu      sync.Mutex
	mode    Mode
	known   State         // what ModeSNTP knows; ModeHost is always Synchronized
	offset  time.Duration // element's time minus raw time, when the slew is over
	slew    time.Duration // part of offset that is being spread
	slewAt  time.Time     // raw time at which the slew began
	changed chan struct{} // closed and replaced at each step and change of state
}

// New makes a clock that starts at the host's time, the build time or the last known
// time, whichever is latest. An error of Load is returned beside a clock that works.
func New(o Options) (*Clock, error) {
	c := &Clock{host: o.Host, build: o.Build, save: o.Save, mode: o.Mode, changed: make(chan struct{})}
	if c.host == nil {
		c.host = time.Now
	}
	c.base = c.host()
	var last time.Time
	var err error
	if o.Load != nil {
		if last, err = o.Load(); err != nil {
			last, err = time.Time{}, fmt.Errorf("last known time: %w", err)
		}
	}
	start := c.base
	if start.Before(c.build) {
		start = c.build
	}
	if !last.IsZero() && !last.Before(c.build) {
		c.known = LastKnown
		if start.Before(last) {
			start = last
		}
	}
	c.offset = start.Round(0).Sub(c.base.Round(0))
	return c, err
}

// raw is the time line that corrections refer to: the host's wall clock as it was at
// New, advanced by the monotonic clock alone.
func (c *Clock) raw() time.Time {
	return c.base.Round(0).Add(c.host().Sub(c.base))
}

// Now is the element's time in UTC, without monotonic reading: two of them may be
// compared with each other and with certificate dates, not with time.Now().
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.mode == ModeHost {
		return c.host().Round(0).UTC()
	}
	raw := c.raw()
	t := raw.Add(c.offset - c.slewLeft(raw))
	if t.Before(c.build) {
		t = c.build
	}
	return t.UTC()
}

// slewLeft is what is still missing of the correction that is being spread.
func (c *Clock) slewLeft(raw time.Time) time.Duration {
	done := raw.Sub(c.slewAt) / 1e6 * slewPPM
	switch {
	case c.slew > done:
		return c.slew - done
	case c.slew < -done:
		return c.slew + done
	}
	return 0
}

// State says how far Now can be trusted.
func (c *Clock) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state()
}

func (c *Clock) state() State {
	if c.mode == ModeHost {
		return Synchronized
	}
	return c.known
}

// Mode says who keeps the time at present.
func (c *Clock) Mode() Mode {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mode
}

// SetMode changes who keeps the time. From ModeHost to ModeSNTP the time goes on from the
// host's, unless SNTP had already synchronized the clock; the state is then SNTP's again.
func (c *Clock) SetMode(m Mode) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m == c.mode {
		return
	}
	if c.mode == ModeHost && c.known != Synchronized {
		if host := c.host().Round(0); !host.Before(c.build) {
			c.offset, c.slew = host.Sub(c.raw()), 0
		}
	}
	c.mode = m
	c.notify()
}

// correct sets the element's time to raw + offset and returns by how much that moves it.
// The time is refused with ErrBeforeBuild when it is below the floor.
func (c *Clock) correct(offset time.Duration) (time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw := c.raw()
	if t := raw.Add(offset); t.Before(c.build) {
		return 0, fmt.Errorf("%w: %s", ErrBeforeBuild, t.UTC().Format(time.RFC3339))
	}
	delta := offset - (c.offset - c.slewLeft(raw))
	c.offset = offset
	if c.known == Synchronized && delta.Abs() <= stepThreshold {
		c.slew, c.slewAt = delta, raw
		return delta, nil
	}
	c.slew, c.known = 0, Synchronized
	c.notify()
	return delta, nil
}

// Step sets the clock to t at once and counts it as synchronized, as a server's answer
// does; for an operator who sets the time by hand. Errors: ErrBeforeBuild.
func (c *Clock) Step(t time.Time) error {
	_, err := c.correct(t.Sub(c.raw()))
	return err
}

// Changed is closed at the next step of the time or change of the state. Take it before
// reading Now or State, or a change between the two is missed.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

func (c *Clock) notify() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// WaitSynchronized returns when the clock is synchronized, or with the context's error.
func (c *Clock) WaitSynchronized(ctx context.Context) error {
	for {
		changed := c.Changed()
		if c.State() == Synchronized {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Save keeps the present time as the last known one if it can be trusted; call it when
// the element stops.
func (c *Clock) Save() error {
	if c.save == nil || c.State() != Synchronized {
		return nil
	}
	if err := c.save(c.Now()); err != nil {
		return fmt.Errorf("last known time: %w", err)
	}
	return nil
}
