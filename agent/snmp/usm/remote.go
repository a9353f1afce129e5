package usm

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"mibgate/agent/snmp/message"
)

// Remote is an engine that is authoritative for what we send it: an inform
// receiver. It keeps the peer's engine ID and our notion of its clock
// (RFC 3414 §2.3).
//
//	r := usm.NewRemote(engine, keys, level)
//	for each try:
//		if !r.Known() { send r.Probe(&b, &ctx, msgID) }
//		else { r.Secure(&ctx); send the inform, Envelope.Reportable set }
//		err := r.Incoming(&answer, &ctx)   // after matching answer.Header.MsgID
//		nil: answered; ErrLearned: next try at once; else: see there
type Remote struct {
	local *Engine
	keys  Keys
	level message.Level

	mu       sync.Mutex
	engineID []byte
	user     *User // nil: not discovered
	boots    uint32
	latest   uint32    // latestReceivedEngineTime
	at       time.Time // when it was latest
}

// NewRemote makes a peer that nothing is known of. Salts come from local.
// ErrUnsupportedSecLevel: the keys are Credentials and none are for level; of
// other keys that is known only when they are localized.
func NewRemote(local *Engine, keys Keys, level message.Level) (*Remote, error) {
	if keys == nil {
		return nil, ErrUnknownUserName
	}
	if c, ok := keys.(interface{ MaxLevel() message.Level }); ok && level > c.MaxLevel() {
		return nil, ErrUnsupportedSecLevel
	}
	return &Remote{local: local, keys: keys, level: max(level, message.NoAuthNoPriv)}, nil
}

// Known reports whether the engine ID is known.
func (r *Remote) Known() bool { return r.EngineID() != nil }

// EngineID is the peer's engine ID, nil before it is known; it must not be
// changed.
func (r *Remote) EngineID() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.engineID
}

// Forget makes the peer unknown: after many tries in vain it may have lost
// its clock, which no message of the protocol can tell (RFC 3414 §2.3).
func (r *Remote) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.engineID, r.user, r.boots, r.latest = nil, nil, 0, 0
}

// Probe is the message that asks for the engine ID (RFC 3414 §4).
func (r *Remote) Probe(b *message.Builder, c *Context, msgID int32) ([]byte, error) {
	c.reset(r.local, nobody{}, nil)
	b.Begin(message.Envelope{
		Version: message.V3, Type: message.Get, RequestID: msgID, MsgID: msgID, MaxSize: r.local.maxSize,
		Reportable: true, Security: c,
	}, message.MinMaxSize)
	return b.Finish(message.NoError, 0)
}

// nobody is the authority of a probe.
type nobody struct{}

func (nobody) stamp() (boots, seconds uint32) { return 0, 0 }

// Secure makes c seal messages to the peer. ErrNotReady before it is known.
func (r *Remote) Secure(c *Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.user == nil {
		return ErrNotReady
	}
	c.reset(r.local, r, r.engineID)
	c.user, c.name, c.level = r.user, r.user.name, r.level
	return nil
}

func (r *Remote) stamp() (boots, seconds uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.boots, r.now()
}

// now is our notion of the peer's engineTime; r.mu is held.
func (r *Remote) now() uint32 {
	if r.latest == 0 && r.boots == 0 {
		return 0 // not synchronised: the peer is to report (RFC 3414 §4)
	}
	passed := max(0, r.local.clock().Sub(r.at)) / time.Second
	return uint32(min(int64(r.latest)+int64(passed), maxTime)) //nolint:gosec // at most 2^31-1
}

// Incoming opens the peer's answer m. The caller has matched msgID and the
// address before: a Report about our engine ID or level cannot be
// authenticated. nil: m.PDU is the authentic Response. ErrLearned: send again.
// A *Failure is either what the peer reports or what is wrong with m
// (ErrWrongDigest …), message.ErrParse and ErrUnknownPDU are about m; it is
// the notifier's choice to wait on, as it is for an answer that never came.
// ErrRefused is any other Report; ErrNoKeys: nothing can be sent to this engine.
func (r *Remote) Incoming(m *message.Message, c *Context) error {
	known := r.Secure(c) == nil
	if !known {
		c.reset(r.local, r, nil)
	}
	if err := c.params.decode(&m.Header); err != nil {
		return err
	}
	level := m.Header.Flags.Level()
	switch {
	case level == message.NoAuthNoPriv && (!known || r.level > level || !bytes.Equal(c.params.engineID, c.engineID)):
		return r.unauthenticated(m, c)
	case !known || !bytes.Equal(c.params.engineID, c.engineID):
		return ErrUnknownEngineID
	case !bytes.Equal(c.params.user, c.name):
		return ErrUnknownUserName
	case level > c.user.MaxLevel():
		return ErrUnsupportedSecLevel
	}
	if level > message.NoAuthNoPriv {
		if !c.authentic(m) {
			return ErrWrongDigest
		}
		if !r.update(&c.params) {
			return ErrNotInTimeWindow
		}
	}
	if err := c.open(m); err != nil {
		return err
	}
	if m.PDU.Type == message.Report {
		return r.reported(m)
	}
	if level < r.level || m.PDU.Type != message.Response {
		return ErrUnsupportedSecLevel
	}
	return nil
}

func (r *Remote) reported(m *message.Message) error {
	switch f := failureOf(&m.PDU); f {
	case nil:
		return ErrRefused
	case ErrNotInTimeWindow:
		return ErrLearned // update has taken the time from its header
	default:
		return f
	}
}

// unauthenticated takes a Report that nobody signed: it may tell the engine
// ID; whatever else it tells is passed on as a hint.
func (r *Remote) unauthenticated(m *message.Message, c *Context) error {
	if err := m.DecodeScoped(m.Header.Data); err != nil {
		return err
	}
	if m.PDU.Type != message.Report {
		return ErrUnsupportedSecLevel
	}
	f := failureOf(&m.PDU)
	if f == nil {
		return ErrRefused
	}
	if f != ErrUnknownEngineID {
		return f
	}
	if CheckEngineID(c.params.engineID) != nil || bytes.Equal(c.params.engineID, c.engineID) {
		return f
	}
	id := bytes.Clone(c.params.engineID)
	user, err := r.localize(id)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.engineID, r.user, r.boots, r.latest = id, user, 0, 0
	return ErrLearned
}

// localize is the user at the peer's engine. The error is ErrNoKeys.
func (r *Remote) localize(engineID []byte) (*User, error) {
	user, err := r.keys.Localize(engineID)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNoKeys, err)
	case user == nil || user.MaxLevel() < r.level:
		return nil, ErrNoKeys
	}
	return user, nil
}

// update is RFC 3414 §3.2 step 7b: the clock goes forward only, and what is
// behind it by more than the window is refused. The message is authentic.
func (r *Remote) update(p *params) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.boots > r.boots || p.boots == r.boots && p.time > r.latest {
		r.boots, r.latest, r.at = p.boots, p.time, r.local.clock()
	}
	return r.boots != maxBoots && p.boots == r.boots && p.time+timeWindow >= r.now()
}
