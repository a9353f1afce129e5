package standard

import (
	"math"
	"time"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ipmib"
)

// mostReassembled is the largest packet that the host puts together: any.
const mostReassembled = math.MaxUint16

// ipInterfaceTables are the tables of one snapshot.
type ipInterfaceTables struct {
	v4    mib.Sorted[ipmib.Ipv4InterfaceRow]
	v6    mib.Sorted[ipmib.Ipv6InterfaceRow]
	zones mib.Sorted[ipmib.Ipv6ScopeZoneIndexRow]
}

func (a addresses) interfaces() *ipInterfaceTables {
	return a.t.ipInterfaces.of(a.t.host.IPInterfaces(), buildIPInterfaces)
}

func buildIPInterfaces(all *host.IPInterfaces) *ipInterfaceTables {
	var v4 []ipmib.Ipv4InterfaceRow
	for _, i := range all.V4 {
		v4 = append(v4, ipmib.NewIpv4InterfaceRow(int32(i.Index), mostReassembled, ipmib.Ipv4InterfaceEnableStatusUp, milliseconds(i.Retransmit))) //nolint:gosec // the kernel's is an int
	}
	var v6 []ipmib.Ipv6InterfaceRow
	var zones []ipmib.Ipv6ScopeZoneIndexRow
	for _, i := range all.V6 {
		enabled, forwarding := ipmib.Ipv6InterfaceEnableStatusDown, ipmib.Ipv6InterfaceForwardingNotForwarding
		if i.Enabled {
			enabled = ipmib.Ipv6InterfaceEnableStatusUp
		}
		if i.Forwarding {
			forwarding = ipmib.Ipv6InterfaceForwardingForwarding
		}
		index := int32(i.Index) //nolint:gosec // the kernel's is an int
		v6 = append(v6, ipmib.NewIpv6InterfaceRow(index, mostReassembled, i.Identifier, enabled, milliseconds(i.Reachable), milliseconds(i.Retransmit), forwarding))
		if i.Identifier != "" { // RFC 4007 §5: the link is a zone; of the larger ones the host is in one
			zones = append(zones, ipmib.NewIpv6ScopeZoneIndexRow(index, uint32(index), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) //nolint:gosec // never negative
		}
	}
	ipmib.SortIpv4Interface(v4)
	ipmib.SortIpv6Interface(v6)
	ipmib.SortIpv6ScopeZoneIndex(zones)
	return &ipInterfaceTables{
		mib.NewSorted(v4, ipmib.CompareIpv4Interface), mib.NewSorted(v6, ipmib.CompareIpv6Interface), mib.NewSorted(zones, ipmib.CompareIpv6ScopeZoneIndex),
	}
}

func milliseconds(d time.Duration) uint32 {
	return uint32(min(max(d/time.Millisecond, 0), math.MaxUint32)) //nolint:gosec // bounded
}

func (a addresses) IpReasmTimeout() int32 {
	return int32(min(a.t.host.IPInterfaces().ReasmTimeout/time.Second, math.MaxInt32)) //nolint:gosec // bounded
}

func (a addresses) SeekIpv4Interface(key mib.Key, inclusive bool) ipmib.Ipv4InterfaceRow {
	row, _ := a.interfaces().v4.Seek(key, inclusive)
	return row
}

func (a addresses) SeekIpv6Interface(key mib.Key, inclusive bool) ipmib.Ipv6InterfaceRow {
	row, _ := a.interfaces().v6.Seek(key, inclusive)
	return row
}

func (a addresses) SeekIpv6ScopeZoneIndex(key mib.Key, inclusive bool) ipmib.Ipv6ScopeZoneIndexRow {
	row, _ := a.interfaces().zones.Seek(key, inclusive)
	return row
}
