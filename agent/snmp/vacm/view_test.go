package vacm

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"mibgate/mib"
)

func in(subtree string, mask ...byte) Family { return Family{oid(subtree), mask, true} }
func ex(subtree string, mask ...byte) Family { return Family{oid(subtree), mask, false} }

func oid(s string) mib.OID {
	if s == "" {
		return nil
	}
	return mib.MustOID(s)
}

func TestMatch(t *testing.T) {
	const entry = "1.3.6.1.2.1.2.2.1"
	row3 := in(entry+".0.3", 0xff, 0xa0) // all columns of the row of interface 3 (RFC 3415 §4)
	tests := []struct {
		name     string
		families []Family
		oid      string
		want     Verdict
	}{
		{"no families", nil, "1.3", NoMatch},
		{"itself", []Family{in("1.3")}, "1.3", Included},
		{"below", []Family{in("1.3")}, "1.3.6.1", Included},
		{"above", []Family{in("1.3.6")}, "1.3", NoMatch},
		{"beside", []Family{in("1.3")}, "1.4", NoMatch},
		{"everything", []Family{in("")}, "2.1", Included},
		{"the empty name", []Family{in("1")}, "", NoMatch},
		{"excluded", []Family{ex("1.3")}, "1.3.6", Excluded},
		{"excluded within included", []Family{in("1.3"), ex("1.3.6")}, "1.3.6.1", Excluded},
		{"beside what is excluded", []Family{in("1.3"), ex("1.3.6")}, "1.3.7.1", Included},
		{"included within excluded within included", []Family{in("1.3.6.1"), in("1"), ex("1.3")}, "1.3.6.1.0", Included},
		{"the order does not matter", []Family{ex("1.3"), in("1"), in("1.3.6.1")}, "1.3.6.0", Excluded},
		{"row of a table", []Family{row3}, entry + ".7.3", Included},
		{"another row", []Family{row3}, entry + ".7.4", NoMatch},
		{"row, and more", []Family{row3}, entry + ".22.3.1", Included},
		{"column without row", []Family{row3}, entry + ".7", NoMatch},
		{"another table", []Family{row3}, "1.3.6.1.2.1.2.2.2.7.3", NoMatch},
		{"a mask that is short is filled with ones", []Family{in(entry+".0.3", 0x7f)}, "9.3.6.1.2.1.2.2.1.0.3", Included},
		{"and so they must match", []Family{in(entry+".0.3", 0x7f)}, "9.3.6.1.2.1.2.2.1.1.3", NoMatch},
		{"a mask that is too long", []Family{in("1.3", 0xff, 0, 0)}, "1.3", Included},
		{"a mask of zeros", []Family{in("1.3", 0)}, "7.7", Included},
		{"longest with mask before shorter", []Family{ex("1.3.6"), in("1.3.0.1", 0xd0)}, "1.3.6.1", Included},
		{"longer before more exact", []Family{in("1.3.6"), ex("0.0.0.0", 0)}, "1.3.6.1", Excluded},
		{"of one length the greater: included", []Family{in("1.3.6.0", 0xe0), ex("1.3.0.9", 0xd0)}, "1.3.6.9", Included},
		{"of one length the greater: excluded", []Family{ex("1.3.6.0", 0xe0), in("1.3.0.9", 0xd0)}, "1.3.6.9", Excluded},
		{"the later of two that are one row", []Family{in("1.3"), ex("1.3")}, "1.3", Excluded},
		{"great numbers", []Family{in("1.3.4294967295")}, "1.3.4294967295.4294967295", Included},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := NewView(tt.families)
			if got := v.Match(oid(tt.oid)); got != tt.want || v.Contains(oid(tt.oid)) != (tt.want == Included) {
				t.Errorf("%s: %v, want %v", tt.oid, got, tt.want)
			}
		})
	}
	var none *View
	if none.Match(oid("1.3")) != NoMatch || none.Contains(nil) {
		t.Error("the nil view has names")
	}
	if all, part := none.Below(oid("1")); all || part != nil {
		t.Error("the nil view has names below 1")
	}
	if _, ok := none.Next(nil, oid("1")); ok {
		t.Error("the nil view has names after 1")
	}
}

func TestViewsOfTheSameFamiliesAreEqual(t *testing.T) {
	a := NewView([]Family{in("1.3", 0xff), ex("1.3.6", 0xc0), in("1.3.9")})
	b := NewView([]Family{in("1.3.9", 0xff, 0xff), in("1.3"), ex("1.3.6", 0xdf, 0)})
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%v is not %v", a, b)
	}
	if c := NewView([]Family{in("1.3"), ex("1.3.6"), in("1.3.9")}); reflect.DeepEqual(a, c) {
		t.Error("a mask was lost")
	}
}

func TestViewKeepsNothingOfItsFamilies(t *testing.T) {
	f := []Family{in("1.3.6", 0xa0)}
	v := NewView(f)
	f[0].Subtree[0], f[0].Mask[0], f[0].Included = 9, 0xff, false
	if !v.Contains(oid("1.9.6")) {
		t.Error("the view has changed")
	}
}

// pick is any of a small world of names, in which families often meet.
func pick(rnd *rand.Rand) mib.OID {
	subs := []uint32{0, 1, 2, math.MaxUint32}
	o := make(mib.OID, rnd.IntN(5))
	for i := range o {
		o[i] = subs[rnd.IntN(len(subs))]
	}
	return o
}

func randomFamilies(rnd *rand.Rand) []Family {
	seen := map[string]bool{}
	var fs []Family
	for range rnd.IntN(8) {
		f := Family{Subtree: pick(rnd), Included: rnd.IntN(5) > 1}
		if seen[f.Subtree.String()] {
			continue
		}
		seen[f.Subtree.String()] = true
		if rnd.IntN(2) == 0 {
			f.Mask = []byte{byte(rnd.Uint32())}
		}
		fs = append(fs, f)
	}
	return fs
}

// plain is the text of RFC 3415 §4 (vacmViewTreeFamilyTable), word by word.
func plain(fs []Family, o mib.OID) Verdict {
	best := -1
	for i, f := range fs {
		matches := len(o) >= len(f.Subtree)
		for j := range f.Subtree {
			ones := j/8 >= len(f.Mask) || f.Mask[j/8]>>(7-j%8)&1 == 1
			matches = matches && (!ones || o[j] == f.Subtree[j])
		}
		if matches && (best < 0 || len(f.Subtree) > len(fs[best].Subtree) ||
			len(f.Subtree) == len(fs[best].Subtree) && f.Subtree.Compare(fs[best].Subtree) > 0) {
			best = i
		}
	}
	switch {
	case best < 0:
		return NoMatch
	case fs[best].Included:
		return Included
	}
	return Excluded
}

// world is every name of up to n of the sub-identifiers 0 to 3 and the
// greatest, in order.
func world(n int) []mib.OID {
	all := []mib.OID{{}}
	for from := 0; n > 0; n-- {
		level := all[from:]
		from = len(all)
		for _, o := range level {
			for _, s := range []uint32{0, 1, 2, 3, math.MaxUint32} {
				all = append(all, o.Append(s))
			}
		}
	}
	slices.SortFunc(all, mib.OID.Compare)
	return all
}

func TestAnyViewIsAsTheRFCSays(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	names := world(5)
	for range 300 {
		fs := randomFamilies(rnd)
		v := NewView(fs)
		prefix := pick(rnd)
		all, part := v.Below(prefix)
		for _, o := range names {
			want := plain(fs, o)
			if got := v.Match(o); got != want {
				t.Fatalf("%v: %v is %v, not %v", fs, o, got, want)
			}
			if below := all || part.Contains(o); o.HasPrefix(prefix) && below != (want == Included) {
				t.Fatalf("%v: %v below %v is %v, not %v", fs, o, prefix, below, want)
			}
		}
	}
}

// Next leaves out nothing that is in the view, and goes on.
func TestNextOfAnyViewLeavesNothingOut(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	names := world(5)
	var dst mib.OID
	for range 2000 {
		fs := randomFamilies(rnd)
		v := NewView(fs)
		at := pick(rnd)
		var ok bool
		dst, ok = v.Next(dst, at)
		if v.Contains(at) {
			if !ok || dst.Compare(at) != 0 {
				t.Fatalf("%v: from %v, which is in the view, to %v", fs, at, dst)
			}
			continue
		}
		if ok && dst.Compare(at) <= 0 {
			t.Fatalf("%v: from %v back to %v", fs, at, dst)
		}
		i, _ := slices.BinarySearchFunc(names, at, mib.OID.Compare)
		for _, o := range names[i:] {
			if ok && o.Compare(dst) >= 0 {
				break
			}
			if plain(fs, o) == Included {
				t.Fatalf("%v: from %v to %v %v leaves %v out", fs, at, dst, ok, o)
			}
		}
	}
}

func TestAskingAViewMakesNoGarbage(t *testing.T) {
	v := NewView([]Family{in("1.3.6.1"), ex("1.3.6.1.4.0.5", 0xfb), in("1.3.6.1.4.0.5.9", 0xfb), ex("1.3.6.1.9")})
	name, hidden, dst := oid("1.3.6.1.2.1.1.1.0"), oid("1.3.6.1.4.7.5.3"), make(mib.OID, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		v.Contains(name)
		v.Match(hidden)
		dst, _ = v.Next(dst, hidden)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkContains(b *testing.B) {
	fs := []Family{in("1.3.6.1")}
	for i := range uint32(20) {
		fs = append(fs, ex("1.3.6.1.4.1.32473.100.200.100."+oid("1").Append(i).String()))
	}
	v, name := NewView(fs), oid("1.3.6.1.4.1.32473.100.200.100.700.1.500.1.2.3")
	b.ReportAllocs()
	for b.Loop() {
		v.Contains(name)
	}
}
