package syslog

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// max5424 is what receivers should accept, RFC 5424 §6.1.
	max5424 = 2048
	// sdID names our structured data, RFC 5424 §6.3.2; 32473 is the enterprise number
	// reserved for documentation (RFC 5612).
	sdID = "mibgate@32473"
	// bom goes before a text in UTF-8, RFC 5424 §6.4.
	bom = "\xef\xbb\xbf"
	// nilValue stands for an empty field.
	nilValue = "-"
	// timestamp5424 has milliseconds and the offset of the zone, RFC 5424 §6.2.3.
	timestamp5424 = "2006-01-02T15:04:05.000Z07:00"
	maxParam      = 128
)

// append5424 appends (RFC 5424 §6)
//
//	<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID [SD] MSG
func (f Formatter) append5424(dst []byte, m Message) []byte {
	start := len(dst)
	dst = f.appendPRI(dst, m.Severity)
	dst = append(dst, "1 "...)
	dst = m.Time.AppendFormat(dst, timestamp5424)
	msgID := nilValue
	if m.ServiceKey != "" {
		msgID = m.ServiceKey + "-" + strconv.FormatUint(uint64(m.ID), 10)
	}
	for _, s := range []string{
		field(f.Unit.Hostname, 255), appName, field(f.Unit.ProcID, 128), field(msgID, 32),
	} {
		dst = append(dst, ' ')
		dst = append(dst, s...)
	}
	dst = append(dst, " ["+sdID...)
	dst = appendParam(dst, "service", m.ServiceKey)
	dst = appendParam(dst, "serviceid", strconv.FormatUint(uint64(m.ServiceID), 10))
	dst = appendParam(dst, "msgid", strconv.FormatUint(uint64(m.ID), 10))
	dst = append(dst, "] "...)
	text := appendEscaped(nil, f.Format.expand(m, f.Unit))
	if !isASCII(text) {
		dst = append(dst, bom...)
	}
	dst = append(dst, text...)
	return cut(dst, start, max5424)
}

// appendParam appends ` name="value"` with ", \ and ] escaped, RFC 5424 §6.3.3.
func appendParam(dst []byte, name, value string) []byte {
	dst = append(dst, ' ')
	dst = append(dst, name...)
	dst = append(dst, `="`...)
	clean := appendEscaped(nil, value)
	if len(clean) > maxParam {
		clean = cut(clean, 0, maxParam)
	}
	for _, c := range clean {
		if c == '"' || c == '\\' || c == ']' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// field makes a string a header field: printable ASCII without space (RFC 5424 §6,
// PRINTUSASCII), of at most limit octets; "-" when nothing is left.
func field(s string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return '_'
		}
		return r
	}, s)
	if clean == "" {
		return nilValue
	}
	return clean[:min(len(clean), limit)]
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
