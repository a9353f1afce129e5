package nms

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mibgate/mib"
)

// trapTemplateName is a template of its own: without a receiver of traps its
// items would stay empty, and snmptrap.fallback can be on a host only once.
const trapTemplateName = "mibgate traps by SNMP"

const trapTemplateDescription = "The notifications of a mibgate SIP gateway, one item for each, as a receiver of traps writes them into the file of\n" +
	"SNMPTrapperFile. \"mibgate by SNMP\" polls what they tell."

// severities are the words of snmptt for levels.
var severities = map[level]string{good: "Normal", warning: "Warning", critical: "Critical"}

// notices are how grave notifications are; those that do not stand here carry a
// state which tells it.
var notices = map[string]level{
	"alarmActiveState":        warning,
	"alarmClearState":         good,
	"authenticationFailure":   warning,
	"coldStart":               warning,
	"warmStart":               good,
	"linkDown":                critical,
	"linkUp":                  good,
	"entConfigChange":         good,
	"sipEpTlsHandshakeFailed": critical,
	"sipEpTlsLinkDown":        critical,
	"sipEpTlsLinkUp":          good,
}

// passing are notifications of what no state tells afterwards: a problem for
// ten minutes after the last one.
var passing = []string{"authenticationFailure", "sipEpTlsHandshakeFailed"}

// notifications are all that the unit sends, by OID.
func (s *source) notifications() []*mib.NotificationType {
	var out []*mib.NotificationType
	for _, m := range s.Registry.Modules() {
		out = append(out, m.Notifications...)
	}
	slices.SortFunc(out, func(a, b *mib.NotificationType) int { return a.OID.Compare(b.OID) })
	return out
}

// checkNotices finds notifications without a level and levels without
// notification.
func (s *source) checkNotices() []error {
	var errs []error
	known := map[string]bool{}
	for _, n := range s.notifications() {
		known[n.Name] = true
		if len(grades(n)) == 0 {
			errs = append(errs, fmt.Errorf("agent/nms/trap.go: notification %s has no level, and no state that tells it", n.Name))
		}
	}
	for _, name := range slices.Concat(keys(notices), passing) {
		if !known[name] {
			errs = append(errs, fmt.Errorf("agent/nms/trap.go: notification %s is not in the MIB", name))
		}
	}
	return errs
}

// grade is a level of a notification, and the varbind that has it: its number
// from 1, and what its value must match. 0 is a notification that always is of
// this level.
type grade struct {
	level   level
	varbind int
	match   string
}

// grades are the levels that a notification may be of. A receiver may show the
// label of a state or its number.
func grades(n *mib.NotificationType) []grade {
	if l, ok := notices[n.Name]; ok {
		return []grade{{level: l}}
	}
	for i, o := range n.Objects {
		var out []grade
		if word := wordings[o.Path()]; word != "" {
			return []grade{{good, i + 1, "(^" + word + ")"}, {critical, i + 1, "!(^" + word + ")"}}
		}
		for _, l := range []level{good, warning, critical} {
			var labels []string
			for _, label := range o.Syntax.Enum {
				if have, ok := health(o)[label.Name]; ok && have == l {
					labels = append(labels, fmt.Sprintf(`^%d$|^%s\b`, label.Number, label.Name))
				}
			}
			if len(labels) > 0 {
				out = append(out, grade{l, i + 1, "(" + strings.Join(labels, "|") + ")"})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

const snmpttComment = `Events of mibgate for snmptt, made by "mibgate mib nms": name this file in
snmptt_conf_files of snmptt.ini. MIB files are not needed.`

// snmptt are the events of snmptt: one for each level that a notification may
// be of.
func (s *source) snmptt() []byte {
	var b strings.Builder
	for line := range strings.Lines(snmpttComment) {
		b.WriteString("# " + strings.TrimSpace(line) + "\n")
	}
	for _, n := range s.notifications() {
		for _, g := range grades(n) {
			fmt.Fprintf(&b, "\nEVENT %s .%s \"mibgate\" %s\n", n.Name, s.oid(n.OID), severities[g.level])
			fmt.Fprintf(&b, "FORMAT %s: %s\n", n.Name, variables(n))
			if g.varbind > 0 {
				fmt.Fprintf(&b, "MATCH $%d: %s\n", g.varbind, g.match)
			}
			b.WriteString(labelled(n, g))
			b.WriteString("SDESC\n" + strings.Join(strings.Fields(n.Description), " ") + "\n")
			for i, o := range n.Objects {
				fmt.Fprintf(&b, "  $%d %s: %s\n", i+1, o.Name, sentence(o.Description))
			}
			b.WriteString("EDESC\n")
		}
	}
	return []byte(b.String())
}

// variables are the varbinds of a notification with what they are.
func variables(n *mib.NotificationType) string {
	if len(n.Objects) == 0 {
		return strings.ReplaceAll(sentence(n.Description), "$", "$$")
	}
	parts := make([]string, len(n.Objects))
	for i, o := range n.Objects {
		parts[i] = strings.ToLower(words(o.Param)) + fmt.Sprintf(" $%d", i+1)
	}
	return strings.Join(parts, ", ")
}

// labelled are the lines that put labels in place of numbers, which is what
// receivers have that know no MIB.
func labelled(n *mib.NotificationType, g grade) string {
	var b strings.Builder
	for i, o := range n.Objects {
		name := strings.ToLower(words(o.Param))
		for _, l := range o.Syntax.Enum {
			if g.varbind != i+1 || health(o)[l.Name] == g.level {
				fmt.Fprintf(&b, "REGEX (\\b%s %d\\b)(%s %s)\n", name, l.Number, name, l.Name)
			}
		}
	}
	return b.String()
}

// trapTemplate is the template with an item for each notification.
func (s *source) trapTemplate() object {
	var items list
	for _, n := range s.notifications() {
		items = append(items, s.trapItem(n))
	}
	fallback := logItem("snmptrap.fallback", "Other traps", "What no other item for traps of this host matches.")
	return object{
		{"uuid", uuid("template traps")},
		{"template", trapTemplateName},
		{"name", trapTemplateName},
		{"description", trapTemplateDescription},
		{"groups", list{object{{"name", "Templates/mibgate"}}}},
		{"items", append(items, fallback)},
	}
}

func logItem(k, name, about string) object {
	return object{
		{"uuid", uuid(k)}, {"name", name}, {"type", "SNMP_TRAP"}, {"key", k}, {"history", "30d"}, {"trends", "0"}, {"value_type", "LOG"},
		{"description", about}, {"tags", tags("traps")},
	}
}

func (s *source) trapItem(n *mib.NotificationType) object {
	k := `snmptrap["` + s.trapPattern(n) + `"]`
	it := logItem(k, "Trap "+n.Name, sentence(n.Description)+" - "+s.oid(n.OID))
	it[0].value = uuid("snmptrap " + n.Name) // whatever the root is
	if slices.Contains(passing, n.Name) {
		tr := trigger("snmptrap "+n.Name, "passing", "nodata(/"+trapTemplateName+"/"+k+",10m)=0", "mibgate: "+n.Name+" in the last 10 minutes", "WARNING")
		it.add("triggers", list{tr})
	}
	return it
}

// trapPattern matches the value of snmpTrapOID.0 as a receiver writes it: a
// name when it knows the MIB, else numbers behind what it does know, of which
// enterprises or snmpTraps is the last.
func (s *source) trapPattern(n *mib.NotificationType) string {
	oid := s.oid(n.OID)
	for _, known := range []string{"1.3.6.1.4.1.", "1.3.6.1.6.3.1.1.5.", "1.3.6.1.2.1."} {
		oid = strings.TrimPrefix(oid, known)
	}
	what := "(enterprises|mib-2|(1|iso)[.]3[.]6[.]1[.](4|2)[.]1)[.]"
	if n.OID.HasPrefix(mib.OID{1, 3, 6, 1, 6, 3, 1, 1, 5}) {
		what = "(snmpTraps|(1|iso)[.]3[.]6[.]1[.]6[.]3[.]1[.]1[.]5)[.]"
	}
	return "(" + n.Name + "|" + what + strings.ReplaceAll(regexp.QuoteMeta(oid), `\.`, "[.]") + `)([^0-9A-Za-z.]|$)`
}
