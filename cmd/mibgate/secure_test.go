package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mibgate/mib/sipep"
	"mibgate/testdata/kamailio"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testwait"
)

// importHost imports a certificate for the unit, issued by the CA of Kamailio.
func (s *site) importHost(name string) *x509.Certificate {
	s.t.Helper()
	pair, err := s.sip.CA.Issue(testcert.Leaf{CommonName: name})
	if err != nil {
		s.t.Fatal(err)
	}
	must(s.t, "cert", "import", "--data", s.data, "--type", "host", "--name", "unit", file(s.t, "host.pem", string(pair.CertPEM)+string(pair.KeyPEM)))
	return pair.Cert
}

func (s *site) secureAddr() string { return fmt.Sprintf("127.0.0.1:%d", s.secure) }

// dial makes a connection to the secure port; it is nil while that is closed.
func (s *site) dial() *tls.Conn {
	s.t.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: generous}, "tcp", s.secureAddr(), &tls.Config{RootCAs: s.sip.CA.Pool()})
	if err != nil {
		return nil
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}

// ask sends OPTIONS over a connection and answers the status line.
func ask(t *testing.T, c *tls.Conn) string {
	t.Helper()
	request := strings.NewReplacer("/UDP", "/TLS", "@LOCAL@", c.LocalAddr().String()).Replace(kamailio.Request("OPTIONS", "100"))
	if _, err := c.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(generous)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	status, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for line := status; line != "\r\n"; {
		if line, err = r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	return strings.TrimSpace(status)
}

// TestHostCertificate: the secure port opens when a host certificate is
// imported; a swap serves the next handshake and disturbs nothing; without the
// certificate the port closes.
func TestHostCertificate(t *testing.T) {
	peer(t, "openssl")
	s := newSite(t, siteOptions{})
	s.begin()
	s.untilUp(generous)
	if s.dial() != nil {
		t.Fatal("the secure port is open without host certificate")
	}
	const closed = "Ready, secure port closed: no host certificate"
	if got := s.gatewayState(); got != closed {
		t.Errorf("the gateway is %q", got)
	}
	first := s.importHost("first")
	var conn *tls.Conn
	testwait.Until(t, generous, "the secure port opens", func() bool { conn = s.dial(); return conn != nil })
	testwait.Until(t, generous, "the gateway is ready", func() bool { return s.gatewayState() == "Ready" })
	if got := conn.ConnectionState().PeerCertificates[0]; !got.Equal(first) {
		t.Errorf("the certificate is that of %s", got.Subject)
	}
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		s.openssl(version, true)
	}
	s.openssl("-tls1_1", false)

	second := s.importHost("second")
	testwait.Until(t, generous, "the new certificate is served", func() bool {
		c := s.dial()
		return c != nil && c.ConnectionState().PeerCertificates[0].Equal(second)
	})
	if got := ask(t, conn); got != "SIP/2.0 405 Method Not Allowed" {
		t.Errorf("on the connection from before the swap OPTIONS is answered %q", got)
	}
	must(t, "set", "--data", s.data, `Cert.HostCertificatesInfo[FileName="unit"].Delete=10`)
	testwait.Until(t, generous, "the secure port closes", func() bool { return s.dial() == nil && s.gatewayState() == closed })
	if got := s.read(sipep.Objects.TlsPersistentConnectionStatusUpCount, 1); got != "1" {
		t.Errorf("the link came up %s times", got)
	}
	s.untilUp(generous)
}

// openssl makes a handshake with the secure port in a version of TLS.
func (s *site) openssl(version string, good bool) {
	s.t.Helper()
	ca := file(s.t, "ca.pem", string(s.sip.CA.CertPEM))
	out, err := exec.Command("openssl", "s_client", "-connect", s.secureAddr(), version, "-CAfile", ca,
		"-verify_return_error", "-verify_ip", "127.0.0.1").CombinedOutput() // without standard input it ends at once
	if (err == nil) != good {
		s.t.Errorf("openssl %s: %v\n%s", version, err, out)
	}
}

// TestClientCertificate: a server that wants a certificate of ours refuses the
// link, which was never Up, until there is one.
func TestClientCertificate(t *testing.T) {
	s := newSite(t, siteOptions{server: func(k *kamailio.Server) netip.AddrPort { return k.MTLS }})
	s.begin()
	failed := s.trap(generous, sipep.Notifications.TlsHandshakeFailed)
	if got := failed.Values(); len(got) != 4 || got[2] != "700" {
		t.Errorf("the notification says %q, want reason 700", got)
	}
	s.until(generous, stateDown, sipep.Objects.TlsPersistentConnectionStatusState, 1)
	if n := s.count(sipep.Notifications.TlsLinkUp); n != 0 {
		t.Errorf("a link that was refused was up %d times", n)
	}
	began := time.Now()
	s.importHost("unit")
	s.untilUp(generous)
	t.Logf("Up and registered %v after the import began", time.Since(began))
}

// TestUDP: without TLS the line is registered over UDP, and there is no link.
func TestUDP(t *testing.T) {
	port := freePort(t)
	s := newSite(t, siteOptions{
		server: func(k *kamailio.Server) netip.AddrPort { return k.Plain },
		lines: fmt.Sprintf(`SipEp.Gateway[Name="default"].Port=%d
SipEp.TransportConfig[GatewayName="default"].UdpEnable="Enable"
SipEp.TransportConfig[GatewayName="default"].TlsEnable="Disable"
SipEp.InteropSipOptionsMethodSupport="AlwaysOk"
`, port),
	})
	before := len(s.sip.Log())
	s.begin()
	s.until(upLimit, stateRegistered, sipep.Objects.RegistrationStatusState, 1)
	for _, want := range []string{fmt.Sprintf("from udp:127.0.0.1:%d ", port), fmt.Sprintf("contact=<sip:100@127.0.0.1:%d;transport=udp>", port)} {
		testwait.Until(t, generous, "in Kamailio's log: "+want, func() bool { return strings.Contains(s.sip.Log()[before:], want) })
	}
	if got := string(s.sip.Exchange(kamailio.Request("OPTIONS", "100"), generous)); !strings.HasPrefix(got, "SIP/2.0 200 ") {
		t.Errorf("OPTIONS is answered %q", got)
	}
	if out := must(t, "walk", "--data", s.data, "SipEp.TlsPersistentConnectionStatus"); out != "" {
		t.Errorf("there are links:\n%s", out)
	}
	if got := s.gatewayState(); got != "Ready" {
		t.Errorf("the gateway is %q", got)
	}
}
