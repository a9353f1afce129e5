package notifier

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
)

// minTimeout is the shortest wait for an acknowledgement, the unit of
// snmpTargetAddrTimeout: a target may have 0.
const minTimeout = 10 * time.Millisecond

// settings are what a worker sends by. They are immutable: another pointer is
// another configuration.
type settings struct {
	snmp.Target
	tally *tally // of Name at Dest
}

func newSettings(t snmp.Target, y *tally) *settings {
	t.Inform = t.Inform && t.Version != message.V1 // which has no informs (RFC 3584 §3)
	t.Timeout = max(t.Timeout, minTimeout)
	return &settings{Target: t, tally: y}
}

func (s *settings) same(o *settings) bool {
	return s.tally == o.tally && reflect.DeepEqual(s.Target, o.Target)
}

// maxMessage is the longest message to be sent.
func (s *settings) maxMessage() int {
	if s.MaxSize > 0 {
		return min(s.MaxSize, maxDatagram)
	}
	return maxDatagram
}

// passes tells whether the target may know of n and wants to.
func (s *settings) passes(n *notification) bool {
	return snmp.Passes(s.View, s.Filter, s.Filtered, n.oid, n.names)
}

// item is a notification in the queue of one target.
type item struct {
	n     *notification
	place uint64 // in the queue: the order in which they came
	// counted is where it was counted as sent.
	counted *tally
	// unwanted: a change of settings did not let it pass; under the lock of the
	// target.
	unwanted bool

	// Of an inform, for the worker: it is sent by these settings, under this
	// request-id, and so many tries were in vain.
	by        *settings
	requestID int32
	tries     int
}

// target is what waits for one row of snmpTargetAddrTable because of one of
// snmpNotifyTable. It outlives runs.
type target struct {
	// wake tells the worker of something new in the queue or the settings.
	wake chan struct{}

	// Of the Notifier, under its lock: the run that the worker belongs to, and
	// what ends the worker.
	run    *run
	cancel context.CancelFunc

	mu       sync.Mutex
	settings *settings
	queue    []*item // the oldest first
	came     uint64  // how many were queued ever
	underway *item   // the last one that next gave
	port     int     // local port, 0 before the first socket
}

func newTarget(s *settings) *target {
	return &target{wake: make(chan struct{}, 1), settings: s}
}

// current are the settings in force.
func (t *target) current() *settings {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.settings
}

// configure puts settings in force, unless they are no others. What they do not
// let pass is wanted no more, even if later ones would.
func (t *target) configure(s *settings) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.same(t.settings) {
		return
	}
	t.queue = slices.DeleteFunc(t.queue, func(it *item) bool { return !s.passes(it.n) })
	if it := t.underway; it != nil && !s.passes(it.n) {
		it.unwanted = true
	}
	t.settings = s
	t.signal()
}

// wanted tells whether all settings have let it pass.
func (t *target) wanted(it *item) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !it.unwanted
}

func (t *target) signal() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// enqueue adds n if it passes. When the queue is full the oldest goes: of a
// resource that changes, the last state is the one to know.
func (t *target) enqueue(n *notification) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.settings.passes(n) {
		return
	}
	t.came++
	t.insert(&item{n: n, place: t.came})
	t.signal()
}

// insert gives it its place in the queue; t.mu is held.
func (t *target) insert(it *item) {
	i := len(t.queue)
	for i > 0 && t.queue[i-1].place > it.place {
		i--
	}
	t.queue = slices.Insert(t.queue, i, it)
	if len(t.queue) > queueDepth {
		t.queue = t.queue[1:]
		t.settings.tally.overflowed(1)
	}
}

// waiting is how many wait to be sent or acknowledged, and for whom.
func (t *target) waiting() (*tally, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.queue)
	if t.underway != nil {
		n++
	}
	return t.settings.tally, n
}

// next takes the oldest off the queue, nil when it is empty.
func (t *target) next() *item {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.underway = nil
	if len(t.queue) > 0 {
		t.underway = t.queue[0]
		t.queue = t.queue[1:]
	}
	return t.underway
}

// ended tells that the one that next gave is under way no more.
func (t *target) ended() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.underway = nil
}

// putBack gives one that next gave its place in the queue again. When that is
// full it is the oldest, and goes.
func (t *target) putBack(it *item) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.underway == it {
		t.underway = nil
	}
	if !it.unwanted && t.settings.passes(it.n) {
		t.insert(it)
	}
}

// sourcePort is the local port that the last socket had; another worker goes on
// with it.
func (t *target) sourcePort() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.port
}

func (t *target) setSourcePort(port int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.port = port
}
