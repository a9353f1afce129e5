//go:build !race

package snmp

// raceDetector is off.
const raceDetector = false
