package mib

import (
	"time"
	"unicode/utf8"
)

// Clip is as much of a UTF-8 text as fits into n octets; no character is cut.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// DateAndTime is a time with its zone in eleven octets (RFC 2579, DateAndTime).
func DateAndTime(t time.Time) string {
	_, offset := t.Zone()
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	year := t.Year()
	//nolint:gosec // octets by definition
	return string([]byte{
		byte(year >> 8), byte(year), byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second()),
		byte(t.Nanosecond() / 100_000_000), sign, byte(offset / 3600), byte(offset / 60 % 60),
	})
}
