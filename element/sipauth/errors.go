package sipauth

import "errors"

// Errors of this package.
var (
	ErrNoChallenge   = errors.New("sipauth: no digest challenge that is understood")
	ErrNoCredentials = errors.New("sipauth: no credentials for this realm")
	ErrRejected      = errors.New("sipauth: the credentials were not accepted")
	ErrBadUsername   = errors.New("sipauth: control character in a user name")
)
