package notifier

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
)

// worker sends what is queued for one target, during one run.
type worker struct {
	ctx    context.Context // ends with the run, or when the target goes
	env    snmp.NotifierEnv
	o      *options
	target *target
	run    *run
	socket socket

	graceEnds time.Time // not zero: the run is ending
	// unsure: a trap has gone out that its destination may still refuse.
	unsure bool

	builder  message.Builder
	security usm.Context
	answer   message.Message
	user     *usm.User      // at our engine, for traps
	userOf   *settings      // for which user was made
	remote   *usm.Remote    // of informs
	remoteOf *settings      // for which remote was made
	ids      map[int32]bool // msgIDs of the inform under way
}

func newWorker(ctx context.Context, n *Notifier, t *target, r *run) *worker {
	w := &worker{ctx: ctx, env: n.env, o: &n.o, target: t, run: r, ids: map[int32]bool{}}
	w.socket = socket{o: &n.o, target: t, run: r, packets: make(chan packet, maxPackets)}
	return w
}

// loop delivers one after the other until the run ends or the target goes.
func (w *worker) loop() {
	defer w.socket.close()
	drain := w.run.drain
	for w.ctx.Err() == nil {
		if it := w.target.next(); it != nil {
			if !w.deliver(it) {
				w.target.putBack(it)
				return
			}
			continue
		}
		if drain == nil {
			return
		}
		select {
		case <-w.target.wake:
		case p := <-w.socket.packets:
			w.stray(p)
		case <-drain:
			drain = nil // and look into the queue once more
		case <-w.ctx.Done():
		}
	}
}

// deliver brings it to its end: sent, or acknowledged, or lost. It is false
// when the run ended before that.
func (w *worker) deliver(it *item) bool {
	for {
		s := w.target.current()
		err := w.try(s, it)
		switch {
		case errors.Is(err, errEnding):
			return false
		case errors.Is(err, errChanged):
			continue
		}
		s.tally.delivered(s.Inform, err)
		return true
	}
}

func (w *worker) try(s *settings, it *item) error {
	switch {
	case !w.target.wanted(it):
		return errDiscarded
	case s.Version == message.V3 && s.User == nil:
		return errNoUser
	case s.Version != message.V3 && s.Community == "":
		return errNoCommunity
	case s.Inform:
		return w.inform(s, it)
	}
	return w.trap(s, it)
}

// trap sends once; what cannot go out is tried again after each pause.
func (w *worker) trap(s *settings, it *item) error {
	for _, pause := range w.o.pauses {
		err := w.sendTrap(s, it)
		if err == nil || final(err) {
			return err
		}
		if _, err := w.await(s, time.Now().Add(pause), true); !errors.Is(err, errTimeout) {
			return err
		}
	}
	return w.sendTrap(s, it)
}

func (w *worker) sendTrap(s *settings, it *item) error {
	if err := w.socket.open(w.ctx, s); err != nil {
		return err
	}
	out, _, err := w.encode(s, it.n, newID())
	if err != nil {
		return err
	}
	refused, err := w.socket.send(out)
	if refused != nil {
		w.refused(refused)
	}
	if err != nil {
		return err
	}
	s.tally.wentOut(it)
	w.unsure = true
	return nil
}

// stray is what comes while nothing is waited for: late answers, and the word
// that nobody listened for a trap.
func (w *worker) stray(p packet) {
	if p.err != nil && p.conn == w.socket.conn && errors.Is(p.err, syscall.ECONNREFUSED) {
		w.refused(p.err)
	}
}

// refused counts the trap that was refused. Hosts tell it of some only, so
// that it is one of those sent since the last word.
func (w *worker) refused(err error) {
	if !w.unsure {
		return
	}
	w.unsure = false
	if s := w.socket.s; s != nil {
		s.tally.delivered(false, fmt.Errorf("%s: %w", w.socket.conn.RemoteAddr(), reason(err)))
		w.socket.another()
	}
}

// await waits for a packet until a time. Without one the error is errTimeout,
// errChanged or errEnding. quiet passes packets by.
func (w *worker) await(s *settings, until time.Time, quiet bool) (packet, error) {
	drain := w.run.drain
	for {
		if !w.graceEnds.IsZero() {
			drain = nil
			if w.graceEnds.Before(until) {
				until = w.graceEnds
			}
		}
		timer := time.NewTimer(time.Until(until))
		select {
		case p := <-w.socket.packets:
			timer.Stop()
			if !quiet {
				return p, nil
			}
			w.stray(p)
		case <-w.target.wake:
			timer.Stop()
			if w.target.current() != s {
				return packet{}, errChanged
			}
		case <-w.ctx.Done():
			timer.Stop()
			return packet{}, errEnding
		case <-drain:
			timer.Stop()
			w.graceEnds = time.Now().Add(stopGrace)
		case <-timer.C:
			if until.Equal(w.graceEnds) {
				return packet{}, errEnding
			}
			return packet{}, errTimeout
		}
	}
}
