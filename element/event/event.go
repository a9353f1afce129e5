package event

import (
	"time"

	"mibgate/mib"
)

// Severity is how grave a message is, in the numbers of the MinSeverity
// objects; a threshold of Disable lets nothing through.
type Severity int32

// The severities.
const (
	Disable  Severity = 0
	Debug    Severity = 100
	Info     Severity = 200
	Warning  Severity = 300
	Error    Severity = 400
	Critical Severity = 500
)

func (s Severity) String() string {
	switch s {
	case Debug:
		return "debug"
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Error:
		return "error"
	case Critical:
		return "critical"
	}
	return "disable"
}

// Passes reports whether a message of severity s passes a threshold.
func (s Severity) Passes(threshold Severity) bool { return threshold != Disable && s >= threshold }

// Event is one thing that happened.
type Event struct {
	Module       *mib.Module // the service: its text key and number
	ID           uint32      // number of the message within the service
	Severity     Severity
	Text         string           // one line, no secrets
	At           time.Time        // by the element's clock
	Up           time.Duration    // since the element started, by the monotonic clock; set by Emit
	Notification mib.Notification // nil when the MIB has none for it
	Alarm        Alarm
}

// Alarm pairs the message that raises a condition with the one that clears it.
// The zero Alarm is none.
type Alarm struct {
	// Resource is what the condition is about, such as "gateway default,
	// server sip.example.test:5061"; with Condition it is the pair's key.
	Resource string
	// Condition names what is wrong, such as "TLS link down".
	Condition string
	// Raised tells whether this message raises or clears it.
	Raised bool
	// Row describes the resource; nil when there is no row that does, or when
	// the first variable of the notifications is of it.
	Row *Row
}

// Row is a row of a table.
type Row struct {
	Object *mib.Object // its first column that can be read
	Key    mib.Key
}

// ActiveAlarm is a condition that has been raised and not cleared.
type ActiveAlarm struct {
	Index    uint32 // counts from 1 and is not used again
	Module   *mib.Module
	Alarm    Alarm
	Severity Severity
	Text     string
	At       time.Time
}

// Change is what an event did to the active alarms.
type Change uint8

// The changes.
const (
	Unchanged  Change = iota
	Raised            // it is a new alarm
	Refreshed         // it was active; severity or text may differ
	Cleared           // it is not active any more
	Overflowed        // a new one found no room
)
