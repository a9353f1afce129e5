package notifier

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mibgate/agent/snmp"
	tables "mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/tree"
	"mibgate/agent/snmp/usm"
	"mibgate/agent/snmp/vacm"
	"mibgate/element"
	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/model"
	"mibgate/mib/sipep"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

const (
	password = "a password"
	patience = testelement.Patience
)

// sender is a Notifier without the service around it, so that a test may
// choose its times.
type sender struct {
	t      testing.TB
	el     *testelement.Element
	n      *Notifier
	engine *usm.Engine
}

// newSender starts one; root is where our tree is served, nil where the model
// has it.
func newSender(t testing.TB, o options, root mib.OID, c conf) *sender {
	t.Helper()
	s := &sender{t: t, el: testelement.New(t, element.Options{})}
	tr, err := tree.New(model.Registry, tree.Options{Model: model.Root, Served: root})
	if err != nil {
		t.Fatal(err)
	}
	if s.engine, err = usm.NewEngine(usm.Config{ID: usm.RandomEngineID(32473), Boots: 3}); err != nil {
		t.Fatal(err)
	}
	s.n = newNotifier(snmp.NotifierEnv{
		Element: s.el.Element, Tree: tr, Engine: func() *usm.Engine { return s.engine },
		Product: tr.Serve(model.Root.Append(100, 61000)),
	}, o)
	s.start(c)
	t.Cleanup(s.stop)
	return s
}

func (s *sender) start(c conf)     { s.n.Start(c.made()) }
func (s *sender) configure(c conf) { s.n.Configure(c.made()) }

// target is how trap-i fares.
func (s *sender) target(i int) (snmp.TargetStatus, bool) {
	for _, d := range s.n.Status() {
		if d.Name == fmt.Sprintf("trap-%d", i) {
			return d, true
		}
	}
	return snmp.TargetStatus{}, false
}

func (s *sender) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.n.Stop(ctx)
}

// emit lets a notification happen.
func (s *sender) emit(n mib.Notification) {
	s.el.Bus.Emit(event.Event{Module: hoc.Module, Severity: event.Info, Text: "a test", Notification: n})
}

// emitUp lets link number i come up: a notification that can be told from
// others.
func (s *sender) emitUp(i uint32) { s.emit(linkUp(i)) }

// settle waits until what was emitted before has been queued for the
// destinations or discarded.
func settle(t testing.TB, n *Notifier) {
	t.Helper()
	testwait.Until(t, patience, "every event is taken", func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.taken == n.sink.Queued()
	})
}

func linkUp(i uint32) sipep.TlsLinkUp {
	return sipep.TlsLinkUp{
		Index: i, Gateway: fmt.Sprintf("gateway %d", i), LocalPort: 16000 + i, RemoteHost: "sip.example.test:5061",
		RemoteHostIpAddr: "192.0.2.1", State: sipep.TlsPersistentConnectionStatusStateUp,
	}
}

// isUp tells whether n is what emitUp(i) sent.
func isUp(i uint32) func(snmptrapd.Notification) bool {
	return func(n snmptrapd.Notification) bool {
		return len(n.Varbinds) == 5 && n.Varbinds[0].Value == fmt.Sprintf("gateway %d", i)
	}
}

// await waits until destination i fares as wanted.
func (s *sender) await(i int, what string, ok func(d snmp.TargetStatus) bool) snmp.TargetStatus {
	s.t.Helper()
	var d snmp.TargetStatus
	defer func() {
		if s.t.Failed() {
			s.t.Logf("destination %d: %+v", i, d)
		}
	}()
	testwait.Until(s.t, patience, what, func() bool {
		d, _ = s.target(i)
		return ok(d)
	})
	return d
}

func (s *sender) awaitCounts(i int, sent, dropped, acked uint32) snmp.TargetStatus {
	s.t.Helper()
	return s.await(i, fmt.Sprintf("destination %d has %d sent, %d dropped, %d acked", i, sent, dropped, acked), func(d snmp.TargetStatus) bool {
		return d.Sent == sent && d.Dropped == dropped && d.Acked == acked
	})
}

// quick are options whose pauses a test can wait for.
func quick() options {
	o := defaults()
	o.pause, o.maxPause, o.sure = 20*time.Millisecond, 40*time.Millisecond, 50*time.Millisecond
	return o
}

func destination(t testing.TB, addr string) snmp.Destination {
	t.Helper()
	d, err := tables.ParseDestinations(addr)
	if err != nil || len(d) != 1 {
		t.Fatal(addr, err)
	}
	return d[0]
}

// everything is the view of the whole tree.
var everything = families("1.3")

// families is the view of some subtrees; a minus before one excludes it.
func families(subtrees ...string) *vacm.View {
	var fs []vacm.Family
	for _, s := range subtrees {
		oid, excluded := strings.CutPrefix(s, "-")
		fs = append(fs, vacm.Family{Subtree: mib.MustOID(oid), Included: !excluded})
	}
	return vacm.NewView(fs)
}

// conf is what targets trap-1, trap-2, … have in common, and where they are.
type conf struct {
	snmp.Target
	Destinations []snmp.Destination
}

func (c conf) made() snmp.NotifierConfig {
	var out snmp.NotifierConfig
	for i, d := range c.Destinations {
		t := c.Target
		t.Name, t.Dest = fmt.Sprintf("trap-%d", i+1), d
		out.Targets = append(out.Targets, t)
	}
	return out
}

// config is v2c traps to addrs.
func config(t testing.TB, addrs ...string) conf {
	c := conf{Target: snmp.Target{
		Notify: "trap", Version: message.V2c, Community: "public", Timeout: 100 * time.Millisecond, Retries: 3, Level: message.AuthPriv, View: everything,
	}}
	for _, a := range addrs {
		c.Destinations = append(c.Destinations, destination(t, a))
	}
	return c
}

func informs(c conf) conf {
	c.Inform = true
	return c
}

func credentials(t testing.TB, a usm.AuthProtocol, p usm.PrivProtocol, secret string) *usm.Credentials {
	t.Helper()
	c, err := usm.NewCredentials(&keys, "admin", a, secret, p, "")
	if err != nil {
		t.Fatal(err)
	}
	return &c
}

var keys usm.KeyCache

// asAdmin is c in v3 as account admin.
func asAdmin(t testing.TB, c conf) conf {
	c.Version, c.User = message.V3, credentials(t, usm.SHA256, usm.AES128, password)
	return c
}

// receiver is a manager of our own making: it sees what arrives, and answers
// only when it is told to.
type receiver struct {
	t    testing.TB
	conn *net.UDPConn
	from netip.AddrPort // of the last one
}

func newReceiver(t testing.TB, addr string) *receiver {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &receiver{t: t, conn: conn}
}

func (r *receiver) addr() string { return r.conn.LocalAddr().String() }

// next decodes what arrives within limit; nil when nothing does.
func (r *receiver) next(limit time.Duration) *message.Message {
	r.t.Helper()
	buf := make([]byte, maxDatagram)
	if err := r.conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
		r.t.Fatal(err)
	}
	n, from, err := r.conn.ReadFromUDPAddrPort(buf)
	if err != nil {
		return nil
	}
	r.from = from
	m := new(message.Message)
	if err := message.Decode(buf[:n], m); err != nil {
		r.t.Fatalf("what was sent cannot be read: %v", err)
	}
	return m
}

func (r *receiver) must() *message.Message {
	r.t.Helper()
	m := r.next(patience)
	if m == nil {
		r.t.Fatal("nothing arrives")
	}
	return m
}

// answer answers an inform of v2c.
func (r *receiver) answer(m *message.Message, requestID int32, status message.ErrorStatus) {
	r.t.Helper()
	var b message.Builder
	e := message.Reply(m, nil, maxDatagram)
	e.RequestID = requestID
	b.Begin(e, maxDatagram)
	if err := b.Echo(&m.PDU); err != nil {
		r.t.Fatal(err)
	}
	out, err := b.Finish(status, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.conn.WriteToUDPAddrPort(out, r.from); err != nil {
		r.t.Fatal(err)
	}
}
