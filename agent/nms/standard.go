package nms

import (
	"fmt"
	"strings"

	"mibgate/mib"
)

// standardRule is a discovery rule of the Zabbix template for a table of a
// standard module: Prometheus and LibreNMS have their own for these.
type standardRule struct {
	noun, name string      // "Interface", "Interface {#IFNAME}"
	macros     [][2]string // macro and the column that it is
	filter     []condition
	items      []standardItem
}

// condition is what a row must fulfil; without value the macro must be there,
// which it is not in rows that are not of all the tables of a rule.
type condition struct{ macro, operator, value string }

// standardItem is an item prototype of a rule.
type standardItem struct {
	of       string // descriptor
	name     string // what stands behind the row's name
	units    string
	steps    [][2]string // preprocessing
	float    bool
	formula  string // of what is calculated from the items KEY(descriptor)
	triggers []standardTrigger
}

// standardTrigger has KEY(descriptor) for an item of the same row.
type standardTrigger struct{ what, expression, text, priority string }

type standardMacro struct{ name, value, about string }

// systemTexts are what an operator has written about a unit, and what it is.
var systemTexts = []string{"sysName", "sysDescr", "sysLocation", "sysContact"}

// standardMacros are what an operator changes, for all rows or, as in
// {$NET.IF.CONTROL:"eth1"}, for one.
var standardMacros = []standardMacro{
	{"{$CPU.LOAD.WARN}", "90", "Load of a processor, in %, that is a warning when it lasts five minutes."},
	{"{$NET.IF.ADMIN.MATCHES}", "^1$", "Values of ifAdminStatus of interfaces that are watched: up."},
	{"{$NET.IF.CONTROL}", "1", `Whether an interface that is down is an alarm; {$NET.IF.CONTROL:"eth1"} is for one.`},
	{"{$NET.IF.ERRORS.WARN}", "2", "Packets with errors per second that are a warning when they last five minutes."},
	{"{$NET.IF.TYPE.NOT_MATCHES}", "^24$", "Values of ifType of interfaces that are not watched: softwareLoopback."},
	{"{$STORAGE.NAME.NOT_MATCHES}", "^(Memory buffers|Cached memory|Shared memory)$", "Storage that is not watched: parts of the physical memory."},
	{"{$STORAGE.USED.CRIT}", "90", `Use of storage, in %, that is an alarm; {$STORAGE.USED.CRIT:"/var"} is for one.`},
	{"{$STORAGE.USED.WARN}", "80", `Use of storage, in %, that is a warning; {$STORAGE.USED.WARN:"/var"} is for one.`},
	// Memory in use counts what the kernel could give back at once.
	{`{$STORAGE.USED.CRIT:"Physical memory"}`, "101", "Never: the memory in use counts caches, too."},
	{`{$STORAGE.USED.WARN:"Physical memory"}`, "101", "Never: the memory in use counts caches, too."},
	{`{$STORAGE.USED.CRIT:"Virtual memory"}`, "101", "Never: the memory in use counts caches, too."},
	{`{$STORAGE.USED.WARN:"Virtual memory"}`, "101", "Never: the memory in use counts caches, too."},
}

var (
	bits      = [][2]string{{"CHANGE_PER_SECOND", ""}, {"MULTIPLIER", "8"}}
	perSecond = [][2]string{{"CHANGE_PER_SECOND", ""}}
	blocks    = [][2]string{{"MULTIPLIER", "{#UNIT}"}}
)

// scaled makes the value of a sensor one of its unit (RFC 3433 §2.1): the scale
// is a power of 1000 whose units(9) is 1, a precision above 0 is the number of
// decimals.
var scaled = [][2]string{{"JAVASCRIPT", "return value * Math.pow(10, 3 * ({#SCALE} - 9) - Math.max({#PRECISION}, 0));"}}

func errorTrigger(item string) []standardTrigger {
	return []standardTrigger{{"warning", "min(KEY(" + item + `),5m)>{$NET.IF.ERRORS.WARN:"{#IFNAME}"}`, "has errors", "WARNING"}}
}

var standardRules = []standardRule{
	{
		noun: "Interface", name: "Interface {#IFNAME}({#IFALIAS})",
		macros: [][2]string{{"{#IFNAME}", "ifName"}, {"{#IFALIAS}", "ifAlias"}, {"{#IFADMINSTATUS}", "ifAdminStatus"}, {"{#IFTYPE}", "ifType"}},
		filter: []condition{{"{#IFADMINSTATUS}", "", "{$NET.IF.ADMIN.MATCHES}"}, {"{#IFTYPE}", "NOT_MATCHES_REGEX", "{$NET.IF.TYPE.NOT_MATCHES}"}},
		items: []standardItem{
			{of: "ifOperStatus", name: "Operational status", triggers: []standardTrigger{{
				"critical", `{$NET.IF.CONTROL:"{#IFNAME}"}=1 and last(KEY(ifAdminStatus))=1 and (last(KEY(ifOperStatus))=2 or last(KEY(ifOperStatus))=7)`, "is down", "HIGH",
			}}},
			{of: "ifAdminStatus", name: "Administrative status"},
			{of: "ifHighSpeed", name: "Speed", units: "bps", steps: [][2]string{{"MULTIPLIER", "1000000"}}},
			{of: "ifHCInOctets", name: "Received", units: "bps", steps: bits},
			{of: "ifHCOutOctets", name: "Sent", units: "bps", steps: bits},
			{of: "ifInErrors", name: "Received with errors", units: "!packets/s", steps: perSecond, float: true, triggers: errorTrigger("ifInErrors")},
			{of: "ifOutErrors", name: "Not sent for errors", units: "!packets/s", steps: perSecond, float: true, triggers: errorTrigger("ifOutErrors")},
			{of: "ifInDiscards", name: "Received and discarded", units: "!packets/s", steps: perSecond, float: true},
			{of: "ifOutDiscards", name: "Discarded before sending", units: "!packets/s", steps: perSecond, float: true},
		},
	},
	{
		noun: "Processor", name: "Processor {#SNMPINDEX} ({#DESCR})",
		macros: [][2]string{{"{#DESCR}", "hrDeviceDescr"}, {"{#LOAD}", "hrProcessorLoad"}},
		filter: []condition{{macro: "{#LOAD}"}}, // hrDeviceTable has other devices, too
		items: []standardItem{{of: "hrProcessorLoad", name: "Load", units: "%", triggers: []standardTrigger{
			{"warning", "min(KEY(hrProcessorLoad),5m)>{$CPU.LOAD.WARN}", "is busy", "WARNING"},
		}}},
	},
	{
		noun: "Storage", name: "Storage {#DESCR}",
		macros: [][2]string{{"{#DESCR}", "hrStorageDescr"}, {"{#UNIT}", "hrStorageAllocationUnits"}, {"{#SIZE}", "hrStorageSize"}},
		filter: []condition{{"{#DESCR}", "NOT_MATCHES_REGEX", "{$STORAGE.NAME.NOT_MATCHES}"}, {"{#SIZE}", "NOT_MATCHES_REGEX", "^0$"}},
		items: []standardItem{
			{of: "hrStorageSize", name: "Size", units: "B", steps: blocks},
			{of: "hrStorageUsed", name: "Used", units: "B", steps: blocks},
			{of: "hrStorageUsedPercent", name: "Used in %", units: "%", float: true, formula: "last(KEY(hrStorageUsed))/last(KEY(hrStorageSize))*100", triggers: []standardTrigger{
				{"warning", `last(KEY(hrStorageUsedPercent))>{$STORAGE.USED.WARN:"{#DESCR}"} and last(KEY(hrStorageUsedPercent))<={$STORAGE.USED.CRIT:"{#DESCR}"}`, "is nearly full", "WARNING"},
				{"critical", `last(KEY(hrStorageUsedPercent))>{$STORAGE.USED.CRIT:"{#DESCR}"}`, "is nearly full", "HIGH"},
			}},
		},
	},
	{
		noun: "Sensor", name: "Sensor {#NAME}",
		macros: [][2]string{
			{"{#NAME}", "entPhysicalName"}, {"{#SCALE}", "entPhySensorScale"}, {"{#PRECISION}", "entPhySensorPrecision"}, {"{#UNITS}", "entPhySensorUnitsDisplay"},
		},
		filter: []condition{{macro: "{#SCALE}"}},
		items: []standardItem{
			{of: "entPhySensorValue", name: "Value", units: "!{#UNITS}", steps: scaled, float: true},
			{of: "entPhySensorOperStatus", name: "Status", triggers: []standardTrigger{
				{"warning", "last(KEY(entPhySensorOperStatus))=3", "does not work", "WARNING"},
			}},
		},
	},
}

// standard is the object of a standard module with this descriptor; nil when
// there is none, which check tells.
func (s *source) standard(name string) *mib.Object {
	for _, o := range s.Registry.Descriptor(name) {
		if o.Module.Standard {
			return o
		}
	}
	return nil
}

// standardNames are the descriptors that the rules need.
func standardNames() []string {
	names := append([]string{"sysUpTime"}, systemTexts...)
	for _, r := range standardRules {
		for _, m := range r.macros {
			names = append(names, m[1])
		}
		for _, i := range r.items {
			if i.formula == "" {
				names = append(names, i.of)
			}
		}
	}
	return names
}

func standardKey(name string) string { return "mibgate." + name + "[{#SNMPINDEX}]" }

// keyed replaces KEY(descriptor) with the item of the same row, of which host
// tells the beginning.
func keyed(host, text string) string {
	for {
		before, rest, found := strings.Cut(text, "KEY(")
		if !found {
			return text
		}
		name, after, _ := strings.Cut(rest, ")")
		text = before + host + standardKey(name) + after
	}
}

// standardRule writes a rule.
func (s *source) standardRule(r *standardRule, maps *valueMaps) object {
	table := s.standard(r.macros[len(r.macros)-1][1]).Table
	name := r.name
	var oids []string
	for _, m := range r.macros {
		o := s.standard(m[1])
		oids = append(oids, m[0], s.oid(o.OID))
		name = strings.ReplaceAll(name, m[0], clippedMacro(m[0], longestText(o), 90))
	}
	var prototypes list
	for i := range r.items {
		prototypes = append(prototypes, s.standardItem(&r.items[i], name, maps))
	}
	rule := object{
		{"uuid", uuid("discovery standard " + r.noun)},
		{"name", r.noun + " discovery"},
		{"type", "SNMP_AGENT"},
		{"snmp_oid", "discovery[" + strings.Join(oids, ",") + "]"},
		{"key", "mibgate." + table.Name + ".discovery"},
		{"delay", "10m"},
	}
	if len(r.filter) > 0 {
		rule.add("filter", filter(r.filter))
	}
	rule.add("lifetime", "7d")
	rule.add("description", sentence(table.Description))
	rule.add("item_prototypes", prototypes)
	return rule
}

func filter(all []condition) object {
	var conditions list
	for i, c := range all {
		condition := object{{"macro", c.macro}}
		if c.value == "" {
			c.operator = "EXISTS"
		} else {
			condition.add("value", c.value)
		}
		if c.operator != "" {
			condition.add("operator", c.operator)
		}
		condition.add("formulaid", string(rune('A'+i)))
		conditions = append(conditions, condition)
	}
	return object{{"evaltype", "AND"}, {"conditions", conditions}}
}

func (s *source) standardItem(i *standardItem, row string, maps *valueMaps) object {
	k := standardKey(i.of)
	it := object{{"uuid", uuid(k)}, {"name", row + ": " + i.name}}
	if i.formula != "" {
		it = append(it, entry{"type", "CALCULATED"}, entry{"key", k}, entry{"params", keyed("//", i.formula)}, entry{"description", i.name})
	} else {
		o := s.standard(i.of)
		it = append(it, entry{"type", "SNMP_AGENT"}, entry{"snmp_oid", s.oid(o.OID) + ".{#SNMPINDEX}"}, entry{"key", k}, entry{"description", s.help(o)})
		if len(o.Syntax.Enum) > 0 {
			it = append(it, entry{"trends", "0"}, entry{"valuemap", object{{"name", maps.nameOf(o)}}})
		}
	}
	it = append(it, entry{"delay", "1m"}, entry{"history", "30d"})
	if i.float {
		it.add("value_type", "FLOAT")
	}
	if i.units != "" {
		it.add("units", i.units)
	}
	var steps list
	for _, s := range i.steps {
		steps = append(steps, step(s[0], s[1]))
	}
	it.add("preprocessing", steps)
	it.add("tags", tags("host"))
	var triggers list
	for _, t := range i.triggers {
		triggers = append(triggers, trigger(k, t.what, keyed("/"+templateName+"/", t.expression), fmt.Sprintf("mibgate: %s %s", row, t.text), t.priority))
	}
	it.add("trigger_prototypes", triggers)
	return it
}
