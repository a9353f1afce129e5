package standard

import (
	"cmp"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"mibgate/element/host"
	"mibgate/element/service"
	"mibgate/mib"
	"mibgate/mib/dcm"
	"mibgate/mib/networkservices"
	"mibgate/mib/sipcommon"
	"mibgate/mib/sipep"
	"mibgate/mib/sipuamib"
	"mibgate/mib/tc"
)

// endpoint is the SIP endpoint among the network services: applIndex.
const endpoint = 1

// Bits are numbered from the left (RFC 3416 §8).
const (
	roleUserAgent = 0x80 >> 1
	roleProxy     = 0x80 >> 2
	roleRegistrar = 0x80 >> 4

	transportUDP = 0x80 >> 1
	transportTCP = 0x80 >> 2
	transportTLS = 0x80 >> 4
)

// sip is the Status of NETWORK-SERVICES-MIB, SIP-COMMON-MIB and SIP-UA-MIB.
type sip struct{ t *Tables }

var (
	_ networkservices.Status = sip{}
	_ sipcommon.Status       = sip{}
	_ sipuamib.Status        = sip{}
)

// sipTables are the tables of one moment.
type sipTables struct {
	appl    mib.Sorted[networkservices.ApplRow]
	config  mib.Sorted[sipcommon.SipCommonCfgRow]
	ports   mib.Sorted[sipcommon.SipCommonPortRow]
	servers mib.Sorted[sipuamib.SipUACfgServerRow]
}

// tables reads the service SipEp at most once a second; without it there are no
// rows.
func (s sip) tables() *sipTables { return s.t.sip.get(host.MaxAge, s.read) }

func (s sip) read() *sipTables {
	info, ok := s.t.el.Services.Service(sipep.Module.Service)
	status, ok2 := s.t.el.Services.Status(sipep.Module).(sipep.Status)
	if !ok || !ok2 {
		return &sipTables{}
	}
	ports := portRows(status, sipep.Of(s.t.el.Store.Current()))
	servers, links := serverRows(status)
	state, since := operation(info, status)
	started, changed := s.upTimeAt(info.StartedAt), s.upTimeAt(since)
	version := ""
	if unit, ok := s.t.el.Services.Status(dcm.Module).(dcm.Status); ok {
		version = unit.SoftwareVersion()
	}
	return &sipTables{
		mib.NewSorted([]networkservices.ApplRow{
			networkservices.NewApplRow(endpoint, info.Module.Service, version, started, applStates[state], changed, links, firstSentence(info.Module.Description)),
		}, networkservices.CompareAppl),
		mib.NewSorted([]sipcommon.SipCommonCfgRow{
			sipcommon.NewSipCommonCfgRow(endpoint, "SIP/2.0", sipStates[state], started, changed, bits(roleUserAgent)),
		}, sipcommon.CompareSipCommonCfg),
		mib.NewSorted(ports, sipcommon.CompareSipCommonPort),
		mib.NewSorted(servers, sipuamib.CompareSipUACfgServer),
	}
}

// operating is what the status of a service tells that may have started and have
// no gateway that is ready.
type operating interface {
	Operating() (ready bool, since time.Time)
}

// operation is the state of the service, and since when it is in it: one that
// has started and does nothing is as one that does not respond.
func operation(info service.Info, status sipep.Status) (service.State, time.Time) {
	o, ok := status.(operating)
	if !ok || info.State != service.Started {
		return info.State, info.Since
	}
	ready, since := o.Operating()
	if since.Before(info.Since) {
		since = info.Since
	}
	if ready {
		return service.Started, since
	}
	return service.NotResponding, since
}

// upTimeAt is sysUpTime at a time; 0 for the zero time.
func (s sip) upTimeAt(at time.Time) uint32 {
	if at.IsZero() {
		return 0
	}
	return ticksOf(max(at.Sub(s.t.begun), 0))
}

var applStates = map[service.State]networkservices.ApplOperStatus{
	service.Started:       networkservices.ApplOperStatusUp,
	service.Starting:      networkservices.ApplOperStatusRestarting,
	service.Stopped:       networkservices.ApplOperStatusHalted,
	service.Stopping:      networkservices.ApplOperStatusQuiescing,
	service.NotResponding: networkservices.ApplOperStatusDown,
}

var sipStates = map[service.State]sipcommon.SipCommonCfgServiceOperStatus{
	service.Started:       sipcommon.SipCommonCfgServiceOperStatusUp,
	service.Starting:      sipcommon.SipCommonCfgServiceOperStatusRestarting,
	service.Stopped:       sipcommon.SipCommonCfgServiceOperStatusDown,
	service.Stopping:      sipcommon.SipCommonCfgServiceOperStatusQuiescing,
	service.NotResponding: sipcommon.SipCommonCfgServiceOperStatusDown,
}

// bits is a BITS of at most eight.
func bits(b byte) string { return string([]byte{b}) }

// portRows are the ports that gateways listen on now; several may share one.
func portRows(status sipep.Status, cfg *sipep.Config) []sipcommon.SipCommonPortRow {
	open := map[uint32]byte{}
	for g := status.SeekGatewayStatus(nil, true); g != nil; g = status.SeekGatewayStatus(sipep.GatewayStatusKey(g.Name()), false) {
		t := cfg.FindTransportConfig(g.Name())
		if t == nil {
			continue
		}
		if t.UdpEnable {
			open[g.Port()] |= transportUDP
		}
		if t.TcpEnable {
			open[g.Port()] |= transportTCP
		}
		if t.TlsEnable {
			open[g.SecurePort()] |= transportTLS
		}
	}
	var rows []sipcommon.SipCommonPortRow
	for _, port := range slices.Sorted(maps.Keys(open)) {
		if port != 0 { // it is not open
			rows = append(rows, sipcommon.NewSipCommonPortRow(endpoint, port, bits(open[port])))
		}
	}
	return rows
}

// server is a server by its address.
type server struct {
	kind    tc.InetAddressType
	address string
}

// serverRows are the other ends of links and the registrars, and how many links
// are up.
func serverRows(status sipep.Status) (rows []sipuamib.SipUACfgServerRow, links uint32) {
	roles := map[server]byte{}
	for l := status.SeekTlsPersistentConnectionStatus(nil, true); l != nil; l = status.SeekTlsPersistentConnectionStatus(sipep.TlsPersistentConnectionStatusKey(l.Index()), false) {
		roles[serverOf(l.RemoteHost())] |= roleProxy
		if l.State() == sipep.TlsPersistentConnectionStatusStateUp {
			links++
		}
	}
	for r := status.SeekRegistrationStatus(nil, true); r != nil; r = status.SeekRegistrationStatus(sipep.RegistrationStatusKey(r.Index()), false) {
		roles[serverOf(r.Registrar())] |= roleRegistrar
	}
	delete(roles, server{})
	order := slices.SortedFunc(maps.Keys(roles), func(a, b server) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.address, b.address))
	})
	for i, s := range order {
		rows = append(rows, sipuamib.NewSipUACfgServerRow(endpoint, uint32(i+1), s.kind, s.address, bits(roles[s]))) //nolint:gosec // as many as gateways and lines
	}
	return rows, links
}

// serverOf reads a host with or without port; "" is no server.
func serverOf(text string) server {
	if text == "" {
		return server{}
	}
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

func (s sip) SeekAppl(key mib.Key, inclusive bool) networkservices.ApplRow {
	row, _ := s.tables().appl.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipCommonCfg(key mib.Key, inclusive bool) sipcommon.SipCommonCfgRow {
	row, _ := s.tables().config.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipCommonPort(key mib.Key, inclusive bool) sipcommon.SipCommonPortRow {
	row, _ := s.tables().ports.Seek(key, inclusive)
	return row
}

func (s sip) SeekSipUACfgServer(key mib.Key, inclusive bool) sipuamib.SipUACfgServerRow {
	row, _ := s.tables().servers.Seek(key, inclusive)
	return row
}
