package store

import (
	"errors"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
)

var operator = access.Principal{Name: "op", Role: access.Admin, Via: "snmp"}

// TestServiceEdits are carried out at the commit, ordered by object, then by
// position, and before the row must be ready. Of two of one object the last counts.
func TestServiceEdits(t *testing.T) {
	s, k := peersStore(t)
	const a, b = `P.Peer[Name="a"].`, `P.Peer[Name="b"].`
	err := assign(t, s, operator, false, a+"RowStatus=4", b+"RowStatus=4", a+`KeyChange="2"`, b+`KeyChange="1"`, a+`KeyChange="3"`, a+"Clone=1.2", a+`Address="h"`, b+`Address="h"`)
	if err != nil {
		t.Fatal(err)
	}
	want := `Clone 1.2 of a by op|KeyChange "1" of b by op|KeyChange "3" of a by op`
	if got := strings.ReplaceAll(strings.Join(k.edits, "|"), `"1.2"`, "1.2"); got != want {
		t.Errorf("edits are %s\nwant      %s", got, want)
	}
	if got := peersText(s, k); got != "a(h,CloneKeyChange)1 b(h,KeyChange)1" {
		t.Errorf("rows are %s", got)
	}
	if got := k.clone.Get(mib.Binding{Config: k.of(s.Current())}, nil, nil); got.OID.String() != "0.0" {
		t.Errorf("reads as %v", got)
	}
	reload(t, s)
}

// TestServiceEditsRefused: when they are set or at the commit; nothing has changed
// then, and the error is that of its assignment.
func TestServiceEditsRefused(t *testing.T) {
	const a = `P.Peer[Name="a"].`
	boom := errors.New("the key does not fit")
	tests := []struct {
		name   string
		who    access.Principal
		create bool
		refuse error
		lines  []string
		want   mib.ErrorKind
		at     int
	}{
		{"observer", access.Principal{Role: access.Observer}, false, nil, []string{a + `KeyChange="k"`}, mib.ErrNoAccess, 0},
		{"no row", operator, false, nil, []string{`P.Main="x"`, `P.Peer[Name="z"].KeyChange="k"`}, mib.ErrNoRow, 1},
		{"by the service", operator, false, boom, []string{`P.Main="x"`, a + `KeyChange="secret"`, `P.Main="y"`}, mib.ErrInconsistent, 1},
		{"with its own kind", operator, false, &mib.Error{Kind: mib.ErrWrongLength, Detail: "is too short"}, []string{a + `Address="x"`, a + `Params="x"`, a + `KeyChange="secret"`, `P.Main="y"`}, mib.ErrWrongLength, 2},
		{"the first by object", operator, false, boom, []string{a + `KeyChange="secret"`, a + "Clone=1.2"}, mib.ErrInconsistent, 1},
		{"row of a script", operator, true, nil, []string{`P.Main="x"`, `P.Peer[Name="z"].KeyChange="k"`}, mib.ErrInconsistent, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, k := peersStore(t)
			mustSet(t, s, a+`Address="h"`, a+`Params="p"`)
			before, text := s.Current(), content(t, s.disk.config())
			k.refuse = tt.refuse
			err := assign(t, s, tt.who, tt.create, tt.lines...)
			var e *mib.Error
			if !errors.As(err, &e) || e.Kind != tt.want || e.Position != tt.at {
				t.Fatalf("%+v, want %q at %d", err, tt.want, tt.at)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows the value: %v", err)
			}
			if s.Current() != before || content(t, s.disk.config()) != text {
				t.Error("something has changed")
			}
		})
	}
}

// An edit of a row that goes in the same transaction is no matter; one of an
// object that no service knows is refused.
func TestServiceEditsWithoutRowOrService(t *testing.T) {
	s, k := peersStore(t)
	const a = `P.Peer[Name="a"].`
	if err := assign(t, s, operator, false, a+"RowStatus=5", a+`KeyChange="k"`, a+"RowStatus=6"); err != nil || len(k.edits) != 0 {
		t.Errorf("%v, edits %q", err, k.edits)
	}
	mustSet(t, s, a+"RowStatus=2")
	s.participants = s.participants[:1]
	if err := assign(t, s, operator, false, a+`KeyChange="k"`); !errors.Is(err, mib.ErrUnavailable) {
		t.Errorf("without service: %v", err)
	}
}

// A value that is too long is refused at once, and not repeated: what a key is
// changed by is as good as the key to who knows the one before.
func TestServiceEditChecksTheSyntax(t *testing.T) {
	s, k := peersStore(t)
	mustSet(t, s, `P.Peer[Name="a"].RowStatus=2`)
	err := setCellRaw(t, s, k.key, mib.Key{mib.String("a")}, mib.String(strings.Repeat("k", 41)))
	if !errors.Is(err, mib.ErrWrongLength) || strings.Contains(err.Error(), "kkk") {
		t.Error(err)
	}
}

func setCellRaw(t *testing.T, s *Store, o *mib.Object, key mib.Key, v mib.Value) error {
	t.Helper()
	tx, err := s.Begin(t.Context(), internal)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Abort()
	return tx.Set(o, key, v)
}
