package standard

import (
	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/entitysensor"
	"mibgate/mib/tc"
)

var _ entitysensor.Status = sensors{}

// sensors is the Status of ENTITY-SENSOR-MIB.
type sensors struct{ t *Tables }

func (s sensors) tables() mib.Sorted[entitysensor.EntPhySensorRow] {
	return s.t.sensors.of(s.t.host.Sensors(), s.build)
}

// unitNames are entPhySensorUnitsDisplay.
var unitNames = map[host.SensorKind]string{host.Volts: "volts", host.Amperes: "amperes", host.Watts: "watts", host.Celsius: "degrees Celsius", host.RPM: "rotations per minute", host.Percent: "percent relative humidity"}

// most is the largest value of a sensor (RFC 3433).
const most = 1_000_000_000

func (s sensors) build(all *host.Sensors) mib.Sorted[entitysensor.EntPhySensorRow] {
	var rows []entitysensor.EntPhySensorRow
	places := &s.t.places.sensors
	for _, s := range all.List {
		number, ok := places.of(s.Key, lastSensor-firstSensor+1)
		if !ok {
			continue
		}
		index := firstSensor + number
		scale := tc.EntitySensorDataScaleMilli
		if s.Kind == host.RPM {
			scale = tc.EntitySensorDataScaleUnits
		}
		state := tc.EntitySensorStatusOk
		switch {
		case s.Fault:
			state = tc.EntitySensorStatusNonoperational
		case s.Mute:
			state = tc.EntitySensorStatusUnavailable
		}
		rows = append(rows, entitysensor.NewEntPhySensorRow(
			int32(index), tc.EntitySensorDataType(s.Kind), scale, 0, int32(min(max(s.Value, -most), most)), //nolint:gosec // bounded
			state, unitNames[s.Kind], ticksOf(all.Up), 0,
		))
	}
	entitysensor.SortEntPhySensor(rows)
	return mib.NewSorted(rows, entitysensor.CompareEntPhySensor)
}

func (s sensors) SeekEntPhySensor(key mib.Key, inclusive bool) entitysensor.EntPhySensorRow {
	row, _ := s.tables().Seek(key, inclusive)
	return row
}
