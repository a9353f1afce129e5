package message

import "strconv"

// Version is the number in the version field.
type Version int32

// The versions in use.
const (
	V1  Version = 0
	V2c Version = 1
	V3  Version = 3
)

func (v Version) String() string {
	switch v {
	case V1:
		return "v1"
	case V2c:
		return "v2c"
	case V3:
		return "v3"
	}
	return "version " + strconv.Itoa(int(v))
}

// PDUType is the tag of a PDU (RFC 3416 §3, RFC 1157 §4.1).
type PDUType byte

// The PDU types.
const (
	Get      PDUType = 0xa0
	GetNext  PDUType = 0xa1
	Response PDUType = 0xa2
	Set      PDUType = 0xa3
	TrapV1   PDUType = 0xa4
	GetBulk  PDUType = 0xa5
	Inform   PDUType = 0xa6
	TrapV2   PDUType = 0xa7
	Report   PDUType = 0xa8
)

var pduNames = [...]string{"Get", "GetNext", "Response", "Set", "Trap (v1)", "GetBulk", "Inform", "Trap", "Report"}

func (t PDUType) String() string {
	if t >= Get && t <= Report {
		return pduNames[t-Get]
	}
	return "PDU type " + strconv.Itoa(int(t))
}

// Confirmed reports whether t expects an answer (RFC 3411 §2.8).
func (t PDUType) Confirmed() bool {
	return t == Get || t == GetNext || t == Set || t == GetBulk || t == Inform
}

// in reports whether version v has PDU type t.
func (t PDUType) in(v Version) bool {
	switch {
	case t < Get || t > Report:
		return false
	case v == V1:
		return t <= TrapV1
	case v == V2c:
		return t != TrapV1 && t != Report
	}
	return t != TrapV1
}

// Flags is the octet msgFlags (RFC 3412 §6.4).
type Flags byte

// The bits of msgFlags.
const (
	FlagAuth       Flags = 1
	FlagPriv       Flags = 2
	FlagReportable Flags = 4
)

// Level is a security level, numbered as SnmpSecurityLevel (RFC 3411 §5).
type Level uint8

// The security levels, in order.
const (
	NoAuthNoPriv Level = 1
	AuthNoPriv   Level = 2
	AuthPriv     Level = 3
)

func (l Level) String() string {
	switch l {
	case NoAuthNoPriv:
		return "noAuthNoPriv"
	case AuthNoPriv:
		return "authNoPriv"
	case AuthPriv:
		return "authPriv"
	}
	return "level " + strconv.Itoa(int(l))
}

// Flags gives the bits of msgFlags that ask for l.
func (l Level) Flags() Flags {
	switch l {
	case AuthNoPriv:
		return FlagAuth
	case AuthPriv:
		return FlagAuth | FlagPriv
	}
	return 0
}

// Level reads the security level; the pair priv without auth was refused by
// Decode.
func (f Flags) Level() Level {
	switch {
	case f&FlagPriv != 0:
		return AuthPriv
	case f&FlagAuth != 0:
		return AuthNoPriv
	}
	return NoAuthNoPriv
}

// SecurityModelUSM is the msgSecurityModel of package usm (RFC 3411 §5).
const SecurityModelUSM = 3

// MinMaxSize is the smallest msgMaxSize, and the size every engine must be
// able to receive (RFC 3412 §6.2, RFC 3417 §3.2).
const MinMaxSize = 484

// ErrorStatus is the error-status field of a Response (RFC 3416 §3).
type ErrorStatus int32

// The error-status values.
const (
	NoError             ErrorStatus = 0
	TooBig              ErrorStatus = 1
	NoSuchName          ErrorStatus = 2 // v1 only
	BadValue            ErrorStatus = 3 // v1 only
	ReadOnly            ErrorStatus = 4 // v1 only, never sent
	GenErr              ErrorStatus = 5
	NoAccess            ErrorStatus = 6
	WrongType           ErrorStatus = 7
	WrongLength         ErrorStatus = 8
	WrongEncoding       ErrorStatus = 9
	WrongValue          ErrorStatus = 10
	NoCreation          ErrorStatus = 11
	InconsistentValue   ErrorStatus = 12
	ResourceUnavailable ErrorStatus = 13
	CommitFailed        ErrorStatus = 14
	UndoFailed          ErrorStatus = 15
	AuthorizationError  ErrorStatus = 16
	NotWritable         ErrorStatus = 17
	InconsistentName    ErrorStatus = 18
)

var statusNames = [...]string{
	"noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength",
	"wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed",
	"undoFailed", "authorizationError", "notWritable", "inconsistentName",
}

func (s ErrorStatus) String() string {
	if s >= 0 && int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "error-status " + strconv.Itoa(int(s))
}

// V1 maps an SNMPv2 error-status to v1 (RFC 3584 §4.4).
func (s ErrorStatus) V1() ErrorStatus {
	switch s {
	case WrongValue, WrongEncoding, WrongType, WrongLength, InconsistentValue:
		return BadValue
	case NoAccess, NotWritable, NoCreation, InconsistentName, AuthorizationError:
		return NoSuchName
	case ResourceUnavailable, CommitFailed, UndoFailed:
		return GenErr
	}
	return s
}
