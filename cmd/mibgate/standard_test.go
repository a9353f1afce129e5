package main

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/entity"
	"mibgate/mib/hostresources"
	"mibgate/mib/ifmib"
	"mibgate/mib/ipmib"
	"mibgate/mib/model"
	"mibgate/mib/networkservices"
	"mibgate/mib/sipcommon"
	"mibgate/mib/sipuamib"
	"mibgate/mib/snmpv2"
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
	theirMounts, ourMounts := theirs.column(hostresources.Objects.HrFSMountPoint), ours.column(hostresources.Objects.HrFSMountPoint)
	theirTypes, ourTypes := theirs.column(hostresources.Objects.HrFSType), ours.column(hostresources.Objects.HrFSType)
	if root := instanceOf(ourMounts, `STRING: "/"`); root == "" || ourTypes[root] != theirTypes[instanceOf(theirMounts, `STRING: "/"`)] {
		t.Errorf("the root is %v of %v, snmpd has %v of %v", ourMounts, ourTypes, theirMounts, theirTypes)
	}
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

// instanceOf is the instance of a cell; "" when there is none.
func instanceOf(cells map[string]string, value string) string {
	for instance, v := range cells {
		if v == value {
			return instance
		}
	}
	return ""
}

// TestTrafficIsThatOfSnmpd: the counters of IP are not behind those that snmpd
// remembers, those that stand still are the same, and they count what we send.
func TestTrafficIsThatOfSnmpd(t *testing.T) {
	peer(t, "snmpwalk")
	_, theirPort := snmpdUnit(t)
	_, ourPort := snmpUnit(t, "")
	ours, theirs := managers(t, ourPort)["v2c"], managers(t, theirPort)["v2c"]
	busy := []*mib.Object{
		ipmib.Objects.IpSystemStatsHCInReceives, ipmib.Objects.IpSystemStatsHCInDelivers, ipmib.Objects.IpSystemStatsHCInOctets,
		ipmib.Objects.IpSystemStatsHCOutRequests, ipmib.Objects.IpSystemStatsHCOutOctets,
	}
	quiet := []*mib.Object{
		ipmib.Objects.IpSystemStatsInHdrErrors, ipmib.Objects.IpSystemStatsInUnknownProtos, ipmib.Objects.IpSystemStatsReasmFails, ipmib.Objects.IpSystemStatsOutFragFails,
	}
	for i, o := range slices.Concat(busy, quiet) {
		want, got := theirs.column(o), ours.column(o)
		if len(got) != len(want) || len(got) == 0 {
			t.Errorf("%s has %d rows, of snmpd %d", o.Name, len(got), len(want))
		}
		for instance := range want {
			if g, w := counterOf(t, got[instance]), counterOf(t, want[instance]); g < w || i >= len(busy) && g != w {
				t.Errorf("%s.%s is %d, of snmpd %d", o.Name, instance, g, w)
			}
		}
	}
	before := counterOf(t, ours.column(busy[0])["1"])
	testwait.Until(t, generous, "IP counts what is asked", func() bool { return counterOf(t, ours.column(busy[0])["1"]) > before })
}

// counterOf is the number of a cell, "Counter64: 7".
func counterOf(t *testing.T, cell string) uint64 {
	t.Helper()
	_, text, _ := strings.Cut(cell, ": ")
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%q is no counter", cell)
	}
	return n
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

// TestPortsComeAndGo: a port that is plugged in is an entity in the chassis that
// leads to its interface, and managers are told that entities changed.
func TestPortsComeAndGo(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	peer(t, "snmpwalk")
	traps := snmptrapd.Start(t, snmptrapd.Options{Addr: snmptrapd.FreeAddr(t), Communities: []string{testCommunity}})
	_, port := snmpUnit(t, fmt.Sprintf("Snmp.TrapDest=%q\nSnmp.TrapVersion=\"V2c\"\n", traps.Addr()))
	n := managers(t, port)["v2c"]
	changed := func() string { return n.must("snmpget", "."+entity.Objects.EntLastChangeTime.OID.String()+".0") }
	before := changed()
	if !strings.HasSuffix(strings.TrimSpace(before), " 0") {
		t.Errorf("entLastChangeTime is %s at the start", before)
	}
	if id, uri := n.column(entity.Objects.EntPhysicalUUID)["1"], n.column(entity.Objects.EntPhysicalUris)["1"]; !strings.HasPrefix(id, "Hex-STRING: ") || !strings.HasPrefix(uri, `STRING: "urn:uuid:`) {
		t.Errorf("the chassis is %s, %s", id, uri)
	}
	testnetns.Cable(t, "gate0", "switch0")
	gate, err := net.InterfaceByName("gate0")
	if err != nil {
		t.Fatal(err)
	}
	index := strconv.Itoa(1000 + gate.Index)
	told := func(when string) {
		t.Helper()
		traps.WaitFor("entConfigChange when "+when, generous, func(n snmptrapd.Notification) bool {
			return n.TrapOID == entity.Notifications.EntConfigChange.OID.String()
		})
	}
	told("a port came")
	if after := changed(); after == before {
		t.Errorf("entLastChangeTime is %s, as before", after)
	}
	for o, want := range map[*mib.Object]string{
		entity.Objects.EntPhysicalName: `STRING: "gate0"`, entity.Objects.EntPhysicalContainedIn: "INTEGER: 1", entity.Objects.EntPhysicalClass: "INTEGER: 10",
	} {
		if got := n.column(o)[index]; got != want {
			t.Errorf("%s is %s, want %s", o.Name, got, want)
		}
	}
	if got := n.column(entity.Objects.EntAliasMappingIdentifier)[index+".0"]; got != fmt.Sprintf("OID: .%s.%d", ifmib.Objects.IfIndex.OID, gate.Index) {
		t.Errorf("the port is %s", got)
	}
	if got := n.column(entity.Objects.EntPhysicalChildIndex)["1."+index]; got != "INTEGER: "+index {
		t.Errorf("the chassis contains %s", got)
	}
	if cpus := n.column(hostresources.Objects.HrProcessorLoad); strings.Count(fmt.Sprint(n.column(entity.Objects.EntPhysicalClass)), "INTEGER: 12") != len(cpus) {
		t.Errorf("not every one of %d processors is an entity", len(cpus))
	}
	traps.Clear()
	testnetns.IP(t, "link", "delete", "gate0")
	told("a port went")
	if got := n.column(entity.Objects.EntPhysicalName)[index]; got != "" {
		t.Errorf("the port is still there: %s", got)
	}
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
	sipCounters(t, s)
	s.importHost("unit.example.test") // opens the secure port
	s.until(generous, "08 ", sipcommon.Objects.SipCommonPortTransportRcv, 1, uint32(s.secure))
	started := s.read(networkservices.Objects.ApplUptime, 1)
	s.restart()
	testwait.Until(t, generous, "applUptime is that of the restart", func() bool { return s.read(networkservices.Objects.ApplUptime, 1) != started })
}

// sipCounters: a unit that has a link and is registered has sent REGISTER and
// had its answers, and begun as many transactions at least.
func sipCounters(t *testing.T, s *site) {
	t.Helper()
	n := managers(t, s.port)["v2c"]
	name := "8.82.69.71.73.83.84.69.82" // REGISTER
	o := sipcommon.Objects
	sent := func() uint64 {
		return counterOf(t, cmp.Or(n.column(o.SipCommonMethodStatsOutbounds)["1."+name], ": 0"))
	}
	testwait.Until(t, generous, "REGISTER is counted", func() bool { return sent() > 0 })
	testwait.Until(t, generous, "its answer is counted", func() bool {
		return counterOf(t, cmp.Or(n.column(o.SipCommonStatusCodeIns)["1."+name+".200"], ": 0")) > 0
	})
	requests, responses, transactions := counterOf(t, n.column(o.SipCommonSummaryOutRequests)["1"]), counterOf(t, n.column(o.SipCommonSummaryInResponses)["1"]), counterOf(t, n.column(o.SipCommonSummaryTotalTransactions)["1"])
	if requests < sent() || responses == 0 || transactions == 0 {
		t.Errorf("%d requests, %d responses, %d transactions", requests, responses, transactions)
	}
	if methods := fmt.Sprint(n.column(o.SipCommonMethodSupportedName)); !strings.Contains(methods, "INVITE") {
		t.Errorf("the methods are %s", methods)
	}
	for c, want := range map[*mib.Object]string{
		networkservices.Objects.ApplAccumulatedOutboundAssociations: "Counter32: 1", networkservices.Objects.ApplInboundAssociations: "Gauge32: 0", networkservices.Objects.ApplRejectedInboundAssociations: "Counter32: 0",
	} {
		if got := n.column(c)["1"]; got != want {
			t.Errorf("%s is %s, want %s", c.Name, got, want)
		}
	}
	if last := n.column(networkservices.Objects.ApplLastOutboundActivity)["1"]; last == "" || strings.HasSuffix(last, ": 0") {
		t.Errorf("the last link was at %s", last)
	}
}

// TestSIPOutOfService: the service has started and its only gateway has no
// network, so that it is down in both modules, until the gateway is ready.
func TestSIPOutOfService(t *testing.T) {
	peer(t, "snmpwalk")
	p, port := snmpUnit(t, "SipEp.Gateway[Name=\"default\"].NetworkInterface=\"nothing0\"\n")
	n := managers(t, port)["v2c"]
	states := func() [2]string {
		return [2]string{n.column(networkservices.Objects.ApplOperStatus)["1"], n.column(sipcommon.Objects.SipCommonCfgServiceOperStatus)["1"]}
	}
	if got := states(); got != [2]string{"INTEGER: 2", "INTEGER: 3"} {
		t.Errorf("without a network the states are %v", got)
	}
	before := n.column(networkservices.Objects.ApplLastChange)["1"]
	must(t, "set", "--data", p.dir, fmt.Sprintf("SipEp.Gateway[Name=\"default\"].Port=%d", linkPort(t)), `SipEp.Gateway[Name="default"].NetworkInterface="Loop"`)
	must(t, "set", "--data", p.dir, `Scm.ServiceCommands[Name="SipEp"].Restart=10`)
	testwait.Until(t, generous, "the service is up", func() bool { return states() == [2]string{"INTEGER: 1", "INTEGER: 2"} })
	if after := n.column(networkservices.Objects.ApplLastChange)["1"]; after == before {
		t.Errorf("applLastChange is %s, as before", after)
	}
}

// TestStatementsOfCapabilities: an NMS finds both statements in sysORTable, under
// whatever root the unit serves its modules, by the names of the modules that it
// exports for that root.
func TestStatementsOfCapabilities(t *testing.T) {
	peer(t, "snmpwalk")
	const full = "../../../shared/mibs"
	if _, err := os.Stat(full); err != nil {
		t.Skip("the full modules are not here")
	}
	for _, root := range []string{model.Root.String(), "1.3.6.1.4.1.4935.1000.100"} {
		t.Run(root, func(t *testing.T) {
			_, port := snmpUnit(t, "", "--oid-root", root)
			n := managers(t, port)["v2c"]
			ids := n.column(snmpv2.Objects.SysORID)
			dir := t.TempDir()
			must(t, "mib", "export", dir, "--oid-root", root)
			n.format = []string{"-M", dir + ":" + filepath.Join(dir, "standard") + ":" + full, "-m", "MIBGATE-CAPS-MIB:MIBGATE-STANDARD-CAPS-MIB"}
			for row, want := range map[string][2]string{
				"1": {"61010.1.1", "MIBGATE-CAPS-MIB::mibgateAgentCapabilities"},
				"2": {"61011.1.1", "MIBGATE-STANDARD-CAPS-MIB::mibgateStandardAgentCapabilities"},
			} {
				if got := "OID: ." + root + ".200." + want[0]; ids[row] != got {
					t.Errorf("sysORID.%s is %s, want %s", row, ids[row], got)
				}
				if out := n.must("snmpget", "."+snmpv2.Objects.SysORID.OID.String()+"."+row); !strings.HasSuffix(strings.TrimSpace(out), "OID: "+want[1]) {
					t.Errorf("an NMS sees %s, want %s", out, want[1])
				}
			}
		})
	}
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
		"SNMPv2-MIB::sysORTable", "IF-MIB::ifTable", "IF-MIB::ifXTable", "IP-MIB::ipAddressTable", "IP-MIB::ipAddressPrefixTable", "IP-MIB::ipSystemStatsTable",
		"IF-MIB::ifStackTable", "IP-MIB::ipAddrTable", "IP-MIB::ipv4InterfaceTable", "IP-MIB::ipv6InterfaceTable", "IP-MIB::icmpStatsTable", "IP-MIB::icmpMsgStatsTable", "TCP-MIB::tcpListenerTable", "UDP-MIB::udpEndpointTable", "HOST-RESOURCES-MIB::hrStorageTable",
		"HOST-RESOURCES-MIB::hrDeviceTable", "HOST-RESOURCES-MIB::hrProcessorTable", "HOST-RESOURCES-MIB::hrFSTable", "ENTITY-MIB::entPhysicalTable", "ENTITY-MIB::entAliasMappingTable", "ENTITY-MIB::entPhysicalContainsTable",
		"NETWORK-SERVICES-MIB::applTable", "SIP-COMMON-MIB::sipCommonCfgTable",
	} {
		out := n.must("snmptable", name)
		if !strings.Contains(out, "SNMP table: "+name) || strings.Contains(out, "No entries") {
			t.Errorf("%s:\n%s", name, out)
		}
	}
}
