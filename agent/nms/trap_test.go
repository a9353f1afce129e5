package nms

import (
	"regexp"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/model"
)

// notificationsOf are all that the model has.
func notificationsOf(t *testing.T) []*mib.NotificationType {
	t.Helper()
	all := (&source{Options: Options{Registry: model.Registry}}).notifications()
	if len(all) < 13 {
		t.Fatalf("only %d notifications", len(all))
	}
	return all
}

// TestZabbixTrapItems: each notification is matched by its item and no other,
// in whatever form a receiver writes snmpTrapOID; under each root.
func TestZabbixTrapItems(t *testing.T) {
	_, traps := zabbixTemplates(t)
	if len(traps.Items) != len(notificationsOf(t))+1 || traps.Items[len(traps.Items)-1].Key != "snmptrap.fallback" {
		t.Errorf("%d items for traps", len(traps.Items))
	}
	for _, root := range []mib.OID{model.Root, legacy} {
		s := &source{Options: Options{Registry: model.Registry, Model: model.Root, Served: root}}
		patterns := map[*mib.NotificationType]*regexp.Regexp{}
		for _, n := range s.notifications() {
			patterns[n] = regexp.MustCompile(s.trapPattern(n))
		}
		for _, sent := range s.notifications() {
			oid := s.oid(sent.OID)
			forms := []string{
				"SNMPv2-MIB::snmpTrapOID.0 type=6 value=OID: ." + oid + "\n  SNMPv2",
				".1.3.6.1.6.3.1.1.4.1.0 type=6  value=OID: iso.3.6" + strings.TrimPrefix(oid, "1.3.6") + "\n",
				"snmpTrapOID.0 = OID: " + sent.Module.Name + "::" + sent.Name + "\n",
				"snmptt: " + sent.Name + ": gateway default",
				strings.Replace("OID: "+oid, "1.3.6.1.4.1.", "SNMPv2-SMI::enterprises.", 1) + "\n",
				strings.Replace("OID: "+oid, "1.3.6.1.6.3.1.1.5.", "SNMPv2-MIB::snmpTraps.", 1),
				strings.Replace("OID: "+oid, "1.3.6.1.2.1.", "SNMPv2-SMI::mib-2.", 1),
			}
			for _, form := range forms {
				for n, pattern := range patterns {
					if got := pattern.MatchString(form); got != (n == sent) {
						t.Errorf("the pattern of %s matches %q: %t", n.Name, form, got)
					}
				}
			}
		}
	}
}

// TestSnmpttGrades: of each notification that carries a state, an event of
// snmptt for each level takes exactly the states of that level, by number and by label.
func TestSnmpttGrades(t *testing.T) {
	text := string(files(t, legacy)[SnmpttFile])
	for _, n := range notificationsOf(t) {
		if strings.Count(text, "\nEVENT "+n.Name+" .") != len(grades(n)) {
			t.Errorf("%s has not %d events", n.Name, len(grades(n)))
		}
		for _, g := range grades(n) {
			if g.varbind == 0 {
				continue
			}
			negated := strings.HasPrefix(g.match, "!")
			match := regexp.MustCompile(strings.TrimPrefix(g.match, "!"))
			for label, l := range healths[n.Objects[g.varbind-1].Path()] {
				if match.MatchString(label) != (l == g.level) || negated {
					t.Errorf("%s: %s takes %s", n.Name, g.match, label)
				}
			}
		}
	}
	for _, want := range []string{
		"EVENT sipEpTlsLinkDown .1.3.6.1.4.1.4935.1000.100.200.100.1400.0.1 \"mibgate\" Critical\n" +
			"FORMAT sipEpTlsLinkDown: gateway $1, local port $2, remote host $3, remote host ip addr $4, state $5\n",
		"REGEX (\\bstate 200\\b)(state down)\n",
		"MATCH $4: (^100$|^unregistered\\b|",
		"MATCH $2: !(^Ready)\n",
		"EVENT authenticationFailure .1.3.6.1.6.3.1.1.5.5 \"mibgate\" Warning\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the file lacks %q", want)
		}
	}
}
