package standard

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ipmib"
	"mibgate/mib/tc"
)

var _ ipmib.Status = addresses{}

// addresses is the Status of IP-MIB.
type addresses struct{ t *Tables }

// addressTables are the tables of one snapshot.
type addressTables struct {
	addresses mib.Sorted[ipmib.IpAddressRow]
	prefixes  mib.Sorted[ipmib.IpAddressPrefixRow]
	v4        mib.Sorted[ipmib.IpAddrRow]
}

func (a addresses) tables() *addressTables {
	return a.t.addresses.of(a.t.host.Network(), buildAddresses)
}

func buildAddresses(n *host.Network) *addressTables {
	var rows []ipmib.IpAddressRow
	var prefixes []ipmib.IpAddressPrefixRow
	for i := range n.Addresses {
		a := &n.Addresses[i]
		prefix := prefixOf(a)
		rows = append(rows, addressRow(a, a.Addr, ipmib.IpAddressTypeUnicast, prefix))
		prefixes = append(prefixes, prefix)
		if a.Broadcast.IsValid() && a.Broadcast != a.Addr {
			rows = append(rows, addressRow(a, a.Broadcast, ipmib.IpAddressTypeBroadcast, prefix))
		}
	}
	ipmib.SortIpAddress(rows)
	rows = slices.CompactFunc(rows, func(a, b ipmib.IpAddressRow) bool { // two addresses of a network share one for all
		return ipmib.CompareIpAddress(a, ipmib.IpAddressKey(b.AddrType(), b.Addr())) == 0
	})
	ipmib.SortIpAddressPrefix(prefixes)
	prefixes = slices.CompactFunc(prefixes, func(a, b ipmib.IpAddressPrefixRow) bool {
		return ipmib.CompareIpAddressPrefix(a, ipmib.IpAddressPrefixKey(b.IfIndex(), b.Type(), b.Prefix(), b.Length())) == 0
	})
	return &addressTables{mib.NewSorted(rows, ipmib.CompareIpAddress), mib.NewSorted(prefixes, ipmib.CompareIpAddressPrefix), buildAddrs(n)}
}

func addressRow(a *host.Address, addr netip.Addr, typ ipmib.IpAddressType, prefix ipmib.IpAddressPrefixRow) ipmib.IpAddressRow {
	kind, octets := inetAddress(addr, a.Interface)
	return ipmib.NewIpAddressRow(
		kind, octets, int32(a.Interface), typ, prefixPointer(prefix), //nolint:gosec // the kernel's is an int
		tc.IpAddressOriginTC(a.Origin), tc.IpAddressStatusTC(a.Status), ticksOf(a.Created), ticksOf(a.Changed),
		mib.RowActive, tc.StorageTypeVolatile,
	)
}

// inetAddress is an address as INET-ADDRESS-MIB has it; a link-local one has
// the number of its interface behind it (RFC 4001 §3).
func inetAddress(a netip.Addr, index int) (tc.InetAddressType, string) {
	octets := string(a.AsSlice())
	switch {
	case a.Is4():
		return tc.InetAddressTypeIpv4, octets
	case a.Zone() == "":
		return tc.InetAddressTypeIpv6, octets
	}
	return tc.InetAddressTypeIpv6z, string(binary.BigEndian.AppendUint32([]byte(octets), uint32(index))) //nolint:gosec // never negative
}

// prefixOf is the network of an address. Only those of IPv6 routers are
// learnt.
func prefixOf(a *host.Address) ipmib.IpAddressPrefixRow {
	network := a.Prefix().Addr()
	kind, octets := inetAddress(network.WithZone(a.Addr.Zone()), a.Interface)
	origin := tc.IpAddressPrefixOriginTCManual
	autonomous := false
	switch {
	case a.Addr.Is6() && a.Addr.IsLinkLocalUnicast(), a.Addr.IsLoopback():
		origin, autonomous = tc.IpAddressPrefixOriginTCWellknown, a.Addr.IsLinkLocalUnicast()
	case a.Origin == host.OriginDHCP:
		origin = tc.IpAddressPrefixOriginTCDhcp
	case a.Origin == host.OriginLinkLayer, a.Origin == host.OriginRandom:
		origin, autonomous = tc.IpAddressPrefixOriginTCRouteradv, true
	}
	return ipmib.NewIpAddressPrefixRow(int32(a.Interface), kind, octets, uint32(a.Bits), origin, true, autonomous) //nolint:gosec // never negative
}

// prefixPointer is a RowPointer: the first accessible column of the row.
func prefixPointer(p ipmib.IpAddressPrefixRow) mib.OID {
	key := ipmib.IpAddressPrefixKey(p.IfIndex(), p.Type(), p.Prefix(), p.Length())
	return mib.AppendInstance(ipmib.Tables.IpAddressPrefix.Index, slices.Clone(ipmib.Objects.IpAddressPrefixOrigin.OID), key)
}

func (a addresses) SeekIpAddress(key mib.Key, inclusive bool) ipmib.IpAddressRow {
	row, _ := a.tables().addresses.Seek(key, inclusive)
	return row
}

func (a addresses) SeekIpAddressPrefix(key mib.Key, inclusive bool) ipmib.IpAddressPrefixRow {
	row, _ := a.tables().prefixes.Seek(key, inclusive)
	return row
}

func (a addresses) IpForwarding() ipmib.IpForwarding {
	if a.t.host.Network().Forwarding4 {
		return ipmib.IpForwardingForwarding
	}
	return ipmib.IpForwardingNotForwarding
}

func (a addresses) Ipv6IpForwarding() ipmib.Ipv6IpForwarding {
	if a.t.host.Network().Forwarding6 {
		return ipmib.Ipv6IpForwardingForwarding
	}
	return ipmib.Ipv6IpForwardingNotForwarding
}

// IpDefaultTTL is what RFC 1122 has when the host does not tell.
func (a addresses) IpDefaultTTL() int32 {
	if ttl := a.t.host.Network().TTL4; ttl >= 1 && ttl <= 255 {
		return int32(ttl)
	}
	return 64
}

func (a addresses) Ipv6IpDefaultHopLimit() int32 {
	return int32(min(max(a.t.host.Network().HopLimit6, 0), 255)) //nolint:gosec // bounded
}
