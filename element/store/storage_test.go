package store

import (
	"errors"
	"strings"
	"testing"

	"mibgate/mib"
)

// TestStorageType: what an operator may do to rows of each StorageType
// (RFC 2579 §2).
func TestStorageType(t *testing.T) {
	const a, own = `P.Peer[Name="a"].`, `P.Peer[Name="own"].`
	tests := []struct {
		name string
		row  int64 // StorageType of row a
		line string
		want error
	}{
		{"volatile to nonVolatile", storageVolatile, a + "StorageType=3", nil},
		{"nonVolatile to volatile", storageNonVolatile, a + "StorageType=2", nil},
		{"to other", storageNonVolatile, a + "StorageType=1", mib.ErrInconsistent},
		{"to permanent", storageNonVolatile, a + "StorageType=4", mib.ErrInconsistent},
		{"to readOnly", storageVolatile, a + "StorageType=5", mib.ErrInconsistent},
		{"destroy", storageVolatile, a + "RowStatus=6", nil},
		{"permanent: as it is", storagePermanent, a + "StorageType=4", nil},
		{"permanent: to nonVolatile", storagePermanent, a + "StorageType=3", mib.ErrInconsistent},
		{"permanent: a cell", storagePermanent, a + `Address="other"`, nil},
		{"permanent: out of service", storagePermanent, a + "RowStatus=2", nil},
		{"permanent: destroy", storagePermanent, a + "RowStatus=6", mib.ErrInconsistent},
		{"permanent: an edit", storagePermanent, a + `KeyChange="k"`, nil},
		{"readOnly: a cell", 0, own + `Address="other"`, mib.ErrNotWritable},
		{"readOnly: the same again", 0, own + "StorageType=5", mib.ErrNotWritable},
		{"readOnly: out of service", 0, own + "RowStatus=2", mib.ErrNotWritable},
		{"readOnly: destroy", 0, own + "RowStatus=6", mib.ErrNotWritable},
		{"readOnly: an edit", 0, own + `KeyChange="k"`, mib.ErrNotWritable},
		{"readOnly: create", 0, own + "RowStatus=4", mib.ErrNotWritable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, k := peersStore(t)
			if tt.row != 0 {
				mustSet(t, s, a+`Address="h"`, a+`Params="p"`)
				turn(t, s, k, "a", tt.row)
			}
			before, rows := s.Current(), peersText(s, k)
			err := set(t, s, tt.line)
			if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if err != nil && (s.Current() != before || peersText(s, k) != rows) {
				t.Error("a refused assignment changed something")
			}
			reload(t, s)
		})
	}
}

// turn gives a row a StorageType, as only the unit may.
func turn(t *testing.T, s *Store, k *keeper, name string, storage int64) {
	t.Helper()
	tx, err := s.Begin(t.Context(), internal)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	cfg, tok := tx.cand.Edit(k.module)
	row, ok := k.table.Lookup(cfg, mib.Key{mib.String(name)})
	if !ok {
		t.Fatalf("no row %q", name)
	}
	k.table.Edit(cfg, tok, row).(*peer).Storage = storage
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsKept: volatile and read-only rows are neither on disk nor in a
// script, also when they are printed from memory and when they become so; the
// services make the read-only ones anew.
func TestWhatIsKept(t *testing.T) {
	s, k := peersStore(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		mustSet(t, s, `P.Peer[Name="`+name+`"].Address="h"`, `P.Peer[Name="`+name+`"].Params="p"`)
	}
	mustSet(t, s, `P.Peer[Name="b"].StorageType="Volatile"`)
	turn(t, s, k, "c", storagePermanent)
	if err := set(t, s, `P.Peer[Name="d"].StorageType=2`, `P.Peer[Name="d"].Address="other"`); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"script": dump(s, s.Current()), "disk": content(t, s.disk.config())} {
		for name, want := range map[string]bool{"a": true, "b": false, "c": true, "d": false, "own": false} {
			if strings.Contains(text, `P.Peer[Name="`+name+`"]`) != want {
				t.Errorf("%s: row %s is there: %v, want %v\n%s", what, name, !want, want, text)
			}
		}
	}
	if got := peersText(s, k); got != "a(h,p)1 b(h,p)1 c(h,p)1 d(other,p)1" {
		t.Errorf("in force are %s", got)
	}
	written := content(t, s.disk.config())
	mustSet(t, s, `P.Peer[Name="b"].Address="elsewhere"`)
	if content(t, s.disk.config()) != written {
		t.Error("a change of a volatile row was written")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, k = reopen(t, s.dir, k.peers)
	if got := peersText(s, k); got != "a(h,p)1 c(h,p)1" {
		t.Errorf("after a restart there are %s", got)
	}
	if k.of(s.Current()).Peers.Find(mib.Key{mib.String("own")}) == nil {
		t.Error("the service's row was not made anew")
	}
	mustSet(t, s, `P.Peer[Name="a"].StorageType=2`)
	mustSet(t, s, `P.Peer[Name="a"].StorageType=3`)
	if !strings.Contains(content(t, s.disk.config()), `P.Peer[Name="a"]`) {
		t.Error("a row that is kept again is not on disk")
	}
}
