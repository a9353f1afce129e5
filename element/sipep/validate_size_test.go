package sipep

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mibgate/mib"
)

// TestTablesAreBounded: nobody can make the unit hold rows without end.
func TestTablesAreBounded(t *testing.T) {
	tests := []struct {
		name string
		row  string // a format with one number
		most int    // beside those of the factory configuration
	}{
		{"gateways", `SipEp.Gateway[Name="g%d"].RowStatus="CreateAndWait"`, MaxGateways - 1},
		{"users", `SipEp.UnitRegistrations[Index=%d].RowStatus="CreateAndWait"`, MaxUsers},
		{"credentials", `SipEp.Authentication[Index=%d].RowStatus="CreateAndWait"`, MaxCredentials},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare(t)
			lines := make([]string, tt.most)
			for i := range lines {
				lines[i] = fmt.Sprintf(tt.row, i+1)
			}
			f.MustSet(lines...)
			err := f.Set(fmt.Sprintf(tt.row, tt.most+1))
			if !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "full") {
				t.Errorf("one row too many: %v", err)
			}
		})
	}
}

// TestRegistrationsAreBounded: a user of all gateways is one registration for
// each.
func TestRegistrationsAreBounded(t *testing.T) {
	f := prepare(t)
	const gateways = 10
	var lines []string
	for i := 2; i <= gateways; i++ {
		lines = append(lines, fmt.Sprintf(`SipEp.Gateway[Name="g%d"].Port=%d`, i, 30000+i), fmt.Sprintf(`SipEp.Gateway[Name="g%d"].SecurePort=%d`, i, 31000+i))
	}
	user := func(i int) []string {
		return []string{fmt.Sprintf(`SipEp.UnitRegistrations[Index=%d].Username="u%d"`, i, i), fmt.Sprintf(`SipEp.UnitRegistrations[Index=%d].GatewayName="all"`, i)}
	}
	for i := 1; i <= MaxRegistrations/gateways; i++ {
		lines = append(lines, user(i)...)
	}
	f.MustSet(lines...)
	err := f.Set(user(MaxRegistrations/gateways + 1)...)
	if !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "1000 registrations") {
		t.Errorf("more registrations than there may be: %v", err)
	}
}
