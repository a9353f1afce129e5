package responder

import (
	"math"
	"sync"
	"testing"

	"mibgate/agent/snmp/message"
	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/snmpv2"
)

// locked gives a rig the lock snmpSetSerialNo.
func locked(t *testing.T) (*rig, *TestAndIncr, func(n int32) vb) {
	t.Helper()
	g := newRig(t)
	l := NewTestAndIncr()
	g.r.o.Locks = map[*mib.Object]*TestAndIncr{snmpv2.Objects.SnmpSetSerialNo: l}
	name := snmpv2.Objects.SnmpSetSerialNo.OID.String() + ".0"
	return g, l, func(n int32) vb { return vb{name, mib.Int(n)} }
}

// TestLock is TestAndIncr of RFC 2579: the number must be right, it goes on
// when the SET succeeds, and stays when anything in it fails.
func TestLock(t *testing.T) {
	g, l, serial := locked(t)
	l.n.Store(41)
	name := func(s string) vb { return vb{g.oid("Hoc.SystemName"), mib.String(s)} }
	bad := vb{g.oid("Nlm.MinSeverity"), mib.Int(150)}
	tests := []struct {
		desc   string
		vbs    []vb
		status message.ErrorStatus
		index  int
		number int32
		name   string
	}{
		{"alone", []vb{serial(41)}, message.NoError, 0, 42, ""},
		{"too old", []vb{serial(41)}, message.InconsistentValue, 1, 42, ""},
		{"too new, behind another", []vb{name("x"), serial(43)}, message.InconsistentValue, 2, 42, ""},
		{"before another", []vb{serial(42), name("a")}, message.NoError, 0, 43, "a"},
		{"behind another", []vb{name("b"), serial(43)}, message.NoError, 0, 44, "b"},
		{"with one that fails", []vb{serial(44), name("x"), bad}, message.WrongValue, 3, 44, "b"},
		{"twice the same", []vb{serial(44), serial(44)}, message.NoError, 0, 45, "b"},
		{"twice, differently", []vb{serial(45), serial(46)}, message.InconsistentValue, 2, 45, "b"},
		{"negative", []vb{serial(-1)}, message.WrongValue, 1, 45, "b"},
		{"another type", []vb{{serial(0).name, mib.Uint(45)}}, message.WrongType, 1, 45, "b"},
	}
	for _, tt := range tests {
		t.Run(tt.desc, func(t *testing.T) {
			if a := g.set(tt.vbs...); a.status != tt.status || a.index != tt.index {
				t.Errorf("%v %d, want %v %d", a.status, a.index, tt.status, tt.index)
			}
			if got := hoc.Of(g.st.Current()).SystemName; l.Number() != tt.number || got != tt.name {
				t.Errorf("number %d, name %q, want %d, %q", l.Number(), got, tt.number, tt.name)
			}
		})
	}
	g.who.Role = access.Observer
	if a := g.set(serial(45)); a.status != message.NoAccess {
		t.Errorf("an observer's SET: %v", a.status)
	}
}

func TestLockGoesRound(t *testing.T) {
	l := NewTestAndIncr()
	l.n.Store(math.MaxInt32)
	if l.next(); l.Number() != 0 {
		t.Errorf("after the last number comes %d", l.Number())
	}
	for range 100 {
		if n := NewTestAndIncr().Number(); n < 0 {
			t.Fatalf("begins with %d", n)
		}
	}
}

// TestOneOfManyGetsTheLock: of managers that have read the same number one
// succeeds.
func TestOneOfManyGetsTheLock(t *testing.T) {
	g, l, serial := locked(t)
	l.n.Store(7)
	packet := g.packet(message.V2c, message.Set, 0, 0, serial(7))
	q := g.request(decode(t, packet))
	var wins sync.WaitGroup
	won := make(chan error, 20)
	for range cap(won) {
		wins.Go(func() { won <- g.r.assign(&q) })
	}
	wins.Wait()
	close(won)
	count := 0
	for err := range won {
		if err == nil {
			count++
		} else if s, _ := Status(err); s != message.InconsistentValue {
			t.Errorf("lost by %v", err)
		}
	}
	if count != 1 || l.Number() != 8 {
		t.Errorf("%d got the lock, it is at %d", count, l.Number())
	}
}

func decode(t *testing.T, packet []byte) *message.Message {
	t.Helper()
	var m message.Message
	if err := message.Decode(packet, &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

// TestLockIsGivenBack also when carrying out panics.
func TestLockIsGivenBack(t *testing.T) {
	g, l, serial := locked(t)
	g.validate = func(mib.Configs) error { panic("a fault") }
	if a := g.set(serial(l.Number())); a.status != message.GenErr {
		t.Errorf("%v", a.status)
	}
	g.validate = nil
	if a := g.set(serial(l.Number())); a.status != message.NoError {
		t.Errorf("then %v", a.status)
	}
}
