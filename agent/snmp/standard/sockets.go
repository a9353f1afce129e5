package standard

import (
	"net/netip"
	"slices"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/tc"
	"mibgate/mib/tcpmib"
	"mibgate/mib/udpmib"
)

// connectionTables are the sockets of one snapshot.
type connectionTables struct {
	connections mib.Sorted[tcpmib.TcpConnectionRow]
	listeners   mib.Sorted[tcpmib.TcpListenerRow]
	endpoints   mib.Sorted[udpmib.UdpEndpointRow]
}

func (x transport) sockets() *connectionTables {
	return x.t.connections.of(x.t.host.Connections(), buildConnections)
}

func buildConnections(c *host.Connections) *connectionTables {
	var connections []tcpmib.TcpConnectionRow
	for i := range c.List {
		e := &c.List[i]
		local, localOctets := inetAddress(e.Local.Addr(), 0)
		remote, remoteOctets := inetAddress(e.Remote.Addr(), 0)
		connections = append(connections, tcpmib.NewTcpConnectionRow(
			local, localOctets, uint32(e.Local.Port()), remote, remoteOctets, uint32(e.Remote.Port()), tcpmib.TcpConnectionState(e.State), uint32(e.Process), //nolint:gosec // never negative
		))
	}
	var listeners []tcpmib.TcpListenerRow
	for i := range c.Listeners {
		e := &c.Listeners[i]
		kind, octets := listenAddress(e)
		listeners = append(listeners, tcpmib.NewTcpListenerRow(kind, octets, uint32(e.Local.Port()), uint32(e.Process))) //nolint:gosec // never negative
	}
	var endpoints []udpmib.UdpEndpointRow
	for i := range c.Endpoints {
		e := &c.Endpoints[i]
		local, localOctets := listenAddress(e)
		remote, remoteOctets := peerAddress(e.Remote)
		endpoints = append(endpoints, udpmib.NewUdpEndpointRow(
			local, localOctets, uint32(e.Local.Port()), remote, remoteOctets, uint32(e.Remote.Port()), max(e.Inode, 1), uint32(e.Process), //nolint:gosec // never negative
		))
	}
	tcpmib.SortTcpConnection(connections)
	tcpmib.SortTcpListener(listeners)
	udpmib.SortUdpEndpoint(endpoints)
	listeners = slices.CompactFunc(listeners, func(a, b tcpmib.TcpListenerRow) bool { // several may share a port
		return tcpmib.CompareTcpListener(a, tcpmib.TcpListenerKey(b.LocalAddressType(), b.LocalAddress(), b.LocalPort())) == 0
	})
	return &connectionTables{
		mib.NewSorted(connections, tcpmib.CompareTcpConnection), mib.NewSorted(listeners, tcpmib.CompareTcpListener), mib.NewSorted(endpoints, udpmib.CompareUdpEndpoint),
	}
}

// listenAddress is where a socket waits, which is no address for one that takes
// both IPv4 and IPv6 (RFC 4022, tcpListenerLocalAddress; RFC 4113,
// udpEndpointLocalAddress).
func listenAddress(c *host.Connection) (tc.InetAddressType, string) {
	if c.Dual {
		return tc.InetAddressTypeUnknown, ""
	}
	return inetAddress(c.Local.Addr(), 0)
}

// peerAddress is the other end of a UDP socket, which is nobody for one that is
// not connected (RFC 4113, udpEndpointRemoteAddressType).
func peerAddress(a netip.AddrPort) (tc.InetAddressType, string) {
	if a.Port() == 0 && a.Addr().IsUnspecified() {
		return tc.InetAddressTypeUnknown, ""
	}
	return inetAddress(a.Addr(), 0)
}

func (x transport) SeekTcpConnection(key mib.Key, inclusive bool) tcpmib.TcpConnectionRow {
	row, _ := x.sockets().connections.Seek(key, inclusive)
	return row
}

func (x transport) SeekTcpListener(key mib.Key, inclusive bool) tcpmib.TcpListenerRow {
	row, _ := x.sockets().listeners.Seek(key, inclusive)
	return row
}

func (x transport) SeekUdpEndpoint(key mib.Key, inclusive bool) udpmib.UdpEndpointRow {
	row, _ := x.sockets().endpoints.Seek(key, inclusive)
	return row
}
