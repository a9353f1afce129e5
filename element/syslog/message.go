package syslog

import (
	"strconv"
	"time"
)

// Severity is how grave a message is, in the numbers of the MinSeverity objects.
type Severity int32

// The severities of the model.
const (
	Debug    Severity = 100
	Info     Severity = 200
	Warning  Severity = 300
	Error    Severity = 400
	Critical Severity = 500
)

// Code is the severity in the numbers of RFC 5424 §6.2.1: debug 7, informational 6,
// warning 4, error 3, critical 2. What is between two severities counts as the lower one.
func (s Severity) Code() int {
	switch {
	case s >= Critical:
		return 2
	case s >= Error:
		return 3
	case s >= Warning:
		return 4
	case s >= Info:
		return 6
	}
	return 7
}

// Facility is who speaks, RFC 5424 §6.2.1.
type Facility int

// The facilities for local use. The zero Facility of a Formatter means Local0.
const (
	Local0 Facility = 16 + iota
	Local1
	Local2
	Local3
	Local4
	Local5
	Local6
	Local7
)

// Message is one event to tell.
type Message struct {
	Time       time.Time // in the time zone it is to be shown in
	Severity   Severity
	ServiceID  uint32 // number key of the service, 1400
	ServiceKey string // text key, "SipEp"
	Service    string // name for people, "SIP endpoint"
	ID         uint32 // number of the message within its service
	Text       string
}

// Unit is what a message says of its sender.
type Unit struct {
	Hostname string
	MAC      string
	Serial   string
	MFP      string // name of the firmware package, macro mfpname
	Version  string
	Profile  string
	ProcID   string // process, RFC 5424 §6.2.6
}

// Protocol is the form of a message, in the numbers of Nlm.SyslogProtocol.
type Protocol int32

// The protocols. The zero Protocol of a Formatter means RFC3164.
const (
	RFC3164 Protocol = 100
	RFC5424 Protocol = 200
)

// appName is the APP-NAME of RFC 5424, and the host name of a unit that has none.
const appName = "mibgate"

// Formatter turns messages into datagrams.
type Formatter struct {
	Protocol Protocol
	Facility Facility
	Format   Format // the zero Format is DefaultFormat
	Unit     Unit
}

// Append appends the datagram of a message to dst: at most 1024 octets in RFC 3164, 2048 in
// RFC 5424, cut between two characters.
func (f Formatter) Append(dst []byte, m Message) []byte {
	if f.Protocol == RFC5424 {
		return f.append5424(dst, m)
	}
	return f.append3164(dst, m)
}

// appendPRI is "<" facility*8 + severity ">", RFC 5424 §6.2.1.
func (f Formatter) appendPRI(dst []byte, s Severity) []byte {
	facility := f.Facility
	if facility < 0 || facility > Local7 || facility == 0 {
		facility = Local0
	}
	dst = append(dst, '<')
	dst = strconv.AppendInt(dst, int64(facility)*8+int64(s.Code()), 10)
	return append(dst, '>')
}
