package responder

import (
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"mibgate/agent/snmp/message"
)

// How long the outcome of a SET is remembered, and of how many at most.
const (
	rememberFor  = 10 * time.Second
	rememberMost = 256
)

// setNumber is how a sender numbers a SET.
type setNumber struct {
	from      netip.AddrPort
	version   message.Version
	requestID int32
	who       string
}

// setKey is what a SET and its retransmissions have in common: where it comes
// from, who sends it, its number and what it assigns. A v3 manager numbers the
// message anew, so the envelope is not a part of it.
type setKey struct {
	setNumber

	varbinds [sha256.Size]byte
}

func keyOf(q *Request) setKey {
	m := q.Message
	h := sha256.New()
	h.Write(m.PDU.VarbindList)
	h.Write(m.Community)
	h.Write(m.Scope.ContextName)
	k := setKey{setNumber: setNumber{from: q.From, version: m.Version, requestID: m.PDU.RequestID, who: q.Who.Name}}
	h.Sum(k.varbinds[:0])
	return k
}

// outcome is what came of a SET, once done is closed.
type outcome struct {
	done   chan struct{}
	at     time.Time
	status message.ErrorStatus
	index  int
}

func newOutcome(at time.Time) *outcome {
	return &outcome{done: make(chan struct{}), at: at, status: message.GenErr}
}

// retransmissions remembers the outcome of the last SETs. Network and managers
// repeat a SET whose answer is late or lost; a command must not run twice. A
// sender that uses a number for another SET does not repeat the one before: what
// then comes with that number is new.
type retransmissions struct {
	now  func() time.Time
	age  time.Duration // how long one is remembered
	most int           // how many are

	mu     sync.Mutex
	known  map[setKey]*outcome
	latest map[setNumber]setKey
	order  ring[setKey] // as they came
}

func newRetransmissions(now func() time.Time, age time.Duration, most int) *retransmissions {
	return &retransmissions{now: now, age: age, most: most, known: map[setKey]*outcome{}, latest: map[setNumber]setKey{}}
}

// once carries f out, or waits for and answers what came of it before.
func (r *retransmissions) once(k setKey, f func() (message.ErrorStatus, int)) (message.ErrorStatus, int) {
	r.mu.Lock()
	r.forget()
	o, again := r.known[k]
	if last, ok := r.latest[k.setNumber]; again && ok && last != k {
		again = false
	}
	if !again {
		o = newOutcome(r.now())
		r.known[k], r.latest[k.setNumber] = o, k
		r.order.push(k)
	}
	r.mu.Unlock()
	if again {
		<-o.done
		return o.status, o.index
	}
	defer close(o.done) // also when f panics: who waits gets genErr
	o.status, o.index = f()
	return o.status, o.index
}

// forget drops what is too old or too much, oldest first. What is still under
// way is passed over, and becomes the youngest; nothing else is kept for it.
func (r *retransmissions) forget() {
	for range r.order.n {
		k := *r.order.front()
		o := r.known[k]
		if o != nil && r.order.n < r.most && r.now().Sub(o.at) < r.age {
			return
		}
		r.order.pop()
		if o == nil { // it came more than once
			continue
		}
		select {
		case <-o.done:
			delete(r.known, k)
			if r.latest[k.setNumber] == k {
				delete(r.latest, k.setNumber)
			}
		default:
			o.at = r.now()
			r.order.push(k)
		}
	}
}
