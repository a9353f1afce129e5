package syslog

import "time"

// max3164 is the longest datagram of RFC 3164 §4.1.
const max3164 = 1024

// append3164 appends (RFC 3164 §4.1)
//
//	<PRI>Mmm dd hh:mm:ss HOSTNAME MSG
//
// The TAG is what the format begins with: the service's key by default.
func (f Formatter) append3164(dst []byte, m Message) []byte {
	start := len(dst)
	dst = f.appendPRI(dst, m.Severity)
	dst = m.Time.AppendFormat(dst, time.Stamp)
	dst = append(dst, ' ')
	host := field(f.Unit.Hostname, 255)
	if host == nilValue {
		host = appName
	}
	dst = append(dst, host...)
	dst = append(dst, ' ')
	dst = appendEscaped(dst, f.Format.expand(m, f.Unit))
	return cut(dst, start, max3164)
}
