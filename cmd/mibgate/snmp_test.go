package main

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

// freePort is a UDP port of 127.0.0.1 that was free a moment ago.
func freePort(t *testing.T) uint16 {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

// TestSNMPUnderAnotherRoot: --snmp, --oid-root and --initial-password have
// effect together, SNMPv3 is on by default, and a restart by SET works.
func TestSNMPUnderAnotherRoot(t *testing.T) {
	dir, port := folder(t), freePort(t)
	p := start(t, dir, "--snmp", fmt.Sprintf("127.0.0.1:%d", port), "--oid-root", "1.3.6.1.4.1.4935.1000.100",
		"--initial-password", file(t, "pw", "correct horse\n"))
	m := &gosnmp.GoSNMP{
		Target: "127.0.0.1", Port: port, Version: gosnmp.Version3, Timeout: 2 * time.Second, Retries: 2,
		SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.AuthPriv,
		SecurityParameters: &gosnmp.UsmSecurityParameters{
			UserName: "admin", AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: "correct horse",
			PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: "correct horse",
		},
	}
	if err := m.Connect(); err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	const severity = "1.3.6.1.4.1.4935.1000.100.200.100.400.1.60010.100.0"
	if _, err := m.Set([]gosnmp.SnmpPDU{{Name: severity, Type: gosnmp.Integer, Value: 400}}); err != nil {
		t.Fatal(err)
	}
	if got := p.get("Scm.MinSeverity"); got != "Error" {
		t.Errorf("after a SET Scm.MinSeverity is %q", got)
	}
	must(t, "set", "--data", dir, "Scm.MinSeverity=Debug", `Scm.ServiceCommands[Name="Nlm"].Restart=10`)
	r, err := m.Get([]string{severity})
	if err != nil || len(r.Variables) != 1 || gosnmp.ToBigInt(r.Variables[0].Value).Int64() != 100 {
		t.Errorf("after a set on the console GET answers %+v (%v)", r, err)
	}
	r, err = m.Get([]string{"1.3.6.1.4.1.32473.100.200.100.400.1.60010.100.0"})
	if err != nil || r.Variables[0].Type != gosnmp.NoSuchObject {
		t.Errorf("the tree is also under its first root: %+v (%v)", r, err)
	}
}
