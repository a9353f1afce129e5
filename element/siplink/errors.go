package siplink

import "errors"

// Errors of this package; they reach the operator as the detail of an event.
var (
	ErrNoTarget    = errors.New("the server's name has no address")
	ErrNoLocalPort = errors.New("no local port is free")
	ErrDead        = errors.New("the peer does not answer keep-alives")
	ErrConfig      = errors.New("siplink: incomplete configuration")
)
