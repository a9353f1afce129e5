//go:build !race

package usm

const raceEnabled = false
