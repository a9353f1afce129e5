package usm

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"math"
	"sync/atomic"
	"time"

	"mibgate/agent/snmp/message"
)

const (
	// maxBoots is the value at which engineBoots stays: nothing is
	// authentic any more until the engine gets a new ID (RFC 3414 §2.2.2).
	maxBoots = math.MaxInt32
	// maxTime is where engineTime begins again and engineBoots grows.
	maxTime = math.MaxInt32
	// timeWindow is 150 seconds (RFC 3414 §2.2.3).
	timeWindow = 150
	// defaultMaxSize is the most that a UDP datagram over IPv4 carries.
	defaultMaxSize = 65507
)

// Config says what an engine is.
type Config struct {
	ID       []byte           // snmpEngineID
	Boots    uint32           // snmpEngineBoots, persisted by the caller before the first packet
	Users    Users            // nil: nobody
	MinLevel message.Level    // what is below is refused; 0: NoAuthNoPriv
	MaxSize  int32            // of what we can receive, for reports; 0: 65507
	Clock    func() time.Time // nil: time.Now
}

// Engine is the authoritative engine of this agent (RFC 3414 §1.5.1).
type Engine struct {
	id       []byte
	boots    uint32
	maxSize  int32
	clock    func() time.Time
	start    time.Time
	users    atomic.Pointer[Users]
	minLevel atomic.Uint32
	stats    Stats
	salt     atomic.Uint64
}

// NewEngine makes an engine whose engineTime begins now. ErrEngineID and
// ErrBoots say what is wrong with the configuration.
func NewEngine(c Config) (*Engine, error) {
	if err := CheckEngineID(c.ID); err != nil {
		return nil, err
	}
	if c.Boots > maxBoots {
		return nil, ErrBoots
	}
	e := &Engine{id: bytes.Clone(c.ID), boots: c.Boots, maxSize: c.MaxSize, clock: c.Clock}
	if e.clock == nil {
		e.clock = time.Now
	}
	if e.maxSize < message.MinMaxSize {
		e.maxSize = defaultMaxSize
	}
	e.start = e.clock()
	e.SetUsers(c.Users)
	e.SetMinLevel(c.MinLevel)
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails (crypto/rand)
	e.salt.Store(binary.BigEndian.Uint64(seed[:]))
	return e, nil
}

// SetUsers replaces the users; packets under way keep the old ones.
func (e *Engine) SetUsers(u Users) {
	if u == nil {
		u = NewUserTable()
	}
	e.users.Store(&u)
}

// SetMinLevel sets the lowest level that Incoming lets in.
func (e *Engine) SetMinLevel(l message.Level) { e.minLevel.Store(uint32(max(l, message.NoAuthNoPriv))) }

// ID is snmpEngineID; the caller must not change it.
func (e *Engine) ID() []byte { return e.id }

// Stats are the counters of this engine.
func (e *Engine) Stats() *Stats { return &e.stats }

// Time is snmpEngineBoots and snmpEngineTime now (RFC 3414 §2.2.2).
func (e *Engine) Time() (boots, seconds uint32) {
	up := uint64(max(0, e.clock().Sub(e.start)) / time.Second)
	b := min(uint64(e.boots)+up/(maxTime+1), maxBoots)
	return uint32(b), uint32(up % (maxTime + 1)) //nolint:gosec // both at most 2^31-1
}

func (e *Engine) stamp() (boots, seconds uint32) { return e.Time() }

// nextSalt is the eight octets of msgPrivacyParameters. For AES they are a
// counter that began at random (RFC 3826 §3.1.2.1), for DES engineBoots and
// the low half of it (RFC 3414 §8.1.1.1): no two messages of one boot agree.
func (e *Engine) nextSalt(p PrivProtocol, dst *[saltLength]byte) {
	n := e.salt.Add(1)
	binary.BigEndian.PutUint64(dst[:], n)
	if p == DES {
		boots, _ := e.Time()
		binary.BigEndian.PutUint32(dst[:4], boots)
	}
}

// inWindow is the check of the authoritative side (RFC 3414 §3.2 step 7a).
func (e *Engine) inWindow(p *params) bool {
	boots, now := e.Time()
	return boots != maxBoots && p.boots == boots && p.time+timeWindow >= now && p.time <= now+timeWindow
}
