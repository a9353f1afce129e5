package vacm

import "errors"

// The errorIndications of isAccessAllowed (RFC 3415 §3.2) that concern a whole
// request; that there is no view, or a name is not in it, the Rights say.
var (
	// ErrNoContext is noSuchContext.
	ErrNoContext = errors.New("no such context")
	// ErrNoGroup is noGroupName.
	ErrNoGroup = errors.New("no group for the security name")
	// ErrNoAccess is noAccessEntry.
	ErrNoAccess = errors.New("no access entry for the group")
)
