package notifier

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"mibgate/agent/snmp/usm"
)

// Why a delivery ends before its time; none of them is a failure.
var (
	errChanged   = errors.New("the configuration has changed")
	errEnding    = errors.New("the run ends")
	errDiscarded = error(finalError{errors.New("notifications are not wanted")})
)

// errTimeout is the end of a wait.
var errTimeout = errors.New("time is over")

// errIrrelevant is a datagram that answers nothing of ours.
var errIrrelevant = errors.New("not an answer")

// Why a notification could not be delivered.
var (
	errNoAnswer    = errors.New("not acknowledged")
	errNoCommunity = errors.New("no row of snmpCommunityTable has the security name of the target: set Snmp.Community, or make one")
	errNoUser      = errors.New("the user of the target does not exist or has no keys for SNMPv3")
	errNoEngine    = errors.New("the SNMP engine has not started")
	errSteps       = errors.New("the receiver does not let itself be synchronized")

	// errNoOwnKeys is about traps, errNoPeerKeys about informs.
	errNoOwnKeys  = errors.New("the user has no keys for our engine")
	errNoPeerKeys = errors.New("the user has no keys for the engine of the receiver at the security level")
)

// finalError is a failure that trying again does not change.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

func final(err error) bool {
	var f finalError
	return errors.As(err, &f)
}

// unreachedError is that the destination cannot be reached now: the
// notification has not left, and waits.
type unreachedError struct{ error }

func (e unreachedError) Unwrap() error { return e.error }

func unreached(err error) bool {
	var u unreachedError
	return errors.As(err, &u)
}

// errRefused is a refusedError: a host told that an inform was not taken.
var errRefused = errors.New("refused")

type refusedError struct{ error }

func (e refusedError) Unwrap() error        { return e.error }
func (e refusedError) Is(target error) bool { return target == errRefused } //nolint:errorlint // the sentinel itself

// noWay tells the errors by which a host says that a datagram did not get to
// another one from those by which that one refuses it. The first try of what is
// too long for a link further on only teaches its length (RFC 1191 §3).
func noWay(err error) bool {
	for _, e := range [...]syscall.Errno{
		syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN, syscall.EACCES, syscall.EMSGSIZE,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// reason is what happened, without what the row of the destination says anyway.
func reason(err error) error {
	if e := (*net.DNSError)(nil); errors.As(err, &e) {
		return fmt.Errorf("%s cannot be resolved: %s", e.Name, e.Err)
	}
	if e := (*os.SyscallError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// reports are the failures of USM in an operator's words.
var reports = map[*usm.Failure]string{
	usm.ErrUnsupportedSecLevel: "the receiver does not accept the security level for the user",
	usm.ErrNotInTimeWindow:     "the receiver and we do not agree on the time of its engine",
	usm.ErrUnknownUserName:     "the receiver does not know the user",
	usm.ErrUnknownEngineID:     "the receiver has another engine ID",
	usm.ErrWrongDigest:         "the receiver has another authentication password or protocol",
	usm.ErrDecryption:          "the receiver has another privacy password or protocol",
}

// explain says what a refused message or a Report means.
func explain(err error) error {
	if errors.Is(err, usm.ErrNoKeys) {
		return errNoPeerKeys
	}
	var f *usm.Failure
	if !errors.As(err, &f) {
		return err
	}
	return fmt.Errorf("%s (%s)", reports[f], f.Name())
}
