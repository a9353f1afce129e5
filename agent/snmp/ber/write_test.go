package ber

import (
	"encoding/hex"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"mibgate/mib"
)

func roundTrip(t testing.TB, v mib.Value) {
	t.Helper()
	var w Writer
	w.Reset(0)
	if err := w.AppendValue(v); err != nil {
		t.Fatalf("%v: %v", v, err)
	}
	r, rest, err := Next(w.Bytes())
	if err != nil || len(rest) != 0 {
		t.Fatalf("%v became %x: %v", v, w.Bytes(), err)
	}
	got, err := r.Value()
	if err != nil || !got.Equal(v) {
		t.Fatalf("%v became %x, read back as %v, %v", v, w.Bytes(), got, err)
	}
}

func TestAppendValue(t *testing.T) {
	tests := []struct {
		v    mib.Value
		want string
	}{
		{mib.Value{}, "0500"},
		{mib.Int(0), "020100"},
		{mib.Int(-1), "0201ff"},
		{mib.Int(128), "02020080"},
		{mib.Int(-129), "0202ff7f"},
		{mib.Int(math.MinInt32), "020480000000"},
		{mib.Uint(math.MaxUint32), "420500ffffffff"},
		{mib.Numeric(mib.Gauge32, 1), "420101"},
		{mib.Numeric(mib.Counter32, 255), "410200ff"},
		{mib.Numeric(mib.TimeTicks, 1<<31), "43050080000000"},
		{mib.Numeric(mib.Counter64, math.MaxUint64), "460900ffffffffffffffff"},
		{mib.Numeric(mib.Counter64, 1<<63-1), "46087fffffffffffffff"},
		{mib.String(""), "0400"},
		{mib.String("ab"), "04026162"},
		{mib.Value{Kind: mib.IPAddress, Str: "\x7f\x00\x00\x01"}, "40047f000001"},
		{mib.Value{Kind: mib.Opaque, Str: "\x01"}, "440101"},
		{mib.Ident(nil), "060100"},
		{mib.Ident(mib.OID{1}), "060128"},
		{mib.Ident(mib.OID{2, 100, 3}), "0603813403"},
		{mib.Ident(mib.OID{2, math.MaxUint32, math.MaxUint32}), "060a908080804f8fffffff7f"},
		{mib.Ident(mib.OID{1, 3, 127, 128, 16383, 16384, 1 << 21, 1 << 28}), "06122b7f8100ff7f818000818080008180808000"},
	}
	for _, tt := range tests {
		var w Writer
		w.Reset(0)
		if err := w.AppendValue(tt.v); err != nil || hex.EncodeToString(w.Bytes()) != tt.want {
			t.Errorf("%v: got %x (%v), want %s", tt.v, w.Bytes(), err, tt.want)
		}
	}
}

func TestAppendValueRefuses(t *testing.T) {
	tests := []mib.Value{
		mib.Ident(mib.OID{3, 1}),
		mib.Ident(mib.OID{1, 40}),
		mib.Ident(make(mib.OID, mib.MaxOIDLen+1)),
		{Kind: mib.IPAddress, Str: "abc"},
		{Kind: 99},
	}
	for _, v := range tests {
		var w Writer
		w.Reset(0)
		if err := w.AppendValue(v); !errors.Is(err, ErrValue) || w.Len() != 0 {
			t.Errorf("%v: error %v, %d octets", v, err, w.Len())
		}
	}
}

func TestRandomRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		bits := r.Uint64() >> r.UintN(64)
		oid := mib.OID{r.Uint32N(3), r.Uint32N(40)}
		for range r.IntN(127) {
			oid = append(oid, r.Uint32()>>r.UintN(32))
		}
		s := strings.Repeat("x", r.IntN(1<<r.UintN(18)))
		for _, v := range []mib.Value{
			mib.Int(int32(bits)), mib.Uint(uint32(bits)), mib.Numeric(mib.Counter64, bits),
			mib.Numeric(mib.Counter32, uint64(uint32(bits))), mib.Ident(oid), mib.String(s),
		} {
			roundTrip(t, v)
		}
	}
}

func TestOpenClose(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 24} {
		var w Writer
		w.Reset(3)
		w.AppendNull(Null)
		mark := w.Open()
		w.AppendPadding(n)
		w.Close(mark, Sequence)
		_, rest, err := Next(w.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		c, rest, err := Expect(rest, Sequence)
		if err != nil || len(c) != n || len(rest) != 0 {
			t.Errorf("%d octets: got %d, rest %d, %v", n, len(c), len(rest), err)
		}
		if w.Len()-2 != SizeTLV(n) {
			t.Errorf("SizeTLV(%d) is %d, written were %d", n, SizeTLV(n), w.Len()-2)
		}
	}
}

func TestPrepend(t *testing.T) {
	var w Writer
	for _, headroom := range []int{0, 5, 100} { // growing to the front, too
		w.Reset(headroom)
		w.AppendInt(Integer, 7)
		if err := w.PrependOID(mib.OID{1, 3, 6}); err != nil {
			t.Fatal(err)
		}
		w.PrependInt(Integer, -129)
		w.PrependBytes(OctetString, []byte("ab"))
		w.PrependString(OctetString, "c")
		w.PrependZeros(OctetString, 3)
		w.Wrap(Sequence)
		w.AppendPadding(1)
		const want = "30170403000000040163040261620202ff7f06022b06020107" + "00"
		if got := hex.EncodeToString(w.Bytes()); got != want {
			t.Errorf("headroom %d: got %s, want %s", headroom, got, want)
		}
		w.Truncate(2)
		if w.Len() != 2 {
			t.Error("Truncate")
		}
	}
	if err := w.PrependOID(mib.OID{9}); !errors.Is(err, ErrValue) {
		t.Errorf("bad OID: %v", err)
	}
}

func TestSizeInt(t *testing.T) {
	for _, n := range []int64{0, 127, 128, -128, -129, math.MaxInt32, math.MinInt32, math.MaxUint32} {
		var w Writer
		w.Reset(0)
		w.AppendInt(Integer, n)
		if w.Len() != SizeInt(n) {
			t.Errorf("%d: SizeInt %d, written %d", n, SizeInt(n), w.Len())
		}
	}
}

func TestTags(t *testing.T) {
	for k := mib.KindNone; k <= mib.Opaque; k++ {
		if got := TagOf(k).Kind(); !got.SameTag(k) {
			t.Errorf("%v became %v", k, got)
		}
	}
	for tag, want := range map[Tag]string{
		Null: "NULL", Sequence: "SEQUENCE", NoSuchObject: "noSuchObject", NoSuchInstance: "noSuchInstance",
		EndOfMibView: "endOfMibView", Integer: "Integer32", 0x45: "tag 0x45",
	} {
		if tag.String() != want {
			t.Errorf("%x is called %s, want %s", byte(tag), tag, want)
		}
	}
}

func TestWriterDoesNotAllocate(t *testing.T) {
	var w Writer
	oid := mib.MustOID("1.3.6.1.4.1.32473.100.200.100.1400.1.900.95.0")
	run := func() {
		w.Reset(64)
		mark := w.Open()
		if w.AppendOID(oid) != nil || w.AppendValue(mib.Int(5)) != nil {
			t.Fatal("not written")
		}
		w.Close(mark, Sequence)
		w.Wrap(Sequence)
		w.PrependInt(Integer, 1)
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
