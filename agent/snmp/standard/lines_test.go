package standard

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/event"
	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/entity"
	"mibgate/mib/ifmib"
	"mibgate/mib/tc"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testlines"
	"mibgate/testdata/testwait"
)

// lineTables are the tables of a unit on the host of a tree.
func lineTables(t *testing.T, tree *testlines.Tree) *Tables {
	t.Helper()
	tables := newTables(t)
	tables.host = host.New(host.Options{Root: tree.Root, UpTime: tables.el.UpTime})
	return tables
}

// modulesAndLines are the rows of the line modules and what is in them.
func modulesAndLines(p *physicalTables) []string {
	within := map[int32]bool{}
	var out []string
	for _, e := range p.entities {
		if e.Class() == tc.IANAPhysicalClassModule {
			within[e.Index()] = true
			out = append(out, fmt.Sprintf("%d in %d at %d, %s: %s; %q %q %q %q %v", e.Index(), e.ContainedIn(), e.ParentRelPos(), e.Name(), e.Descr(), e.MfgName(), e.ModelName(), e.SerialNum(), e.HardwareRev(), e.IsFRU()))
		}
	}
	for _, e := range p.entities {
		if within[e.ContainedIn()] {
			out = append(out, fmt.Sprintf("%d in %d at %d, %s: %s; %d", e.Index()-ports-host.FirstLine, e.ContainedIn(), e.ParentRelPos(), e.Name(), e.Descr(), e.Class()))
		}
	}
	return out
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// all makes a host with the three cards.
func all(t *testing.T) *testlines.Tree {
	t.Helper()
	tree := testlines.New(t)
	tree.B410P("0000:04:00.0", 1)
	tree.TDM400P("0000:05:02.0", 1)
	tree.TE220("0000:06:01.0", "1TE220F-001", 2)
	return tree
}

// TestLineModulesAreEntities: the chassis has modules, a module has ports, and a
// port is an interface.
func TestLineModulesAreEntities(t *testing.T) {
	p := physical{lineTables(t, all(t))}.tables()
	same(t, modulesAndLines(p), []string{
		`2 in 1 at 1, 0000:04:00.0: line module PCI d161:b410 PCI 0000:04:00.0; "" "PCI d161:b410" "" "01" true`,
		`3 in 1 at 2, pci:0000:05:02.0: line module Wildcard TDM400P REV I PCI Bus 05 Slot 02; "Digium" "Wildcard TDM400P REV I" "" "00" true`,
		`4 in 1 at 3, pci:0000:06:01.0: line module Wildcard TE220 (5th Gen) PCI Bus 06 Slot 01; "Digium" "Wildcard TE220 (5th Gen)" "1TE220F-001" "02" true`,
		`0 in 2 at 1, hfc-4s.1-1: ISDN S0 port hfc-4s.1-1; 10`,
		`1 in 2 at 2, hfc-4s.1-2: ISDN S0 port hfc-4s.1-2; 10`,
		`2 in 2 at 3, hfc-4s.1-3: ISDN S0 port hfc-4s.1-3; 10`,
		`3 in 2 at 4, hfc-4s.1-4: ISDN S0 port hfc-4s.1-4; 10`,
		`4 in 3 at 1, WCTDM/0/0: FXS port WCTDM/0/0; 10`,
		`5 in 3 at 2, WCTDM/0/1: FXS port WCTDM/0/1; 10`,
		`6 in 3 at 3, WCTDM/0/2: FXO port WCTDM/0/2; 10`,
		`7 in 3 at 4, WCTDM/0/3: FXO port WCTDM/0/3; 10`,
		`8 in 4 at 1, TE2/0/1: E1 port TE2/0/1; 10`,
		`9 in 4 at 2, TE2/0/2: E1 port TE2/0/2; 10`,
	})
	lines := 0
	for _, row := range p.aliases {
		if row.EntPhysicalIndex() < ports+host.FirstLine {
			continue
		}
		lines++
		want := ifmib.Objects.IfIndex.OID.Append(uint32(row.EntPhysicalIndex() - ports))
		if row.Identifier().Compare(want) != 0 {
			t.Errorf("entity %d is %s", row.EntPhysicalIndex(), row.Identifier())
		}
	}
	if lines != 10 {
		t.Errorf("%d ports are interfaces", lines)
	}
	for _, pair := range [][2]int32{{1, 2}, {1, 3}, {1, 4}, {2, ports + host.FirstLine}, {4, ports + host.FirstLine + 9}} {
		if !slices.ContainsFunc(p.contains, func(r entity.EntPhysicalContainsRow) bool {
			return r.EntPhysicalIndex() == pair[0] && r.EntPhysicalChildIndex() == pair[1]
		}) {
			t.Errorf("%d does not contain %d", pair[0], pair[1])
		}
	}
}

// TestLinesAreInterfaces with what RFC 2863 asks of any, and no counters.
func TestLinesAreInterfaces(t *testing.T) {
	tree := all(t)
	tree.Write("sys/devices/pci0000:00/0000:00:1e.0/0000:06:01.0/pci:0000:06:01.0/span-3/alarms", "0x8\n")
	tables := lineTables(t, tree)
	i := interfaces{tables}
	var got []string
	rows := 0
	for row, more := i.SeekIf(nil, true), i.SeekIfX(nil, true); row != nil && more != nil; row, more = i.SeekIf(ifmib.IfKey(row.Index()), false), i.SeekIfX(ifmib.IfXKey(more.IfIndex()), false) {
		rows++
		if row.Index() != more.IfIndex() {
			t.Fatalf("%d in one table, %d in the other", row.Index(), more.IfIndex())
		}
		_, lacking := row.(mib.Lacking)
		if (row.Index() >= host.FirstLine) != lacking {
			t.Errorf("%d has no counters: %v", row.Index(), lacking)
		}
		if lacking {
			got = append(got, fmt.Sprintf("%d %s, %s: type %d, %d (%d), %d %d, %v %d", row.Index()-host.FirstLine, row.Descr(), more.IfName(), row.Type(), row.Speed(), more.IfHighSpeed(), row.AdminStatus(), row.OperStatus(), more.IfConnectorPresent(), more.IfLinkUpDownTrapEnable()))
		}
	}
	if n := int(i.IfNumber()); n != rows || len(got) != 10 {
		t.Errorf("ifNumber is %d, %d rows, %d lines", n, rows, len(got))
	}
	same(t, got[3:], []string{
		`3 ISDN S0 port hfc-4s.1-4, hfc-4s.1-4: type 75, 144000 (0), 1 4, true 1`,
		`4 FXS port WCTDM/0/0, WCTDM/0/0: type 102, 64000 (0), 1 1, true 1`,
		`5 FXS port WCTDM/0/1, WCTDM/0/1: type 102, 64000 (0), 1 1, true 1`,
		`6 FXO port WCTDM/0/2, WCTDM/0/2: type 101, 64000 (0), 1 1, true 1`,
		`7 FXO port WCTDM/0/3, WCTDM/0/3: type 101, 64000 (0), 2 2, true 1`,
		`8 E1 port TE2/0/1, TE2/0/1: type 18, 2048000 (2), 1 1, true 1`,
		`9 E1 port TE2/0/2, TE2/0/2: type 18, 2048000 (2), 1 2, true 1`,
	})
	bound := mib.Binding{Status: i}
	line := i.SeekIf(ifmib.IfKey(host.FirstLine), true)
	if v := ifmib.Objects.IfInOctets.Get(bound, line, nil); v.Kind != mib.KindNone {
		t.Errorf("ifInOctets of a line is %v", v)
	}
	if v := ifmib.Objects.IfOperStatus.Get(bound, line, nil); v.Num != 4 {
		t.Errorf("ifOperStatus is %v", v)
	}
	for _, tab := range ifmib.Module.Tables {
		walkTable(t, tab, i)
	}
	for row := (resources{tables}).SeekHrNetwork(nil, true); row != nil; row = (resources{tables}).SeekHrNetwork(mib.Key{mib.Int(row.HrDeviceIndex())}, false) {
		if row.IfIndex() >= host.FirstLine {
			t.Error("a line is no device of the network")
		}
	}
}

// TestLineInAlarm: red alarm is linkDown and an alarm, its end linkUp.
func TestLineInAlarm(t *testing.T) {
	testwait.NoLeaks(t)
	tree := testlines.New(t)
	spans := tree.TE220("0000:06:01.0", "SN", 1)
	el := testelement.New(t, element.Options{})
	tables := New(el.Element, product)
	tables.host = host.New(host.Options{Root: tree.Root, UpTime: el.UpTime})
	sink := el.Bus.SubscribeTo("test", 10, func(e event.Event) bool { return e.ID == MsgLinkDown || e.ID == MsgLinkUp })
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tables.Run(done)
	}()
	defer func() {
		close(done)
		<-ended
	}()
	state := func() ifmib.IfOperStatus {
		return interfaces{tables}.SeekIf(ifmib.IfKey(host.FirstLine+1), true).OperStatus()
	}
	testwait.Until(t, 5*time.Second, "the span is up", func() bool { return state() == ifmib.IfOperStatusUp })
	tree.Write(spans[1]+"/alarms", "0x8\n")
	testwait.Until(t, 5*time.Second, "the span is down", func() bool { return state() == ifmib.IfOperStatusDown })
	down := el.AwaitEvent(sink, MsgLinkDown)
	want := ifmib.LinkDown{Index: host.FirstLine + 1, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusDown}
	if down.Notification != want || !down.Alarm.Raised || !strings.Contains(down.Text, "TE2/0/2: the link is down (down: red alarm)") {
		t.Errorf("%+v", down)
	}
	tree.Write(spans[1]+"/alarms", "0x0\n")
	testwait.Until(t, 5*time.Second, "the span is up again", func() bool { return state() == ifmib.IfOperStatusUp })
	up := el.AwaitEvent(sink, MsgLinkUp)
	if up.Notification != (ifmib.LinkUp{Index: host.FirstLine + 1, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusUp}) || up.Alarm.Resource != down.Alarm.Resource || up.Alarm.Raised {
		t.Errorf("%+v", up)
	}
}

// TestLineModuleThatComesAndGoes: entLastChangeTime and entConfigChange tell of
// it, and it has its numbers again.
func TestLineModuleThatComesAndGoes(t *testing.T) {
	testwait.NoLeaks(t)
	tree := testlines.New(t)
	tree.TDM400P("0000:05:02.0", 5)
	el := testelement.New(t, element.Options{})
	tables := New(el.Element, product)
	tables.host = host.New(host.Options{Root: tree.Root, UpTime: el.UpTime})
	p := physical{tables}
	before := modulesAndLines(p.tables())
	sink := el.Bus.SubscribeTo("test", 10, func(e event.Event) bool { return e.ID == MsgEntityChange })
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		p.watch(done, time.Millisecond)
	}()
	defer func() {
		close(done)
		<-ended
	}()
	changed := func(what string, want func(rows []string) bool) {
		t.Helper()
		last, number := p.EntLastChangeTime(), interfaces{tables}.IfTableLastChange()
		el.AwaitEvent(sink, MsgEntityChange)
		testwait.Until(t, 5*time.Second, what, func() bool { // a card that is being written may be seen in between
			return want(modulesAndLines(p.tables())) && p.EntLastChangeTime() > last && interfaces{tables}.IfTableLastChange() > number
		})
		sink.Events()
	}
	as := func(rows []string) func([]string) bool {
		return func(now []string) bool { return slices.Equal(now, rows) }
	}
	var both []string
	spans := tree.TE220("0000:06:01.0", "SN", 1)
	changed("a module came", func(rows []string) bool { both = rows; return len(rows) == len(before)+3 })
	tree.Remove("sys/devices/pci0000:00/0000:00:1e.0/0000:05:02.0")
	changed("a module went", func(rows []string) bool { return len(rows) == 3 && rows[0] == both[1] })
	tree.TDM400P("0000:05:02.0", 7)
	changed("it came again", as(both))
	tree.Remove(filepath.Dir(spans[0]))
	changed("the other went", as(before))
}
