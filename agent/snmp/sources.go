package snmp

import (
	"container/list"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// maxSources is how many sources are remembered that have failed to
// authenticate. One more drives out that which has been silent for longest, so
// that whoever forges addresses gets no memory of ours, only a clean slate.
const maxSources = 1024

// longestPause is where the pauses stop to grow.
const longestPause = time.Hour

// source is what failures are counted by: an IPv4 address, or the 64-bit prefix
// of an IPv6 address, all of which one host may have.
func source(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}

// sources limits how often a source may fail to authenticate (RFC 3414 has no
// such limit; without one a password is guessed at the speed of our digests).
// A success takes nothing back: who has one key must not guess others with it.
type sources struct {
	now   func() time.Time
	start time.Time // what last is counted from: the clock of the unit may be set

	mu    sync.Mutex
	known map[netip.Addr]*list.Element // of *offender
	order list.List                    // of *offender; in front that which was heard of last
	// last is when the last pause ends; 0: all have. While it is 0 nobody's
	// message costs more than a look at it.
	last atomic.Int64
}

// offender is a source that has failed.
type offender struct {
	source netip.Addr
	since  time.Time     // the window began
	count  int           // of failures in the window
	told   bool          // of one of them
	until  time.Time     // the pause ends
	pause  time.Duration // how long the last one was, 0: there was none lately
}

// penalty is what comes of a failure.
type penalty struct {
	tell  bool          // it is the first of its source in this window
	pause time.Duration // the source waits from now on; 0: it does not
}

func newSources(now func() time.Time) *sources {
	return &sources{now: now, start: now(), known: make(map[netip.Addr]*list.Element)}
}

// waits reports whether the messages of a are dropped now.
func (t *sources) waits(a netip.Addr) bool {
	last := t.last.Load()
	if last == 0 {
		return false
	}
	now := t.now()
	if int64(now.Sub(t.start)) >= last {
		t.last.CompareAndSwap(last, 0)
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.known[source(a)]
	if !ok {
		return false
	}
	t.order.MoveToFront(e)
	return now.Before(e.Value.(*offender).until) //nolint:forcetypeassert // the list holds nothing else
}

// fail counts a failure of a: limit of them within window make its source
// wait, for window at first; 0 never does.
func (t *sources) fail(a netip.Addr, limit int, window time.Duration) (p penalty) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, o := t.now(), t.offender(source(a))
	if now.Sub(o.since) >= window {
		if now.Sub(o.until) >= max(o.pause, window) { // it has been good for as long as it had to wait
			o.pause = 0
		}
		o.since, o.count, o.told = now, 0, false
	}
	o.count++
	p.tell, o.told = !o.told, true
	if limit == 0 || o.count < limit || now.Before(o.until) {
		return p
	}
	o.pause = min(max(2*o.pause, window), longestPause)
	o.until, o.count = now.Add(o.pause), 0
	for last, ends := t.last.Load(), int64(o.until.Sub(t.start)); last < ends && !t.last.CompareAndSwap(last, ends); {
		last = t.last.Load()
	}
	p.pause = o.pause
	return p
}

// offender is the entry of a source, which is made when there is none.
func (t *sources) offender(s netip.Addr) *offender {
	if e, ok := t.known[s]; ok {
		t.order.MoveToFront(e)
		return e.Value.(*offender) //nolint:forcetypeassert // the list holds nothing else
	}
	if len(t.known) >= maxSources {
		oldest := t.order.Back()
		delete(t.known, t.order.Remove(oldest).(*offender).source) //nolint:forcetypeassert // the list holds nothing else
	}
	o := &offender{source: s}
	t.known[s] = t.order.PushFront(o)
	return o
}

// tellAgain makes the next failure of every source one to tell of.
func (t *sources) tellAgain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := t.order.Front(); e != nil; e = e.Next() {
		e.Value.(*offender).told = false //nolint:forcetypeassert // the list holds nothing else
	}
}
