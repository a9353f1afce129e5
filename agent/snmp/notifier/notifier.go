package notifier

import (
	"context"
	"maps"
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
	// queueDepth is how many notifications wait for one target.
	queueDepth = 1024
	// stopGrace is how long the end of a run waits for look-ups and
	// acknowledgements: a dead receiver must not keep the unit from stopping.
	stopGrace = time.Second
	// addressLife is how long the address of a host name is used.
	addressLife = time.Minute
	// maxWait is the longest wait for an acknowledgement that doubling makes.
	maxWait = time.Minute
	// resolveTimeout bounds one look-up.
	resolveTimeout = 5 * time.Second
)

// options are what tests change.
type options struct {
	resolve     func(ctx context.Context, host string) ([]netip.Addr, error)
	addressLife time.Duration
	// pause is before the next try after one that did not reach the destination,
	// twice as long after each further one, up to maxPause.
	pause, maxPause time.Duration
	// sure is after how long a trap has left for good: the host knows after three
	// requests, a second apart, that nobody has the address (RFC 4861 §10,
	// RFC 1122 §2.3.2.2).
	sure time.Duration
	// pace is between the traps that have waited through an outage: there may be
	// hundreds, more than the socket of a receiver has room for (RFC 8085 §3.1.2).
	// Others go at once, or a burst would find no room here.
	pace time.Duration
}

func defaults() options {
	return options{
		resolve: func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		},
		addressLife: addressLife,
		pause:       time.Second, maxPause: 30 * time.Second, sure: 4 * time.Second, pace: time.Millisecond,
	}
}

// Notifier implements snmp.Notifier.
type Notifier struct {
	env  snmp.NotifierEnv
	o    options
	sink *event.Sink

	mu      sync.Mutex
	targets []*target         // one per queue, as configured; kept while stopped
	tallies map[string]*tally // by the name of the target
	missed  uint64            // what sink has dropped and tallies have counted
	taken   uint64            // events that came out of the sink
	run     *run              // nil while stopped
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

// matches tell which queue goes on as which, the best first: the same one; that
// of the destination under another name, for the names of TrapDest's targets go by
// place; that of the name, whose destination is another now.
var matches = [...]func(old, next *snmp.Target) bool{
	func(old, next *snmp.Target) bool {
		return old.Notify == next.Notify && old.Dest == next.Dest && old.Name == next.Name
	},
	func(old, next *snmp.Target) bool { return old.Notify == next.Notify && old.Dest == next.Dest },
	func(old, next *snmp.Target) bool { return old.Notify == next.Notify && old.Name == next.Name },
}

// configure gives every target its queue and every name its tally; n.mu is held.
func (n *Notifier) configure(c snmp.NotifierConfig) {
	old, next := slices.Clone(n.targets), make([]*target, len(c.Targets))
	for _, match := range matches {
		for i := range next {
			if next[i] != nil {
				continue
			}
			j := slices.IndexFunc(old, func(t *target) bool { return t != nil && match(&t.current().Target, &c.Targets[i]) })
			if j >= 0 {
				next[i], old[j] = old[j], nil
			}
		}
	}
	n.tallies = tallies(n.tallies, c.Targets, n.env.Element.UpTime())
	for i, t := range c.Targets {
		s := newSettings(t, n.tallies[t.Name])
		if next[i] != nil {
			next[i].configure(s)
			continue
		}
		next[i] = newTarget(s)
		n.work(next[i])
	}
	for _, t := range old {
		if t != nil && t.cancel != nil {
			t.cancel()
		}
	}
	n.targets = next
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

// Stop implements snmp.Notifier. What could not be sent stays queued. Whatever
// the targets do, it ends soon after stopGrace.
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
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-ended:
	case <-grace.C:
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

// take queues one event for every target that it passes to.
func (n *Notifier) take(e event.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	missed := n.sink.Dropped()
	for _, y := range n.tallies {
		y.overflowed(missed - n.missed)
	}
	n.missed = missed
	n.taken++
	if len(n.targets) == 0 {
		return
	}
	out := newNotification(n.env, e)
	for _, t := range n.targets {
		t.enqueue(out)
	}
}

// Status implements snmp.Notifier.
func (n *Notifier) Status() []snmp.TargetStatus {
	n.mu.Lock()
	defer n.mu.Unlock()
	queued := map[*tally]int{}
	for _, t := range n.targets {
		y, waiting := t.waiting()
		queued[y] += waiting
	}
	out := make([]snmp.TargetStatus, 0, len(n.tallies))
	for _, name := range slices.Sorted(maps.Keys(n.tallies)) {
		y := n.tallies[name]
		out = append(out, y.status(name, queued[y]))
	}
	return out
}
