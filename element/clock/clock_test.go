package clock

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

var (
	build = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	noon  = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
)

// fakeHost is a host clock that stands still until it is moved.
type fakeHost struct {
	mu  sync.Mutex
	now time.Time
}

func (h *fakeHost) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *fakeHost) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func newClock(t *testing.T, o Options) *Clock {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantTime(t *testing.T, c *Clock, want time.Time) {
	t.Helper()
	if got := c.Now(); !got.Equal(want) {
		t.Errorf("time %s, want %s", got, want)
	}
}

func loadOf(last time.Time) func() (time.Time, error) {
	return func() (time.Time, error) { return last, nil }
}

func TestStart(t *testing.T) {
	tests := []struct {
		name  string
		mode  Mode
		host  time.Time
		last  time.Time
		state State
		now   time.Time
	}{
		{"host is plausible", ModeSNTP, noon, time.Time{}, NotSynchronized, noon},
		{"host without battery", ModeSNTP, time.Unix(0, 0), time.Time{}, NotSynchronized, build},
		{"last known is later", ModeSNTP, build, noon, LastKnown, noon},
		{"host is later than last known", ModeSNTP, noon, build.Add(time.Hour), LastKnown, noon},
		{"last known of before the build", ModeSNTP, time.Unix(0, 0), build.Add(-time.Hour), NotSynchronized, build},
		{"host mode", ModeHost, noon, time.Time{}, Synchronized, noon},
		{"host mode follows the host even below the floor", ModeHost, time.Unix(0, 0), noon, Synchronized, time.Unix(0, 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{now: tt.host}
			c := newClock(t, Options{Mode: tt.mode, Build: build, Load: loadOf(tt.last), Host: host.Now})
			if c.State() != tt.state {
				t.Errorf("state %s, want %s", c.State(), tt.state)
			}
			wantTime(t, c, tt.now)
			host.advance(time.Minute)
			wantTime(t, c, tt.now.Add(time.Minute))
		})
	}
}

func TestStartWithUnreadableLastKnown(t *testing.T) {
	broken := errors.New("disk")
	host := &fakeHost{now: noon}
	c, err := New(Options{Build: build, Host: host.Now, Load: func() (time.Time, error) { return noon.Add(time.Hour), broken }})
	if !errors.Is(err, broken) {
		t.Fatalf("error %v", err)
	}
	if c.State() != NotSynchronized {
		t.Errorf("state %s", c.State())
	}
	wantTime(t, c, noon)
}

func TestStep(t *testing.T) {
	host := &fakeHost{now: noon}
	c := newClock(t, Options{Build: build, Host: host.Now})
	steps := []struct {
		name string
		to   time.Time
		err  error
	}{
		{"forward", noon.Add(48 * time.Hour), nil},
		{"backward", noon.Add(-48 * time.Hour), nil},
		{"to the floor", build, nil},
		{"below the floor", build.Add(-time.Second), ErrBeforeBuild},
		{"far future", noon.AddDate(80, 0, 0), nil},
		{"and back", noon, nil},
	}
	want := noon
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			changed := c.Changed()
			if err := c.Step(s.to); !errors.Is(err, s.err) {
				t.Fatalf("error %v, want %v", err, s.err)
			}
			if s.err == nil {
				want = s.to
			}
			wantTime(t, c, want)
			select {
			case <-changed:
				if s.err != nil {
					t.Error("a refused step is announced")
				}
			default:
				if s.err == nil {
					t.Error("a step is not announced")
				}
			}
		})
	}
	if c.State() != Synchronized {
		t.Errorf("state %s", c.State())
	}
}

// RFC 5905 §11.3: what is below the step threshold does not make time jump.
func TestSmallCorrectionIsSlewed(t *testing.T) {
	for name, delta := range map[string]time.Duration{"forward": 100 * time.Millisecond, "backward": -100 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			host := &fakeHost{now: noon}
			c := newClock(t, Options{Build: build, Host: host.Now})
			if err := c.Step(noon); err != nil {
				t.Fatal(err)
			}
			changed := c.Changed()
			if err := c.Step(noon.Add(delta)); err != nil {
				t.Fatal(err)
			}
			wantTime(t, c, noon)
			host.advance(100 * time.Second) // at 500 ppm half of it is done
			wantTime(t, c, noon.Add(100*time.Second+delta/2))
			host.advance(1000 * time.Second)
			wantTime(t, c, noon.Add(1100*time.Second+delta))
			host.advance(10 * 365 * 24 * time.Hour)
			wantTime(t, c, noon.Add(10*365*24*time.Hour+1100*time.Second+delta))
			select {
			case <-changed:
				t.Error("a slew is announced as a step")
			default:
			}
		})
	}
}

func TestSlewIsContinuedByTheNextCorrection(t *testing.T) {
	host := &fakeHost{now: noon}
	c := newClock(t, Options{Build: build, Host: host.Now})
	for _, to := range []time.Duration{0, 100 * time.Millisecond, 60 * time.Millisecond} {
		if err := c.Step(host.Now().Add(to)); err != nil {
			t.Fatal(err)
		}
		before := c.Now()
		host.advance(40 * time.Second)
		if got := c.Now().Sub(before); (got - 40*time.Second).Abs() > 21*time.Millisecond {
			t.Errorf("after a correction to %s the clock advanced %s in 40 s", to, got)
		}
	}
	host.advance(time.Hour)
	wantTime(t, c, host.Now().Add(60*time.Millisecond))
}

func TestChangeOfMode(t *testing.T) {
	host := &fakeHost{now: noon}
	c := newClock(t, Options{Mode: ModeSNTP, Build: build, Load: loadOf(noon.Add(time.Hour)), Host: host.Now})
	wantTime(t, c, noon.Add(time.Hour))

	changed := c.Changed()
	c.SetMode(ModeHost)
	wantTime(t, c, noon)
	if c.State() != Synchronized {
		t.Errorf("state %s in host mode", c.State())
	}
	select {
	case <-changed:
	default:
		t.Error("change of mode is not announced")
	}

	c.SetMode(ModeSNTP)
	wantTime(t, c, noon) // goes on where the host was
	if c.State() != LastKnown {
		t.Errorf("state %s after host mode", c.State())
	}

	if err := c.Step(noon.Add(2 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.SetMode(ModeHost)
	c.SetMode(ModeSNTP)
	wantTime(t, c, noon.Add(2*time.Hour)) // what SNTP knows is not lost
	if c.State() != Synchronized {
		t.Errorf("state %s", c.State())
	}
}

func TestWaitSynchronized(t *testing.T) {
	host := &fakeHost{now: noon}
	c := newClock(t, Options{Build: build, Host: host.Now})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.WaitSynchronized(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	done := make(chan error)
	go func() { done <- c.WaitSynchronized(t.Context()) }()
	if err := c.Step(noon); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestSaveOnlyWhatCanBeTrusted(t *testing.T) {
	var saved []time.Time
	broken := errors.New("disk")
	var fail error
	host := &fakeHost{now: noon}
	c := newClock(t, Options{Build: build, Host: host.Now, Save: func(at time.Time) error {
		saved = append(saved, at)
		return fail
	}})
	if err := c.Save(); err != nil || len(saved) != 0 {
		t.Fatalf("unsynchronized: error %v, saved %v", err, saved)
	}
	if err := c.Step(noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(); err != nil || len(saved) != 1 || !saved[0].Equal(noon.Add(time.Hour)) {
		t.Fatalf("error %v, saved %v", err, saved)
	}
	fail = broken
	if err := c.Save(); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// A time compares with certificate dates: no monotonic reading, and UTC.
func TestNowIsPlain(t *testing.T) {
	for _, mode := range []Mode{ModeSNTP, ModeHost} {
		c := newClock(t, Options{Mode: mode})
		now := c.Now()
		if now != now.Round(0) || now.Location() != time.UTC {
			t.Errorf("%s: %#v", mode, now)
		}
		if d := time.Since(now).Abs(); d > time.Second {
			t.Errorf("%s: off by %s", mode, d)
		}
	}
}
