package responder

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/tree"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/model"
	"mibgate/mib/scm"
)

// rig is a Responder over a store without services: a participant that refuses
// what a test wants refused, and a service controller that counts restarts.
type rig struct {
	t       testing.TB
	st      *store.Store
	tree    *tree.Tree
	r       *Responder
	s       *Scratch
	builder message.Builder
	decoded message.Message
	who     access.Principal
	from    netip.AddrPort
	limit   int
	next    int32
	views   *rights // nil: what the role has
	denied  bool
	roles   []rights // by role

	validate func(c mib.Configs) error
	prepare  func(old, next *store.Snapshot) (store.Change, error)
	restarts atomic.Int32
	panics   atomic.Int32
}

func newRig(t testing.TB) *rig {
	t.Helper()
	g := &rig{
		t: t, who: access.Principal{Name: "tester", Role: access.Admin, Via: "snmp"},
		from: netip.MustParseAddrPort("127.0.0.1:4000"), limit: 65507,
	}
	var err error
	if g.st, err = store.Open(t.TempDir(), model.Registry); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.st.Close() })
	if err := g.st.Start(g, participant{g}); err != nil {
		t.Fatal(err)
	}
	if g.tree, err = tree.New(model.Registry, tree.Options{Model: model.Root}); err != nil {
		t.Fatal(err)
	}
	status := make([]any, len(model.Registry.Modules()))
	status[scm.Module.Ordinal] = g.Status(scm.Module)
	status[hoc.Module.Ordinal] = faulty{}
	g.r = New(Options{Store: g.st, Tree: g.tree, Status: status, OnPanic: func(any, []byte) { g.panics.Add(1) }})
	g.s = g.r.NewScratch()
	return g
}

// Status implements store.Runtime.
func (g *rig) Status(m *mib.Module) any {
	if m == scm.Module {
		return controller{g: g}
	}
	return nil
}

// Commands implements store.Runtime.
func (g *rig) Commands(m *mib.Module) any {
	if m == scm.Module {
		return controller{g: g}
	}
	return nil
}

type participant struct{ g *rig }

func (participant) Normalize(*store.Candidate) {}

func (p participant) Validate(c mib.Configs) error {
	if p.g.validate != nil {
		return p.g.validate(c)
	}
	return nil
}

func (p participant) Prepare(old, next *store.Snapshot) (store.Change, error) {
	if p.g.prepare != nil {
		return p.g.prepare(old, next)
	}
	return nil, nil
}

// controller has one service, "SipEp".
type controller struct {
	scm.Commands
	g *rig
}

func (controller) NeedRestartInfo() scm.NeedRestartInfo { return scm.NeedRestartInfoNo }

var onlyService = scm.NewServicesInfoRow("SipEp", 1400, scm.ServicesInfoClassUser, scm.ServicesInfoStartupTypeAuto, scm.ServicesInfoExecStateStarted, "")

func (controller) SeekServicesInfo(key mib.Key, inclusive bool) scm.ServicesInfoRow {
	if c := scm.CompareServicesInfo(onlyService, key); c > 0 || c == 0 && inclusive {
		return onlyService
	}
	return nil
}

func (c controller) SeekServiceCommands(key mib.Key, inclusive bool) scm.ServiceCommandsRow {
	if r := c.SeekServicesInfo(key, inclusive); r != nil {
		return r
	}
	return nil
}

func (c controller) ServiceCommandsRestart(string) (func(), error) {
	return func() { c.g.restarts.Add(1) }, nil
}

func (controller) ServiceCommandsStop(string) (func(), error) {
	return nil, errors.New("cannot be stopped")
}

// faulty is a Status whose every method panics.
type faulty struct{ hoc.Status }

// vb is a variable binding of a request; a Value of no kind is NULL.
type vb struct {
	name  string // OID, or path and key as mib text
	value mib.Value
}

// oid is the name of an instance: dotted, or a path with ".0" understood.
func (g *rig) oid(name string, key ...mib.Value) string {
	g.t.Helper()
	o := model.Registry.Object(name)
	if o == nil {
		g.t.Fatalf("there is no object %s", name)
	}
	return g.tree.AppendName(nil, o, key).String()
}

// packet encodes a request.
func (g *rig) packet(v message.Version, typ message.PDUType, a, b int, vbs ...vb) []byte {
	g.t.Helper()
	g.next++
	var w message.Builder
	// A request of any content goes as v2c; v1 is made of it afterwards.
	w.Begin(message.Envelope{Version: message.V2c, Type: typ, RequestID: g.next, Community: []byte("public")}, 65507)
	for _, x := range vbs {
		if err := w.Append(mib.MustOID(x.name), x.value); err != nil {
			g.t.Fatal(err)
		}
	}
	out, err := w.Finish(message.ErrorStatus(a), b)
	if err != nil {
		g.t.Fatal(err)
	}
	p := append([]byte(nil), out...)
	if v == message.V1 {
		p[strings.IndexByte(string(p), 0x02)+2] = 0
	}
	return p
}

// answer is a decoded response; values are in text: a value as ValueText has
// it, or the name of an exception.
type answer struct {
	status message.ErrorStatus
	index  int
	names  []string
	values []string
	size   int
}

func (a answer) String() string {
	return fmt.Sprintf("%v %d %v %v", a.status, a.index, a.names, a.values)
}

// request is a request of the views under test, or by the role.
func (g *rig) request(m *message.Message) Request {
	of := g.byRole()
	if g.views != nil {
		of = *g.views
	}
	return Request{Message: m, Who: g.who, From: g.from, Denied: g.denied, Sight: of.sight, Write: of.write}
}

// send takes a packet through decoding, the Responder and decoding.
func (g *rig) send(packet []byte) answer {
	g.t.Helper()
	if err := message.Decode(packet, &g.decoded); err != nil {
		g.t.Fatal(err)
	}
	g.builder.Begin(message.Reply(&g.decoded, nil, 65507), g.limit)
	q := g.request(&g.decoded)
	out, err := g.r.Respond(g.s, &q, &g.builder)
	if err != nil {
		g.t.Fatal(err)
	}
	if len(out) > g.limit {
		g.t.Errorf("the answer has %d octets, %d are allowed", len(out), g.limit)
	}
	var m message.Message
	if err := message.Decode(append([]byte(nil), out...), &m); err != nil {
		g.t.Fatal(err)
	}
	if m.PDU.Type != message.Response || m.PDU.RequestID != g.decoded.PDU.RequestID || m.Version != g.decoded.Version {
		g.t.Errorf("the answer is a %v %v with number %d", m.Version, m.PDU.Type, m.PDU.RequestID)
	}
	a := answer{status: m.PDU.ErrorStatus(), index: m.PDU.ErrorIndex(), size: len(out)}
	for _, v := range m.PDU.Varbinds {
		a.names = append(a.names, v.Name.String())
		a.values = append(a.values, valueText(v.Value))
	}
	return a
}

func valueText(r ber.Raw) string {
	if r.Tag.IsException() || r.Tag == ber.Null {
		return r.Tag.String()
	}
	v, err := r.Value()
	if err != nil {
		return err.Error()
	}
	return mib.ValueText(&mib.Syntax{Base: v.Kind}, v)
}

func (g *rig) get(names ...string) answer {
	return g.send(g.packet(message.V2c, message.Get, 0, 0, nulls(names)...))
}

func (g *rig) getNext(names ...string) answer {
	return g.send(g.packet(message.V2c, message.GetNext, 0, 0, nulls(names)...))
}

func (g *rig) getBulk(n, m int, names ...string) answer {
	return g.send(g.packet(message.V2c, message.GetBulk, n, m, nulls(names)...))
}

func (g *rig) set(vbs ...vb) answer { return g.send(g.packet(message.V2c, message.Set, 0, 0, vbs...)) }

func nulls(names []string) []vb {
	out := make([]vb, len(names))
	for i, n := range names {
		out[i].name = n
	}
	return out
}
