package snmp

import (
	"fmt"
	"net"
	"net/netip"

	"mibgate/element/netif"
)

// addresses is where the agent listens: the addresses of a network interface
// with the configured port. All is IPv6 as well.
func addresses(iface string, port uint16) ([]netip.AddrPort, error) {
	a, err := netif.ManagementAddr(iface)
	if err != nil {
		return nil, err
	}
	return everywhere(netip.AddrPortFrom(a, port)), nil
}

// everywhere adds the IPv6 form to the address that means all of IPv4.
func everywhere(a netip.AddrPort) []netip.AddrPort {
	if a.Addr() != netip.IPv4Unspecified() {
		return []netip.AddrPort{a}
	}
	return []netip.AddrPort{a, netip.AddrPortFrom(netip.IPv6Unspecified(), a.Port())}
}

// ParseListen reads the address of the start option for SNMP: HOST:PORT with
// an IPv4 address, an IPv6 address in brackets, or localhost. Without a host
// it is every address.
func ParseListen(s string) ([]netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return nil, errListen(s)
	}
	all := host == ""
	switch host {
	case "":
		host = "0.0.0.0"
	case "localhost":
		host = "127.0.0.1"
	}
	a, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	if err != nil {
		return nil, errListen(s)
	}
	if all {
		return everywhere(a), nil
	}
	return []netip.AddrPort{a}, nil
}

func errListen(s string) error {
	return fmt.Errorf("%q is not HOST:PORT with an IPv4 address or an IPv6 address in brackets", s)
}
