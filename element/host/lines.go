package host

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// FirstLine is where the numbers of the ports of line modules begin among those
// of the interfaces: beyond what the kernel, which counts from 1, comes to.
const FirstLine = 1 << 30

// LineModule is a card with telephone ports, or what the kernel makes of
// software in the place of one. It never changes.
type LineModule struct {
	Number   int    // from 1; stays with the module as long as the unit runs
	Name     string // of its device: "pci:0000:04:00.0", "l1oip"
	Maker    string // may be empty, as what follows
	Model    string
	Serial   string
	Revision string // of its hardware
	Location string // "PCI Bus 04 Slot 01"
	Plugged  bool   // it is a device that can be taken out, and not made of software
	Ports    []Line // by Position

	key    string // what it is known by when it comes again
	device string // folder of the card; empty when there is none
}

// Line is one telephone port of a module: an interface of the host as those of
// the network are.
type Line struct {
	Index    int    // among the interfaces, from FirstLine; stays as Number does
	Name     string // as its driver calls it: "WCTDM/0/1", "hfc-4s.1-2"
	Position int    // on its module, from 1
	Kind     LineKind
	Channels int    // that can carry a call
	Idle     bool   // no configuration of the driver uses it
	Alarms   Alarms // as far as Told
	Told     bool   // the driver tells of alarms

	key string // within its module
}

// LineKind is what can be plugged in at a port.
type LineKind uint8

// The kinds of ports; FXS has a telephone at the other end, FXO an exchange.
const (
	LineOther LineKind = iota // over a network, or of a kind that its driver does not tell
	LineS0                    // basic rate ISDN, four wires (ITU-T I.430)
	LineUp0                   // basic rate ISDN, two wires
	LineE1
	LineT1
	LineJ1
	LineFXS
	LineFXO
	LineEM // ear and mouth
)

var lineKinds = [...]string{"telephone", "ISDN S0", "ISDN Up0", "E1", "T1", "J1", "FXS", "FXO", "E&M"}

func (k LineKind) String() string { return lineKinds[k] }

// Rate is what the kind carries in bits per second: the line rate of E1, T1 and
// J1 (RFC 4805 §3.1), both B channels and the D channel of a basic rate, and 64
// kbit/s a channel of others.
func (l *Line) Rate() int64 {
	switch l.Kind {
	case LineE1:
		return 2_048_000
	case LineT1, LineJ1:
		return 1_544_000
	case LineS0, LineUp0:
		return 144_000
	}
	return 64_000 * int64(l.Channels)
}

// Alarms are those of a line, DAHDI_ALARM_… of dahdi/user.h. What is not named
// here is the cause of another.
type Alarms uint32

// The alarms.
const (
	AlarmRecovering Alarms = 1 << 0 // the line is good again, but for how long
	AlarmLoopback   Alarms = 1 << 1
	AlarmYellow     Alarms = 1 << 2 // the far end receives nothing
	AlarmRed        Alarms = 1 << 3 // nothing is received
	AlarmBlue       Alarms = 1 << 4 // all ones are received
	AlarmNotOpen    Alarms = 1 << 5 // no program uses the channels
)

// alarmNames are as channels have them in sysfs, and as people call them.
var alarmNames = [...]struct {
	alarm       Alarms
	word, shown string
}{
	{AlarmRed, "RED", "red alarm"}, {AlarmBlue, "BLUE", "blue alarm"}, {AlarmYellow, "YELLOW", "yellow alarm"},
	{AlarmRecovering, "RECOVERING", "recovering"}, {AlarmLoopback, "LOOP", "loopback"}, {AlarmNotOpen, "NOTOPEN", "not open"},
}

func (a Alarms) String() string {
	var out []string
	for _, n := range alarmNames {
		if a&n.alarm != 0 {
			out = append(out, n.shown)
			a &^= n.alarm
		}
	}
	if a != 0 && len(out) == 0 {
		out = append(out, "alarm "+strconv.FormatUint(uint64(a), 16))
	}
	return strings.Join(out, ", ")
}

// State is the operational state of the port. A line that is in an alarm of
// carrier cannot carry calls, in whichever direction; a loop is a test (RFC 2863
// §3.1.13).
func (l *Line) State() State {
	switch rest := l.Alarms &^ (AlarmLoopback | AlarmNotOpen); {
	case l.Idle:
		return Down
	case !l.Told:
		return Unknown
	case rest != 0:
		return Down
	case l.Alarms&AlarmLoopback != 0:
		return Testing
	case l.Alarms&AlarmNotOpen != 0:
		return Dormant
	}
	return Up
}

// Condition is the state of an interface, with the alarms of a line.
func (i *Interface) Condition() string {
	if i.Line != nil && i.Line.Alarms != 0 {
		return i.State.String() + ": " + i.Line.Alarms.String()
	}
	return i.State.String()
}

// Rate is the bandwidth in bits per second; 0 when it is unknown.
func (i *Interface) Rate() int64 {
	if i.Line != nil {
		return i.Line.Rate()
	}
	return i.Megabits * 1_000_000
}

// lineMemory has the numbers of modules and ports that were ever there, so that
// one that comes again has its old one. Only readNetwork uses it.
type lineMemory struct {
	modules, ports map[string]int
	last           []LineModule
	pci            pciDevices
}

// addLines reads the line modules, and adds their ports to the interfaces.
func (h *Host) addLines(n *Network) {
	modules, ok := h.readLines()
	if !ok {
		modules = h.modules.last
	}
	h.modules.last = modules
	n.LineModules = modules
	for m := range modules {
		for p := range modules[m].Ports {
			port := &modules[m].Ports[p]
			if port.Index == 0 || slices.ContainsFunc(n.Interfaces, func(i Interface) bool { return i.Index == port.Index }) {
				continue
			}
			n.Interfaces = append(n.Interfaces, port.asInterface(modules[m].Plugged))
		}
	}
}

func (l *Line) asInterface(plugged bool) Interface {
	i := Interface{Index: l.Index, Name: l.Name, State: l.State(), Device: plugged, Line: l}
	if !l.Idle {
		i.Flags = flagUp
	}
	return i
}

// readLines reads what telephone hardware the kernel has. It is false when the
// host is out of what reading takes: then nothing is known.
func (h *Host) readLines() (modules []LineModule, ok bool) {
	if h.modules.pci == nil {
		h.modules.pci = pciDevices{}
	}
	r := &sysfs{root: h.root, pci: h.modules.pci}
	modules = append(r.dahdi(), r.mISDN()...)
	for i := range modules {
		r.hardware(&modules[i])
	}
	if r.starved {
		return nil, false
	}
	slices.SortStableFunc(modules, func(a, b LineModule) int { return cmp.Or(naturally(a.Name, b.Name), cmp.Compare(a.key, b.key)) })
	h.modules.number(modules)
	return modules, true
}

// number gives modules and ports their numbers. What says the same of itself as
// another has the name of its device to be told apart by.
func (m *lineMemory) number(modules []LineModule) {
	if m.modules == nil {
		m.modules, m.ports = map[string]int{}, map[string]int{}
	}
	count := map[string]int{}
	for i := range modules {
		count[modules[i].key]++
	}
	names := map[string]bool{}
	for i := range modules {
		mod := &modules[i]
		if count[mod.key] > 1 {
			mod.key += "\x00" + mod.Name
		}
		mod.Number = numberOf(m.modules, mod.key)
		mod.arrange()
		for j := range mod.Ports {
			port := &mod.Ports[j]
			if names[port.Name] {
				port.Name = mod.Name + "/" + port.key
			}
			names[port.Name] = true
			if n := numberOf(m.ports, mod.key+"\x00"+port.key); n <= math.MaxInt32-FirstLine {
				port.Index = FirstLine - 1 + n
			}
		}
	}
}

func numberOf(numbers map[string]int, key string) int {
	n, ok := numbers[key]
	if !ok {
		n = len(numbers) + 1
		numbers[key] = n
	}
	return n
}

// arrange orders the ports by their position, and gives those that have none, or
// one that is taken, the next that is free.
func (m *LineModule) arrange() {
	slices.SortStableFunc(m.Ports, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), naturally(a.key, b.key))
	})
	m.Ports = slices.CompactFunc(m.Ports, func(a, b Line) bool { return a.key == b.key })
	taken := map[int]bool{}
	for i := range m.Ports {
		p := &m.Ports[i]
		for p.Position < 1 || taken[p.Position] {
			p.Position++
		}
		taken[p.Position] = true
	}
	slices.SortFunc(m.Ports, func(a, b Line) int { return cmp.Compare(a.Position, b.Position) })
}

// naturally orders names with numbers in them as people do: "te2" is before
// "te10".
func naturally(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			n, m := strings.TrimLeft(a[:x], "0"), strings.TrimLeft(b[:y], "0")
			if c := cmp.Or(cmp.Compare(len(n), len(m)), cmp.Compare(n, m)); c != 0 {
				return c
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits is how many s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
