//go:build race

package usm

// raceEnabled: sync.Pool drops what it is given at random under the detector.
const raceEnabled = true
