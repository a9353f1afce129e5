package standard

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	sipservice "mibgate/element/sipep"
	"mibgate/mib"
	"mibgate/mib/sipep"
	"mibgate/mib/sipuamib"
	"mibgate/mib/tc"
)

// server is a server by its address.
type server struct {
	kind    tc.InetAddressType
	address string
}

// mostServers bounds the numbers that servers have had.
const mostServers = 10_000

// serverRows are the servers of the gateways, whether they answer or not; each
// keeps its number while others come and go.
func (s sip) serverRows(cfg *sipep.Config) []sipuamib.SipUACfgServerRow {
	roles := map[server]byte{}
	registrars, proxies := sipservice.Servers(cfg)
	for _, host := range registrars {
		roles[serverOf(host)] |= roleRegistrar
	}
	for _, host := range proxies {
		roles[serverOf(host)] |= roleProxy
	}
	order := slices.SortedFunc(maps.Keys(roles), func(a, b server) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.address, b.address))
	})
	var rows []sipuamib.SipUACfgServerRow
	for _, e := range order {
		if number, ok := s.t.servers.of(fmt.Sprint(e.kind, " ", e.address), mostServers); ok {
			rows = append(rows, sipuamib.NewSipUACfgServerRow(endpoint, uint32(number+1), e.kind, e.address, bits(roles[e]))) //nolint:gosec // bounded
		}
	}
	sipuamib.SortSipUACfgServer(rows)
	return rows
}

// serverOf reads a host with or without port.
func serverOf(text string) server {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return addressOf(a.Addr())
	}
	name := hostOf(text)
	if a, err := netip.ParseAddr(name); err == nil {
		return addressOf(a)
	}
	return server{tc.InetAddressTypeDns, mib.Clip(name, 255)}
}

// hostOf takes the port off; brackets around an IPv6 address go as well.
func hostOf(text string) string {
	if name, _, err := net.SplitHostPort(text); err == nil {
		return name
	}
	return strings.Trim(text, "[]")
}

func addressOf(a netip.Addr) server {
	kind, octets := inetAddress(a.Unmap().WithZone(""), 0)
	return server{kind, octets}
}

func (s sip) SeekSipUACfgServer(key mib.Key, inclusive bool) sipuamib.SipUACfgServerRow {
	row, _ := s.tables().servers.Seek(key, inclusive)
	return row
}
