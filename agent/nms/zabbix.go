package nms

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"mibgate/mib"
)

// templateName is part of every trigger expression.
const templateName = "mibgate by SNMP"

const zabbixComment = `Zabbix template for mibgate, made by "mibgate mib nms". Export format 6.0, which
Zabbix 6.0 LTS and later import.`

const zabbixDescription = "A mibgate SIP gateway by SNMP: links, registrations, services, certificates, clock, alarms, and of the host\n" +
	"interfaces, processors, storage and sensors. It needs no other template and no MIB files."

// longestName is what Zabbix takes for the name of an item or trigger, in
// characters; with a longer one the row is not discovered.
const longestName = 255

// zabbix is the template. A UUID depends on the name or OID of what bears it
// alone, so that a new version of the template updates the old one.
func (s *source) zabbix() []byte {
	maps := newValueMaps()
	items := s.generalItems()
	for _, o := range s.scalars {
		items = append(items, s.item(o, nil, maps))
	}
	for _, name := range systemTexts {
		items = append(items, s.systemText(s.standard(name)))
	}
	var rules list
	for _, t := range s.tables {
		if len(t.metrics) > 0 { // a rule that would make no item finds nothing worth knowing
			rules = append(rules, s.discoveryRule(t, maps))
		}
	}
	for i := range standardRules {
		rules = append(rules, s.standardRule(&standardRules[i], maps))
	}
	template := object{
		{"uuid", uuid("template")},
		{"template", templateName},
		{"name", templateName},
		{"description", zabbixDescription},
		{"groups", list{object{{"name", "Templates/mibgate"}}}},
		{"items", items},
		{"discovery_rules", rules},
		{"macros", macros()},
		{"valuemaps", maps.nodes},
	}
	return document(zabbixComment, object{{"zabbix_export", object{
		{"version", "6.0"},
		{"groups", list{object{{"uuid", uuid("group")}, {"name", "Templates/mibgate"}}}},
		{"templates", list{template, s.trapTemplate()}},
	}}})
}

// uuid is the UUID of version 4 that a name always has (RFC 9562 §5.4 in form).
func uuid(name string) string {
	sum := sha256.Sum256([]byte("mibgate zabbix " + name))
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	return hex.EncodeToString(sum[:16])
}

func macros() list {
	var out list
	seen := map[string]bool{}
	for _, path := range keys(floors) {
		f := floors[path]
		if seen[f.macro] {
			continue
		}
		seen[f.macro] = true
		out = append(out,
			object{{"macro", "{$" + f.macro + ".CRIT}"}, {"value", strconv.Itoa(f.crit)}, {"description", "A certificate that expires in fewer days is an alarm."}},
			object{{"macro", "{$" + f.macro + ".WARN}"}, {"value", strconv.Itoa(f.warn)}, {"description", "A certificate that expires in fewer days is a warning."}})
	}
	for _, m := range standardMacros {
		out = append(out, object{{"macro", m.name}, {"value", m.value}, {"description", m.about}})
	}
	return append(out, object{{"macro", "{$SNMP.TIMEOUT}"}, {"value", "5m"}, {"description", "How long the agent may be silent."}})
}

// generalItems are what every host has: since when the agent has been up, and
// by that whether it answers. Zabbix's own item of its SNMP availability can be
// on a host only once, and the general SNMP templates have it.
func (s *source) generalItems() list {
	const uptime = "mibgate.sysUpTime"
	o := s.standard("sysUpTime")
	return list{object{
		{"uuid", uuid(uptime)}, {"name", "Up time"}, {"type", "SNMP_AGENT"}, {"snmp_oid", s.oid(o.OID.Append(0))}, {"key", uptime},
		{"delay", "1m"}, {"history", "7d"}, {"trends", "0"}, {"units", "uptime"}, {"description", s.help(o)},
		{"preprocessing", list{step("MULTIPLIER", "0.01")}},
		{"tags", tags("snmp")},
		{"triggers", list{
			trigger(uptime, "no-answer", "nodata("+at(uptime)+",{$SNMP.TIMEOUT})=1", "mibgate: no answer by SNMP", "HIGH"),
			trigger(uptime, "restarted", "last("+at(uptime)+")<10m", "mibgate: restarted less than 10 minutes ago", "INFO"),
		}},
	}}
}

// systemText is the item of a scalar that an operator writes.
func (s *source) systemText(o *mib.Object) object {
	k := "mibgate." + o.Name
	return object{
		{"uuid", uuid(k)}, {"name", "System " + strings.ToLower(strings.TrimPrefix(o.Param, "Sys"))}, {"type", "SNMP_AGENT"}, {"snmp_oid", s.oid(o.OID.Append(0))}, {"key", k},
		{"delay", "15m"}, {"history", "30d"}, {"value_type", "CHAR"}, {"trends", "0"}, {"description", s.help(o)},
		{"preprocessing", preprocessing(o)}, {"tags", tags("system")},
	}
}

func tags(component string) list {
	return list{object{{"tag", "component"}, {"value", component}}}
}

// at is an item of ours in an expression.
func at(key string) string { return "/" + templateName + "/" + key }

// key is the Zabbix key of an object; a prototype has the row behind it.
func key(o *mib.Object, t *table) string {
	k := "mibgate." + strings.ToLower(o.Module.Service) + "." + o.Name
	if t != nil {
		k += "[{#SNMPINDEX}]"
	}
	return k
}

// item is the item of a scalar, or with t the item prototype of a column.
func (s *source) item(o *mib.Object, t *table, maps *valueMaps) object {
	oid, name := s.oid(o.OID.Append(0)), o.Module.Service+": "+words(o.Param)
	if t != nil {
		oid, name = s.oid(o.OID)+".{#SNMPINDEX}", rowName(t)+": "+words(o.Param)
	}
	it := object{
		{"uuid", uuid(key(o, t))}, {"name", name}, {"type", "SNMP_AGENT"}, {"snmp_oid", oid}, {"key", key(o, t)},
		{"delay", delay(o)}, {"history", "30d"},
	}
	valueType := zabbixType(o)
	if valueType != "UNSIGNED" {
		it.add("value_type", valueType)
	}
	if valueType == "CHAR" || valueType == "TEXT" || len(o.Syntax.Enum) > 0 {
		it.add("trends", "0")
	}
	if units := zabbixUnits(o); units != "" {
		it.add("units", units)
	}
	it.add("description", s.help(o))
	if len(o.Syntax.Enum) > 0 {
		it.add("valuemap", object{{"name", maps.nameOf(o)}})
	}
	it.add("preprocessing", append(ifGone(o), preprocessing(o)...))
	it.add("tags", tags(strings.ToLower(o.Module.Service)))
	if t != nil {
		it.add("trigger_prototypes", triggers(o, t))
	} else {
		it.add("triggers", triggers(o, nil))
	}
	return it
}

// rowName names a row with the macros of its discovery rule, so short that what
// follows in the name of an item or trigger has room as well.
func rowName(t *table) string {
	const rest = 60
	var columns []*mib.Object
	for _, c := range t.nameColumns {
		if !isTold(c) {
			columns = append(columns, c)
		}
	}
	room := (longestName-rest-len(t.noun))/max(len(columns), 1) - 1
	name := t.noun
	for _, c := range columns {
		name += " " + clippedMacro(macro(c), longestText(c), room)
	}
	return name
}

// clippedMacro is a macro whose value may have up to longest characters, cut at
// most.
func clippedMacro(name string, longest, most int) string {
	if longest <= most {
		return name
	}
	return fmt.Sprintf(`{%s.regsub("^(.{0,%d})", "\1")}`, name, most)
}

// longestText is how many characters a column may have.
func longestText(o *mib.Object) int {
	if r := o.Syntax.Ranges; o.Syntax.Base == mib.OctetString && len(r) > 0 {
		return int(r[len(r)-1].Max)
	}
	return len("-2147483648")
}

func macro(o *mib.Object) string {
	return "{#" + strings.ToUpper(o.Param) + "}"
}

// delay polls states each minute, amounts every five and texts every fifteen.
func delay(o *mib.Object) string {
	switch {
	case health(o) != nil && !isRestartInfo(o) || wordings[o.Path()] != "", isTold(o):
		return "1m"
	case isText(o):
		return "15m"
	}
	return "5m"
}

func zabbixType(o *mib.Object) string {
	switch {
	case isText(o) && len(o.Syntax.Ranges) > 0 && o.Syntax.Ranges[0].Max <= 255:
		return "CHAR"
	case isText(o):
		return "TEXT"
	case isCounter(o), o.Syntax.Base == mib.Integer32 && len(o.Syntax.Enum) == 0:
		return "FLOAT"
	}
	return "UNSIGNED"
}

// zabbixUnits are units that Zabbix does not scale ("!") but for octets.
func zabbixUnits(o *mib.Object) string {
	switch {
	case o.Units == "" || len(o.Syntax.Enum) > 0:
		return ""
	case o.Units == "octets":
		return "B"
	case isCounter(o):
		return "!" + o.Units + "/s"
	}
	return "!" + o.Units
}

func preprocessing(o *mib.Object) list {
	switch {
	case isCounter(o):
		return list{step("CHANGE_PER_SECOND", "")}
	case isText(o):
		return list{step("DISCARD_UNCHANGED_HEARTBEAT", "6h")}
	}
	return nil
}

func step(kind, parameter string) object {
	return object{{"type", kind}, {"parameters", list{parameter}}}
}

// ifGone tells what an item of a row is when the row has gone and the agent
// answers noSuchInstance: a state is none that is a problem, by which its
// problem ends; of an alarm the rest keeps its last value. The items go with the
// first discovery after the rule's lifetime.
func ifGone(o *mib.Object) list {
	if o.Table == nil {
		return nil
	}
	value := ""
	switch {
	case health(o) != nil:
		value = strconv.Itoa(goneNumber)
	case wordings[o.Path()] != "":
		value = goneWord
	case !transient[tablePath(o.Table)]:
		return nil
	}
	gone := step("CHECK_NOT_SUPPORTED", "")
	if value == "" {
		gone.add("error_handler", "DISCARD_VALUE")
	} else {
		gone.add("error_handler", "CUSTOM_VALUE")
		gone.add("error_handler_params", value)
	}
	return list{gone}
}

// The state of a row that has gone; no enumeration of ours has this number.
const (
	goneNumber = 0
	goneWord   = "gone"
)

// discoveryRule finds the rows of a table (LLD); their names are macros.
func (s *source) discoveryRule(t *table, maps *valueMaps) object {
	name := strings.ToLower(t.Module.Service) + "." + t.Param
	var oids []string
	for _, c := range t.nameColumns {
		if !isTold(c) {
			oids = append(oids, macro(c), s.oid(c.OID))
		}
	}
	every, lifetime := "10m", "7d"
	if transient[tablePath(t.Table)] {
		every, lifetime = "1m", "1h" // the shortest but none, which would delete the trigger before it recovers
	}
	var prototypes list
	for _, c := range t.nameColumns {
		if isTold(c) {
			prototypes = append(prototypes, s.item(c, t, maps))
		}
	}
	for _, o := range t.metrics {
		prototypes = append(prototypes, s.item(o, t, maps))
	}
	return object{
		{"uuid", uuid("discovery " + name)},
		{"name", t.noun + " discovery"},
		{"type", "SNMP_AGENT"},
		{"snmp_oid", "discovery[" + strings.Join(oids, ",") + "]"},
		{"key", "mibgate." + name + ".discovery"},
		{"delay", every},
		{"lifetime", lifetime},
		{"description", sentence(t.Description)},
		{"item_prototypes", prototypes},
	}
}

// valueMaps collects the labels of enumerations; equal ones share a map.
type valueMaps struct {
	nodes list
	names map[string]string // by labels
	taken map[string]bool
}

func newValueMaps() *valueMaps {
	return &valueMaps{names: map[string]string{}, taken: map[string]bool{}}
}

// nameOf is the name of the map of an enumeration, which it makes if need be.
func (v *valueMaps) nameOf(o *mib.Object) string {
	mayGo := o.Table != nil && health(o) != nil
	labels := fmt.Sprint(o.Syntax.Enum, mayGo)
	if name := v.names[labels]; name != "" {
		return name
	}
	name := o.Name
	if v.taken[name] {
		name = o.Module.Service + "." + o.Name
	}
	v.names[labels], v.taken[name] = name, true
	var mappings list
	if mayGo {
		mappings = append(mappings, object{{"value", strconv.Itoa(goneNumber)}, {"newvalue", goneWord}})
	}
	for _, l := range o.Syntax.Enum {
		mappings = append(mappings, object{{"value", strconv.Itoa(int(l.Number))}, {"newvalue", l.Name}})
	}
	v.nodes = append(v.nodes, object{{"uuid", uuid("valuemap " + name)}, {"name", name}, {"mappings", mappings}})
	return name
}
