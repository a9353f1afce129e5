package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/entity"
	"mibgate/mib/ifmib"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testlines"
	"mibgate/testdata/testnetns"
	"mibgate/testdata/testwait"
)

// line is a telephone port as a manager sees it: the number of its entity, and
// what the tables tell of it.
type line struct {
	module, position, name, kind, oper string
}

// lines walks the tables and puts them together as a manager does: the entities
// in line modules are ports, and each leads to an interface. What comes or goes
// between two walks lacks something.
func (n nms) lines() (modules []string, lines []line) {
	n.t.Helper()
	class, within, position := n.column(entity.Objects.EntPhysicalClass), n.column(entity.Objects.EntPhysicalContainedIn), n.column(entity.Objects.EntPhysicalParentRelPos)
	names, models := n.column(entity.Objects.EntPhysicalName), n.column(entity.Objects.EntPhysicalModelName)
	aliases, kinds, oper := n.column(entity.Objects.EntAliasMappingIdentifier), n.column(ifmib.Objects.IfType), n.column(ifmib.Objects.IfOperStatus)
	plain := func(s string) string { _, s, _ = strings.Cut(s, ": "); return strings.Trim(s, `"`) }
	for index, c := range class {
		parent := plain(within[index])
		if c == "INTEGER: 9" {
			modules = append(modules, fmt.Sprintf("%s in %s: %s, %s", index, parent, plain(names[index]), plain(models[index])))
		}
		if class[parent] != "INTEGER: 9" {
			continue
		}
		_, ifIndex, _ := strings.Cut(plain(aliases[index+".0"]), "."+ifmib.Objects.IfIndex.OID.String()+".")
		lines = append(lines, line{parent, plain(position[index]), plain(names[index]), plain(kinds[ifIndex]), plain(oper[ifIndex])})
	}
	slices.Sort(modules)
	slices.SortFunc(lines, func(a, b line) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return modules, lines
}

// linkTrap waits for linkDown or linkUp of an interface.
func linkTrap(t *testing.T, traps *snmptrapd.Receiver, typ *mib.NotificationType, index, state string) {
	t.Helper()
	traps.WaitFor(typ.Name+" of "+index, generous, func(n snmptrapd.Notification) bool {
		return n.TrapOID == typ.OID.String() && len(n.Varbinds) > 2 && n.Varbinds[0].Value == index && n.Varbinds[2].Value == state
	})
}

// TestLinesOfAHost is the program on a host with three cards, seen by net-snmp:
// modules and ports, a span in red alarm, and a card that is taken out.
func TestLinesOfAHost(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	for _, tool := range []string{"snmpwalk", "snmpget"} {
		peer(t, tool)
	}
	tree := testlines.New(t)
	card := tree.B410P("0000:04:00.0", 1)
	tree.TDM400P("0000:05:02.0", 1)
	spans := tree.TE220("0000:06:01.0", "1TE220F-001", 2)
	testnetns.Over(t, filepath.Join(tree.Root, "sys"), "/sys")
	traps := snmptrapd.Start(t, snmptrapd.Options{Addr: snmptrapd.FreeAddr(t), Communities: []string{testCommunity}})
	p, port := snmpUnit(t, fmt.Sprintf("Snmp.TrapDest=%q\nSnmp.TrapVersion=\"V2c\"\n", traps.Addr()))
	n := managers(t, port)["v2c"]

	modules, lines := n.lines()
	wantModules := []string{"2 in 1: 0000:04:00.0, PCI d161:b410", "3 in 1: pci:0000:05:02.0, Wildcard TDM400P REV I", "4 in 1: pci:0000:06:01.0, Wildcard TE220 (5th Gen)"}
	if strings.Contains(modules[0], "B410") { // pci.ids is installed
		wantModules[0] = modules[0]
	}
	if !slices.Equal(modules, wantModules) {
		t.Errorf("modules %q", modules)
	}
	want := []line{
		{"2", "1", "hfc-4s.1-1", "75", "4"}, {"2", "2", "hfc-4s.1-2", "75", "4"}, {"2", "3", "hfc-4s.1-3", "75", "4"}, {"2", "4", "hfc-4s.1-4", "75", "4"},
		{"3", "1", "WCTDM/0/0", "102", "1"}, {"3", "2", "WCTDM/0/1", "102", "1"}, {"3", "3", "WCTDM/0/2", "101", "1"}, {"3", "4", "WCTDM/0/3", "101", "2"},
		{"4", "1", "TE2/0/1", "18", "1"}, {"4", "2", "TE2/0/2", "18", "1"},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("lines %v", lines)
	}
	all, counted := n.column(ifmib.Objects.IfIndex), n.column(ifmib.Objects.IfInOctets)
	if len(all) != 11 || len(counted) != 1 || counted["1"] == "" || len(n.column(ifmib.Objects.IfName)) != 11 || len(n.column(ifmib.Objects.IfHCInOctets)) != 1 {
		t.Errorf("interfaces %v, of which %v have counters", all, counted)
	}
	e1 := fmt.Sprint(host.FirstLine + 9)
	if got := n.must("snmpget", "."+ifmib.Objects.IfInOctets.OID.String()+"."+e1); !strings.Contains(got, "No Such Instance") {
		t.Errorf("ifInOctets of a span is %s", got)
	}

	tree.Write(spans[1]+"/alarms", "0x8\n")
	linkTrap(t, traps, ifmib.Notifications.LinkDown, e1, "2")
	const alarm = "interface TE2/0/2"
	testwait.Until(t, generous, "the alarm is listed", func() bool { return strings.Contains(p.walk("Nlm.ActiveAlarms"), alarm) })
	tree.Write(spans[1]+"/alarms", "0x0\n")
	linkTrap(t, traps, ifmib.Notifications.LinkUp, e1, "1")
	testwait.Until(t, generous, "the alarm is cleared", func() bool { return !strings.Contains(p.walk("Nlm.ActiveAlarms"), alarm) })

	traps.Clear()
	tree.Remove(card)
	traps.WaitFor("entConfigChange", generous, func(n snmptrapd.Notification) bool {
		return n.TrapOID == entity.Notifications.EntConfigChange.OID.String()
	})
	modules, lines = n.lines()
	if !slices.Equal(modules, wantModules[1:]) || !slices.Equal(lines, want[4:]) {
		t.Errorf("without the card there are %v, %v", modules, lines)
	}
}
