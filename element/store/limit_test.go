package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/sipep"
)

// fewGateways is a participant that lets three gateways be.
type fewGateways struct{ NoChange }

func (fewGateways) Validate(c mib.Configs) error { return CheckRows(c, sipep.Tables.Gateway, 3) }

func TestCheckRows(t *testing.T) {
	s := startModel(t, fewGateways{})
	row := func(i int) string { return fmt.Sprintf(`SipEp.Gateway[Name="g%d"].Port=5060`, i) }
	mustSet(t, s, row(1), row(2), row(3))
	err := set(t, s, "Hoc.SystemName=x", row(4), "Hoc.SystemContact=x")
	var e *mib.Error
	if !errors.As(err, &e) || !errors.Is(err, mib.ErrInconsistent) || e.Position != 1 {
		t.Fatalf("error %+v, want one about the second assignment", err)
	}
	for _, word := range []string{"SipEp.Gateway", "full", "3 rows"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
	mustSet(t, s, `SipEp.Gateway[Name="g1"].Delete=10`, row(4))
}
