package modules_test

import (
	"strings"
	"testing"

	smi "github.com/golangsnmp/gomib/mib"
)

// dimensionless are the names of numbers that count nothing and measure
// nothing: identifiers, places, ports and points in time.
var dimensionless = []string{"DiscontinuityTime", "Index", "Id", "Numkey", "Priority", "Port", "port", "BasePort", "PortInterval"}

// TestNumbersHaveUnits wants UNITS wherever a number is an amount: monitoring
// systems print them behind the value.
func TestNumbersHaveUnits(t *testing.T) {
	leaves(t, func(t *testing.T, o *smi.Object) {
		base := o.Type().EffectiveBase()
		if base == smi.BaseOctetString && typeName(o) != "UInt64Text" || base == smi.BaseObjectIdentifier || len(o.EffectiveEnums()) > 0 {
			if o.Units() != "" {
				t.Errorf("UNITS %q on what is no number", o.Units())
			}
			return
		}
		bare := false
		for _, suffix := range dimensionless {
			bare = bare || strings.HasSuffix(o.Name(), suffix)
		}
		if bare == (o.Units() != "") {
			t.Errorf("UNITS %q; an amount has them, an identifier or port does not", o.Units())
		}
	})
}

// TestTextHasADisplayHint wants a DISPLAY-HINT on every string: without it a
// manager shows hexadecimal as soon as one octet is above 127.
func TestTextHasADisplayHint(t *testing.T) {
	leaves(t, func(t *testing.T, o *smi.Object) {
		if o.Type().EffectiveBase() == smi.BaseOctetString && o.EffectiveDisplayHint() == "" {
			t.Errorf("type %s has none", typeName(o))
		}
	})
}

// TestDescriptionsAreSentences wants whole sentences: the first one is the help
// text of the variable, alone on a line.
func TestDescriptionsAreSentences(t *testing.T) {
	leaves(t, func(t *testing.T, o *smi.Object) {
		text := strings.Join(strings.Fields(o.Description()), " ")
		if text == "" || text[0] < 'A' || text[0] > 'Z' || !strings.HasSuffix(text, ".") {
			t.Errorf("begins with no capital or ends without full stop: %q", text)
		}
		for _, banned := range []string{"e.g. ", "i.e. ", "etc. "} {
			if strings.Contains(text, banned) {
				t.Errorf("%q ends the first sentence too early for programs that cut at the full stop", banned)
			}
		}
	})
}
