package message

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"mibgate/agent/snmp/ber"
	"mibgate/mib"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Captured from net-snmp 5.9: snmpget -v2c -c public sysUpTime.0.
const getSysUpTime = "3026 020101 0406 7075626c6963 a019 0201 2a 020100 020100 300e 300c 0608 2b06010201010300 0500"

func TestDecodeGet(t *testing.T) {
	var m Message
	if err := Decode(unhex(t, getSysUpTime), &m); err != nil {
		t.Fatal(err)
	}
	if m.Version != V2c || string(m.Community) != "public" || m.PDU.Type != Get || m.PDU.RequestID != 42 {
		t.Errorf("got %v %q %v %d", m.Version, m.Community, m.PDU.Type, m.PDU.RequestID)
	}
	if len(m.PDU.Varbinds) != 1 || m.PDU.Varbinds[0].Name.Compare(SysUpTime) != 0 || m.PDU.Varbinds[0].Value.Tag != ber.Null {
		t.Errorf("varbinds %v", m.PDU.Varbinds)
	}
}

func TestDecodeErrors(t *testing.T) {
	tests := []struct {
		name, in string
		want     error
	}{
		{"empty", "", ErrParse},
		{"not a sequence", "0400", ErrParse},
		{"octets after the end", strings.ReplaceAll(getSysUpTime, " ", "") + "00", ErrParse},
		{"version 2", "3003 020102", ErrVersion},
		{"version 2^31-1", "3006 02047fffffff", ErrVersion},
		{"version too long", "3008 0206010000000000", ErrParse},
		{"no community", "3003 020101", ErrParse},
		{"community an integer", "3006 020101 020101", ErrParse},
		{"no PDU", "3005 020101 0400", ErrParse},
		{"GetBulk in v1", "3012 020100 0400 a50b 020101 020100 020100 3000", ErrUnknownPDU},
		{"v1 trap in v2c", "3007 020101 0400 a400", ErrUnknownPDU},
		{"report in v2c", "3012 020101 0400 a80b 020101 020100 020100 3000", ErrUnknownPDU},
		{"tag 0xa9", "3007 020101 0400 a900", ErrUnknownPDU},
		{"request-id of 5 octets", "3015 020101 0400 a00e 02050100000000 020100 020100 3000", ErrParse},
		{"varbind without value", "3018 020101 0400 a011 020101 020100 020100 3006 3004 06022b06", ErrParse},
		{"octets after varbind", "301c 020101 0400 a015 020101 020100 020100 300a 3008 06022b06 0500 0500", ErrParse},
		{"octets after list", "3014 020101 0400 a00d 020101 020100 020100 3000 0500", ErrParse},
		{"IpAddress of 3 octets", "301d 020101 0400 a316 020101 020100 020100 300b 3009 06022b06 4003010203", ErrParse},
		{"value of an unknown type", "301a 020101 0400 a313 020101 020100 020100 3008 3006 06022b06 4500", ErrParse},
		{"v3 other security model", "301a 020103 300d 02012a 020205c0 040104 020104 0400 3004 04000400", ErrSecurityModel},
		{"v3 priv without auth", "301a 020103 300d 02012a 020205c0 040102 020103 0400 0404 04000400", ErrInvalid},
		{"v3 max size 483", "301a 020103 300d 02012a 020201e3 040104 020103 0400 3004 04000400", ErrParse},
		{"v3 negative msgID", "301a 020103 300d 0201ff 020205c0 040104 020103 0400 3004 04000400", ErrParse},
		{"v3 two octets of flags", "301b 020103 300e 02012a 020205c0 04020400 020103 0400 3004 04000400", ErrParse},
		{"v3 security model 0", "301a 020103 300d 02012a 020205c0 040104 020100 0400 3004 04000400", ErrParse},
		{"v3 plain though priv", "301a 020103 300d 02012a 020205c0 040103 020103 0400 3004 04000400", ErrParse},
		{"v3 hidden though plain", "301a 020103 300d 02012a 020205c0 040104 020103 0400 0404 04000400", ErrParse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m Message
			if err := Decode(unhex(t, tt.in), &m); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestDecodeV3Plain(t *testing.T) {
	var m Message
	in := unhex(t, "302f 020103 300d 02012a 020205c0 040104 020103 0403 aabbcc 3016 0402 8000 0401 63 a00d 0202 ff00 020100 020100 3001 00")
	if err := Decode(in, &m); err != nil {
		t.Fatal(err)
	}
	h := &m.Header
	if h.MsgID != 42 || h.MaxSize != 1472 || h.Flags != FlagReportable || hex.EncodeToString(h.SecurityParameters) != "aabbcc" {
		t.Errorf("header %+v", h)
	}
	if err := m.DecodeScoped(h.Data); !errors.Is(err, ErrParse) {
		t.Fatalf("a varbind list of one zero octet: %v", err)
	}
	in[len(in)-2] = 0 // an empty list, and one octet after it
	in[len(in)-1] = 0
	if err := m.DecodeScoped(h.Data); !errors.Is(err, ErrParse) {
		t.Fatalf("an octet after the list: %v", err)
	}
	plain := unhex(t, "3015 0402 8000 0401 63 a00c 0202 ff00 020100 020100 3000")
	if err := m.DecodeScoped(plain); err != nil {
		t.Fatal(err)
	}
	if string(m.Scope.ContextName) != "c" || hex.EncodeToString(m.Scope.ContextEngineID) != "8000" || m.PDU.RequestID != -256 {
		t.Errorf("scope %x, request-id %d", m.Scope, m.PDU.RequestID)
	}
	padded := append(plain, 0, 0, 0)
	if err := m.DecodeScoped(padded); !errors.Is(err, ErrParse) {
		t.Errorf("padding in a plain message: %v", err)
	}
	m.Header.Flags |= FlagPriv
	if err := m.DecodeScoped(padded); err != nil {
		t.Errorf("padding in a decrypted message: %v", err)
	}
}

// build makes one message or fails.
func build(t testing.TB, b *Builder, env Envelope, status ErrorStatus, index int, vbs ...any) []byte {
	t.Helper()
	b.Begin(env, 65507)
	for i := 0; i < len(vbs); i += 2 {
		if err := b.Append(mib.MustOID(vbs[i].(string)), vbs[i+1].(mib.Value)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := b.Finish(status, index)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRequestIDsAreEchoed(t *testing.T) {
	var b, c Builder
	var m, r Message
	for _, id := range []int32{0, 1, -1, 127, 128, -128, -129, math.MaxInt32, math.MinInt32} {
		req := build(t, &b, Envelope{Version: V2c, Type: Get, RequestID: id, Community: []byte("c")}, 0, 0, "1.3.6.1.1", mib.Value{})
		if err := Decode(req, &m); err != nil {
			t.Fatal(err)
		}
		res := build(t, &c, Reply(&m, nil, 0), 0, 0, "1.3.6.1.1", mib.Int(3))
		if err := Decode(res, &r); err != nil || r.PDU.RequestID != id || r.PDU.Type != Response {
			t.Errorf("%d came back as %d: %v", id, r.PDU.RequestID, err)
		}
	}
}

func TestGetBulkNumbers(t *testing.T) {
	tests := []struct {
		non, rep         int
		wantNon, wantRep int
	}{
		{0, 10, 0, 10}, {-1, -5, 0, 0}, {math.MinInt32, math.MaxInt32, 0, math.MaxInt32}, {300, 70000, 300, 70000},
	}
	for _, tt := range tests {
		var b Builder
		var m Message
		out := build(t, &b, Envelope{Version: V2c, Type: GetBulk, RequestID: 1}, ErrorStatus(tt.non), tt.rep)
		if err := Decode(out, &m); err != nil {
			t.Fatal(err)
		}
		if m.PDU.NonRepeaters() != tt.wantNon || m.PDU.MaxRepetitions() != tt.wantRep {
			t.Errorf("%d, %d: got %d, %d", tt.non, tt.rep, m.PDU.NonRepeaters(), m.PDU.MaxRepetitions())
		}
	}
}

func TestLongCommunity(t *testing.T) {
	var b Builder
	var m Message
	community := bytes.Repeat([]byte("x"), 300)
	out := build(t, &b, Envelope{Version: V1, Type: Get, Community: community}, 0, 0, "1.3.6.1.1", mib.String("v"))
	if err := Decode(out, &m); err != nil || !bytes.Equal(m.Community, community) {
		t.Errorf("community of 300 octets: %v", err)
	}
}

func TestReuseKeepsNothing(t *testing.T) {
	var b Builder
	var m Message
	trap := build(t, &b, Envelope{Version: V1, Type: TrapV1, Trap: TrapFrom(mib.OID{1, 3, 6, 1, 9, 0, 4}, nil, [4]byte{127, 0, 0, 1}, 5)},
		0, 0, "1.3.6.1.1", mib.String("v"))
	if err := Decode(trap, &m); err != nil {
		t.Fatal(err)
	}
	if err := Decode(unhex(t, getSysUpTime), &m); err != nil {
		t.Fatal(err)
	}
	if m.PDU.Trap.Enterprise != nil || len(m.PDU.Varbinds) != 1 {
		t.Errorf("left over: %+v", m.PDU)
	}
	if err := Decode([]byte{0x30}, &m); err == nil || len(m.PDU.Varbinds) != 0 || m.Community != nil {
		t.Errorf("left over after an error: %+v", m)
	}
}
