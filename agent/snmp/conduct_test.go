package snmp

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// many makes a SET of several variables, in any version.
func (c *client) many(u *unit, version message.Version, vbs []binding) []byte {
	c.t.Helper()
	c.id++
	e := message.Envelope{Version: version, Type: message.Set, RequestID: c.id, Community: []byte("public")}
	if version == message.V3 {
		e = c.envelope(u, message.Set)
	}
	c.b.Begin(e, maxMessage)
	for _, vb := range vbs {
		if err := c.b.Append(vb.name, vb.value); err != nil {
			c.t.Fatal(err)
		}
	}
	out, err := c.b.Finish(message.NoError, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	return bytes.Clone(out)
}

// read decodes an answer of any version.
func (u *unit) read(packet []byte) *message.Message {
	u.t.Helper()
	m := &message.Message{}
	if packet == nil {
		u.t.Fatal("no answer")
	}
	if err := message.Decode(packet, m); err != nil {
		u.t.Fatal(err)
	}
	if m.Version != message.V3 {
		return m
	}
	plain := &message.Message{}
	if err := u.open(m, plain); err != nil {
		u.t.Fatal(err)
	}
	return plain
}

// TestSetOf200 sets 200 variables in one message: 100 rows and what is in
// them. With the last one wrong nothing is set, and the index says which.
func TestSetOf200(t *testing.T) {
	for _, version := range []message.Version{message.V1, message.V2c, message.V3} {
		t.Run(version.String(), func(t *testing.T) {
			u := newUnit(t, openSettings...)
			c, x := &client{t: t}, u.newExchange()
			var vbs []binding
			for i := range 100 {
				key := mib.Uint(uint32(1 + i)) //nolint:gosec // small
				vbs = append(vbs,
					binding{mib.MustOID(u.oid("SipEp.Authentication.Username", key)), mib.String("user " + strconv.Itoa(i))},
					binding{mib.MustOID(u.oid("SipEp.Authentication.RowStatus", key)), mib.Int(int32(mib.RowCreateAndGo))})
			}
			users := func() *sipep.Config { return sipep.Of(u.el.Store.Current()) }
			wrong := append(slices.Clone(vbs[:199]), binding{upTimeName, mib.Numeric(mib.TimeTicks, 1)})
			want := message.NotWritable
			if version == message.V1 {
				want = want.V1()
			}
			before := u.el.Store.Current().Seq
			m := u.read(u.through(x, c.many(u, version, wrong)))
			if m.PDU.ErrorStatus() != want || m.PDU.ErrorIndex() != 200 || len(m.PDU.Varbinds) != 200 {
				t.Errorf("with the last one wrong: %v at %d", m.PDU.ErrorStatus(), m.PDU.ErrorIndex())
			}
			if u.el.Store.Current().Seq != before || users().FindAuthentication(1) != nil {
				t.Error("a part of it was set")
			}
			m = u.read(u.through(x, c.many(u, version, vbs)))
			if m.PDU.ErrorStatus() != message.NoError || len(m.PDU.Varbinds) != 200 {
				t.Errorf("%v at %d, %d variable bindings", m.PDU.ErrorStatus(), m.PDU.ErrorIndex(), len(m.PDU.Varbinds))
			}
			if got := u.el.Store.Current().Seq; got != before+1 {
				t.Errorf("it took %d changes", got-before)
			}
			for i := range 100 {
				row := users().FindAuthentication(uint32(1 + i)) //nolint:gosec // small
				if row == nil || row.Username != "user "+strconv.Itoa(i) {
					t.Fatalf("row %d is %+v", 1+i, row)
				}
			}
		})
	}
}

// TestMaxSizeBothWays: what a manager can take bounds our answers, as RFC 3416
// §4.2 says how; what we can take is in each of them.
func TestMaxSizeBothWays(t *testing.T) {
	u := newUnit(t, append(openSettings, rows...)...)
	u.addGateways(100)
	small, large := &client{t: t, maxSize: message.MinMaxSize}, &client{t: t}
	x := u.newExchange()
	var cells []mib.OID
	for i := range 40 {
		cells = append(cells, mib.MustOID(u.oid("SipEp.Gateway.NetworkInterface", mib.String(gatewayName(i)))))
	}
	for _, typ := range []message.PDUType{message.Get, message.GetNext} {
		m := u.read(u.through(x, small.v3(u, typ, 0, 0, cells...)))
		if m.PDU.ErrorStatus() != message.TooBig || m.PDU.ErrorIndex() != 0 || len(m.PDU.Varbinds) != 0 {
			t.Errorf("%v: %v at %d with %d variable bindings", typ, m.PDU.ErrorStatus(), m.PDU.ErrorIndex(), len(m.PDU.Varbinds))
		}
		m = u.read(u.through(x, large.v3(u, typ, 0, 0, cells...)))
		if m.PDU.ErrorStatus() != message.NoError || len(m.PDU.Varbinds) != len(cells) {
			t.Errorf("%v: a large answer is %v with %d variable bindings", typ, m.PDU.ErrorStatus(), len(m.PDU.Varbinds))
		}
		if m.Header.MaxSize != maxMessage {
			t.Errorf("we announce %d octets", m.Header.MaxSize)
		}
	}
	m := u.read(u.through(x, small.v3(u, message.GetBulk, 0, 40, cells[0])))
	cut := len(m.PDU.Varbinds)
	whole := u.read(u.through(x, large.v3(u, message.GetBulk, 0, 40, cells[0])))
	if m.PDU.ErrorStatus() != message.NoError || cut == 0 || cut >= 40 || len(whole.PDU.Varbinds) != 40 {
		t.Errorf("a GetBulk of 40 is %v with %d variable bindings, and a large one with %d", m.PDU.ErrorStatus(), cut, len(whole.PDU.Varbinds))
	}
	before := u.el.Store.Current().Seq
	var vbs []binding
	for i := range 40 {
		vbs = append(vbs, binding{cells[i], mib.String("Lan1")})
	}
	if m := u.read(u.through(x, small.many(u, message.V3, vbs))); m.PDU.ErrorStatus() != message.TooBig || u.el.Store.Current().Seq != before {
		t.Errorf("a SET that cannot be answered is %v", m.PDU.ErrorStatus())
	}
	unknown := large.v3(u, message.Get, 0, 0, upTimeName)
	copy(unknown[bytes.Index(unknown, u.svc.EngineID()):], []byte{0x80, 0, 0, 0, 1})
	report := &message.Message{}
	if err := message.Decode(u.through(x, unknown), report); err != nil || report.Header.MaxSize != maxMessage {
		t.Errorf("a Report announces %d octets: %v", report.Header.MaxSize, err)
	}
	if n := (engineStatus{u.svc}).SnmpEngineMaxMessageSize(); n != maxMessage {
		t.Errorf("snmpEngineMaxMessageSize is %d", n)
	}
	errs := u.svc.count.parseErrs.Load() + u.svc.count.invalidMsgs.Load()
	if u.through(x, (&client{t: t, maxSize: message.MinMaxSize - 1}).v3(u, message.Get, 0, 0, upTimeName)) != nil ||
		u.svc.count.parseErrs.Load()+u.svc.count.invalidMsgs.Load() != errs+1 {
		t.Error("less than every engine must take is taken")
	}
}

// The counters that a manager reads, by the name that the tests give them.
var counterNames = []struct {
	name string
	oid  mib.OID
}{
	{"snmpInPkts", mib.MustOID("1.3.6.1.2.1.11.1.0")},
	{"snmpInBadVersions", mib.MustOID("1.3.6.1.2.1.11.3.0")},
	{"snmpInBadCommunityNames", mib.MustOID("1.3.6.1.2.1.11.4.0")},
	{"snmpInBadCommunityUses", mib.MustOID("1.3.6.1.2.1.11.5.0")},
	{"snmpInASNParseErrs", mib.MustOID("1.3.6.1.2.1.11.6.0")},
	{"snmpSilentDrops", mib.MustOID("1.3.6.1.2.1.11.31.0")},
	{"snmpProxyDrops", mib.MustOID("1.3.6.1.2.1.11.32.0")},
	{"snmpUnknownSecurityModels", mib.MustOID("1.3.6.1.6.3.11.2.1.1.0")},
	{"snmpInvalidMsgs", mib.MustOID("1.3.6.1.6.3.11.2.1.2.0")},
	{"snmpUnknownPDUHandlers", mib.MustOID("1.3.6.1.6.3.11.2.1.3.0")},
	{"snmpUnavailableContexts", mib.MustOID("1.3.6.1.6.3.12.1.4.0")},
	{"snmpUnknownContexts", mib.MustOID("1.3.6.1.6.3.12.1.5.0")},
	{"usmStatsUnsupportedSecLevels", mib.MustOID("1.3.6.1.6.3.15.1.1.1.0")},
	{"usmStatsNotInTimeWindows", mib.MustOID("1.3.6.1.6.3.15.1.1.2.0")},
	{"usmStatsDecryptionErrors", mib.MustOID("1.3.6.1.6.3.15.1.1.6.0")},
	{"usmStatsUnknownUserNames", mib.MustOID("1.3.6.1.6.3.15.1.1.3.0")},
	{"usmStatsUnknownEngineIDs", mib.MustOID("1.3.6.1.6.3.15.1.1.4.0")},
	{"usmStatsWrongDigests", mib.MustOID("1.3.6.1.6.3.15.1.1.5.0")},
}

// TestCountersAreTrue provokes every counter of RFC 3418 §2, and those of
// RFC 3412 and RFC 3414 beside them, once each, reads all of them over SNMP
// and finds that this one has counted and no other.
func TestCountersAreTrue(t *testing.T) {
	u := newUnit(t, openSettings...)
	c, x := &client{t: t}, u.newExchange()
	var names []mib.OID
	for _, n := range counterNames {
		names = append(names, n.oid)
	}
	read := func() (values []uint64) {
		t.Helper()
		m := u.read(u.through(x, c.community(message.V2c, message.Get, 0, 0, names...)))
		for i, vb := range m.PDU.Varbinds {
			v, err := vb.Value.Value()
			if err != nil || v.Kind != mib.Counter32 {
				t.Fatalf("%s is %v, %v", counterNames[i].name, v, err)
			}
			values = append(values, v.Uint64())
		}
		return values
	}
	guess := guesses(t, u)
	engine := c.v3(u, message.Get, 0, 0, upTimeName)
	copy(engine[bytes.Index(engine, u.svc.EngineID()):], []byte{0x80, 0, 0, 0, 1})
	model := c.v3(u, message.Get, 0, 0)
	model[bytes.Index(model, []byte{0x02, 0x01, 0x03, 0x04})+2] = 9
	flags := c.v3(u, message.Get, 0, 0)
	flags[bytes.Index(flags, []byte{0x04, 0x01, 0x07})+2] = byte(message.FlagPriv | message.FlagReportable)
	var asked message.Message
	if err := message.DecodeHeader(c.community(message.V2c, message.Get, 0, 0, upTimeName), &asked); err != nil {
		t.Fatal(err)
	}
	get := asked.Header.Data
	next, err := usm.NewEngine(usm.Config{ID: u.svc.EngineID(), Boots: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, counter string // or several
		packet        []byte
		settings      []string
	}{
		{"an answer", "", c.community(message.V2c, message.Get, 0, 0, upTimeName), nil},
		{"garbage", "snmpInASNParseErrs", []byte{0x30, 0x84, 0xff}, nil},
		{"version 2", "snmpInBadVersions", c.raw(2, message.Get, "public"), nil},
		{"wrong community", "snmpInBadCommunityNames", guess["community v2c"], nil},
		{"GET of an observer", "", c.community(message.V2c, message.Get, 0, 0, upTimeName), []string{`Snmp.CommunityRole="Observer"`}},
		{"SET of an observer", "snmpInBadCommunityUses", c.set(message.V2c, sysNameName, mib.String("x")), nil},
		{"SET of what a user may not", "snmpInBadCommunityUses", c.set(message.V2c, mib.MustOID(u.oid("Snmp.Port")), mib.Uint(161)), []string{`Snmp.CommunityRole="User"`}},
		{"an answer that never fits", "snmpSilentDrops snmpUnknownContexts", c.elsewhere(u), nil},
		{"security model", "snmpUnknownSecurityModels", model, nil},
		{"flags", "snmpInvalidMsgs", flags, nil},
		{"response", "snmpUnknownPDUHandlers", c.raw(message.V2c, message.Response, "public"), nil},
		{"user", "usmStatsUnknownUserNames", guess["user"], nil},
		{"engine", "usmStatsUnknownEngineIDs", engine, nil},
		{"digest", "usmStatsWrongDigests", guess["digest"], nil},
		{"context", "snmpUnknownContexts", u.authentic(t, message.AuthPriv, 0, nil, []byte("elsewhere"), get), nil},
		{"level", "usmStatsUnsupportedSecLevels", u.authentic(t, message.AuthNoPriv, 0, nil, nil, get), nil},
		{"time", "usmStatsNotInTimeWindows", u.sealed(t, next, message.AuthPriv, 0, get), nil},
		{"cipher", "usmStatsDecryptionErrors", u.sealed(t, u.svc.engine.usm(), message.AuthPriv, 0, []byte("no ScopedPDU")), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u.set(tt.settings...)
			before := read()
			u.through(x, tt.packet)
			after := read()
			for i, n := range counterNames {
				want := uint64(0)
				switch {
				case slices.Contains(strings.Fields(tt.counter), n.name):
					want = 1
				case n.name == "snmpInPkts":
					want = 2 // and the GET
				}
				if got := after[i] - before[i]; got != want {
					t.Errorf("%s has counted %d, not %d", n.name, got, want)
				}
			}
		})
	}
}

// TestCommunityMessageSize: answers to v1 and v2c are as long as it says at most,
// and those to v3 as the manager says.
func TestCommunityMessageSize(t *testing.T) {
	u := newUnit(t, append(openSettings, `Snmp.CommunityMessageSize=600`)...)
	c, x := &client{t: t}, u.newExchange()
	root, place := mib.MustOID("1.3"), slices.Repeat([]mib.OID{locationName}, 100)
	if out := u.through(x, c.community(message.V2c, message.GetBulk, 0, 1000, root)); len(out) > 600 || len(out) < 500 {
		t.Errorf("a GETBULK is answered with %d octets", len(out))
	}
	for _, version := range []message.Version{message.V1, message.V2c} {
		out := u.through(x, c.community(version, message.Get, 0, 0, place...))
		if m := u.read(out); m.PDU.ErrorStatus() != message.TooBig || len(out) > 600 {
			t.Errorf("SNMP%s: a GET is answered with %v in %d octets", version, m.PDU.ErrorStatus(), len(out))
		}
	}
	if out := u.through(x, c.v3(u, message.GetBulk, 0, 1000, root)); len(out) < 10_000 {
		t.Errorf("a GETBULK of v3 is answered with %d octets", len(out))
	}
	u.set(`Snmp.CommunityMessageSize=65507`)
	if out := u.through(x, c.community(message.V2c, message.GetBulk, 0, 1000, root)); len(out) < 10_000 {
		t.Errorf("without the limit it is %d octets", len(out))
	}
}

// elsewhere makes a request for a context with so long a name that not even
// the Report about it fits into what the sender can take.
func (c *client) elsewhere(u *unit) []byte {
	c.t.Helper()
	c.id++
	c.maxSize = message.MinMaxSize
	e := c.envelope(u, message.Get)
	c.maxSize = 0
	e.Scope.ContextName = bytes.Repeat([]byte{'x'}, message.MinMaxSize)
	c.b.Begin(e, maxMessage)
	out, err := c.b.Finish(message.NoError, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	return bytes.Clone(out)
}
