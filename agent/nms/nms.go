package nms

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"mibgate/mib"
)

// Options say what the files are for.
type Options struct {
	Registry *mib.Registry
	Model    mib.OID // where the Registry has our modules
	Served   mib.OID // where the unit serves them; nil: at Model
}

// Paths of the files, below the folder an operator chooses.
const (
	ExporterFile    = "prometheus/snmp.yml"
	OldExporterFile = "prometheus/snmp-0.22.yml"
	ZabbixFile      = "zabbix/mibgate.yaml"
	SnmpttFile      = "traps/snmptt.conf"
	DetectionFile   = "librenms/os_detection/mibgate.yaml"
	DiscoveryFile   = "librenms/os_discovery/mibgate.yaml"
)

// Files makes every file, by path. The error tells what the catalogue and the
// Registry do not agree on.
func Files(o Options) (map[string][]byte, error) {
	s := &source{Options: o}
	if s.Served == nil {
		s.Served = s.Model
	}
	s.collect()
	if err := s.check(); err != nil {
		return nil, err
	}
	return map[string][]byte{
		ExporterFile:    s.exporter(),
		OldExporterFile: s.oldExporter(),
		ZabbixFile:      s.zabbix(),
		SnmpttFile:      s.snmptt(),
		DetectionFile:   s.detection(),
		DiscoveryFile:   s.discovery(),
	}, nil
}

// source is what the files are made of.
type source struct {
	Options
	scalars []*mib.Object
	tables  []*table
}

// table is a table with what it reports.
type table struct {
	*mib.Table
	naming
	nameColumns []*mib.Object
	metrics     []*mib.Object // neither key nor name
}

// collect finds what our services report, by OID.
func (s *source) collect() {
	byTable := map[*mib.Table]*table{}
	for _, o := range s.Registry.Objects() {
		if o.Module.Standard || o.Source != mib.SourceStatus || !o.Access.Readable() || o.Secret || omitted[o.Path()] {
			continue
		}
		if o.Table == nil {
			s.scalars = append(s.scalars, o)
			continue
		}
		path := tablePath(o.Table)
		if omitted[path] {
			continue
		}
		t := byTable[o.Table]
		if t == nil {
			t = newTable(o.Table)
			byTable[o.Table] = t
			s.tables = append(s.tables, t)
		}
		if !slices.Contains(t.nameColumns, o) {
			t.metrics = append(t.metrics, o)
		}
	}
}

func tablePath(t *mib.Table) string { return t.Module.Service + "." + t.Param }

func newTable(of *mib.Table) *table {
	t := &table{Table: of, naming: namings[tablePath(of)]}
	if t.noun == "" {
		t.noun = of.Param
		for _, p := range of.Index {
			t.names = append(t.names, p.Param)
		}
	}
	for _, name := range t.names {
		if c := t.column(name); c != nil {
			t.nameColumns = append(t.nameColumns, c)
		}
	}
	return t
}

func (t *table) column(param string) *mib.Object {
	for _, c := range t.Columns {
		if c.Param == param {
			return c
		}
	}
	return nil
}

// oid is the dotted form of an OID of the model where the unit serves it.
func (s *source) oid(o mib.OID) string {
	if o.HasPrefix(s.Model) {
		return s.Served.Append(o[len(s.Model):]...).String()
	}
	return o.String()
}

// health tells how good the labels of a state are, or nil.
func health(o *mib.Object) map[string]level {
	if isRestartInfo(o) {
		return restartNeeded
	}
	return healths[o.Path()]
}

// isRestartInfo tells the object that every service has.
func isRestartInfo(o *mib.Object) bool { return o.Table == nil && o.Param == "NeedRestartInfo" }

// check finds catalogue entries that nothing bears and labels without a level.
func (s *source) check() error {
	var errs []error
	missing := func(what, path string) {
		errs = append(errs, fmt.Errorf("agent/nms/catalogue.go: %s %s is not in the MIB", what, path))
	}
	for _, path := range keys(namings) {
		t := s.Registry.Table(path)
		if t == nil {
			missing("table", path)
			continue
		}
		for _, name := range namings[path].names {
			if (&table{Table: t}).column(name) == nil {
				missing("column", path+"."+name)
			}
		}
	}
	for _, path := range slices.Concat(keys(healths), keys(floors), keys(quiet), keys(wordings)) {
		if s.Registry.Object(path) == nil {
			missing("object", path)
		}
	}
	for _, name := range standardNames() {
		if s.standard(name) == nil {
			errs = append(errs, fmt.Errorf("agent/nms/standard.go: no standard module has an object %s", name))
		}
	}
	for _, path := range slices.Concat(keys(omitted), keys(transient), keys(told)) {
		if s.Registry.Object(path) == nil && s.Registry.Table(path) == nil {
			missing("object or table", path)
		}
	}
	errs = append(errs, s.checkNotices()...)
	return errors.Join(append(errs, s.checkLabels()...)...)
}

func (s *source) checkLabels() []error {
	var errs []error
	for _, o := range s.Registry.Objects() {
		levels := health(o)
		if levels == nil || o.Module.Standard {
			continue
		}
		known := 0
		for _, l := range o.Syntax.Enum {
			if _, ok := levels[l.Name]; !ok {
				errs = append(errs, fmt.Errorf("agent/nms/catalogue.go: label %s of %s has no level", l.Name, o.Path()))
				continue
			}
			if o.Table != nil && l.Number == goneNumber {
				errs = append(errs, fmt.Errorf("agent/nms/zabbix.go: %s has the label %s for %d, the state of a row that has gone", o.Path(), l.Name, goneNumber))
			}
			known++
		}
		if known != len(levels) {
			errs = append(errs, fmt.Errorf("agent/nms/catalogue.go: %s has a level for a label that is none", o.Path()))
		}
	}
	return errs
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// sentence is the first sentence of a description, without the full stop.
func sentence(description string) string {
	s, _, _ := strings.Cut(strings.Join(strings.Fields(description), " "), ". ")
	return strings.TrimSuffix(s, ".")
}

// snake is a name in lower case with underscores: "RemoteHost" is
// "remote_host".
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// words is a name for people: "RemoteHost" is "Remote host".
func words(name string) string {
	s := strings.ReplaceAll(snake(name), "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// isNumberText tells a number that comes as text.
func isNumberText(o *mib.Object) bool { return o.Syntax.TC == "UInt64Text" }

func isText(o *mib.Object) bool { return o.Syntax.Base == mib.OctetString && !isNumberText(o) }

func isCounter(o *mib.Object) bool {
	return o.Syntax.Base == mib.Counter32 || o.Syntax.Base == mib.Counter64
}
