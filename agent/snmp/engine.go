package snmp

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"mibgate/agent/snmp/usm"
	"mibgate/element/store"
)

// Names of the state that identifies the unit to managers. A factory reset
// keeps both: managers remember the pair, and boots must never fall back
// (RFC 3414 §2.3).
const (
	StateEngineID    = "snmp-engine-id"
	StateEngineBoots = "snmp-engine-boots"
)

// maxBoots is where snmpEngineBoots stays; no message is in time then until
// the engine has a new identifier (RFC 3414 §2.2.2).
const maxBoots = math.MaxInt32

// engine is the identity of our SNMP engine (RFC 3411 §3.1.1): its
// identifier, how often it has started and since when it runs.
type engine struct {
	state store.State

	id    []byte
	text  string // the same octets
	boots uint32 // of the runs before

	mu      sync.Mutex // boot and use
	policy  *policy
	running atomic.Pointer[usm.Engine] // nil until the first boot of this process
}

// loadEngine reads the identifier, making it when there is none yet, and the
// boots so far. The identifier is random, so that it depends on nothing that
// may change: neither addresses nor the OID root.
func loadEngine(st store.State, enterprise uint32) (*engine, error) {
	e := &engine{state: st}
	id, err := st.Load(StateEngineID)
	if err != nil {
		return nil, err
	}
	if id == nil {
		id = usm.RandomEngineID(enterprise)
		if err := st.Save(StateEngineID, id); err != nil {
			return nil, err
		}
	}
	if err := usm.CheckEngineID(id); err != nil {
		return nil, fmt.Errorf("state %s: %w", StateEngineID, err)
	}
	e.id, e.text = id, string(id)
	b, err := st.Load(StateEngineBoots)
	if err != nil {
		return nil, err
	}
	if b != nil {
		n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 31)
		if err != nil {
			return nil, fmt.Errorf("state %s is not a number from 0 to %d", StateEngineBoots, maxBoots)
		}
		e.boots = uint32(n)
	}
	return e, nil
}

// boot counts this start of the process, once. When it returns nil the count
// is on disk; before that no message may go out (RFC 3414 §2.2).
func (e *engine) boot() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.usm() != nil {
		return nil
	}
	next := min(e.boots+1, maxBoots)
	if err := e.state.Save(StateEngineBoots, strconv.AppendUint(nil, uint64(next), 10)); err != nil {
		return err
	}
	u, err := usm.NewEngine(usm.Config{ID: e.id, Boots: next, MaxSize: maxMessage})
	if err != nil {
		return err
	}
	e.running.Store(u)
	e.apply()
	return nil
}

// use puts the users and the minimum level of a policy in force.
func (e *engine) use(p *policy) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.policy = p
	e.apply()
}

func (e *engine) apply() {
	if u := e.usm(); u != nil && e.policy != nil {
		u.SetUsers(e.policy.users)
		u.SetMinLevel(e.policy.minLevel)
	}
}

// usm is the running engine; nil until the first boot.
func (e *engine) usm() *usm.Engine { return e.running.Load() }

// ID is snmpEngineID.
func (e *engine) ID() []byte { return e.id }

// Time is snmpEngineBoots and snmpEngineTime.
func (e *engine) Time() (boots, seconds uint32) {
	if u := e.usm(); u != nil {
		return u.Time()
	}
	return e.boots, 0
}

// count is a counter of usmStats.
func (e *engine) count(f *usm.Failure) uint32 {
	if u := e.usm(); u != nil {
		return u.Stats().Count(f)
	}
	return 0
}
