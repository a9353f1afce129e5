package responder

import (
	"encoding/binary"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/element/access"
)

func numbered(i int) (k replay) {
	binary.BigEndian.PutUint64(k[:], uint64(i)) //nolint:gosec // not negative
	return k
}

// replayRig is a memory of SETs, and what the next one comes to.
type replayRig struct {
	*replays
	t   *testing.T
	at  time.Time
	ran int
}

// whoIs is a principal of a test: admin, or a user.
func whoIs(name string) access.Principal {
	p := access.Principal{Name: name, Role: access.User}
	if name == "admin" {
		p.Role = access.Admin
	}
	return p
}

func newReplayRig(t *testing.T) *replayRig {
	g := &replayRig{t: t, at: time.Now()}
	g.replays = newReplays(func() time.Time { return g.at })
	return g
}

// set sends SET i of a user, which comes to status if it is carried out.
func (g *replayRig) set(i int, user string, status message.ErrorStatus) (got message.ErrorStatus, ran bool) {
	before := g.ran
	got, _ = g.once(numbered(i), whoIs(user), func() (message.ErrorStatus, int) { g.ran++; return status, 0 })
	return got, g.ran > before
}

func (g *replayRig) want(what string, i int, user string, status message.ErrorStatus, wantRan bool) {
	g.t.Helper()
	if got, ran := g.set(i, user, message.NoError); got != status || ran != wantRan {
		g.t.Errorf("%s: %v, carried out %v", what, got, ran)
	}
}

// TestReplaysAreNotFlushed: however many SETs come after one that took effect,
// refused or not, it is not carried out again while it is in time.
func TestReplaysAreNotFlushed(t *testing.T) {
	g := newReplayRig(t)
	g.want("the SET", 0, "admin", message.NoError, true)
	for i := range 3 * replayRefused {
		g.set(1000+i, "olga", message.NoAccess)
	}
	for i := range 10_000 {
		g.set(1_000_000+i, "carol", message.NoError)
	}
	const kept = 10_001
	g.want("its replay", 0, "admin", message.NoError, false)
	if g.refused.n > replayRefused+1 {
		t.Errorf("%d that were refused are remembered", g.refused.n)
	}
	g.at = g.at.Add(replayFor - 1)
	g.want("its replay at the last moment", 0, "admin", message.NoError, false)
	g.at = g.at.Add(1)
	for range kept/replayForget + 5 { // some at a time
		g.forget()
	}
	g.set(5, "admin", message.NoError)
	if len(g.past) != 1 || g.kept.n != 1 || g.refused.n != 0 || len(g.users) != 1 {
		t.Errorf("when all have aged: %d outcomes, %d kept, %d refused, %d users", len(g.past), g.kept.n, g.refused.n, len(g.users))
	}
}

// TestReplaysWithoutRoom: what could not be remembered is not carried out, and
// however many SETs others send, a user has places of his own.
func TestReplaysWithoutRoom(t *testing.T) {
	g := newReplayRig(t)
	g.most, g.own, g.ofRefused = 40, 2, 3
	next := 0
	fill := func(user string, want int) {
		t.Helper()
		for n := 0; ; n++ {
			next++
			status, ran := g.set(next, user, message.NoError)
			if !ran && status == message.ResourceUnavailable {
				if n != want {
					t.Errorf("%d SETs of %s are carried out, want %d", n, user, want)
				}
				return
			}
		}
	}
	g.want("the first SET", 0, "carol", message.NoError, true)
	fill("carol", 4)  // of five: an eighth
	fill("admin", 20) // half
	for _, user := range []string{"dave", "erin", "frank"} {
		fill(user, 5)
	}
	fill("grace", 2) // her own, for there is no room
	fill("admin", 0)
	g.want("a replay", 0, "carol", message.NoError, false)
	g.at = g.at.Add(replayFor)
	g.want("admin later", 1_000_000, "admin", message.NoError, true)

	for i := range 4 {
		g.set(200_000+i, "carol", message.NoAccess)
	}
	if status, ran := g.set(200_003, "carol", message.NoError); status != message.NoAccess || ran {
		t.Errorf("what was refused last: %v, carried out %v", status, ran)
	}
	if _, ran := g.set(200_000, "carol", message.NoAccess); !ran {
		t.Error("what was refused first is remembered still")
	}
}

// TestReplaysGiveMemoryBack: when what was much has aged, little is kept, and
// nobody waits for all of it to be forgotten.
func TestReplaysGiveMemoryBack(t *testing.T) {
	g := newReplayRig(t)
	for i := range 5 * replayForget {
		g.set(i, "admin", message.NoError)
	}
	g.at = g.at.Add(replayFor)
	g.want("the next one", 1_000_000, "admin", message.NoError, true)
	if g.kept.n != 4*replayForget+1 {
		t.Errorf("%d are kept after one look", g.kept.n)
	}
	for i := range 5 {
		g.at = g.at.Add(replayFor)
		g.want("one more", 2_000_000+i, "admin", message.NoError, true)
	}
	if g.kept.n > 2 || len(g.kept.all) > replayForget {
		t.Errorf("%d are kept in the room of %d", g.kept.n, len(g.kept.all))
	}
}

// TestReplayOfWhatPanicked: it may have changed something.
func TestReplayOfWhatPanicked(t *testing.T) {
	g := newReplayRig(t)
	func() {
		defer func() { _ = recover() }()
		g.once(numbered(1), whoIs("admin"), func() (message.ErrorStatus, int) { panic("x") })
	}()
	if status, ran := g.set(1, "admin", message.NoError); status != message.GenErr || ran || g.kept.n != 1 || len(g.flying) != 0 {
		t.Errorf("%v, carried out %v; %d kept, %d under way", status, ran, g.kept.n, len(g.flying))
	}
}

// TestReplayWaits: while a SET is under way its replay waits for the outcome.
func TestReplayWaits(t *testing.T) {
	r := newReplays(time.Now)
	started, release, first := make(chan struct{}), make(chan struct{}), make(chan message.ErrorStatus)
	go func() {
		s, _ := r.once(numbered(1), whoIs("admin"), func() (message.ErrorStatus, int) {
			close(started)
			<-release
			return message.WrongValue, 3
		})
		first <- s
	}()
	<-started
	second := make(chan message.ErrorStatus)
	go func() {
		s, _ := r.once(numbered(1), whoIs("admin"), nil)
		second <- s
	}()
	close(release)
	if a, b := <-first, <-second; a != message.WrongValue || b != message.WrongValue {
		t.Errorf("%v, %v", a, b)
	}
}

// TestNumbersThatAreUsedAgain: a sender that gives one number to one SET after the
// other has each carried out, and repetitions of the last one not.
func TestNumbersThatAreUsedAgain(t *testing.T) {
	r := newRetransmissions(time.Now, rememberFor, rememberMost)
	ran := ""
	set := func(content byte) {
		k := setKey{setNumber: setNumber{who: "a", requestID: 1}}
		k.varbinds[0] = content
		r.once(k, func() (message.ErrorStatus, int) { ran += string(content); return 0, 0 })
	}
	for _, content := range []byte("xxyyxxxy") {
		set(content)
	}
	if ran != "xyxy" {
		t.Errorf("carried out: %s", ran)
	}
	for range 3 * rememberMost {
		set('x')
		set('y')
	}
	if len(r.known) > 2 || len(r.latest) != 1 || r.order.n > rememberMost {
		t.Errorf("%d are known, %d numbers, %d in order", len(r.known), len(r.latest), r.order.n)
	}
}

// BenchmarkReplay is the cost of remembering.
func BenchmarkReplay(b *testing.B) {
	r, i := newReplays(time.Now), 0
	for b.Loop() {
		i++
		r.once(numbered(i), whoIs("admin"), func() (message.ErrorStatus, int) { return message.NoAccess, 0 })
	}
}
