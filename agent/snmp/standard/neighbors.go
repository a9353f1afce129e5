package standard

import (
	"math"
	"net/netip"
	"time"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ipmib"
)

// neighborTables are the tables of one snapshot.
type neighborTables struct {
	neighbors mib.Sorted[ipmib.IpNetToPhysicalRow]
	media     mib.Sorted[ipmib.IpNetToMediaRow]
}

func (a addresses) neighbors() *neighborTables {
	return a.t.neighbors.of(a.t.host.Neighbors(), buildNeighbors)
}

func buildNeighbors(n *host.Neighbors) *neighborTables {
	var rows []ipmib.IpNetToPhysicalRow
	var media []ipmib.IpNetToMediaRow
	for i := range n.List {
		e := &n.List[i]
		kind, octets := inetAddress(e.Addr, e.Interface)
		typ, typ4 := ipmib.IpNetToPhysicalTypeDynamic, ipmib.IpNetToMediaTypeDynamic
		if e.Static {
			typ, typ4 = ipmib.IpNetToPhysicalTypeStatic, ipmib.IpNetToMediaTypeStatic
		}
		rows = append(rows, ipmib.NewIpNetToPhysicalRow(
			int32(e.Interface), kind, octets, string(e.Hardware), ticksOf(e.Updated), typ, ipmib.IpNetToPhysicalState(e.State), mib.RowActive, //nolint:gosec // the kernel's is an int
		))
		if e.Addr.Is4() && len(e.Hardware) > 0 {
			media = append(media, ipmib.NewIpNetToMediaRow(int32(e.Interface), octets, string(e.Hardware), typ4)) //nolint:gosec // the kernel's is an int
		}
	}
	ipmib.SortIpNetToPhysical(rows)
	ipmib.SortIpNetToMedia(media)
	return &neighborTables{
		mib.NewSorted(rows, ipmib.CompareIpNetToPhysical), mib.NewSorted(media, ipmib.CompareIpNetToMedia),
	}
}

// buildRouters is the table of routers. One without an end to its life has the
// longest there is.
func buildRouters(routers *host.Routers) mib.Sorted[ipmib.IpDefaultRouterRow] {
	var rows []ipmib.IpDefaultRouterRow
	for _, r := range routers.List {
		kind, octets := inetAddress(r.Addr, r.Interface)
		life := uint32(math.MaxUint16)
		if r.Lifetime > 0 {
			life = uint32(min(r.Lifetime/time.Second, math.MaxUint16)) //nolint:gosec // bounded
		}
		rows = append(rows, ipmib.NewIpDefaultRouterRow(kind, octets, int32(r.Interface), life, ipmib.IpDefaultRouterPreference(r.Preference))) //nolint:gosec // the kernel's is an int, a preference at most 1
	}
	ipmib.SortIpDefaultRouter(rows)
	return mib.NewSorted(rows, ipmib.CompareIpDefaultRouter)
}

func (a addresses) SeekIpNetToPhysical(key mib.Key, inclusive bool) ipmib.IpNetToPhysicalRow {
	row, _ := a.neighbors().neighbors.Seek(key, inclusive)
	return row
}

func (a addresses) SeekIpNetToMedia(key mib.Key, inclusive bool) ipmib.IpNetToMediaRow {
	row, _ := a.neighbors().media.Seek(key, inclusive)
	return row
}

func (a addresses) SeekIpDefaultRouter(key mib.Key, inclusive bool) ipmib.IpDefaultRouterRow {
	row, _ := a.t.routers.of(a.t.host.Routers(), buildRouters).Seek(key, inclusive)
	return row
}

// buildAddrs is ipAddrTable: the addresses of IPv4, with the mask of each. Who
// asks for it knows no others.
func buildAddrs(n *host.Network) mib.Sorted[ipmib.IpAddrRow] {
	var rows []ipmib.IpAddrRow
	for i := range n.Addresses {
		a := &n.Addresses[i]
		if !a.Addr.Is4() {
			continue
		}
		mask := netip.PrefixFrom(netip.AddrFrom4([4]byte{0xff, 0xff, 0xff, 0xff}), a.Bits).Masked().Addr()
		broadcast := int32(0)
		if a.Broadcast.Is4() {
			broadcast = int32(a.Broadcast.As4()[3] & 1)
		}
		rows = append(rows, ipmib.NewIpAddrRow(string(a.Addr.AsSlice()), int32(a.Interface), string(mask.AsSlice()), broadcast, mostReassembled)) //nolint:gosec // the kernel's is an int
	}
	ipmib.SortIpAddr(rows)
	return mib.NewSorted(rows, ipmib.CompareIpAddr)
}

func (a addresses) SeekIpAddr(key mib.Key, inclusive bool) ipmib.IpAddrRow {
	row, _ := a.tables().v4.Seek(key, inclusive)
	return row
}
