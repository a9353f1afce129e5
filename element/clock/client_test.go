package clock

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/beevik/ntp"
)

// running is a client under test with the statuses of its rounds.
type running struct {
	*Client
	clock  *Clock
	rounds chan Status
	cancel context.CancelFunc
	done   chan error
}

func startClient(t *testing.T, o Options, config Config) *running {
	t.Helper()
	c := newClock(t, o)
	r := &running{clock: c, rounds: make(chan Status, 1000), done: make(chan error, 1)}
	r.Client = NewClient(c, ClientOptions{Timeout: 300 * time.Millisecond, OnRound: func(s Status) { r.rounds <- s }})
	r.Apply(config)
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	go func() { r.done <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-r.done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	})
	return r
}

// round waits for the end of the next round.
func (r *running) round(t *testing.T) Status {
	t.Helper()
	select {
	case s := <-r.rounds:
		return s
	case <-time.After(10 * time.Second):
		t.Fatal("no round of queries in 10 s")
		return Status{}
	}
}

func (r *running) wantOffset(t *testing.T, want time.Duration) {
	t.Helper()
	if got := r.clock.Now().Sub(time.Now().Round(0)); (got - want).Abs() > 50*time.Millisecond {
		t.Errorf("clock is %s from the host's, want %s", got, want)
	}
}

func daily(servers ...string) Config {
	return Config{Servers: servers, Period: 24 * time.Hour, PeriodOnError: time.Hour}
}

func TestSynchronizes(t *testing.T) {
	const far = 20 * 365 * 24 * time.Hour // over the end of NTP era 0 in 2036
	for name, offset := range map[string]time.Duration{
		"same": 0, "hours ahead": 5 * time.Hour, "hours behind": -5 * time.Hour, "era 1": far,
	} {
		t.Run(name, func(t *testing.T) {
			good := good
			good.offset = offset
			s := startServer(t, good)
			r := startClient(t, Options{}, daily(s.addr))
			status := r.round(t)
			if status.LastError != nil || status.Source != s.addr || status.Rounds != 1 {
				t.Fatalf("status %+v", status)
			}
			if r.clock.State() != Synchronized {
				t.Errorf("state %s", r.clock.State())
			}
			r.wantOffset(t, offset)
			if d := (status.HostOffset - offset).Abs(); d > 50*time.Millisecond {
				t.Errorf("offset from host %s, want %s", status.HostOffset, offset)
			}
			if d := r.clock.Now().Sub(status.LastSync); d < 0 || d > 10*time.Second {
				t.Errorf("last synchronization %s ago", d)
			}
		})
	}
}

func TestRefusedAnswers(t *testing.T) {
	with := func(change func(*reply)) reply {
		r := good
		change(&r)
		return r
	}
	tests := []struct {
		name  string
		reply reply
		err   error
	}{
		{"unsynchronized", with(func(r *reply) { r.leap = 3 }), ntp.ErrInvalidLeapSecond},
		{"stratum 16", with(func(r *reply) { r.stratum = 16 }), ntp.ErrInvalidStratum},
		{"kiss of death", with(func(r *reply) { r.stratum, r.code = 0, "DENY" }), ntp.ErrKissOfDeath},
		{"not a server", with(func(r *reply) { r.mode = 3 }), ntp.ErrInvalidMode},
		{"forged", with(func(r *reply) { r.forged = true }), ntp.ErrServerResponseMismatch},
		{"stale", with(func(r *reply) { r.old = true }), ntp.ErrServerClockFreshness},
		{"truncated", with(func(r *reply) { r.short = true }), ntp.ErrInvalidTime},
		{"before the build", with(func(r *reply) { r.offset = -10 * 365 * 24 * time.Hour }), ErrBeforeBuild},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := startServer(t, tt.reply)
			r := startClient(t, Options{Build: time.Now().Add(-365 * 24 * time.Hour)}, daily(s.addr))
			status := r.round(t)
			if !errors.Is(status.LastError, tt.err) || status.Source != "" {
				t.Errorf("status %+v, want %v", status, tt.err)
			}
			if r.clock.State() != NotSynchronized {
				t.Errorf("state %s", r.clock.State())
			}
			r.wantOffset(t, 0)
		})
	}
}

func TestRoundTripLimit(t *testing.T) {
	// 3 s on the raw time line pass between request and answer, without waiting for them.
	host := &fakeHost{now: noon}
	s := startServer(t, good)
	c := newClock(t, Options{Host: func() time.Time {
		host.advance(3 * time.Second)
		return host.Now()
	}})
	client := NewClient(c, ClientOptions{})
	if _, err := client.query(t.Context(), s.addr); !errors.Is(err, ErrRoundTrip) {
		t.Errorf("error %v", err)
	}
}

func TestServersInOrderOfPreference(t *testing.T) {
	bad := good
	bad.leap = 3
	silent := startServer(t, reply{silent: true})
	first, second := startServer(t, bad), startServer(t, good)
	r := startClient(t, Options{}, daily("", silent.addr, first.addr, second.addr))
	if status := r.round(t); status.Source != second.addr || status.LastError != nil {
		t.Fatalf("status %+v", status)
	}
	first.set(good)
	r.Apply(daily(first.addr, second.addr))
	if status := r.round(t); status.Source != first.addr {
		t.Errorf("source %q, want the first server", status.Source)
	}
	if n := len(second.requests()); n != 1 {
		t.Errorf("the second server was asked %d times, want 1", n)
	}
}

func TestApplyIsLive(t *testing.T) {
	s := startServer(t, good)
	r := startClient(t, Options{}, daily())
	if status := r.round(t); !errors.Is(status.LastError, ErrNoServer) {
		t.Fatalf("error %v", status.LastError)
	}
	r.Apply(daily(s.addr))
	if status := r.round(t); status.LastError != nil {
		t.Fatalf("error %v", status.LastError)
	}
	r.Apply(daily(s.addr)) // nothing new: no query
	r.Apply(Config{Servers: []string{s.addr}, Period: time.Hour, PeriodOnError: time.Hour})
	if status := r.round(t); status.Rounds != 3 {
		t.Errorf("round %d, want 3", status.Rounds)
	}
	if from := s.requests(); len(from) != 2 || from[0] == from[1] {
		t.Errorf("requests from %v, want two source ports", from)
	}
}

func TestPeriods(t *testing.T) {
	s := startServer(t, reply{stratum: 16, mode: 4})
	r := startClient(t, Options{}, Config{Servers: []string{s.addr}, Period: 30 * time.Millisecond, PeriodOnError: 10 * time.Millisecond})
	for range 3 {
		if status := r.round(t); status.LastError == nil {
			t.Fatal("no error")
		}
	}
	s.set(good)
	for r.round(t).LastError != nil {
	}
	for range 3 {
		if status := r.round(t); status.LastError != nil {
			t.Fatal(status.LastError)
		}
	}
	// The source that was is still the source when it no longer answers.
	s.set(reply{silent: true})
	status := r.round(t)
	for status.LastError == nil {
		status = r.round(t)
	}
	if status.Source != s.addr || r.clock.State() != Synchronized {
		t.Errorf("source %q, state %s", status.Source, r.clock.State())
	}
}

func TestRetryBeforeFirstSynchronization(t *testing.T) {
	c := newClock(t, Options{})
	client := NewClient(c, ClientOptions{})
	client.forget()
	config := daily("server")
	for want := firstRetry; want < time.Hour; want *= 2 {
		if got := client.waitOnError(config); got < want || got > want+want/8+1 {
			t.Errorf("wait %s, want about %s", got, want)
		}
	}
	if got := client.waitOnError(config); got < time.Hour {
		t.Errorf("wait %s at the end, want an hour", got)
	}
	if err := c.Step(time.Now()); err != nil {
		t.Fatal(err)
	}
	client.forget()
	if got := client.waitOnError(config); got < time.Hour {
		t.Errorf("wait %s when synchronized, want an hour", got)
	}
	if got := client.waitOnError(daily()); got < time.Hour {
		t.Errorf("wait %s without servers, want an hour", got)
	}
}

// RFC 5905 §7.4: a server that says so is left alone.
func TestKissOfDeath(t *testing.T) {
	for code, again := range map[string]bool{"DENY": false, "RSTR": false, "RATE": true} {
		t.Run(code, func(t *testing.T) {
			s := startServer(t, reply{mode: 4, code: code})
			c := newClock(t, Options{})
			client := NewClient(c, ClientOptions{})
			client.forget()
			if err := client.ask(t.Context(), s.addr, 0); !errors.Is(err, ntp.ErrKissOfDeath) {
				t.Fatalf("error %v", err)
			}
			s.set(good)
			err := client.ask(t.Context(), s.addr, 0) // the period of 0 is over
			if again != (err == nil) || !again && !errors.Is(err, ErrMuted) {
				t.Errorf("asked again: %v", err)
			}
			client.forget()
			if err := client.ask(t.Context(), s.addr, 0); err != nil {
				t.Errorf("after a new configuration: %v", err)
			}
		})
	}
}

func TestHostModeAsksNobody(t *testing.T) {
	ahead := good
	ahead.offset = time.Hour
	s := startServer(t, ahead)
	config := daily(s.addr)
	config.Mode = ModeHost
	r := startClient(t, Options{}, config)
	if err := r.clock.WaitSynchronized(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.wantOffset(t, 0)
	r.Apply(daily(s.addr))
	r.round(t)
	r.wantOffset(t, time.Hour)
	if n := len(s.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestRunEndsDuringQuery(t *testing.T) {
	s := startServer(t, reply{silent: true})
	c := newClock(t, Options{})
	client := NewClient(c, ClientOptions{Timeout: time.Hour})
	client.Apply(daily(s.addr))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- client.Run(ctx) }()
	<-s.got
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Run does not end while a server is silent")
	}
}

func TestSynchronizationIsSaved(t *testing.T) {
	var mu sync.Mutex
	var saved time.Time
	ahead := good
	ahead.offset = 3 * time.Hour
	s := startServer(t, ahead)
	r := startClient(t, Options{Save: func(at time.Time) error {
		mu.Lock()
		defer mu.Unlock()
		saved = at
		return nil
	}}, daily(s.addr))
	r.round(t)
	r.cancel()
	r.done <- <-r.done // Run has saved before it ended
	mu.Lock()
	defer mu.Unlock()
	if d := r.clock.Now().Sub(saved); d < 0 || d > 10*time.Second {
		t.Fatalf("saved %s, %s ago", saved, d)
	}
	again := newClock(t, Options{Load: loadOf(saved)})
	if again.State() != LastKnown || again.Now().Before(saved) {
		t.Errorf("next start: %s, %s", again.State(), again.Now())
	}
}

func TestUnreachableServers(t *testing.T) {
	closed, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.LocalAddr().String()
	closed.Close()
	for _, server := range []string{addr, "[::1", "127.0.0.1:99999", "no such host"} {
		r := startClient(t, Options{}, daily(server))
		if status := r.round(t); status.LastError == nil {
			t.Errorf("%q: no error", server)
		}
		r.cancel()
	}
}
