package host

import (
	"path/filepath"
	"strconv"
	"strings"
)

// The protocols of D channels that tell the kind of a port, ISDN_P_… of
// linux/mISDNif.h. The attribute d_protocols has a bit for each that a port can
// have, protocol the number of the one it has.
const (
	teS0  = 1
	ntS0  = 2
	teE1  = 3
	ntE1  = 4
	teUp0 = 5
	ntUp0 = 6
)

// mISDN reads the class of mISDN (drivers/isdn/mISDN/core.c): one device per
// port, whose link device leads to the card. The state of layer 1 is not among
// the attributes.
func (r *sysfs) mISDN() []LineModule {
	var out []LineModule
	byKey := map[string]int{}
	for _, dir := range r.devices("class/mISDN") {
		name := filepath.Base(dir)
		channels := r.count(dir, "nrbchan", 127) // of struct mISDNdevice
		if channels == 0 {
			continue // it is no port, or just gone
		}
		m := r.misdnModule(dir)
		at, known := byKey[m.key]
		if !known {
			at = len(out)
			byKey[m.key] = at
			out = append(out, m)
		}
		out[at].Ports = append(out[at].Ports, Line{
			Name: name, Channels: channels, Kind: misdnKind(r.count(dir, "protocol", 63), r.count(dir, "d_protocols", 1<<30)),
			key: name,
		})
	}
	for i := range out {
		out[i].place()
	}
	return out
}

// misdnModule is the card of a port. Ports without one are made of software;
// those of a driver, which is what a name begins with, belong together.
func (r *sysfs) misdnModule(dir string) LineModule {
	if card, ok := r.target(filepath.Join(dir, "device")); ok {
		name := filepath.Base(card)
		return LineModule{Name: name, key: "mISDN " + name, device: card}
	}
	driver := filepath.Base(dir)
	if i := strings.IndexAny(driver, "-."); i > 0 {
		driver = driver[:i]
	}
	return LineModule{Name: driver, Model: driver, key: "mISDN " + driver}
}

func misdnKind(protocol, can int) LineKind {
	if protocol >= teS0 && protocol <= ntUp0 {
		can = 1 << protocol
	}
	switch {
	case can&(1<<teE1|1<<ntE1) != 0:
		return LineE1
	case can&(1<<teS0|1<<ntS0) != 0:
		return LineS0
	case can&(1<<teUp0|1<<ntUp0) != 0:
		return LineUp0
	}
	return LineOther
}

// place gives ports the positions that their names end with: "hfc-4s.1-3" is
// the third of the first card. A number that may be the card's is none.
func (m *LineModule) place() {
	for i := range m.Ports {
		p := &m.Ports[i]
		if m.device != "" && len(m.Ports) == 1 {
			p.Position, p.key = 1, "1"
			continue
		}
		start := len(p.Name)
		for start > 0 && digits(p.Name[start-1:]) > 0 {
			start--
		}
		n, err := strconv.Atoi(p.Name[start:])
		if err != nil || n > mostDevices {
			continue
		}
		p.Position = n
		if m.device != "" && start > 0 && p.Name[start-1] == '-' {
			p.key = p.Name[start:] // the number of the card before it is that of another after it came again
		}
	}
}
