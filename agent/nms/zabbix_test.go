package nms

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/model"
)

type zabbixItem struct {
	UUID, Name, Type, Key, Delay, History, Trends, Units, Description, Params string
	SnmpOID                                                                   string `json:"snmp_oid"`
	ValueType                                                                 string `json:"value_type"`
	Valuemap                                                                  struct{ Name string }
	Preprocessing                                                             []zabbixStep
	Tags                                                                      []zabbixTag
	Triggers                                                                  []zabbixTrigger
	TriggerPrototypes                                                         []zabbixTrigger `json:"trigger_prototypes"`
}

type zabbixStep struct {
	Type               string
	Parameters         []string
	ErrorHandler       string `json:"error_handler"`
	ErrorHandlerParams string `json:"error_handler_params"`
}

type zabbixTag struct{ Tag, Value string }

type zabbixTrigger struct {
	UUID, Expression, Name, Opdata, Priority string
	EventName                                string `json:"event_name"`
	Tags                                     []zabbixTag
}

type zabbixRule struct {
	UUID, Name, Type, Key, Delay, Lifetime, Description string
	SnmpOID                                             string `json:"snmp_oid"`
	Filter                                              struct {
		Evaltype   string
		Conditions []struct{ Macro, Value, Operator, Formulaid string }
	}
	ItemPrototypes []zabbixItem `json:"item_prototypes"`
}

type zabbixTemplate struct {
	UUID, Template, Name, Description string
	Groups                            []struct{ Name string }
	Items                             []zabbixItem
	DiscoveryRules                    []zabbixRule `json:"discovery_rules"`
	Macros                            []struct{ Macro, Value, Description string }
	Valuemaps                         []struct {
		UUID, Name string
		Mappings   []struct{ Value, Newvalue string }
	}
}

// zabbixRead is what zabbixTemplates has read: the parser takes a second.
var zabbixRead []zabbixTemplate

// zabbixTemplates reads the two templates: what is polled and the traps.
func zabbixTemplates(t *testing.T) (polled, traps zabbixTemplate) {
	t.Helper()
	if zabbixRead != nil {
		return zabbixRead[0], zabbixRead[1]
	}
	var file struct {
		Export struct {
			Version   string
			Groups    []struct{ UUID, Name string }
			Templates []zabbixTemplate
		} `json:"zabbix_export"`
	}
	parse(t, files(t, nil)[ZabbixFile], &file)
	if len(file.Export.Templates) != 2 || file.Export.Version != "6.0" {
		t.Fatalf("%d templates, version %s", len(file.Export.Templates), file.Export.Version)
	}
	zabbixRead = file.Export.Templates
	return zabbixRead[0], zabbixRead[1]
}

// TestZabbixTemplate holds the templates to what the import of Zabbix checks:
// known fields, unique UUIDs, names and keys, and references that lead
// somewhere. Both go on one host, so that no key may be in both.
func TestZabbixTemplate(t *testing.T) {
	polled, traps := zabbixTemplates(t)
	once := unique{t: t, seen: map[string]bool{}}
	uuids := unique{t: t, seen: map[string]bool{}, form: regexp.MustCompile(`^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$`)}
	for _, tpl := range []zabbixTemplate{polled, traps} {
		uuids.add(tpl.UUID)
		mapped := map[string]bool{}
		for _, v := range tpl.Valuemaps {
			uuids.add(v.UUID)
			once.add("value map " + v.Name)
			mapped[v.Name] = true
		}
		items := tpl.Items
		for _, d := range tpl.DiscoveryRules {
			uuids.add(d.UUID)
			once.add("key " + d.Key)
			once.add("rule " + d.Name)
			checkRule(t, d)
			items = append(items, d.ItemPrototypes...)
		}
		for _, i := range items {
			uuids.add(i.UUID)
			once.add("key " + i.Key)
			if i.Valuemap.Name != "" && !mapped[i.Valuemap.Name] {
				t.Errorf("%s: no value map %s", i.Key, i.Valuemap.Name)
			}
			checkItem(t, i)
			checkReferences(t, i.Key, i.Params, "/", items)
			for _, tr := range append(i.Triggers, i.TriggerPrototypes...) {
				uuids.add(tr.UUID)
				once.add("trigger " + tr.Name + tr.Expression)
				checkReferences(t, i.Key, tr.Expression, "/"+tpl.Template, items)
				if !strings.Contains(tr.Expression, "/"+tpl.Template+"/"+i.Key) || len(tr.Expression) > 2048 || len(tr.EventName) > 2048 {
					t.Errorf("trigger %s: %s", tr.Name, tr.Expression)
				}
			}
		}
	}
}

// references are the items in an expression; of what is calculated, without the
// name of the host.
var references = regexp.MustCompile(`(/[^/(]*)/((?:mibgate\.|snmptrap)[A-Za-z0-9.]*(?:\[(?:"[^"]*"|[^\]]*)\])?)`)

func checkReferences(t *testing.T, key, expression, host string, items []zabbixItem) {
	t.Helper()
	found := references.FindAllStringSubmatch(expression, -1)
	if (expression != "") != (len(found) > 0) {
		t.Errorf("%s: %q refers to nothing", key, expression)
	}
	for _, r := range found {
		if r[1] != host || !slices.ContainsFunc(items, func(i zabbixItem) bool { return i.Key == r[2] }) {
			t.Errorf("%s: no item %s/%s", key, r[1], r[2])
		}
	}
}

var lldMacro = regexp.MustCompile(`\{#[A-Z.]+\}`)

// checkRule: the macros that a rule and its prototypes use are discovered, and
// its filter is well-formed.
func checkRule(t *testing.T, d zabbixRule) {
	t.Helper()
	if !strings.HasPrefix(d.SnmpOID, "discovery[{#") || len(d.SnmpOID) > 512 || len(d.ItemPrototypes) == 0 {
		t.Errorf("%s discovers by %s", d.Name, d.SnmpOID)
	}
	discovered := append(lldMacro.FindAllString(d.SnmpOID, -1), "{#SNMPINDEX}")
	used := fmt.Sprintf("%+v %+v", d.Filter, d.ItemPrototypes)
	for _, m := range lldMacro.FindAllString(used, -1) {
		if !slices.Contains(discovered, m) {
			t.Errorf("%s: nothing discovers %s", d.Name, m)
		}
	}
	if (d.Filter.Evaltype == "AND") != (len(d.Filter.Conditions) > 0) {
		t.Errorf("%s: filter %+v", d.Name, d.Filter)
	}
	for i, c := range d.Filter.Conditions {
		if c.Formulaid != string(rune('A'+i)) || (c.Operator == "EXISTS") != (c.Value == "") || !slices.Contains([]string{"", "NOT_MATCHES_REGEX", "EXISTS"}, c.Operator) {
			t.Errorf("%s: condition %+v", d.Name, c)
		}
	}
	if seconds := map[string]int{"1h": 3600, "7d": 604800}[d.Lifetime]; seconds < 3600 {
		t.Errorf("%s: lifetime %s", d.Name, d.Lifetime)
	}
}

func checkItem(t *testing.T, i zabbixItem) {
	t.Helper()
	if !slices.Contains([]string{"", "FLOAT", "CHAR", "TEXT", "LOG"}, i.ValueType) || !slices.Contains([]string{"SNMP_AGENT", "CALCULATED", "SNMP_TRAP"}, i.Type) {
		t.Errorf("%s: type %s, value type %s", i.Key, i.Type, i.ValueType)
	}
	if (i.Type == "SNMP_AGENT") != (i.SnmpOID != "") || (i.Type == "CALCULATED") != (i.Params != "") || (i.Type == "SNMP_TRAP") != (i.ValueType == "LOG") {
		t.Errorf("%s is %s with OID %q, formula %q, value type %s", i.Key, i.Type, i.SnmpOID, i.Params, i.ValueType)
	}
	if (i.ValueType == "CHAR" || i.ValueType == "TEXT" || i.ValueType == "LOG") && i.Trends != "0" {
		t.Errorf("%s: trends of text", i.Key)
	}
	for n, p := range i.Preprocessing {
		if !slices.Contains([]string{"MULTIPLIER", "CHANGE_PER_SECOND", "DISCARD_UNCHANGED_HEARTBEAT", "JAVASCRIPT", "CHECK_NOT_SUPPORTED"}, p.Type) || len(p.Parameters) != 1 {
			t.Errorf("%s: %+v", i.Key, p)
		}
		if p.Type == "CHECK_NOT_SUPPORTED" && n != 0 { // Zabbix refuses it elsewhere
			t.Errorf("%s: %s is step %d", i.Key, p.Type, n+1)
		}
	}
}

// TestZabbixBesideOthers: the template of what is polled may be linked to a
// host beside any of Zabbix's own, which have items of these keys.
func TestZabbixBesideOthers(t *testing.T) {
	polled, _ := zabbixTemplates(t)
	all := polled.Items
	for _, d := range polled.DiscoveryRules {
		all = append(all, d.ItemPrototypes...)
		all = append(all, zabbixItem{Key: d.Key})
	}
	for _, i := range all {
		if !strings.HasPrefix(i.Key, "mibgate.") {
			t.Errorf("key %s may be one of another template", i.Key)
		}
	}
}

// TestZabbixMacros: every user macro has a value, and none is without use.
func TestZabbixMacros(t *testing.T) {
	polled, traps := zabbixTemplates(t)
	base := regexp.MustCompile(`\{\$[A-Z._]+`)
	used, have := map[string]bool{}, map[string]bool{}
	for _, m := range base.FindAllString(fmt.Sprintf("%+v%+v%+v", polled.Items, polled.DiscoveryRules, traps), -1) {
		used[m] = true
	}
	for _, m := range polled.Macros {
		have[base.FindString(m.Macro)] = true
	}
	if !maps.Equal(used, have) || len(used) < 8 {
		t.Errorf("used are %v, there are %v", used, have)
	}
}

// TestZabbixNamesFit: with every text as long as it may be, the names of items
// and triggers are not longer than Zabbix takes: a row with a longer one is not discovered.
func TestZabbixNamesFit(t *testing.T) {
	polled, _ := zabbixTemplates(t)
	cut := regexp.MustCompile(`\{(\{#[A-Z]+\})\.regsub\("\^\(\.\{0,([0-9]+)\}\)", "\\1"\)\}`)
	for _, d := range polled.DiscoveryRules {
		longest := map[string]int{"{#SNMPINDEX}": 10}
		parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(d.SnmpOID, "discovery["), "]"), ",")
		for i := 0; i < len(parts); i += 2 {
			o, _ := model.Registry.ByOID(mib.MustOID(parts[i+1]))
			longest[parts[i]] = longestText(o)
		}
		expand := func(name string) int {
			name = cut.ReplaceAllStringFunc(name, func(m string) string {
				sub := cut.FindStringSubmatch(m)
				most, _ := strconv.Atoi(sub[2])
				return strings.Repeat("x", min(most, longest[sub[1]]))
			})
			name = lldMacro.ReplaceAllStringFunc(name, func(m string) string { return strings.Repeat("x", longest[m]) })
			return len(name)
		}
		for _, i := range d.ItemPrototypes {
			names := []string{i.Name}
			for _, tr := range i.TriggerPrototypes {
				names = append(names, tr.Name)
			}
			for _, name := range names {
				if n := expand(name); n > 255 {
					t.Errorf("%s may have %d characters", name, n)
				}
			}
		}
	}
}

// TestZabbixAlarmsEnd: an alarm whose row has gone has a state that is no
// problem, in time before its item goes; its event tells the text.
func TestZabbixAlarmsEnd(t *testing.T) {
	polled, _ := zabbixTemplates(t)
	i := slices.IndexFunc(polled.DiscoveryRules, func(d zabbixRule) bool { return d.Key == "mibgate.nlm.ActiveAlarms.discovery" })
	rule := polled.DiscoveryRules[i]
	if rule.Lifetime == "0" || rule.Delay != "1m" || strings.Contains(rule.SnmpOID, "{#TEXT}") {
		t.Errorf("rule %s: every %s, lifetime %s", rule.SnmpOID, rule.Delay, rule.Lifetime)
	}
	items := map[string]zabbixItem{}
	for _, i := range rule.ItemPrototypes {
		items[i.Key] = i
	}
	text, severity := items["mibgate.nlm.activeAlarmsText[{#SNMPINDEX}]"], items["mibgate.nlm.activeAlarmsSeverity[{#SNMPINDEX}]"]
	if text.ValueType != "TEXT" || text.Delay != "1m" || text.Preprocessing[0].Type != "CHECK_NOT_SUPPORTED" || text.Preprocessing[0].ErrorHandler != "DISCARD_VALUE" {
		t.Errorf("text %+v", text)
	}
	if p := severity.Preprocessing[0]; p.Type != "CHECK_NOT_SUPPORTED" || p.ErrorHandler != "CUSTOM_VALUE" || p.ErrorHandlerParams != "0" {
		t.Errorf("severity of a row that is gone: %+v", p)
	}
	if len(severity.TriggerPrototypes) != 2 {
		t.Fatalf("triggers %+v", severity.TriggerPrototypes)
	}
	for _, tr := range severity.TriggerPrototypes {
		if strings.Contains(tr.Expression, ")=0") || !strings.HasSuffix(tr.EventName, ": {ITEM.VALUE1} ({ITEM.VALUE2})") || strings.Index(tr.Expression, "activeAlarmsText") > strings.Index(tr.Expression, "activeAlarmsSeverity") {
			t.Errorf("trigger %+v", tr)
		}
	}
	for _, d := range polled.DiscoveryRules {
		for _, i := range d.ItemPrototypes {
			state := strings.HasSuffix(i.Key, "State[{#SNMPINDEX}]") // of a link that is not configured any more
			if state != (len(i.Preprocessing) > 0 && i.Preprocessing[0].ErrorHandler == "CUSTOM_VALUE") && i.Key != severity.Key {
				t.Errorf("%s: %+v", i.Key, i.Preprocessing)
			}
		}
	}
	for _, v := range polled.Valuemaps {
		if v.Name == severity.Valuemap.Name && (v.Mappings[0].Value != "0" || v.Mappings[0].Newvalue != "gone") {
			t.Errorf("value map %+v", v)
		}
	}
}

// TestZabbixCoversTheHost: what a general SNMP template would have is here.
func TestZabbixCoversTheHost(t *testing.T) {
	polled, _ := zabbixTemplates(t)
	have := map[string]zabbixItem{}
	for _, d := range polled.DiscoveryRules {
		for _, i := range d.ItemPrototypes {
			have[strings.TrimSuffix(strings.TrimPrefix(i.Key, "mibgate."), "[{#SNMPINDEX}]")] = i
		}
	}
	for _, tt := range []struct {
		name, units string
		steps       string
		triggers    int
	}{
		{"ifOperStatus", "", "", 1},
		{"ifHCInOctets", "bps", "CHANGE_PER_SECOND MULTIPLIER 8", 0},
		{"ifHCOutOctets", "bps", "CHANGE_PER_SECOND MULTIPLIER 8", 0},
		{"ifInErrors", "!packets/s", "CHANGE_PER_SECOND ", 1},
		{"ifOutErrors", "!packets/s", "CHANGE_PER_SECOND ", 1},
		{"ifInDiscards", "!packets/s", "CHANGE_PER_SECOND ", 0},
		{"ifOutDiscards", "!packets/s", "CHANGE_PER_SECOND ", 0},
		{"hrProcessorLoad", "%", "", 1},
		{"hrStorageUsed", "B", "MULTIPLIER {#UNIT}", 0},
		{"hrStorageUsedPercent", "%", "", 2},
		{"entPhySensorValue", "!{#UNITS}", "JAVASCRIPT return value * Math.pow(10, 3 * ({#SCALE} - 9) - Math.max({#PRECISION}, 0));", 0},
		{"entPhySensorOperStatus", "", "", 1},
	} {
		i := have[tt.name]
		var steps []string
		for _, p := range i.Preprocessing {
			steps = append(steps, strings.TrimSuffix(p.Type+" "+p.Parameters[0], " "))
		}
		if got := strings.Join(steps, " "); got != strings.TrimSuffix(tt.steps, " ") || i.Units != tt.units || len(i.TriggerPrototypes) != tt.triggers {
			t.Errorf("%s: units %q, steps %q, %d triggers", tt.name, i.Units, got, len(i.TriggerPrototypes))
		}
	}
}

// TestZabbixAlarms: the triggers an operator relies on, by their numbers.
func TestZabbixAlarms(t *testing.T) {
	text := string(files(t, nil)[ZabbixFile])
	for _, want := range []string{
		"tlsPersistentConnectionStatusState[{#SNMPINDEX}])=200'",
		"servicesInfoExecState[{#SNMPINDEX}])=65000'",
		"hostCertificatesInfoDaysToExpiry[{#SNMPINDEX}])<{$CERT.DAYS.WARN} and",
		"mibgate.hoc.clockState)=100'",
		"mibgate.hoc.clockState)=200'",
		"registrationStatusState[{#SNMPINDEX}])=700 or",
		`gatewayStatusState[{#SNMPINDEX}],,"regexp","^(Ready|gone$)")=0'`,
		"nodata(/mibgate by SNMP/mibgate.sysUpTime,{$SNMP.TIMEOUT})=1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no trigger %s", want)
		}
	}
	if again := uuid("a"); again == uuid("b") || again != uuid("a") {
		t.Error("a UUID is not that of its name")
	}
}
