package main

import (
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// fakeAgent answers v3 requests itself.
type fakeAgent struct {
	t      *testing.T
	conn   *net.UDPConn
	engine *usm.Engine
	user   *usm.User
	b      message.Builder
}

func newFakeAgent(t *testing.T) (*fakeAgent, *generator) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	id := usm.RandomEngineID(32473)
	creds, err := usm.NewCredentials(nil, user, usm.SHA1, password, usm.AES128, "")
	if err != nil {
		t.Fatal(err)
	}
	a := &fakeAgent{t: t, conn: conn}
	if a.user, err = creds.Localize(id); err != nil {
		t.Fatal(err)
	}
	if a.engine, err = usm.NewEngine(usm.Config{ID: id, Boots: 1, Users: usm.NewUserTable(a.user)}); err != nil {
		t.Fatal(err)
	}
	g, err := newGenerator(conn.LocalAddr().(*net.UDPAddr).AddrPort().Port(), 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	return a, g
}

// response is the answer to the request with an id, at AuthPriv.
func (a *fakeAgent) response(id int32) []byte {
	var ctx usm.Context
	if err := a.engine.Originate(&ctx, a.user, message.AuthPriv); err != nil {
		a.t.Error(err)
	}
	a.b.Begin(message.Envelope{
		Version: message.V3, Type: message.Response, RequestID: id, MsgID: id, MaxSize: 1472,
		Scope: message.Scope{ContextEngineID: a.engine.ID()}, Security: &ctx,
	}, 1472)
	if err := a.b.Append(mib.OID{1, 3, 6}, mib.Int(1)); err != nil {
		a.t.Error(err)
	}
	out, err := a.b.Finish(0, 0)
	if err != nil {
		a.t.Error(err)
	}
	return out
}

// serve answers what comes until the test ends.
func (a *fakeAgent) serve() {
	buf := make([]byte, 2048)
	for {
		n, from, err := a.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		var m message.Message
		var ctx usm.Context
		if err := message.Decode(buf[:n], &m); err != nil {
			a.t.Error(err)
		}
		answer := a.engine.Report(&a.b, &m, &ctx, a.engine.Incoming(&m, &ctx))
		if answer == nil {
			answer = a.response(m.Header.MsgID)
		}
		if _, err := a.conn.WriteToUDPAddrPort(answer, from); err != nil {
			return
		}
	}
}

// TestLateAnswers: what was asked in a turn before may be answered when the
// next turn learns the engine ID.
func TestLateAnswers(t *testing.T) {
	a, g := newFakeAgent(t)
	for i := range int32(3) {
		if _, err := a.conn.WriteTo(a.response(firstID+i), g.conn.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	go a.serve()
	e, err := newEncoder(security{auth: usm.SHA1}, ours, g)
	if err != nil {
		t.Fatal(err)
	}
	packet, err := e.encode(operations[0], firstID+9, []object{{name: mib.OID{1, 3, 6}}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := g.ask(packet)
	if err != nil || e.check(operations[0], answer) != nil || idOf(answer) != firstID+9 {
		t.Fatalf("%x, %v", answer, err)
	}
}

// TestDrain: a turn ends when what it asked has been answered.
func TestDrain(t *testing.T) {
	a, g := newFakeAgent(t)
	const slow = 100 * time.Millisecond
	began := time.Now()
	for i := range int32(2) {
		answer := append([]byte(nil), a.response(firstID+i)...)
		time.AfterFunc(time.Duration(i)*slow, func() { _, _ = a.conn.WriteTo(answer, g.conn.LocalAddr()) })
	}
	g.drain(2)
	if took := time.Since(began); took < slow || took > patience {
		t.Errorf("took %v", took)
	}
	if _, err := g.mmsg(unix.SYS_RECVMMSG, g.in, unix.MSG_DONTWAIT); !errors.Is(err, errSilence) {
		t.Errorf("something is left: %v", err)
	}
}
