package notifier

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"mibgate/agent/snmp"
	"mibgate/element/event"
)

const (
	// busDepth is how many events wait for a run to begin; while one lasts
	// they are taken at once.
	busDepth = 1024
	// queueDepth is how many notifications wait for one destination.
	queueDepth = 256
	// stopGrace is how long the end of a run waits for acknowledgements: a
	// dead receiver must not keep the unit from stopping.
	stopGrace = time.Second
	// addressLife is how long the address of a host name is used.
	addressLife = time.Minute
	// resolveTimeout bounds one look-up.
	resolveTimeout = 5 * time.Second
)

// options are what tests change.
type options struct {
	resolve     func(ctx context.Context, host string) ([]netip.Addr, error)
	addressLife time.Duration
	// pauses are before the further tries of a trap that could not be sent:
	// long enough for a link that comes up with the unit.
	pauses []time.Duration
}

func defaults() options {
	return options{
		resolve: func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		},
		addressLife: addressLife,
		pauses:      []time.Duration{time.Second, 2 * time.Second, 4 * time.Second},
	}
}

// Notifier implements snmp.Notifier.
type Notifier struct {
	env  snmp.NotifierEnv
	o    options
	sink *event.Sink

	mu      sync.Mutex
	cfg     snmp.NotifierConfig
	targets []*target // as cfg.Destinations; kept while stopped
	missed  uint64    // what sink has dropped and targets have counted
	taken   uint64    // events that came out of the sink
	run     *run      // nil while stopped
}

var _ snmp.Notifier = (*Notifier)(nil)

// run is what lasts from Start to Stop.
type run struct {
	ctx    context.Context // ends when nothing may be waited for any more
	cancel context.CancelFunc
	quit   chan struct{} // closed: collect what is there, and no more
	drain  chan struct{} // closed: send what is queued, and end
	all    sync.WaitGroup
	// collecting ends before drain is closed.
	collecting sync.WaitGroup
}

// New makes a Notifier; it is what snmp.Options.Notifier wants. From now on
// notifications are queued.
func New(env snmp.NotifierEnv) snmp.Notifier { return newNotifier(env, defaults()) }

func newNotifier(env snmp.NotifierEnv, o options) *Notifier {
	return &Notifier{env: env, o: o, sink: env.Element.Bus.SubscribeTo("snmp notifications", busDepth, notifies)}
}

// Start implements snmp.Notifier.
func (n *Notifier) Start(c snmp.NotifierConfig) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.run != nil {
		n.configure(c)
		return
	}
	r := &run{quit: make(chan struct{}), drain: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	n.run = r
	n.configure(c)
	for _, t := range n.targets {
		n.work(t)
	}
	r.collecting.Go(func() { n.collect(r) })
}

// Configure implements snmp.Notifier.
func (n *Notifier) Configure(c snmp.NotifierConfig) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.configure(c)
}

// configure gives every destination its target. One that is still there keeps
// its own, wherever it stands now; one that takes the place of another takes
// over what is queued for that, under new counters.
func (n *Notifier) configure(c snmp.NotifierConfig) {
	old := slices.Clone(n.targets)
	next := make([]*target, len(c.Destinations))
	for i, d := range c.Destinations {
		for j, t := range old {
			if t != nil && t.current().dest == d {
				next[i], old[j] = t, nil
				break
			}
		}
	}
	for i, d := range c.Destinations {
		s := newSettings(c, d)
		switch {
		case next[i] != nil:
			next[i].configure(s)
		case i < len(old) && old[i] != nil:
			next[i], old[i] = old[i], nil
			next[i].configure(s)
		default:
			next[i] = newTarget(s)
			n.work(next[i])
		}
	}
	for _, t := range old {
		if t != nil && t.cancel != nil {
			t.cancel()
		}
	}
	n.cfg, n.targets = c, next
}

// work gives t a worker, when there is a run and t has none in it; n.mu is
// held.
func (n *Notifier) work(t *target) {
	r := n.run
	if r == nil || t.run == r {
		return
	}
	t.run = r
	var ctx context.Context
	ctx, t.cancel = context.WithCancel(r.ctx)
	w := newWorker(ctx, n, t, r)
	r.all.Go(w.loop)
}

// Stop implements snmp.Notifier. What could not be sent stays queued.
func (n *Notifier) Stop(ctx context.Context) {
	n.mu.Lock()
	r := n.run
	n.run = nil
	n.mu.Unlock()
	if r == nil {
		return
	}
	close(r.quit)
	r.collecting.Wait()
	close(r.drain)
	ended := make(chan struct{})
	go func() {
		r.all.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	r.cancel()
	<-ended
}

// collect takes notifications off the bus until the run ends.
func (n *Notifier) collect(r *run) {
	for {
		select {
		case e := <-n.sink.Events():
			n.take(e)
			continue
		case <-r.quit:
		}
		for {
			select {
			case e := <-n.sink.Events():
				n.take(e)
			default:
				return
			}
		}
	}
}

// notifies tells the events that a manager is told.
func notifies(e event.Event) bool { return e.Notification != nil }

// take queues one event for every destination.
func (n *Notifier) take(e event.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	missed := n.sink.Dropped()
	for _, t := range n.targets {
		t.missed(missed - n.missed)
	}
	n.missed = missed
	n.taken++
	if !n.cfg.Enabled || len(n.targets) == 0 {
		return
	}
	out := newNotification(n.env, e)
	for _, t := range n.targets {
		t.enqueue(out)
	}
}

// Destination implements snmp.Notifier.
func (n *Notifier) Destination(i int) (snmp.DestinationStatus, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i < 1 || i > len(n.targets) {
		return snmp.DestinationStatus{}, false
	}
	return n.targets[i-1].status(), true
}
