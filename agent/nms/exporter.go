package nms

import (
	"slices"
	"strconv"
	"strings"

	"mibgate/mib"
)

// exporterComment heads both files; the argument of the second line differs.
const exporterComment = `snmp_exporter configuration for mibgate, made by "mibgate mib nms".
`

const newExporterComment = exporterComment + `For snmp_exporter from 0.23 on: /snmp?module=mibgate&auth=mibgate_v3&target=HOST
Replace the passwords and the community before use.`

const oldExporterComment = exporterComment + `For snmp_exporter up to 0.22, as Debian 12 has it: /snmp?module=mibgate&target=HOST
(SNMPv2c) or module=mibgate_v3. Replace the passwords and the community before use.`

// exporter is the configuration since 0.23, with auths apart from modules.
func (s *source) exporter() []byte {
	return document(newExporterComment, object{
		{"auths", object{
			{"mibgate_v2", append(authV2(), entry{"version", 2})},
			{"mibgate_v3", append(authV3(), entry{"version", 3})},
		}},
		{"modules", object{{"mibgate", s.exporterModule()}}},
	})
}

// oldExporter is the configuration up to 0.22: a module has its own auth, so
// that SNMPv2c and SNMPv3 are two modules.
func (s *source) oldExporter() []byte {
	first := s.exporterModule()
	var second object
	for i, e := range first {
		if _, ok := e.value.(list); ok {
			first[i].value = anchored{e.key, e.value}
			e.value = alias(e.key)
		}
		second = append(second, e)
	}
	first = append(first, entry{"version", 2}, entry{"auth", authV2()})
	second = append(second, entry{"version", 3}, entry{"auth", authV3()})
	return document(oldExporterComment, object{{"mibgate", first}, {"mibgate_v3", second}})
}

func authV2() object { return object{{"community", "public"}} }

func authV3() object {
	return object{
		{"security_level", "authPriv"},
		{"username", "monitor"},
		{"auth_protocol", "SHA256"},
		{"password", "CHANGE-ME-auth"},
		{"priv_protocol", "AES"},
		{"priv_password", "CHANGE-ME-priv"},
	}
}

func (s *source) exporterModule() object {
	var walk, get, metrics list
	for _, o := range s.Registry.Descriptor("sysUpTime") {
		get = append(get, s.oid(o.OID.Append(0)))
		metrics = append(metrics, object{
			{"name", "sysUpTime"}, {"oid", s.oid(o.OID)}, {"type", "gauge"}, {"help", s.help(o)},
		})
	}
	for _, o := range s.scalars {
		get = append(get, s.oid(o.OID.Append(0)))
		metrics = append(metrics, s.metric(o))
	}
	for _, t := range s.tables {
		walk = append(walk, s.walks(t)...)
		for _, o := range t.metrics {
			metrics = append(metrics, append(s.metric(o), s.labels(t)...))
		}
		if len(t.metrics) == 0 {
			for _, o := range t.nameColumns {
				metrics = append(metrics, append(s.metric(o), entry{"indexes", indexes(t)}))
			}
		}
	}
	return object{
		{"walk", walk}, {"get", get}, {"metrics", metrics},
		{"max_repetitions", 25}, {"retries", 2}, {"timeout", "5s"},
	}
}

// walks names the whole table when all of it is of use, else its columns: a
// table of certificates holds their text.
func (s *source) walks(t *table) list {
	var used list
	for _, c := range t.Columns {
		if c.Source == mib.SourceStatus || c.Source != mib.SourceIndex && slices.Contains(t.nameColumns, c) {
			used = append(used, s.oid(c.OID))
		}
	}
	if len(used)+len(t.Index) == len(t.Columns) {
		return list{s.oid(t.OID)}
	}
	return used
}

// metric is a metric without labels.
func (s *source) metric(o *mib.Object) object {
	m := object{
		{"name", MetricName(o)},
		{"oid", s.oid(o.OID)},
		{"type", metricType(o)},
		{"help", s.help(o)},
	}
	if len(o.Syntax.Enum) > 0 {
		values := flow{}
		for _, l := range o.Syntax.Enum {
			values = append(values, entry{strconv.Itoa(int(l.Number)), l.Name})
		}
		m.add("enum_values", values)
	}
	if isNumberText(o) {
		m.add("regex_extracts", object{{"", list{flow{{"value", "$1"}, {"regex", "^([0-9]+)$"}}}}})
	}
	return m
}

// MetricName is the name of an object among Prometheus metrics: the text name
// of scripts and command line in lower case, "mibgate_hoc_clock_offset".
// Counters end in _total.
func MetricName(o *mib.Object) string {
	parts := []string{"mibgate", strings.ToLower(o.Module.Service)}
	if o.Table != nil {
		parts = append(parts, snake(o.Table.Param))
	}
	name := strings.Join(append(parts, snake(o.Param)), "_")
	if isCounter(o) {
		name += "_total"
	}
	return name
}

// metricType makes a state a state set, one series per label, of which one is
// 1: what an alert compares. What merely informs is one series with the label.
func metricType(o *mib.Object) string {
	switch {
	case health(o) != nil:
		return "EnumAsStateSet"
	case len(o.Syntax.Enum) > 0:
		return "EnumAsInfo"
	case isCounter(o):
		return "counter"
	case strings.HasPrefix(o.Syntax.Hint, "1x"):
		return "OctetString" // shown in hexadecimal
	case o.Syntax.Base == mib.OctetString:
		return "DisplayString"
	}
	return "gauge"
}

// help is the first sentence, the unit, and the OID, as the exporter's own
// generator has it.
func (s *source) help(o *mib.Object) string {
	text := sentence(o.Description)
	if o.Units != "" {
		text += " (" + o.Units + ")"
	}
	return text + " - " + s.oid(o.OID)
}

// labels are the key of a row and the columns that name it.
func (s *source) labels(t *table) object {
	var keys flowList
	for _, p := range t.Index {
		keys = append(keys, snake(p.Param))
	}
	var lookups list
	for _, c := range t.nameColumns {
		if c.Source == mib.SourceIndex {
			continue
		}
		lookups = append(lookups, object{
			{"labels", keys}, {"labelname", snake(c.Param)}, {"oid", s.oid(c.OID)}, {"type", "DisplayString"},
		})
	}
	return object{{"indexes", indexes(t)}, {"lookups", lookups}}
}

// indexes tells how the key of a row is read from an instance.
func indexes(t *table) list {
	var out list
	for _, p := range t.Index {
		index := object{{"labelname", snake(p.Param)}, {"type", "gauge"}}
		if p.Syntax.Base == mib.OctetString {
			index[1].value = "DisplayString"
			if p.Implied {
				index.add("implied", true)
			} else if r := p.Syntax.Ranges; len(r) == 1 && r[0].Min == r[0].Max {
				index.add("fixed_size", int(r[0].Min))
			}
		}
		out = append(out, index)
	}
	return out
}
