package ber

import (
	"bytes"
	"math/big"
	"testing"

	"mibgate/mib"
)

// FuzzNext takes TLV after TLV off the input, as deep as they nest.
func FuzzNext(f *testing.F) {
	for _, s := range []string{"30060201000500", "04820001aa", "0609908080804f8fffffff7f", "4609ffffffffffffffff", "3080", "0484ffffffff"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { elements(t, b, 0) })
}

// elements checks the TLVs of b; a reader of ours goes seven deep.
func elements(t *testing.T, b []byte, depth int) {
	for len(b) > 0 && depth < 8 {
		r, rest, err := Next(b)
		if err != nil {
			return
		}
		if len(rest) >= len(b) || len(r.Content) >= len(b)-len(rest) {
			t.Fatalf("%x: no progress", b)
		}
		v, err := r.Value()
		if (err == nil) != (r.Check() == nil) {
			t.Fatalf("Value says %v, Check %v", err, r.Check())
		}
		if err == nil && v.Kind != mib.KindNone {
			roundTrip(t, v)
		}
		sameAgain(t, r)
		if r.Tag&0x20 != 0 {
			elements(t, r.Content, depth+1)
		}
		b = rest
	}
}

// sameAgain writes r in both ways and expects what SizeTLV says, and r.
func sameAgain(t *testing.T, r Raw) {
	var front, back Writer
	front.Reset(0)
	back.Reset(0)
	front.PrependBytes(r.Tag, r.Content)
	back.AppendBytes(r.Tag, r.Content)
	if !bytes.Equal(front.Bytes(), back.Bytes()) || back.Len() != SizeTLV(len(r.Content)) {
		t.Fatalf("%v: prepended %x, appended %x", r, front.Bytes(), back.Bytes())
	}
	got, rest, err := Next(back.Bytes())
	if err != nil || len(rest) != 0 || got.Tag != r.Tag || !bytes.Equal(got.Content, r.Content) {
		t.Fatalf("%v became %v, %v", r, got, err)
	}
}

// FuzzOID reads the contents of an object identifier. There is one encoding
// of each (X.690 §8.19), but that net-snmp has none for 0.0.
func FuzzOID(f *testing.F) {
	for _, s := range []string{"", "00", "2b0601", "813403", "908080804f", "9080808050", "2b8fffffff7f", "2b9080808000", "2b8001", "2b86"} {
		f.Add(unhex(f, s))
	}
	f.Add(bytes.Repeat([]byte{1}, mib.MaxOIDLen-1))
	f.Add(bytes.Repeat([]byte{1}, mib.MaxOIDLen))
	f.Fuzz(func(t *testing.T, c []byte) {
		const before = 4711
		got, err := AppendOID(mib.OID{before}, c)
		if (err == nil) != (checkOID(c) == nil) {
			t.Fatalf("AppendOID says %v, checkOID %v", err, checkOID(c))
		}
		if got[0] != before || err != nil && len(got) != 1 {
			t.Fatalf("dst became %v, %v", got, err)
		}
		if err != nil {
			return
		}
		oid := got[1:]
		if len(oid) < 2 || len(oid) > mib.MaxOIDLen {
			t.Fatalf("%d sub-identifiers", len(oid))
		}
		var front, back Writer
		front.Reset(0)
		back.Reset(0)
		if err := back.AppendOID(oid); err != nil {
			t.Fatalf("%v: %v", oid, err)
		}
		if err := front.PrependOID(oid); err != nil || !bytes.Equal(front.Bytes(), back.Bytes()) {
			t.Fatalf("%v: prepended %x, appended %x, %v", oid, front.Bytes(), back.Bytes(), err)
		}
		content, _, err := Expect(back.Bytes(), ObjectIdentifier)
		if err != nil || len(c) > 0 && !bytes.Equal(content, c) {
			t.Fatalf("%x became %x, %v", c, back.Bytes(), err)
		}
	})
}

// FuzzInteger reads the contents of integers of every type and compares with
// math/big.
func FuzzInteger(f *testing.F) {
	for _, s := range []string{"", "00", "ff", "0080", "ffffffff", "00ffffffff", "0100000000", "80000000", "ff80000000", "0000000000",
		"7fffffffffffffff", "ffffffffffffffff", "00ffffffffffffffff", "01ffffffffffffffff"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, c []byte) {
		plain := new(big.Int).SetBytes(c)
		signed := new(big.Int).Set(plain)
		if len(c) > 0 && c[0] >= 0x80 {
			signed.Sub(signed, new(big.Int).Lsh(big.NewInt(1), uint(8*len(c))))
		}
		n, err := Int32(c)
		if want := len(c) > 0 && len(c) <= 5 && signed.IsInt64() && signed.Int64() == int64(int32(signed.Int64())); want != (err == nil) {
			t.Fatalf("Int32(%x): %v", c, err)
		}
		if err == nil {
			if int64(n) != signed.Int64() {
				t.Fatalf("Int32(%x) = %d", c, n)
			}
			roundTrip(t, mib.Int(n))
		}
		readInt32(t, c, n, err)
		if n, err := Uint32(c); err == nil {
			if len(c) > 5 || plain.Uint64() != uint64(n) {
				t.Fatalf("Uint32(%x) = %d", c, n)
			}
			roundTrip(t, mib.Numeric(mib.TimeTicks, uint64(n)))
		}
		if n, err := Uint64(c); err == nil {
			if !plain.IsUint64() || plain.Uint64() != n {
				t.Fatalf("Uint64(%x) = %d", c, n)
			}
			roundTrip(t, mib.Numeric(mib.Counter64, n))
		} else if _, err := Uint32(c); err == nil && len(c) != 4 {
			t.Fatalf("%x is no Counter64, but a Counter32", c)
		}
	})
}

// readInt32 expects of ReadInt32 what Int32 said of the contents.
func readInt32(t *testing.T, c []byte, n int32, want error) {
	var w Writer
	w.Reset(0)
	w.AppendBytes(Integer, c)
	w.Append([]byte("rest"))
	got, rest, err := ReadInt32(w.Bytes())
	if (err == nil) != (want == nil) || err == nil && (got != n || string(rest) != "rest") {
		t.Fatalf("ReadInt32(%x) = %d, %q, %v; Int32 says %d, %v", w.Bytes(), got, rest, err, n, want)
	}
}
