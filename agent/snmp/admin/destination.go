package admin

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"mibgate/mib"
)

// MaxDestinations is how many destinations Snmp.TrapDest may hold.
const MaxDestinations = 5

// trapPort is where managers listen for notifications.
const trapPort = 162

// Destination is where a notification goes.
type Destination struct {
	Host string // name or address, without brackets
	Port uint16
}

// String is host:port.
func (d Destination) String() string {
	return net.JoinHostPort(d.Host, strconv.Itoa(int(d.Port)))
}

// hostPort is the convention that each destination follows.
var hostPort = &mib.Syntax{Base: mib.OctetString, TC: "IpHostNamePort"}

// ParseDestinations reads Snmp.TrapDest: host or host:port, separated by
// commas. The error says which one is wrong.
func ParseDestinations(list string) ([]Destination, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	parts := strings.Split(list, ",")
	if len(parts) > MaxDestinations {
		return nil, fmt.Errorf("has %d destinations, at most %d are possible", len(parts), MaxDestinations)
	}
	out := make([]Destination, len(parts))
	for i, p := range parts {
		p = strings.TrimSpace(p)
		if p == "" {
			return nil, fmt.Errorf("has an empty destination (number %d)", i+1)
		}
		d, err := parseDestination(p)
		if err != nil {
			return nil, fmt.Errorf("destination %q %w", p, err)
		}
		out[i] = d
	}
	return out, nil
}

var errPort = errors.New("has no usable port")

func parseDestination(s string) (Destination, error) {
	if err := hostPort.Check(mib.String(s)); err != nil {
		return Destination{}, err
	}
	d := Destination{Host: strings.Trim(s, "[]"), Port: trapPort}
	if host, port, err := net.SplitHostPort(s); err == nil {
		n, _ := strconv.ParseUint(port, 10, 16)
		d = Destination{Host: host, Port: uint16(n)}
	}
	if d.Port == 0 {
		return Destination{}, errPort
	}
	return d, nil
}

// The transport domains of a target (RFC 3417 §3, RFC 3419): UDP over IPv4 twice,
// over IPv6, and to a host name.
var (
	udpDomain     = mib.OID{1, 3, 6, 1, 6, 1, 1}
	udpIPv4Domain = mib.OID{1, 3, 6, 1, 2, 1, 100, 1, 1}
	udpIPv6Domain = mib.OID{1, 3, 6, 1, 2, 1, 100, 1, 2}
	udpDNSDomain  = mib.OID{1, 3, 6, 1, 2, 1, 100, 1, 14}
)

// Address is the transport domain and address of a target: six octets for
// IPv4, eighteen for IPv6, host:port for a name.
func (d Destination) Address() (domain mib.OID, address string) {
	ip, err := netip.ParseAddr(d.Host)
	switch {
	case err != nil || ip.Zone() != "":
		return udpDNSDomain, d.String()
	case ip.Is4():
		return udpDomain, string(binary.BigEndian.AppendUint16(ip.AsSlice(), d.Port))
	}
	return udpIPv6Domain, string(binary.BigEndian.AppendUint16(ip.AsSlice(), d.Port))
}

// The errors of an address that no notification can be sent to.
var (
	errDomain  = errors.New("is none of snmpUDPDomain, transportDomainUdpIpv4, transportDomainUdpIpv6 and transportDomainUdpDns")
	errAddress = errors.New("is no address of its transport domain: an address and a port in 6 octets for IPv4, 18 for IPv6, or host:port")
)

// destinationAt is what Address makes; errDomain and errAddress say what is
// wrong.
func destinationAt(domain mib.OID, address string) (Destination, error) {
	size := 0
	switch {
	case domain.Compare(udpDomain) == 0, domain.Compare(udpIPv4Domain) == 0:
		size = 4
	case domain.Compare(udpIPv6Domain) == 0:
		size = 16
	case domain.Compare(udpDNSDomain) == 0:
		if !strings.Contains(address, ":") {
			return Destination{}, errAddress
		}
		d, err := parseDestination(address)
		if err != nil {
			return Destination{}, errAddress
		}
		return d, nil
	default:
		return Destination{}, errDomain
	}
	if len(address) != size+2 {
		return Destination{}, errAddress
	}
	ip, _ := netip.AddrFromSlice([]byte(address[:size]))
	port := binary.BigEndian.Uint16([]byte(address[size:]))
	if port == 0 {
		return Destination{}, errAddress
	}
	return Destination{Host: ip.String(), Port: port}, nil
}
