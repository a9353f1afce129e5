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

// The same for authentic v3 messages as a whole. One stays in time for twice
// the time window of RFC 3414 §2.2.3 when the sender's clock is early; until
// then whoever has recorded it could have it carried out again, from anywhere.
const (
	replayFor  = 310 * time.Second
	replayMost = 4096
)

// setKey is what a SET and its retransmissions have in common: where it comes
// from, who sends it, its number and what it assigns. A v3 manager numbers the
// message anew, so the envelope is not a part of it.
type setKey struct {
	from      netip.AddrPort
	version   message.Version
	requestID int32
	who       string
	varbinds  [sha256.Size]byte
}

func keyOf(q *Request) setKey {
	m := q.Message
	h := sha256.New()
	h.Write(m.PDU.VarbindList)
	h.Write(m.Community)
	h.Write(m.Scope.ContextName)
	k := setKey{from: q.From, version: m.Version, requestID: m.PDU.RequestID, who: q.Who.Name}
	h.Sum(k.varbinds[:0])
	return k
}

// replayOf identifies a message by all its octets, of which the digest leaves
// none to be changed. ok is false when a message cannot be told from one that
// was made up.
func replayOf(m *message.Message) (k setKey, ok bool) {
	if m.Version != message.V3 || m.Header.Flags.Level() < message.AuthNoPriv {
		return setKey{}, false
	}
	return setKey{version: message.V3, varbinds: sha256.Sum256(m.Raw)}, true
}

// outcome is what came of a SET, once done is closed.
type outcome struct {
	done   chan struct{}
	at     time.Time
	status message.ErrorStatus
	index  int
}

// retransmissions remembers the outcome of the last SETs. Network and managers
// repeat a SET whose answer is late or lost; a command must not run twice.
type retransmissions struct {
	now  func() time.Time
	age  time.Duration // how long one is remembered
	most int           // how many are

	mu    sync.Mutex
	known map[setKey]*outcome
	order ring // as they came
}

func newRetransmissions(now func() time.Time, age time.Duration, most int) *retransmissions {
	return &retransmissions{now: now, age: age, most: most, known: map[setKey]*outcome{}}
}

// once carries f out, or waits for and answers what came of it before.
func (r *retransmissions) once(k setKey, f func() (message.ErrorStatus, int)) (message.ErrorStatus, int) {
	r.mu.Lock()
	r.forget()
	o, again := r.known[k]
	if !again {
		o = &outcome{done: make(chan struct{}), at: r.now(), status: message.GenErr, index: 0}
		r.known[k] = o
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
		k := r.order.front()
		o := r.known[k]
		if r.order.n < r.most && r.now().Sub(o.at) < r.age {
			return
		}
		r.order.pop()
		select {
		case <-o.done:
			delete(r.known, k)
		default:
			o.at = r.now()
			r.order.push(k)
		}
	}
}

// ring is a queue of keys, whose ends move and whose keys stay. It grows to
// what was in it at most.
type ring struct {
	keys []setKey
	head int // of keys: the oldest
	n    int
}

func (q *ring) front() setKey { return q.keys[q.head] }

func (q *ring) pop() {
	q.keys[q.head] = setKey{} // lets go of the name
	q.head = (q.head + 1) % len(q.keys)
	q.n--
}

func (q *ring) push(k setKey) {
	if q.n == len(q.keys) {
		grown := make([]setKey, max(2*q.n, 16))
		m := copy(grown, q.keys[q.head:])
		copy(grown[m:], q.keys[:q.head])
		q.keys, q.head = grown, 0
	}
	q.keys[(q.head+q.n)%len(q.keys)] = k
	q.n++
}
