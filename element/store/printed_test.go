package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// The text that takes over rows of the one before is the text made from
// nothing, whatever is edited, made and removed, also behind a commit that the
// disk has refused.
func TestPrintedTextIsThatOfTheSnapshot(t *testing.T) {
	s := startModel(t)
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same each time
	for round := range 300 {
		s.disk.fault = nil
		if random.IntN(10) == 0 {
			s.disk.fault = failAt(stepRename)
		}
		if err := someEdits(s, random, round); err != nil && s.disk.fault == nil {
			t.Fatal(err)
		}
		s.disk.fault = nil
		fresh := &Store{reg: s.reg, seal: s.seal}
		if got, want := string(s.canonical(s.Current())), string(fresh.canonical(s.Current())); got != want {
			t.Fatalf("round %d: the text is\n%s\nwant\n%s", round, got, want)
		}
		if len(s.printed.rows) != len(fresh.printed.rows) {
			t.Fatalf("round %d: %d rows are remembered, there are %d", round, len(s.printed.rows), len(fresh.printed.rows))
		}
	}
}

// someEdits commits a few assignments and rows.
func someEdits(s *Store, random *rand.Rand, round int) error {
	tx, err := s.Begin(context.Background(), access.Internal)
	if err != nil {
		return err
	}
	defer tx.Abort()
	tx.CreateRows = true
	o := sipep.Objects
	for range 1 + random.IntN(4) {
		key := sipep.AuthenticationKey(1 + random.Uint32N(20))
		object, value := o.AuthenticationRealm, mib.String(fmt.Sprint("realm ", round))
		switch random.IntN(5) {
		case 0:
			object, value = o.AuthenticationPassword, mib.String(fmt.Sprint("secret ", round))
		case 1:
			object, value = o.AuthenticationUsername, mib.String("")
		case 2:
			object, key, value = o.TransportFailbackInterval, nil, mib.Uint(5+random.Uint32N(20))
		case 3:
			object, value = o.AuthenticationRowStatus, mib.Int(int32(mib.RowDestroy))
		}
		_ = tx.Set(object, key, value) // a row may be destroyed that is not there
	}
	return tx.Commit()
}

// A cell more costs at most 128 octets: of a row with some of its variables
// set, its text on disk that is remembered included (issue 3).
func TestMemoryOfACell(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory")
	}
	s := startModel(t)
	live := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc) //nolint:gosec // far from the limit
	}
	add := func(from, to int) {
		tx, err := s.Begin(context.Background(), access.Internal)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Abort()
		tx.CreateRows = true
		for i := from; i < to; i++ {
			key := sipep.AuthenticationKey(uint32(i + 1)) //nolint:gosec // few
			for o, v := range map[*mib.Object]string{
				sipep.Objects.AuthenticationUsername: "user%05d", sipep.Objects.AuthenticationRealm: "realm%05d.example", sipep.Objects.AuthenticationUsernameCriteria: "caller%05d",
			} {
				if err := tx.Set(o, key, mib.String(fmt.Sprintf(v, i))); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	const few, many = 100, 1000
	add(0, few)
	before := live()
	add(few, many)
	columns := int64(len(sipep.Objects.AuthenticationIndex.Table.Columns))
	perCell := (live() - before) / ((many - few) * columns)
	t.Logf("%d octets per cell", perCell)
	if perCell > 128 {
		t.Errorf("%d octets per cell", perCell)
	}
	runtime.KeepAlive(s)
}
