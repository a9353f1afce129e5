package standard

import (
	"fmt"
	"strings"
	"testing"

	"mibgate/agent/snmp/admin"
	"mibgate/mib/modules"
)

// TestStatementKnowsTheLimits that are not in a descriptor.
func TestStatementKnowsTheLimits(t *testing.T) {
	text, _ := modules.Text("MIBGATE-STANDARD-CAPS-MIB")
	_, variation, _ := strings.Cut(string(text), "VARIATION   snmpCommunityName\n")
	variation, _, _ = strings.Cut(variation, "VARIATION")
	if want := fmt.Sprintf("WRITE-SYNTAX OCTET STRING (SIZE (1..%d))", admin.MaxCommunity); !strings.Contains(variation, want) {
		t.Errorf("no %q in %s", want, variation)
	}
}
