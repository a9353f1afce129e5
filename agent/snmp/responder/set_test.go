package responder

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/sipep"
)

// A SET that fails in one binding changes nothing, says which binding and why,
// in the terms of the version.
func TestSetRefusals(t *testing.T) {
	g := newRig(t)
	name, severity := g.oid("Hoc.SystemName"), g.oid("Nlm.MinSeverity")
	row := func(column string) string { return g.oid("SipEp.Authentication."+column, mib.Uint(1)) }
	good := vb{name, mib.String("changed")}
	tests := []struct {
		name   string
		role   access.Role
		bad    vb
		v2, v1 message.ErrorStatus
	}{
		{"observer", access.Observer, vb{severity, mib.Int(100)}, message.NoAccess, message.NoSuchName},
		{"not for users", access.User, vb{g.oid("Aaa.MinSeverity"), mib.Int(100)}, message.NoAccess, message.NoSuchName},
		{"read-only", access.Admin, vb{g.oid("Snmp.EngineBoots"), mib.Uint(1)}, message.NotWritable, message.NoSuchName},
		{"standard and read-only", access.Admin, vb{g.oid("SNMPv2-MIB.SysDescr"), mib.String("x")}, message.NotWritable, message.NoSuchName},
		{"no such object", access.Admin, vb{"1.3.6.1.4.1.32473.100.1.2.3.0", mib.Int(1)}, message.NotWritable, message.NoSuchName},
		{"no such object, observer", access.Observer, vb{"1.3.6.1.4.1.32473.100.1.2.3.0", mib.Int(1)}, message.NoAccess, message.NoSuchName},
		{"type", access.Admin, vb{severity, mib.String("debug")}, message.WrongType, message.BadValue},
		{"signed for unsigned", access.Admin, vb{g.oid("Snmp.Port"), mib.Int(161)}, message.WrongType, message.BadValue},
		{"NULL", access.Admin, vb{severity, mib.Value{}}, message.WrongType, message.BadValue},
		{"length", access.Admin, vb{g.oid("Snmp.Community"), mib.String("0123456789012345678901234567890123456789")}, message.WrongLength, message.BadValue},
		{"label", access.Admin, vb{severity, mib.Int(150)}, message.WrongValue, message.BadValue},
		{"range", access.Admin, vb{g.oid("Snmp.InformTimeout"), mib.Uint(61)}, message.WrongValue, message.BadValue},
		{"text", access.Admin, vb{g.oid("Hoc.SystemContact"), mib.String("a\x00b")}, message.WrongValue, message.BadValue},
		{"scalar without instance", access.Admin, vb{severity[:len(severity)-2], mib.Int(100)}, message.NoCreation, message.NoSuchName},
		{"scalar with a wrong instance", access.Admin, vb{severity[:len(severity)-1] + "1", mib.Int(100)}, message.NoCreation, message.NoSuchName},
		{"wrong type before no creation", access.Admin, vb{severity[:len(severity)-2], mib.Uint(100)}, message.WrongType, message.BadValue},
		{"no such row", access.Admin, vb{row("Username"), mib.String("x")}, message.InconsistentName, message.NoSuchName},
		{"row of the system", access.Admin, vb{g.oid("Scm.ServicesConfig.StartupType", mib.String("Nope")), mib.Int(100)}, message.NoCreation, message.NoSuchName},
		{"key too short", access.Admin, vb{sipep.Objects.AuthenticationUsername.OID.String(), mib.String("x")}, message.NoCreation, message.NoSuchName},
		{"key out of range", access.Admin, vb{g.oid("SipEp.Authentication.RowStatus", mib.Uint(1<<31)), mib.Int(4)}, message.NoCreation, message.NoSuchName},
		{"activate what is not there", access.Admin, vb{row("RowStatus"), mib.Int(1)}, message.InconsistentValue, message.BadValue},
		{"notReady", access.Admin, vb{row("RowStatus"), mib.Int(3)}, message.WrongValue, message.BadValue},
		{"twice, differently", access.Admin, vb{name, mib.String("other")}, message.InconsistentValue, message.BadValue},
		{"command that is refused", access.Admin, vb{g.oid("Scm.ServiceCommands.Stop", mib.String("SipEp")), mib.Int(10)}, message.InconsistentValue, message.BadValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g.who.Role = max(tt.role, access.User)
			vbs, index := []vb{good, tt.bad, {g.oid("Hoc.SystemLocation"), mib.String("changed")}}, 2
			if tt.role == access.Observer {
				g.who.Role, vbs, index = tt.role, []vb{tt.bad}, 1
			}
			for _, v := range []message.Version{message.V2c, message.V1} {
				want := tt.v2
				if v == message.V1 {
					want = tt.v1
				}
				before := g.st.Current()
				a := g.send(g.packet(v, message.Set, 0, 0, vbs...))
				if a.status != want || a.index != index {
					t.Errorf("%v: %v %d, want %v %d", v, a.status, a.index, want, index)
				}
				if len(a.names) != len(vbs) || a.names[0] != vbs[0].name {
					t.Errorf("%v: the answer carries %v", v, a.names)
				}
				if g.st.Current() != before {
					t.Fatalf("%v: the configuration was changed", v)
				}
			}
		})
	}
}

// Whichever phase fails, nothing is changed.
func TestSetFailsWhole(t *testing.T) {
	g := newRig(t)
	path := hoc.Objects.SystemLocation.Path()
	refuse := func(kind mib.ErrorKind) error { return &mib.Error{Kind: kind, Path: path, Position: -1} }
	vbs := []vb{{g.oid("Hoc.SystemName"), mib.String("changed")}, {g.oid("Hoc.SystemLocation"), mib.String("changed")}, {g.oid("Nlm.MinSeverity"), mib.Int(100)}}
	check := func(t *testing.T, status message.ErrorStatus, index int) {
		t.Helper()
		before := g.st.Current()
		if a := g.set(vbs...); a.status != status || a.index != index {
			t.Errorf("%v %d, want %v %d", a.status, a.index, status, index)
		}
		if g.st.Current() != before {
			t.Error("the configuration was changed")
		}
	}
	t.Run("validate", func(t *testing.T) {
		g.validate = func(c mib.Configs) error {
			if hoc.Of(c).SystemLocation == "changed" {
				return refuse(mib.ErrInconsistent)
			}
			return nil
		}
		check(t, message.InconsistentValue, 2)
		g.validate = nil
	})
	t.Run("prepare", func(t *testing.T) {
		g.prepare = func(_, _ *store.Snapshot) (store.Change, error) { return nil, refuse(mib.ErrUnavailable) }
		check(t, message.ResourceUnavailable, 2)
		g.prepare = nil
	})
	t.Run("busy", func(t *testing.T) {
		tx, err := g.st.Begin(context.Background(), access.Internal)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Abort()
		start := time.Now()
		check(t, message.ResourceUnavailable, 1)
		if d := time.Since(start); d < BeginTimeout/2 || d > 5*BeginTimeout {
			t.Errorf("it took %v", d)
		}
		if a := g.get(vbs[0].name); a.status != 0 {
			t.Errorf("a GET meanwhile: %v", a)
		}
	})
	t.Run("disk", func(t *testing.T) {
		if err := os.RemoveAll(g.st.Dir()); err != nil {
			t.Fatal(err)
		}
		check(t, message.CommitFailed, 3)
	})
}

func TestStatusOfEveryKind(t *testing.T) {
	for kind, want := range map[mib.ErrorKind]message.ErrorStatus{
		mib.ErrNoAccess: message.NoAccess, mib.ErrNotWritable: message.NotWritable, mib.ErrUnknown: message.NotWritable,
		mib.ErrWrongType: message.WrongType, mib.ErrWrongLength: message.WrongLength, mib.ErrWrongEnc: message.WrongEncoding,
		mib.ErrWrongValue: message.WrongValue, mib.ErrNoCreation: message.NoCreation, mib.ErrNoRow: message.InconsistentName,
		mib.ErrInconsistent: message.InconsistentValue, mib.ErrUnavailable: message.ResourceUnavailable,
		mib.ErrCommit: message.CommitFailed, mib.ErrUndo: message.UndoFailed, "another": message.GenErr,
	} {
		index := 5
		if kind == mib.ErrUndo {
			index = 0
		}
		if s, i := Status(&mib.Error{Kind: kind, Position: 4}); s != want || i != index {
			t.Errorf("%s: %v %d", kind, s, i)
		}
	}
	if s, i := Status(nil); s != message.NoError || i != 0 {
		t.Errorf("no error: %v %d", s, i)
	}
	if s, i := Status(errors.New("other")); s != message.GenErr || i != 1 {
		t.Errorf("any error: %v %d", s, i)
	}
}

func TestSetCarriesOut(t *testing.T) {
	g := newRig(t)
	vbs := []vb{
		{g.oid("Hoc.SystemName"), mib.String("a")}, {g.oid("Nlm.MinSeverity"), mib.Int(100)},
		{g.oid("Hoc.SystemName"), mib.String("a")}, // the same again is no contradiction
	}
	if a := g.set(vbs...); a.status != 0 || a.index != 0 || !slices.Equal(a.values, []string{`"a"`, "100", `"a"`}) {
		t.Fatalf("SET: %v", a)
	}
	if a := g.get(vbs[0].name, vbs[1].name); !slices.Equal(a.values, []string{`"a"`, "100"}) {
		t.Errorf("GET: %v", a)
	}
	if a := g.set(); a.status != 0 {
		t.Errorf("a SET of nothing: %v", a)
	}
	g.who.Role = access.User
	if a := g.set(vb{g.oid("Hoc.SystemName"), mib.String("b")}); a.status != 0 {
		t.Errorf("SET by a user: %v", a)
	}
}

// RFC 2579 §2, with the order of a PDU's bindings making no difference.
func TestRowStatus(t *testing.T) {
	g := newRig(t)
	status, user := g.oid("SipEp.Authentication.RowStatus", mib.Uint(7)), g.oid("SipEp.Authentication.Username", mib.Uint(7))
	set := func(want message.ErrorStatus, index int, vbs ...vb) {
		t.Helper()
		if a := g.set(vbs...); a.status != want || a.index != index {
			t.Fatalf("%v: %v %d, want %v %d", vbs, a.status, a.index, want, index)
		}
	}
	state := func(want ...string) {
		t.Helper()
		if a := g.get(status, user); !slices.Equal(a.values, want) {
			t.Fatalf("the row is %v, want %v", a.values, want)
		}
	}
	state("noSuchInstance", "noSuchInstance")
	set(message.NoError, 0, vb{status, mib.Int(6)})                                             // destroying nothing is fine
	set(message.NoError, 0, vb{user, mib.String("u")}, vb{status, mib.Int(4)})                  // the row comes second
	state("1", `"u"`)                                                                           // active
	set(message.InconsistentValue, 1, vb{status, mib.Int(4)})                                   // it is there
	set(message.InconsistentValue, 2, vb{user, mib.String("w")}, vb{status, mib.Int(5)})        // still
	set(message.NoError, 0, vb{status, mib.Int(2)})                                             //
	state("2", `"u"`)                                                                           // notInService
	set(message.NoError, 0, vb{status, mib.Int(1)}, vb{user, mib.String("v")})                  //
	state("1", `"v"`)                                                                           //
	set(message.NoError, 0, vb{status, mib.Int(6)}, vb{user, mib.String("w")})                  // destroyed after the assignment
	state("noSuchInstance", "noSuchInstance")                                                   //
	set(message.NoError, 0, vb{status, mib.Int(5)})                                             // createAndWait
	state("2", `""`)                                                                            //
	set(message.NoError, 0, vb{status, mib.Int(1)})                                             //
	state("1", `""`)                                                                            //
	set(message.NoError, 0, vb{g.oid("SipEp.Authentication.Delete", mib.Uint(7)), mib.Int(10)}) // DGW's way
	state("noSuchInstance", "noSuchInstance")
	if sipep.Of(g.st.Current()).Authentication.Len() != 0 {
		t.Error("rows are left")
	}
}

func TestRetransmittedSetIsCarriedOutOnce(t *testing.T) {
	g := newRig(t)
	restart := vb{g.oid("Scm.ServiceCommands.Restart", mib.String("SipEp")), mib.Int(10)}
	p := g.packet(message.V2c, message.Set, 0, 0, restart)
	for range 3 {
		if a := g.send(p); a.status != 0 || a.values[0] != "10" {
			t.Fatalf("%v", a)
		}
	}
	if n := g.restarts.Load(); n != 1 {
		t.Fatalf("%d restarts", n)
	}
	g.set(restart) // another request-id
	g.from = netip.AddrPortFrom(g.from.Addr(), 4001)
	g.send(p) // another sender
	g.who.Name = "another"
	g.send(p)
	if n := g.restarts.Load(); n != 4 {
		t.Errorf("%d restarts", n)
	}
	now := time.Now().Add(rememberFor)
	g.r.done.now = func() time.Time { return now }
	g.send(p) // long after
	if n := g.restarts.Load(); n != 5 {
		t.Errorf("%d restarts", n)
	}
	t.Run("refusals too", func(t *testing.T) {
		bad := g.packet(message.V2c, message.Set, 0, 0, vb{restart.name, mib.Int(11)})
		for range 2 {
			if a := g.send(bad); a.status != message.WrongValue || a.index != 1 {
				t.Errorf("%v", a)
			}
		}
	})
}

func TestSimultaneousRetransmissionWaits(t *testing.T) {
	r := newRetransmissions(time.Now, rememberFor, rememberMost)
	started, release := make(chan struct{}), make(chan struct{})
	type result struct {
		status message.ErrorStatus
		index  int
	}
	results := make(chan result, 5)
	go func() {
		s, i := r.once(setKey{setNumber: setNumber{who: "a"}}, func() (message.ErrorStatus, int) {
			close(started)
			<-release
			return message.WrongValue, 3
		})
		results <- result{s, i}
	}()
	<-started
	for range 4 {
		go func() {
			s, i := r.once(setKey{setNumber: setNumber{who: "a"}}, func() (message.ErrorStatus, int) { return message.GenErr, 9 })
			results <- result{s, i}
		}()
	}
	if s, _ := r.once(setKey{setNumber: setNumber{who: "b"}}, func() (message.ErrorStatus, int) { return message.NoError, 0 }); s != message.NoError {
		t.Errorf("another SET meanwhile: %v", s)
	}
	select {
	case got := <-results:
		t.Fatalf("%v before the first had ended", got)
	default:
	}
	close(release)
	for range 5 {
		if got := <-results; got != (result{message.WrongValue, 3}) {
			t.Errorf("%v", got)
		}
	}
}

func TestMemoryOfSetsIsBounded(t *testing.T) {
	now := time.Now()
	r := newRetransmissions(func() time.Time { return now }, rememberFor, rememberMost)
	for i := range int32(3 * rememberMost) {
		r.once(setKey{setNumber: setNumber{requestID: i}}, func() (message.ErrorStatus, int) { return 0, 0 })
	}
	if len(r.known) > rememberMost || r.order.n != len(r.known) || len(r.order.all) > 2*rememberMost {
		t.Errorf("%d are known, %d in order", len(r.known), r.order.n)
	}
	now = now.Add(rememberFor)
	r.once(setKey{setNumber: setNumber{who: "last"}}, func() (message.ErrorStatus, int) { return 0, 0 })
	if len(r.known) != 1 {
		t.Errorf("%d are known after all have aged", len(r.known))
	}
}

// TestMemoryOfSetsIsBoundedByOneThatHangs: a SET that does not end keeps its
// own outcome from being forgotten, and none of the others.
func TestMemoryOfSetsIsBoundedByOneThatHangs(t *testing.T) {
	now := time.Now()
	r := newRetransmissions(func() time.Time { return now }, rememberFor, rememberMost)
	hangs, started, release, ended := setKey{setNumber: setNumber{who: "hangs"}}, make(chan struct{}), make(chan struct{}), make(chan struct{})
	ran := 0
	go func() {
		defer close(ended)
		r.once(hangs, func() (message.ErrorStatus, int) {
			ran++
			close(started)
			<-release
			return message.WrongValue, 7
		})
	}()
	<-started
	fill := func(from int32) {
		for i := range int32(3 * rememberMost) {
			r.once(setKey{setNumber: setNumber{requestID: from + i}}, func() (message.ErrorStatus, int) { return 0, 0 })
		}
	}
	fill(0)
	if len(r.known) > rememberMost || r.order.n != len(r.known) {
		t.Errorf("%d are known, %d in order", len(r.known), r.order.n)
	}
	now = now.Add(2 * rememberFor)
	fill(10 * rememberMost)
	if len(r.known) > rememberMost || r.known[hangs] == nil {
		t.Errorf("%d are known, that which hangs: %v", len(r.known), r.known[hangs] != nil)
	}
	now = now.Add(2 * rememberFor)
	r.once(setKey{setNumber: setNumber{who: "last"}}, func() (message.ErrorStatus, int) { return 0, 0 })
	if len(r.known) != 2 {
		t.Errorf("%d are known after all but one have aged", len(r.known))
	}
	close(release)
	<-ended
	if s, i := r.once(hangs, nil); s != message.WrongValue || i != 7 || ran != 1 {
		t.Errorf("its retransmission: %v, %d; it ran %d times", s, i, ran)
	}
}

// BenchmarkOnce is the cost of remembering when the memory is full.
func BenchmarkOnce(b *testing.B) {
	r := newRetransmissions(time.Now, rememberFor, rememberMost)
	i := int32(0)
	for b.Loop() {
		i++
		r.once(setKey{setNumber: setNumber{requestID: i}}, func() (message.ErrorStatus, int) { return 0, 0 })
	}
}
