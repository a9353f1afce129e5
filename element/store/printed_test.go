package store

import (
	"context"
	"fmt"
	"math/rand/v2"
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
