package siptx

import "errors"

// Errors of this package. Transport errors wrap ErrTransport and the cause.
var (
	ErrClosed    = errors.New("siptx: closed")
	ErrTimeout   = errors.New("siptx: no final answer in time") // timer B or F
	ErrTransport = errors.New("siptx: transport failed")
	ErrState     = errors.New("siptx: not possible in this state of the transaction")
	ErrTooMany   = errors.New("siptx: too many transactions")
	ErrRequest   = errors.New("siptx: the request lacks a header that a transaction needs")
)
