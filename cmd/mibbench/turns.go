package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// turns are the turns of one agent at one operation.
type turns struct {
	agent  *agent
	g      *generator
	random *rand.Rand
	round  int
	under  int // requests under way
	figure figure
}

func newTurns(b *bench, a *agent, sec security, op operation, serial bool) *turns {
	t := &turns{agent: a, under: b.outstanding, figure: figure{sec: sec, op: op, kind: a.kind, serial: serial}, random: rand.New(rand.NewPCG(1, 2))} //nolint:gosec // the same for all
	if serial {
		t.under = 1
	}
	t.g, t.figure.err = newGenerator(a.port, t.under)
	return t
}

// take measures one pass; an agent that fails is not asked again.
func (t *turns) take(b *bench) {
	if t.figure.err != nil {
		return
	}
	s, err := t.measure(b)
	if err != nil {
		t.figure.err = err
		return
	}
	t.figure.passes = append(t.figure.passes, s)
}

func (t *turns) measure(b *bench) (sample, error) {
	e, err := newEncoder(t.figure.sec, t.agent.kind, t.g)
	if err != nil {
		return sample{}, err
	}
	packets := make([][]byte, requestsPerTurn)
	for i := range packets {
		t.round++
		if packets[i], err = e.encode(t.figure.op, firstID+int32(i), b.pick(t.figure.op, t.random, t.round)); err != nil { //nolint:gosec // few
			return sample{}, err
		}
	}
	check := func(answer []byte) error { return e.check(t.figure.op, answer) }
	l := load{pid: t.agent.pid(), packets: packets, outstanding: t.under, turn: b.turn / 8, check: check}
	if _, err := t.g.pass(l); err != nil { // caches
		return sample{}, err
	}
	l.turn = b.turn
	s, err := t.g.pass(l)
	if err == nil && s.answered == 0 {
		err = errNoAnswer
	}
	return s, err
}

// line tells how it went, while it goes.
func (f *figure) line() string {
	if f.err != nil {
		return fmt.Sprintf("%-20s %-10s %-14s %v", f.sec.name, f.op.name, f.kind, f.err)
	}
	m := f.middle()
	return fmt.Sprintf("%-20s %-10s %-14s %7.2f µs %9.0f/s  p50 %v p99 %v lost %d", f.sec.name, f.op.name, f.kind, m.micros(), m.perSecond(), m.percentile(50).Round(time.Microsecond), m.percentile(99).Round(time.Microsecond), m.lost)
}
