package standard

import (
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ifmib"
	"mibgate/mib/tc"
)

func TestInterfaceRows(t *testing.T) {
	const big = 5_000_000_007
	n := &host.Network{Interfaces: []host.Interface{
		{Index: 1, Name: "lo", Hardware: 772, Flags: 1 | 8, MTU: 65536, State: host.Up},
		{Index: 7, Name: "eth0", Alias: "uplink", Hardware: 1, Flags: 1, MTU: 1500, Address: net.HardwareAddr{2, 0, 0, 0, 0, 1}, State: host.LowerLayerDown,
			Megabits: 10_000, Device: true, Promisc: true, Since: 1500 * time.Millisecond, Created: time.Second,
			Counters: host.Counters{InPackets: big, InMulticast: 7, InOctets: big, InErrors: 1, InDropped: 2, InUnwanted: 3, OutPackets: big, OutOctets: big, OutErrors: 4, OutDropped: 5}},
		{Index: 8, Name: "br0", Kind: "bridge", OnTop: true, Hardware: 1, State: host.Down, Megabits: 100, Counters: host.Counters{InPackets: 1, InMulticast: 2}},
		{Index: 9, Name: "odd0", Hardware: 4711, State: host.NotPresent},
	}}
	tables := buildInterfaces(n)
	seek := func(index int32) (ifmib.IfRow, ifmib.IfXRow) {
		row, ok := tables.byIndex.Seek(ifmib.IfKey(index), true)
		more, ok2 := tables.more.Seek(ifmib.IfXKey(index), true)
		if !ok || !ok2 || row.Index() != index || more.IfIndex() != index {
			t.Fatalf("no interface %d", index)
		}
		return row, more
	}
	row, more := seek(7)
	if row.Descr() != "eth0" || more.IfName() != "eth0" || more.IfAlias() != "uplink" || row.Type() != tc.IANAifTypeEthernetCsmacd || row.Mtu() != 1500 ||
		row.PhysAddress() != "\x02\x00\x00\x00\x00\x01" || row.AdminStatus() != ifmib.IfAdminStatusUp || row.OperStatus() != ifmib.IfOperStatusLowerLayerDown {
		t.Errorf("eth0: %+v", row)
	}
	if row.Speed() != math.MaxUint32 || more.IfHighSpeed() != 10_000 || row.LastChange() != 150 || more.IfCounterDiscontinuityTime() != 100 || !more.IfConnectorPresent() || !more.IfPromiscuousMode() {
		t.Errorf("eth0: %+v, %+v", row, more)
	}
	octets := uint64(big)
	low32 := uint32(octets)
	for i, got := range []uint32{row.InOctets(), row.OutOctets(), row.OutUcastPkts(), row.InUcastPkts() + 7} {
		if got != low32 {
			t.Errorf("32-bit counter %d is %d, want %d", i, got, low32)
		}
	}
	for i, got := range []uint64{more.IfHCInOctets(), more.IfHCOutOctets(), more.IfHCOutUcastPkts(), more.IfHCInUcastPkts() + more.IfHCInMulticastPkts()} {
		if got != big {
			t.Errorf("64-bit counter %d is %d", i, got)
		}
	}
	if got := []uint32{row.InErrors(), row.InDiscards(), row.InUnknownProtos(), row.OutErrors(), row.OutDiscards(), more.IfInMulticastPkts()}; !slices.Equal(got, []uint32{1, 2, 3, 4, 5, 7}) {
		t.Errorf("counters %v", got)
	}
	row, more = seek(1)
	if row.Type() != tc.IANAifTypeSoftwareLoopback || more.IfLinkUpDownTrapEnable() != ifmib.IfLinkUpDownTrapEnableDisabled || row.PhysAddress() != "" {
		t.Errorf("lo: %+v", row)
	}
	row, more = seek(8)
	if row.Type() != tc.IANAifTypeBridge || row.AdminStatus() != ifmib.IfAdminStatusDown || row.Speed() != 100_000_000 || row.InUcastPkts() != 0 || more.IfLinkUpDownTrapEnable() != ifmib.IfLinkUpDownTrapEnableDisabled {
		t.Errorf("br0: %+v", row)
	}
	if row, _ = seek(9); row.Type() != tc.IANAifTypeOther || row.OperStatus() != ifmib.IfOperStatusNotPresent {
		t.Errorf("odd0: %+v", row)
	}
	if _, ok := tables.byIndex.Seek(ifmib.IfKey(9), false); ok {
		t.Error("there is a row behind the last")
	}
}

// TestAlarmsOfAnEarlierRun: the alarm of an interface that was taken away while
// the agent was stopped ends when it starts again; those of others stay.
func TestAlarmsOfAnEarlierRun(t *testing.T) {
	tables := newTables(t)
	for _, name := range []string{"gone0", "other0"} {
		tables.el.Bus.Emit(linkEvent(host.LinkChange{Interface: host.Interface{Name: name}, Fault: true}))
	}
	tables.faults["gone0"] = true
	tables.forgetLinks()
	active := tables.el.Bus.Active()
	if len(active) != 1 || active[0].Alarm.Resource != "interface other0" || len(tables.faults) != 0 {
		t.Errorf("%+v, %v", active, tables.faults)
	}
}

func TestLinkEvents(t *testing.T) {
	link := host.Interface{Index: 7, Name: "eth0", Flags: 1, State: host.Down}
	tests := []struct {
		name   string
		change host.LinkChange
		id     uint32
		raised bool
		want   mib.Notification
	}{
		{"cable out", host.LinkChange{Interface: link, Notice: host.LinkDown, Fault: true}, MsgLinkDown, true,
			ifmib.LinkDown{Index: 7, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusDown}},
		{"taken down", host.LinkChange{Interface: host.Interface{Index: 7, Name: "eth0", State: host.Down}, Notice: host.LinkDown}, MsgLinkDown, false,
			ifmib.LinkDown{Index: 7, AdminStatus: ifmib.IfAdminStatusDown, OperStatus: ifmib.IfOperStatusDown}},
		{"taken away", host.LinkChange{Interface: host.Interface{Index: 7, Name: "eth0", State: host.NotPresent}, Notice: host.LinkDown}, MsgLinkDown, false,
			ifmib.LinkDown{Index: 7, AdminStatus: ifmib.IfAdminStatusDown, OperStatus: ifmib.IfOperStatusNotPresent}},
		{"cable in", host.LinkChange{Interface: host.Interface{Index: 7, Name: "eth0", Flags: 1, State: host.Up}, Notice: host.LinkUp}, MsgLinkUp, false,
			ifmib.LinkUp{Index: 7, AdminStatus: ifmib.IfAdminStatusUp, OperStatus: ifmib.IfOperStatusUp}},
		{"down at the start", host.LinkChange{Interface: link, Fault: true}, MsgLinkDown, true, nil},
		{"taken down without carrier", host.LinkChange{Interface: link}, MsgLinkOff, false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := linkEvent(tt.change)
			if e.ID != tt.id || e.Alarm.Raised != tt.raised || e.Notification != tt.want || e.Alarm.Resource != "interface eth0" {
				t.Errorf("%+v", e)
			}
		})
	}
}
