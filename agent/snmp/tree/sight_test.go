package tree

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"mibgate/agent/snmp/vacm"
	"mibgate/element/access"
	"mibgate/mib"
)

// in and ex are families; a mask is that of all ones unless wild says at which
// places, from the end, it is not.
func in(subtree mib.OID, wild ...int) vacm.Family {
	f := vacm.Family{Subtree: subtree, Included: true}
	if len(wild) == 0 {
		return f
	}
	f.Mask = slices.Repeat([]byte{0xff}, (len(subtree)+7)/8)
	for _, w := range wild {
		i := len(subtree) - 1 - w
		f.Mask[i/8] &^= 0x80 >> (i % 8)
	}
	return f
}

func ex(subtree mib.OID, wild ...int) vacm.Family {
	f := in(subtree, wild...)
	f.Included = false
	return f
}

// Whatever the view, the walk through it is what of the whole walk is in it,
// and GET agrees: of a status table, a configuration table and scalars.
func TestWalkThroughAnyViewIsTheFilteredWalk(t *testing.T) {
	m := newModel()
	m.fill(12)
	place(m)
	tr := m.tree("")
	r := m.reader(tr)
	r.Begin(m, sight(tr, access.Admin), false)
	all := walk(t, r, nil)
	rnd := rand.New(rand.NewPCG(10, 11))
	sizes := map[bool]int{}
	for range 500 {
		fs := randomView(rnd, all)
		v := vacm.NewView(fs)
		s := tr.Sight(v)
		r.Begin(m, s, false)
		var want []mib.OID
		for _, n := range all {
			visible := v.Contains(n)
			if visible {
				want = append(want, n)
			}
			if _, p := r.Get(n); (p == Found) != visible {
				t.Fatalf("%v: GET of %s is %v, in the view: %v", fs, n, p, visible)
			}
		}
		if got := walk(t, r, nil); !slices.EqualFunc(got, want, slices.Equal[mib.OID]) {
			t.Fatalf("%v:\n%v\nwant\n%v", fs, got, want)
		}
		if got := bulk(r); !slices.EqualFunc(got, want, slices.Equal[mib.OID]) {
			t.Fatalf("%v: by places\n%v\nwant\n%v", fs, got, want)
		}
		r.Begin(m, s, true)
		for _, n := range walk(t, r, nil) {
			if l, _ := tr.Locate(n); l.Object.Syntax.Base == mib.Counter64 || !v.Contains(n) {
				t.Fatalf("%v: %s is shown to SNMPv1", fs, n)
			}
		}
		sizes[s.all.parts != nil]++
	}
	if sizes[true] < 80 || sizes[false] < 80 {
		t.Errorf("views that tell rows apart, and others: %v", sizes)
	}
}

// place makes one table a configuration table with places, as generated ones
// are.
func place(m *model) {
	rows := func(owner any) []*row { return owner.(*config).pairs }
	m.pairs.Place = func(owner any, key mib.Key, inclusive bool) int {
		for i, r := range rows(owner) {
			if c := mib.CompareKeys(m.pairs.Index, r.key, key); c > 0 || inclusive && c == 0 {
				return i
			}
		}
		return len(rows(owner))
	}
	m.pairs.At = func(owner any, at int) (any, bool) {
		if at >= len(rows(owner)) {
			return nil, false
		}
		return rows(owner)[at], true
	}
	slices.SortFunc(m.cfg.pairs, func(a, b *row) int { return mib.CompareKeys(m.pairs.Index, a.key, b.key) })
}

// bulk is a walk as a GetBulk does it.
func bulk(r *Reader) []mib.OID {
	var names []mib.OID
	var at mib.OID
	var p Place
	for {
		name, ok := r.After(nil, at, p)
		if !ok {
			return names
		}
		names, at, p = append(names, name), name, r.Place()
	}
}

// randomView is families about some of names: beginnings of them, some with
// wildcards or another last sub-identifier.
func randomView(rnd *rand.Rand, names []mib.OID) []vacm.Family {
	var fs []vacm.Family
	for range 1 + rnd.IntN(6) {
		o := slices.Clone(names[rnd.IntN(len(names))])
		if rnd.IntN(3) > 0 {
			o = o[:max(len(o)-rnd.IntN(8), 1)]
		}
		if rnd.IntN(6) == 0 {
			o[len(o)-1] += rnd.Uint32N(3) - 1
		}
		var wild []int
		for i := range o {
			if rnd.IntN(12) == 0 {
				wild = append(wild, i)
			}
		}
		f := in(o, wild...)
		f.Included = rnd.IntN(3) > 0
		fs = append(fs, f)
	}
	if rnd.IntN(2) == 0 {
		fs = append(fs, in(mib.MustOID("1.3.6.1")))
	}
	return fs
}

func TestGetInAView(t *testing.T) {
	m := newModel()
	m.fill(3)
	tr := m.tree("")
	r := m.reader(tr)
	text := m.big.OID.Append(100)
	for _, tt := range []struct {
		name string
		view []vacm.Family
		oid  mib.OID
		want Presence
	}{
		{"no view", nil, m.name.OID.Append(0), NoObject},
		{"scalar", []vacm.Family{in(m.name.OID)}, m.name.OID.Append(0), Found},
		{"its instance only", []vacm.Family{in(m.name.OID.Append(0))}, m.name.OID.Append(0), Found},
		{"another instance of it", []vacm.Family{in(m.name.OID.Append(0))}, m.name.OID.Append(1), NoInstance},
		{"without its instance", []vacm.Family{in(tst), ex(m.name.OID.Append(0))}, m.name.OID.Append(0), NoObject},
		{"only what it has not", []vacm.Family{in(m.name.OID.Append(1))}, m.name.OID.Append(0), NoObject},
		{"column", []vacm.Family{in(text)}, text.Append(2), Found},
		{"column out of view", []vacm.Family{in(tst), ex(text)}, text.Append(2), NoObject},
		{"row", []vacm.Family{in(text.Append(2))}, text.Append(2), Found},
		{"row out of view", []vacm.Family{in(text), ex(text.Append(2))}, text.Append(2), NoInstance},
		{"row out of view, by mask", []vacm.Family{in(tst), ex(m.big.OID.Append(0, 2), 1)}, text.Append(2), NoInstance},
		{"row that is not there", []vacm.Family{in(text.Append(9))}, text.Append(9), NoInstance},
		{"above the column", []vacm.Family{in(text.Append(2))}, text, NoInstance},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.Begin(m, tr.Sight(vacm.NewView(tt.view)), false)
			if _, p := r.Get(tt.oid); p != tt.want {
				t.Errorf("got %v, want %v", p, tt.want)
			}
		})
	}
	r.Begin(m, nil, false)
	if _, p := r.Get(m.name.OID.Append(0)); p != NoObject {
		t.Errorf("without a sight: %v", p)
	}
	if s := tr.Sight(nil); len(s.all.leaves) != 0 {
		t.Error("the nil view has leaves")
	}
}

// The families of a role say what access says, of every leaf and wherever it is
// served, and are few.
func TestRoleFamilies(t *testing.T) {
	m := newModel()
	m.fill(2)
	for _, served := range []string{"", "1.3.6.1.4.1.4935.1000.100", "2.7"} {
		tr := m.tree(served)
		for _, role := range []access.Role{access.None, access.Observer, access.User, access.Admin, 200} {
			read, write := tr.RoleFamilies(role, false), tr.RoleFamilies(role, true)
			reads, writes := vacm.NewView(read), vacm.NewView(write)
			for _, l := range tr.Leaves() {
				known := role <= access.Admin
				if want := known && (access.CanRead(role, l.Object) && access.CanRead(role, l.Target) || role >= access.Observer && access.OwnRow(l.Object)); reads.Contains(l.OID.Append(0)) != want {
					t.Errorf("%q: %v reads %s: %v", served, role, l.Object.Path(), !want)
				}
				if want := known && access.CanWrite(role, l.Target); writes.Contains(l.OID.Append(0)) != want {
					t.Errorf("%q: %v writes %s: %v", served, role, l.Object.Path(), !want)
				}
			}
			most := map[access.Role][2]int{access.Observer: {2, 0}, access.User: {2, 2}, access.Admin: {1, 1}}[role]
			if len(read) > most[0] || len(write) > most[1] {
				t.Errorf("%q: %v needs %v and %v", served, role, read, write)
			}
		}
	}
	empty, err := New(mib.NewRegistry(), Options{Model: root})
	if err != nil {
		t.Fatal(err)
	}
	if fs := empty.RoleFamilies(access.Admin, false); fs != nil {
		t.Errorf("of no leaves: %v", fs)
	}
}

// No fewer subtrees could say the same: all smaller sets of them are tried.
func TestColourIsTheFewest(t *testing.T) {
	var leaves []*Leaf
	for _, s := range []string{"1.1.1", "1.1.2", "1.2.1", "1.2.2", "1.3"} {
		leaves = append(leaves, &Leaf{OID: mib.MustOID(s)})
	}
	var nodes []vacm.Family
	for _, s := range []string{"1", "1.1", "1.2", "1.1.1", "1.1.2", "1.2.1", "1.2.2", "1.3"} {
		nodes = append(nodes, in(mib.MustOID(s)), ex(mib.MustOID(s)))
	}
	fewest := make([]int, 1<<len(leaves))
	for i := range fewest {
		fewest[i] = len(leaves)
	}
	var try func(fs []vacm.Family, from int)
	try = func(fs []vacm.Family, from int) {
		v, says := vacm.NewView(fs), 0
		for i, l := range leaves {
			if v.Contains(l.OID) {
				says |= 1 << i
			}
		}
		fewest[says] = min(fewest[says], len(fs))
		for i := from; i < len(nodes) && len(fs) < 4; i++ {
			try(append(slices.Clip(fs), nodes[i]), i|1+1)
		}
	}
	try(nil, 0)
	for says, want := range fewest {
		may := make([]bool, len(leaves))
		for i := range may {
			may[i] = says>>i&1 == 1
		}
		fs := colour(leaves, may, 0).out
		v := vacm.NewView(fs)
		for i, l := range leaves {
			if v.Contains(l.OID) != may[i] {
				t.Fatalf("%v: %v says otherwise of %s", may, fs, l.OID)
			}
		}
		if len(fs) != want {
			t.Errorf("%v: %d families, %d would do: %v", may, len(fs), want, fs)
		}
	}
}

// What a view hides of a large table costs no more than what is small.
func TestHiddenRowsAreNotWalked(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	cost := func(rows int) time.Duration {
		m := newModel()
		m.fill(rows)
		r := m.reader(m.tree(""))
		fs := []vacm.Family{in(m.big.OID.Append(0, uint32(rows)), 1)}
		for i := range uint32(3) {
			fs = append(fs, in(m.big.OID.Append(0, i+1), 1))
		}
		r.Begin(m, r.tree.Sight(vacm.NewView(fs)), false)
		best := time.Hour
		for range 20 {
			start := time.Now()
			for range 10 {
				if n := len(bulk(r)); n != 4*len(m.big.Columns) {
					t.Fatalf("%d cells in view", n)
				}
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	small, large := cost(10), cost(20_000)
	t.Logf("walks: %v in 10 rows, %v in 20,000", small, large)
	if ratio := float64(large) / float64(small); ratio > 5 {
		t.Errorf("ratio %.2f", ratio)
	}
}

func TestReadingInAViewMakesNoGarbage(t *testing.T) {
	m := newModel()
	m.fill(100)
	r := m.reader(m.tree(""))
	s := r.tree.Sight(vacm.NewView([]vacm.Family{in(m.big.OID.Append(0, 50), 1), in(m.big.OID.Append(0, 90), 1), in(m.name.OID)}))
	cell, dst := m.big.OID.Append(100, 50), make(mib.OID, 0, 200)
	r.Begin(m, s, false)
	next := func() { r.Next(dst, cell) }
	next()
	for name, f := range map[string]func(){
		"GET in view": func() { r.Get(cell) }, "GET out of view": func() { r.Get(m.big.OID) }, "GETNEXT": next,
	} {
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkSight(b *testing.B) {
	m := newModel()
	tr := m.tree("")
	var fs []vacm.Family
	for i := range uint32(20) {
		fs = append(fs, ex(tst.Append(i, 1)))
	}
	v := vacm.NewView(append(fs, in(mib.MustOID("1.3.6.1"))))
	for b.Loop() {
		tr.Sight(v)
	}
}
