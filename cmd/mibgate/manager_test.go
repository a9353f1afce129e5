package main

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// The community and the v3 user of the tests that ask a running agent.
const (
	testCommunity = "public"
	testUser      = "admin"
	testPassword  = "correct horse"
)

// maxDatagram is the most that a UDP datagram over IPv4 holds.
const maxDatagram = 65507

// manager makes requests as an SNMP manager does, with the codec of our agent,
// and asks an agent on loopback: ours or another. Requests are octets that can
// be sent any number of times while the v3 time window lasts.
type manager struct {
	t       testing.TB
	conn    *net.UDPConn
	b       message.Builder
	remotes [message.AuthPriv + 1]*usm.Remote // by level, after discover
	id      int32
	maxSize int32 // msgMaxSize
	buf     [maxDatagram]byte
}

// varbind is a variable binding of a request; a value of no kind is NULL.
type varbind struct {
	name  mib.OID
	value mib.Value
}

// names makes variable bindings without values.
func names(oids ...string) []varbind {
	out := make([]varbind, len(oids))
	for i, o := range oids {
		out[i].name = mib.MustOID(o)
	}
	return out
}

func newManager(t testing.TB, port uint16) *manager {
	t.Helper()
	conn, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(port)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &manager{t: t, conn: conn, maxSize: maxDatagram}
}

// pdu makes the PDU of a request; a and b are error-status and -index, or
// GetBulk's numbers.
func (m *manager) pdu(typ message.PDUType, a, b int, vbs []varbind) []byte {
	m.t.Helper()
	parts := children(m.community(message.V2c, typ, a, b, vbs))
	return parts[len(parts)-1].encode(nil)
}

// community makes a request of v1 or v2c.
func (m *manager) community(v message.Version, typ message.PDUType, a, b int, vbs []varbind) []byte {
	m.t.Helper()
	m.id++
	m.b.Begin(message.Envelope{Version: v, Type: typ, RequestID: m.id, Community: []byte(testCommunity)}, maxDatagram)
	for _, vb := range vbs {
		err := error(nil)
		if vb.value.Kind == mib.KindNone {
			err = m.b.AppendNull(vb.name, ber.Null)
		} else {
			err = m.b.Append(vb.name, vb.value)
		}
		if err != nil {
			m.t.Fatal(err)
		}
	}
	out, err := m.b.Finish(message.ErrorStatus(a), b)
	if err != nil {
		m.t.Fatal(err)
	}
	return append([]byte(nil), out...)
}

// discover finds out engine ID and time of the agent (RFC 3414 §4), for every
// level from the lowest one that the agent permits.
func (m *manager) discover(lowest message.Level) {
	m.t.Helper()
	engine, err := usm.NewEngine(usm.Config{ID: usm.RandomEngineID(32473), Boots: 1})
	if err != nil {
		m.t.Fatal(err)
	}
	creds, err := usm.NewCredentials(nil, testUser, usm.SHA256, testPassword, usm.AES128, "")
	if err != nil {
		m.t.Fatal(err)
	}
	for level := lowest; level <= message.AuthPriv; level++ {
		if m.remotes[level], err = usm.NewRemote(engine, creds, level); err != nil {
			m.t.Fatal(err)
		}
		m.learn(level)
	}
}

// learn asks until the agent has told what a request of this level needs.
func (m *manager) learn(level message.Level) {
	m.t.Helper()
	r := m.remotes[level]
	for range 4 {
		var ctx usm.Context
		var packet []byte
		if r.Known() {
			packet = m.seal(level, scopedFor(r.EngineID(), m.pdu(message.Get, 0, 0, names("1.3.6.1.2.1.1.3.0"))))
		} else {
			m.id++
			var err error
			if packet, err = r.Probe(&m.b, &ctx, m.id); err != nil {
				m.t.Fatal(err)
			}
		}
		answer := m.ask(packet)
		if err := r.Incoming(&answer, &ctx); err == nil {
			return
		} else if !errors.Is(err, usm.ErrLearned) {
			m.t.Fatalf("discovery at %s: %v", level, err)
		}
	}
	m.t.Fatalf("discovery at %s does not end", level)
}

// v3 makes a request of testUser.
func (m *manager) v3(level message.Level, typ message.PDUType, a, b int, vbs []varbind) []byte {
	m.t.Helper()
	return m.seal(level, m.scoped(m.pdu(typ, a, b, vbs)))
}

// scoped makes a PDU a ScopedPDU of the agent's own context.
func (m *manager) scoped(pdu []byte) []byte {
	return scopedFor(m.remotes[message.AuthPriv].EngineID(), pdu)
}

func scopedFor(engineID, pdu []byte) []byte {
	id := tlv{tag: byte(ber.OctetString), content: engineID}
	s := tlv{tag: byte(ber.Sequence), content: append(id.encode(nil), byte(ber.OctetString), 0)}
	s.content = append(s.content, pdu...)
	return s.encode(nil)
}

// seal makes octets, which need not be a ScopedPDU, the contents of an
// authentic message.
func (m *manager) seal(level message.Level, scoped []byte) []byte {
	m.t.Helper()
	m.id++
	var ctx usm.Context
	if err := m.remotes[level].Secure(&ctx); err != nil {
		m.t.Fatal(err)
	}
	var w ber.Writer
	w.Reset(256)
	w.Append(scoped)
	h := message.Header{
		MsgID: m.id, MaxSize: m.maxSize, Flags: level.Flags() | message.FlagReportable, SecurityModel: message.SecurityModelUSM,
	}
	if err := ctx.Seal(&w, &h); err != nil {
		m.t.Fatal(err)
	}
	return w.Bytes()
}

// open opens an answer at authPriv, which must be without error.
func (m *manager) open(answer *message.Message) error {
	var ctx usm.Context
	if err := m.remotes[message.AuthPriv].Incoming(answer, &ctx); err != nil {
		return err
	}
	if answer.PDU.ErrorStatus() != message.NoError {
		return fmt.Errorf("the answer is %v", answer.PDU.ErrorStatus())
	}
	return nil
}

// try sends a request and waits for the answer, which it takes as it comes.
func (m *manager) try(packet []byte, wait time.Duration) ([]byte, error) {
	if _, err := m.conn.Write(packet); err != nil {
		return nil, err
	}
	if err := m.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return nil, err
	}
	n, err := m.conn.Read(m.buf[:])
	return m.buf[:n], err
}

// ask is try for what must be answered, repeated as a manager does; the answer
// is decoded, of v3 the header.
func (m *manager) ask(packet []byte) message.Message {
	m.t.Helper()
	var answer message.Message
	for range 5 {
		out, err := m.try(packet, 2*time.Second)
		if err == nil {
			err = message.Decode(out, &answer)
		}
		if err == nil {
			return answer
		}
		m.t.Logf("asking again: %v", err)
	}
	m.t.Fatalf("no answer to %x", packet)
	return answer
}

// counters reads numbers with one v2c GET.
func (m *manager) counters(oids ...string) []uint64 {
	m.t.Helper()
	answer := m.ask(m.community(message.V2c, message.Get, 0, 0, names(oids...)))
	if answer.PDU.ErrorStatus() != message.NoError || len(answer.PDU.Varbinds) != len(oids) {
		m.t.Fatalf("GET of %v answers %v", oids, answer.PDU)
	}
	out := make([]uint64, len(oids))
	for i, vb := range answer.PDU.Varbinds {
		v, err := vb.Value.Value()
		if err != nil || v.Kind == mib.KindNone {
			m.t.Fatalf("GET of %s: %v (%v)", oids[i], vb.Value, err)
		}
		out[i] = v.Uint64()
	}
	return out
}

// snmpUnit starts a unit with v1, v2c and v3 at every level on loopback; args
// and lines are added to the command line and the script.
func snmpUnit(t *testing.T, lines string, args ...string) (*process, uint16) {
	t.Helper()
	port := freePort(t)
	script := file(t, "snmp.cfg", "Hoc.ClockSource=\"Host\"\nSnmp.EnableSnmpV1=\"Enable\"\nSnmp.EnableSnmpV2=\"Enable\"\n"+
		"Snmp.Community=\""+testCommunity+"\"\nSnmp.CommunityRole=\"Admin\"\nSnmp.MinimumSecurityLevel=\"NoAuthNoPriv\"\n"+lines)
	args = append([]string{"--snmp", fmt.Sprintf("127.0.0.1:%d", port), "--script", script, "--initial-password", file(t, "pw", testPassword+"\n")}, args...)
	return start(t, folder(t), args...), port
}
