package siptransport

import (
	"errors"
	"syscall"
)

// Errors of this package. Errors that end a connection reach Receiver.FlowClosed.
var (
	ErrClosed       = errors.New("siptransport: closed")
	ErrPeerStalled  = errors.New("siptransport: the peer does not take our output")
	ErrIdle         = errors.New("siptransport: idle for too long")
	ErrSlowMessage  = errors.New("siptransport: a message took too long to arrive")
	ErrTooLarge     = errors.New("siptransport: message too large")
	ErrFraming      = errors.New("siptransport: the end of a message cannot be told")
	ErrMalformed    = errors.New("siptransport: malformed message")
	ErrNotListening = errors.New("siptransport: no listener for this transport")
	ErrListening    = errors.New("siptransport: already listening for this transport")
	ErrTransport    = errors.New("siptransport: unknown transport")
	ErrControlChar  = errors.New("siptransport: control character in an outgoing header")
)

// IsPortInUse tells whether err, from Listen or from a dial with a fixed port, means that another socket has the port.
func IsPortInUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE)
}
