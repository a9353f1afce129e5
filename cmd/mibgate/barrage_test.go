package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is how long a probe may take at its 99th percentile, and growth how
// many KiB the unit may grow by from the first fifth of a barrage, when pools
// and caches fill, to its end.
const (
	patience = 50 * time.Millisecond
	growth   = 16 << 10
)

// Under the race detector everything is slower, and it keeps shadows of memory.
const (
	racingPatience = 5 * patience
	racingGrowth   = 96 << 10 // KiB
)

// soakTime is how long a soak lasts at least (make soak); it skips the test in
// any other run.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	s := os.Getenv("MIBGATE_SOAK")
	if s == "" {
		t.Skip("make soak")
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatalf("MIBGATE_SOAK: %v", err)
	}
	return d
}

// barrage is hostile input for a running unit, and what the unit must not care
// about: it stays alive, answers proper requests in time, does not grow, and
// reports no error of its own.
type barrage struct {
	p *process
	n int           // messages to send, at least
	d time.Duration // time to send them for, at least
	// send sends one message and answers its size.
	send func() int
	// probe asks something proper and waits for the answer, so that no more is
	// under way than window messages or octets: the socket's buffer holds that.
	probe  func() error
	window int
	octets int
}

// outcome is what a barrage came to.
type outcome struct {
	sent, probes    int
	median, p99     time.Duration // of the probes
	worst           time.Duration
	began, ended    vitals // at a fifth of it, and at its end
	memory          int    // KiB, growth between the two
	sendingAndAsked time.Duration
}

func (o outcome) String() string {
	return fmt.Sprintf("%d messages in %v; %d probes answered in %v (median), %v (99 %%), %v (worst)\nat 1/5: %v\nat the end: %v",
		o.sent, o.sendingAndAsked.Round(time.Millisecond), o.probes, o.median.Round(time.Microsecond), o.p99.Round(time.Microsecond),
		o.worst.Round(time.Microsecond), o.began, o.ended)
}

// run sends everything and checks what must hold.
func (b *barrage) run(t *testing.T) outcome {
	t.Helper()
	var o outcome
	var times []time.Duration
	var seen []vitals
	began := time.Now()
	for o.sent < b.n || time.Since(began) < b.d {
		for octets, i := 0, 0; i < b.window && octets < b.octets; i++ {
			octets += b.send()
			o.sent++
		}
		asked := time.Now()
		if err := b.probe(); err != nil {
			log := b.p.log()
			t.Fatalf("after %d messages a probe failed: %v\n%s", o.sent, err, log[max(0, len(log)-4000):])
		}
		times = append(times, time.Since(asked))
		if len(times)%max(1, b.n/b.window/200) == 0 {
			seen = append(seen, vitalsOf(t, b.p.cmd.Process.Pid))
		}
	}
	o.sendingAndAsked = time.Since(began)
	slices.Sort(times)
	o.probes, o.median, o.p99, o.worst = len(times), times[len(times)/2], times[len(times)*99/100], times[len(times)-1]
	tenth := max(1, len(seen)/10)
	o.began, o.ended = typical(seen[tenth:3*tenth+1]), typical(seen[len(seen)-2*tenth:])
	o.memory = o.ended.rss - o.began.rss
	b.check(t, o)
	return o
}

// typical are the lower quartiles of some vitals: what is not collected yet
// makes single ones wander upwards by several MiB.
func typical(all []vitals) vitals {
	quartile := func(of func(vitals) int) int {
		n := make([]int, len(all))
		for i, v := range all {
			n[i] = of(v)
		}
		slices.Sort(n)
		return n[len(n)/4]
	}
	return vitals{
		rss: quartile(func(v vitals) int { return v.rss }), anon: quartile(func(v vitals) int { return v.anon }),
		threads: quartile(func(v vitals) int { return v.threads }), fds: quartile(func(v vitals) int { return v.fds }),
	}
}

func (b *barrage) check(t *testing.T, o outcome) {
	t.Helper()
	limit, wait := growth, patience
	if raceEnabled {
		limit, wait = racingGrowth, racingPatience
	}
	if o.p99 > wait {
		t.Errorf("the 99th percentile of %d probes is %v, want at most %v", o.probes, o.p99, wait)
	}
	if o.memory > limit {
		t.Errorf("the unit grew by %d KiB, want at most %d", o.memory, limit)
	}
	if o.ended.fds > o.began.fds+2 || o.ended.threads > o.began.threads+4 {
		t.Errorf("threads or descriptors pile up: %v; later %v", o.began, o.ended)
	}
	log := b.p.log()
	for _, word := range []string{"internal error", "panic", "DATA RACE"} {
		if at := strings.Index(log, word); at >= 0 {
			t.Errorf("the unit reports an error of its own:\n%.4000s", log[at:])
			return
		}
	}
}

// restart stops the unit, which must end well, and starts it again on what the
// barrage has left in its folder.
func (b *barrage) restart(t *testing.T, args ...string) {
	t.Helper()
	b.p.stop()
	b.p = start(t, b.p.dir, args...)
}
