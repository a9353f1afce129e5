//go:build race

package snmp

// raceDetector is on: it allocates, and times mean nothing.
const raceDetector = true
