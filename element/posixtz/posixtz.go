package posixtz

import (
	"encoding/binary"
	"fmt"
	"time"
)

// MaxLength bounds the string, in octets.
const MaxLength = 255

// unread is the name of the zone that time falls back to when it does not understand the
// string; the grammar of Parse is to let nothing of that kind through.
const unread = "?"

// Parse gives the time zone that a POSIX TZ string describes; "" is UTC. The name of the
// Location is the string. The error is a *SyntaxError. IANA names ("Europe/Paris") are refused.
func Parse(s string) (*time.Location, error) {
	if s == "" {
		return time.UTC, nil
	}
	if err := check(s); err != nil {
		return nil, err
	}
	loc, err := time.LoadLocationFromTZData(s, tzif(s))
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", s, err)
	}
	if name, _ := time.Unix(0, 0).In(loc).Zone(); name == unread {
		return nil, &SyntaxError{Text: s, Why: "not understood"}
	}
	return loc, nil
}

// tzif is a TZif file (RFC 8536 §3) with one local time type, no transitions, and the TZ
// string as its footer:
//
//	header v1 | empty v1 block | header v2 | ttinfo: utoff(4) isdst(1) idx(1) | "?\0" | \n TZ \n
func tzif(s string) []byte {
	out := header(nil, 0, 0)
	out = header(out, 1, len(unread)+1)
	out = append(out, 0, 0, 0, 0, 0, 0)
	out = append(out, unread...)
	out = append(out, 0, '\n')
	out = append(out, s...)
	return append(out, '\n')
}

// header is magic, version, 15 reserved octets and the counts of isutc, isstd, leap,
// transitions, types and name octets.
func header(out []byte, types, chars int) []byte {
	out = append(out, "TZif2"...)
	out = append(out, make([]byte, 15+4*4)...)
	out = binary.BigEndian.AppendUint32(out, uint32(types))
	return binary.BigEndian.AppendUint32(out, uint32(chars))
}
