package message

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"mibgate/agent/snmp/ber"
	"mibgate/mib"
)

// fakeSecurity seals without doing anything; the sizes are those of USM with
// the longest parameters.
type fakeSecurity struct {
	level  Level
	params int
	block  int
}

func (f fakeSecurity) Level() Level         { return f.level }
func (f fakeSecurity) Overhead() (int, int) { return f.params, f.block }
func (f fakeSecurity) Seal(w *ber.Writer, h *Header) error {
	if f.level == AuthPriv {
		w.AppendPadding((f.block - w.Len()%f.block) % f.block)
		w.Wrap(ber.OctetString)
	}
	w.PrependZeros(ber.OctetString, f.params)
	h.Prepend(w)
	return nil
}

func envelopes() map[string]Envelope {
	scope := Scope{ContextEngineID: make([]byte, 17), ContextName: []byte("ctx")}
	v3 := Envelope{Version: V3, Type: Response, RequestID: 77777, MsgID: 1 << 30, MaxSize: 65507, Scope: scope}
	with := func(s Security) Envelope { e := v3; e.Security = s; return e }
	return map[string]Envelope{
		"v1":                         {Version: V1, Type: Response, RequestID: -1, Community: []byte("public")},
		"v2c":                        {Version: V2c, Type: Response, RequestID: math.MaxInt32, Community: make([]byte, 200)},
		"v1 trap":                    {Version: V1, Type: TrapV1, Trap: TrapFrom(mib.OID{1, 3, 6, 1, 4, 1, 32473, 0, 1}, nil, [4]byte{}, 4e9)},
		"v1 trap of joint-iso-ccitt": {Version: V1, Type: TrapV1, Trap: Trap{Enterprise: mib.OID{2, 999, 70000}, Generic: 6, Specific: 200}},
		"noAuthNoPriv":               with(fakeSecurity{NoAuthNoPriv, 40, 1}),
		"authNoPriv":                 with(fakeSecurity{AuthNoPriv, 52, 1}),
		"AES":                        with(fakeSecurity{AuthPriv, 127, 1}),
		"DES":                        with(fakeSecurity{AuthPriv, 128, 8}),
	}
}

// TestLimit fills messages to every limit: what Append let in must fit, and
// what it refused must not.
func TestLimit(t *testing.T) {
	name := mib.OID{1, 3, 6, 1, 4, 1, 32473, 1}
	for title, env := range envelopes() {
		t.Run(title, func(t *testing.T) {
			var b Builder
			for limit := 0; limit < 800; limit++ {
				b.Begin(env, limit)
				for b.Append(name, mib.String("x")) == nil {
				}
				fits := b.room
				out, err := b.Finish(NoError, 0)
				if err != nil {
					if fits >= 0 {
						t.Fatalf("limit %d: room %d, but %v", limit, fits, err)
					}
					continue
				}
				if len(out) > limit {
					t.Fatalf("limit %d: %d octets", limit, len(out))
				}
				checkTight(t, env, limit, fits)
			}
		})
	}
}

// checkTight verifies that room octets of varbinds make a message within the
// limit and one more does not.
func checkTight(t *testing.T, env Envelope, limit, room int) {
	t.Helper()
	for n, want := range map[int]bool{room: true, room + 1: false} {
		var b Builder
		b.Begin(env, math.MaxInt32)
		b.w.AppendPadding(n)
		out, err := b.Finish(NoError, 0)
		if err != nil || (len(out) <= limit) != want {
			t.Fatalf("limit %d, room %d: %d octets of varbinds make %d (%v)", limit, room, n, len(out), err)
		}
	}
}

func TestHeadroomIsEnough(t *testing.T) {
	for title, env := range envelopes() {
		var b Builder
		b.Begin(env, 100000)
		before := cap(b.w.Bytes())
		b.w.AppendPadding(500)
		if _, err := b.Finish(NoError, 0); err != nil {
			t.Fatal(err)
		}
		if after := cap(b.w.Bytes()); after < before {
			t.Errorf("%s: buffer shrank from %d to %d", title, before, after)
		}
	}
}

func TestTooBigAnswer(t *testing.T) {
	var b Builder
	env := Envelope{Version: V2c, Type: Response, RequestID: 1, Community: []byte("c")}
	b.Begin(env, 100)
	if err := b.Append(mib.OID{1, 3, 6}, mib.String(string(make([]byte, 90)))); !errors.Is(err, ErrTooBig) {
		t.Fatalf("got %v", err)
	}
	b.Clear()
	out, err := b.Finish(TooBig, 0)
	var m Message
	if err != nil || Decode(out, &m) != nil || m.PDU.ErrorStatus() != TooBig || len(m.PDU.Varbinds) != 0 {
		t.Errorf("%x: %v", out, err)
	}
	b.Begin(env, 10)
	if _, err := b.Finish(TooBig, 0); !errors.Is(err, ErrTooBig) {
		t.Errorf("a limit below the headers: %v", err)
	}
}

func TestErrorIndexAbove127(t *testing.T) {
	var b Builder
	env := Envelope{Version: V2c, Type: Response, RequestID: 1}
	b.Begin(env, 1<<20)
	for range 200 {
		if err := b.Append(mib.OID{1, 3, 6}, mib.Int(1)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := b.Finish(WrongValue, 200)
	var m Message
	if err != nil || Decode(out, &m) != nil || m.PDU.ErrorIndex() != 200 || m.PDU.ErrorStatus() != WrongValue {
		t.Errorf("error-index %d: %v", m.PDU.ErrorIndex(), err)
	}
}

func TestEchoAndRollback(t *testing.T) {
	var b, c Builder
	var m, r Message
	// The second value is longer than it needs to be: it is echoed as it came.
	in := unhex(t, "3020 020100 0401 63 a318 020105 020100 020100 300d 300b 0603 2b0601 0204 00000007")
	if err := Decode(in, &m); err != nil {
		t.Fatal(err)
	}
	b.Begin(Reply(&m, nil, 0), 484)
	mark := b.Mark()
	if err := b.Append(mib.OID{1, 3, 6, 1}, mib.Int(7)); err != nil || b.Count() != 1 {
		t.Fatal(err)
	}
	b.Rollback(mark)
	if b.Count() != 0 {
		t.Error("Rollback kept the count")
	}
	if err := b.Echo(&m.PDU); err != nil || b.Count() != 1 {
		t.Fatal(err)
	}
	out, err := b.Finish(BadValue, 1)
	if err != nil || Decode(out, &r) != nil || string(r.PDU.VarbindList) != string(m.PDU.VarbindList) {
		t.Errorf("echoed %x: %v", r.PDU.VarbindList, err)
	}
	c.Begin(Reply(&m, nil, 0), len(in)-1)
	if err := c.Echo(&m.PDU); !errors.Is(err, ErrTooBig) {
		t.Errorf("echo beyond the limit: %v", err)
	}
}

func TestV1Syntax(t *testing.T) {
	var b Builder
	name := mib.OID{1, 3, 6}
	for v, want := range map[Version]error{V1: ErrV1Syntax, V2c: nil} {
		b.Begin(Envelope{Version: v, Type: Response}, 484)
		for what, err := range map[string]error{
			"Counter64":     b.Append(name, mib.Numeric(mib.Counter64, 1)),
			"exception":     b.AppendNull(name, ber.EndOfMibView),
			"raw Counter64": b.AppendRaw(name, ber.Raw{Tag: ber.Counter64, Content: []byte{1}}),
		} {
			if !errors.Is(err, want) {
				t.Errorf("%s in %v: %v, want %v", what, v, err, want)
			}
		}
	}
	b.Begin(Envelope{Version: V2c, Type: Response}, 484)
	if err := b.AppendRaw(name, ber.Raw{Tag: ber.NoSuchInstance}); err != nil {
		t.Error(err)
	}
}

func TestBadValuesLeaveNoTrace(t *testing.T) {
	var b Builder
	b.Begin(Envelope{Version: V2c, Type: Response}, 484)
	bad, good := mib.OID{9, 9}, mib.OID{1, 3}
	for _, err := range []error{
		b.Append(bad, mib.Int(1)), b.Append(good, mib.Ident(bad)), b.AppendNull(bad, ber.Null), b.AppendRaw(bad, ber.Raw{Tag: ber.Null}),
	} {
		if !errors.Is(err, ber.ErrValue) {
			t.Errorf("got %v", err)
		}
	}
	if b.w.Len() != 0 || b.Count() != 0 {
		t.Errorf("%d octets, %d varbinds left", b.w.Len(), b.Count())
	}
	b.Begin(Envelope{Version: V3, Type: Response}, 484)
	if _, err := b.Finish(0, 0); !errors.Is(err, ErrSecurity) {
		t.Errorf("v3 without security: %v", err)
	}
	b.Begin(Envelope{Version: V1, Type: TrapV1, Trap: Trap{Enterprise: bad}}, 484)
	if _, err := b.Finish(0, 0); !errors.Is(err, ber.ErrValue) {
		t.Errorf("bad enterprise: %v", err)
	}
}

// TestRandomRoundTrip encodes random messages and reads them back.
func TestRandomRoundTrip(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var b Builder
	var m Message
	for i := range 3000 {
		env := Envelope{Version: V2c, Type: GetBulk, RequestID: int32(rnd.Uint32()), Community: make([]byte, rnd.IntN(200))}
		status, index := ErrorStatus(int32(rnd.Uint32())), int(int32(rnd.Uint32()))
		b.Begin(env, 1<<20)
		var names []mib.OID
		var values []mib.Value
		for range rnd.IntN(40) {
			name := mib.OID{1, 3}
			for range rnd.IntN(20) {
				name = append(name, rnd.Uint32()>>rnd.UintN(32))
			}
			v := randomValue(rnd)
			if err := b.Append(name, v); err != nil {
				t.Fatal(err)
			}
			names, values = append(names, name), append(values, v)
		}
		out, err := b.Finish(status, index)
		if err != nil {
			t.Fatal(err)
		}
		if err := Decode(out, &m); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		if m.PDU.RequestID != env.RequestID || m.PDU.ErrorStatus() != status || m.PDU.ErrorIndex() != index || len(m.PDU.Varbinds) != len(names) {
			t.Fatalf("message %d: %+v", i, m.PDU)
		}
		for j, vb := range m.PDU.Varbinds {
			got, err := vb.Value.Value()
			if err != nil || vb.Name.Compare(names[j]) != 0 || !got.Equal(values[j]) {
				t.Fatalf("varbind %d: %v = %v (%v), want %v = %v", j, vb.Name, got, err, names[j], values[j])
			}
		}
	}
}

func randomValue(r *rand.Rand) mib.Value {
	bits := r.Uint64() >> r.UintN(64)
	switch r.IntN(6) {
	case 0:
		return mib.Int(int32(bits))
	case 1:
		return mib.Numeric(mib.Counter64, bits)
	case 2:
		return mib.Numeric(mib.TimeTicks, bits&math.MaxUint32)
	case 3:
		return mib.Ident(mib.OID{0, 0, uint32(bits)})
	case 4:
		return mib.String(fmt.Sprintf("%*d", r.IntN(300), bits))
	}
	return mib.Value{}
}

// A name that is put together from an encoded front and a rest is encoded as
// the whole name is, with every length and every form of sub-identifier.
func TestAppendBelow(t *testing.T) {
	for _, inst := range []mib.OID{nil, {0}, {1, 127, 128, 16383, 16384, 1<<21 - 1, 1 << 21, 1 << 28, math.MaxUint32}, make(mib.OID, 110)} {
		for _, front := range []mib.OID{{1, 3}, {1, 3, 6, 1, 4, 1, 32473}, {2, 999, 70000}} {
			name, v := front.Append(inst...), mib.String("x")
			var w ber.Writer
			w.Reset(0)
			if err := w.AppendOID(front); err != nil {
				t.Fatal(err)
			}
			env := Envelope{Version: V2c, Type: Response}
			var whole, below Builder
			whole.Begin(env, 65507)
			below.Begin(env, 65507)
			if err := errors.Join(whole.Append(name, v), below.AppendBelow(w.Bytes()[2:], inst, &v)); err != nil {
				t.Fatal(err)
			}
			want, err1 := whole.Finish(NoError, 0)
			got, err2 := below.Finish(NoError, 0)
			if err1 != nil || err2 != nil || string(got) != string(want) {
				t.Errorf("%s: %x (%v), want %x (%v)", name, got, err2, want, err1)
			}
		}
	}
	var b Builder
	b.Begin(Envelope{Version: V1, Type: Response}, 30)
	big, long := mib.Numeric(mib.Counter64, 1), mib.String(string(make([]byte, 100)))
	if err := b.AppendBelow([]byte{43}, nil, &big); !errors.Is(err, ErrV1Syntax) {
		t.Errorf("Counter64 in v1: %v", err)
	}
	if err := b.AppendBelow([]byte{43}, nil, &long); !errors.Is(err, ErrTooBig) {
		t.Errorf("100 octets in 30: %v", err)
	}
	if bad := mib.Octets(mib.IPAddress, "12345"); b.AppendBelow([]byte{43}, nil, &bad) == nil || b.Count() != 0 {
		t.Errorf("an address of 5 octets is a value; %d bindings", b.Count())
	}
}
