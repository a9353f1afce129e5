package main

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/hostresources"
	"mibgate/mib/ifmib"
	"mibgate/mib/ipmib"
	"mibgate/mib/networkservices"
	"mibgate/mib/sipcommon"
	"mibgate/mib/sipuamib"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testnetns"
	"mibgate/testdata/testwait"
)

// column walks a column of a table: its cells by instance.
func (n nms) column(o *mib.Object) map[string]string {
	n.t.Helper()
	cells := map[string]string{}
	prefix := o.OID.String() + "."
	for _, w := range parseWalk(n.t, n.must("snmpwalk", "."+o.OID.String())) {
		if instance, ok := strings.CutPrefix(w.oid, prefix); ok {
			cells[instance] = strings.TrimSpace(w.value)
		}
	}
	return cells
}

// TestStandardMIBsAreThoseOfSnmpd: on one host both agents tell the same, as
// far as it does not change while they are asked.
func TestStandardMIBsAreThoseOfSnmpd(t *testing.T) {
	for _, tool := range []string{"snmpwalk", "snmpget"} {
		peer(t, tool)
	}
	_, theirPort := snmpdUnit(t)
	_, ourPort := snmpUnit(t, "")
	ours, theirs := managers(t, ourPort)["v2c"], managers(t, theirPort)["v2c"]
	for _, o := range []*mib.Object{
		ifmib.Objects.IfIndex, ifmib.Objects.IfName, ifmib.Objects.IfType, ifmib.Objects.IfMtu, ifmib.Objects.IfPhysAddress,
		ifmib.Objects.IfAdminStatus, ifmib.Objects.IfOperStatus, ifmib.Objects.IfAlias, ifmib.Objects.IfPromiscuousMode,
	} {
		want, got := theirs.column(o), ours.column(o)
		if len(want) == 0 || len(got) != len(want) {
			t.Errorf("%s: %d rows, snmpd has %d", o.Name, len(got), len(want))
		}
		for instance, value := range want {
			if got[instance] != value {
				t.Errorf("%s.%s is %s, snmpd has %s", o.Name, instance, got[instance], value)
			}
		}
	}
	// snmpd may put the vendor of the card here.
	if got := ours.column(ifmib.Objects.IfDescr); got["1"] != theirs.column(ifmib.Objects.IfDescr)["1"] {
		t.Errorf("ifDescr.1 is %s", got["1"])
	}
	memory := "." + hostresources.Objects.HrMemorySize.OID.String() + ".0"
	if got, want := ours.must("snmpget", memory), theirs.must("snmpget", memory); got != want {
		t.Errorf("hrMemorySize is %s, snmpd has %s", got, want)
	}
	for instance, want := range theirs.column(ipmib.Objects.IpAddressIfIndex) {
		if !strings.HasPrefix(instance, "1.") {
			continue // snmpd gives link-local addresses no zone
		}
		if got := ours.column(ipmib.Objects.IpAddressIfIndex)[instance]; got != want {
			t.Errorf("address %s is at interface %s, snmpd has %s", instance, got, want)
		}
	}
	for _, o := range []*mib.Object{hostresources.Objects.HrStorageAllocationUnits, hostresources.Objects.HrStorageDescr} {
		for _, row := range []string{"1", "3", "6"} {
			if got, want := ours.column(o)[row], theirs.column(o)[row]; got != want {
				t.Errorf("%s.%s is %s, snmpd has %s", o.Name, row, got, want)
			}
		}
	}
}

// TestInterfacesOfTheHost: ifTable has the interfaces that Go finds, and its
// counters count what we send.
func TestInterfacesOfTheHost(t *testing.T) {
	peer(t, "snmpwalk")
	_, port := snmpUnit(t, "")
	n := managers(t, port)["v2c"]
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	names, macs := n.column(ifmib.Objects.IfName), n.column(ifmib.Objects.IfPhysAddress)
	for _, i := range all {
		instance := fmt.Sprint(i.Index)
		if got := names[instance]; got != fmt.Sprintf("STRING: %q", i.Name) {
			t.Errorf("interface %d is %s, want %s", i.Index, got, i.Name)
		}
		want := strings.ToUpper(strings.ReplaceAll(i.HardwareAddr.String(), ":", " "))
		if got := macs[instance]; want != "" && !strings.Contains(got, want) {
			t.Errorf("%s has %s, want %s", i.Name, got, want)
		}
	}
	loop := slices.IndexFunc(all, func(i net.Interface) bool { return i.Flags&net.FlagLoopback != 0 })
	m := newManager(t, port)
	octets := fmt.Sprintf("%s.%d", ifmib.Objects.IfHCInOctets.OID, all[loop].Index)
	before := m.counters(octets)[0]
	testwait.Until(t, 10*time.Second, "ifHCInOctets of the loopback counts what is asked", func() bool { return m.counters(octets)[0] > before })
}

// TestLinkTraps pulls a cable: snmptrapd has linkDown within two seconds, with
// the three variables of RFC 2863, an alarm is raised; and linkUp clears it.
func TestLinkTraps(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	testnetns.Cable(t, "gate0", "switch0")
	traps := snmptrapd.Start(t, snmptrapd.Options{Addr: snmptrapd.FreeAddr(t), Communities: []string{testCommunity}})
	p, port := snmpUnit(t, fmt.Sprintf("Snmp.TrapDest=%q\nSnmp.TrapVersion=\"V2c\"\n", traps.Addr()))
	m := newManager(t, port)
	gate, err := net.InterfaceByName("gate0")
	if err != nil {
		t.Fatal(err)
	}
	state := fmt.Sprintf("%s.%d", ifmib.Objects.IfOperStatus.OID, gate.Index)
	changed := fmt.Sprintf("%s.%d", ifmib.Objects.IfLastChange.OID, gate.Index)
	testwait.Until(t, 10*time.Second, "gate0 is up", func() bool { return m.counters(state)[0] == uint64(ifmib.IfOperStatusUp) })
	notice := func(what string, typ *mib.NotificationType) []snmptrapd.Varbind {
		n := traps.WaitFor(what, 2*time.Second, func(n snmptrapd.Notification) bool {
			return n.TrapOID == typ.OID.String() && len(n.Varbinds) > 0 && n.Varbinds[0].Value == fmt.Sprint(gate.Index)
		})
		return n.Varbinds[:min(3, len(n.Varbinds))] // behind them is snmpTrapEnterprise
	}
	varbinds := func(admin ifmib.IfAdminStatus, oper ifmib.IfOperStatus) []snmptrapd.Varbind {
		index := fmt.Sprintf(".%d", gate.Index)
		return []snmptrapd.Varbind{
			{OID: ifmib.Objects.IfIndex.OID.String() + index, Type: "INTEGER", Value: fmt.Sprint(gate.Index)},
			{OID: ifmib.Objects.IfAdminStatus.OID.String() + index, Type: "INTEGER", Value: fmt.Sprint(int32(admin))},
			{OID: ifmib.Objects.IfOperStatus.OID.String() + index, Type: "INTEGER", Value: fmt.Sprint(int32(oper))},
		}
	}
	testnetns.IP(t, "link", "set", "switch0", "down")
	if got, want := notice("linkDown", ifmib.Notifications.LinkDown), varbinds(ifmib.IfAdminStatusUp, ifmib.IfOperStatusLowerLayerDown); !slices.Equal(got, want) {
		t.Errorf("linkDown carries %v, want %v", got, want)
	}
	const alarm = "interface gate0"
	testwait.Until(t, 5*time.Second, "the alarm is listed", func() bool { return strings.Contains(p.walk("Nlm.ActiveAlarms"), alarm) })
	if got := m.counters(state, changed); got[0] != uint64(ifmib.IfOperStatusLowerLayerDown) || got[1] == 0 {
		t.Errorf("ifOperStatus and ifLastChange are %v", got)
	}
	testnetns.IP(t, "link", "set", "switch0", "up")
	if got, want := notice("linkUp", ifmib.Notifications.LinkUp), varbinds(ifmib.IfAdminStatusUp, ifmib.IfOperStatusUp); !slices.Equal(got, want) {
		t.Errorf("linkUp carries %v, want %v", got, want)
	}
	testwait.Until(t, 5*time.Second, "the alarm is cleared", func() bool { return !strings.Contains(p.walk("Nlm.ActiveAlarms"), alarm) })
}

// walk is `mibgate walk` of a service of the running unit.
func (p *process) walk(service string) string { return must(p.t, "walk", "--data", p.dir, service) }

// TestSIPStatus: the standard MIBs of SIP tell of the link, the ports and the
// server, and of a restart.
func TestSIPStatus(t *testing.T) {
	s := newSite(t, siteOptions{})
	s.begin()
	s.untilUp(generous)
	s.until(2*host.MaxAge, "1", networkservices.Objects.ApplOutboundAssociations, 1)
	if name, state := s.read(networkservices.Objects.ApplName, 1), s.read(networkservices.Objects.ApplOperStatus, 1); !strings.Contains(name, "SipEp") || state != "1" {
		t.Errorf("the service is %s, %s", name, state)
	}
	if kind, role := s.read(sipuamib.Objects.SipUACfgServerAddressType, 1, 1), s.read(sipuamib.Objects.SipUACfgServerRole, 1, 1); kind != "1" || role != "\x28" {
		t.Errorf("the server is of kind %s with the roles %q, want ipv4(1), a proxy and a registrar", kind, role)
	}
	s.importHost("unit.example.test") // opens the secure port
	s.until(generous, "08 ", sipcommon.Objects.SipCommonPortTransportRcv, 1, uint32(s.secure))
	started := s.read(networkservices.Objects.ApplUptime, 1)
	s.restart()
	testwait.Until(t, generous, "applUptime is that of the restart", func() bool { return s.read(networkservices.Objects.ApplUptime, 1) != started })
}

// TestStandardTables reads the standard tables as snmptable does, with the full
// modules, where those are.
func TestStandardTables(t *testing.T) {
	peer(t, "snmptable")
	const full = "../../../shared/mibs"
	if _, err := os.Stat(full); err != nil {
		t.Skip("the full modules are not here")
	}
	_, port := snmpUnit(t, "")
	n := managers(t, port)["v2c"]
	n.format = []string{"-M", full, "-m", "ALL", "-Cw", "200"}
	for _, name := range []string{
		"SNMPv2-MIB::sysORTable", "IF-MIB::ifTable", "IF-MIB::ifXTable", "IP-MIB::ipAddressTable", "IP-MIB::ipAddressPrefixTable", "HOST-RESOURCES-MIB::hrStorageTable",
		"HOST-RESOURCES-MIB::hrDeviceTable", "HOST-RESOURCES-MIB::hrProcessorTable", "ENTITY-MIB::entPhysicalTable", "ENTITY-MIB::entAliasMappingTable",
		"NETWORK-SERVICES-MIB::applTable", "SIP-COMMON-MIB::sipCommonCfgTable",
	} {
		out := n.must("snmptable", name)
		if !strings.Contains(out, "SNMP table: "+name) || strings.Contains(out, "No entries") {
			t.Errorf("%s:\n%s", name, out)
		}
	}
}
