package clock

import "errors"

// Reasons for which the answer of a server is not used, beside those of beevik/ntp
// (ErrKissOfDeath, ErrInvalidStratum, ErrInvalidLeapSecond, …), which are passed on wrapped.
var (
	// ErrBeforeBuild: the time is before this software was built.
	ErrBeforeBuild = errors.New("time is before the build time")
	// ErrRoundTrip: the answer took so long that its time is not worth having.
	ErrRoundTrip = errors.New("round trip too long")
	// ErrNoServer: no SNTP server is configured.
	ErrNoServer = errors.New("no SNTP server configured")
	// ErrMuted: the server asked us to leave it alone (RFC 5905 §7.4) and is not asked now.
	ErrMuted = errors.New("server does not want to be asked")
)
