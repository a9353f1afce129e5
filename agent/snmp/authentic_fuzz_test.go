package snmp

import (
	"bytes"
	"slices"
	"testing"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// FuzzAuthentic is what FuzzDatagram cannot reach, whose engine and keys are
// other ones each time: messages of SNMPv3 that are authentic, with any PDU in
// any context. Who has the keys must not harm the agent either.
func FuzzAuthentic(f *testing.F) {
	u := newUnit(f, append(openSettings, `Snmp.MinimumSecurityLevel="NoAuthNoPriv"`)...)
	c := &client{t: f}
	for i, seed := range u.seeds(c)[:8] {
		var m message.Message
		if err := message.DecodeHeader(seed, &m); err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), byte(message.FlagReportable), []byte(nil), []byte(contexts[i%len(contexts)]), bytes.Clone(m.Header.Data))
	}
	f.Add(byte(2), byte(0), localEngineID, []byte("elsewhere"), []byte("\xa8\x0b\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x00"))
	x := u.newExchange()
	f.Fuzz(func(t *testing.T, level, flags byte, contextEngine, contextName, pdu []byte) {
		packet := u.authentic(t, message.Level(level%3)+message.NoAuthNoPriv, message.Flags(flags), contextEngine, contextName, pdu)
		out := u.through(x, packet)
		if len(u.panics) > 0 {
			t.Fatalf("panic: %v", u.panics)
		}
		if out == nil {
			return
		}
		var m message.Message
		if err := message.Decode(out, &m); err != nil {
			t.Fatalf("the answer %x cannot be read: %v", out, err)
		}
		if len(out) > authenticMax {
			t.Fatalf("%d octets", len(out))
		}
		if m.Header.Flags.Level() < x.message.Header.Flags.Level() {
			t.Fatalf("an answer at %v to a request at %v", m.Header.Flags.Level(), x.message.Header.Flags.Level())
		}
	})
}

// authenticMax is what the senders of FuzzAuthentic can receive.
const authenticMax = 1472

// authentic seals a PDU, whatever it is, as admin.
func (u *unit) authentic(t *testing.T, level message.Level, flags message.Flags, contextEngine, contextName, pdu []byte) []byte {
	if len(contextEngine) == 0 {
		contextEngine = u.svc.EngineID()
	}
	var w ber.Writer
	w.Reset(len(pdu) + 128)
	w.Append(pdu)
	w.PrependBytes(ber.OctetString, contextName)
	w.PrependBytes(ber.OctetString, contextEngine)
	w.Wrap(ber.Sequence)
	return u.sealed(t, u.svc.engine.usm(), level, flags, slices.Clone(w.Bytes()))
}

// sealed seals what may be no ScopedPDU as admin, at the time of an engine.
func (u *unit) sealed(t *testing.T, eng *usm.Engine, level message.Level, flags message.Flags, contents []byte) []byte {
	admin := u.svc.policy.Load().users.User([]byte("admin"))
	var c usm.Context
	if err := eng.Originate(&c, admin, level); err != nil {
		t.Fatal(err)
	}
	var w ber.Writer
	w.Reset(len(contents) + 128)
	w.Append(contents)
	h := &message.Header{MsgID: 1, MaxSize: authenticMax, Flags: level.Flags() | flags&message.FlagReportable, SecurityModel: message.SecurityModelUSM}
	if err := c.Seal(&w, h); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(w.Bytes())
}

// TestAuthenticIsAuthentic: what FuzzAuthentic sends is looked at by the agent.
func TestAuthenticIsAuthentic(t *testing.T) {
	u := newUnit(t, append(openSettings, `Snmp.MinimumSecurityLevel="NoAuthNoPriv"`)...)
	var m message.Message
	if err := message.DecodeHeader((&client{t: t}).community(message.V2c, message.Get, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0")), &m); err != nil {
		t.Fatal(err)
	}
	x := u.newExchange()
	for level := message.NoAuthNoPriv; level <= message.AuthPriv; level++ {
		if u.through(x, u.authentic(t, level, message.FlagReportable, nil, nil, m.Header.Data)) == nil || len(x.message.PDU.Varbinds) != 1 {
			t.Errorf("at %v it is not answered", level)
		}
	}
}

// TestStrangersAreNotRead: of a message of an unknown engine or sender as much is
// read as its Report needs, however long it is.
func TestStrangersAreNotRead(t *testing.T) {
	u := newUnit(t)
	var w ber.Writer
	w.Reset(1 << 16)
	for range 9000 {
		w.Append([]byte("\x30\x05\x06\x01\x2b\x05\x00"))
	}
	w.Wrap(ber.Sequence)
	w.PrependInt(ber.Integer, 0)
	w.PrependInt(ber.Integer, 0)
	w.PrependInt(ber.Integer, 77)
	w.Wrap(ber.Tag(message.Get))
	w.PrependBytes(ber.OctetString, nil)
	w.PrependBytes(ber.OctetString, nil)
	w.Wrap(ber.Sequence)
	if w.Len() > 1<<16 {
		t.Fatalf("%d octets", w.Len())
	}
	f := forgery{msgID: 1, maxSize: maxMessage, flags: []byte{byte(message.FlagReportable)}, model: int64(message.SecurityModelUSM), data: slices.Clone(w.Bytes())}
	x := u.newExchange()
	out := u.through(x, f.packet())
	var m message.Message
	if out == nil || message.Decode(out, &m) != nil || m.DecodeScoped(m.Header.Data) != nil || m.PDU.Type != message.Report || m.PDU.RequestID != 77 {
		t.Errorf("the answer is %x: %v %d", out, m.PDU.Type, m.PDU.RequestID)
	}
	if n := cap(x.message.PDU.Varbinds); n > 16 {
		t.Errorf("room for %d variable bindings is kept", n)
	}
}
