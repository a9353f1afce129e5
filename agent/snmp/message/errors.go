package message

import "errors"

// Reasons for which Decode refuses a packet, each with its counter.
// errors.Is finds them in what Decode and DecodeScoped return.
var (
	// ErrParse is an ASN.1 error: snmpInASNParseErrs (RFC 3418).
	ErrParse = errors.New("snmp: malformed message")
	// ErrVersion is a version that is none of 0, 1, 3: snmpInBadVersions.
	ErrVersion = errors.New("snmp: unknown version")
	// ErrUnknownPDU is a PDU that the version does not have. RFC 3412 has
	// snmpUnknownPDUHandlers for it in v3, RFC 1157 snmpInASNParseErrs.
	ErrUnknownPDU = errors.New("snmp: unknown PDU type")
	// ErrSecurityModel is a v3 security model that is not USM:
	// snmpUnknownSecurityModels (RFC 3412 §7.2 step 4).
	ErrSecurityModel = errors.New("snmp: unknown security model")
	// ErrInvalid is privacy without authentication: snmpInvalidMsgs
	// (RFC 3412 §7.2 step 5d).
	ErrInvalid = errors.New("snmp: privacy without authentication")
)

// What a Builder refuses.
var (
	// ErrTooBig: the message would be longer than the limit given to Begin.
	ErrTooBig = errors.New("snmp: message too big")
	// ErrV1Syntax: v1 has neither Counter64 nor exceptions (RFC 3584 §4.2).
	ErrV1Syntax = errors.New("snmp: value has no v1 form")
	// ErrSecurity: a v3 message needs a Security.
	ErrSecurity = errors.New("snmp: v3 message without security")
)

// parseError says where an ASN.1 error is. The instances are made once, so
// that bad packets cost no garbage.
type parseError struct{ text string }

func (e *parseError) Error() string { return "snmp: malformed " + e.text }

func (e *parseError) Is(target error) bool { return target == ErrParse }

var (
	errMessage  error = &parseError{"message"}
	errHeader   error = &parseError{"msgGlobalData"}
	errScoped   error = &parseError{"scopedPDU"}
	errPDU      error = &parseError{"PDU"}
	errVarbinds error = &parseError{"variable bindings"}
)
