package message

import (
	"bytes"
	"errors"
	"testing"

	"mibgate/agent/snmp/ber"
	"mibgate/mib"
)

// reasons are all that a decoder may say.
var reasons = []error{ErrParse, ErrVersion, ErrUnknownPDU, ErrSecurityModel, ErrInvalid}

func checkReason(t *testing.T, err error) {
	for _, r := range reasons {
		if errors.Is(err, r) {
			return
		}
	}
	t.Fatalf("%v is none of the reasons", err)
}

// FuzzDecode reads whole messages of every version; an encrypted ScopedPDU is
// taken as if it had been decrypted.

func FuzzDecode(f *testing.F) {
	f.Add(unhex(f, getSysUpTime))
	f.Add(unhex(f, "302a 020103 300d 02012a 020205c0 040104 020103 0400 3014 0401 80 0401 63 a00c 0202 ff00 020100 020100 3000"))
	f.Add(unhex(f, "301a 020103 300d 02012a 020205c0 040103 020103 0400 0404 04000400"))
	var b Builder
	f.Add(append([]byte(nil), build(f, &b, Envelope{Version: V2c, Type: GetBulk, RequestID: -9}, -1, 1<<30, "1.3.6.1", mib.Value{}, "2.999.4294967295", mib.Value{})...))
	f.Add(append([]byte(nil), build(f, &b, Envelope{Version: V1, Type: TrapV1, Trap: TrapFrom(mib.OID{1, 3, 0, 1}, nil, [4]byte{1}, 1)}, 0, 0, "1.3", mib.String("x"))...))
	f.Add(append([]byte(nil), build(f, &b, Envelope{Version: V2c, Type: Set, Community: []byte("c")}, 0, 0,
		"1.3.1", mib.Numeric(mib.Counter64, 1<<63), "1.3.2", mib.Ident(mib.OID{1, 3}), "1.3.3", mib.Value{Kind: mib.IPAddress, Str: "abcd"})...))
	var m Message // reused, as in the responder
	f.Fuzz(func(t *testing.T, packet []byte) {
		err := Decode(packet, &m)
		if err == nil && m.Version == V3 {
			err = m.DecodeScoped(m.Header.Data)
		}
		if err != nil {
			checkReason(t, err)
			return
		}
		checkVarbinds(t, &m)
		again(t, &m)
	})
}

// FuzzHeader reads the headers of every version, as is done before anything is
// known of the sender, and writes them again.
func FuzzHeader(f *testing.F) {
	f.Add(unhex(f, getSysUpTime))
	for _, s := range []string{
		"302a 020103 300d 02012a 020205c0 040104 020103 0400 3014 0401 80 0401 63 a00c 0202 ff00 020100 020100 3000",
		"301a 020103 300d 02012a 020205c0 040103 020103 0400 0404 04000400",
		"301a 020103 300d 02012a 020205c0 040104 020104 0400 3004 04000400",
		"301a 020103 300d 02012a 020205c0 040102 020103 0400 0404 04000400",
		"301a 020103 300d 02012a 020201e3 040104 020103 0400 3004 04000400",
		"3006 02047fffffff", "3005 020100 0400", "3080 0201030000",
	} {
		f.Add(unhex(f, s))
	}
	var m, n Message
	f.Fuzz(func(t *testing.T, packet []byte) {
		if err := DecodeHeader(packet, &m); err != nil {
			checkReason(t, err)
			return
		}
		var w ber.Writer
		w.Reset(0)
		if h := &m.Header; m.Version == V3 {
			checkHeader(t, &m)
			if w.Append(h.Data); h.Flags&FlagPriv != 0 {
				w.Wrap(ber.OctetString)
			}
			w.PrependBytes(ber.OctetString, h.SecurityParameters)
			h.Prepend(&w)
		} else {
			w.Append(h.Data)
			w.PrependBytes(ber.OctetString, m.Community)
			w.PrependInt(ber.Integer, int64(m.Version))
			w.Wrap(ber.Sequence)
		}
		if err := DecodeHeader(w.Bytes(), &n); err != nil || !sameHeader(&m, &n) {
			t.Fatalf("%x became %x: %v", packet, w.Bytes(), err)
		}
	})
}

// checkHeader expects of a v3 header what DecodeHeader promises.
func checkHeader(t *testing.T, m *Message) {
	h := &m.Header
	at := m.Raw[h.ParamsAt:]
	if len(h.SecurityParameters) > 0 && &at[0] != &h.SecurityParameters[0] {
		t.Fatalf("the security parameters do not begin at %d", h.ParamsAt)
	}
	if h.MsgID < 0 || h.MaxSize < MinMaxSize || h.SecurityModel != SecurityModelUSM || h.Flags&(FlagAuth|FlagPriv) == FlagPriv {
		t.Fatalf("%+v was accepted", h)
	}
}

func sameHeader(m, n *Message) bool {
	a, b := &m.Header, &n.Header
	return m.Version == n.Version && bytes.Equal(m.Community, n.Community) && a.MsgID == b.MsgID && a.MaxSize == b.MaxSize &&
		a.Flags == b.Flags && a.SecurityModel == b.SecurityModel && bytes.Equal(a.SecurityParameters, b.SecurityParameters) && bytes.Equal(a.Data, b.Data)
}

// FuzzPDU reads the PDUs of a version: ScopedPDUs of v3, which were encrypted
// and so are padded or not, and what follows the community of v1 and v2c.
func FuzzPDU(f *testing.F) {
	var b Builder
	for _, version := range []Version{V1, V2c, V3} {
		for typ := Get; typ <= Report; typ++ {
			env := Envelope{Version: version, Type: typ, RequestID: -1 << 31, Security: fakeSecurity{NoAuthNoPriv, 0, 1}, MaxSize: MinMaxSize}
			env.Trap = TrapFrom(mib.OID{1, 3, 6, 1, 4, 1, 32473, 0, 1 << 31}, nil, [4]byte{127, 0, 0, 1}, 1<<32-1)
			env.Scope = Scope{ContextEngineID: []byte("engine"), ContextName: []byte("context")}
			packet := build(f, &b, env, 1, -1, "1.3.6.1.2.1.1.3.0", mib.Value{}, "2.999", mib.Numeric(mib.Gauge32, 1<<32-1))
			var m Message
			if err := DecodeHeader(packet, &m); err != nil {
				f.Fatal(err)
			}
			f.Add(byte(version), false, bytes.Clone(m.Header.Data))
		}
	}
	padded := unhex(f, "3014 0401 80 0401 63 a00c 0202 ff00 020100 020100 3000 0000")
	f.Add(byte(V3), true, padded)
	f.Add(byte(V3), false, padded)
	var m Message
	f.Fuzz(func(t *testing.T, version byte, private bool, data []byte) {
		m = Message{Version: Version(version & 3), arena: m.arena[:0]}
		read := m.decodePDU
		switch {
		case m.Version == V3:
			read = m.DecodeScoped
			if private {
				m.Header.Flags = FlagAuth | FlagPriv
			}
		case m.Version > V2c:
			return
		}
		if err := read(data); err != nil {
			checkReason(t, err)
			return
		}
		if !m.PDU.Type.in(m.Version) {
			t.Fatalf("%v of %v was accepted", m.PDU.Type, m.Version)
		}
		checkVarbinds(t, &m)
		again(t, &m)
	})
}

func checkVarbinds(t *testing.T, m *Message) {
	for i, vb := range m.PDU.Varbinds {
		if len(vb.Name) < 2 || len(vb.Name) > mib.MaxOIDLen {
			t.Fatalf("varbind %d: name of %d sub-identifiers", i, len(vb.Name))
		}
		if _, err := vb.Value.Value(); err != nil {
			t.Fatalf("varbind %d was accepted: %v", i, err)
		}
	}
	// The shortest is SEQUENCE { 0.0, NULL }: what is kept is bounded by what came.
	if 6*len(m.PDU.Varbinds) > len(m.PDU.VarbindList) {
		t.Fatalf("%d varbinds in %d octets", len(m.PDU.Varbinds), len(m.PDU.VarbindList))
	}
}

// again encodes what was decoded, once from the values and once echoed, and
// expects the same back.
func again(t *testing.T, m *Message) {
	env := Reply(m, nil, MinMaxSize)
	env.Type, env.Trap = m.PDU.Type, m.PDU.Trap
	if m.Version == V3 {
		env.Security = fakeSecurity{NoAuthNoPriv, 0, 1}
	}
	var b Builder
	b.Begin(env, 1<<24)
	if err := b.Echo(&m.PDU); err != nil {
		t.Fatal(err)
	}
	finish(t, &b, m)
	b.Begin(env, 1<<24)
	for _, vb := range m.PDU.Varbinds {
		err := b.AppendRaw(vb.Name, vb.Value)
		if v1less := vb.Value.Tag == ber.Counter64 || vb.Value.Tag.IsException(); m.Version == V1 && v1less && errors.Is(err, ErrV1Syntax) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	finish(t, &b, m)
}

// finish reads what b has built and compares.
func finish(t *testing.T, b *Builder, m *Message) {
	status, index := m.PDU.status, m.PDU.index
	out, err := b.Finish(ErrorStatus(status), int(index))
	if err != nil {
		t.Fatal(err)
	}
	var n Message
	err = Decode(out, &n)
	if err == nil && n.Version == V3 {
		err = n.DecodeScoped(n.Header.Data)
	}
	if err != nil {
		t.Fatalf("%x became %x: %v", m.Raw, out, err)
	}
	p, q := &m.PDU, &n.PDU
	if p.Type == TrapV1 {
		if !sameTrap(&p.Trap, &q.Trap) {
			t.Fatalf("%x became %x", m.Raw, out)
		}
	} else if p.RequestID != q.RequestID || status != q.status || index != q.index {
		t.Fatalf("%x became %x", m.Raw, out)
	}
	if p.Type != q.Type || !bytes.Equal(m.Scope.ContextEngineID, n.Scope.ContextEngineID) ||
		!bytes.Equal(m.Scope.ContextName, n.Scope.ContextName) || len(p.Varbinds) != len(q.Varbinds) {
		t.Fatalf("%x became %x", m.Raw, out)
	}
	for i, vb := range p.Varbinds {
		w := q.Varbinds[i]
		if vb.Name.Compare(w.Name) != 0 || vb.Value.Tag != w.Value.Tag || !bytes.Equal(vb.Value.Content, w.Value.Content) {
			t.Fatalf("varbind %d of %x became %v", i, m.Raw, w)
		}
	}
}

func sameTrap(a, b *Trap) bool {
	return a.Enterprise.Compare(b.Enterprise) == 0 && a.AgentAddr == b.AgentAddr && a.Generic == b.Generic &&
		a.Specific == b.Specific && a.Timestamp == b.Timestamp
}
