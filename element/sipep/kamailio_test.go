package sipep

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mibgate/mib/sipep"
	"mibgate/testdata/kamailio"
	"mibgate/testdata/testcert"
)

// TestKamailioMainJob is the issue's main job against a real server.
func TestKamailioMainJob(t *testing.T) {
	for _, sha256 := range []bool{false, true} {
		t.Run(fmt.Sprintf("sha256=%v", sha256), func(t *testing.T) {
			f := prepare(t)
			server := kamailio.Start(t, kamailio.Options{SHA256: sha256, Leaf: testcert.Leaf{DNS: []string{"other.example.test"}}})
			f.setup(append(append(tlsSetup(server.TLS), userSetup(1, "100")...), userSetup(2, "101")...)...)
			f.setup(trust(server.CA))
			began := time.Now()
			f.run()
			if took := time.Since(began); took > 300*time.Millisecond {
				t.Errorf("Start took %v", took)
			}
			f.Await(linkState, "Up")
			f.Await(regState, "Registered")
			f.Await(`SipEp.RegistrationStatus[Index=2].State`, "Registered")
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("registered after %v", took)
			}
			up := f.notified(sipep.Notifications.TlsLinkUp).Notification.(sipep.TlsLinkUp)
			if up.RemoteHostIpAddr != "127.0.0.1" || up.RemoteHost != server.TLS.String() || fmt.Sprint(up.LocalPort) != f.Get("SipEp.TransportPersistentBasePort") {
				t.Errorf("%+v", up)
			}
			if log := server.Log(); !strings.Contains(log, fmt.Sprintf("<sip:100@127.0.0.1:%d;transport=tls>;q=0.7", up.LocalPort)) {
				t.Errorf("no Contact of the link in\n%s", log)
			}
		})
	}
}

// TestKamailioDoesNotFit: a certificate for another name is told when names are
// looked at, and no more when they are not.
func TestKamailioDoesNotFit(t *testing.T) {
	f, server := withKamailio(t, testcert.Leaf{DNS: []string{"other.example.test"}})
	f.run()
	f.Await(linkState, "Up")
	f.drained()
	f.setup(`SipEp.InteropTlsCertificateValidation="HostName"`)
	if got := f.Get("SipEp.NeedRestartInfo"); got != "Yes" {
		t.Errorf("NeedRestartInfo %s", got)
	}
	f.restart()
	n := f.notified(sipep.Notifications.TlsHandshakeFailed).Notification.(sipep.TlsHandshakeFailed)
	if n.LastFailureReason != sipep.TlsPersistentConnectionStatusLastFailureReasonNameMismatch || n.Gateway != "default" || n.RemoteHost != server.TLS.String() {
		t.Errorf("%+v", n)
	}
	f.Await(linkState, "Down")
	f.Await(regState, "Unreachable")
	f.setup(`SipEp.InteropTlsCertificateValidation="TrustedCertificate"`)
	f.restart()
	f.Await(linkState, "Up")
	f.Await(regState, "Registered")
}

// TestKamailioIsKilled: the loss is told within a second, and the link is back
// within the interval after the server is.
func TestKamailioIsKilled(t *testing.T) {
	f, server := withKamailio(t, testcert.Leaf{})
	f.run()
	f.Await(regState, "Registered")
	f.drained()
	began := time.Now()
	server.Kill()
	f.notified(sipep.Notifications.TlsLinkDown)
	if took := time.Since(began); took > time.Second {
		t.Errorf("told after %v", took)
	}
	f.Await(linkState, "Down")
	server.Run()
	began = time.Now()
	f.notified(sipep.Notifications.TlsLinkUp)
	if took := time.Since(began); took > 5*time.Second+500*time.Millisecond {
		t.Errorf("back after %v", took)
	}
	f.Await(regState, "Registered")
}

// TestKamailioCallsUs: requests come back over the link.
func TestKamailioCallsUs(t *testing.T) {
	f, server := withKamailio(t, testcert.Leaf{}, `SipEp.InteropSipOptionsMethodSupport="AlwaysOk"`)
	f.run()
	f.Await(regState, "Registered")
	for method, want := range map[string]string{"OPTIONS": "SIP/2.0 200 ", "INVITE": "SIP/2.0 480 "} {
		if got := string(server.Exchange(kamailio.Request(method, "100"), 5*time.Second)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", method, got)
		}
	}
	f.Stop(sipep.Module)
	if got := string(server.Exchange(kamailio.Request("OPTIONS", "100"), 5*time.Second)); !strings.HasPrefix(got, "SIP/2.0 404 ") {
		t.Errorf("after the end: %q", got)
	}
}

// TestKamailioWantsOurCertificate: refused without, which TLS 1.3 tells after
// the handshake, and Up with the certificate that is imported meanwhile.
func TestKamailioWantsOurCertificate(t *testing.T) {
	f, server := withKamailio(t, testcert.Leaf{})
	f.setup(fmt.Sprintf(`SipEp.DefaultStaticRegistrarServerHost=%q`, server.MTLS), `SipEp.DefaultStaticProxyHomeDomainHost=""`)
	f.run()
	n := f.notified(sipep.Notifications.TlsHandshakeFailed).Notification.(sipep.TlsHandshakeFailed)
	if n.LastFailureReason != sipep.TlsPersistentConnectionStatusLastFailureReasonRefused {
		t.Errorf("%+v", n)
	}
	pair, err := server.CA.Issue(testcert.Leaf{CommonName: "the unit"})
	if err != nil {
		t.Fatal(err)
	}
	f.setup(hostCertificate("unit", pair)...)
	f.Await(linkState, "Up")
	f.Await(regState, "Registered")
	f.Await(gatewayState, stateReady)
}

// withKamailio is a unit and a server that it trusts, and user 100.
func withKamailio(t *testing.T, leaf testcert.Leaf, lines ...string) (*fixture, *kamailio.Server) {
	t.Helper()
	f := prepare(t)
	server := kamailio.Start(t, kamailio.Options{Leaf: leaf})
	f.setup(append(append(tlsSetup(server.TLS), userSetup(1, "100")...), trust(server.CA))...)
	f.setup(lines...)
	return f, server
}

// TestIssueScript: the script of the first issue applies as it stands, but for
// the ports.
func TestIssueScript(t *testing.T) {
	f, server := withKamailio(t, testcert.Leaf{})
	f.setup(`SipEp.UnitRegistrations[Index=1].Delete=10`, `SipEp.Authentication[Index=1].Delete=10`)
	script := `Hoc.ClockSource="Host"
SipEp.Gateway[Name="default"].NetworkInterface="Loop"
SipEp.Gateway[Name="default"].SecurePort=15061
SipEp.TransportConfig[GatewayName="default"].UdpEnable="Disable"
SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"
SipEp.TransportConfig[GatewayName="default"].TlsQValue="0.7"
SipEp.TransportConfig[GatewayName="default"].RegistrationEnable="Enable"
SipEp.TransportConfig[GatewayName="default"].ContactEnable="Enable"
SipEp.TransportPersistentBasePort=16000
SipEp.TransportFailbackInterval=5
SipEp.InteropTlsCertificateValidation="TrustedCertificate"
SipEp.DefaultStaticRegistrarServerHost="127.0.0.1:5061"
SipEp.DefaultStaticProxyHomeDomainHost="127.0.0.1:5061"
SipEp.InteropRegisterHomeDomainOverride="example.test"
SipEp.UnitRegistrations[Index=1].Username="100"
SipEp.UnitRegistrations[Index=1].GatewayName="default"
SipEp.Authentication[Index=1].CriteriaSelection="Unit"
SipEp.Authentication[Index=1].ValidateRealm="Disable"
SipEp.Authentication[Index=1].Username="100"
SipEp.Authentication[Index=1].Password="secret"`
	script = strings.ReplaceAll(script, "127.0.0.1:5061", server.TLS.String())
	script = strings.ReplaceAll(script, "15061", fmt.Sprint(freePort(t)))
	f.setup(strings.Split(script, "\n")...)
	f.run()
	f.Await(linkState, "Up")
	f.Await(regState, "Registered")
	if got := f.Get("SipEp.TlsPersistentConnectionStatus[Index=1].LocalPort"); got != "16000" {
		t.Logf("local port %s: 16000 is in use on this machine", got)
	}
}
