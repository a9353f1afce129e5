package mib

import "fmt"

// ErrorKind says why a value was refused. It is a sentinel: errors.Is finds
// it in an *Error.
type ErrorKind string

func (k ErrorKind) Error() string { return string(k) }

// The reasons, in the order of the phases that find them.
const (
	ErrNoAccess     ErrorKind = "access denied"        // the role may not see or change the object
	ErrNotWritable  ErrorKind = "not writable"         // the object is read-only
	ErrWrongType    ErrorKind = "wrong type"           // another ASN.1 type
	ErrWrongLength  ErrorKind = "wrong length"         // a size outside SIZE
	ErrWrongEnc     ErrorKind = "wrong encoding"       // octets that are not what the convention says
	ErrWrongValue   ErrorKind = "wrong value"          // outside range or labels
	ErrNoCreation   ErrorKind = "cannot be created"    // such a row can never exist
	ErrNoRow        ErrorKind = "no such row"          // the row does not exist now
	ErrInconsistent ErrorKind = "inconsistent value"   // at odds with other objects
	ErrUnavailable  ErrorKind = "resource unavailable" // prepare failed, store busy
	ErrCommit       ErrorKind = "commit failed"        // the disk refused; nothing changed
	ErrUndo         ErrorKind = "undo failed"          // the disk refused twice
	ErrUnknown      ErrorKind = "no such object"       // the name is not in the MIB
)

// Error is a refused read or assignment. Path names the variable in text form
// ("SipEp.Gateway[Name="x"].Port"), Value is what was to be stored in text form
// ("" when secret or not known), Detail says what is wrong and what is allowed.
// Position is the index of the assignment in its transaction, 0-based, or -1.
type Error struct {
	Kind     ErrorKind
	Path     string
	Value    string
	HasValue bool
	Detail   string
	Position int
}

func (e *Error) Error() string {
	s := e.Detail
	if s == "" {
		s = string(e.Kind)
	}
	switch {
	case e.Path == "":
		return s
	case e.HasValue:
		return fmt.Sprintf("%s: value %q %s", e.Path, e.Value, s)
	default:
		return fmt.Sprintf("%s: %s", e.Path, s)
	}
}

// Unwrap makes errors.Is(err, ErrWrongValue) work.
func (e *Error) Unwrap() error { return e.Kind }
