package mib_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"mibgate/mib"
)

func rowsOf(tok mib.EditToken, names ...string) *mib.Rows[trunk, *trunk] {
	var r mib.Rows[trunk, *trunk]
	for _, name := range names {
		r.Insert(tok, nameKey(name), newTrunk(nameKey(name)))
	}
	return &r
}

func list(r *mib.Rows[trunk, *trunk]) []string {
	var out []string
	for row := range r.All() {
		out = append(out, fmt.Sprintf("%s:%d", row.Name, row.Port))
	}
	return out
}

func TestRowsAreInOrderOfAWalk(t *testing.T) {
	r := rowsOf(1, "b", "aa", "a", "", "c")
	want := []string{":5060", "a:5060", "b:5060", "c:5060", "aa:5060"} // shorter first
	if got := list(r); !slices.Equal(got, want) || r.Len() != 5 {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestRowsSeek(t *testing.T) {
	r := rowsOf(1, "a", "c", "bb")
	for _, tt := range []struct {
		key       mib.Key
		inclusive bool
		want      string
	}{
		{nil, true, "a"},
		{nil, false, ""}, // every row equals the empty prefix
		{nameKey("a"), true, "a"},
		{nameKey("a"), false, "c"},
		{nameKey("b"), true, "c"},
		{nameKey("c"), false, "bb"},
		{nameKey("bb"), false, ""},
	} {
		got := ""
		if row := r.Seek(tt.key, tt.inclusive); row != nil {
			got = row.Name
		}
		if got != tt.want {
			t.Errorf("%v inclusive=%t: %q, want %q", tt.key, tt.inclusive, got, tt.want)
		}
	}
	if r.Find(nameKey("b")) != nil || r.Find(nameKey("bb")).Name != "bb" {
		t.Error("Find")
	}
}

func TestActiveSkipsSuspendedRows(t *testing.T) {
	r := rowsOf(1, "a", "b")
	r.Find(nameKey("a")).SetState(mib.RowNotInService)
	var got []string
	for row := range r.Active() {
		got = append(got, row.Name)
	}
	if !slices.Equal(got, []string{"b"}) || r.Find(nameKey("a")).State() != mib.RowNotInService || r.Find(nameKey("b")).State() != mib.RowActive {
		t.Errorf("%v", got)
	}
}

func TestIterationsStop(t *testing.T) {
	r := rowsOf(1, "a", "b", "c")
	n := 0
	for range r.All() {
		n++
		break
	}
	for range r.Active() {
		n++
		break
	}
	if n != 2 {
		t.Errorf("%d rows", n)
	}
}

// TestPublishedRowsNeverChange edits copies of a table in every way.
func TestPublishedRowsNeverChange(t *testing.T) {
	edits := map[string]func(r *mib.Rows[trunk, *trunk], tok mib.EditToken){
		"insert":  func(r *mib.Rows[trunk, *trunk], tok mib.EditToken) { r.Insert(tok, nameKey("x"), &trunk{Name: "x"}) },
		"replace": func(r *mib.Rows[trunk, *trunk], tok mib.EditToken) { r.Insert(tok, nameKey("b"), &trunk{Name: "b"}) },
		"remove":  func(r *mib.Rows[trunk, *trunk], tok mib.EditToken) { r.Remove(tok, nameKey("b")) },
		"edit": func(r *mib.Rows[trunk, *trunk], tok mib.EditToken) {
			r.Edit(tok, nameKey("b"), r.Find(nameKey("b"))).Port = 1
		},
		"insert again": func(r *mib.Rows[trunk, *trunk], tok mib.EditToken) {
			row := r.Find(nameKey("a"))
			r.Insert(tok, nameKey("a"), row)
			r.Edit(tok, nameKey("a"), r.Find(nameKey("a"))).Port = 2
		},
	}
	for name, edit := range edits {
		for _, tok := range []mib.EditToken{0, 2} {
			t.Run(fmt.Sprintf("%s/token %d", name, tok), func(t *testing.T) {
				published := rowsOf(1, "a", "b", "c")
				want := list(published)
				candidate := *published
				edit(&candidate, tok)
				edit(&candidate, tok)
				if got := list(published); !slices.Equal(got, want) {
					t.Errorf("published rows became %v", got)
				}
				if name != "insert again" && slices.Equal(list(&candidate), want) {
					t.Error("the candidate did not change")
				}
			})
		}
	}
}

func TestEditKeepsToItsTransaction(t *testing.T) {
	r := rowsOf(1, "a")
	first := r.Edit(2, nameKey("a"), r.Find(nameKey("a")))
	if again := r.Edit(2, nameKey("a"), first); again != first {
		t.Error("an editable row was copied again")
	}
	if other := r.Edit(3, nameKey("a"), first); other == first {
		t.Error("another transaction got the same row")
	}
	if gone := r.Edit(3, nameKey("z"), newTrunk(nameKey("z"))); gone == nil || r.Len() != 1 {
		t.Error("editing a row outside of the table changed the table")
	}
}

// TestRowsAgainstAMap runs random transactions against the simplest model,
// and checks after each that no earlier snapshot changed.
func TestRowsAgainstAMap(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var rows mib.Rows[trunk, *trunk]
	model := map[string]uint32{}
	type snapshot struct {
		rows mib.Rows[trunk, *trunk]
		want []string
	}
	var history []snapshot
	for tok := mib.EditToken(1); tok < 200; tok++ {
		for range r.IntN(6) {
			name, port := fmt.Sprint(r.IntN(30)), r.Uint32()
			switch r.IntN(3) {
			case 0:
				rows.Insert(tok, nameKey(name), &trunk{Name: name, Port: port})
				model[name] = port
			case 1:
				rows.Remove(tok, nameKey(name))
				delete(model, name)
			case 2:
				if row := rows.Find(nameKey(name)); row != nil {
					rows.Edit(tok, nameKey(name), row).Port = port
					model[name] = port
				}
			}
		}
		history = append(history, snapshot{rows, want(model)})
		for i, s := range history {
			if got := list(&s.rows); !slices.Equal(got, s.want) {
				t.Fatalf("after transaction %d, snapshot %d is %v, want %v", tok, i+1, got, s.want)
			}
		}
	}
}

func want(model map[string]uint32) []string {
	var keys []string
	for name := range model {
		keys = append(keys, name)
	}
	slices.SortFunc(keys, mib.CompareString)
	var out []string
	for _, name := range keys {
		out = append(out, fmt.Sprintf("%s:%d", name, model[name]))
	}
	return out
}

func TestConfigTable(t *testing.T) {
	f, c := newFixture(), &config{}
	for _, name := range []string{"b", "a", "c"} {
		f.trunks.New(c, 1, nameKey(name))
	}
	row, ok := f.trunks.Lookup(c, nameKey("b"))
	if !ok || !f.port.Read(nil, row).Equal(mib.Uint(5060)) {
		t.Fatalf("new row: %v, %t", row, ok)
	}
	f.port.Write(nil, f.trunks.Edit(c, 2, row), mib.Uint(1))
	if row.(*trunk).Port != 5060 || c.Trunks.Find(nameKey("b")).Port != 1 {
		t.Error("Edit changed the row in place")
	}
	f.trunks.Move(c, 2, nameKey("b"), nameKey("d"))
	f.trunks.Move(c, 2, nameKey("a"), nameKey("c"))
	f.trunks.Move(c, 2, nameKey("gone"), nameKey("c"))
	if got := names(c); !slices.Equal(got, []string{"c", "d"}) || f.trunks.Len(c) != 2 {
		t.Errorf("after the moves: %v", got)
	}
	f.trunks.Remove(c, 2, nameKey("c"))
	f.trunks.Remove(c, 2, nameKey("c"))
	if got := names(c); !slices.Equal(got, []string{"d"}) {
		t.Errorf("after the removal: %v", got)
	}
	if _, ok := f.trunks.Seek(c, nameKey("d"), false); ok {
		t.Error("a row behind the last")
	}
	if _, ok := f.trunks.Lookup(c, nil); ok {
		t.Error("Lookup takes a key that is too short")
	}
}

func TestStatusTable(t *testing.T) {
	f, st := newFixture(), newFakeStatus(30, 10, 20)
	var got []int64
	var key mib.Key
	for inclusive := true; ; inclusive = false {
		row, ok := f.links.Seek(st, key, inclusive)
		if !ok {
			break
		}
		key = f.links.KeyOf(row, key[:0])
		got = append(got, key[0].Num)
	}
	if !slices.Equal(got, []int64{10, 20, 30}) || st.links.Len() != 3 {
		t.Errorf("walk: %v", got)
	}
	if _, ok := f.links.Lookup(st, mib.Key{mib.Uint(20)}); !ok {
		t.Error("Lookup")
	}
	if _, ok := f.links.Lookup(st, mib.Key{mib.Uint(21)}); ok {
		t.Error("Lookup finds the next")
	}
	if _, ok := f.links.Seek(fakeStatus{}, nil, true); ok {
		t.Error("the zero Sorted is not empty")
	}
}

func BenchmarkSeek(b *testing.B) {
	f, c := newFixture(), &config{}
	for i := range 1000 {
		f.trunks.New(c, 1, nameKey(fmt.Sprintf("trunk%04d", i)))
	}
	key, room := nameKey("trunk0500"), make(mib.Key, 0, 1)
	b.ReportAllocs()
	for b.Loop() {
		row, _ := f.trunks.Seek(c, key, false)
		f.trunks.KeyOf(row, room)
	}
}
