package snmp

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/usm"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
)

// TestRandomSets sends SETs that nobody would think of over the tables of the
// administration and their faces. Each is answered; what is refused has changed
// nothing and points at one of its bindings; all can be read; and after a start
// the unit is as it was. Package admin tests that both sides agree.
func TestRandomSets(t *testing.T) {
	const rounds, steps = 4, 120
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := &setter{Rand: rand.New(rand.NewPCG(seed, 5)), t: t, dir: t.TempDir()}
			g.open()
			taken := 0
			for range rounds {
				for range steps {
					if g.step() {
						taken++
					}
				}
				g.walk()
				g.restart()
			}
			t.Logf("%d of %d SETs were taken", taken, rounds*steps)
			if taken < rounds*steps/50 {
				t.Errorf("only %d of %d SETs were taken", taken, rounds*steps)
			}
		})
	}
}

// setter makes SETs as an administrator whose rights they cannot change.
type setter struct {
	*rand.Rand
	t       *testing.T
	dir     string
	u       *unit
	x       *exchange
	c       client
	columns []*mib.Object
}

func (g *setter) open() {
	g.u = openUnit(g.t, g.dir, Options{})
	g.x, g.c.t = newExchange(g.u.svc.responder.NewScratch()), g.t
	g.columns = nil
	for _, m := range g.u.el.Registry.Modules() {
		if !strings.Contains(" Usm Vacm Target Notification Community Aaa Snmp ", " "+m.Service+" ") {
			continue
		}
		for _, o := range m.Objects {
			if o.Access.Writable() && o.Source != mib.SourceCommand && o.Name != "port" && o.Name != "authFailureLimit" { // which the fixture sets
				g.columns = append(g.columns, o)
			}
		}
	}
}

// ask answers a request as from the administrator.
func (g *setter) ask(typ message.PDUType, a, b int, bindings ...binding) *message.Message {
	g.t.Helper()
	g.c.id++
	g.c.b.Begin(message.Envelope{Version: message.V2c, Type: typ, RequestID: g.c.id, Community: []byte("x")}, maxMessage)
	for _, v := range bindings {
		if err := appendBinding(&g.c.b, v); err != nil {
			g.t.Fatal(err)
		}
	}
	packet, err := g.c.b.Finish(message.ErrorStatus(a), b)
	if err != nil {
		g.t.Fatal(err)
	}
	m, answer := &message.Message{}, &message.Message{}
	if err := message.Decode(append([]byte(nil), packet...), m); err != nil {
		g.t.Fatal(err)
	}
	view := g.u.svc.admin.Policy(g.u.el.Store.Current(), contexts[:])
	rights, err := view.Check(3, "admin", message.AuthPriv, "")
	if err != nil {
		rights.Read = whole
	}
	g.x.request = responder.Request{
		Message: m, Who: access.Principal{Name: "admin", Role: access.Admin, Via: access.ViaUSM}, From: netip.MustParseAddrPort("127.0.0.1:9"),
		Sight: g.u.svc.tree.Sight(rights.Read), Write: whole,
	}
	g.x.builder.Begin(message.Reply(m, nil, maxMessage), maxMessage)
	if err := message.Decode(g.u.svc.respond(g.x), answer); err != nil {
		g.t.Fatalf("the answer to %v: %v", bindings, err)
	}
	return answer
}

func appendBinding(b *message.Builder, v binding) error {
	if v.value.Kind == mib.KindNone {
		return b.AppendNull(v.name, 5)
	}
	return b.Append(v.name, v.value)
}

// step makes one SET; it reports whether it was taken.
func (g *setter) step() bool {
	g.t.Helper()
	before := g.u.el.Store.Current()
	bindings := make([]binding, 1+g.IntN(6))
	key := g.IntN(3) // the same row, as often as not
	for i := range bindings {
		o := g.columns[g.IntN(len(g.columns))]
		for i > 0 && o.Table == nil && g.IntN(2) == 0 {
			o = g.columns[g.IntN(len(g.columns))]
		}
		bindings[i] = binding{g.u.svc.tree.AppendName(nil, o, g.key(o, key)), g.value(o)}
	}
	answer := g.ask(message.Set, 0, 0, bindings...)
	status, index := answer.PDU.ErrorStatus(), answer.PDU.ErrorIndex()
	if status == message.NoError {
		return true
	}
	if g.u.el.Store.Current() != before {
		g.t.Errorf("%v was answered with %v and has changed something", bindings, status)
	}
	if index < 0 || index > len(bindings) || status == message.GenErr || status == message.CommitFailed {
		g.t.Errorf("%v was answered with %v at %d", bindings, status, index)
	}
	return false
}

func (g *setter) key(o *mib.Object, same int) (key mib.Key) {
	if o.Table == nil {
		return nil
	}
	for i := range o.Table.Index {
		p := &o.Table.Index[i]
		switch {
		case strings.EqualFold(p.Param, "EngineID"):
			key = append(key, mib.String([]string{string(g.u.svc.EngineID()), string(g.u.svc.EngineID()), "another engine"}[same]))
		case p.Syntax.Base == mib.ObjectIdentifier:
			key = append(key, mib.Ident([]mib.OID{{1, 3}, {1, 3, 6, 1, 2, 1, 1}, {1}}[same]))
		case p.Syntax.Base == mib.OctetString:
			key = append(key, mib.String([]string{"admin", "trap-1", "default"}[(same+g.IntN(5)/4)%3]))
		default:
			key = append(key, mib.Value{Kind: p.Syntax.Base, Num: int64(same + 1)})
		}
	}
	return key
}

func (g *setter) value(o *mib.Object) mib.Value {
	texts := []string{"", "admin", "trap", "mine", "192.0.2.1:162", "\xc0\x00\x02\x01\x00\xa2", "long enough, and longer", strings.Repeat("k", 64), strings.Repeat("ab", 32), "bell\x07"}
	oids := []mib.OID{
		{0, 0}, {1, 3, 6, 1, 6, 1, 1}, {1, 3, 6, 1, 2, 1, 100, 1, 14}, usm.NoAuth.OID(), usm.SHA256.OID(), usm.NoPriv.OID(), usm.AES128.OID(),
		mib.MustOID(g.u.cellOf("SecurityName", "admin")),
	}
	for {
		v := mib.Value{Kind: o.Syntax.Base, Num: int64(g.IntN(12))}
		switch {
		case o.Name == "snmpTargetSpinLock":
			v.Num = int64(g.u.svc.locks[o].Number())
		case len(o.Syntax.Enum) > 0:
			v.Num = int64(o.Syntax.Enum[g.IntN(len(o.Syntax.Enum))].Number)
		case o.Syntax.Base == mib.OctetString:
			v = mib.String(texts[g.IntN(len(texts))])
		case o.Syntax.Base == mib.ObjectIdentifier:
			v = mib.Ident(oids[g.IntN(len(oids))])
		}
		if g.IntN(8) == 0 || o.Syntax.Check(v) == nil {
			return v
		}
	}
}

// walk reads everything that the administrator may.
func (g *setter) walk() {
	g.t.Helper()
	name := mib.OID{1, 3, 6, 1, 4}
	for n := 0; ; n++ {
		answer := g.ask(message.GetNext, 0, 0, binding{name: name})
		if status := answer.PDU.ErrorStatus(); status != message.NoError {
			g.t.Fatalf("behind %v: %v", name, status)
		}
		next := answer.PDU.Varbinds[0].Name
		if next.Compare(name) <= 0 {
			if n < 100 {
				g.t.Errorf("the walk has %d instances", n)
			}
			return
		}
		name = append(mib.OID(nil), next...)
	}
}

// restart starts the unit anew.
func (g *setter) restart() {
	g.t.Helper()
	statements := func() map[string]string {
		out := map[string]string{}
		store.Statements(g.u.el.Registry, g.u.el.Store.Current(), func(o *mib.Object, key mib.Key, v mib.Value) {
			out[o.Instance(key)] = mib.ValueText(o.Syntax, v)
		})
		return out
	}
	before := statements()
	g.u.close()
	g.open()
	after := statements()
	if maps.Equal(before, after) {
		return
	}
	for name := range before {
		if before[name] != after[name] {
			g.t.Errorf("%s is %s, was %s", name, after[name], before[name])
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			g.t.Errorf("%s is there only after a start", name)
		}
	}
}
