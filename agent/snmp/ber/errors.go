package ber

import "errors"

// What can be wrong with an encoding. Decoders return these as they are, so
// that a flood of bad packets costs no allocation here.
var (
	ErrTruncated = errors.New("ber: fewer octets than the length says")
	ErrLength    = errors.New("ber: indefinite or over-long length")
	ErrTag       = errors.New("ber: unexpected tag")
	ErrInteger   = errors.New("ber: integer is empty or out of range")
	ErrOID       = errors.New("ber: malformed object identifier")
	ErrSize      = errors.New("ber: contents have the wrong size for the type")
	ErrTrailing  = errors.New("ber: octets after the end of the structure")
	ErrValue     = errors.New("ber: value has no encoding")
)
