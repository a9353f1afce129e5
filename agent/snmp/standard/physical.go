package standard

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"mibgate/element/event"
	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/dcm"
	"mibgate/mib/entity"
	"mibgate/mib/hoc"
	"mibgate/mib/ifmib"
	"mibgate/mib/snmp"
	"mibgate/mib/tc"
)

var _ entity.Status = physical{}

// physical is the Status of ENTITY-MIB.
type physical struct{ t *Tables }

// The numbers of physical entities.
const (
	chassis     = 1
	firstModule = 2
	lastModule  = 100
	firstSensor = 101
	lastSensor  = 700
	firstCPU    = 701
	lastCPU     = 900
	firstFan    = 901
	lastFan     = 999
	ports       = 1000 // and ifIndex
)

// changeInterval is the least time between two entConfigChange (RFC 6933).
const changeInterval = 5 * time.Second

// The most octets of names (RFC 6933): an SnmpAdminString, and those of 32.
const (
	longName  = 255
	shortName = 32
)

// physicalTables are the tables of one moment.
type physicalTables struct {
	from     parts
	entities []entity.EntPhysicalRow
	aliases  []entity.EntAliasMappingRow
	contains []entity.EntPhysicalContainsRow
	changed  time.Duration // up time of the unit when they last became others
}

// parts are what physical entities are made of.
type parts struct {
	network    *host.Network
	sensors    *host.Sensors
	processors *host.Processors
}

// inventory is the physical entities as they are now, and since when.
type inventory struct {
	mu   sync.Mutex // of who makes the tables anew
	last atomic.Pointer[physicalTables]
}

// unit is what the chassis says of itself.
type unit struct{ name, kind, product, serial, hardware, software string }

// unit asks the services Dcm and Hoc; one that is not there tells nothing.
func (p physical) unit() unit {
	u := unit{kind: p.t.product.String()}
	if s, ok := p.t.el.Services.Status(dcm.Module).(dcm.Status); ok {
		u.product, u.serial = s.UnitInfoProductName(), mib.Clip(s.UnitInfoSerialNumber(), shortName)
		u.hardware, u.software = s.UnitInfoHardwareRevision(), s.SoftwareVersion()
	}
	u.name = mib.Clip(hoc.Of(p.t.el.Store.Current()).SystemName, shortName)
	return u
}

func (p physical) parts() parts {
	return parts{p.t.host.Network(), p.t.host.Sensors(), p.t.host.Processors()}
}

// tables makes the tables anew when the host has new snapshots. One at a time
// does, or an older snapshot would seem to be a change.
func (p physical) tables() *physicalTables {
	all := &p.t.inventory
	if last := all.last.Load(); last != nil && last.from == p.parts() {
		return last
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	last, from := all.last.Load(), p.parts()
	if last != nil && last.from == from {
		return last
	}
	next := p.build(from)
	next.note(last, p.t.el.UpTime())
	all.last.Store(next)
	return next
}

// note completes the tables with when they last changed. Of an interface that
// came, went or was renamed the host knows it better than who looks later.
func (p *physicalTables) note(last *physicalTables, now time.Duration) {
	switch {
	case last == nil:
	case p.same(last):
		p.changed = last.changed
	case max(p.from.network.LastChange, p.from.network.Renamed) > last.changed:
		p.changed = max(p.from.network.LastChange, p.from.network.Renamed)
	default:
		p.changed = now
	}
}

func (p *physicalTables) same(as *physicalTables) bool {
	return reflect.DeepEqual(p.entities, as.entities) && reflect.DeepEqual(p.aliases, as.aliases) && reflect.DeepEqual(p.contains, as.contains)
}

// add puts an entity into another.
func (p *physicalTables) add(e part) {
	p.entities = append(p.entities, e.row())
	p.contains = append(p.contains, entity.NewEntPhysicalContainsRow(int32(e.within), int32(e.index))) //nolint:gosec // bounded
}

func (p physical) build(from parts) *physicalTables {
	t := &physicalTables{from: from, entities: []entity.EntPhysicalRow{p.chassis(p.unit())}}
	t.addSensors(from.sensors, &p.t.places)
	for _, cpu := range from.processors.List {
		if index := firstCPU + cpu.Number; index <= lastCPU {
			t.add(part{index: index, within: chassis, class: tc.IANAPhysicalClassCpu, position: cpu.Number + 1, name: fmt.Sprint("cpu", cpu.Number), descr: cmp.Or(cpu.Model, "processor")})
		}
	}
	t.addPorts(from.network)
	t.addLines(from.network)
	entity.SortEntPhysical(t.entities)
	entity.SortEntAliasMapping(t.aliases)
	entity.SortEntPhysicalContains(t.contains)
	return t
}

// addSensors adds the sensors, and the fans: each has the sensor that counts
// its rotations.
func (p *physicalTables) addSensors(all *host.Sensors, numbers *places) {
	for _, s := range all.List {
		number, ok := numbers.sensors.of(s.Key, lastSensor-firstSensor+1)
		if !ok {
			continue
		}
		e := part{index: firstSensor + number, within: chassis, class: tc.IANAPhysicalClassSensor, position: number + 1, name: s.Name, descr: "sensor " + s.Name}
		if s.Kind == host.RPM {
			if fan, ok := numbers.fans.of(s.Key, lastFan-firstFan+1); ok {
				p.add(part{index: firstFan + fan, within: chassis, class: tc.IANAPhysicalClassFan, position: fan + 1, name: s.Name, descr: "fan " + s.Name})
				e.within, e.position = firstFan+fan, 1
			}
		}
		p.add(e)
	}
}

// addPorts adds the ports. The kernel gives no ifIndex twice, so that it is the
// position as well.
func (p *physicalTables) addPorts(n *host.Network) {
	for i := range n.Interfaces {
		link := &n.Interfaces[i]
		if !isPort(link) {
			continue
		}
		index := ports + link.Index
		p.add(part{index: index, within: chassis, class: tc.IANAPhysicalClassPort, position: link.Index, name: link.Name, descr: "network port " + link.Name, alias: mib.Clip(link.Alias, shortName)})
		p.aliases = append(p.aliases, entity.NewEntAliasMappingRow(int32(index), 0, ifmib.Objects.IfIndex.OID.Append(uint32(link.Index)))) //nolint:gosec // isPort bounds it
	}
}

func (p physical) chassis(u unit) entity.EntPhysicalRow {
	return entity.NewEntPhysicalRow(
		chassis, u.product+" software SIP media gateway", p.t.product, 0, tc.IANAPhysicalClassChassis, -1, u.product,
		u.hardware, "", u.software, u.serial, "", u.product, u.name, "", true, noDate, u.uri(), u.uuid(),
	)
}

// part is an entity within another.
type part struct {
	index       int
	within      int
	class       tc.IANAPhysicalClass
	position    int
	name, descr string
	alias       string
}

func (p part) row() entity.EntPhysicalRow {
	return entity.NewEntPhysicalRow(
		int32(p.index), mib.Clip(p.descr, longName), zeroDotZero, int32(p.within), p.class, int32(p.position), mib.Clip(p.name, longName), //nolint:gosec // bounded
		"", "", "", "", "", "", p.alias, "", false, noDate, "", "",
	)
}

// isPort tells whether something can be plugged in at an interface: a device,
// or the end of a virtual cable, which is all that a container has.
func isPort(i *host.Interface) bool {
	plug := i.Device || i.Kind == "veth" || i.Kind == "macvlan" || i.Kind == "ipvlan" || i.Kind == "" && len(i.Address) > 0
	return plug && i.Line == nil && !i.Loopback() && i.Index <= math.MaxInt32-ports
}

// EntLastChangeTime is when an entity last came, went or became another.
func (p physical) EntLastChangeTime() uint32 { return ticksOf(p.tables().changed) }

// watch tells of changes until done is closed, at most once in an interval,
// which is what throttles entConfigChange (RFC 6933 §3, entConfigChange).
func (p physical) watch(done <-chan struct{}, interval time.Duration) {
	known := p.tables().changed
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if changed := p.tables().changed; changed != known {
			known = changed
			p.t.el.Bus.Emit(event.Event{
				Module: snmp.Module, ID: MsgEntityChange, Severity: event.Info,
				Text: "a part of the unit came, went or changed", Notification: entity.EntConfigChange{},
			})
		}
	}
}

func (p physical) SeekEntPhysical(key mib.Key, inclusive bool) entity.EntPhysicalRow {
	row, _ := mib.NewSorted(p.tables().entities, entity.CompareEntPhysical).Seek(key, inclusive)
	return row
}

func (p physical) SeekEntAliasMapping(key mib.Key, inclusive bool) entity.EntAliasMappingRow {
	row, _ := mib.NewSorted(p.tables().aliases, entity.CompareEntAliasMapping).Seek(key, inclusive)
	return row
}

func (p physical) SeekEntPhysicalContains(key mib.Key, inclusive bool) entity.EntPhysicalContainsRow {
	row, _ := mib.NewSorted(p.tables().contains, entity.CompareEntPhysicalContains).Seek(key, inclusive)
	return row
}
