package sipep

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"

	"mibgate/element/siptransport"
	"mibgate/mib/sipep"
	"mibgate/testdata/testcert"
)

// TestNeedRestart: what a run cannot take shows, and no more when it is taken
// back; everything else is taken live.
func TestNeedRestart(t *testing.T) {
	tests := []struct {
		set, back string
		want      string
	}{
		{`SipEp.Gateway[Name="default"].Port=7777`, `SipEp.Gateway[Name="default"].Port=7778`, "Yes"},
		{`SipEp.Gateway[Name="default"].Domain="a.test"`, `SipEp.Gateway[Name="default"].Domain=""`, "Yes"},
		{`SipEp.Gateway[Name="trunk2"].Port=5070`, `SipEp.Gateway[Name="trunk2"].Delete=10`, "Yes"},
		{`SipEp.Gateway[Name="default"].RowStatus="NotInService"`, `SipEp.Gateway[Name="default"].RowStatus="Active"`, "Yes"},
		{`SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"`, `SipEp.TransportConfig[GatewayName="default"].TlsEnable="Disable"`, "Yes"},
		{`SipEp.TransportConfig[GatewayName="default"].UdpQValue="0.1"`, `SipEp.TransportConfig[GatewayName="default"].UdpQValue=""`, "Yes"},
		{`SipEp.DefaultStaticRegistrarServerHost="a.test"`, `SipEp.DefaultStaticRegistrarServerHost=""`, "Yes"},
		{`SipEp.DefaultStaticProxyOutboundHost="a.test"`, `SipEp.DefaultStaticProxyOutboundHost="0.0.0.0"`, "Yes"},
		{`SipEp.InteropTlsCertificateValidation="NoValidation"`, `SipEp.InteropTlsCertificateValidation="HostName"`, "Yes"},
		{`SipEp.InteropTlsClientAuthenticationEnable="Enable"`, `SipEp.InteropTlsClientAuthenticationEnable="Disable"`, "Yes"},
		{`SipEp.TransportTlsVersion="TLSv1_3"`, `SipEp.TransportTlsVersion="TLSv1_2"`, "Yes"},
		{`SipEp.TransportTlsCipherSuite="CS1"`, `SipEp.TransportTlsCipherSuite="CS3"`, "Yes"},
		{`SipEp.SipKeepAliveInterval=5`, `SipEp.SipKeepAliveInterval=30`, "Yes"},
		{`SipEp.InteropTransmissionTimeout=5`, `SipEp.InteropTransmissionTimeout=32`, "Yes"},
		{`SipEp.MinSeverity="Error"`, "", "No"},
		{`SipEp.UnitRegistrations[Index=1].Username="1"`, "", "No"},
		{`SipEp.Authentication[Index=1].Username="1"`, "", "No"},
		{`SipEp.DefaultRegistrationRetryTime=1`, "", "No"},
		{`SipEp.InteropUaHeaderFormat="x"`, "", "No"},
		{`SipEp.InteropMaxForwardsValue=1`, "", "No"},
		{`SipEp.SupportedDnsQueries="Address"`, "", "No"},
		{`SipEp.InteropSipOptionsMethodSupport="AlwaysOk"`, "", "No"},
		{`SipEp.GwSpecificProxy[GatewayName="default"].HomeDomainHost="not.enabled.test"`, "", "No"},
	}
	for _, tt := range tests {
		name, _, _ := strings.Cut(tt.set, "=")
		t.Run(name, func(t *testing.T) {
			f := prepare(t)
			f.setup(`SipEp.Gateway[Name="default"].Port=7778`, `SipEp.UnitRegistrations[Index=9].RowStatus="CreateAndWait"`)
			f.run()
			f.setup(tt.set)
			if got := f.Get("SipEp.NeedRestartInfo"); got != tt.want {
				t.Errorf("after %s: %s", tt.set, got)
			}
			if tt.back == "" {
				return
			}
			f.setup(tt.back)
			if got := f.Get("SipEp.NeedRestartInfo"); got != "No" {
				t.Errorf("after %s: %s", tt.back, got)
			}
		})
	}
}

func TestRestartTakesWhatIsStored(t *testing.T) {
	f, s := tlsFixture(t)
	f.run()
	f.Await(linkState, "Up")
	f.setup(`SipEp.TransportTlsVersion="TLSv1_3"`, `SipEp.Gateway[Name="default"].Domain="mine.test"`)
	f.restart()
	if got := f.Get("SipEp.NeedRestartInfo"); got != "No" {
		t.Errorf("NeedRestartInfo %s", got)
	}
	f.Await(regState, "Registered")
	if got := f.Get(`SipEp.GatewayStatus[Name="default"].Domain`); got != "mine.test" {
		t.Errorf("domain %s", got)
	}
	for r := s.next(); r.req.To().Address.Host != "mine.test"; r = s.next() {
		continue
	}
	if got := f.Get("SipEp.TlsPersistentConnectionStatus[Index=1].UpCount"); got != "2" { // since the start of the unit
		t.Errorf("UpCount %s", got)
	}
}

// TestDomainOfAGateway: the gateway's own, what REGISTER has instead of the home
// domain, the home domain; without a home domain proxy the registrar.
func TestDomainOfAGateway(t *testing.T) {
	const registrar, home = `SipEp.DefaultStaticRegistrarServerHost="192.0.2.1:5061"`, `SipEp.DefaultStaticProxyHomeDomainHost="home.test:5061"`
	const override, own = `SipEp.InteropRegisterHomeDomainOverride="over.test"`, `SipEp.Gateway[Name="default"].Domain="own.test"`
	tests := []struct {
		name                string
		lines               []string
		registers, inStatus string
	}{
		{"nothing", nil, "", ""},
		{"registrar alone", []string{registrar}, "192.0.2.1", "192.0.2.1"},
		{"home domain", []string{registrar, home}, "home.test", "home.test"},
		{"no home domain proxy", []string{registrar, `SipEp.DefaultStaticProxyHomeDomainHost="0.0.0.0:0"`}, "192.0.2.1", "192.0.2.1"},
		{"override", []string{registrar, home, override}, "over.test", "home.test"},
		{"own", []string{registrar, home, override, own}, "own.test", "own.test"},
		{"of the gateway's proxy", []string{
			registrar, home, `SipEp.GwSpecificProxy[GatewayName="default"].EnableConfig="Enable"`,
			`SipEp.GwSpecificProxy[GatewayName="default"].HomeDomainHost="gw.test"`,
		}, "gw.test", "gw.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare(t)
			if len(tt.lines) > 0 {
				f.setup(tt.lines...)
			}
			snap := f.Store.Current()
			p := newPlan(snap)
			if got := domainOf(snap, &p.gateways[0]); got != tt.registers {
				t.Errorf("registers in %q, want %q", got, tt.registers)
			}
			if got := p.gateways[0].domain; got != tt.inStatus {
				t.Errorf("the status has %q, want %q", got, tt.inStatus)
			}
		})
	}
}

func TestServersOfAGateway(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  string // servers, then next
	}{
		{"none", nil, "[] "},
		{"registrar", []string{`SipEp.DefaultStaticRegistrarServerHost="a.test"`}, "[a.test] a.test"},
		{"all zeroes", []string{`SipEp.DefaultStaticRegistrarServerHost="0.0.0.0:0"`}, "[] "},
		{"one server in two places", []string{`SipEp.DefaultStaticRegistrarServerHost="a.test:5061"`, `SipEp.DefaultStaticProxyHomeDomainHost="A.test:5061"`}, "[a.test:5061] a.test:5061"},
		{"one address", []string{`SipEp.DefaultStaticRegistrarServerHost="192.0.2.1"`, `SipEp.DefaultStaticProxyHomeDomainHost="192.0.2.1:5061"`}, "[192.0.2.1] 192.0.2.1"},
		{"found by SRV or not", []string{`SipEp.DefaultStaticRegistrarServerHost="a.test"`, `SipEp.DefaultStaticProxyHomeDomainHost="a.test:5061"`}, "[a.test a.test:5061] a.test"},
		{"outbound", []string{`SipEp.DefaultStaticRegistrarServerHost="a.test"`, `SipEp.DefaultStaticProxyOutboundHost="b.test"`}, "[a.test b.test] b.test"},
		{"those of the gateway", []string{
			`SipEp.DefaultStaticRegistrarServerHost="a.test"`, `SipEp.DefaultStaticProxyOutboundHost="b.test"`,
			`SipEp.GwSpecificProxy[GatewayName="default"].EnableConfig="Enable"`, `SipEp.GwSpecificRegistration[GatewayName="default"].ServerHost="c.test"`,
			`SipEp.GwSpecificRegistration[GatewayName="default"].EnableConfig="Enable"`,
		}, "[c.test] c.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare(t)
			f.setup(`SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"`)
			f.setup(tt.lines...)
			p := newPlan(f.Store.Current())
			g := p.gateways[0]
			hosts := []string{}
			for _, s := range g.servers {
				hosts = append(hosts, s.host)
			}
			if got := fmt.Sprintf("%v %s", hosts, g.next()); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestTLSAnywhereMeansTLSEverywhere: the switches of UDP and TCP do not count
// then, on any gateway.
func TestTLSAnywhereMeansTLSEverywhere(t *testing.T) {
	f := prepare(t)
	f.setup(`SipEp.Gateway[Name="trunk2"].SecurePort=7061`, `SipEp.Gateway[Name="trunk2"].NetworkInterface="Loop"`, `SipEp.Gateway[Name="trunk2"].Port=7060`,
		`SipEp.TransportConfig[GatewayName="trunk2"].TlsEnable="Enable"`, `SipEp.TransportConfig[GatewayName="default"].TcpEnable="Enable"`)
	p := newPlan(f.Store.Current())
	for _, g := range p.gateways {
		if len(g.transports) != 1 || g.transports[0].transport != siptransport.TLS {
			t.Errorf("%s: %v", g.name, g.transports)
		}
	}
	f.run()
	for _, name := range []string{"default", "trunk2"} {
		port := f.Get(fmt.Sprintf("SipEp.Gateway[Name=%q].Port", name))
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			c.Close()
			t.Errorf("%s listens on TCP port %s", name, port)
		}
	}
	f.setup(`SipEp.TransportConfig[GatewayName="trunk2"].TlsEnable="Disable"`)
	if p := newPlan(f.Store.Current()); p.tls || len(p.gateways[1].transports) != 2 {
		t.Errorf("%+v", p.gateways)
	}
}

func TestCipherSets(t *testing.T) {
	secure, known := map[uint16]bool{}, map[uint16]bool{}
	for _, s := range tls.CipherSuites() {
		known[s.ID], secure[s.ID] = true, true
	}
	for _, s := range tls.InsecureCipherSuites() {
		known[s.ID] = true
	}
	var sizes []int
	for _, set := range []sipep.TransportTlsCipherSuite{sipep.TransportTlsCipherSuiteCS3, sipep.TransportTlsCipherSuiteCS2, sipep.TransportTlsCipherSuiteCS1} {
		suites := cipherSuites(set)
		sizes = append(sizes, len(suites))
		for _, id := range suites {
			name := tls.CipherSuiteName(id)
			if !known[id] || strings.Contains(name, "RC4") || strings.Contains(name, "3DES") {
				t.Errorf("%v has %s", set, name)
			}
			if set == sipep.TransportTlsCipherSuiteCS3 && (!secure[id] || strings.Contains(name, "CBC")) {
				t.Errorf("cS3 has %s", name)
			}
		}
	}
	if sizes[0] >= sizes[1] || sizes[1] >= sizes[2] {
		t.Errorf("sizes %v", sizes)
	}
}

// TestOldServers: a server that knows nothing newer is reached with the floor
// and the set that the operator chose, and with nothing less.
func TestOldServers(t *testing.T) {
	tests := []struct {
		name, floor, set string
		maxVersion       uint16
		suite            uint16
		want, reason     string
	}{
		{"TLS 1.1 below the floor", "TLSv1_2", "CS2", tls.VersionTLS11, 0, "Down", "ProtocolVersion"},
		{"TLS 1.1 above the floor", "TLSv1", "CS2", tls.VersionTLS11, 0, "Up", "None"},
		{"CBC in cS2", "TLSv1_2", "CS2", tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "Up", "None"},
		{"CBC not in cS3", "TLSv1_2", "CS3", tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "Down", "Other"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := prepare(t)
			s := newRegistrar(t, siptransport.TLS)
			old, err := tls.Listen("tcp", "127.0.0.1:0", oldServer(s.leaf, tt.maxVersion, tt.suite))
			if err != nil {
				t.Fatal(err)
			}
			defer old.Close()
			go serveOld(old)
			s.addr = old.Addr().(*net.TCPAddr).AddrPort()
			f.setup(append(tlsSetup(s.addr), trust(s.ca), `SipEp.TransportTlsVersion="`+tt.floor+`"`, `SipEp.TransportTlsCipherSuite="`+tt.set+`"`)...)
			f.run()
			f.Await("SipEp.TlsPersistentConnectionStatus[Index=1].LastFailureReason", tt.reason)
			f.Await(linkState, tt.want)
		})
	}
}

func oldServer(leaf tls.Certificate, newest, suite uint16) *tls.Config {
	cfg := &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS10, MaxVersion: newest} //nolint:gosec // what is tested
	if suite != 0 {
		cfg.CipherSuites = []uint16{suite}
	}
	return cfg
}

// serveOld shakes hands until the listener is closed.
func serveOld(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_, _ = c.Read(make([]byte, 1000))
			_, _ = c.Read(make([]byte, 1000))
		}()
	}
}

// TestMutualTLS: our host certificate answers a server that asks for one, and
// our secure port asks when it is told to.
func TestMutualTLS(t *testing.T) {
	f, s := tlsFixture(t, `SipEp.InteropTlsClientAuthenticationEnable="Enable"`)
	ours, err := s.ca.Issue(testcert.Leaf{CommonName: "the unit"})
	if err != nil {
		t.Fatal(err)
	}
	f.setup(hostCertificate("unit", ours)...)
	f.run()
	f.Await(gatewayState, stateReady)
	at := "127.0.0.1:" + f.Get(`SipEp.GatewayStatus[Name="default"].SecurePort`)
	dial := func(certs ...tls.Certificate) error {
		c, err := tls.Dial("tcp", at, &tls.Config{RootCAs: s.ca.Pool(), Certificates: certs})
		if err != nil {
			return err
		}
		defer c.Close()
		if _, err := c.Write([]byte("\r\n\r\n")); err != nil {
			return err
		}
		_, err = c.Read(make([]byte, 2)) // pong: TLS 1.3 refuses after the handshake
		return err
	}
	if err := dial(); err == nil {
		t.Error("a client without certificate was let in")
	}
	theirs, err := s.ca.Issue(testcert.Leaf{})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := theirs.TLS()
	if err != nil {
		t.Fatal(err)
	}
	if err := dial(pair); err != nil {
		t.Errorf("a client with a certificate: %v", err)
	}
}
