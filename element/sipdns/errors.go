package sipdns

import "errors"

// Errors of this package. None holds anything but names.
var (
	ErrBadHost  = errors.New("not a host name, address or host:port")
	ErrNoServer = errors.New("no DNS server answers")
	ErrNotFound = errors.New("the name has no address")
)
