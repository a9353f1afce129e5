package service

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mibgate/element/store"
	"mibgate/mib"
)

// Supervisor runs the services of an element. It is the store's Runtime.
type Supervisor struct {
	store   *store.Store
	onState func(Info)
	onPanic func(m *mib.Module, cause any, stack []byte)
	startup func(snap *store.Snapshot, m *mib.Module) Startup

	entries []*entry // in dependency order
	byName  map[string]*entry
	sorted  []string      // names in the order of a walk
	ending  atomic.Bool   // StopAll has begun: nothing starts any more
	quit    chan struct{} // closed at the end of StopAll
	wg      sync.WaitGroup
	inForce atomic.Pointer[inForce]

	startTimeout, stopTimeout, retryTime time.Duration
}

// Options are the supervisor's hooks; each may be nil.
type Options struct {
	// OnState is told every change of state; it must not block.
	OnState func(Info)
	// OnPanic is told a panic of Start or Stop.
	OnPanic func(m *mib.Module, cause any, stack []byte)
	// Startup reads a service's start-up type.
	Startup func(snap *store.Snapshot, m *mib.Module) Startup
}

// opQueue bounds the operations that wait for one service: a command beyond it
// is refused before the commit.
const opQueue = 16

// New makes a supervisor of the services in st.
func New(st *store.Store, o Options) *Supervisor {
	s := &Supervisor{store: st, onState: o.OnState, onPanic: o.OnPanic, startup: o.Startup, byName: map[string]*entry{},
		quit: make(chan struct{}), startTimeout: StartTimeout, stopTimeout: StopTimeout, retryTime: RetryTime}
	if s.onState == nil {
		s.onState = func(Info) {}
	}
	if s.onPanic == nil {
		s.onPanic = func(*mib.Module, any, []byte) {}
	}
	if s.startup == nil {
		s.startup = func(*store.Snapshot, *mib.Module) Startup { return Auto }
	}
	return s
}

// Add registers a service; the order is the order of starting.
func (s *Supervisor) Add(svc Service, class Class) {
	e := &entry{sup: s, svc: svc, class: class, state: Stopped, ops: make(chan op, opQueue)}
	s.entries = append(s.entries, e)
	s.byName[svc.Module().Service] = e
	s.sorted = append(s.sorted, svc.Module().Service)
	slices.SortFunc(s.sorted, mib.CompareString)
}

// SortedNames lists the services in the order of a walk; the slice must not be
// changed.
func (s *Supervisor) SortedNames() []string { return s.sorted }

// Participants lists the services for store.Start.
func (s *Supervisor) Participants() []store.Participant {
	ps := make([]store.Participant, len(s.entries))
	for i, e := range s.entries {
		ps[i] = e.svc
	}
	return ps
}

// Status implements store.Runtime.
func (s *Supervisor) Status(m *mib.Module) any {
	if e := s.byName[m.Service]; e != nil {
		return e.svc.Status()
	}
	for _, e := range s.entries {
		if p, ok := e.svc.(Provider); ok {
			if st := p.StatusOf(m); st != nil {
				return st
			}
		}
	}
	return nil
}

// Commands implements store.Runtime.
func (s *Supervisor) Commands(m *mib.Module) any {
	if e := s.byName[m.Service]; e != nil {
		return e.svc.Commands()
	}
	return nil
}

// StartAll starts every service whose start-up type is auto, in order, and
// returns when all have settled. A service that fails does not hold up the
// others: its state says why.
func (s *Supervisor) StartAll() {
	for _, e := range s.entries {
		s.wg.Go(e.run)
	}
	snap := s.store.Current()
	for _, e := range s.entries {
		if e.class == System || s.startup(snap, e.svc.Module()) == Auto {
			e.wait(verbStart)
		}
	}
}

// StopAll stops every service in reverse order and ends the supervisor; what is
// asked of it afterwards has no effect.
func (s *Supervisor) StopAll() {
	s.ending.Store(true)
	for i := len(s.entries) - 1; i >= 0; i-- {
		s.entries[i].wait(verbStop)
	}
	close(s.quit)
	s.wg.Wait()
}

// Errors of Prepare.
var (
	ErrNoService = errors.New("there is no such service")
	ErrSystem    = errors.New("is a system service: it can be restarted, but not stopped")
	ErrBusy      = errors.New("too many commands wait for this service")
)

// PrepareStart checks a command and returns what carries it out; that returns
// at once, the service changes in its own time. So do the two below.
func (s *Supervisor) PrepareStart(name string) (func(), error) { return s.prepare(name, verbStart) }

// PrepareStop is refused for system services.
func (s *Supervisor) PrepareStop(name string) (func(), error) { return s.prepare(name, verbStop) }

// PrepareRestart starts a stopped service as well.
func (s *Supervisor) PrepareRestart(name string) (func(), error) { return s.prepare(name, verbRestart) }

func (s *Supervisor) prepare(name string, v verb) (func(), error) {
	e := s.byName[name]
	switch {
	case e == nil:
		return nil, fmt.Errorf("%s: %w", name, ErrNoService)
	case e.class == System && v == verbStop:
		return nil, fmt.Errorf("%s %w", name, ErrSystem)
	case len(e.ops) > opQueue/2:
		return nil, fmt.Errorf("%s: %w", name, ErrBusy)
	}
	return func() {
		select {
		case e.ops <- op{verb: v}:
		default:
		}
	}, nil
}

// RestartRequired restarts every service that needs it.
func (s *Supervisor) RestartRequired() (func(), error) {
	return func() {
		for _, i := range s.Services() {
			if !i.NeedRestart {
				continue
			}
			if run, err := s.PrepareRestart(i.Module.Service); err == nil {
				run()
			}
		}
	}, nil
}

// Services lists the services in order of starting.
func (s *Supervisor) Services() []Info {
	snap := s.store.Current()
	out := make([]Info, len(s.entries))
	for i, e := range s.entries {
		out[i] = e.info(snap)
	}
	return out
}

// Names lists the services in order of starting.
func (s *Supervisor) Names() []string {
	out := make([]string, len(s.entries))
	for i, e := range s.entries {
		out[i] = e.svc.Module().Service
	}
	return out
}

// Class is the class of a service; User when there is none of the name.
func (s *Supervisor) Class(name string) Class {
	if e := s.byName[name]; e != nil {
		return e.class
	}
	return User
}

// Service is the Info of one service; ok is false when there is none.
func (s *Supervisor) Service(name string) (info Info, ok bool) {
	e := s.byName[name]
	if e == nil {
		return Info{}, false
	}
	return e.info(s.store.Current()), true
}

// NeedRestart reports whether a service has changes it has not absorbed.
func (s *Supervisor) NeedRestart(m *mib.Module) bool {
	e := s.byName[m.Service]
	return e != nil && e.needRestart(s.store.Current())
}
