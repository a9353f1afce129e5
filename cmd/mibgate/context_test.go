package main

import (
	"strings"
	"testing"

	"mibgate/testdata/testwait"
)

const (
	tlsVersionOID     = "1.3.6.1.4.1.32473.100.200.100.1400.1.900.95.0"
	unknownContextOID = "1.3.6.1.6.3.12.1.5.0"
	contextsOID       = mibVacm + ".1"
)

// in has the tools ask in a context.
func (n netsnmp) in(context string) netsnmp {
	n.auth = append(append([]string{}, n.auth...), "-n", context)
	return n
}

// TestContextRunning: while SipEp waits for its restart, the context running has
// what SipEp works by and the default context what is stored, for every manager
// and the command line; nothing can be changed in it.
func TestContextRunning(t *testing.T) {
	p, _, admin := administered(t, `SipEp.Gateway[Name="default"].NetworkInterface="Loop"`)
	running := admin.in("running")
	testwait.Until(t, generous, "the gateway is ready", func() bool { return p.get(`SipEp.GatewayStatus[Name="default"].State`) == "Ready" })
	want := func(n netsnmp, what, value string) {
		t.Helper()
		if out := n.must("snmpget", "-Ovq", tlsVersionOID); strings.TrimSpace(out) != value {
			t.Errorf("%s: %q, want %q", what, strings.TrimSpace(out), value)
		}
	}
	for _, dotted := range []string{"", "running"} {
		if out := admin.must("snmpwalk", contextsOID); !strings.Contains(out, index(dotted)+" =") {
			t.Errorf("vacmContextTable lacks %q:\n%s", dotted, out)
		}
	}

	must(t, "set", "--data", p.dir, "SipEp.TransportTlsVersion=TLSv1_3", `SipEp.Gateway[Name="default"].Domain="mine.test"`, `SipEp.Gateway[Name="new"].NetworkInterface="Loop"`, `SipEp.Gateway[Name="new"].Port=5070`, "SipEp.InteropMaxForwardsValue=33")
	want(admin, "stored", "500")
	want(running, "running", "400")
	if got := p.get("SipEp.NeedRestartInfo"); got != "Yes" {
		t.Errorf("NeedRestartInfo: %s", got)
	}
	out := must(t, "walk", "--running", "--data", p.dir, "SipEp")
	for line, there := range map[string]bool{
		`SipEp.TransportTlsVersion="TLSv1_2"`:               true,
		`SipEp.Gateway[Name="default"].Domain=""`:           true,
		`SipEp.Gateway[Name="new"]`:                         false,
		`SipEp.InteropMaxForwardsValue=33`:                  true, // taken live
		`SipEp.GatewayStatus[Name="default"].State="Ready"`: true,
	} {
		if strings.Contains(out, line) != there {
			t.Errorf("walk --running has %s: %v", line, !there)
		}
	}
	running.refused("notWritable", "snmpset", tlsVersionOID, "i", "400")
	running.refused("notWritable", "snmpset", locationOID, "s", "Bern")
	want(admin, "stored after a SET in the context", "500")
	if a, b := strings.Count(running.must("snmpbulkwalk", "1.3"), "\n"), strings.Count(admin.must("snmpbulkwalk", "1.3"), "\n"); a < 1000 || b < a {
		t.Errorf("%d instances in the context, %d in the default one", a, b) // which has the new gateway
	}

	must(t, "set", "--data", p.dir, `Scm.ServiceCommands[Name="SipEp"].Restart=10`)
	testwait.Until(t, generous, "SipEp runs with what is stored", func() bool { return p.get("SipEp.NeedRestartInfo") == "No" })
	want(running, "running after the restart", "500")
}

// TestContextsAreAdministered: a community is of the context that its row names, a
// group has the rights of its rows, and what is not known is told and counted.
func TestContextsAreAdministered(t *testing.T) {
	p, _, admin := administered(t, "")
	must(t, "set", "--data", p.dir, "SipEp.TransportTlsVersion=TLSv1_3",
		`Community.SnmpCommunity[Index="live"].Name="alive"`, `Community.SnmpCommunity[Index="live"].SecurityName="community-observer"`,
		`Community.SnmpCommunity[Index="live"].ContextName="running"`,
		`Community.SnmpCommunity[Index="odd"].Name="nowhere"`, `Community.SnmpCommunity[Index="odd"].SecurityName="community-observer"`,
		`Community.SnmpCommunity[Index="odd"].ContextName="elsewhere"`)
	for community, value := range map[string]string{testCommunity: "500", "alive": "400"} {
		if out := admin.as("-v2c", "-c", community).must("snmpget", "-Ovq", tlsVersionOID); strings.TrimSpace(out) != value {
			t.Errorf("community %s: %q, want %s", community, out, value)
		}
	}
	admin.as("-v2c", "-c", "nowhere").refused("Timeout", "snmpget", tlsVersionOID)
	admin.in("elsewhere").refused("Bad context", "snmpget", tlsVersionOID)
	if out := admin.must("snmpget", "-Ovq", unknownContextOID); strings.TrimSpace(out) == "0" {
		t.Error("snmpUnknownContexts is 0")
	}

	// A group of the default context alone, and one of the other alone.
	must(t, "set", "--data", p.dir, `Aaa.Users[UserName="dora"].Password="dora's passphrase"`, `Aaa.Users[UserName="ruth"].Password="ruth's passphrase"`)
	for user, context := range map[string]string{"dora": "", "ruth": "running"} {
		admin.must("snmpset", mibVacm+".2.1.3.3"+index(user), "s", user+"s")
		admin.must("snmpset", mibVacm+".4.1.9"+index(user+"s")+index(context)+".3.3", "i", "4",
			mibVacm+".4.1.4"+index(user+"s")+index(context)+".3.3", "i", "1",
			mibVacm+".4.1.5"+index(user+"s")+index(context)+".3.3", "s", "observer-read")
	}
	for _, tt := range []struct{ user, context, value string }{
		{"dora", "", "500"}, {"dora", "running", ""}, {"ruth", "", ""}, {"ruth", "running", "400"},
	} {
		n := admin.as(v3(tt.user, tt.user+"'s passphrase", tt.user+"'s passphrase", "-n", tt.context)...)
		if tt.value == "" {
			n.refused("authorizationError", "snmpget", tlsVersionOID)
			continue
		}
		if out := n.must("snmpget", "-Ovq", tlsVersionOID); strings.TrimSpace(out) != tt.value {
			t.Errorf("%s in %q: %q", tt.user, tt.context, out)
		}
	}
}
