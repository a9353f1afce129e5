package main

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/ifmib"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testnetns"
	"mibgate/testdata/testwait"
)

// TestLinkAlarmsEnd: the alarm of a link that is down is there from the start,
// and ends when the interface is taken down, renamed or taken away; no linkUp
// is sent for that, and none but the lowest interface of a stack is told of.
func TestLinkAlarmsEnd(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	peer(t, "snmpwalk")
	ip := func(args string) { testnetns.IP(t, strings.Fields(args)...) }
	testnetns.Cable(t, "gate0", "switch0")
	testnetns.Cable(t, "low0", "switch1")
	ip("link add br0 type bridge")
	ip("link set br0 up")
	ip("link set low0 master br0")
	ip("link set switch0 down")
	traps := snmptrapd.Start(t, snmptrapd.Options{Addr: snmptrapd.FreeAddr(t), Communities: []string{testCommunity}})
	p, port := snmpUnit(t, fmt.Sprintf("Snmp.TrapDest=%q\nSnmp.TrapVersion=\"V2c\"\n", traps.Addr()))
	alarm := func(name string, want bool) {
		t.Helper()
		testwait.Until(t, generous, fmt.Sprintf("the alarm of %s is active: %t", name, want), func() bool {
			return strings.Contains(p.walk("Nlm.ActiveAlarms"), "interface "+name+`"`) == want
		})
	}
	told := func(what, name string, typ *mib.NotificationType) {
		t.Helper()
		link, err := net.InterfaceByName(name)
		if err != nil {
			t.Fatal(err)
		}
		traps.WaitFor(what, generous, func(n snmptrapd.Notification) bool {
			return n.TrapOID == typ.OID.String() && n.Varbinds[0].Value == fmt.Sprint(link.Index)
		})
	}
	alarm("gate0", true) // it was down when the unit started
	ip("link set gate0 down")
	alarm("gate0", false)
	ip("link set gate0 up")
	alarm("gate0", true)
	ip("link set gate0 name gate1")
	alarm("gate0", false)
	alarm("gate1", true)
	ip("link set switch0 up")
	told("linkUp of gate1", "gate1", ifmib.Notifications.LinkUp)
	alarm("gate1", false)
	ip("link set switch0 down")
	alarm("gate1", true)
	ip("link del gate1")
	alarm("gate1", false)
	if all := traps.Received(); strings.Count(fmt.Sprint(all), ifmib.Notifications.LinkUp.OID.String()) != 2 { // of gate1 and switch0
		t.Errorf("there are other linkUps: %+v", all)
	}

	traps.Clear()
	ip("link set switch1 down")
	told("linkDown of low0", "low0", ifmib.Notifications.LinkDown)
	alarm("low0", true)
	link, err := net.InterfaceByName("low0")
	if err != nil {
		t.Fatal(err)
	}
	n := managers(t, port)["v2c"]
	bridge, err := net.InterfaceByName("br0")
	if err != nil {
		t.Fatal(err)
	}
	top := fmt.Sprint(bridge.Index)
	testwait.Until(t, generous, "br0 is down", func() bool { return n.column(ifmib.Objects.IfOperStatus)[top] != "INTEGER: 1" })
	if got := p.walk("Nlm.ActiveAlarms"); strings.Contains(got, "br0") {
		t.Errorf("the bridge has an alarm of its own:\n%s", got)
	}
	if got := n.column(ifmib.Objects.IfLinkUpDownTrapEnable)[top]; got != "INTEGER: 2" {
		t.Errorf("ifLinkUpDownTrapEnable of the bridge is %q", got)
	}
	if got := n.column(ifmib.Objects.IfStackStatus)[fmt.Sprintf("%s.%d", top, link.Index)]; got != "INTEGER: 1" {
		t.Errorf("ifStackStatus of br0 on top of low0 is %q", got)
	}
}

// TestLinksDownAtStart: of every link that is down when the unit starts managers
// are told, by its ifIndex.
func TestLinksDownAtStart(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	for _, name := range []string{"one", "two", "three"} {
		testnetns.Cable(t, name, name+"x")
		testnetns.IP(t, "link", "set", name+"x", "down")
	}
	traps := snmptrapd.Start(t, snmptrapd.Options{Addr: snmptrapd.FreeAddr(t), Communities: []string{testCommunity}})
	snmpUnit(t, fmt.Sprintf("Snmp.TrapDest=%q\nSnmp.TrapVersion=\"V2c\"\n", traps.Addr()))
	for _, name := range []string{"one", "two", "three"} {
		link, err := net.InterfaceByName(name)
		if err != nil {
			t.Fatal(err)
		}
		resource := ifmib.Objects.IfIndex.OID.Append(uint32(link.Index)).String() //nolint:gosec // small
		traps.WaitFor("alarmActiveState of "+name, generous, func(n snmptrapd.Notification) bool {
			return n.TrapOID == alarm.Notifications.AlarmActiveState.OID.String() && strings.HasSuffix(n.Varbinds[1].Value, resource)
		})
	}
}
