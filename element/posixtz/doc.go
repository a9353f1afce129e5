// Package posixtz turns a POSIX TZ string ("EST5EDT4,M3.2.0/02:00:00,M11.1.0/02:00:00"),
// as Hoc.StaticTimeZone holds it, into a *time.Location.
//
// It owns the grammar of POSIX.1-2017, Base Definitions §8.3, with the extension of
// RFC 8536 §3.3.1 (hours -167 to 167 in the time of a rule), and says where a string breaks
// it. It imports nothing of ours and keeps no state: everything may be called from any goroutine,
// and a Location is immutable.
//
// # Why so little code
//
// The standard library evaluates TZ strings, but offers it only for those at the end of
// a TZif file (RFC 8536) and takes a string it cannot read for no rule at all. So Parse checks
// the grammar itself and then hands time.LoadLocationFromTZData a TZif file that consists of
// nothing but the string. What comes out works with the whole time package. No library
// outside of it was found that does more.
//
// One limit comes with it: the rules of a year are applied from its first to its last
// second in UTC, so a daylight time that lasts over New Year's night by a rule within hours of it
// ("EST5EDT,0/0,J365/25") is standard time for those hours. No zone in use has such a rule.
//
// Start reading at posixtz.go.
package posixtz
