package responder

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"mibgate/mib"
)

// TestAndIncr is a number by which managers take turns (RFC 2579 §2): a SET with
// the number that it holds succeeds, if all else does, and makes it the next
// one; a SET with another number fails. It is no configuration: it is not kept,
// and begins anywhere, so that a number from before a restart is no good.
type TestAndIncr struct {
	mu sync.Mutex // a SET that names it
	n  atomic.Int32
}

// NewTestAndIncr makes one that holds any number.
func NewTestAndIncr() *TestAndIncr {
	l := &TestAndIncr{}
	l.n.Store(rand.Int32N(math.MaxInt32)) //nolint:gosec // it is no secret: anybody may read it
	return l
}

// Number is what it holds.
func (l *TestAndIncr) Number() int32 { return l.n.Load() }

// next makes it the next number; after 2147483647 comes 0.
func (l *TestAndIncr) next() { l.n.Store((l.n.Load() + 1) & math.MaxInt32) }

// take tests every lock that is assigned, and takes it: nobody else can until
// release, which is told whether the SET has succeeded. The store must have
// begun the transaction, so that there is one taker at a time.
func (r *Responder) take(as []assignment) (release func(done bool), err error) {
	var taken []*TestAndIncr
	release = func(done bool) {
		for _, l := range taken {
			if done {
				l.next()
			}
			l.mu.Unlock()
		}
	}
	for i := range as {
		l := r.o.Locks[as[i].object]
		if l == nil || held(taken, l) {
			continue
		}
		l.mu.Lock()
		taken = append(taken, l)
		if n := l.Number(); as[i].value.Num != int64(n) {
			release(false)
			return nil, &mib.Error{Kind: mib.ErrInconsistent, Path: as[i].object.Path(), Detail: fmt.Sprintf("is %d", n), Position: i}
		}
	}
	return release, nil
}

func held(taken []*TestAndIncr, l *TestAndIncr) bool {
	for _, t := range taken {
		if t == l {
			return true
		}
	}
	return false
}
