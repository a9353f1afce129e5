package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mibgate/testdata/testlines"
)

// lineHost is a host with the hardware of a tree and no network.
func lineHost(tree *testlines.Tree) *Host {
	now := time.Duration(0)
	h := New(Options{Root: tree.Root, UpTime: func() time.Duration { now += time.Second; return now }})
	h.links = func() ([]Interface, []Address, error) {
		return []Interface{{Index: 1, Name: "lo", Flags: flagUp | flagLoopback, State: Up}}, nil, nil
	}
	return h
}

// shown is a module and its ports in short.
func shown(n *Network) []string {
	var out []string
	for _, m := range n.LineModules {
		out = append(out, fmt.Sprintf("%d %s: %s, %s, %q, %q, %s, %v", m.Number, m.Name, m.Maker, m.Model, m.Serial, m.Revision, m.Location, m.Plugged))
		for _, p := range m.Ports {
			out = append(out, fmt.Sprintf("  %d %d %s: %s, %d channels, %d bit/s, %s", p.Index-FirstLine, p.Position, p.Name, p.Kind, p.Channels, p.Rate(), p.State()))
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

func TestLineModules(t *testing.T) {
	tree := testlines.New(t)
	tree.Write("usr/share/misc/pci.ids", "# list\n1234  Other\n\tb410  Wrong\nd161  Digium, Inc.\n\t0220  E1\n\tb410  Wildcard B410 quad-BRI card\n\t\td161 b410  Sub\nffff  Last\n")
	tree.B410P("0000:04:00.0", 1)
	tree.TDM400P("0000:05:02.0", 1)
	tree.TE220("0000:06:01.0", "1TE220F-001", 2)
	tree.L1oIP("l1oip-s0.1")
	tree.L1oIP("l1oip-e1.2")
	n := lineHost(tree).Network()
	same(t, shown(n), []string{
		`1 0000:04:00.0: Digium, Inc., Wildcard B410 quad-BRI card, "", "01", PCI 0000:04:00.0, true`,
		`  0 1 hfc-4s.1-1: ISDN S0, 2 channels, 144000 bit/s, unknown`,
		`  1 2 hfc-4s.1-2: ISDN S0, 2 channels, 144000 bit/s, unknown`,
		`  2 3 hfc-4s.1-3: ISDN S0, 2 channels, 144000 bit/s, unknown`,
		`  3 4 hfc-4s.1-4: ISDN S0, 2 channels, 144000 bit/s, unknown`,
		`2 l1oip: , l1oip, "", "", , false`,
		`  4 1 l1oip-s0.1: ISDN S0, 2 channels, 144000 bit/s, unknown`,
		`  5 2 l1oip-e1.2: E1, 30 channels, 2048000 bit/s, unknown`,
		`3 pci:0000:05:02.0: Digium, Wildcard TDM400P REV I, "", "00", PCI Bus 05 Slot 02, true`,
		`  6 1 WCTDM/0/0: FXS, 1 channels, 64000 bit/s, up`,
		`  7 2 WCTDM/0/1: FXS, 1 channels, 64000 bit/s, up`,
		`  8 3 WCTDM/0/2: FXO, 1 channels, 64000 bit/s, up`,
		`  9 4 WCTDM/0/3: FXO, 1 channels, 64000 bit/s, down`,
		`4 pci:0000:06:01.0: Digium, Wildcard TE220 (5th Gen), "1TE220F-001", "02", PCI Bus 06 Slot 01, true`,
		`  10 1 TE2/0/1: E1, 31 channels, 2048000 bit/s, up`,
		`  11 2 TE2/0/2: E1, 31 channels, 2048000 bit/s, up`,
	})
	if len(n.Interfaces) != 13 || n.Interfaces[0].Name != "lo" {
		t.Errorf("%d interfaces", len(n.Interfaces))
	}
	s0, ok := n.Interface(FirstLine)
	if !ok || s0.Name != "hfc-4s.1-1" || !s0.Device || !s0.AdminUp() || s0.State != Unknown || s0.Rate() != 144_000 || s0.Line == nil {
		t.Errorf("%+v", s0)
	}
	if idle, _ := n.Interface(FirstLine + 9); idle.AdminUp() || idle.State != Down {
		t.Errorf("an unconfigured line: %+v", idle)
	}
}

// TestModuleOnUSB: the device tells what it is, above the function that has the
// port.
func TestModuleOnUSB(t *testing.T) {
	tree := testlines.New(t)
	usb := "sys/devices/pci0000:00/0000:00:1d.0/usb1/1-2"
	for name, text := range map[string]string{
		"idVendor": "0959\n", "idProduct": "2bd0\n", "manufacturer": "Cologne Chip AG\n", "serial": "00042\n", "bcdDevice": "0101\n",
	} {
		tree.Write(usb+"/"+name, text)
	}
	port := usb + "/1-2:1.0/mISDN/hfcs-usb.1"
	for name, text := range map[string]string{"nrbchan": "2\n", "d_protocols": "6\n", "protocol": "1\n"} {
		tree.Write(port+"/"+name, text)
	}
	tree.Link(port+"/device", usb+"/1-2:1.0")
	tree.Link("sys/class/mISDN/hfcs-usb.1", port)
	same(t, shown(lineHost(tree).Network()), []string{
		`1 1-2:1.0: Cologne Chip AG, USB 0959:2bd0, "00042", "0101", USB 1-2, true`,
		`  0 1 hfcs-usb.1: ISDN S0, 2 channels, 144000 bit/s, unknown`,
	})
}

// TestAlarmsOfALine: by the words of channels and the numbers of spans.
func TestAlarmsOfALine(t *testing.T) {
	for _, tt := range []struct {
		text, condition string
		state           State
	}{
		{"0x0\n", "up", Up},
		{"0x8\n", "down: red alarm", Down},
		{"0x308\n", "down: red alarm", Down},
		{"0x14\n", "down: blue alarm, yellow alarm", Down},
		{"0x1\n", "down: recovering", Down},
		{"0x2\n", "testing: loopback", Testing},
		{"0x20\n", "dormant: not open", Dormant},
		{"0x28\n", "down: red alarm, not open", Down},
		{"0x400\n", "down: alarm 400", Down},
		{"12\n", "down: red alarm, yellow alarm", Down},
		{"", "unknown", Unknown},
		{"soon\n", "unknown", Unknown},
		{"-1\n", "unknown", Unknown},
		{"0x1ffffffff\n", "unknown", Unknown},
	} {
		tree := testlines.New(t)
		spans := tree.TE220("0000:06:01.0", "1", 1)
		tree.Write(spans[1]+"/alarms", tt.text)
		n := lineHost(tree).Network()
		if i := n.Interfaces[2]; i.State != tt.state || i.Condition() != tt.condition || n.Interfaces[1].State != Up {
			t.Errorf("%q: %s, %s", tt.text, i.Condition(), n.Interfaces[1].State)
		}
	}
	for words, want := range map[string]State{"\n": Up, "RED \n": Down, "YELLOW RED\n": Down, "LOOP\n": Testing, "NOTOPEN": Dormant, "RECOVERING": Down, "REDDISH\n": Up} {
		tree := testlines.New(t)
		span := tree.TDM400P("0000:05:02.0", 1)
		tree.Write(span+"/dahdi!chan!001!003/alarms", words)
		if i := lineHost(tree).Network().Interfaces[3]; i.State != want || i.Name != "WCTDM/0/2" {
			t.Errorf("%q: %+v", words, i)
		}
		tree.Write(span+"/alarms", "0x8\n")
		if i := lineHost(tree).Network().Interfaces[1]; i.State != Down {
			t.Errorf("the span is in alarm: %+v", i)
		}
	}
}

// TestLinesThatComeAndGo have their numbers again, and are told of.
func TestLinesThatComeAndGo(t *testing.T) {
	tree := testlines.New(t)
	h := lineHost(tree)
	tdm := tree.TDM400P("0000:05:02.0", 1)
	spans := tree.TE220("0000:06:01.0", "SN7", 2)
	var told []string
	h.tellTo(func(c LinkChange) {
		told = append(told, fmt.Sprint(c.Interface.Name, " ", c.Interface.State, " ", c.Notice == LinkUp))
	})
	first := shown(h.network.fresh())
	if len(told) > 0 || h.Network().LastChange != 0 {
		t.Errorf("told of what was there: %v", told)
	}
	tree.Write(spans[0]+"/alarms", "0x8\n")
	h.network.fresh()
	tree.Write(spans[0]+"/alarms", "0x0\n")
	h.network.fresh()
	same(t, told, []string{"TE2/0/1 down false", "TE2/0/1 up true"})

	told = nil
	tree.Remove(filepath.Dir(filepath.Dir(spans[0])), tdm)
	gone := h.network.fresh()
	slices.Sort(told)
	same(t, told, []string{"TE2/0/1 not present false", "TE2/0/2 not present false", "WCTDM/0/0 not present false", "WCTDM/0/1 not present false", "WCTDM/0/2 not present false"})
	same(t, shown(gone), first[:1])
	if gone.LastChange == 0 {
		t.Error("no time of a change")
	}
	tree.TE220("0000:04:00.0", "SN7", 1) // in another slot
	back := shown(h.network.fresh())
	same(t, []string{back[0][:2], back[1], back[2]}, []string{first[5][:2], first[6], first[7]})
}

// TestTwinsAreToldApart: cards that say the same of themselves, and lines that
// have one name.
func TestTwinsAreToldApart(t *testing.T) {
	tree := testlines.New(t)
	tree.TE220("0000:06:01.0", "", 1)
	tree.TE220("0000:07:01.0", "", 3)
	h := lineHost(tree)
	n := h.Network()
	seen := map[string]bool{}
	for _, i := range n.Interfaces {
		if seen[i.Name] {
			t.Errorf("two are %s", i.Name)
		}
		seen[i.Name] = true
	}
	if len(n.Interfaces) != 5 || n.LineModules[0].Number == n.LineModules[1].Number {
		t.Errorf("%v", shown(n))
	}
	// A link of the kernel that has the number of a line keeps it.
	h.links = func() ([]Interface, []Address, error) {
		return []Interface{{Index: FirstLine, Name: "far0"}}, nil, nil
	}
	n = h.network.fresh()
	if i, _ := n.Interface(FirstLine); i.Name != "far0" || len(n.Interfaces) != 4 {
		t.Errorf("%+v", n.Interfaces)
	}
}

// TestPositionsOfLines go on from span to span.
func TestPositionsOfLines(t *testing.T) {
	line := func(local int, digital bool, name string) *span {
		return &span{dir: name, name: name, local: local, digital: digital, channels: 2}
	}
	two := []channel{{name: "a", key: "1", position: 1}, {name: "b", key: "2", position: 2}}
	for _, tt := range []struct {
		name  string
		spans []*span
		want  string
	}{
		{"digital", []*span{line(2, true, "y"), line(1, true, "x")}, "x1 y2"},
		{"the first is not in use", []*span{line(2, true, "y"), line(4, true, "z")}, "y2 z4"},
		{"mixed", []*span{line(1, false, "an"), line(2, true, "x")}, "a1 b2 x3"},
		{"no numbers", []*span{line(0, true, "x"), line(0, true, "y")}, "x1 y2"},
		{"one number", []*span{line(3, true, "x"), line(3, true, "y")}, "x3"},
	} {
		m := LineModule{Ports: ports(tt.spans, map[string][]channel{"an": two})}
		m.arrange()
		var got []string
		for _, p := range m.Ports {
			got = append(got, fmt.Sprint(p.Name, p.Position))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
}

// TestOddLines: drivers that say nothing, too much, or what no driver says.
func TestOddLines(t *testing.T) {
	tree := testlines.New(t)
	spans := tree.TE220("0000:06:01.0", "SN", 1)
	tdm := tree.TDM400P("0000:05:02.0", 3)
	card := tree.B410P("0000:04:00.0", 1)
	device := filepath.Dir(spans[0])
	tree.Write(device+"/type", strings.Repeat("long ", 5000))
	tree.Write(device+"/manufacturer", "(null)\n")
	tree.Write(device+"/hardware_id", "a\x00b\x1b[31m\xff\nsecond line\n")
	tree.Write(spans[0]+"/channels", "-4\n")
	tree.Write(spans[0]+"/local_spanno", "99999999999999999999\n")
	tree.Remove(spans[1] + "/name")
	tree.Remove(tdm+"/dahdi!chan!003!001/sigcap", tdm+"/dahdi!chan!003!001/sig")
	tree.Write(tdm+"/dahdi!chan!003!002/sigcap", "FXSKS FXOKS\n")
	tree.Write(tdm+"/dahdi!chan!003!002/sig", "Unconfigured\n")
	tree.Write(tdm+"/dahdi!chan!003!003/chanpos", "x\n")
	tree.Write(card+"/mISDN/hfc-4s.1-1/nrbchan", "many\n")
	tree.Write(card+"/mISDN/hfc-4s.1-2/d_protocols", "0\n")
	tree.Write(card+"/mISDN/hfc-4s.1-3/protocol", "5\n")
	tree.Remove(card + "/mISDN/hfc-4s.1-4/device")
	tree.Link("sys/class/mISDN/loop", "sys/class/mISDN/loop")
	if err := syscall.Mkfifo(filepath.Join(tree.Root, "sys/class/mISDN/name"), 0o600); err != nil {
		t.Fatal(err)
	}
	tree.Remove(spans[1] + "/alarms")
	if err := syscall.Mkfifo(filepath.Join(tree.Root, spans[1], "alarms"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := shown(lineHost(tree).Network())
	same(t, got, []string{
		`1 0000:04:00.0: , PCI d161:b410, "", "01", PCI 0000:04:00.0, true`,
		`  0 2 hfc-4s.1-2: telephone, 2 channels, 128000 bit/s, unknown`,
		`  1 3 hfc-4s.1-3: ISDN Up0, 2 channels, 144000 bit/s, unknown`,
		`2 hfc: , hfc, "", "", , false`,
		`  2 4 hfc-4s.1-4: ISDN S0, 2 channels, 144000 bit/s, unknown`,
		`3 pci:0000:05:02.0: Digium, Wildcard TDM400P REV I, "", "00", PCI Bus 05 Slot 02, true`,
		`  3 1 WCTDM/0/2: FXO, 1 channels, 64000 bit/s, up`,
		`  4 2 WCTDM/0/1: telephone, 1 channels, 64000 bit/s, down`,
		`  5 4 WCTDM/0/3: FXO, 1 channels, 64000 bit/s, down`,
		`4 pci:0000:06:01.0: , ` + strings.TrimSpace(strings.Repeat("long ", 51)) + `, "ab[31m", "02", PCI Bus 06 Slot 01, true`,
		`  6 1 TE2/0/1: E1, 0 channels, 2048000 bit/s, up`,
		`  7 2 span-2: E1, 31 channels, 2048000 bit/s, unknown`,
	})
}

// TestStarvedHostLosesNoLines: when no more files can be opened, what was known
// stays.
func TestStarvedHostLosesNoLines(t *testing.T) {
	var r sysfs
	for err, want := range map[error]bool{syscall.ENOENT: false, os.ErrPermission: false, &os.PathError{Err: syscall.EMFILE}: true, fmt.Errorf("x: %w", syscall.ENOMEM): true, errors.New("x"): false} {
		r.starved = false
		if r.failed(err); r.starved != want {
			t.Errorf("%v: %v", err, r.starved)
		}
	}
	tree := testlines.New(t)
	tree.B410P("0000:04:00.0", 1)
	h := lineHost(tree)
	before := shown(h.Network())
	var limit, none syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none = limit
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	after := shown(h.network.fresh())
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	same(t, after, before)
}

func TestNaturally(t *testing.T) {
	names := []string{"a10", "a2", "b", "a", "a2b", "a02", "a1-10", "a1-9"}
	slices.SortStableFunc(names, naturally)
	same(t, names, []string{"a", "a1-9", "a1-10", "a2", "a02", "a2b", "a10", "b"})
}
