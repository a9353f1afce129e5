package syslog

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// DefaultFormat is the model's default for the text of a message.
const DefaultFormat = "%servicetextkey: %serviceid-%servicename: %msgid-%message"

// maxWidth bounds width and precision of a macro; the format itself is 1024 octets at most.
const maxWidth = 255

// macros gives the value of each macro. A name that begins with another one comes first.
var macros = []struct {
	name  string
	value func(Message, Unit) string
}{
	{"servicetextkey", func(m Message, _ Unit) string { return m.ServiceKey }},
	{"servicename", func(m Message, _ Unit) string { return m.Service }},
	{"serviceid", func(m Message, _ Unit) string { return strconv.FormatUint(uint64(m.ServiceID), 10) }},
	{"message", func(m Message, _ Unit) string { return m.Text }},
	{"mfpname", func(_ Message, u Unit) string { return u.MFP }},
	{"profile", func(_ Message, u Unit) string { return u.Profile }},
	{"version", func(_ Message, u Unit) string { return u.Version }},
	{"serial", func(_ Message, u Unit) string { return u.Serial }},
	{"msgid", func(m Message, _ Unit) string { return strconv.FormatUint(uint64(m.ID), 10) }},
	{"mac", func(_ Message, u Unit) string { return u.MAC }},
}

// Format is a parsed message format. The zero value is DefaultFormat.
type Format struct{ parts []part }

// part is a literal, or a macro with its field bounds.
type part struct {
	literal   string
	macro     int // index into macros; -1 for a literal
	width     int // at least so many characters, filled with blanks on the left
	precision int // at most so many characters; -1 when not given
}

var defaultFormat = mustParse(DefaultFormat)

func mustParse(s string) Format {
	f, err := ParseFormat(s)
	if err != nil {
		return Format{parts: []part{{literal: s, macro: -1}}}
	}
	return f
}

// ParseFormat parses a format: text in which %[width][.precision]name stands for a value and
// %% for a percent sign. "" is DefaultFormat. The error is a *FormatError.
func ParseFormat(s string) (Format, error) {
	if s == "" {
		return Format{}, nil
	}
	var f Format
	for rest := s; rest != ""; {
		at := strings.IndexByte(rest, '%')
		if at < 0 {
			at = len(rest)
		}
		if at > 0 {
			f.parts = append(f.parts, part{literal: rest[:at], macro: -1})
			rest = rest[at:]
			continue
		}
		p, n, why := parseMacro(rest)
		if why != "" {
			return Format{}, &FormatError{Format: s, Pos: len(s) - len(rest), Why: why}
		}
		f.parts = append(f.parts, p)
		rest = rest[n:]
	}
	return f, nil
}

// parseMacro parses the macro that s begins with and gives its length, or what is wrong.
func parseMacro(s string) (p part, length int, why string) {
	if strings.HasPrefix(s, "%%") {
		return part{literal: "%", macro: -1}, 2, ""
	}
	p.precision = -1
	var rest string
	var ok bool
	p.width, rest, ok = leadingNumber(s[1:])
	if ok && strings.HasPrefix(rest, ".") {
		p.precision, rest, ok = leadingNumber(rest[1:])
	}
	if !ok {
		return p, 0, "width and precision go to " + strconv.Itoa(maxWidth)
	}
	for i, m := range macros {
		if strings.HasPrefix(rest, m.name) {
			p.macro = i
			return p, len(s) - len(rest) + len(m.name), ""
		}
	}
	return p, 0, "unknown macro; write %% for a percent sign"
}

// leadingNumber takes the digits off s, 0 when there are none; not ok when the number is too large.
func leadingNumber(s string) (n int, rest string, ok bool) {
	for len(s) > 0 && '0' <= s[0] && s[0] <= '9' {
		n = 10*n + int(s[0]-'0')
		if n > maxWidth {
			return 0, s, false
		}
		s = s[1:]
	}
	return n, s, true
}

// expand is the text of a message, not yet escaped.
func (f Format) expand(m Message, u Unit) string {
	if f.parts == nil {
		f = defaultFormat
	}
	var out strings.Builder
	for _, p := range f.parts {
		if out.Len() > maxText {
			break
		}
		if p.macro < 0 {
			out.WriteString(p.literal)
			continue
		}
		value := macros[p.macro].value(m, u)
		value = value[:min(len(value), maxText)]
		if p.precision >= 0 {
			value = firstRunes(value, p.precision)
		}
		for range p.width - utf8.RuneCountInString(value) {
			out.WriteByte(' ')
		}
		out.WriteString(value)
	}
	return out.String()
}

// firstRunes is the first n characters of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
