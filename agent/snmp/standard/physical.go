package standard

import (
	"math"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/dcm"
	"mibgate/mib/entity"
	"mibgate/mib/hoc"
	"mibgate/mib/ifmib"
	"mibgate/mib/tc"
)

var _ entity.Status = physical{}

// physical is the Status of ENTITY-MIB.
type physical struct{ t *Tables }

// The numbers of physical entities.
const (
	chassis     = 1
	firstSensor = 101
	lastSensor  = 999
	ports       = 1000 // and ifIndex
)

// physicalTables are the tables of one moment.
type physicalTables struct {
	entities mib.Sorted[entity.EntPhysicalRow]
	aliases  mib.Sorted[entity.EntAliasMappingRow]
	contains mib.Sorted[entity.EntPhysicalContainsRow]
}

// parts are what physical entities are made of.
type parts struct {
	network *host.Network
	sensors *host.Sensors
}

// unit is what the chassis says of itself.
type unit struct{ name, product, serial, hardware, software string }

// unit asks the services Dcm and Hoc; one that is not there tells nothing.
func (p physical) unit() unit {
	var u unit
	if s, ok := p.t.el.Services.Status(dcm.Module).(dcm.Status); ok {
		u.product, u.serial = s.UnitInfoProductName(), clip(s.UnitInfoSerialNumber(), 32)
		u.hardware, u.software = s.UnitInfoHardwareRevision(), s.SoftwareVersion()
	}
	u.name = clip(hoc.Of(p.t.el.Store.Current()).SystemName, 32)
	return u
}

func (p physical) tables() *physicalTables {
	return p.t.physical.of(parts{p.t.host.Network(), p.t.host.Sensors()}, p.build)
}

func (p physical) build(from parts) *physicalTables {
	rows := []entity.EntPhysicalRow{p.chassis(p.unit())}
	var aliases []entity.EntAliasMappingRow
	var contains []entity.EntPhysicalContainsRow
	for i, s := range from.sensors.List {
		if index := firstSensor + i; index <= lastSensor {
			rows = append(rows, part{index: index, class: tc.IANAPhysicalClassSensor, position: i + 1, name: s.Name, descr: "sensor " + s.Name}.row())
			contains = append(contains, entity.NewEntPhysicalContainsRow(chassis, int32(index))) //nolint:gosec // bounded
		}
	}
	position := 0
	for i := range from.network.Interfaces {
		link := &from.network.Interfaces[i]
		if !isPort(link) {
			continue
		}
		position++
		index := ports + link.Index
		rows = append(rows, part{index: index, class: tc.IANAPhysicalClassPort, position: position, name: link.Name, descr: "network port " + link.Name, alias: clip(link.Alias, 32)}.row())
		aliases = append(aliases, entity.NewEntAliasMappingRow(int32(index), 0, ifmib.Objects.IfIndex.OID.Append(uint32(link.Index)))) //nolint:gosec // isPort bounds it
		contains = append(contains, entity.NewEntPhysicalContainsRow(chassis, int32(index)))                                           //nolint:gosec // isPort bounds it
	}
	return &physicalTables{
		mib.NewSorted(rows, entity.CompareEntPhysical),
		mib.NewSorted(aliases, entity.CompareEntAliasMapping),
		mib.NewSorted(contains, entity.CompareEntPhysicalContains),
	}
}

func (p physical) chassis(u unit) entity.EntPhysicalRow {
	return entity.NewEntPhysicalRow(
		chassis, u.product+" software SIP media gateway", p.t.product, 0, tc.IANAPhysicalClassChassis, -1, u.product,
		u.hardware, "", u.software, u.serial, "", u.product, u.name, "", true,
	)
}

// part is an entity within the chassis.
type part struct {
	index       int
	class       tc.IANAPhysicalClass
	position    int
	name, descr string
	alias       string
}

func (p part) row() entity.EntPhysicalRow {
	return entity.NewEntPhysicalRow(
		int32(p.index), clip(p.descr, 255), zeroDotZero, chassis, p.class, int32(p.position), clip(p.name, 255), //nolint:gosec // bounded
		"", "", "", "", "", "", p.alias, "", false,
	)
}

// isPort tells whether something can be plugged in at an interface: a device,
// or the end of a virtual cable, which is all that a container has.
func isPort(i *host.Interface) bool {
	plug := i.Device || i.Kind == "veth" || i.Kind == "macvlan" || i.Kind == "ipvlan" || i.Kind == "" && len(i.Address) > 0
	return plug && !i.Loopback() && i.Index <= math.MaxInt32-ports
}

// EntLastChangeTime is when an interface came or went: nothing else does.
func (p physical) EntLastChangeTime() uint32 { return ticksOf(p.t.host.Network().LastChange) }

func (p physical) SeekEntPhysical(key mib.Key, inclusive bool) entity.EntPhysicalRow {
	row, _ := p.tables().entities.Seek(key, inclusive)
	return row
}

func (p physical) SeekEntAliasMapping(key mib.Key, inclusive bool) entity.EntAliasMappingRow {
	row, _ := p.tables().aliases.Seek(key, inclusive)
	return row
}

func (p physical) SeekEntPhysicalContains(key mib.Key, inclusive bool) entity.EntPhysicalContainsRow {
	row, _ := p.tables().contains.Seek(key, inclusive)
	return row
}
