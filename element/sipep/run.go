package sipep

import (
	"bytes"
	"context"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"mibgate/element/event"
	"mibgate/element/siplink"
)

// StateName is the name under which the last local port of the persistent links
// is kept in store.State.
const StateName = "sipep-port"

const (
	// settleTime bounds Start; opening ports takes far less.
	settleTime = 100 * time.Millisecond
	// stopTime bounds unregistering and draining.
	stopTime = 2 * time.Second
	// lookTime is how often interfaces are looked at.
	lookTime = 5 * time.Second
)

// run is one run of the service.
type run struct {
	o        *Options
	board    *board
	plan     plan
	addr     func(iface string) (netip.Addr, error)
	ports    *siplink.Ports
	gateways []*gateway

	kick    chan struct{}
	recheck atomic.Bool          // certificates or the time have changed: links that are down are tried again
	looks   atomic.Bool          // something has happened on the network: interfaces are looked at
	unit    atomic.Pointer[Unit] // when interfaces were last looked at, for its MAC is that of one
	settled chan struct{}
	cancel  context.CancelFunc
	done    chan struct{}
	saved   uint16 // the local port that is on disk
}

func newRun(s *Service, p plan) *run {
	r := &run{o: &s.o, board: s.board, plan: p, addr: s.addr, kick: make(chan struct{}, 1), settled: make(chan struct{}), done: make(chan struct{})}
	r.saved = r.loadPort()
	r.lookAtUnit()
	r.ports = siplink.NewPorts(p.basePort, p.portInterval, r.saved)
	for i := range p.gateways {
		r.gateways = append(r.gateways, &gateway{run: r, plan: &p.gateways[i]})
	}
	return r
}

func (r *run) start() {
	r.board.begin(r.plan)
	keep := map[string]bool{}
	for _, g := range r.gateways {
		g.resources(keep)
	}
	r.forgetAlarms(keep)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go r.control(ctx)
	timer := time.NewTimer(settleTime)
	defer timer.Stop()
	select {
	case <-r.settled:
	case <-timer.C:
	}
}

// control is the goroutine that owns the gateways.
func (r *run) control(ctx context.Context) {
	defer close(r.done)
	timer := time.NewTimer(lookTime)
	defer timer.Stop()
	for first := true; ctx.Err() == nil; first = false {
		clock := r.o.Clock.Changed() // before the clock is looked at
		timer.Reset(r.step())
		if first {
			close(r.settled)
		}
		select {
		case <-ctx.Done():
		case <-r.kick:
		case <-clock:
			r.recheck.Store(true) // dates are judged anew
		case <-timer.C:
		}
	}
}

// step brings every gateway on and returns when to look again.
func (r *run) step() time.Duration {
	retry, look := r.recheck.Swap(false), r.looks.Swap(false)
	wait := lookTime
	for _, g := range r.gateways {
		if now := time.Now(); look || !now.Before(g.lookAt) {
			g.look(now)
		}
		wait = min(wait, g.step(retry), time.Until(g.lookAt))
	}
	r.savePort()
	return max(wait, time.Millisecond)
}

// lookAtUnit takes over what the unit is now.
func (r *run) lookAtUnit() {
	u := r.o.Unit()
	r.unit.Store(&u)
}

// changed is called when the configuration has changed. Addresses do not depend
// on it, since a plan does not change: a SET costs no look at the host.
func (r *run) changed(certificates bool) {
	if certificates {
		r.recheck.Store(true)
	}
	r.poke()
}

// wake makes the control goroutine look at everything, interfaces too.
func (r *run) wake() {
	r.looks.Store(true)
	r.poke()
}

// poke makes the control goroutine go through the gateways.
func (r *run) poke() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

// stop unregisters, closes the links in good order and then everything else.
func (r *run) stop(ctx context.Context) {
	r.cancel()
	<-r.done
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	var all sync.WaitGroup
	for _, g := range r.gateways {
		g.setState(stateRestarting, "")
		if g.core != nil {
			all.Go(func() { g.core.shutdown(ctx) })
		}
	}
	all.Wait()
	for _, g := range r.gateways {
		g.core = nil
		g.showPorts()
	}
	r.savePort()
}

// loadPort is the local port that was used last, 0 for none. It only matters
// when ports are cycled; one that cannot be read is no harm.
func (r *run) loadPort() uint16 {
	b, err := r.o.Store.State().Load(StateName)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(b)), 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// savePort keeps the local port that was used last, when ports are cycled.
func (r *run) savePort() {
	last := r.ports.Last()
	if r.plan.portInterval == 0 || last == 0 || last == r.saved {
		return
	}
	if err := r.o.Store.State().Save(StateName, []byte(strconv.Itoa(int(last))+"\n")); err != nil {
		r.emit(event.Event{ID: MsgInternal, Severity: event.Warning, Text: "the last local port is not kept: " + err.Error()})
	}
	r.saved = last // also when it failed: the next port is tried, not this one again and again
}
