package message

import (
	"errors"
	"testing"

	"mibgate/mib"
)

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
		if Decode(packet, &m) != nil {
			return
		}
		if m.Version == V3 && m.DecodeScoped(m.Header.Data) != nil {
			return
		}
		for i, vb := range m.PDU.Varbinds {
			if len(vb.Name) < 2 || len(vb.Name) > mib.MaxOIDLen {
				t.Fatalf("varbind %d: name of %d sub-identifiers", i, len(vb.Name))
			}
			if _, err := vb.Value.Value(); err != nil {
				t.Fatalf("varbind %d was accepted: %v", i, err)
			}
		}
		again(t, &m)
	})
}

// again encodes what was decoded and expects the same back.
func again(t *testing.T, m *Message) {
	if m.Version == V3 {
		return
	}
	env := Reply(m, nil, 0)
	env.Type, env.Trap = m.PDU.Type, m.PDU.Trap
	var b Builder
	b.Begin(env, 1<<20)
	for _, vb := range m.PDU.Varbinds {
		if m.Version == V1 && errors.Is(b.AppendRaw(vb.Name, vb.Value), ErrV1Syntax) {
			return
		} else if m.Version != V1 {
			if err := b.AppendRaw(vb.Name, vb.Value); err != nil {
				t.Fatal(err)
			}
		}
	}
	out, err := b.Finish(m.PDU.ErrorStatus(), m.PDU.ErrorIndex())
	if err != nil {
		t.Fatal(err)
	}
	var n Message
	if err := Decode(out, &n); err != nil {
		t.Fatalf("%x became %x: %v", m.Raw, out, err)
	}
	if n.PDU.RequestID != m.PDU.RequestID || n.PDU.Type != m.PDU.Type || len(n.PDU.Varbinds) != len(m.PDU.Varbinds) ||
		n.PDU.ErrorStatus() != m.PDU.ErrorStatus() || n.PDU.ErrorIndex() != m.PDU.ErrorIndex() {
		t.Fatalf("%x became %x", m.Raw, out)
	}
}
