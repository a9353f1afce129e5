package mib_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"mibgate/mib"
)

// indexes are INDEX clauses of every layout of RFC 2578 §7.7.
var indexes = map[string][]mib.IndexPart{
	"number":           {number},
	"signed":           {signed},
	"string":           {text},
	"fixed":            {fixed},
	"address":          {address},
	"implied":          {impliedText},
	"oid":              {oid},
	"implied oid":      {impliedOID},
	"string number":    {text, number},
	"number string":    {number, text},
	"string string":    {text, text},
	"fixed implied":    {fixed, impliedText},
	"oid number":       {oid, number},
	"number oid fixed": {number, oid, fixed},
	"string implied":   {text, impliedOID},
}

var (
	number      = mib.IndexPart{Param: "Number", Syntax: &mib.Syntax{Base: mib.Unsigned32}}
	signed      = mib.IndexPart{Param: "Signed", Syntax: &mib.Syntax{Base: mib.Integer32}}
	text        = mib.IndexPart{Param: "Text", Syntax: &mib.Syntax{Base: mib.OctetString, Ranges: []mib.Range{{Min: 0, Max: 50}}}}
	fixed       = mib.IndexPart{Param: "Fixed", Syntax: &mib.Syntax{Base: mib.OctetString, Ranges: []mib.Range{{Min: 2, Max: 2}}}}
	address     = mib.IndexPart{Param: "Address", Syntax: &mib.Syntax{Base: mib.IPAddress}}
	impliedText = mib.IndexPart{Param: "Text", Syntax: text.Syntax, Implied: true}
	oid         = mib.IndexPart{Param: "OID", Syntax: &mib.Syntax{Base: mib.ObjectIdentifier}}
	impliedOID  = mib.IndexPart{Param: "OID", Syntax: oid.Syntax, Implied: true}
)

// Few values, all of them near a boundary, so that random instances meet rows.
var (
	octets = []byte{0, 1, 2, 254, 255}
	arcs   = []uint32{0, 1, 2, 3, 4, 254, 255, 256, 1<<31 - 1, 1 << 31, 1<<32 - 1}
)

func pickOne[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func randomValue(r *rand.Rand, p mib.IndexPart) mib.Value {
	str := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = pickOne(r, octets)
		}
		return string(b)
	}
	least := 0
	if p.Implied {
		least = 1 // RFC 2578 §7.7: an implied value is never empty
	}
	switch {
	case p.Syntax.Base == mib.Unsigned32:
		return mib.Uint(pickOne(r, arcs))
	case p.Syntax.Base == mib.Integer32:
		return mib.Int(int32(pickOne(r, arcs)))
	case p.Syntax.Base == mib.IPAddress:
		return mib.Octets(mib.IPAddress, str(4))
	case p.Syntax.Base == mib.ObjectIdentifier:
		o := mib.OID{}
		for range least + r.IntN(4) {
			o = append(o, pickOne(r, arcs))
		}
		return mib.Ident(o)
	case len(p.Syntax.Ranges) == 1 && p.Syntax.Ranges[0].Max == 2:
		return mib.String(str(2))
	}
	return mib.String(str(least + r.IntN(4)))
}

func randomKey(r *rand.Rand, parts []mib.IndexPart) mib.Key {
	key := make(mib.Key, len(parts))
	for i, p := range parts {
		key[i] = randomValue(r, p)
	}
	return key
}

// randomInstance is a row's instance, changed a little, or any numbers.
func randomInstance(r *rand.Rand, parts []mib.IndexPart) mib.OID {
	if r.IntN(4) == 0 {
		var inst mib.OID
		for range r.IntN(6) {
			inst = append(inst, pickOne(r, arcs))
		}
		return inst
	}
	inst := mib.AppendInstance(parts, nil, randomKey(r, parts))
	switch r.IntN(4) {
	case 0:
		inst = inst[:r.IntN(len(inst)+1)]
	case 1:
		inst = append(inst, pickOne(r, arcs))
	case 2:
		if len(inst) > 0 {
			inst[r.IntN(len(inst))] = pickOne(r, arcs)
		}
	}
	return inst
}

// TestParseInstanceFindsWhatComesAfter compares the bound with the definition
// of a walk: the rows whose instances come after the given one.
func TestParseInstanceFindsWhatComesAfter(t *testing.T) {
	for name, parts := range indexes {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for range 20_000 {
				key, inst := randomKey(r, parts), randomInstance(r, parts)
				checkBound(t, parts, key, inst)
				if t.Failed() {
					return
				}
			}
		})
	}
}

func checkBound(t *testing.T, parts []mib.IndexPart, row mib.Key, inst mib.OID) {
	t.Helper()
	b := mib.ParseInstance(parts, nil, inst)
	at := mib.AppendInstance(parts, nil, row)
	c := mib.CompareKeys(parts, row, b.Key)
	beyond := c > 0 || b.Inclusive && c == 0
	if want := at.Compare(inst) > 0; beyond != want {
		t.Errorf("instance %v: bound %+v has the row %v (%v) beyond it: %t, want %t", inst, b, row, at, beyond, want)
	}
	isRow := len(b.Key) == len(parts) && c == 0
	if same := at.Compare(inst) == 0; same != (b.Exact && isRow) {
		t.Errorf("instance %v: bound %+v is exactly the row %v: %t, want %t", inst, b, row, b.Exact && isRow, same)
	}
	if b.Exact && b.Inclusive {
		t.Errorf("instance %v: bound %+v is exact and inclusive", inst, b)
	}
}

func TestKeysOrderAsTheirInstances(t *testing.T) {
	for name, parts := range indexes {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			for range 5_000 {
				a, b := randomKey(r, parts), randomKey(r, parts)
				want := mib.AppendInstance(parts, nil, a).Compare(mib.AppendInstance(parts, nil, b))
				if got := mib.CompareKeys(parts, a, b); cmp.Compare(got, 0) != cmp.Compare(want, 0) {
					t.Fatalf("%v against %v: %d, want %d", a, b, got, want)
				}
			}
		})
	}
}

func TestShortKeyIsAPrefix(t *testing.T) {
	parts := indexes["string number"]
	row := mib.Key{mib.String("b"), mib.Uint(7)}
	for _, tt := range []struct {
		key  mib.Key
		want int
	}{
		{nil, 0},
		{mib.Key{mib.String("b")}, 0},
		{mib.Key{mib.String("a")}, 1},
		{mib.Key{mib.String("aa")}, -1},
		{mib.Key{mib.String("b"), mib.Uint(8)}, -1},
	} {
		if got := mib.CompareKeys(parts, row, tt.key); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.key, got, tt.want)
		}
	}
}

func TestAppendInstance(t *testing.T) {
	for _, tt := range []struct {
		parts []mib.IndexPart
		key   mib.Key
		want  string
	}{
		{indexes["number"], mib.Key{mib.Uint(1<<32 - 1)}, "4294967295"},
		{indexes["string"], mib.Key{mib.String("ab")}, "2.97.98"},
		{indexes["string"], mib.Key{mib.String("")}, "0"},
		{indexes["implied"], mib.Key{mib.String("ab")}, "97.98"},
		{indexes["fixed"], mib.Key{mib.String("ab")}, "97.98"},
		{indexes["address"], mib.Key{mib.Octets(mib.IPAddress, "\x7f\x00\x00\x01")}, "127.0.0.1"},
		{indexes["oid"], mib.Key{mib.Ident(mib.OID{1, 3})}, "2.1.3"},
		{indexes["implied oid"], mib.Key{mib.Ident(mib.OID{1, 3})}, "1.3"},
		{indexes["string number"], mib.Key{mib.String("a"), mib.Uint(5)}, "1.97.5"},
	} {
		if got := mib.AppendInstance(tt.parts, nil, tt.key).String(); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.key, got, tt.want)
		}
	}
}

func TestParseInstanceReusesTheKey(t *testing.T) {
	room := make(mib.Key, 0, 1)
	inst := mib.OID{12}
	parts := indexes["number"]
	if n := testing.AllocsPerRun(100, func() { mib.ParseInstance(parts, room, inst) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseInstance(f *testing.F) {
	names := make([]string, 0, len(indexes))
	for name := range indexes {
		names = append(names, name)
	}
	slices.Sort(names)
	for i := range names {
		f.Add(uint8(i), uint64(i), []byte{1, 97, 5}, uint8(1))
		f.Add(uint8(i), uint64(i), []byte{0, 2, 255, 254, 255, 255, 255, 255}, uint8(2))
	}
	f.Fuzz(func(t *testing.T, index uint8, seed uint64, data []byte, size uint8) {
		parts := indexes[names[int(index)%len(names)]]
		var inst mib.OID
		for chunk := range slices.Chunk(data, int(size%4)+1) {
			var arc uint32
			for _, c := range chunk {
				arc = arc<<8 | uint32(c)
			}
			inst = append(inst, arc)
		}
		r := rand.New(rand.NewPCG(seed, 0))
		for range 20 {
			checkBound(t, parts, randomKey(r, parts), inst)
		}
	})
}

func BenchmarkParseInstance(b *testing.B) {
	for _, name := range []string{"number", "string", "string number"} {
		b.Run(name, func(b *testing.B) {
			parts := indexes[name]
			inst := mib.AppendInstance(parts, nil, randomKey(rand.New(rand.NewPCG(5, 6)), parts))
			room := make(mib.Key, 0, len(parts))
			b.ReportAllocs()
			for b.Loop() {
				mib.ParseInstance(parts, room, inst)
			}
		})
	}
}

func ExampleParseInstance() {
	b := mib.ParseInstance(indexes["string number"], nil, mib.OID{2, 'a', 'b'})
	fmt.Println(b.Key[0].Str, len(b.Key), b.Inclusive, b.Exact)
	// Output: ab 1 true false
}

// A Parser reads as ParseInstance does, and makes no garbage; the key of a
// Bound stays as it is while other keys of the same instance are read.
func TestParserReadsAsParseInstance(t *testing.T) {
	str := &mib.Syntax{Base: mib.OctetString}
	fixed := &mib.Syntax{Base: mib.OctetString, Ranges: []mib.Range{{Min: 3, Max: 3}}}
	number, ident := &mib.Syntax{Base: mib.Unsigned32}, &mib.Syntax{Base: mib.ObjectIdentifier}
	long := make(mib.OID, 129)
	for i := range long {
		long[i] = 'x'
	}
	var p mib.Parser
	for _, parts := range [][]mib.IndexPart{
		{{Syntax: str}}, {{Syntax: str, Implied: true}}, {{Syntax: fixed}, {Syntax: str}, {Syntax: number}},
		{{Syntax: ident}, {Syntax: str}}, {{Syntax: str}, {Syntax: str}, {Syntax: str}},
	} {
		for _, inst := range []mib.OID{
			nil, {0}, {3, 'a', 'b', 'c'}, {3, 'a', 'b'}, {3, 'a', 300, 'c'}, {2, 'a', 'b', 2, 'c', 'd', 2, 'e', 'f'}, {5000},
			{'a', 'b', 'c', 2, 'x', 'y', 7}, {255, 255, 300}, {2, 1, 3, 4, 'n', 'a', 'm', 'e'}, long,
		} {
			want, got := mib.ParseInstance(parts, nil, inst), p.Parse(parts, inst)
			if got.Exact != want.Exact || got.Inclusive != want.Inclusive || len(got.Key) != len(want.Key) {
				t.Errorf("%d parts of %v: %+v, want %+v", len(parts), inst, got, want)
				continue
			}
			for i := range got.Key {
				if !got.Key[i].Equal(want.Key[i]) {
					t.Errorf("%d parts of %v: value %d is %+v, want %+v", len(parts), inst, i, got.Key[i], want.Key[i])
				}
			}
		}
	}
	parts, inst := []mib.IndexPart{{Syntax: ident}, {Syntax: str}}, mib.OID{2, 1, 3, 4, 'n', 'a', 'm', 'e'}
	if n := testing.AllocsPerRun(100, func() { p.Parse(parts, inst) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
