package notifier

import (
	"context"
	"errors"
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

	departures departures
	sentAt     time.Time // the last trap
	backlog    bool      // what is queued has waited through an outage
	rests      rests

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
	w.socket = socket{o: &n.o, target: t, run: r, packets: make(chan []byte, maxPackets), words: newWords()}
	return w
}

// rests is how long a destination that could not be reached is let alone.
type rests struct {
	failures int       // in a row; 0: it is not
	until    time.Time // nothing is sent before
	by       *settings // other ones may reach it
	// probing: one trap has gone out, and the others wait until it is sure that
	// it has left.
	probing bool
}

// loop delivers one after the other until the run ends or the target goes.
func (w *worker) loop() {
	defer w.socket.close()
	for w.ctx.Err() == nil && w.rest() {
		draining := w.draining() // before the queue is looked into for the last time
		it := w.target.next()
		switch {
		case it != nil:
			w.deliver(it)
		case draining:
			return
		default:
			w.backlog = false
			w.idle()
		}
	}
}

// draining tells whether nothing more will be queued in this run.
func (w *worker) draining() bool {
	select {
	case <-w.run.drain:
		return true
	default:
		return false
	}
}

// idle waits for something to do. Answers that come now are late.
func (w *worker) idle() {
	select {
	case <-w.target.wake:
	case <-w.socket.packets:
	case <-w.socket.words.news:
		w.hear()
	case <-w.run.drain:
	case <-w.ctx.Done():
	}
}

// rest waits until the destination may be tried again. It is false when the run
// ends before that: what is queued waits for the next one.
func (w *worker) rest() bool {
	select {
	case <-w.socket.words.news:
		w.hear()
	default:
	}
	for w.rests.failures > 0 {
		if w.target.current() != w.rests.by {
			w.rests = rests{}
			break
		}
		left := time.Until(w.rests.until)
		if left <= 0 {
			if w.rests.probing {
				w.rests.by.tally.well()
				w.rests = rests{}
			}
			break
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-w.target.wake:
		case <-w.socket.packets:
		case <-w.socket.words.news:
			w.hear()
		case <-w.run.drain:
			timer.Stop()
			return false
		case <-w.ctx.Done():
			timer.Stop()
			return false
		}
		timer.Stop()
	}
	return true
}

// failed lets the destination alone for a while. What came back of one attempt
// counts once.
func (w *worker) failed(s *settings, err error) {
	s.tally.failing(err)
	w.backlog = true
	r := &w.rests
	if !r.probing && time.Now().Before(r.until) {
		return
	}
	pause := w.o.pause
	for range min(r.failures, 30) {
		pause = min(2*pause, w.o.maxPause)
	}
	*r = rests{failures: r.failures + 1, until: time.Now().Add(pause), by: s}
}

// reached is that something has gone out. A trap to a destination that could not
// be reached before may come back yet.
func (w *worker) reached(s *settings, err error) {
	if w.rests.failures > 0 && !s.Inform {
		w.rests.probing, w.rests.until = true, time.Now().Add(w.o.sure)
		return
	}
	w.rests = rests{}
	if err == nil {
		s.tally.well()
	}
}

// deliver brings it to its end: sent, or acknowledged, or lost; or back into
// the queue, when the destination cannot be reached or the run ends.
func (w *worker) deliver(it *item) {
	for {
		s := w.target.current()
		err := w.try(s, it)
		switch {
		case errors.Is(err, errChanged):
			continue
		case errors.Is(err, errEnding), w.ctx.Err() != nil && unreached(err):
			it.by = nil
			w.target.putBack(it)
		case unreached(err):
			w.target.putBack(it)
			w.failed(s, err)
		default:
			w.target.ended()
			s.tally.delivered(s.Inform, err)
			if !final(err) {
				w.reached(s, err)
			}
		}
		return
	}
}

func (w *worker) try(s *settings, it *item) error {
	switch {
	case !w.target.wanted(it):
		return errDiscarded
	case s.Version == message.V3 && s.User == nil:
		return finalError{errNoUser}
	case s.Version != message.V3 && s.Community == "":
		return finalError{errNoCommunity}
	case s.Inform:
		return w.inform(s, it)
	}
	return w.trap(s, it)
}

// trap sends once.
func (w *worker) trap(s *settings, it *item) error {
	if err := w.socket.open(w.ctx, s); err != nil {
		return err
	}
	out, _, err := w.encode(s, it.n, newID())
	if err != nil {
		return err
	}
	if w.backlog {
		time.Sleep(w.o.pace - time.Since(w.sentAt))
	}
	if err := w.socket.send(out); err != nil {
		return err
	}
	w.sentAt = time.Now()
	w.departures.add(it, s, out, w.o.sure)
	s.tally.wentOut(it)
	return nil
}

// noWay has what did not get there wait again, and what went out after it: a router
// tells of a few only (RFC 1812 §4.3.2.8), and drops the others as well. Some may
// have arrived. What went out before may be from before the outage. One that was too
// long for a link further on says nothing of the others.
func (w *worker) noWay(told word) {
	lost := w.departures.take(told, !errors.Is(told.err, syscall.EMSGSIZE))
	for _, d := range lost {
		w.target.putBack(d.it)
	}
	if len(lost) > 0 {
		w.socket.another()
		w.failed(lost[0].s, told.err)
	}
}

// hear takes in what hosts told of traps: those that did not get there wait
// again; those that were refused are lost, by a host that is there.
func (w *worker) hear() {
	for _, told := range w.socket.words.take() {
		if noWay(told.err) {
			w.noWay(told)
			continue
		}
		for _, d := range w.departures.take(told, false) {
			w.socket.another()
			d.s.tally.delivered(false, told.err)
			if w.rests.probing {
				w.rests = rests{}
			}
		}
	}
}
