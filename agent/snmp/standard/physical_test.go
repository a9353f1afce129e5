package standard

import (
	"fmt"
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/event"
	"mibgate/element/host"
	"mibgate/mib/entity"
	"mibgate/mib/entitysensor"
	"mibgate/mib/tc"
	"mibgate/testdata/testelement"
)

// entityRow is what a test wants of a row of entPhysicalTable.
type entityRow struct {
	class    tc.IANAPhysicalClass
	within   int32
	position int32
	name     string
}

func TestPhysicalEntities(t *testing.T) {
	p := physical{newTables(t)}
	tables := p.build(parts{
		&host.Network{Interfaces: []host.Interface{
			{Index: 1, Name: "lo", Flags: 8},
			{Index: 2, Name: "ifb0", Kind: "ifb", Address: net.HardwareAddr{2}},
			{Index: 3, Name: "eth0", Device: true, Alias: "uplink"},
			{Index: 5, Name: "eth1", Address: net.HardwareAddr{2}},
			{Index: 9, Name: "v0", Kind: "veth"},
			{Index: 10, Name: "tun0"},
			{Index: math.MaxInt32, Name: "far0", Device: true},
		}},
		&host.Sensors{List: []host.Sensor{
			{Key: "coretemp: Core 0", Name: "coretemp: Core 0", Kind: host.Celsius, Value: 41000}, {Key: "nct: fan1", Name: "nct: fan1", Kind: host.RPM}, {Key: "nct: fan2", Name: "nct: fan2", Kind: host.RPM}, {Key: "nct: in0", Name: "nct: in0", Kind: host.Volts},
		}},
		&host.Processors{List: []host.Processor{{Number: 0, Model: "First"}, {Number: 2}, {Number: 200}}},
	})
	want := map[int32]entityRow{
		101: {tc.IANAPhysicalClassSensor, 1, 1, "coretemp: Core 0"},
		102: {tc.IANAPhysicalClassSensor, 901, 1, "nct: fan1"},
		103: {tc.IANAPhysicalClassSensor, 902, 1, "nct: fan2"},
		104: {tc.IANAPhysicalClassSensor, 1, 4, "nct: in0"},
		701: {tc.IANAPhysicalClassCpu, 1, 1, "cpu0"},
		703: {tc.IANAPhysicalClassCpu, 1, 3, "cpu2"},
		901: {tc.IANAPhysicalClassFan, 1, 1, "nct: fan1"},
		902: {tc.IANAPhysicalClassFan, 1, 2, "nct: fan2"},

		1003: {tc.IANAPhysicalClassPort, 1, 3, "eth0"},
		1005: {tc.IANAPhysicalClassPort, 1, 5, "eth1"},
		1009: {tc.IANAPhysicalClassPort, 1, 9, "v0"},
	}
	box := tables.entities[0]
	if box.Index() != chassis || box.VendorType().Compare(product) != 0 || box.SoftwareRev() != "1.2.3" || len(box.SerialNum()) != 12 || box.ContainedIn() != 0 || box.ParentRelPos() != -1 {
		t.Errorf("chassis %+v", box)
	}
	for _, row := range tables.entities[1:] {
		if got := (entityRow{row.Class(), row.ContainedIn(), row.ParentRelPos(), row.Name()}); got != want[row.Index()] {
			t.Errorf("entity %d is %+v, want %+v", row.Index(), got, want[row.Index()])
		}
	}
	if n := len(tables.entities); n != len(want)+1 || len(tables.contains) != n-1 {
		t.Errorf("%d entities, %d within another", n, len(tables.contains))
	}
	var aliases []string
	for _, row := range tables.aliases {
		aliases = append(aliases, row.Identifier().String())
	}
	if !slices.Equal(aliases, []string{"1.3.6.1.2.1.2.2.1.1.3", "1.3.6.1.2.1.2.2.1.1.5", "1.3.6.1.2.1.2.2.1.1.9"}) {
		t.Errorf("ports are %v", aliases)
	}
	if cpu := tables.entities[5]; cpu.Descr() != "First" {
		t.Errorf("processor %+v", cpu)
	}
}

// TestEntitiesAreATree: what entPhysicalContainsTable says is what
// entPhysicalContainedIn says, all leads to the chassis, and siblings of a class
// have different positions (RFC 6933 §2.12).
func TestEntitiesAreATree(t *testing.T) {
	tables := physical{newTables(t)}.tables()
	parent := map[int32]int32{}
	places := map[[3]int32]int32{}
	for _, row := range tables.entities {
		parent[row.Index()] = row.ContainedIn()
		place := [3]int32{row.ContainedIn(), int32(row.Class()), row.ParentRelPos()}
		if other, taken := places[place]; taken {
			t.Errorf("entities %d and %d are at one place", other, row.Index())
		}
		places[place] = row.Index()
	}
	if len(tables.contains) != len(parent)-1 {
		t.Errorf("%d of %d entities are within another", len(tables.contains), len(parent))
	}
	for _, row := range tables.contains {
		if child := row.EntPhysicalChildIndex(); parent[child] != row.EntPhysicalIndex() {
			t.Errorf("%d is in %d and in %d", child, parent[child], row.EntPhysicalIndex())
		}
	}
	for index := range parent {
		depth := 0
		for at := index; at != chassis; at = parent[at] {
			if depth++; depth > 4 {
				t.Fatalf("%d is in no chassis", index)
			}
		}
	}
}

// TestUUID: it is the one that Python's uuid5(NAMESPACE_OID, …) makes.
func TestUUID(t *testing.T) {
	u := unit{kind: "1.3.6.1.4.1.32473.100.100.61000", serial: "0123456789AB"}
	if got, want := u.uri(), "urn:uuid:e6b906fd-36f6-50e4-9f0c-5df8291604c6"; got != want || len(u.uuid()) != 16 {
		t.Errorf("%s, want %s", got, want)
	}
	if u.serial = ""; u.uri() != "" || u.uuid() != "" {
		t.Errorf("without a serial number it is %q", u.uri())
	}
}

// TestPlacesAreKept: what comes and goes leaves the numbers of all else as they
// are, and has its own again when it is back.
func TestPlacesAreKept(t *testing.T) {
	s := sensors{newTables(t)}
	p := physical(s)
	a, b := host.Sensor{Key: "a", Name: "a", Kind: host.RPM}, host.Sensor{Key: "b", Name: "b", Kind: host.RPM}
	eth0, eth1 := host.Interface{Index: 2, Name: "eth0", Device: true}, host.Interface{Index: 3, Name: "eth1", Device: true}
	places := func(links []host.Interface, list ...host.Sensor) (out []string) {
		all := &host.Sensors{List: list}
		for _, row := range p.build(parts{&host.Network{Interfaces: links}, all, &host.Processors{}}).entities[1:] {
			out = append(out, fmt.Sprint(row.Index(), " ", row.ParentRelPos(), " ", row.Name()))
		}
		rows := s.build(all)
		for row, ok := rows.Seek(nil, true); ok; row, ok = rows.Seek(entitysensor.EntPhySensorKey(row.EntPhysicalIndex()), false) {
			out = append(out, fmt.Sprint("sensor ", row.EntPhysicalIndex()))
		}
		return out
	}
	both := places([]host.Interface{eth0, eth1}, a, b)
	want := []string{"101 1 a", "102 1 b", "901 1 a", "902 2 b", "1002 2 eth0", "1003 3 eth1", "sensor 101", "sensor 102"}
	if !slices.Equal(both, want) {
		t.Errorf("%q, want %q", both, want)
	}
	if got, want := places([]host.Interface{eth1}, b), []string{"102 1 b", "902 2 b", "1003 3 eth1", "sensor 102"}; !slices.Equal(got, want) {
		t.Errorf("one of each is gone: %q, want %q", got, want)
	}
	if got := places([]host.Interface{eth1, eth0}, b, a); !slices.Equal(got, both) {
		t.Errorf("both are back: %q, want %q", got, both)
	}
}

// TestEntityChange: entLastChangeTime is when a row became another, of ports the
// time that the host says.
func TestEntityChange(t *testing.T) {
	p := physical{newTables(t)}
	network, sensors, processors := &host.Network{}, &host.Sensors{}, &host.Processors{}
	last := p.build(parts{network, sensors, processors})
	last.note(nil, time.Hour)
	tests := []struct {
		name string
		from parts
		want time.Duration
	}{
		{"nothing", parts{&host.Network{}, sensors, processors}, 0},
		{"no port came", parts{&host.Network{LastChange: 2 * time.Second, Interfaces: []host.Interface{{Index: 4, Name: "br0", Kind: "bridge"}}}, sensors, processors}, 0},
		{"a port came", parts{&host.Network{LastChange: 3 * time.Second, Interfaces: []host.Interface{{Index: 5, Name: "eth0", Device: true}}}, sensors, processors}, 3 * time.Second},
		{"its name changed", parts{&host.Network{LastChange: 3 * time.Second, Renamed: 13 * time.Second, Interfaces: []host.Interface{{Index: 5, Name: "lan0", Device: true}}}, sensors, processors}, 13 * time.Second},
		{"it went, a sensor came", parts{network, &host.Sensors{List: []host.Sensor{{Name: "a"}}}, processors}, 15 * time.Second},
		{"what it measures", parts{network, &host.Sensors{List: []host.Sensor{{Name: "a", Value: 7, Mute: true}}}, processors}, 15 * time.Second},
		{"a processor", parts{network, &host.Sensors{List: []host.Sensor{{Name: "a"}}}, &host.Processors{List: []host.Processor{{}}}}, 17 * time.Second},
		{"its load", parts{network, &host.Sensors{List: []host.Sensor{{Name: "a"}}}, &host.Processors{List: []host.Processor{{Load: 9}}}}, 17 * time.Second},
	}
	for i, tt := range tests {
		next := p.build(tt.from)
		next.note(last, time.Duration(11+i)*time.Second)
		if next.changed != tt.want {
			t.Errorf("%s: changed at %v, want %v", tt.name, next.changed, tt.want)
		}
		last = next
	}
}

// TestEntConfigChange: a change is told once, and nothing is told when there is
// none.
func TestEntConfigChange(t *testing.T) {
	el := testelement.New(t, element.Options{})
	p := physical{New(el.Element, product)}
	sink := el.Bus.SubscribeTo("test", 10, func(e event.Event) bool { return e.ID == MsgEntityChange })
	done, ended := make(chan struct{}), make(chan struct{})
	p.tables()
	go func() {
		defer close(ended)
		p.watch(done, time.Millisecond)
	}()
	for _, name := range []string{"first", "second"} {
		before := p.tables().changed
		el.MustSet(`Hoc.SystemName="` + name + `"`) // which is entPhysicalAlias of the chassis
		e := el.AwaitEvent(sink, MsgEntityChange)
		if e.Notification != (entity.EntConfigChange{}) || e.Alarm != (event.Alarm{}) {
			t.Errorf("%+v", e)
		}
		if after := p.tables().changed; after <= before || p.EntLastChangeTime() != ticksOf(after) || p.tables().entities[0].Alias() != name {
			t.Errorf("changed at %v and %v, the chassis is %q", before, after, p.tables().entities[0].Alias())
		}
	}
	close(done)
	<-ended
	if n := len(sink.Events()); n > 0 {
		t.Errorf("%d more", n)
	}
}

// TestReadingEntitiesMakesNoGarbage while a snapshot lasts.
func TestReadingEntitiesMakesNoGarbage(t *testing.T) {
	p := physical{newTables(t)}
	key := entity.EntPhysicalKey(0)
	p.tables()
	if n := testing.AllocsPerRun(100, func() { p.SeekEntPhysical(key, false) }); n > 0.5 { // a snapshot may end meanwhile
		t.Errorf("%v allocations per GETNEXT", n)
	}
}
