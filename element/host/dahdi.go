package host

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mostSpans is DAHDI_MAX_SPANS, mostChannels DAHDI_MAX_CHANNELS.
const (
	mostSpans    = 128
	mostChannels = 2048
)

// spanKinds are the types of digital spans (dahdi_spantype2str). The ones of a
// basic rate have S0, whichever end.
var spanKinds = map[string]LineKind{
	"E1": LineE1, "T1": LineT1, "J1": LineJ1,
	"BRI_NT": LineS0, "BRI_TE": LineS0, "BRI_SOFT": LineS0, "DYNAMIC": LineOther,
}

// span is a span of DAHDI: a digital line, or some analogue ones.
type span struct {
	dir, name, typ string
	local          int // its place on the device, from 1
	kind           LineKind
	digital        bool
	channels       int
	alarms         Alarms
	told, idle     bool
}

// slots is how many places its ports take.
func (s *span) slots() int {
	if s.digital {
		return 1
	}
	return max(s.channels, 1)
}

// dahdi reads the buses of DAHDI (dahdi-sysfs.c and dahdi-sysfs-chan.c of
// dahdi-linux): devices, which are cards; spans, which are folders within them;
// and channels, of which the ones of analogue spans are ports.
func (r *sysfs) dahdi() []LineModule {
	var out []LineModule
	byDevice := map[string]int{}
	for _, link := range r.devices("bus/dahdi_devices/devices") {
		dir, ok := r.target(link)
		if !ok {
			continue
		}
		byDevice[dir] = len(out)
		out = append(out, r.dahdiModule(dir))
	}
	spans := map[string][]*span{}
	for _, link := range r.devices("bus/dahdi_spans/devices") {
		dir, ok := r.target(link)
		if !ok {
			continue
		}
		device := filepath.Dir(dir)
		if _, known := byDevice[device]; !known { // DAHDI before 2.6 has spans in the devices of the bus
			byDevice[device] = len(out)
			out = append(out, r.dahdiModule(device))
		}
		spans[device] = append(spans[device], r.span(dir))
	}
	channels := r.channels(spans)
	for device, at := range byDevice {
		out[at].Ports = ports(spans[device], channels)
	}
	return out
}

// dahdiModule reads a device. What the hardware says of itself is what it is
// known by.
func (r *sysfs) dahdiModule(dir string) LineModule {
	m := LineModule{
		Name: filepath.Base(dir), Maker: r.word(dir, "manufacturer"), Model: r.word(dir, "type"),
		Serial: r.word(dir, "hardware_id"), Location: r.word(dir, "location"), device: filepath.Dir(dir),
	}
	if _, ok := r.text(dir, "vendor"); ok {
		m.device = dir
	}
	m.key = "DAHDI " + cmp.Or(m.Serial, m.Location, m.Name)
	if m.Serial == m.Model { // of a span over a network it is its address
		m.Serial = ""
	}
	return m
}

func (r *sysfs) span(dir string) *span {
	s := &span{
		dir: dir, name: r.word(dir, "name"), typ: r.word(dir, "spantype"),
		local: r.count(dir, "local_spanno", mostSpans), channels: r.count(dir, "channels", mostChannels),
	}
	s.name = cmp.Or(s.name, filepath.Base(dir))
	s.kind, s.digital = spanKinds[s.typ]
	s.digital = s.digital || r.word(dir, "is_digital") == "1"
	if n, err := strconv.ParseUint(r.word(dir, "alarms"), 0, 32); err == nil {
		s.alarms, s.told = Alarms(n), true
	}
	// Framing and coding are set with the configuration of the span, without
	// which it does not run; those over a network have none.
	coding, ok := r.text(dir, "lineconfig")
	s.idle = ok && coding == "" && s.digital && s.typ != "DYNAMIC"
	return s
}

// channel is an analogue line.
type channel struct {
	name, key  string
	position   int
	kind       LineKind
	alarms     Alarms
	told, idle bool
}

// channels reads those of the spans that are not digital, by folder of the span.
// What they are called differs from version to version: they are told by the
// span whose folder they are in, or that of the class in it.
func (r *sysfs) channels(all map[string][]*span) map[string][]channel {
	analogue := map[string]*span{}
	for _, spans := range all {
		for _, s := range spans {
			if !s.digital {
				analogue[s.dir] = s
			}
		}
	}
	out := map[string][]channel{}
	if len(analogue) == 0 {
		return out
	}
	for _, link := range r.devices("bus/dahdi_channels/devices") {
		dir, ok := r.target(link)
		if !ok {
			continue
		}
		s := analogue[filepath.Dir(dir)]
		if s == nil {
			s = analogue[filepath.Dir(filepath.Dir(dir))]
		}
		if s == nil {
			continue
		}
		if c, ok := r.channel(dir, s); ok {
			out[s.dir] = append(out[s.dir], c)
		}
	}
	return out
}

// channel reads one; false when nothing is plugged in at its place on the card:
// then it can have no signalling.
func (r *sysfs) channel(dir string, s *span) (c channel, ok bool) {
	sig, able := r.word(dir, "sig"), r.word(dir, "sigcap")
	c.idle = sig == "" || sig == "Unconfigured"
	if c.idle && able == "" {
		return c, false
	}
	base := strings.ReplaceAll(filepath.Base(dir), "!", "/")
	c.name, c.key = cmp.Or(r.word(dir, "name"), base), base[strings.LastIndex(base, "/")+1:]
	if c.position = r.count(dir, "chanpos", mostChannels); c.position > 0 {
		c.key = strconv.Itoa(c.position)
	}
	c.kind = analogueKind(sig, able, s.typ)
	c.alarms, c.told = s.alarms, s.told
	if words, ok := r.text(dir, "alarms"); ok {
		c.told = true
		for _, n := range alarmNames {
			if slices.Contains(strings.Fields(words), n.word) {
				c.alarms |= n.alarm
			}
		}
	}
	return c, true
}

// analogueKind tells FXS from FXO. Signalling is named after the other end: a
// port that signals as FXO is one for a telephone.
func analogueKind(sig, able, spanType string) LineKind {
	fxo, fxs := strings.Contains(able, "FXO"), strings.Contains(able, "FXS")
	switch {
	case strings.HasPrefix(sig, "FXO"):
		return LineFXS
	case strings.HasPrefix(sig, "FXS"):
		return LineFXO
	case strings.HasPrefix(sig, "E&M"):
		return LineEM
	case fxo && !fxs, fxo == fxs && spanType == "FXS":
		return LineFXS
	case fxs && !fxo, fxo == fxs && spanType == "FXO":
		return LineFXO
	}
	return LineOther
}

// ports are those of the spans of a device: one of a digital span, one of each
// channel of the others. Their positions go on from span to span, also over
// those that are not in use.
func ports(spans []*span, channels map[string][]channel) []Line {
	slices.SortStableFunc(spans, func(a, b *span) int { return cmp.Compare(a.local, b.local) })
	var out []Line
	free, next := 1, 1 // position, and local number of a span
	for _, s := range spans {
		free += max(s.local-next, 0)
		next = max(s.local, next) + 1
		local := strconv.Itoa(cmp.Or(s.local, next-1))
		if s.digital {
			out = append(out, Line{
				Name: s.name, Position: free, Kind: s.kind, Channels: s.channels,
				Idle: s.idle, Alarms: s.alarms, Told: s.told, key: local,
			})
		} else {
			for _, c := range channels[s.dir] {
				out = append(out, Line{
					Name: c.name, Position: free - 1 + c.position, Kind: c.kind, Channels: 1,
					Idle: c.idle, Alarms: c.alarms, Told: c.told, key: local + "." + c.key,
				})
			}
		}
		free += s.slots()
	}
	return out
}
