package standard

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/entity"
	"mibgate/mib/ifmib"
	"mibgate/mib/tc"
)

// lineRow is a telephone port as a row of ifTable. It is no interface of
// packets: it has the objects that ifCompliance3 of RFC 2863 asks of all
// interfaces, and no counters.
type lineRow struct{ ifRow }

// Lacks is mib.Lacking.
func (r lineRow) Lacks(column *mib.Object) bool { return uncounted[column] }

// lineDescr tells the kind as well: it is no kind that the name of an interface
// of the host has in it.
func lineDescr(l *host.Line) string { return mib.Clip(fmt.Sprint(l.Kind, " port ", l.Name), longName) }

func (r lineRow) Descr() string       { return lineDescr(r.i.Line) }
func (r lineRow) Type() tc.IANAifType { return lineTypes[r.i.Line.Kind] }

func (r lineRow) Speed() uint32 {
	return uint32(min(r.i.Rate(), math.MaxUint32)) //nolint:gosec // bounded, never negative
}

// lineXRow is a telephone port as a row of ifXTable.
type lineXRow struct{ ifXRow }

// Lacks is mib.Lacking.
func (r lineXRow) Lacks(column *mib.Object) bool { return uncounted[column] }

// IfHighSpeed is rounded (RFC 2863, ifHighSpeed).
func (r lineXRow) IfHighSpeed() uint32 {
	return uint32(min((r.i.Rate()+500_000)/1_000_000, math.MaxUint32)) //nolint:gosec // bounded, never negative
}

// lineTypes are the types of the kinds; that of an E1 is ds1 as well (RFC 4805
// §3.1).
var lineTypes = map[host.LineKind]tc.IANAifType{
	host.LineOther: tc.IANAifTypeOther,
	host.LineS0:    tc.IANAifTypeIsdns,
	host.LineUp0:   tc.IANAifTypeIsdnu,
	host.LineE1:    tc.IANAifTypeDs1,
	host.LineT1:    tc.IANAifTypeDs1,
	host.LineJ1:    tc.IANAifTypeDs1,
	host.LineFXS:   tc.IANAifTypeVoiceFXS,
	host.LineFXO:   tc.IANAifTypeVoiceFXO,
	host.LineEM:    tc.IANAifTypeVoiceEM,
}

// uncounted are the columns of interfaces of packets.
var uncounted = map[*mib.Object]bool{
	ifmib.Objects.IfMtu:               true,
	ifmib.Objects.IfInOctets:          true,
	ifmib.Objects.IfInUcastPkts:       true,
	ifmib.Objects.IfInDiscards:        true,
	ifmib.Objects.IfInErrors:          true,
	ifmib.Objects.IfInUnknownProtos:   true,
	ifmib.Objects.IfOutOctets:         true,
	ifmib.Objects.IfOutUcastPkts:      true,
	ifmib.Objects.IfOutDiscards:       true,
	ifmib.Objects.IfOutErrors:         true,
	ifmib.Objects.IfInMulticastPkts:   true,
	ifmib.Objects.IfHCInOctets:        true,
	ifmib.Objects.IfHCInUcastPkts:     true,
	ifmib.Objects.IfHCInMulticastPkts: true,
	ifmib.Objects.IfHCOutOctets:       true,
	ifmib.Objects.IfHCOutUcastPkts:    true,
	ifmib.Objects.IfPromiscuousMode:   true,
}

// addLines adds the line modules, and within each its ports.
func (p *physicalTables) addLines(n *host.Network) {
	for i := range n.LineModules {
		m := &n.LineModules[i]
		index := firstModule - 1 + m.Number
		if index > lastModule {
			continue
		}
		p.entities = append(p.entities, moduleRow(index, m))
		p.contains = append(p.contains, entity.NewEntPhysicalContainsRow(chassis, int32(index))) //nolint:gosec // bounded
		for j := range m.Ports {
			p.addLine(index, &m.Ports[j], n)
		}
	}
}

func (p *physicalTables) addLine(module int, l *host.Line, n *host.Network) {
	if i, ok := n.Interface(l.Index); !ok || i.Line == nil || l.Index > math.MaxInt32-ports {
		return
	}
	index := ports + l.Index
	p.add(part{index: index, within: module, class: tc.IANAPhysicalClassPort, position: l.Position, name: l.Name, descr: lineDescr(l)})
	p.aliases = append(p.aliases, entity.NewEntAliasMappingRow(int32(index), 0, ifmib.Objects.IfIndex.OID.Append(uint32(l.Index)))) //nolint:gosec // just checked
}

func moduleRow(index int, m *host.LineModule) entity.EntPhysicalRow {
	descr := strings.Join(strings.Fields(fmt.Sprint("line module ", cmp.Or(m.Model, m.Name), " ", m.Location)), " ")
	return entity.NewEntPhysicalRow(
		int32(index), mib.Clip(descr, longName), zeroDotZero, chassis, tc.IANAPhysicalClassModule, int32(m.Number), mib.Clip(m.Name, longName), //nolint:gosec // bounded
		mib.Clip(m.Revision, longName), "", "", mib.Clip(m.Serial, shortName), mib.Clip(m.Maker, longName), mib.Clip(m.Model, longName), "", "", m.Plugged, noDate, "", "",
	)
}
