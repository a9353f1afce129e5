package syslog

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// maxText bounds what is looked at of one text: more could not be sent anyway.
const maxText = 4096

// appendEscaped appends text so that it stays one line and moves no cursor: \n, \r and \t as
// such, other control characters and line separators as \x1b or \u2028, octets that are not
// UTF-8 as \xff. A backslash is left alone.
func appendEscaped(dst []byte, text string) []byte {
	text = text[:min(len(text), maxText)]
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = fmt.Appendf(dst, `\x%02x`, text[i])
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case !unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control):
			dst = append(dst, text[i:i+size]...)
		case r < 0x80:
			dst = fmt.Appendf(dst, `\x%02x`, r)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
		i += size
	}
	return dst
}

// cut shortens dst[start:] to at most limit octets, at the beginning of a character.
func cut(dst []byte, start, limit int) []byte {
	if len(dst)-start <= limit {
		return dst
	}
	end := start + limit
	for end > start && !utf8.RuneStart(dst[end]) {
		end--
	}
	return dst[:end]
}
