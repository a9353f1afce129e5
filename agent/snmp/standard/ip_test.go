package standard

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ipmib"
	"mibgate/mib/tc"
	"mibgate/mib/tcpmib"
)

func TestNeighborRows(t *testing.T) {
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
	tables := buildNeighbors(&host.Neighbors{
		List: []host.Neighbor{
			{Interface: 3, Addr: netip.MustParseAddr("192.0.2.1"), Hardware: mac, State: host.Stale, Updated: 1500 * time.Millisecond},
			{Interface: 3, Addr: netip.MustParseAddr("192.0.2.2"), State: host.Incomplete},
			{Interface: 2, Addr: netip.MustParseAddr("fe80::1%2"), Hardware: mac, State: host.Reachable, Static: true},
		},
	})
	routers := buildRouters(&host.Routers{List: []host.Router{
		{Addr: netip.MustParseAddr("fe80::9%2"), Interface: 2, Lifetime: 1800 * time.Second, Preference: -1},
		{Addr: netip.MustParseAddr("192.0.2.254"), Interface: 3},
		{Addr: netip.MustParseAddr("192.0.2.253"), Interface: 3, Lifetime: 1 << 50},
	}})
	var got []string
	for r, ok := tables.neighbors.Seek(nil, true); ok; r, ok = tables.neighbors.Seek(ipmib.IpNetToPhysicalKey(r.IfIndex(), r.NetAddressType(), r.NetAddress()), false) {
		got = append(got, fmt.Sprintf("%d %d %d %x %d %d %d", r.IfIndex(), r.NetAddressType(), len(r.NetAddress()), r.PhysAddress(), r.LastUpdated(), r.Type(), r.State()))
	}
	if want := []string{"2 4 20 020000000001 0 4 1", "3 1 4 020000000001 150 3 2", "3 1 4  0 3 7"}; !slices.Equal(got, want) {
		t.Errorf("neighbors %q, want %q", got, want)
	}
	if row, _ := tables.media.Seek(nil, true); tables.media.Len() != 1 || row.NetAddress() != "\xc0\x00\x02\x01" || row.Type() != ipmib.IpNetToMediaTypeDynamic {
		t.Errorf("%d neighbors of IPv4 that are known, %+v", tables.media.Len(), row)
	}
	got = nil
	for r, ok := routers.Seek(nil, true); ok; r, ok = routers.Seek(ipmib.IpDefaultRouterKey(r.AddressType(), r.Address(), r.IfIndex()), false) {
		got = append(got, fmt.Sprint(r.AddressType(), " ", r.IfIndex(), " ", r.Lifetime(), " ", r.Preference()))
	}
	if want := []string{"Ipv4 3 65535 Medium", "Ipv4 3 65535 Medium", "Ipv6z 2 1800 Low"}; !slices.Equal(got, want) {
		t.Errorf("routers %q, want %q", got, want)
	}
}

func TestIPInterfaceRows(t *testing.T) {
	tables := buildIPInterfaces(&host.IPInterfaces{
		V4: []host.IPInterface{{Index: 2, Enabled: true, Retransmit: time.Second}},
		V6: []host.IPInterface{{Index: 1}, {Index: 2, Enabled: true, Forwarding: true, Identifier: "12345678", Reachable: 30 * time.Second, Retransmit: time.Second}},
	})
	if row, _ := tables.v4.Seek(nil, true); tables.v4.Len() != 1 || row.IfIndex() != 2 || row.RetransmitTime() != 1000 {
		t.Errorf("IPv4: %+v", row)
	}
	off, _ := tables.v6.Seek(ipmib.Ipv6InterfaceKey(1), true)
	on, _ := tables.v6.Seek(ipmib.Ipv6InterfaceKey(2), true)
	if off.EnableStatus() != ipmib.Ipv6InterfaceEnableStatusDown || off.Forwarding() != ipmib.Ipv6InterfaceForwardingNotForwarding || off.Identifier() != "" {
		t.Errorf("IPv6 that is off: %+v", off)
	}
	if on.EnableStatus() != ipmib.Ipv6InterfaceEnableStatusUp || on.Forwarding() != ipmib.Ipv6InterfaceForwardingForwarding || on.Identifier() != "12345678" || on.ReachableTime() != 30_000 {
		t.Errorf("IPv6 that is on: %+v", on)
	}
	if row, _ := tables.zones.Seek(nil, true); tables.zones.Len() != 1 || row.LinkLocal() != 2 || row.SiteLocal() != 0 {
		t.Errorf("zones: %+v", row)
	}
}

func TestICMPRows(t *testing.T) {
	traffic := &host.Traffic{
		ICMP4: host.ICMP{InMsgs: 5, OutErrors: 1, Types: map[uint8]host.ICMPType{3: {In: 4, Out: 7}, 200: {In: 1}}},
		ICMP6: host.ICMP{OutMsgs: 9}, Has6: true,
	}
	tables := buildICMP(traffic)
	four, _ := tables.all.Seek(nil, true)
	if tables.all.Len() != 2 || four.InMsgs() != 5 || four.OutErrors() != 1 {
		t.Errorf("%+v", four)
	}
	row, _ := tables.byType.Seek(ipmib.IcmpMsgStatsKey(tc.InetVersionIpv4, 3), true)
	if n := tables.byType.Len(); n != len(namedTypes4)+1+len(namedTypes6) || row.InPkts() != 4 || row.OutPkts() != 7 {
		t.Errorf("%d types, %+v", n, row)
	}
	traffic.Has6 = false
	if n := buildICMP(traffic).all.Len(); n != 1 {
		t.Errorf("%d versions without IPv6", n)
	}
}

func TestMasks(t *testing.T) {
	rows := buildAddrs(&host.Network{Addresses: []host.Address{
		{Addr: netip.MustParseAddr("192.0.2.1"), Bits: 25, Interface: 3, Broadcast: netip.MustParseAddr("192.0.2.127")},
		{Addr: netip.MustParseAddr("127.0.0.1"), Bits: 8, Interface: 1},
		{Addr: netip.MustParseAddr("2001:db8::1"), Bits: 64, Interface: 3},
	}})
	first, _ := rows.Seek(nil, true)
	last, _ := rows.Seek(ipmib.IpAddrKey("\xc0"), true)
	if rows.Len() != 2 || first.IpAdEntNetMask() != "\xff\x00\x00\x00" || first.IpAdEntBcastAddr() != 0 || last.IpAdEntNetMask() != "\xff\xff\xff\x80" || last.IpAdEntBcastAddr() != 1 || last.IpAdEntIfIndex() != 3 {
		t.Errorf("%d: %+v, %+v", rows.Len(), first, last)
	}
}

func TestConnectionRows(t *testing.T) {
	tables := buildConnections(&host.Connections{
		List: []host.Connection{
			{Local: netip.MustParseAddrPort("[2001:db8::1]:22"), Remote: netip.MustParseAddrPort("[2001:db8::2]:23"), State: 8},
			{Local: netip.MustParseAddrPort("127.0.0.1:8080"), Remote: netip.MustParseAddrPort("127.0.0.2:50000"), State: 5, Process: 12},
		},
		Listeners: []host.Connection{
			{Local: netip.MustParseAddrPort("[::]:80")}, {Local: netip.MustParseAddrPort("[::]:80"), Dual: true}, {Local: netip.MustParseAddrPort("0.0.0.0:80"), Process: 12}, {Local: netip.MustParseAddrPort("0.0.0.0:80"), Process: 13},
		},
		Endpoints: []host.Connection{
			{Local: netip.MustParseAddrPort("0.0.0.0:161"), Remote: netip.MustParseAddrPort("0.0.0.0:0"), Inode: 9}, {Local: netip.MustParseAddrPort("0.0.0.0:161"), Remote: netip.MustParseAddrPort("0.0.0.0:0"), Inode: 8},
			{Local: netip.MustParseAddrPort("127.0.0.1:99"), Remote: netip.MustParseAddrPort("127.0.0.2:98"), Inode: 7, Process: 12},
		},
	})
	row, _ := tables.connections.Seek(mib.Key{}, true)
	if tables.connections.Len() != 2 || row.LocalAddressType() != tc.InetAddressTypeIpv4 || row.LocalPort() != 8080 || row.RemPort() != 50000 || row.State() != tcpmib.TcpConnectionStateEstablished || row.Process() != 12 {
		t.Errorf("%+v", row)
	}
	if row, _ := tables.listeners.Seek(nil, true); row.LocalAddressType() != tc.InetAddressTypeUnknown || row.LocalAddress() != "" || row.LocalPort() != 80 {
		t.Errorf("%+v", row)
	}
	if row, _ := tables.listeners.Seek(tcpmib.TcpListenerKey(tc.InetAddressTypeIpv4, "", 0), true); tables.listeners.Len() != 3 || row.LocalAddress() != "\x00\x00\x00\x00" || row.LocalPort() != 80 || row.Process() == 0 {
		t.Errorf("%d listeners, %+v", tables.listeners.Len(), row)
	}
	if row, _ := tables.endpoints.Seek(nil, true); tables.endpoints.Len() != 3 || row.RemoteAddressType() != tc.InetAddressTypeUnknown || row.RemoteAddress() != "" || row.Instance() != 8 {
		t.Errorf("%d endpoints, %+v", tables.endpoints.Len(), row)
	}
}
