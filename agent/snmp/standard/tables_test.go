package standard

import (
	"fmt"
	"math"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golangsnmp/gomib"

	"mibgate/element"
	"mibgate/element/dcm"
	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/entitysensor"
	"mibgate/mib/hostresources"
	"mibgate/mib/ipmib"
	"mibgate/mib/model"
	"mibgate/mib/snmpv2"
	"mibgate/mib/tc"
	"mibgate/testdata/testelement"
)

var product = mib.MustOID("1.3.6.1.4.1.32473.100.100.1")

func newTables(t *testing.T) *Tables {
	t.Helper()
	el := testelement.New(t, element.Options{})
	unit, err := dcm.New(el.Store, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	el.Start(unit)
	return New(el.Element, product)
}

// TestEveryTableWalks: in every module the rows come in the order of a walk,
// every one is found by its key, and every value is one of its syntax.
func TestEveryTableWalks(t *testing.T) {
	tables := newTables(t)
	modules := 0
	for _, m := range model.Registry.Modules() {
		status := tables.Status(m)
		if status == nil {
			continue
		}
		modules++
		for _, o := range m.Objects {
			if o.Table == nil && o.Access.Readable() {
				check(t, o, nil, o.Get(mib.Binding{Status: status}, nil, nil))
			}
		}
		for _, tab := range m.Tables {
			walkTable(t, tab, status)
		}
	}
	if modules != len(tables.status) {
		t.Errorf("%d of %d modules are in the registry", modules, len(tables.status))
	}
	if tables.Status(snmpv2.Module) != nil {
		t.Error("SNMPv2-MIB is the agent's")
	}
}

func walkTable(t *testing.T, tab *mib.Table, status any) {
	t.Helper()
	var last mib.OID
	row, ok := tab.Seek(status, nil, true)
	for ok {
		key := tab.KeyOf(row, nil)
		name := mib.AppendInstance(tab.Index, nil, key)
		if last != nil && last.Compare(name) >= 0 {
			t.Errorf("%s: %s comes after %s", tab.Name, name, last)
		}
		if b := mib.ParseInstance(tab.Index, nil, name); !b.Exact || mib.CompareKeys(tab.Index, b.Key, key) != 0 {
			t.Errorf("%s: %s is read as %+v", tab.Name, name, b)
		}
		if _, ok := tab.Lookup(status, key); !ok {
			t.Errorf("%s: %s is not found", tab.Name, name)
		}
		for _, c := range tab.Columns {
			if part, ok := row.(mib.Lacking); ok && part.Lacks(c) {
				continue
			}
			if c.Access.Readable() {
				check(t, c, key, c.Get(mib.Binding{Status: status}, row, nil))
			}
		}
		last = name
		row, ok = tab.Seek(status, key, false)
	}
}

func check(t *testing.T, o *mib.Object, key mib.Key, v mib.Value) {
	t.Helper()
	if err := o.Syntax.Check(v); err != nil {
		t.Errorf("%s is %v: %v", o.Instance(key), v, err)
	}
}

func TestModules(t *testing.T) {
	m := NewModules(model.Registry)
	n := 0
	if first := m.SeekSysOR(nil, true); first.Index() != 1 || first.ID().Compare(capabilities) != 0 {
		t.Errorf("the first row is %+v", first)
	}
	if second := m.SeekSysOR(snmpv2.SysORKey(1), false); second.Index() != 2 || second.ID().Compare(standardCapabilities) != 0 {
		t.Errorf("the second row is %+v", second)
	}
	for row := m.SeekSysOR(snmpv2.SysORKey(3), true); row != nil; row = m.SeekSysOR(snmpv2.SysORKey(row.Index()), false) {
		want := model.Registry.Modules()[n]
		n++
		if int(row.Index()) != n+2 || row.ID().Compare(want.Identity) != 0 || len(row.ID()) == 0 || row.UpTime() != 0 || !strings.HasPrefix(row.Descr(), want.Name+": ") {
			t.Errorf("%+v, want %s", row, want.Name)
		}
	}
	if n != len(model.Registry.Modules()) || m.SysORLastChange() != 0 {
		t.Errorf("%d modules", n)
	}
}

// TestCapabilities: the first rows of sysORTable are the statements that an NMS
// finds in our modules.
func TestCapabilities(t *testing.T) {
	ours, err := gomib.Dir("../../../mib/modules")
	if err != nil {
		t.Fatal(err)
	}
	ofStandard, err := gomib.Dir("../../../mib/modules/standard")
	if err != nil {
		t.Fatal(err)
	}
	m, err := gomib.Load(t.Context(), gomib.WithSource(ours, ofStandard), gomib.WithModules("MIBGATE-CAPS-MIB", "MIBGATE-STANDARD-CAPS-MIB"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]mib.OID{"mibgateAgentCapabilities": capabilities, "mibgateStandardAgentCapabilities": standardCapabilities} {
		if node := m.Node(name); node == nil || node.OID().String() != want.String() {
			t.Errorf("%s is %v, want %s", name, node, want)
		}
	}
}

func TestAddressRows(t *testing.T) {
	address := func(s string, bits, iface int, origin host.Origin) host.Address {
		return host.Address{Addr: netip.MustParseAddr(s), Bits: bits, Interface: iface, Origin: origin, Status: host.Preferred, Created: time.Second, Changed: 2 * time.Second}
	}
	n := &host.Network{Addresses: []host.Address{
		address("fe80::1%7", 64, 7, host.OriginLinkLayer),
		address("fe80::1%3", 64, 3, host.OriginLinkLayer),
		address("2001:db8::5", 64, 3, host.OriginRandom),
		address("192.0.2.9", 24, 3, host.OriginManual),
		address("192.0.2.10", 24, 3, host.OriginManual),
		address("198.51.100.4", 25, 4, host.OriginDHCP),
		address("127.0.0.1", 8, 1, host.OriginManual),
	}}
	for i := range n.Addresses {
		if a := &n.Addresses[i]; a.Bits == 24 {
			a.Broadcast = netip.MustParseAddr("192.0.2.255")
		}
	}
	tables := buildAddresses(n)
	all, ok := tables.addresses.Seek(ipmib.IpAddressKey(tc.InetAddressTypeIpv4, "\xc0\x00\x02\xff"), true)
	if !ok || all.Type() != ipmib.IpAddressTypeBroadcast || all.IfIndex() != 3 {
		t.Errorf("the address of all is %+v", all)
	}
	if tables.addresses.Len() != 8 || tables.prefixes.Len() != 6 {
		t.Fatalf("%d addresses in %d networks", tables.addresses.Len(), tables.prefixes.Len())
	}
	for _, tt := range []struct {
		kind   tc.InetAddressType
		octets string
		iface  int32
		prefix string
		origin tc.IpAddressPrefixOriginTC
	}{
		{tc.InetAddressTypeIpv4, "\xc0\x00\x02\x09", 3, "3.1.4.192.0.2.0.24", tc.IpAddressPrefixOriginTCManual},
		{tc.InetAddressTypeIpv4, "\xc6\x33\x64\x04", 4, "4.1.4.198.51.100.0.25", tc.IpAddressPrefixOriginTCDhcp},
		{tc.InetAddressTypeIpv4, "\x7f\x00\x00\x01", 1, "1.1.4.127.0.0.0.8", tc.IpAddressPrefixOriginTCWellknown},
		{tc.InetAddressTypeIpv6, string(netip.MustParseAddr("2001:db8::5").AsSlice()), 3, "3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0.64", tc.IpAddressPrefixOriginTCRouteradv},
		{tc.InetAddressTypeIpv6z, string(netip.MustParseAddr("fe80::1").AsSlice()) + "\x00\x00\x00\x07", 7, "7.4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.64", tc.IpAddressPrefixOriginTCWellknown},
	} {
		row, ok := tables.addresses.Seek(ipmib.IpAddressKey(tt.kind, tt.octets), true)
		if !ok || row.Addr() != tt.octets || row.IfIndex() != tt.iface || row.Created() != 100 || row.LastChanged() != 200 || row.RowStatus() != mib.RowActive || row.Type() != ipmib.IpAddressTypeUnicast {
			t.Errorf("%x: %+v", tt.octets, row)
			continue
		}
		want := ipmib.Objects.IpAddressPrefixOrigin.OID.String() + "." + tt.prefix
		if got := row.Prefix().String(); got != want {
			t.Errorf("%x is in %s, want %s", tt.octets, got, want)
		}
		bound := mib.ParseInstance(ipmib.Tables.IpAddressPrefix.Index, nil, row.Prefix()[len(ipmib.Objects.IpAddressPrefixOrigin.OID):])
		network, ok := tables.prefixes.Seek(bound.Key, true)
		if !bound.Exact || !ok || network.Origin() != tt.origin || !network.OnLinkFlag() {
			t.Errorf("%x: network %+v", tt.octets, network)
		}
	}
}

func TestScalarsOfIP(t *testing.T) {
	a := addresses{newTables(t)}
	for name, got := range map[string]int{"ip_default_ttl": int(a.IpDefaultTTL()), "ip_forward": int(2 - a.IpForwarding())} {
		b, err := os.ReadFile("/proc/sys/net/ipv4/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.TrimSpace(string(b)); strconv.Itoa(got) != want {
			t.Errorf("%s is %d, want %s", name, got, want)
		}
	}
}

func TestResources(t *testing.T) {
	s := &host.System{
		Memory:     host.Memory{Total: 8 << 40, Free: 2 << 40, Buffers: 1 << 30, Cached: 2 << 30, Shared: 3 << 30, SwapTotal: 1 << 30, SwapFree: 1 << 29},
		Storage:    []host.Storage{{Number: 1, Mount: "/", Type: "ext4", Unit: 4096, Size: 1 << 40, Used: 1 << 39}, {Number: 2, Mount: "/tmp", Type: "tmpfs", Unit: 4096, Size: 10, Used: 3}},
		Processors: []host.Processor{{Number: 0, Model: "First", Load: 7}, {Number: 3, Load: 100}},
	}
	tables := buildResources(s)
	var got []int32
	for i := range int32(40) {
		row, ok := tables.storage.Seek(hostresources.HrStorageKey(i), true)
		if !ok || row.Index() != i {
			continue
		}
		got = append(got, i)
		if row.Size() < 0 || row.Used() > row.Size() || row.AllocationUnits() < 1 {
			t.Errorf("%+v", row)
		}
	}
	if !slices.Equal(got, []int32{1, 3, 6, 7, 8, 10, 31, 32}) {
		t.Errorf("storage %v", got)
	}
	row, _ := tables.storage.Seek(hostresources.HrStorageKey(31), true)
	if uint64(row.AllocationUnits())*uint64(row.Size()) != 4096<<40 || row.Used() != row.Size()/2 || row.Descr() != "/" || row.Type().Compare(storageDisk) != 0 {
		t.Errorf("a large disk is %+v", row)
	}
	devices := resources{newTables(t)}.buildDevices(moment{&host.Network{Interfaces: []host.Interface{
		{Index: 2, Name: "eth0", State: host.Up, Counters: host.Counters{InErrors: 3, OutErrors: 4}}, {Index: math.MaxInt32, Name: "far0"},
	}}, s})
	if devices.devices.Len() != 3 || devices.network.Len() != 1 || tables.processors.Len() != 2 {
		t.Fatalf("%d devices, %d networks, %d processors", devices.devices.Len(), devices.network.Len(), tables.processors.Len())
	}
	device, _ := devices.devices.Seek(hostresources.HrDeviceKey(networkDevices+2), true)
	if device.Errors() != 7 || device.Status() != hostresources.HrDeviceStatusRunning || device.Type().Compare(deviceNetwork) != 0 {
		t.Errorf("%+v", device)
	}
	processor, _ := tables.processors.Seek(hostresources.HrProcessorKey(firstProcessor+3), true)
	if processor.Load() != 100 {
		t.Errorf("%+v", processor)
	}
}

func TestDeviceStatus(t *testing.T) {
	for state, want := range map[host.State]hostresources.HrDeviceStatus{
		host.Up: hostresources.HrDeviceStatusRunning, host.Testing: hostresources.HrDeviceStatusTesting, host.Unknown: hostresources.HrDeviceStatusUnknown,
		host.Down: hostresources.HrDeviceStatusDown, host.NotPresent: hostresources.HrDeviceStatusDown, host.LowerLayerDown: hostresources.HrDeviceStatusDown,
	} {
		if got := deviceStatus(&host.Interface{State: state}); got != want {
			t.Errorf("%s: %s", state, got)
		}
	}
}

func TestSensorRows(t *testing.T) {
	all := &host.Sensors{Up: 3 * time.Second, List: []host.Sensor{{Name: "a", Kind: host.Celsius, Value: 41500}, {Name: "b", Kind: host.RPM, Value: 1200}, {Name: "c", Kind: host.Watts, Value: math.MaxInt64}, {Name: "d", Kind: host.Volts, Mute: true}}}
	all.List = append(all.List, host.Sensor{Name: "e", Kind: host.Percent, Value: 45250, Mute: true, Fault: true})
	for i := range all.List {
		all.List[i].Key = all.List[i].Name
	}
	for i := range lastSensor {
		all.List = append(all.List, host.Sensor{Key: fmt.Sprint(i), Kind: host.Volts})
	}
	rows := sensors{newTables(t)}.build(all)
	if rows.Len() != lastSensor-firstSensor+1 {
		t.Errorf("%d sensors", rows.Len())
	}
	for i, want := range []struct {
		kind  tc.EntitySensorDataType
		scale tc.EntitySensorDataScale
		value int32
		units string
		state tc.EntitySensorStatus
	}{
		{tc.EntitySensorDataTypeCelsius, tc.EntitySensorDataScaleMilli, 41500, "degrees Celsius", tc.EntitySensorStatusOk},
		{tc.EntitySensorDataTypeRpm, tc.EntitySensorDataScaleUnits, 1200, "rotations per minute", tc.EntitySensorStatusOk},
		{tc.EntitySensorDataTypeWatts, tc.EntitySensorDataScaleMilli, most, "watts", tc.EntitySensorStatusOk},
		{tc.EntitySensorDataTypeVoltsDC, tc.EntitySensorDataScaleMilli, 0, "volts", tc.EntitySensorStatusUnavailable},
		{tc.EntitySensorDataTypePercentRH, tc.EntitySensorDataScaleMilli, 45250, "percent relative humidity", tc.EntitySensorStatusNonoperational},
	} {
		row, _ := rows.Seek(entitysensor.EntPhySensorKey(int32(firstSensor+i)), true)
		if row.Type() != want.kind || row.Scale() != want.scale || row.Value() != want.value || row.UnitsDisplay() != want.units || row.ValueTimeStamp() != 300 || row.OperStatus() != want.state {
			t.Errorf("%+v, want %+v", row, want)
		}
	}
}

// TestTablesAreMadeOnce for a snapshot, so that a GETNEXT is cheap.
func TestTablesAreMadeOnce(t *testing.T) {
	var d derived[*int, int]
	builds := 0
	build := func(from *int) int { builds++; return *from }
	a, b := new(int), new(int)
	*b = 1
	for _, from := range []*int{a, a, b, b, a} {
		if got := d.of(from, build); got != *from {
			t.Errorf("%d of %d", got, *from)
		}
	}
	if builds != 3 {
		t.Errorf("%d builds", builds)
	}
}

// TestReadingMakesNoGarbage while a snapshot lasts.
func TestReadingMakesNoGarbage(t *testing.T) {
	tables := newTables(t)
	i := interfaces{tables}
	key := make(mib.Key, 1)
	i.SeekIf(nil, true)
	if n := testing.AllocsPerRun(100, func() {
		key[0] = mib.Int(0)
		if row := i.SeekIf(key, false); row != nil {
			_ = row.InOctets()
		}
	}); n > 0.5 { // a snapshot may end meanwhile
		t.Errorf("%v allocations per GETNEXT", n)
	}
}
