package nms

import (
	"strings"

	"mibgate/mib"
	"mibgate/mib/modules"
)

const librenmsComment = `LibreNMS definition for mibgate, made by "mibgate mib nms". It needs the modules in
mibs/mibgate, which "mibgate mib export" writes:
`

// productArc is mibgateSoftwareGateway below the root: what sysObjectID is.
var productArc = []uint32{100, 61000}

// detection tells LibreNMS our units from others.
func (s *source) detection() []byte {
	return document(librenmsComment+strings.Join(moduleNames(), " "), object{
		{"os", "mibgate"},
		{"text", "mibgate SIP gateway"},
		{"type", "network"},
		{"icon", "generic"},
		{"mib_dir", "mibgate"},
		{"over", list{flow{{"graph", "device_bits"}, {"text", "Device traffic"}}}},
		{"discovery", list{object{{"sysObjectID", list{"." + s.Served.Append(productArc...).String()}}}}},
	})
}

// moduleNames lists our modules.
func moduleNames() []string {
	entries, _ := modules.FS.ReadDir(".") // an embedded root is always there
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".mib")
	}
	return names
}

// discovery are the state sensors with their labels, and amounts with limits.
func (s *source) discovery() []byte {
	var states, counts list
	for _, o := range s.scalars {
		states = append(states, s.stateSensor(o, nil)...)
		counts = append(counts, s.countSensor(o, nil)...)
	}
	for _, t := range s.tables {
		if transient[tablePath(t.Table)] {
			continue // LibreNMS looks for new rows every six hours: an alarm is over by then
		}
		for _, o := range t.metrics {
			states = append(states, s.stateSensor(o, t)...)
			counts = append(counts, s.countSensor(o, t)...)
		}
	}
	sensors := object{{"state", object{{"data", states}}}, {"count", object{{"data", counts}}}}
	return document(librenmsComment+strings.Join(moduleNames(), " "), object{
		{"mib", s.usedModules()},
		{"modules", object{
			{"os", object{
				{"hardware", "MIBGATE-DCM-MIB::unitInfoProductName.0"},
				{"version", "MIBGATE-DCM-MIB::softwareVersion.0"},
				{"serial", "MIBGATE-DCM-MIB::unitInfoSerialNumber.0"},
			}},
			{"sensors", sensors},
		}},
	})
}

// usedModules are the modules with variables, for net-snmp's -m.
func (s *source) usedModules() string {
	var names []string
	for _, m := range s.Registry.Modules() {
		if !m.Standard {
			names = append(names, m.Name)
		}
	}
	return strings.Join(names, ":")
}

func qualified(o *mib.Object) string { return o.Module.Name + "::" + o.Name }

// sensor is what every sensor has; the index distinguishes it in its class.
func (s *source) sensor(o *mib.Object, t *table) object {
	if t == nil {
		descr := words(o.Param)
		if isRestartInfo(o) {
			descr = o.Module.Service + " needs a restart"
		}
		return object{
			{"oid", qualified(o)},
			{"value", qualified(o)},
			{"num_oid", "." + s.oid(o.OID.Append(0))},
			{"index", o.Module.Service + "." + o.Name + ".0"},
			{"descr", descr},
		}
	}
	descr := t.noun
	for _, c := range t.nameColumns {
		descr += " {{ $" + qualified(c) + " }}"
	}
	if o.Param != "State" {
		descr += " " + strings.ToLower(words(o.Param))
	}
	return object{
		{"oid", t.Module.Name + "::" + t.Name},
		{"value", qualified(o)},
		{"num_oid", "." + s.oid(o.OID) + ".{{ $index }}"},
		{"index", o.Name + ".{{ $index }}"},
		{"descr", descr},
		{"group", t.Module.Service + " " + words(t.Param)},
	}
}

// stateSensor is the sensor of a state with health.
func (s *source) stateSensor(o *mib.Object, t *table) list {
	levels := health(o)
	if levels == nil {
		return nil
	}
	sensor := s.sensor(o, t)
	sensor.add("state_name", "mibgate"+o.Module.Service+strings.ToUpper(o.Name[:1])+o.Name[1:])
	var states list
	for _, l := range o.Syntax.Enum {
		states = append(states, flow{{"descr", l.Name}, {"graph", 1}, {"value", int(l.Number)}, {"generic", int(levels[l.Name])}})
	}
	sensor.add("states", states)
	return list{sensor}
}

// countSensor is the sensor of an amount with limits, or of a counter that
// stands still while all is well: LibreNMS shows how it grows.
func (s *source) countSensor(o *mib.Object, t *table) list {
	f, ok := floors[o.Path()]
	if !ok && quiet[o.Path()] == "" {
		return nil
	}
	sensor := s.sensor(o, t)
	if ok {
		sensor.add("low_warn_limit", f.warn)
		sensor.add("low_limit", f.crit)
	}
	return list{sensor}
}
