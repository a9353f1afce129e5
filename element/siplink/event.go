package siplink

import (
	"net/netip"
	"time"

	"mibgate/element/siptls"
)

// State is the state of a link. The numbers are those of tlsPersistentConnectionStatus.
type State int

// States of a link.
const (
	Up              State = 100
	Down            State = 200
	WaitingShutdown State = 300
	WaitingUp       State = 400
)

// String is the label of the state as the MIB has it.
func (s State) String() string {
	switch s {
	case Up:
		return "up"
	case Down:
		return "down"
	case WaitingShutdown:
		return "waitingShutdown"
	case WaitingUp:
		return "waitingUp"
	}
	return "unknown"
}

// Kind says what an Event tells.
type Kind int

// Kinds of events.
const (
	// Attempt: a connection is being opened; the place for the log line "establishing persistent connection".
	Attempt Kind = iota + 1
	// Established: the handshake is over; Version, CipherSuite, Peer and PeerNotAfter are set.
	Established
	// HandshakeFailed: Reason and Detail are set. All targets were tried.
	HandshakeFailed
	// StateChanged: Old and Status.State are set, and Detail when the link went down.
	StateChanged
)

// Status is what is known of a link at one moment.
type Status struct {
	Gateway string
	// LocalPort is the fixed port, 0 before the first attempt when ports are cycled.
	LocalPort uint16
	// RemoteHost is the configured host; RemoteAddr the address in use or last tried, invalid before the first attempt.
	RemoteHost string
	RemoteAddr netip.AddrPort
	State      State
}

// Event is something that happened to a link.
type Event struct {
	Kind Kind
	Status
	Old State
	// Announce is set on a StateChanged that an operator should be told of: Up, the loss of Up, and the first failure
	// after the start; it is clear while a link that is known to be down goes on failing.
	Announce bool
	// Stopping is set when the change was asked for by Shutdown or Close.
	Stopping bool
	Reason   siptls.Reason
	Detail   string
	// Repeated is set when the previous attempt failed for the same reason.
	Repeated bool
	// Version and CipherSuite are those of crypto/tls.
	Version, CipherSuite uint16
	// Peer is the subject of the peer's certificate.
	Peer string
	// PeerNotAfter is the end of its validity; zero without a certificate.
	PeerNotAfter time.Time
}
