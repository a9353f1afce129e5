package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/mib"
	"mibgate/mib/model"
)

// The counters by which the unit tells what it made of a barrage.
const (
	upTimeOID      = "1.3.6.1.2.1.1.3.0"
	inPktsOID      = "1.3.6.1.2.1.11.1.0"
	parseErrsOID   = "1.3.6.1.2.1.11.6.0"
	wrongDigestOID = "1.3.6.1.6.3.15.1.1.5.0"
)

// TestSNMPMutation: 100,000 mutants in `make test`.
func TestSNMPMutation(t *testing.T) { snmpMutation(t, 100_000, 0) }

// TestSoakSNMPMutation: a million, and more for as long as the soak lasts.
func TestSoakSNMPMutation(t *testing.T) {
	d := soakTime(t)
	snmpMutation(t, 1_000_000, d)
}

func snmpMutation(t *testing.T, n int, d time.Duration) {
	p, port := snmpUnit(t, "Nlm.SyslogRemoteHost=\"\"\nSnmp.AuthFailureLimit=0\n") // or most mutants are dropped unread
	prober, sender := newManager(t, port), newManager(t, port)
	sender.discover(message.NoAuthNoPriv)
	prober.discover(message.AuthPriv)
	c := corpus(sender)
	c.answered(t, sender)
	answers := receive(t, sender.conn)
	rnd := rand.New(rand.NewPCG(2, 162))
	m, inner := mutant{rnd, c.packets}, mutant{rnd, c.scoped}
	probes := [][]byte{nil, prober.community(message.V2c, message.Get, 0, 0, names(upTimeOID))}
	before := prober.counters(inPktsOID, parseErrsOID, wrongDigestOID)
	b := barrage{p: p, n: n, d: d, window: 32, octets: 48 << 10}
	b.send = func() int {
		packet := m.next
		if rnd.IntN(4) == 0 {
			packet = func() []byte { return sealed(sender, &inner) }
		}
		out := packet()
		if _, err := sender.conn.Write(out); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
		return len(out) + 512 // about what a datagram takes in a buffer beside its octets
	}
	asked := 0
	b.probe = func() error {
		asked++
		if asked%2 == 0 {
			probes[0] = prober.v3(message.AuthPriv, message.Get, 0, 0, names(upTimeOID))
		}
		return prober.probe(probes[asked%2])
	}
	o := b.run(t)
	after := prober.counters(inPktsOID, parseErrsOID, wrongDigestOID)
	t.Logf("%v\n%d seeds; %d answers; %d ASN.1 errors, %d wrong digests",
		o, len(c.packets), answers(), after[1]-before[1], after[2]-before[2])
	if got, want := after[0]-before[0], uint64(o.sent+o.probes+1); got != want {
		t.Errorf("the agent took in %d packets of %d: the rest was lost in a full buffer", got, want)
	}
	if after[1]-before[1] < uint64(o.sent/20) || after[2]-before[2] < uint64(o.sent/100) {
		t.Errorf("%d packets made only %d ASN.1 errors and %d wrong digests", o.sent, after[1]-before[1], after[2]-before[2])
	}
	b.restart(t, "--snmp", fmt.Sprintf("127.0.0.1:%d", port))
	again := newManager(t, port)
	again.discover(message.AuthPriv)
	again.counters(upTimeOID)
}

// probe asks for one value and waits for it.
func (m *manager) probe(packet []byte) error {
	out, err := m.try(packet, 5*time.Second)
	if err != nil {
		return err
	}
	var answer message.Message
	if err := message.Decode(out, &answer); err != nil {
		return err
	}
	if answer.Version == message.V3 {
		return m.open(&answer)
	}
	if answer.PDU.Type != message.Response || answer.PDU.ErrorStatus() != message.NoError || len(answer.PDU.Varbinds) != 1 {
		return fmt.Errorf("the answer is %v with %v", answer.PDU.Type, answer.PDU.ErrorStatus())
	}
	return nil
}

// sealed is an authentic message whose contents are a mutant, at any level.
func sealed(m *manager, inner *mutant) []byte {
	data := inner.next()
	level := message.NoAuthNoPriv + message.Level(inner.rnd.IntN(3))
	m.maxSize = maxDatagram
	if inner.rnd.IntN(4) == 0 {
		m.maxSize = message.MinMaxSize
	}
	out := m.seal(level, data[:min(len(data), maxDatagram-300)])
	return out[:min(len(out), maxDatagram)]
}

// answered sends each request as it is: what is mutated has to be sound.
func (c *seeds) answered(t *testing.T, m *manager) {
	t.Helper()
	for _, q := range c.requests {
		out, err := m.try(q, 5*time.Second)
		var a message.Message
		if err == nil {
			err = message.Decode(out, &a)
		}
		if err == nil && a.Version != message.V3 && a.PDU.Type != message.Response {
			err = fmt.Errorf("the answer is a %v", a.PDU.Type)
		}
		if err != nil {
			t.Errorf("seed %x: %v", q, err)
		}
	}
}

// receive reads what comes until the test ends: every answer, to whatever it
// may be, must be a message. It returns how many there were.
func receive(t *testing.T, conn *net.UDPConn) (count func() int) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadBuffer(4 << 20)
	done := make(chan int)
	go func() {
		n := 0
		var m message.Message
		buf := make([]byte, maxDatagram)
		for {
			size, err := conn.Read(buf)
			if err != nil {
				break
			}
			n++
			if err := message.Decode(buf[:size], &m); err != nil {
				t.Errorf("an answer is no message: %x: %v", buf[:min(size, 200)], err)
				break
			}
		}
		done <- n
	}()
	return func() int {
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		return <-done
	}
}

// modelOID is the name of an instance in the model.
func modelOID(t testing.TB, path string, instance ...uint32) string {
	t.Helper()
	o := model.Registry.Object(path)
	if o == nil {
		t.Fatalf("there is no object %s", path)
	}
	return o.OID.Append(instance...).String()
}

// request is a PDU of the corpus before it has a version.
type request struct {
	typ  message.PDUType
	a, b int
	vbs  []varbind
}

// seeds are messages of every version, level and PDU type that an agent can
// meet; requests are those of them that it answers, and scoped are ScopedPDUs
// to mutate before they are made authentic. What they set is harmless, and so
// is what they set in each other's place.
type seeds struct{ packets, requests, scoped [][]byte }

func corpus(m *manager) *seeds {
	var c seeds
	for _, q := range requests(m.t) {
		inV1, inV2c, answered := false, true, false
		switch q.typ {
		case message.Get, message.GetNext, message.Set:
			inV1, answered = true, true
		case message.GetBulk:
			answered = true
		case message.Response:
			inV1 = true
		case message.Report:
			inV2c = false
		}
		var packets [][]byte
		if inV1 {
			packets = append(packets, asV1(m.community(message.V2c, q.typ, q.a, q.b, q.vbs)))
		}
		if inV2c {
			packets = append(packets, m.community(message.V2c, q.typ, q.a, q.b, q.vbs))
		}
		s := m.scoped(m.pdu(q.typ, q.a, q.b, q.vbs))
		c.scoped = append(c.scoped, s)
		for level := message.NoAuthNoPriv; level <= message.AuthPriv; level++ {
			packets = append(packets, m.seal(level, s))
		}
		c.packets = append(c.packets, packets...)
		if answered {
			c.requests = append(c.requests, packets...)
		}
	}
	c.packets = append(c.packets, trapV1(m))
	return &c
}

// asV1 makes a v2c message one of v1, whatever is in it.
func asV1(packet []byte) []byte {
	parts := children(packet)
	parts[0].content = []byte{byte(message.V1)}
	return (&tlv{tag: byte(ber.Sequence), kids: parts}).encode(nil)
}

func requests(t testing.TB) []request {
	name := modelOID(t, "Hoc.SystemName", 0)
	user := modelOID(t, "Aaa.Users.AccessRights", 5, 'a', 'd', 'm', 'i', 'n')
	criteria := modelOID(t, "SipEp.Authentication.CriteriaSelection", 7)
	status := modelOID(t, "SipEp.Authentication.RowStatus", 7)
	text := func(oid, s string) varbind { return varbind{mib.MustOID(oid), mib.String(s)} }
	number := func(oid string, n int32) varbind { return varbind{mib.MustOID(oid), mib.Int(n)} }
	kinds := []varbind{text(name, "y"), number(criteria, 200)}
	for _, v := range []mib.Value{
		mib.Uint(7), mib.Numeric(mib.Counter32, 7), mib.Numeric(mib.Counter64, 1<<63), mib.Numeric(mib.TimeTicks, 7),
		mib.Octets(mib.IPAddress, "\x7f\x00\x00\x01"), mib.Octets(mib.Opaque, "opaque"), mib.Ident(mib.MustOID("1.3.6.1")),
	} {
		kinds = append(kinds, varbind{mib.MustOID(name), v})
	}
	long := slices.Repeat(names("1.3.6.1.2.1.1.1.0"), 30) // answered by more than 484 octets
	many := names(upTimeOID, "1.3.6.1.2.1.1.1.0", name, user, "1.3.6.1.6.3.10.2.1.3.0", "1.3.6.1.2.1.11.30.0")
	return []request{
		{message.Get, 0, 0, names(upTimeOID)},
		{message.Get, 0, 0, many},
		{message.Get, 0, 0, nil},
		{message.Get, 0, 0, long},
		{message.GetNext, 0, 0, names("1.3", user, "1.3.6.1.6.3.15")},
		{message.GetNext, 0, 0, names("2.5")},
		{message.GetBulk, 0, 25, names(modelOID(t, "Scm.MinSeverity"))},
		{message.GetBulk, 2, 10, many},
		{message.GetBulk, 0, 1<<31 - 1, names("1.3.6.1.2.1.11")},
		{message.Set, 0, 0, []varbind{text(name, "gateway one")}},
		{message.Set, 0, 0, []varbind{number(status, 4), number(criteria, 100)}},
		{message.Set, 0, 0, []varbind{number(status, 6)}},
		{message.Set, 0, 0, []varbind{text(name, "x"), text(upTimeOID, "not that")}},
		{message.Set, 0, 0, kinds},
		{message.Response, 0, 0, []varbind{text(name, "an answer")}},
		{message.Inform, 0, 0, []varbind{{mib.MustOID(upTimeOID), mib.Numeric(mib.TimeTicks, 1)}, {mib.MustOID("1.3.6.1.6.3.1.1.4.1.0"), mib.Ident(mib.MustOID("1.3.6.1.6.3.1.1.5.1"))}}},
		{message.TrapV2, 0, 0, []varbind{{mib.MustOID(upTimeOID), mib.Numeric(mib.Counter64, 1<<63)}}},
		{message.Report, 0, 0, []varbind{{mib.MustOID("1.3.6.1.6.3.15.1.1.4.0"), mib.Numeric(mib.Counter32, 1)}}},
	}
}

// trapV1 is a Trap-PDU of v1, which has fields of its own (RFC 1157 §4.1.6).
func trapV1(m *manager) []byte {
	m.b.Begin(message.Envelope{
		Version: message.V1, Type: message.TrapV1, Community: []byte(testCommunity),
		Trap: message.Trap{Enterprise: mib.MustOID("1.3.6.1.4.1.32473.100"), Generic: 6, Specific: 1, Timestamp: 1},
	}, maxDatagram)
	out, err := m.b.Finish(message.NoError, 0)
	if err != nil {
		m.t.Fatal(err)
	}
	return bytes.Clone(out)
}
