package sipep

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"mibgate/element/sipdns"
	"mibgate/element/siplink"
	"mibgate/element/siptls"
	"mibgate/element/siptransport"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// plan is what a run takes from the configuration it begins with. Two plans
// that are deeply equal need no restart between them.
type plan struct {
	tls          bool // the only transport of every gateway
	basePort     uint16
	portInterval uint16
	failback     time.Duration
	connectTime  time.Duration
	transmission time.Duration
	keepAlive    siplink.KeepAlive
	level        siptls.Level
	minVersion   uint16
	suites       []uint16
	clientAuth   bool
	gateways     []gatewayPlan // in the order of their keys
	asks         bool          // the keep-alive method is a request, which any transport carries
}

// gatewayPlan is what one gateway is to be.
type gatewayPlan struct {
	name, iface      string
	domain           string // of the addresses of record; "" when nothing names one
	ownDomain        bool   // the gateway's own and not the home domain
	port, securePort uint16 // 0: the system chooses
	transports       []transportPlan
	nameInRegister   bool // Contact of REGISTER names the transport
	nameInContact    bool // every other Contact does
	servers          []server
	registrar        string // configured host, "" for none
	outbound         string
	outboundType     sipep.DefaultProxyOutboundType
}

// transportPlan is one transport of a gateway, in order of preference.
type transportPlan struct {
	transport siptransport.Transport
	q         string
}

// server is one server of a gateway.
type server struct {
	host string // as it is configured
	key  string // equal for equal servers
}

func newPlan(c mib.Configs) plan {
	cfg := sipep.Of(c)
	p := plan{
		tls:          tlsOnly(cfg),
		basePort:     uint16(cfg.TransportPersistentBasePort),     //nolint:gosec // a port by its syntax
		portInterval: uint16(cfg.TransportPersistentPortInterval), //nolint:gosec // 1000 at most
		failback:     seconds(cfg.TransportFailbackInterval),
		connectTime:  seconds(cfg.InteropTcpConnectTimeout),
		transmission: seconds(cfg.InteropTransmissionTimeout),
		keepAlive: siplink.KeepAlive{
			Method: siplink.Method(cfg.SipKeepAliveMethod), Interval: seconds(cfg.SipKeepAliveInterval), Retry: int(cfg.SipKeepAliveRetry),
		},
		level:      siptls.Level(cfg.InteropTlsCertificateValidation),
		minVersion: minVersion(cfg.TransportTlsVersion),
		suites:     cipherSuites(cfg.TransportTlsCipherSuite),
		clientAuth: cfg.InteropTlsClientAuthenticationEnable,
	}
	p.asks = p.keepAlive.Method == siplink.SIPOptions || p.keepAlive.Method == siplink.Ping
	for row := range cfg.Gateway.Active() {
		p.gateways = append(p.gateways, newGatewayPlan(cfg, row, p.tls))
	}
	return p
}

// tlsOnly reports whether TLS is enabled on any gateway, which makes it the only
// transport of all.
func tlsOnly(cfg *sipep.Config) bool {
	for row := range cfg.Gateway.Active() {
		if t := cfg.FindTransportConfig(row.Name); t != nil && t.TlsEnable {
			return true
		}
	}
	return false
}

func newGatewayPlan(cfg *sipep.Config, row *sipep.GatewayRow, tls bool) gatewayPlan {
	g := gatewayPlan{name: row.Name, iface: row.NetworkInterface, domain: row.Domain, ownDomain: row.Domain != ""}
	if row.Type == sipep.GatewayTypeTrunkGateway {
		g.port, g.securePort = portOr(row.Port, siptransport.UDP), portOr(row.SecurePort, siptransport.TLS)
	}
	if t := cfg.FindTransportConfig(row.Name); t != nil {
		g.nameInRegister, g.nameInContact = t.RegistrationEnable, t.ContactEnable
		g.transports = transportsOf(t, tls)
	}
	home, outbound, kind := proxiesOf(cfg, row.Name)
	g.registrar, g.outbound, g.outboundType = registrarOf(cfg, row.Name), outbound, kind
	if !g.ownDomain {
		g.domain = homeDomain(home, g.registrar)
	}
	for _, host := range []string{g.registrar, home, outbound} {
		g.addServer(host, tls)
	}
	return g
}

func transportsOf(t *sipep.TransportConfigRow, tls bool) []transportPlan {
	var out []transportPlan
	if tls {
		return append(out, transportPlan{siptransport.TLS, t.TlsQValue})
	}
	if t.UdpEnable {
		out = append(out, transportPlan{siptransport.UDP, t.UdpQValue})
	}
	if t.TcpEnable {
		out = append(out, transportPlan{siptransport.TCP, t.TcpQValue})
	}
	return out
}

// proxiesOf are the home domain proxy and the outbound proxy of a gateway.
func proxiesOf(cfg *sipep.Config, gateway string) (home, outbound string, kind sipep.DefaultProxyOutboundType) {
	home, outbound, kind = cfg.DefaultStaticProxyHomeDomainHost, cfg.DefaultStaticProxyOutboundHost, cfg.DefaultProxyOutboundType
	if row := cfg.GwSpecificProxy.Find(sipep.GwSpecificProxyKey(gateway)); row != nil && row.EnableConfig {
		home, outbound, kind = row.HomeDomainHost, row.OutboundHost, sipep.DefaultProxyOutboundType(row.OutboundType)
	}
	return orNone(home), orNone(outbound), kind
}

// homeDomain is the host of the home domain proxy or, where there is none, of the
// registrar.
func homeDomain(home, registrar string) string {
	if home == "" {
		return hostOf(registrar)
	}
	return hostOf(home)
}

func registrarOf(cfg *sipep.Config, gateway string) string {
	if row := cfg.GwSpecificRegistration.Find(sipep.GwSpecificRegistrationKey(gateway)); row != nil && row.EnableConfig {
		return orNone(row.ServerHost)
	}
	return orNone(cfg.DefaultStaticRegistrarServerHost)
}

// orNone is "" for what stands for no server: 0.0.0.0, with or without port.
func orNone(host string) string {
	if h, _, err := sipdns.Split(host); err == nil && h == "0.0.0.0" {
		return ""
	}
	return host
}

// addServer adds a server that is not there yet.
func (g *gatewayPlan) addServer(host string, tls bool) {
	if host == "" {
		return
	}
	s := server{host: host, key: serverKey(host, tls)}
	for _, other := range g.servers {
		if other.key == s.key {
			return
		}
	}
	g.servers = append(g.servers, s)
}

// serverKey is equal for two ways to write one server. A name without port is
// looked up by SRV and differs from the same name with the default port.
func serverKey(hostPort string, tls bool) string {
	host, port, err := sipdns.Split(hostPort)
	if err != nil {
		return hostPort
	}
	if _, err := netip.ParseAddr(host); err == nil && port == 0 {
		port = siptransport.UDP.DefaultPort()
		if tls {
			port = siptransport.TLS.DefaultPort()
		}
	}
	return strings.ToLower(host) + ":" + strconv.Itoa(int(port))
}

// next is the server that the requests of the gateway go to first.
func (g *gatewayPlan) next() string {
	if g.outbound != "" {
		return g.outbound
	}
	return g.registrar
}

// names are the transports, in order of preference.
func (g *gatewayPlan) names() []siptransport.Transport {
	out := make([]siptransport.Transport, len(g.transports))
	for i, t := range g.transports {
		out[i] = t.transport
	}
	return out
}

func portOr(port uint32, t siptransport.Transport) uint16 {
	if port == 0 {
		return t.DefaultPort()
	}
	return uint16(port) //nolint:gosec // a port by its syntax
}

func seconds(n uint32) time.Duration { return time.Duration(n) * time.Second }
