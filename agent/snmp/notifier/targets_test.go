package notifier

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/agent/snmp/vacm"
	"mibgate/mib"
	"mibgate/mib/sipep"
	"mibgate/mib/snmpv2"
)

// made is a configuration of targets of their own names.
func made(targets ...snmp.Target) snmp.NotifierConfig { return snmp.NotifierConfig{Targets: targets} }

// to is c's target at a receiver, under a name.
func (c conf) to(t testing.TB, name, notify, addr string) snmp.Target {
	c.Name, c.Notify, c.Dest = name, notify, destination(t, addr)
	return c.Target
}

// awaitStatus waits until the targets fare as wanted, each in the words
// "name sent dropped acked".
func (s *sender) awaitStatus(want ...string) {
	s.t.Helper()
	s.await(0, strings.Join(want, ", "), func(snmp.TargetStatus) bool {
		var got []string
		for _, d := range s.n.Status() {
			got = append(got, fmt.Sprintf("%s %d %d %d", d.Name, d.Sent, d.Dropped, d.Acked))
		}
		return strings.Join(got, ", ") == strings.Join(want, ", ")
	})
}

func TestPasses(t *testing.T) {
	n := &notification{oid: mib.MustOID("1.3.6.1.4.1.9.0.1"), varbinds: []varbind{
		{name: mib.MustOID("1.3.6.1.2.1.2.2.1.1.7")}, {name: mib.MustOID("1.3.6.1.4.1.9.1.7")},
	}}
	filtered := func(view, filter *vacm.View) snmp.Target {
		return snmp.Target{View: view, Filter: filter, Filtered: true}
	}
	for _, c := range []struct {
		name   string
		target snmp.Target
		want   bool
	}{
		{"no view", snmp.Target{}, false},
		{"the empty view", snmp.Target{View: families()}, false},
		{"everything", snmp.Target{View: everything}, true},
		{"just what it has", snmp.Target{View: families("1.3.6.1.4.1.9", "1.3.6.1.2.1.2.2.1.1.7")}, true},
		{"the trap OID is not in the view", snmp.Target{View: families("1.3", "-1.3.6.1.4.1.9.0")}, false},
		{"a variable is not in the view", snmp.Target{View: families("1.3.6.1.4.1.9")}, false},
		{"an instance is not in the view", snmp.Target{View: families("1.3", "-1.3.6.1.2.1.2.2.1.1.7")}, false},
		{"another instance is not in the view", snmp.Target{View: families("1.3", "-1.3.6.1.2.1.2.2.1.1.8")}, true},
		{"a profile without filters", filtered(everything, nil), false},
		{"the filter has the trap OID", filtered(everything, families("1.3.6.1.4.1.9.0")), true},
		{"the filter has another trap OID", filtered(everything, families("1.3.6.1.4.1.9.0.2", "1.3.6.1.2")), false},
		{"the filter excludes the trap OID", filtered(everything, families("1.3", "-1.3.6.1.4.1.9.0")), false},
		{"the filter excludes a variable", filtered(everything, families("1.3", "-1.3.6.1.2.1.2")), false},
		{"the filter has it, the view has not", filtered(families("1.3.6.1.4.1.9"), everything), false},
		{"a filter that does not count", snmp.Target{View: everything, Filter: families("-1.3")}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := newSettings(c.target, &tally{}).passes(n); got != c.want {
				t.Errorf("passes: %t", got)
			}
		})
	}
}

// Each target gets what it may see and wants, under the root that is served.
func TestViewsAndFilters(t *testing.T) {
	const root = "1.3.6.1.4.1.4935.1000.100"
	all, standard, others := newReceiver(t, "127.0.0.1:0"), newReceiver(t, "127.0.0.1:0"), newReceiver(t, "127.0.0.1:0")
	c := config(t)
	s := newSender(t, quick(), mib.MustOID(root), c)
	a, b, o := c.to(t, "a", "n", all.addr()), c.to(t, "b", "n", standard.addr()), c.to(t, "c", "n", others.addr())
	b.View = families("1.3.6.1.6.3.1.1.5")
	o.Filter, o.Filtered = families("1.3", "-1.3.6.1.6.3.1.1.5"), true
	s.n.Configure(made(a, b, o))
	s.emit(snmpv2.WarmStart{})
	s.emitUp(1)
	s.awaitStatus("a 2 0 0", "b 1 0 0", "c 1 0 0")
	link := root + sipService + ".0.2"
	for _, x := range []struct {
		r    *receiver
		want string
	}{{all, standardTraps + ".2"}, {all, link}, {standard, standardTraps + ".2"}, {others, link}} {
		if v, err := x.r.must().PDU.Varbinds[1].Value.Value(); err != nil || v.OID.String() != x.want {
			t.Errorf("%s instead of %s: %v", v.OID, x.want, err)
		}
	}
}

// What a change of the view excludes is neither sent nor lost, and does not
// come back with the next change.
func TestViewIsNarrowed(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, r.addr()))
	c.Timeout = patience
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	r.must()
	s.emitUp(2)
	s.emit(snmpv2.WarmStart{})
	settle(t, s.n)
	narrow := c
	narrow.View = families("1.3.6.1.6.3.1.1.5")
	s.configure(narrow)
	s.configure(c)
	s.emitUp(3)
	warm := 0
	// warmStart comes first, and perhaps once more: between the two changes it may have gone out by the first.
	m := r.must()
	for ; gatewayOf(t, m) != "gateway 3"; m = r.must() {
		if v, err := m.PDU.Varbinds[1].Value.Value(); err != nil || v.OID.String() != standardTraps+".2" {
			t.Errorf("%s came first: %v", v.OID, err)
		}
		r.answer(m, m.PDU.RequestID, message.NoError)
		warm++
	}
	if warm == 0 {
		t.Error("warmStart did not come")
	}
	r.answer(m, m.PDU.RequestID, message.NoError)
	s.awaitCounts(1, 3, 0, 2)
}

// One target that two rows of snmpNotifyTable select gets everything twice, and
// one way does not wait for the other.
func TestTwoNotifyRows(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := config(t)
	c.Timeout = patience
	s := newSender(t, quick(), nil, c)
	s.n.Configure(made(c.to(t, "nms", "traps", r.addr()), informs(c).to(t, "nms", "informs", r.addr())))
	s.emitUp(1)
	s.emitUp(2)
	s.awaitStatus("nms 3 0 0") // the second inform waits for the first
	for acked := 0; acked < 2; {
		if m := r.must(); m.PDU.Type == message.Inform {
			r.answer(m, m.PDU.RequestID, message.NoError)
			acked++
		}
	}
	s.awaitStatus("nms 4 0 2")
	s.n.Configure(made(c.to(t, "nms", "traps", r.addr())))
	s.emitUp(3)
	s.awaitStatus("nms 5 0 2")
}

// Targets that come and go leave what waits for the others where it is, and do
// not stop an inform under way.
func TestTargetsComeAndGo(t *testing.T) {
	a, b, d := newReceiver(t, "127.0.0.1:0"), newReceiver(t, "127.0.0.1:0"), newReceiver(t, "127.0.0.1:0")
	c := informs(config(t))
	c.Timeout = patience
	s := newSender(t, quick(), nil, c)
	s.n.Configure(made(c.to(t, "first", "n", a.addr()), c.to(t, "second", "n", b.addr())))
	for i := range uint32(3) {
		s.emitUp(i)
	}
	m := b.must()
	a.must()
	settle(t, s.n)
	s.n.Configure(made(c.to(t, "another", "n", d.addr()), c.to(t, "second", "n", b.addr())))
	s.awaitStatus("another 0 0 0", "second 1 0 0")
	b.answer(m, m.PDU.RequestID, message.NoError)
	b.take(t, 1)
	b.take(t, 2)
	s.awaitStatus("another 0 0 0", "second 3 0 3")
	s.emitUp(3)
	b.take(t, 3)
	d.take(t, 3)
	s.awaitStatus("another 1 0 1", "second 4 0 4")
	if m := a.next(10 * time.Millisecond); m != nil {
		t.Error("the target that is gone is sent to")
	}
}

func TestTallies(t *testing.T) {
	at := func(name string, port uint16) snmp.Target {
		return snmp.Target{Name: name, Dest: snmp.Destination{Host: "127.0.0.1", Port: port}}
	}
	before := []snmp.Target{at("a", 1), at("b", 2), at("c", 2)}
	for _, c := range []struct {
		name  string
		after []snmp.Target
		want  map[string]string // whose tally it was; "": nobody's
	}{
		{"nothing changes", before, map[string]string{"a": "a", "b": "b", "c": "c"}},
		{"another order", []snmp.Target{at("c", 2), at("a", 1), at("a", 1)}, map[string]string{"a": "a", "c": "c"}},
		{"another destination", []snmp.Target{at("a", 3), at("b", 2)}, map[string]string{"a": "", "b": "b"}},
		{"places change", []snmp.Target{at("a", 2), at("b", 1), at("c", 2)}, map[string]string{"a": "b", "b": "a", "c": "c"}},
		{"one more there", []snmp.Target{at("a", 1), at("d", 1)}, map[string]string{"a": "a", "d": ""}},
		{"none", nil, map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := tallies(nil, before, time.Second)
			got := tallies(old, c.after, time.Minute)
			if len(got) != len(c.want) {
				t.Errorf("%d tallies", len(got))
			}
			for name, whose := range c.want {
				y := got[name]
				if y == nil || whose != "" && y != old[whose] {
					t.Errorf("%s has %+v", name, y)
				} else if since := y.since; (since == time.Second) != (whose == name) {
					t.Errorf("the counters of %s are said to be its own since %v", name, since)
				}
				for other, y := range old {
					if got[name] == y && other != whose {
						t.Errorf("%s has the tally of %s", name, other)
					}
				}
			}
		})
	}
}

// A message has at most snmpTargetAddrMMS octets; what is longer is lost whole.
func TestMaxSize(t *testing.T) {
	long := sipep.GatewayStateChange{Name: "default", State: strings.Repeat("x", 600)}
	for _, v := range []message.Version{message.V1, message.V2c, message.V3} {
		t.Run(v.String(), func(t *testing.T) {
			r := newReceiver(t, "127.0.0.1:0")
			c := asAdmin(t, config(t, r.addr()))
			c.Version = v
			s := newSender(t, quick(), nil, c)
			s.emit(long)
			const slack = 20 // of numbers that are different each time
			size := len(r.must().Raw)
			c.MaxSize = size - slack
			s.configure(c)
			s.emit(long)
			want := fmt.Sprintf("message too big: the target takes %d octets", size-slack)
			s.await(1, "it is lost", func(d snmp.TargetStatus) bool {
				return d.Sent == 1 && d.Dropped == 1 && strings.Contains(d.LastError, want)
			})
			s.emitUp(1)
			s.awaitCounts(1, 2, 1, 0)
			c.MaxSize = size + slack
			s.configure(c)
			s.emit(long)
			if d := s.awaitCounts(1, 3, 1, 0); d.LastError != "" {
				t.Errorf("status %+v", d)
			}
		})
	}
}

func TestContext(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := asAdmin(t, config(t, r.addr()))
	c.Level, c.Context = message.NoAuthNoPriv, "bridge"
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	m := r.must()
	if err := m.DecodeScoped(m.Header.Data); err != nil {
		t.Fatal(err)
	}
	if string(m.Scope.ContextName) != "bridge" || string(m.Scope.ContextEngineID) != string(s.engine.ID()) {
		t.Errorf("context %q of %x", m.Scope.ContextName, m.Scope.ContextEngineID)
	}
}

func TestV1HasNoInforms(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, r.addr()))
	c.Version = message.V1
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	if m := r.must(); m.PDU.Type != message.TrapV1 {
		t.Errorf("it is a %s", m.PDU.Type)
	}
	s.awaitCounts(1, 1, 0, 0)
}

// fixed are keys at one engine, as a row of usmUserTable has them.
type fixed struct {
	engineID string
	user     *usm.User
}

func (f fixed) Name() string { return f.user.Name() }

func (f fixed) Localize(engineID []byte) (*usm.User, error) {
	if string(engineID) != f.engineID {
		return nil, usm.ErrUnknownEngineID
	}
	return f.user, nil
}

func keysAt(t testing.TB, engineID []byte) fixed {
	t.Helper()
	user, err := credentials(t, usm.SHA256, usm.AES128, password).Localize(engineID)
	if err != nil {
		t.Fatal(err)
	}
	return fixed{string(engineID), user}
}

// Keys that are for one engine sign traps when it is ours, and informs when it
// is the receiver's.
func TestKeysOfOneEngine(t *testing.T) {
	m := newManager(t)
	m.become(t, 1)
	c := asAdmin(t, config(t))
	c.Retries = 0
	s := newSender(t, quick(), nil, c)
	ours, its := c.to(t, "x", "n", m.r.addr()), c.to(t, "x", "n", m.r.addr())
	ours.User, its.User = keysAt(t, s.engine.ID()), keysAt(t, m.engine.Load().ID())
	for i, x := range []struct {
		name   string
		target snmp.Target
		inform bool
		want   string
	}{
		{"trap by our keys", ours, false, ""},
		{"trap by its keys", its, false, errNoOwnKeys.Error() + ": usm: unknown engine ID"},
		{"inform by our keys", ours, true, errNoPeerKeys.Error()},
		{"inform by its keys", its, true, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			target := x.target
			target.Name, target.Inform = fmt.Sprintf("target-%d", i), x.inform
			if x.want == "" {
				target.Timeout = patience
			}
			s.n.Configure(made())
			s.n.Configure(made(target))
			s.emitUp(1)
			s.await(0, "its end", func(snmp.TargetStatus) bool {
				d := s.n.Status()[0]
				if x.want != "" {
					return d.Sent == 0 && d.Dropped == 1 && d.LastError == x.want
				}
				return d.Sent == 1 && d.Dropped == 0 && (d.Acked == 1) == x.inform
			})
		})
	}
}
