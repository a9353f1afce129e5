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
const maxSources = 8192

// longestPause is where the pauses stop to grow.
const longestPause = time.Hour

// source is what failures are counted by: an address, or the 64-bit prefix of an
// IPv6 address, all of which one host may have. That of a link-local one is of a
// link.
type source struct {
	addr netip.Addr
	net  bool
}

// netLimit is how many times more often a prefix may fail than an address: one
// host in it must not soon make its neighbours wait.
const netLimit = 8

// sourcesOf are the sources that an address is of.
func sourcesOf(a netip.Addr) (of [2]source, n int) {
	a = a.Unmap()
	of[0] = source{addr: a}
	if a.Is4() {
		return of, 1
	}
	p, err := a.Prefix(64)
	if err != nil {
		return of, 1
	}
	of[1] = source{addr: p.Addr().WithZone(a.Zone()), net: true}
	return of, 2
}

func (s source) limit(limit int) int {
	if s.net {
		return netLimit * limit
	}
	return limit
}

func (s source) String() string {
	if s.net {
		return s.addr.String() + "/64"
	}
	return s.addr.String()
}

// What of the SNMPv3 messages of an address that waits is looked at all the same:
// one per tryTime, and tryMost at once, and of a prefix that waits netLimit times
// as many. Who forges the address of a manager must go on forging to keep it out,
// and a guess takes tryTime.
const (
	tryTime = 100 * time.Millisecond
	tryMost = 16
)

// What may fail of all sources together, at one per floodTime, and floodMost at
// once: who has, or forges, many addresses must not guess the faster for it. When
// it is used up nobody is heard who has not authenticated.
const (
	floodTime = time.Millisecond
	floodMost = 2000
)

// sources limits how often a source may fail to authenticate (RFC 3414 has no
// such limit; without one a password is guessed at the speed of our digests).
// A success takes nothing back: who has one key must not guess others with it.
type sources struct {
	now   func() time.Time
	start time.Time // what last is counted from: the clock of the unit may be set

	mu    sync.Mutex
	known map[source]*list.Element // of *offender
	order list.List                // of *offender; in front that which was heard of last
	// last is when the last pause ends; 0: all have. While it is 0 nobody's
	// message costs more than a look at it.
	last atomic.Int64
	// spent is until when, from start, what may fail is used up; 0: nothing is.
	spent atomic.Int64
}

// offender is a source that has failed.
type offender struct {
	source source
	since  time.Time     // the window began
	count  int           // of failures in the window
	told   bool          // of one of them
	until  time.Time     // the pause ends
	pause  time.Duration // how long the last one was, 0: there was none lately
	tried  time.Time     // until when its tries are used up, at one per tryTime
}

// penalty is what comes of a failure.
type penalty struct {
	tell  bool          // it is the first of its source in this window
	who   source        // that waits, if one does
	pause time.Duration // it waits from now on; 0: it does not
}

func newSources(now func() time.Time) *sources {
	return &sources{now: now, start: now(), known: make(map[source]*list.Element)}
}

// waits reports whether the messages of a are dropped now.
func (t *sources) waits(a netip.Addr) (waits bool) {
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
	of, n := sourcesOf(a)
	for _, src := range of[:n] {
		waits = t.waiting(src, now) != nil || waits
	}
	return waits
}

// waiting is the entry of a source that waits now; nil when it does not.
func (t *sources) waiting(src source, now time.Time) *offender {
	e, ok := t.known[src]
	if !ok {
		return nil
	}
	t.order.MoveToFront(e)
	if o := e.Value.(*offender); now.Before(o.until) { //nolint:forcetypeassert // the list holds nothing else
		return o
	}
	return nil
}

// flooded reports whether so much has failed that strangers are not heard.
func (t *sources) flooded() bool {
	spent := t.spent.Load()
	if spent == 0 {
		return false
	}
	ahead := spent - int64(t.now().Sub(t.start))
	if ahead <= 0 {
		t.spent.CompareAndSwap(spent, 0)
	}
	return ahead > int64((floodMost-1)*floodTime)
}

// flood counts a failure, whoever's it is.
func (t *sources) flood(now time.Time) {
	at := int64(now.Sub(t.start))
	for {
		spent := t.spent.Load()
		if t.spent.CompareAndSwap(spent, min(max(spent, at)+int64(floodTime), at+int64(floodMost*floodTime))) {
			return
		}
	}
}

// try reports whether a message of a, which waits, is looked at all the same. An
// address of a prefix that waits has its own tries first, so that one does not
// take those of its neighbours.
func (t *sources) try(a netip.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	of, n := sourcesOf(a)
	if !t.offender(of[0]).try(now) {
		return false
	}
	if n == 1 {
		return true
	}
	o := t.waiting(of[1], now)
	return o == nil || o.try(now)
}

func (o *offender) try(now time.Time) bool {
	each := tryTime / time.Duration(o.source.limit(1))
	if o.tried.Before(now) {
		o.tried = now
	}
	if o.tried.Sub(now) > tryMost*tryTime-each {
		return false
	}
	o.tried = o.tried.Add(each)
	return true
}

// fail counts a failure of a: limit of them within window make its source
// wait, for window at first; 0 never does.
func (t *sources) fail(a netip.Addr, limit int, window time.Duration) (p penalty) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flood(t.now())
	of, n := sourcesOf(a)
	for i, src := range of[:n] {
		tell, pause := t.count(t.offender(src), src.limit(limit), window)
		if i == 0 {
			p.tell = tell
		}
		if pause > p.pause {
			p.who, p.pause = src, pause
		}
	}
	return p
}

// count counts a failure of one source.
func (t *sources) count(o *offender, limit int, window time.Duration) (tell bool, pause time.Duration) {
	now := t.now()
	if now.Sub(o.since) >= window {
		if now.Sub(o.until) >= max(o.pause, window) { // it has been good for as long as it had to wait
			o.pause = 0
		}
		o.since, o.count, o.told = now, 0, false
	}
	o.count++
	tell, o.told = !o.told, true
	if limit == 0 || o.count < limit || now.Before(o.until) {
		return tell, 0
	}
	o.pause = min(max(2*o.pause, window), longestPause)
	o.until, o.count = now.Add(o.pause), 0
	for last, ends := t.last.Load(), int64(o.until.Sub(t.start)); last < ends && !t.last.CompareAndSwap(last, ends); {
		last = t.last.Load()
	}
	return tell, o.pause
}

// offender is the entry of a source, which is made when there is none.
func (t *sources) offender(s source) *offender {
	if e, ok := t.known[s]; ok {
		t.order.MoveToFront(e)
		return e.Value.(*offender) //nolint:forcetypeassert // the list holds nothing else
	}
	if len(t.known) >= maxSources {
		delete(t.known, t.order.Remove(t.oldest()).(*offender).source) //nolint:forcetypeassert // the list holds nothing else
	}
	o := &offender{source: s}
	t.known[s] = t.order.PushFront(o)
	return o
}

// oldest is who has been silent for longest: one that does not wait, when there is
// one among the last few.
func (t *sources) oldest() *list.Element {
	now, e := t.now(), t.order.Back()
	for range 16 {
		if e == nil {
			break
		}
		if !now.Before(e.Value.(*offender).until) { //nolint:forcetypeassert // the list holds nothing else
			return e
		}
		e = e.Prev()
	}
	return t.order.Back()
}

// tellAgain makes the next failure of every source one to tell of.
func (t *sources) tellAgain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := t.order.Front(); e != nil; e = e.Next() {
		e.Value.(*offender).told = false //nolint:forcetypeassert // the list holds nothing else
	}
}
