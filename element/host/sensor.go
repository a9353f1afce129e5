package host

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Sensors is what the sensors of the host tell at one moment; often there are
// none. It never changes.
type Sensors struct {
	List []Sensor
	Up   time.Duration // up time of the unit then
}

// Sensor is one sensor of the host.
type Sensor struct {
	Key   string // tells it from all others, also when others come and go
	Name  string // chip and label: "coretemp: Core 0"
	Kind  SensorKind
	Value int64 // milli-units of Kind, fans in rotations per minute
	Mute  bool  // it cannot be read now
	Fault bool  // its chip says that it is broken
}

// SensorKind is what a sensor measures.
type SensorKind uint8

// The kinds, in the numbers of EntitySensorDataType.
const (
	Volts   SensorKind = 4 // direct current, mV
	Amperes SensorKind = 5 // mA
	Watts   SensorKind = 6 // mW
	Celsius SensorKind = 8 // m°C
	Percent SensorKind = 9 // of relative humidity, thousandths
	RPM     SensorKind = 10
)

// inputs are the files of a chip in /sys/class/hwmon (the kernel's
// Documentation/hwmon/sysfs-interface); power is in microwatts. Some chips tell
// only averages.
var inputs = regexp.MustCompile(`^(temp|in|curr|power|fan|humidity)([0-9]+)_(input|average)$`)

var sensorKinds = map[string]SensorKind{"temp": Celsius, "in": Volts, "curr": Amperes, "power": Watts, "fan": RPM, "humidity": Percent}

// readSensors lists the sensors, by the files they are read from.
func (h *Host) readSensors() *Sensors {
	files, _ := filepath.Glob(h.path("sys/class/hwmon/hwmon*/*_input"))
	averages, _ := filepath.Glob(h.path("sys/class/hwmon/hwmon*/*_average"))
	files = append(files, averages...)
	slices.SortFunc(files, func(a, b string) int {
		return cmp.Or(byNumber(filepath.Dir(a), filepath.Dir(b)), byNumber(filepath.Base(a), filepath.Base(b)))
	})
	out := &Sensors{Up: h.upTime()}
	for _, file := range files {
		m := inputs.FindStringSubmatch(filepath.Base(file))
		dir, err := filepath.Rel(h.root, filepath.Dir(file))
		if m == nil || err != nil {
			continue
		}
		value, err := strconv.ParseInt(h.line(dir, m[0]), 10, 64)
		channel := m[1] + m[2]
		s := Sensor{Key: h.sensorKey(dir, m[0]), Kind: sensorKinds[m[1]], Value: value, Mute: err != nil, Fault: h.line(dir, channel+"_fault") == "1"}
		if s.Kind == Watts {
			s.Value /= 1000
		}
		s.Name = cmp.Or(h.line(dir, channel+"_label"), channel)
		if m[3] == "average" {
			s.Name += " average"
		}
		if chip := h.line(dir, "name"); chip != "" {
			s.Name = chip + ": " + s.Name
		}
		out.List = append(out.List, s)
	}
	return out
}

// sensorKey is chip, device and file: the numbers of the chips are those in
// which their drivers were loaded. What has no device has only its chip.
func (h *Host) sensorKey(dir, file string) string {
	device, err := filepath.EvalSymlinks(h.path(dir, "device"))
	if err != nil {
		device = dir
	}
	return h.line(dir, "name") + " " + device + " " + file
}

// byNumber orders names that end with a number: 2 comes before 10.
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
