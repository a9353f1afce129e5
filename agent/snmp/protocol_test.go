package snmp

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// raw makes a message of any type, v1 or v2c.
func (c *client) raw(v message.Version, typ message.PDUType, community string) []byte {
	p := c.community(message.V2c, message.Get, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0"))
	p = bytes.Replace(p, []byte("public"), []byte(community), 1)
	p[4] = byte(v)
	p[bytes.IndexByte(p, byte(message.Get))] = byte(typ)
	return p
}

// Every way of being refused has its counter (RFC 3418, RFC 3412), and none
// has an answer.
func TestCounters(t *testing.T) {
	u := newUnit(t, openSettings...)
	c, x := &client{t: t}, u.newExchange()
	n := &u.svc.count
	v3Model := c.v3(u, message.Get, 0, 0)
	v3Model[bytes.Index(v3Model, []byte{0x02, 0x01, 0x03, 0x04})+2] = 9
	v3Flags := c.v3(u, message.Get, 0, 0)
	v3Flags[bytes.Index(v3Flags, []byte{0x04, 0x01, 0x07})+2] = byte(message.FlagPriv | message.FlagReportable)
	tests := []struct {
		name    string
		packet  []byte
		counter interface{ Load() uint32 }
	}{
		{"nothing", nil, &n.parseErrs},
		{"garbage", []byte("GET / HTTP/1.1\r\n\r\n"), &n.parseErrs},
		{"cut off", c.community(message.V2c, message.Get, 0, 0)[:20], &n.parseErrs},
		{"more after it", append(c.community(message.V2c, message.Get, 0, 0), 0), &n.parseErrs},
		{"version 2", c.raw(2, message.Get, "public"), &n.badVersions},
		{"community", c.raw(message.V2c, message.Get, "secret"), &n.badCommunityNames},
		{"GetBulk in v1", c.raw(message.V1, message.GetBulk, "public"), &n.parseErrs},
		{"response", c.raw(message.V2c, message.Response, "public"), &n.unknownPDUHandlers},
		{"trap", c.raw(message.V2c, message.TrapV2, "public"), &n.unknownPDUHandlers},
		{"inform", c.raw(message.V2c, message.Inform, "public"), &n.unknownPDUHandlers},
		{"security model", v3Model, &n.unknownSecurityModels},
		{"privacy without authentication", v3Flags, &n.invalidMsgs},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, all := tt.counter.Load(), n.inPkts.Load()
			if out := u.through(x, tt.packet); out != nil {
				t.Errorf("answered with %x", out)
			}
			if tt.counter.Load() != before+1 || n.inPkts.Load() != all+1 {
				t.Errorf("counted %d, and %d in all", tt.counter.Load()-before, n.inPkts.Load()-all)
			}
		})
	}
	st := status{u.svc}
	for _, tt := range []struct {
		typ     message.PDUType
		counter func() uint32
	}{{message.Get, st.StatsGetRequest}, {message.GetNext, st.StatsGetNextRequest}, {message.Set, st.StatsSetRequest}} {
		before := tt.counter()
		u.through(x, c.raw(message.V2c, tt.typ, "public"))
		u.through(x, c.v3(u, tt.typ, 0, 0))
		if got := tt.counter() - before; got != 2 {
			t.Errorf("%v counted %d", tt.typ, got)
		}
	}
	u.set(`Snmp.EnableSnmpV1="Disable"`)
	before := n.badVersions.Load()
	if out := u.through(x, c.raw(message.V1, message.Get, "public")); out != nil || n.badVersions.Load() != before+1 {
		t.Error("v1 is off, and counts as a bad version")
	}
}

// What the agent itself sends is not answered: two agents never talk to each
// other for ever.
func TestOwnAnswersAreNotAnswered(t *testing.T) {
	u := newUnit(t, openSettings...)
	c, x := &client{t: t}, u.newExchange()
	unknown := c.v3(u, message.Get, 0, 0)
	copy(unknown[bytes.Index(unknown, u.svc.EngineID()):], []byte{0x80, 0, 0, 0, 1})
	for name, packet := range map[string][]byte{
		"response": c.community(message.V2c, message.Get, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0")),
		"v3":       c.v3(u, message.Get, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0")),
		"report":   unknown,
	} {
		out := u.through(x, packet)
		if out == nil {
			t.Fatalf("%s: no answer at first", name)
		}
		if again := u.through(u.newExchange(), bytes.Clone(out)); again != nil {
			t.Errorf("%s: the answer is answered", name)
		}
	}
}

// An answer is never longer than the sender can take (RFC 3412 §6.2).
func TestMaxSizeIsKept(t *testing.T) {
	u := newUnit(t, openSettings...)
	for _, size := range []int32{484, 485, 600, 1472, 20_000, 65507} {
		c, x := &client{t: t, maxSize: size}, u.newExchange()
		for _, typ := range []message.PDUType{message.GetBulk, message.Get, message.Set} {
			out := u.through(x, c.v3(u, typ, 0, 200, mib.MustOID("1.3.6.1.2.1"), mib.MustOID("1.3.6.1.2.1.1")))
			if out == nil || len(out) > int(size) {
				t.Errorf("%v for a sender that takes %d: %d octets", typ, size, len(out))
			}
			if typ == message.GetBulk && size < 5000 && len(out) < int(size)-120 {
				t.Errorf("a GetBulk leaves %d of %d octets free", int(size)-len(out), size)
			}
		}
	}
}

// A million mutants are the soak's matter; some thousands show what is wrong
// at once: no panic, and answers as before.
func TestMutantsOverTheNetwork(t *testing.T) {
	u := newUnit(t, openSettings...)
	c, p := &client{t: t}, u.dial()
	seeds := u.seeds(c)
	rnd := rand.New(rand.NewPCG(3, 4))
	ask := c.community(message.V2c, message.Get, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0"))
	for i := range 5000 {
		m := bytes.Clone(seeds[rnd.IntN(len(seeds))])
		for range 1 + rnd.IntN(4) {
			switch at := rnd.IntN(len(m)); rnd.IntN(3) {
			case 0:
				m[at] = byte(rnd.Uint32())
			case 1:
				m[at] ^= 1 << rnd.IntN(8)
			case 2:
				m = m[:max(at, 2)]
			}
		}
		p.send(m)
		if i%500 == 0 {
			q := u.dial()
			start := time.Now()
			if out := q.ask(ask); out == nil || time.Since(start) > time.Second {
				t.Fatalf("after %d mutants the answer takes %v", i, time.Since(start))
			}
		}
	}
}

// seeds are messages of every kind.
func (u *unit) seeds(c *client) [][]byte {
	up, row := mib.MustOID("1.3.6.1.2.1.1.3.0"), mib.MustOID(u.oid("SipEp.Authentication.RowStatus", mib.Uint(3)))
	name := mib.MustOID(u.oid("Hoc.SystemName"))
	return [][]byte{
		c.community(message.V1, message.Get, 0, 0, up, name),
		c.community(message.V2c, message.Get, 0, 0, name, row),
		c.community(message.V2c, message.GetNext, 0, 0, up, mib.MustOID("1.3"), mib.MustOID(u.column("Aaa.Users.AccessRights"))),
		c.community(message.V2c, message.GetBulk, 1, 20, up, mib.MustOID("1.3"), mib.MustOID(u.column("Aaa.Users.AccessRights"))),
		c.set(message.V1, name, mib.String("a")),
		c.set(message.V2c, row, mib.Int(4)),
		c.set(message.V2c, row, mib.Int(6)),
		c.set(message.V2c, mib.MustOID(u.oid("SipEp.Authentication.Username", mib.Uint(3))), mib.String("u")),
		c.v3(u, message.Get, 0, 0, up),
		c.v3(u, message.GetBulk, 0, 9, up),
	}
}

// FuzzDatagram feeds datagrams to the agent, without a network.
func FuzzDatagram(f *testing.F) {
	u := newUnit(f, openSettings...)
	for _, s := range u.seeds(&client{t: f}) {
		f.Add(s)
	}
	x := u.newExchange()
	var m message.Message
	f.Fuzz(func(t *testing.T, packet []byte) {
		out := u.through(x, packet)
		if out == nil {
			return
		}
		if len(out) > maxMessage {
			t.Fatalf("%d octets", len(out))
		}
		if err := message.Decode(out, &m); err != nil {
			t.Fatalf("the answer %x cannot be read: %v", out, err)
		}
		if m.Version != message.V3 && m.PDU.Type != message.Response {
			t.Fatalf("the answer is a %v", m.PDU.Type)
		}
		if _, _, err := ber.Next(out); err != nil {
			t.Fatal(err)
		}
	})
}
