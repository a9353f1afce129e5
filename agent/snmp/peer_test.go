package snmp

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// peer is a socket that is connected to the unit.
type peer struct {
	t    testing.TB
	conn *net.UDPConn
}

func dial(t testing.TB, to netip.AddrPort) *peer {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &peer{t: t, conn: conn}
}

func (u *unit) dial() *peer {
	u.t.Helper()
	return dial(u.t, u.svc.Addrs()[0])
}

func (p *peer) send(packet []byte) {
	p.t.Helper()
	if _, err := p.conn.Write(packet); err != nil {
		p.t.Fatal(err)
	}
}

// receive waits for a datagram; nil when none comes.
func (p *peer) receive(wait time.Duration) []byte {
	p.t.Helper()
	buf := make([]byte, 65536)
	if err := p.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		p.t.Fatal(err)
	}
	n, err := p.conn.Read(buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

func (p *peer) ask(packet []byte) []byte {
	p.t.Helper()
	p.send(packet)
	return p.receive(5 * time.Second)
}

// client builds requests; it stands for a manager.
type client struct {
	t       testing.TB
	b       message.Builder
	id      int32
	maxSize int32 // in v3; 0: maxMessage
}

// community makes a request of v1 or v2c; a and b are error-status and -index,
// or GetBulk's numbers.
func (c *client) community(v message.Version, typ message.PDUType, a, b int, names ...mib.OID) []byte {
	c.id++
	c.b.Begin(message.Envelope{Version: v, Type: typ, RequestID: c.id, Community: []byte("public")}, maxMessage)
	for _, n := range names {
		if err := c.b.AppendNull(n, 5); err != nil {
			c.t.Fatal(err)
		}
	}
	out, err := c.b.Finish(message.ErrorStatus(a), b)
	if err != nil {
		c.t.Fatal(err)
	}
	return append([]byte(nil), out...)
}

// v3 makes a request of admin, sealed as a manager that knows the engine does.
func (c *client) v3(u *unit, typ message.PDUType, a, b int, names ...mib.OID) []byte {
	c.id++
	c.b.Begin(c.envelope(u, typ), maxMessage)
	for _, n := range names {
		if err := c.b.AppendNull(n, 5); err != nil {
			c.t.Fatal(err)
		}
	}
	out, err := c.b.Finish(message.ErrorStatus(a), b)
	if err != nil {
		c.t.Fatal(err)
	}
	return append([]byte(nil), out...)
}

// envelope is that of a v3 request of admin.
func (c *client) envelope(u *unit, typ message.PDUType) message.Envelope {
	sec := &usm.Context{}
	if err := u.svc.engine.usm().Originate(sec, u.admin(), message.AuthPriv); err != nil {
		c.t.Fatal(err)
	}
	size := c.maxSize
	if size == 0 {
		size = maxMessage
	}
	return message.Envelope{
		Version: message.V3, Type: typ, RequestID: c.id, MsgID: c.id, MaxSize: size, Reportable: true,
		Scope: message.Scope{ContextEngineID: u.svc.EngineID()}, Security: sec,
	}
}

// admin is account admin at the engine of the unit.
func (u *unit) admin() *usm.User {
	u.t.Helper()
	cred, err := usm.NewCredentials(nil, "admin", usm.SHA256, adminPassword, usm.AES128, "")
	if err != nil {
		u.t.Fatal(err)
	}
	user, err := cred.Localize(u.svc.EngineID())
	if err != nil {
		u.t.Fatal(err)
	}
	return user
}

// open reads an answer to admin into plain; an engine with the unit's own
// identity and clock stands for the manager's knowledge of it.
func (u *unit) open(sealed, plain *message.Message) error {
	u.t.Helper()
	boots, seconds := u.svc.engine.Time()
	now := time.Now()
	eng, err := usm.NewEngine(usm.Config{
		ID: u.svc.EngineID(), Boots: boots, Users: usm.NewUserTable(u.admin()),
		Clock: func() time.Time { return now },
	})
	if err != nil {
		return err
	}
	now = now.Add(time.Duration(seconds) * time.Second)
	if err := message.Decode(sealed.Raw, plain); err != nil {
		return err
	}
	return eng.Incoming(plain, &usm.Context{})
}

// decode reads an answer; no answer is fatal.
func (p *peer) decode(packet []byte) *message.Message {
	p.t.Helper()
	if packet == nil {
		p.t.Fatal("no answer")
	}
	m := &message.Message{}
	if err := message.Decode(packet, m); err != nil {
		p.t.Fatal(err)
	}
	return m
}

// set makes a SET of one variable.
func (c *client) set(v message.Version, name mib.OID, value mib.Value) []byte {
	c.id++
	c.b.Begin(message.Envelope{Version: v, Type: message.Set, RequestID: c.id, Community: []byte("public")}, maxMessage)
	if err := c.b.Append(name, value); err != nil {
		c.t.Fatal(err)
	}
	out, err := c.b.Finish(0, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	return append([]byte(nil), out...)
}
