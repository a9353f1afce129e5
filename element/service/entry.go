package service

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"mibgate/element/store"
)

// entry is one service and its serial queue of operations.
type entry struct {
	sup   *Supervisor
	svc   Service
	class Class
	ops   chan op
	late  chan struct{} // run's own: closed when a call that took too long has ended; nil when there is none
	again bool          // run's own: the start failed and is to be tried again

	mu        sync.Mutex
	state     State
	since     time.Time // when it became that; zero when it never changed
	startedAt time.Time // zero when it never was
	comment   string
	running   *store.Snapshot // what the run began with; nil when there is none
}

type op struct {
	verb verb
	done chan struct{}
}

type verb uint8

const (
	verbStart verb = iota
	verbStop
	verbRestart
)

// Why a service does not respond, beside its own errors.
var (
	errPanic = errors.New("internal error; the log has the details")
	errLate  = errors.New("did not end in time")
	errStray = errors.New("is still busy with an earlier command")
)

// grace is what a service gets after its context has ended.
const grace = time.Second

func (e *entry) info(snap *store.Snapshot) Info {
	e.mu.Lock()
	i := Info{Module: e.svc.Module(), Class: e.class, State: e.state, Since: e.since, StartedAt: e.startedAt, Comment: e.comment}
	e.mu.Unlock()
	i.Startup = Auto
	if e.class == User {
		i.Startup = e.sup.startup(snap, i.Module)
	}
	i.NeedRestart = e.needRestart(snap)
	return i
}

func (e *entry) needRestart(snap *store.Snapshot) bool {
	running := e.began()
	return running != nil && running != snap && e.svc.NeedRestart(running, snap)
}

// began is the snapshot that the run began with; nil when there is none.
func (e *entry) began() *store.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.running
}

func (e *entry) wait(v verb) {
	done := make(chan struct{})
	e.ops <- op{verb: v, done: done}
	<-done
}

// run carries out the operations of one service, one after the other.
func (e *entry) run() {
	again := time.NewTimer(e.sup.retryTime)
	defer again.Stop()
	for {
		if again.Stop(); e.again {
			again.Reset(e.sup.retryTime)
		}
		select {
		case o := <-e.ops:
			e.carryOut(o.verb)
			if o.done != nil {
				close(o.done)
			}
		case <-again.C:
			e.retry()
		case <-e.sup.quit:
			return
		}
	}
}

func (e *entry) carryOut(v verb) {
	if v != verbStop && e.sup.ending.Load() {
		return
	}
	switch v {
	case verbStart:
		e.start()
	case verbStop:
		e.stop()
	case verbRestart:
		e.stop()
		e.start()
	}
}

func (e *entry) start() {
	if e.is(Started) {
		return
	}
	e.again = false
	snap := e.sup.store.Current()
	e.set(Starting, "", snap)
	ctx, cancel := context.WithTimeout(context.Background(), e.sup.startTimeout)
	defer cancel()
	if err := e.settle(ctx); err != nil {
		e.set(NotResponding, err.Error(), nil)
		return
	}
	if err := e.call(ctx, func() error { return e.svc.Start(ctx, snap) }); err != nil {
		e.again = mayPass(err)
		e.set(NotResponding, err.Error(), nil)
		return
	}
	e.set(Started, "", snap)
}

// mayPass tells an error that another start may not have, such as an interface
// that is down, from a fault of the service.
func mayPass(err error) bool { return !errors.Is(err, errPanic) && !errors.Is(err, errLate) }

// retry tries a start that failed again. Only what is new is told.
func (e *entry) retry() {
	e.again = false
	if e.sup.ending.Load() {
		return
	}
	snap := e.sup.store.Current()
	ctx, cancel := context.WithTimeout(context.Background(), e.sup.startTimeout)
	defer cancel()
	err := e.call(ctx, func() error { return e.svc.Start(ctx, snap) })
	if err == nil {
		e.set(Started, "", snap)
		return
	}
	e.again = mayPass(err)
	if !e.says(err.Error()) {
		e.set(NotResponding, err.Error(), nil)
	}
}

// says reports whether the comment is this one already.
func (e *entry) says(comment string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.comment == comment
}

func (e *entry) stop() {
	e.again = false
	if e.is(Stopped) {
		return
	}
	e.set(Stopping, "", nil)
	ctx, cancel := context.WithTimeout(context.Background(), e.sup.stopTimeout)
	defer cancel()
	err := e.settle(ctx)
	if err == nil {
		err = e.call(ctx, func() error { return e.svc.Stop(ctx) })
	}
	if err != nil {
		e.set(NotResponding, err.Error(), nil)
		return
	}
	e.set(Stopped, "", nil)
}

// settle ends a call that took too long, and what it may have started.
func (e *entry) settle(ctx context.Context) error {
	if e.late == nil {
		return nil
	}
	select {
	case <-e.late:
	case <-ctx.Done():
		return errStray
	}
	e.late = nil
	return e.call(ctx, func() error { return e.svc.Stop(ctx) })
}

// call runs one of the service's functions. One that does not end with its
// context goes on by itself: the supervisor does not wait for it.
func (e *entry) call(ctx context.Context, f func() error) error {
	result, ended := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(ended)
		result <- e.guard(f)
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	last := time.NewTimer(grace)
	defer last.Stop()
	select {
	case err := <-result:
		return err
	case <-last.C:
	}
	e.late = ended
	return errLate
}

// guard turns a panic of a service into an error: one service's fault must not
// end the others.
func (e *entry) guard(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			e.sup.onPanic(e.svc.Module(), cause, debug.Stack())
			err = errPanic
		}
	}()
	return f()
}

func (e *entry) is(s State) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state == s
}

func (e *entry) set(s State, comment string, running *store.Snapshot) {
	e.mu.Lock()
	if e.state != s {
		e.since = time.Now()
	}
	if e.state != s && s == Started {
		e.startedAt = e.since
	}
	e.state, e.comment, e.running = s, comment, running
	e.mu.Unlock()
	e.sup.onState(e.info(e.sup.store.Current()))
}
