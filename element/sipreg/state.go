package sipreg

import "time"

// State is the state of a registration. The numbers are those of registrationStatus.
type State int

// States of a registration.
const (
	Unregistered    State = 100
	Registering     State = 200
	Registered      State = 300
	Refreshing      State = 400
	Unregistering   State = 500
	Unreachable     State = 600 // no flow, no answer, or the flow was lost
	AuthFailed      State = 700 // challenged, and there are no credentials that are accepted
	Rejected        State = 800 // another final response than 2xx
	ConfigError     State = 900 // no user, no domain, no contact, or what cannot stand in a message
	InvalidResponse State = 1000
)

// String is the label of the state as the MIB has it.
func (s State) String() string {
	switch s {
	case Unregistered:
		return "unregistered"
	case Registering:
		return "registering"
	case Registered:
		return "registered"
	case Refreshing:
		return "refreshing"
	case Unregistering:
		return "unregistering"
	case Unreachable:
		return "unreachable"
	case AuthFailed:
		return "authFailed"
	case Rejected:
		return "rejected"
	case ConfigError:
		return "configError"
	case InvalidResponse:
		return "invalidResponse"
	}
	return "unknown"
}

// Change is a change of state.
type Change struct {
	Old, New State
	// Status is the status code of the response that caused it; 0 when there was none.
	Status int
	// Expires is when the binding ends, for Registered.
	Expires time.Time
}
