package standard

import (
	"math"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ifmib"
	"mibgate/mib/tc"
)

var _ ifmib.Status = interfaces{}

// interfaces is the Status of IF-MIB.
type interfaces struct{ t *Tables }

// interfaceTables are the tables of one snapshot.
type interfaceTables struct {
	network *host.Network
	byIndex mib.Sorted[ifmib.IfRow]
	more    mib.Sorted[ifmib.IfXRow]
	stack   mib.Sorted[ifmib.IfStackRow]
}

func (i interfaces) tables() *interfaceTables {
	return i.t.interfaces.of(i.t.host.Network(), buildInterfaces)
}

func buildInterfaces(n *host.Network) *interfaceTables {
	rows := make([]ifmib.IfRow, len(n.Interfaces))
	more := make([]ifmib.IfXRow, len(n.Interfaces))
	for i := range n.Interfaces {
		row := ifRow{&n.Interfaces[i]}
		rows[i], more[i] = row, ifXRow{row}
		if row.i.Line != nil {
			rows[i], more[i] = lineRow{row}, lineXRow{ifXRow{row}}
		}
	}
	var stack []ifmib.IfStackRow
	for _, l := range n.Stack {
		stack = append(stack, ifmib.NewIfStackRow(int32(l.Higher), int32(l.Lower), mib.RowActive)) //nolint:gosec // the kernel's is an int
	}
	ifmib.SortIf(rows)
	ifmib.SortIfX(more)
	ifmib.SortIfStack(stack)
	return &interfaceTables{n, mib.NewSorted(rows, ifmib.CompareIf), mib.NewSorted(more, ifmib.CompareIfX), mib.NewSorted(stack, ifmib.CompareIfStack)}
}

func (i interfaces) IfNumber() int32 {
	return int32(i.tables().byIndex.Len()) //nolint:gosec // they are few
}

func (i interfaces) IfTableLastChange() uint32 { return ticksOf(i.tables().network.LastChange) }
func (i interfaces) IfStackLastChange() uint32 { return ticksOf(i.tables().network.StackChange) }

func (i interfaces) SeekIf(key mib.Key, inclusive bool) ifmib.IfRow {
	row, _ := i.tables().byIndex.Seek(key, inclusive)
	return row
}

func (i interfaces) SeekIfX(key mib.Key, inclusive bool) ifmib.IfXRow {
	row, _ := i.tables().more.Seek(key, inclusive)
	return row
}

func (i interfaces) SeekIfStack(key mib.Key, inclusive bool) ifmib.IfStackRow {
	row, _ := i.tables().stack.Seek(key, inclusive)
	return row
}

// ifRow is a row of ifTable.
type ifRow struct{ i *host.Interface }

func (r ifRow) Index() int32        { return int32(r.i.Index) } //nolint:gosec // the kernel's is an int
func (r ifRow) Descr() string       { return mib.Clip(r.i.Name, 255) }
func (r ifRow) Type() tc.IANAifType { return kindOf(r.i) }
func (r ifRow) Mtu() int32          { return int32(min(r.i.MTU, math.MaxInt32)) } //nolint:gosec // bounded

// Speed is at its end when there is more (RFC 2863 §3.1.8).
func (r ifRow) Speed() uint32 {
	return uint32(min(r.i.Megabits*1_000_000, math.MaxUint32)) //nolint:gosec // bounded
}

func (r ifRow) PhysAddress() string { return string(r.i.Address) }

func (r ifRow) AdminStatus() ifmib.IfAdminStatus {
	if r.i.AdminUp() {
		return ifmib.IfAdminStatusUp
	}
	return ifmib.IfAdminStatusDown
}

func (r ifRow) OperStatus() ifmib.IfOperStatus { return ifmib.IfOperStatus(r.i.State) }
func (r ifRow) LastChange() uint32             { return ticksOf(r.i.Since) }

func (r ifRow) InOctets() uint32        { return low(r.i.Counters.InOctets) }
func (r ifRow) InUcastPkts() uint32     { return low(unicast(&r.i.Counters)) }
func (r ifRow) InDiscards() uint32      { return low(r.i.Counters.InDropped) }
func (r ifRow) InErrors() uint32        { return low(r.i.Counters.InErrors) }
func (r ifRow) InUnknownProtos() uint32 { return low(r.i.Counters.InUnwanted) }
func (r ifRow) OutOctets() uint32       { return low(r.i.Counters.OutOctets) }
func (r ifRow) OutUcastPkts() uint32    { return low(r.i.Counters.OutPackets) }
func (r ifRow) OutDiscards() uint32     { return low(r.i.Counters.OutDropped) }
func (r ifRow) OutErrors() uint32       { return low(r.i.Counters.OutErrors) }

// ifXRow is a row of ifXTable.
type ifXRow struct{ ifRow }

func (r ifXRow) IfIndex() int32              { return r.Index() }
func (r ifXRow) IfName() string              { return r.i.Name }
func (r ifXRow) IfInMulticastPkts() uint32   { return low(r.i.Counters.InMulticast) }
func (r ifXRow) IfHCInOctets() uint64        { return r.i.Counters.InOctets }
func (r ifXRow) IfHCInUcastPkts() uint64     { return unicast(&r.i.Counters) }
func (r ifXRow) IfHCInMulticastPkts() uint64 { return r.i.Counters.InMulticast }
func (r ifXRow) IfHCOutOctets() uint64       { return r.i.Counters.OutOctets }
func (r ifXRow) IfHCOutUcastPkts() uint64    { return r.i.Counters.OutPackets }

func (r ifXRow) IfLinkUpDownTrapEnable() ifmib.IfLinkUpDownTrapEnable {
	if r.i.Watched() {
		return ifmib.IfLinkUpDownTrapEnableEnabled
	}
	return ifmib.IfLinkUpDownTrapEnableDisabled
}

func (r ifXRow) IfHighSpeed() uint32 {
	return uint32(min(r.i.Megabits, math.MaxUint32)) //nolint:gosec // bounded, never negative
}

func (r ifXRow) IfPromiscuousMode() bool            { return r.i.Promisc }
func (r ifXRow) IfConnectorPresent() bool           { return r.i.Device }
func (r ifXRow) IfAlias() string                    { return mib.Clip(r.i.Alias, 64) }
func (r ifXRow) IfCounterDiscontinuityTime() uint32 { return ticksOf(r.i.Created) }

// unicast leaves out the multicasts, which the kernel may count a moment before.
func unicast(c *host.Counters) uint64 { return c.InPackets - min(c.InMulticast, c.InPackets) }

// low is the Counter32 of a counter.
func low(n uint64) uint32 { return uint32(n) } //nolint:gosec // wraps by definition

// hardware are the ARPHRD_… of linux/if_arp.h.
var hardware = map[uint16]tc.IANAifType{
	1:     tc.IANAifTypeEthernetCsmacd,
	32:    tc.IANAifTypeInfiniband,
	256:   tc.IANAifTypeSlip,
	257:   tc.IANAifTypeSlip,
	512:   tc.IANAifTypePpp,
	768:   tc.IANAifTypeTunnel,
	769:   tc.IANAifTypeTunnel,
	772:   tc.IANAifTypeSoftwareLoopback,
	776:   tc.IANAifTypeTunnel,
	778:   tc.IANAifTypeTunnel,
	801:   tc.IANAifTypeIeee80211,
	802:   tc.IANAifTypeIeee80211,
	803:   tc.IANAifTypeIeee80211,
	804:   tc.IANAifTypeIeee802154,
	823:   tc.IANAifTypeTunnel,
	65534: tc.IANAifTypePropVirtual, // no hardware: tun
}

// software are kinds of links that look like Ethernet and are something else.
var software = map[string]tc.IANAifType{
	"bond":      tc.IANAifTypeIeee8023adLag,
	"bridge":    tc.IANAifTypeBridge,
	"team":      tc.IANAifTypeIeee8023adLag,
	"tun":       tc.IANAifTypePropVirtual,
	"vlan":      tc.IANAifTypeL2vlan,
	"wireguard": tc.IANAifTypeTunnel,
}

func kindOf(i *host.Interface) tc.IANAifType {
	if t, ok := software[i.Kind]; ok {
		return t
	}
	if t, ok := hardware[i.Hardware]; ok {
		return t
	}
	return tc.IANAifTypeOther
}
