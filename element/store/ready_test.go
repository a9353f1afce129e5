package store

import (
	"errors"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
)

// TestRowsWait is RFC 2579 §2 of rows whose columns have no default: what state
// they are in and when they may be active. The assignments of one transaction
// are simultaneous.
func TestRowsWait(t *testing.T) {
	const a = `P.Peer[Name="a"].`
	tests := []struct {
		name   string
		before []string
		create bool
		lines  []string
		want   string
		path   string // of the error; "" when it is taken
		at     int
	}{
		{"createAndGo alone", nil, false, []string{`P.Main="x"`, a + "RowStatus=4"}, "", a + "Address", 1},
		{"createAndGo, one is missing", nil, false, []string{a + `RowStatus=4`, a + `Address="h"`}, "", a + "Params", 0},
		{"createAndGo with everything", nil, false, []string{a + "RowStatus=4", a + `Address="h"`, a + `Params="p"`}, "a(h,p)1", "", 0},
		{"createAndWait", nil, false, []string{a + "RowStatus=5"}, "a(,)3", "", 0},
		{"createAndWait, one is missing", nil, false, []string{a + "RowStatus=5", a + `Params="p"`}, "a(,p)3", "", 0},
		{"createAndWait with everything", nil, false, []string{a + "RowStatus=5", a + `Params="p"`, a + `Address="h"`}, "a(h,p)2", "", 0},
		{"active too early", []string{a + "RowStatus=5"}, false, []string{a + `Params="p"`, a + "RowStatus=1"}, "a(,)3", a + "Address", 1},
		{"active before its columns", []string{a + "RowStatus=5"}, false, []string{a + "RowStatus=1", a + `Params="p"`, a + `Address="h"`}, "a(h,p)1", "", 0},
		{"notInService too early", []string{a + "RowStatus=5"}, false, []string{a + "RowStatus=2"}, "a(,)3", a + "Address", 0},
		{"notInService with its columns", []string{a + "RowStatus=5"}, false, []string{a + "RowStatus=2", a + `Params="p"`, a + `Address="h"`}, "a(h,p)2", "", 0},
		{"cell of an active row emptied", []string{a + "RowStatus=5", a + `Params="p"`, a + `Address="h"`, a + "RowStatus=1"}, false, []string{`P.Main="x"`, a + `Params=""`, `P.Main="y"`}, "a(h,p)1", a + "Params", 1},
		{"emptied and out of service", []string{a + "RowStatus=5", a + `Params="p"`, a + `Address="h"`, a + "RowStatus=1"}, true, []string{a + `Params=""`, a + "RowStatus=2"}, "a(h,)3", "", 0},
		{"gone in the same transaction", nil, false, []string{a + "RowStatus=4", a + "RowStatus=6"}, "", "", 0},
		{"script: a cell is not enough", nil, true, []string{a + `Address="h"`, `P.Main="x"`}, "", a + "Params", 0},
		{"script: all cells", nil, true, []string{a + `Address="h"`, a + `Params="p"`}, "a(h,p)1", "", 0},
		{"script: active before its columns", nil, true, []string{a + "RowStatus=1", a + `Address="h"`, a + `Params="p"`}, "a(h,p)1", "", 0},
		{"script: a row that waits", nil, true, []string{a + "RowStatus=2", a + `Address="h"`}, "a(h,)3", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, k := peersStore(t)
			if len(tt.before) > 0 {
				if err := assign(t, s, internal, false, tt.before...); err != nil {
					t.Fatal(err)
				}
			}
			err := assign(t, s, internal, tt.create, tt.lines...)
			var e *mib.Error
			switch {
			case tt.path == "" && err != nil:
				t.Error(err)
			case tt.path != "" && (!errors.As(err, &e) || e.Kind != mib.ErrInconsistent || e.Path != tt.path || e.Position != tt.at):
				t.Errorf("%+v, want one of %s at %d", err, tt.path, tt.at)
			}
			if got := peersText(s, k); got != tt.want {
				t.Errorf("rows are %q, want %q", got, tt.want)
			}
			reload(t, s)
		})
	}
}

// A row that waits is still waiting after a restart.
func TestRowsWaitOverARestart(t *testing.T) {
	s, k := peersStore(t)
	mustSet(t, s, `P.Peer[Name="a"].RowStatus=2`, `P.Peer[Name="b"].Address="h"`, `P.Peer[Name="b"].Params="p"`)
	want := peersText(s, k)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, k = reopen(t, s.dir, k.peers)
	if got := peersText(s, k); got != want || got != "a(,)3 b(h,p)1" {
		t.Errorf("rows are %q, were %q", got, want)
	}
}

// TestRowsWaitOnDisk: a row that waits for a value is read back, whatever values
// the column may have.
func TestRowsWaitOnDisk(t *testing.T) {
	dir := t.TempDir()
	s := openModel(t, dir)
	if err := s.Start(noRuntime{}); err != nil {
		t.Fatal(err)
	}
	lines := []string{
		`Community.SnmpCommunity[Index="a"].Status=5`, `Community.SnmpCommunity[Index="a"].Name="b"`, `Target.SnmpTargetAddr[Name="a"].RowStatus=5`,
		`Notification.SnmpNotifyFilterProfile[SnmpTargetParamsName="a"].RowStatus=5`, `Vacm.VacmSecurityToGroup[VacmSecurityModel=2, VacmSecurityName="a"].Status=5`,
	}
	if err := assign(t, s, access.Internal, false, lines...); err != nil {
		t.Fatal(err)
	}
	before := dump(s, s.Current())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := openModel(t, dir)
	if err := again.Start(noRuntime{}); err != nil {
		t.Fatal(err)
	}
	if got := dump(again, again.Current()); got != before || !strings.Contains(got, `[Index="a"].Name="b"`) {
		t.Errorf("read back is\n%s\nwant\n%s", got, before)
	}
}
