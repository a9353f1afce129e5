package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// TestRowStatus is RFC 2579 §2: what each action does to a row in each state.
func TestRowStatus(t *testing.T) {
	const missing = mib.RowStatus(0)
	tests := []struct {
		from, set mib.RowStatus
		want      mib.RowStatus // missing: there is no row afterwards
		err       error
	}{
		{missing, mib.RowCreateAndGo, mib.RowActive, nil},
		{missing, mib.RowCreateAndWait, mib.RowNotInService, nil},
		{missing, mib.RowActive, missing, mib.ErrInconsistent},
		{missing, mib.RowNotInService, missing, mib.ErrInconsistent},
		{missing, mib.RowDestroy, missing, nil},
		{missing, mib.RowNotReady, missing, mib.ErrWrongValue},
		{mib.RowActive, mib.RowCreateAndGo, mib.RowActive, mib.ErrInconsistent},
		{mib.RowActive, mib.RowCreateAndWait, mib.RowActive, mib.ErrInconsistent},
		{mib.RowActive, mib.RowActive, mib.RowActive, nil},
		{mib.RowActive, mib.RowNotInService, mib.RowNotInService, nil},
		{mib.RowActive, mib.RowDestroy, missing, nil},
		{mib.RowActive, mib.RowNotReady, mib.RowActive, mib.ErrWrongValue},
		{mib.RowNotInService, mib.RowActive, mib.RowActive, nil},
		{mib.RowNotInService, mib.RowNotInService, mib.RowNotInService, nil},
		{mib.RowNotInService, mib.RowCreateAndGo, mib.RowNotInService, mib.ErrInconsistent},
		{mib.RowNotInService, mib.RowDestroy, missing, nil},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d to %d", tt.from, tt.set), func(t *testing.T) {
			s := startModel(t)
			if tt.from != missing {
				mustSet(t, s, fmt.Sprintf(`SipEp.Gateway[Name="g"].RowStatus=%d`, tt.from))
			}
			err := assign(t, s, access.Internal, false, fmt.Sprintf(`SipEp.Gateway[Name="g"].RowStatus=%d`, tt.set))
			if !errors.Is(err, tt.err) || tt.err == nil && err != nil {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			got := missing
			if row := sipep.Of(s.Current()).FindGateway("g"); row != nil {
				got = row.State()
			}
			if got != tt.want {
				t.Errorf("the row is %d, want %d", got, tt.want)
			}
		})
	}
}

// TestScriptsCreateRows: an assignment to a cell creates its row, but a view
// that speaks RowStatus does it by RowStatus.
func TestScriptsCreateRows(t *testing.T) {
	s := startModel(t)
	const line = `SipEp.Gateway[Name="g"].Port=5070`
	if err := assign(t, s, access.Internal, false, line); !errors.Is(err, mib.ErrNoRow) {
		t.Errorf("without CreateRows: %v", err)
	}
	if err := assign(t, s, access.Internal, false, `SipEp.Gateway[Name="g"].RowStatus=4`, line); err != nil {
		t.Errorf("created and assigned in one transaction: %v", err)
	}
	mustSet(t, s, `SipEp.Gateway[Name="h"].Port=5071`, `SipEp.Gateway[Name="i"].RowStatus="NotInService"`)
	var names []string
	cfg := sipep.Of(s.Current())
	for g := range cfg.Gateway.Active() {
		names = append(names, g.Name)
	}
	if got := strings.Join(names, " "); got != "g h" || cfg.Gateway.Len() != 3 {
		t.Errorf("active are %q of %d rows", got, cfg.Gateway.Len())
	}
}

// users writes the rows of Authentication as "index=user", those not active in
// brackets.
func users(s *Store) string {
	var out []string
	for row := range sipep.Of(s.Current()).Authentication.All() {
		text := fmt.Sprintf("%d=%s", row.Index, row.Username)
		if row.State() != mib.RowActive {
			text = "(" + text + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestRowCommands(t *testing.T) {
	const before = "1=a 2=b (3=c) 7=g 8=h"
	tests := []struct {
		name    string
		lines   []string
		want    string
		refused bool
	}{
		{"up", []string{"[Index=2].Up=10"}, "1=b 2=a (3=c) 7=g 8=h", false},
		{"up over a gap", []string{"[Index=7].Up=10"}, "1=a 2=b 3=g (7=c) 8=h", false},
		{"up at the top", []string{"[Index=1].Up=10"}, before, true},
		{"down", []string{"[Index=2].Down=10"}, "1=a (2=c) 3=b 7=g 8=h", false},
		{"down at the end", []string{"[Index=8].Down=10"}, before, true},
		{"insert", []string{"[Index=2].Insert=10"}, "1=a 2= 3=b (4=c) 7=g 8=h", false},
		{"insert and fill", []string{"[Index=1].Insert=10", `[Index=1].Username="new"`}, "1=new 2=a 3=b (4=c) 7=g 8=h", false},
		{"delete closes the gap", []string{"[Index=1].Delete=10"}, "1=b (2=c) 7=g 8=h", false},
		{"delete before a gap", []string{"[Index=3].Delete=10"}, "1=a 2=b 7=g 8=h", false},
		{"delete behind a gap", []string{"[Index=7].Delete=10"}, "1=a 2=b (3=c) 7=h", false},
		{"destroy leaves the gap", []string{"[Index=1].RowStatus=6"}, "2=b (3=c) 7=g 8=h", false},
		{"twice", []string{"[Index=1].Down=10", "[Index=2].Down=10"}, "1=b (2=c) 3=a 7=g 8=h", false},
		{"noOp", []string{"[Index=1].Down=0"}, before, false},
		{"a row that is not there", []string{"[Index=5].Up=10"}, before, true},
		{"noOp on a row that is not there", []string{"[Index=5].Up=0"}, before, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := startModel(t)
			for i, user := range map[int]string{1: "a", 2: "b", 3: "c", 7: "g", 8: "h"} {
				mustSet(t, s, fmt.Sprintf("SipEp.Authentication[Index=%d].Username=%q", i, user),
					fmt.Sprintf("SipEp.Authentication[Index=%d].Password=%q", i, "of "+user))
			}
			mustSet(t, s, "SipEp.Authentication[Index=3].RowStatus=2")
			if got := users(s); got != before {
				t.Fatalf("before: %s", got)
			}
			lines := make([]string, len(tt.lines))
			for i, l := range tt.lines {
				lines[i] = "SipEp.Authentication" + l
			}
			if err := set(t, s, lines...); (err != nil) != tt.refused {
				t.Fatalf("error %v, want refused: %v", err, tt.refused)
			}
			if got := users(s); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			for row := range sipep.Of(s.Current()).Authentication.All() {
				if row.Username != "" && row.Username != "new" && row.Password != "of "+row.Username {
					t.Errorf("%s has the password %q", row.Username, row.Password)
				}
			}
			reload(t, s)
		})
	}
}

// TestFullTable: a row cannot be pushed beyond the range of the index.
func TestFullTable(t *testing.T) {
	s := startModel(t)
	mustSet(t, s, `SipEp.Authentication[Index=65535].Username="last"`)
	if err := set(t, s, "SipEp.Authentication[Index=65535].Insert=10"); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("insert before the last place: %v", err)
	}
	if got := users(s); got != "65535=last" {
		t.Errorf("rows: %s", got)
	}
}

// TestOldSnapshotsDoNotChange: whoever holds a snapshot keeps what it began with,
// whatever is done to the rows.
func TestOldSnapshotsDoNotChange(t *testing.T) {
	s := startModel(t)
	for i := 1; i <= 5; i++ {
		mustSet(t, s, fmt.Sprintf("SipEp.Authentication[Index=%d].Username=%q", i, "user"))
	}
	held := s.Current()
	before := dump(s, held)
	for _, l := range []string{"[Index=2].Up=10", "[Index=2].Insert=10", "[Index=1].Delete=10", `[Index=4].Username="x"`, "[Index=3].RowStatus=2", "[Index=5].RowStatus=6"} {
		mustSet(t, s, "SipEp.Authentication"+l)
		if got := dump(s, held); got != before {
			t.Fatalf("%s changed a snapshot that was held:\n%s", l, got)
		}
	}
}
