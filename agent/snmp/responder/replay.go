package responder

import (
	"crypto/sha256"
	"sync"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/element/access"
)

// An authentic v3 message stays in time for twice the time window of RFC 3414
// §2.2.3 when the sender's clock is early; until then whoever has recorded it
// could have it carried out again, from anywhere. So a SET that took effect is
// remembered for as long, whatever comes after it. When there is no room to
// remember one more, it is not carried out: somebody else's SETs must not make
// one forgotten. Those that were refused have a place of their own.
//
// A user has places of his own, so that others cannot take them all, and those of
// the unit beyond: an admin half of these, 420 a second, anybody else an eighth.
// 167 octets each are 44 MB when all are taken.
const (
	replayFor     = 310 * time.Second
	replayMost    = 1 << 18 // that took effect
	replayOwn     = 1 << 12
	replayRefused = 1 << 12
	replayForget  = 1000 // at once at most, for others wait meanwhile
)

// replaysOf is how many SETs of one user are remembered at most.
func replaysOf(role access.Role, most int) int {
	if role >= access.Admin {
		return most / 2
	}
	return most / 8
}

// replay identifies a message by all its octets, of which the digest in it leaves
// none to be changed.
type replay [sha256.Size]byte

// replayOf is the replay of an authentic message; ok is false when it cannot be
// told from one that was made up.
func replayOf(m *message.Message) (k replay, ok bool) {
	if m.Version != message.V3 || m.Header.Flags.Level() < message.AuthNoPriv {
		return replay{}, false
	}
	return sha256.Sum256(m.Raw), true
}

// answered is the outcome of a SET that has ended.
type answered struct{ status, index int32 }

// remembered is a replay in the order of time.
type remembered struct {
	replay replay
	user   string
	at     time.Time
}

// replays remembers authentic SETs.
type replays struct {
	now                  func() time.Time
	most, own, ofRefused int

	mu      sync.Mutex
	flying  map[replay]*outcome // under way
	past    map[replay]answered
	kept    ring[remembered] // that took effect, or may have
	refused ring[remembered]
	users   map[string]int // how many of kept
}

func newReplays(now func() time.Time) *replays {
	return &replays{
		now: now, most: replayMost, own: replayOwn, ofRefused: replayRefused,
		flying: map[replay]*outcome{}, past: map[replay]answered{}, users: map[string]int{},
	}
}

// once carries f out for a user, or tells what came of it before.
func (r *replays) once(k replay, who access.Principal, f func() (message.ErrorStatus, int)) (message.ErrorStatus, int) {
	r.mu.Lock()
	r.forget()
	if a, ok := r.past[k]; ok {
		r.mu.Unlock()
		return message.ErrorStatus(a.status), int(a.index)
	}
	if o := r.flying[k]; o != nil {
		r.mu.Unlock()
		<-o.done
		return o.status, o.index
	}
	if n := r.users[who.Name]; n >= r.own && (r.kept.n+len(r.flying) >= r.most || n >= replaysOf(who.Role, r.most)) {
		r.mu.Unlock()
		return message.ResourceUnavailable, 0
	}
	o := newOutcome(r.now())
	r.flying[k] = o
	r.mu.Unlock()
	defer r.end(k, who.Name, o) // also when f panics: who waits gets genErr
	o.status, o.index = f()
	return o.status, o.index
}

// end remembers what has come of a SET.
func (r *replays) end(k replay, user string, o *outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer close(o.done)
	delete(r.flying, k)
	r.past[k] = answered{int32(o.status), int32(o.index)} //nolint:gosec // of a PDU
	at := remembered{k, user, r.now()}
	switch o.status {
	case message.NoError, message.GenErr, message.UndoFailed: // it has changed something, or may have
		r.kept.push(at)
		r.users[user]++
	default:
		r.refused.push(at)
	}
}

// forget drops what is too old, and of what was refused too much. When all of much
// has gone its memory goes too.
func (r *replays) forget() {
	old := r.now().Add(-replayFor)
	for i := 0; i < replayForget && r.kept.n > 0 && !r.kept.front().at.After(old); i++ {
		last := r.kept.front()
		if r.users[last.user]--; r.users[last.user] == 0 {
			delete(r.users, last.user)
		}
		delete(r.past, last.replay)
		r.kept.pop()
	}
	for r.refused.n > 0 && (r.refused.n > r.ofRefused || !r.refused.front().at.After(old)) {
		delete(r.past, r.refused.front().replay)
		r.refused.pop()
	}
	if r.kept.n+r.refused.n == 0 && len(r.kept.all) > replayForget {
		r.past, r.kept, r.refused = map[replay]answered{}, ring[remembered]{}, ring[remembered]{}
	}
}
