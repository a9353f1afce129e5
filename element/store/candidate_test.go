package store

import (
	"errors"
	"strings"
	"testing"

	"mibgate/mib"
)

const (
	mainPeer  = `P.Peer[Name="main"].`
	mainExtra = `P.Extra[Of="main"].Size=1`
)

// TestBothSides: of two variables that say the same, Normalize follows the one
// that changed since Before, and refuses when both did. What appears in the
// middle of a transaction moves Before there.
func TestBothSides(t *testing.T) {
	tests := []struct {
		name   string
		before []string
		lines  []string
		want   string // Main and the row
		at     int    // of the refusal, or -1
	}{
		{"the scalar", nil, []string{`P.Main="new"`}, "new main(new,p)1", -1},
		{"the row", nil, []string{mainPeer + `Address="new"`}, "new main(new,p)1", -1},
		{"both alike", nil, []string{mainPeer + `Address="new"`, `P.Main="new"`}, "new main(new,p)1", -1},
		{"both differently", nil, []string{mainPeer + `Params="q"`, `P.Main="this"`, mainPeer + `Address="that"`, mainPeer + `Params="r"`}, "old main(old,p)1", 1},
		{"one after the other was brought in line", []string{mainPeer + "RowStatus=6"}, []string{mainPeer + `Params="p"`, mainPeer + `Address="that"`, mainExtra, `P.Main="this"`}, "this main(this,p)1", -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, k := peersStore(t)
			mustSet(t, s, mainPeer+`Address="old"`, mainPeer+`Params="p"`)
			if tt.before != nil {
				mustSet(t, s, tt.before...)
			}
			held, heldText := s.Current(), dump(s, s.Current())
			err := set(t, s, tt.lines...)
			var e *mib.Error
			switch {
			case tt.at < 0 && err != nil:
				t.Fatal(err)
			case tt.at >= 0 && (!errors.As(err, &e) || e.Kind != mib.ErrInconsistent || e.Position != tt.at || e.Detail != "both changed"):
				t.Fatalf("%+v, want a refusal at %d", err, tt.at)
			}
			if got := k.of(s.Current()).Main + " " + peersText(s, k); got != tt.want {
				t.Errorf("in force is %s, want %s", got, tt.want)
			}
			if dump(s, held) != heldText {
				t.Error("a snapshot that is held has changed")
			}
			reload(t, s)
		})
	}
}

// TestBefore is nil at a start, what the transaction began with, and what the
// last Normalize left.
func TestBefore(t *testing.T) {
	s, k := peersStore(t)
	mustSet(t, s, mainPeer+`Params="p"`, mainPeer+`Address="a"`, mainExtra, `P.Main="b"`)
	mustSet(t, s)
	if got := strings.Join(k.befores, " "); got != "-  a b" {
		t.Errorf("before was %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, k = reopen(t, s.dir, k.peers); strings.Join(k.befores, " ") != "-" {
		t.Errorf("after a restart before was %q", k.befores)
	}
}

// TestCheckpointsKeepTheirRows: what Before answers does not change by what is
// edited behind it, whatever is done to the rows.
func TestCheckpointsKeepTheirRows(t *testing.T) {
	s, k := peersStore(t)
	mustSet(t, s, mainPeer+`Params="p"`, mainPeer+`Address="a"`)
	tx, err := s.Begin(t.Context(), internal)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	tx.CreateRows = true
	texts := map[*Snapshot]string{s.Current(): dump(s, s.Current())}
	for _, line := range []string{
		`P.Peer[Name="b"].Address="h"`, `P.Extra[Of="b"].Size=1`, `P.Extra[Of="b"].Size=2`, `P.Peer[Name="b"].Params="q"`, `P.Peer[Name="c"].Address="h"`,
		`P.Extra[Of="c"].Size=3`, `P.Peer[Name="b"].RowStatus=6`, mainPeer + `Address="new"`, `P.Extra[Of="main"].Size=4`, `P.Peer[Name="c"].Params="r"`,
	} {
		st := parseLine(t, s, line)
		if err := tx.Set(st.Object, st.Key, st.Value); err != nil {
			t.Fatal(err)
		}
		before := tx.cand.Before()
		if texts[before] == "" {
			texts[before] = dump(s, before)
		}
		for snap, text := range texts {
			if got := dump(s, snap); got != text {
				t.Fatalf("%s changed what was before:\n%s\nit was\n%s", line, got, text)
			}
		}
	}
	if len(texts) != 3 {
		t.Errorf("%d checkpoints, want the start and two", len(texts))
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := k.of(s.Current()).Main + " " + peersText(s, k); got != "new c(h,r)1 main(new,p)1" {
		t.Errorf("in force is %s", got)
	}
	reload(t, s)
}

// TestRowThatDoesNotAppear: looking for it has changed nothing, also when the
// participants refuse what is there so far, which may yet be put right.
func TestRowThatDoesNotAppear(t *testing.T) {
	s, k := peersStore(t)
	mustSet(t, s, mainPeer+`Params="p"`, mainPeer+`Address="old"`)
	tx, err := s.Begin(t.Context(), internal)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	assignOne := func(line string) error {
		st := parseLine(t, s, line)
		return tx.Set(st.Object, st.Key, st.Value)
	}
	for _, line := range []string{mainPeer + `Address="that"`, `P.Main="this"`} {
		if err := assignOne(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := assignOne(`P.Extra[Of="none"].Size=1`); !errors.Is(err, mib.ErrNoCreation) {
		t.Fatalf("a row that does not appear: %v", err)
	}
	if got := k.of(tx).Main; got != "this" || tx.cand.Before() != tx.cand.base {
		t.Errorf("the candidate has %q", got)
	}
	if err := assignOne(mainPeer + `Address="this"`); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	reload(t, s)
}

// TestRefusedInTheMiddle: a refusal when a row appeared ends the commit, though
// later assignments would hide it.
func TestRefusedInTheMiddle(t *testing.T) {
	s, k := peersStore(t)
	mustSet(t, s, mainPeer+`Params="p"`, mainPeer+`Address="old"`)
	err := set(t, s, mainPeer+`Address="that"`, `P.Main="this"`, `P.Peer[Name="b"].Address="h"`, `P.Peer[Name="b"].Params="p"`, `P.Extra[Of="b"].Size=1`, mainPeer+`Address="this"`)
	var e *mib.Error
	if !errors.As(err, &e) || e.Detail != "both changed" || e.Position != 1 {
		t.Errorf("%+v, want a refusal at 1", err)
	}
	if got := peersText(s, k); got != "main(old,p)1" {
		t.Errorf("rows are %s", got)
	}
}

// TestBegan is what the transaction began with, whatever was brought in line in
// the middle of it, and nothing before the services run. Assigned is what was set,
// to the value that it has as well.
func TestBegan(t *testing.T) {
	s, _ := peersStore(t)
	mustSet(t, s, mainPeer+`Params="p"`, mainPeer+`Address="a"`)
	tx, err := s.Begin(t.Context(), internal)
	if err != nil {
		t.Fatal(err)
	}
	tx.CreateRows = true
	for _, line := range []string{`P.Main="b"`, `P.Peer[Name="b"].Address="h"`, `P.Extra[Of="b"].Size=1`, mainPeer + `Params="p"`} {
		st := parseLine(t, s, line)
		if err := tx.Set(st.Object, st.Key, st.Value); err != nil {
			t.Fatal(err)
		}
	}
	if Began(tx.cand) != s.Current() || tx.cand.Before() == s.Current() {
		t.Error("a transaction that was brought in line began with that")
	}
	params, address := parseLine(t, s, mainPeer+`Params="p"`), parseLine(t, s, mainPeer+`Address="a"`)
	if !tx.cand.Assigned(params.Object, params.Key) || tx.cand.Assigned(address.Object, address.Key) {
		t.Error("what is assigned is not what was set")
	}
	tx.Abort()
	if Began(s.Current()) != nil {
		t.Error("a snapshot has begun with something")
	}
	s.Hold()
	if tx, err = s.Begin(t.Context(), internal); err != nil || Began(tx.cand) != nil {
		t.Errorf("while nothing runs: %v", err)
	}
	tx.Abort()
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
}
