package standard

import (
	"maps"
	"slices"
	"time"

	"mibgate/element/host"
	"mibgate/element/service"
	sipservice "mibgate/element/sipep"
	"mibgate/mib"
	"mibgate/mib/dcm"
	"mibgate/mib/networkservices"
	"mibgate/mib/sipcommon"
	"mibgate/mib/sipep"
	"mibgate/mib/sipuamib"
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
	stats   sipStats
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
	cfg := sipep.Of(s.t.el.Store.Current())
	state, since := operation(info, status)
	started, changed := s.upTimeAt(info.StartedAt), s.upTimeAt(since)
	version := ""
	if unit, ok := s.t.el.Services.Status(dcm.Module).(dcm.Status); ok {
		version = unit.SoftwareVersion()
	}
	var activity sipservice.Activity
	if a, ok := status.(active); ok {
		activity = a.Activity()
	}
	in, out := &activity.Inbound, &activity.Outbound
	return &sipTables{
		mib.NewSorted([]networkservices.ApplRow{networkservices.NewApplRow(
			endpoint, info.Module.Service, version, started, applStates[state], changed, uint32(in.Now), uint32(out.Now), low(in.All), low(out.All), //nolint:gosec // connections
			s.upTimeAt(in.Last), s.upTimeAt(out.Last), low(in.Failed), low(out.Failed), firstSentence(info.Module.Description),
		)}, networkservices.CompareAppl),
		mib.NewSorted([]sipcommon.SipCommonCfgRow{
			sipcommon.NewSipCommonCfgRow(endpoint, "SIP/2.0", sipStates[state], started, changed, bits(roleUserAgent)),
		}, sipcommon.CompareSipCommonCfg),
		mib.NewSorted(portRows(status, cfg), sipcommon.CompareSipCommonPort),
		mib.NewSorted(s.serverRows(cfg), sipuamib.CompareSipUACfgServer),
		buildSIPStats(&activity),
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
