package usm

import (
	"errors"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// Failure is a reason of RFC 3414 §3.2 to refuse a message: the error of
// Incoming, the counter it adds to and the object its Report carries.
type Failure struct {
	text   string
	object uint32 // of usmStats
	level  message.Level
}

func (f *Failure) Error() string { return f.text }

// Name is the descriptor of the counter, "usmStatsWrongDigests".
func (f *Failure) Name() string { return statNames[f.object] }

// OID names the instance of the counter, usmStatsWrongDigests.0.
func (f *Failure) OID() mib.OID { return UsmStats.Append(f.object, 0) }

// UsmStats is usmStats of SNMP-USER-BASED-SM-MIB. It must not be changed.
var UsmStats = mib.OID{1, 3, 6, 1, 6, 3, 15, 1, 1}

var statNames = [...]string{
	"", "usmStatsUnsupportedSecLevels", "usmStatsNotInTimeWindows", "usmStatsUnknownUserNames",
	"usmStatsUnknownEngineIDs", "usmStatsWrongDigests", "usmStatsDecryptionErrors",
}

// The failures, by the number of their object. Only the report about the time
// is authenticated: the peer sets its clock by it (RFC 3414 §3.2 step 7).
var (
	ErrUnsupportedSecLevel = &Failure{"usm: security level not available", 1, message.NoAuthNoPriv}
	ErrNotInTimeWindow     = &Failure{"usm: not in time window", 2, message.AuthNoPriv}
	ErrUnknownUserName     = &Failure{"usm: unknown user name", 3, message.NoAuthNoPriv}
	ErrUnknownEngineID     = &Failure{"usm: unknown engine ID", 4, message.NoAuthNoPriv}
	ErrWrongDigest         = &Failure{"usm: wrong digest", 5, message.NoAuthNoPriv}
	ErrDecryption          = &Failure{"usm: decryption error", 6, message.NoAuthNoPriv}
)

var failures = [...]*Failure{
	nil, ErrUnsupportedSecLevel, ErrNotInTimeWindow, ErrUnknownUserName, ErrUnknownEngineID, ErrWrongDigest, ErrDecryption,
}

// What configuration can get wrong; no error names a key or a password.
var (
	ErrPasswordLength = errors.New("usm: password shorter than 8 octets") // RFC 3414 §11.2
	ErrUserName       = errors.New("usm: user name is not 1 to 32 octets")
	ErrProtocol       = errors.New("usm: unknown protocol")
	ErrPrivWithout    = errors.New("usm: privacy without authentication")
	ErrKeyLength      = errors.New("usm: key has the wrong length for its protocol")
	ErrEngineID       = errors.New("usm: engine ID is not 5 to 32 octets, or all zeros or ones")
	ErrBoots          = errors.New("usm: engineBoots above 2147483647")
	ErrKeyChange      = errors.New("usm: key change has the wrong length")
)

// ErrLearned is what Remote.Incoming says of a Report that taught it the
// engine ID or the clock of the peer: send the message again.
var ErrLearned = errors.New("usm: engine ID or time learned")

// ErrRefused is what Remote.Incoming says of a Report about anything but USM.
var ErrRefused = errors.New("usm: peer reported an error")

// ErrNotReady is what sealing for a Remote says before its engine is known.
var ErrNotReady = errors.New("usm: remote engine not discovered")

// ErrNoKeys is what Remote.Incoming says when the engine ID of the peer is
// learned, and the user has no keys for that engine at the security level.
var ErrNoKeys = errors.New("usm: no keys for the engine at the security level")
