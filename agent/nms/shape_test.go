package nms

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/model"
)

type exporterModule struct {
	Walk, Get []string
	Metrics   []struct {
		Name, Oid, Type, Help string
		Indexes               []struct{ Labelname, Type string }
		Lookups               []struct {
			Labels               []string
			Labelname, Oid, Type string
		}
		EnumValues    map[string]string         `json:"enum_values"`
		RegexExtracts map[string][]exporterRule `json:"regex_extracts"`
	}
	MaxRepetitions int `json:"max_repetitions"`
	Retries        int
	Timeout        string
	Version        int
	Auth           map[string]string
}

type exporterRule struct{ Value, Regex string }

// TestExporterConfigurations: every metric is fetched, has a name of its own
// and labels that its index or a lookup gives; both formats say the same.
func TestExporterConfigurations(t *testing.T) {
	out := files(t, nil)
	var config struct {
		Auths   map[string]map[string]any
		Modules map[string]exporterModule
	}
	parse(t, out[ExporterFile], &config)
	if len(config.Auths) != 2 || config.Auths["mibgate_v3"]["security_level"] != "authPriv" {
		t.Errorf("auths %v", config.Auths)
	}
	m := config.Modules["mibgate"]
	var old map[string]exporterModule
	parse(t, out[OldExporterFile], &old)
	for name, version := range map[string]int{"mibgate": 2, "mibgate_v3": 3} {
		o := old[name]
		if o.Version != version || fmt.Sprint(o.Walk, o.Get, o.Metrics) != fmt.Sprint(m.Walk, m.Get, m.Metrics) {
			t.Errorf("%s of the old format is not the new module with version %d", name, version)
		}
	}
	names := map[string]bool{}
	valid := regexp.MustCompile(`^(sysUpTime|mibgate(_[a-z0-9]+)+)$`)
	for _, metric := range m.Metrics {
		if names[metric.Name] || !valid.MatchString(metric.Name) || metric.Help == "" {
			t.Errorf("%q: twice, not well-formed or without help", metric.Name)
		}
		names[metric.Name] = true
		fetched := func(oid string) bool {
			return slices.Contains(m.Get, oid+".0") || slices.ContainsFunc(m.Walk, func(w string) bool { return strings.HasPrefix(oid+".", w+".") })
		}
		if !fetched(metric.Oid) {
			t.Errorf("%s is not fetched", metric.Name)
		}
		labels := map[string]bool{}
		for _, i := range metric.Indexes {
			labels[i.Labelname] = true
		}
		for _, l := range metric.Lookups {
			if !fetched(l.Oid) || labels[l.Labelname] || !labels[l.Labels[0]] {
				t.Errorf("%s: lookup %v", metric.Name, l)
			}
		}
	}
	checkPolled(t, names)
}

// checkPolled: every status object is a metric, or left out on purpose.
func checkPolled(t *testing.T, names map[string]bool) {
	t.Helper()
	s := &source{Options: Options{Registry: model.Registry, Model: model.Root}}
	s.collect()
	named := map[*mib.Object]bool{}
	for _, table := range s.tables {
		for _, c := range table.nameColumns {
			named[c] = true
		}
	}
	for _, o := range model.Registry.Objects() {
		left := o.Module.Standard || o.Source != mib.SourceStatus || omitted[o.Path()] || named[o] || o.Table != nil && omitted[tablePath(o.Table)]
		if names[MetricName(o)] == left && !named[o] {
			t.Errorf("%s: a metric: %t, left out: %t", o.Path(), names[MetricName(o)], left)
		}
	}
}

// unique fails the test when something is added twice.
type unique struct {
	t    *testing.T
	seen map[string]bool
	form *regexp.Regexp
}

func (u unique) add(s string) {
	u.t.Helper()
	if u.seen[s] || u.form != nil && !u.form.MatchString(s) {
		u.t.Errorf("%q is there twice, or malformed", s)
	}
	u.seen[s] = true
}

type librenmsSensor struct {
	Oid, Value, Index, Descr, Group string
	NumOID                          string `json:"num_oid"`
	StateName                       string `json:"state_name"`
	States                          []struct {
		Descr                 string
		Graph, Value, Generic int
	}
	LowLimit     int `json:"low_limit"`
	LowWarnLimit int `json:"low_warn_limit"`
}

// TestLibreNMSDefinition holds both files to the schemas of LibreNMS
// (misc/os_schema.json, misc/discovery_schema.json), and names to the modules.
func TestLibreNMSDefinition(t *testing.T) {
	out := files(t, nil)
	var detection struct {
		Os, Text, Type, Icon string
		MibDir               string `json:"mib_dir"`
		Over                 []struct{ Graph, Text string }
		Discovery            []struct{ SysObjectID []string }
	}
	parse(t, out[DetectionFile], &detection)
	if got := detection.Discovery[0].SysObjectID; !slices.Equal(got, []string{"." + model.Root.String() + ".100.61000"}) {
		t.Errorf("sysObjectID %v", got)
	}
	var discovery struct {
		Mib     string
		Modules struct {
			Os      map[string]string
			Sensors map[string]struct{ Data []librenmsSensor }
		}
	}
	parse(t, out[DiscoveryFile], &discovery)
	sensors := slices.Concat(discovery.Modules.Sensors["state"].Data, discovery.Modules.Sensors["count"].Data)
	if len(sensors) < 10 {
		t.Errorf("only %d sensors", len(sensors))
	}
	once := unique{t: t, seen: map[string]bool{}}
	numOID := regexp.MustCompile(`^(\.\d+)+(\.?\{\{ \$index \}\})?(\.\d+)*$`)
	for _, s := range sensors {
		once.add("index " + s.Index)
		if !numOID.MatchString(s.NumOID) {
			t.Errorf("num_oid %s", s.NumOID)
		}
		o := byQualifiedName(t, s.Value)
		if o == nil {
			continue
		}
		if s.StateName != "" && len(s.States) != len(o.Syntax.Enum) || s.StateName == "" && quiet[o.Path()] == "" && s.LowWarnLimit <= s.LowLimit {
			t.Errorf("%s: %d states, limits %d and %d", s.Value, len(s.States), s.LowWarnLimit, s.LowLimit)
		}
		for _, name := range regexp.MustCompile(`\$(MIBGATE-\S+)`).FindAllStringSubmatch(s.Descr, -1) {
			byQualifiedName(t, name[1])
		}
	}
	for _, want := range slices.Concat(keys(healths), keys(quiet), keys(floors)) {
		o := model.Registry.Object(want)
		has := slices.ContainsFunc(sensors, func(s librenmsSensor) bool { return s.Value == qualified(o) })
		if here := o.Table == nil || !transient[tablePath(o.Table)]; has != here {
			t.Errorf("a sensor of %s: %t", want, has)
		}
	}
	for _, name := range discovery.Modules.Os {
		byQualifiedName(t, strings.TrimSuffix(name, ".0"))
	}
}

func byQualifiedName(t *testing.T, name string) *mib.Object {
	t.Helper()
	module, descriptor, _ := strings.Cut(name, "::")
	for _, o := range model.Registry.Descriptor(descriptor) {
		if o.Module.Name == module {
			return o
		}
	}
	t.Errorf("no object %s", name)
	return nil
}
