package responder

import (
	"net/netip"
	"runtime/debug"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/tree"
	"mibgate/agent/snmp/vacm"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
)

// MaxVarbinds is the most variable bindings of an answer to a GetBulk, unless
// Options say otherwise. Size ends most answers long before.
const MaxVarbinds = 4096

// BeginTimeout is how long a SET waits for another change to end before it is
// answered with resourceUnavailable. Managers repeat after a second.
const BeginTimeout = 800 * time.Millisecond

// Options are what a Responder works on.
type Options struct {
	Store *store.Store
	Tree  *tree.Tree
	// Status has the Status of every module by ordinal; see tree.NewReader.
	Status []any
	// Locks are the objects that managers take turns by.
	Locks map[*mib.Object]*TestAndIncr
	// Frozen are columns that managers cannot change while the row of that key
	// in the table is active; see frozen.go.
	Frozen map[*mib.Object]*mib.Table
	// Final are columns that managers can change to one value only, once the row
	// is there; see frozen.go.
	Final map[*mib.Object]mib.Value
	// MaxVarbinds bounds GetBulk; 0 is the default.
	MaxVarbinds int
	// OnPanic is told what an object's code panicked with; the request is
	// answered with genErr.
	OnPanic func(cause any, stack []byte)
}

// Responder answers requests of any number of goroutines.
type Responder struct {
	o    Options
	done *retransmissions // by sender and content
	seen *replays
}

// New makes a Responder.
func New(o Options) *Responder {
	if o.MaxVarbinds == 0 {
		o.MaxVarbinds = MaxVarbinds
	}
	if o.OnPanic == nil {
		o.OnPanic = func(any, []byte) {}
	}
	return &Responder{
		o:    o,
		done: newRetransmissions(time.Now, rememberFor, rememberMost),
		seen: newReplays(time.Now),
	}
}

// Scratch is what one goroutine needs to answer requests without garbage.
type Scratch struct {
	reader  *tree.Reader
	names   [2]mib.OID // GetBulk: of this repetition and the one before
	cursors []cursor
	at      int // the variable binding being read, for genErr
}

// NewScratch makes a Scratch.
func (r *Responder) NewScratch() *Scratch {
	return &Scratch{reader: r.o.Tree.NewReader(r.o.Status, r.o.Store.Fingerprint)}
}

// Request is a request whose sender is known.
type Request struct {
	Message *message.Message
	Who     access.Principal
	From    netip.AddrPort
	// Sight is what may be read, and Write what may be changed, by the names
	// that are served; nil is nothing. What Who's role may not change cannot be
	// changed, whatever Write has.
	Sight *tree.Sight
	Write *vacm.View
	// Configs is what the context of the request reads in place of the store, which
	// nothing can be changed in; nil in the default context.
	Configs func() mib.Configs
	// Denied is a sender that has no rights at all, or no view for requests of this
	// class: the answer is authorizationError (RFC 3413 §3.2 step 5).
	Denied bool
	// Renew makes the rights what they are now, and reports whether that may be
	// another thing; nil: they do not change. A SET asks when it has its turn, for
	// a change before it may have taken them.
	Renew func(q *Request) bool

	// Status is what came of it, once Respond has answered: that of SNMPv2 also for
	// a request of SNMPv1.
	Status message.ErrorStatus
}

// Answers reports whether t is a request that a Responder answers.
func Answers(t message.PDUType) bool {
	return t == message.Get || t == message.GetNext || t == message.GetBulk || t == message.Set
}

// Respond answers a request into b, which the caller has begun with the
// envelope and size limit of the answer. out is the message, valid until b is
// begun again. The error is message.ErrTooBig when not even an answer without
// variable bindings fits, or what sealing returned; then nothing is sent.
func (r *Responder) Respond(s *Scratch, q *Request, b *message.Builder) (out []byte, err error) {
	status, index := r.answer(s, q, b)
	q.Status = status
	return finish(b, q.Message, status, index)
}

// finish gives the answer its form: errors carry the bindings of the request
// (RFC 3416 §4.2.1), tooBig none, but in v1 those of the request (RFC 1157
// §4.1.2).
func finish(b *message.Builder, m *message.Message, status message.ErrorStatus, index int) ([]byte, error) {
	if m.Version == message.V1 {
		status = status.V1()
	}
	switch {
	case status == message.NoError:
	case status == message.TooBig && m.Version != message.V1:
		b.Clear()
	default:
		if b.Echo(&m.PDU) != nil {
			b.Clear()
			status, index = message.TooBig, 0
		}
	}
	out, err := b.Finish(status, index)
	if err == nil || b.Count() == 0 {
		return out, err
	}
	b.Clear()
	return b.Finish(message.TooBig, 0)
}

// answer fills b and says how it went.
func (r *Responder) answer(s *Scratch, q *Request, b *message.Builder) (status message.ErrorStatus, index int) {
	s.at = 0
	defer func() {
		if cause := recover(); cause != nil {
			r.o.OnPanic(cause, debug.Stack())
			status, index = message.GenErr, min(s.at+1, len(q.Message.PDU.Varbinds))
		}
	}()
	switch {
	case q.Denied:
		return message.AuthorizationError, 0
	case q.Message.PDU.Type == message.Set:
		return r.set(q, b)
	}
	s.reader.Begin(r.configs(q), q.Sight, q.Message.Version == message.V1)
	defer s.reader.End()
	switch q.Message.PDU.Type {
	case message.Get:
		return s.get(q.Message, b)
	case message.GetNext:
		return s.getNext(q.Message, b)
	case message.GetBulk:
		return s.getBulk(&q.Message.PDU, b, r.o.MaxVarbinds)
	}
	return message.GenErr, 0
}

func (r *Responder) configs(q *Request) mib.Configs {
	if q.Configs != nil {
		return q.Configs()
	}
	return r.o.Store.Current()
}

// Refuse is Respond for a request that is not even tried: err says why.
func Refuse(m *message.Message, b *message.Builder, err error) (out []byte, finishErr error) {
	status, index := Status(err)
	return finish(b, m, status, index)
}
