package cli

import "errors"

// Errors of the socket.
var (
	// ErrNotRunning is a request to a data folder that no unit serves.
	ErrNotRunning = errors.New("no mibgate is running on it")
	// errPeer is a connection of another user.
	errPeer = errors.New("only the user of the unit and root may use the control socket")
)

// RequestError is a request that was refused.
type RequestError struct {
	Message string
	Fault   bool // what was asked is at fault, not the moment
}

func (e *RequestError) Error() string { return e.Message }
