package lab

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
)

// The well-known names and secrets of the lab: it is on loopback only.
const (
	Domain    = "example.test"
	Password  = "secret"
	Community = "public"
)

// Ports are where the peers listen on 127.0.0.1, and what is set aside for the
// gateway. A port that is taken is replaced by a free one.
type Ports struct {
	SIP, Traps, SNTP   uint16 // the peers'
	SNMP, Secure, Base uint16 // the gateway's: agent, secure SIP port, first local port of links
}

// WellKnown are the ports the lab asks for first.
var WellKnown = Ports{SIP: 5061, Traps: 1162, SNTP: 1123, SNMP: 1161, Secure: 15061, Base: 16000}

// Lab is the running peers.
type Lab struct {
	Ports     Ports
	CA        []byte // certificate of the authority, PEM
	Registrar *Registrar
	sntp      *sntpServer
	traps     *trapReceiver
}

// Start brings the peers up; what arrives is told on out, one line each.
func Start(want Ports, out io.Writer) (l *Lab, err error) {
	l = &Lab{Ports: want}
	defer func() {
		if err != nil {
			l.Close()
		}
	}()
	a, err := newAuthority()
	if err != nil {
		return nil, err
	}
	l.CA = a.certPEM
	say := &teller{w: out}
	if l.Registrar, err = startRegistrar(&l.Ports.SIP, a, say); err != nil {
		return nil, err
	}
	if l.sntp, err = startSNTP(&l.Ports.SNTP); err != nil {
		return nil, err
	}
	if l.traps, err = startTraps(&l.Ports.Traps, say); err != nil {
		return nil, err
	}
	for _, p := range []*uint16{&l.Ports.SNMP, &l.Ports.Secure, &l.Ports.Base} {
		if err := freePort(p); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Close ends the peers.
func (l *Lab) Close() {
	if l.Registrar != nil {
		l.Registrar.close()
	}
	if l.sntp != nil {
		l.sntp.close()
	}
	if l.traps != nil {
		l.traps.close()
	}
}

// loopback is the only address the lab uses.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

func at(port uint16) netip.AddrPort { return netip.AddrPortFrom(loopback, port) }

// freePort keeps *port when nothing listens there over UDP or TCP, and replaces
// it otherwise. Another process may take it before it is used; that shows as an
// error then.
func freePort(port *uint16) error {
	for _, p := range []uint16{*port, 0} {
		addr := net.JoinHostPort(loopback.String(), strconv.Itoa(int(p)))
		t, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		u, err := net.ListenPacket("udp", t.Addr().String())
		_ = t.Close()
		if err != nil {
			continue
		}
		_ = u.Close()
		*port = netip.MustParseAddrPort(t.Addr().String()).Port()
		return nil
	}
	return errors.New("lab: no free port on 127.0.0.1")
}

// Script is the configuration that makes a gateway use the peers, with the
// given number of lines.
func (l *Lab) Script(lines int) string {
	p := l.Ports
	s := fmt.Sprintf(`# The lab's configuration. Its community and password are well known: keep it on loopback.
Hoc.ClockSource="Sntp"
Hoc.StaticSntpServerHost="127.0.0.1:%d"
SipEp.Gateway[Name="default"].NetworkInterface="Loop"
SipEp.Gateway[Name="default"].SecurePort=%d
SipEp.TransportConfig[GatewayName="default"].UdpEnable="Disable"
SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"
SipEp.TransportConfig[GatewayName="default"].RegistrationEnable="Enable"
SipEp.TransportConfig[GatewayName="default"].ContactEnable="Enable"
SipEp.TransportPersistentBasePort=%d
SipEp.TransportFailbackInterval=5
SipEp.InteropTlsCertificateValidation="HostName"
SipEp.DefaultStaticRegistrarServerHost="127.0.0.1:%d"
SipEp.DefaultStaticProxyHomeDomainHost="127.0.0.1:%d"
SipEp.InteropRegisterHomeDomainOverride="%s"
Snmp.EnableSnmpV2="Enable"
Snmp.Community="%s"
Snmp.CommunityRole="Admin"
Snmp.TrapVersion="V2c"
Snmp.TrapDest="127.0.0.1:%d"
`, p.SNTP, p.Secure, p.Base, p.SIP, p.SIP, Domain, Community, p.Traps)
	for i := 1; i <= lines; i++ {
		s += line(i, strconv.Itoa(99+i))
	}
	return s
}

// line is one registration with its credentials.
func line(i int, user string) string {
	return fmt.Sprintf(`SipEp.UnitRegistrations[Index=%[1]d].Username="%[2]s"
SipEp.UnitRegistrations[Index=%[1]d].GatewayName="default"
SipEp.Authentication[Index=%[1]d].CriteriaSelection="Username"
SipEp.Authentication[Index=%[1]d].UsernameCriteria="%[2]s"
SipEp.Authentication[Index=%[1]d].ValidateRealm="Disable"
SipEp.Authentication[Index=%[1]d].Username="%[2]s"
SipEp.Authentication[Index=%[1]d].Password="%[3]s"
`, i, user, Password)
}
