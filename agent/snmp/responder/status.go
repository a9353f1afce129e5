package responder

import (
	"errors"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// Status is where an error becomes an error-status and a 1-based error-index;
// SNMPv1's are made of them by message.ErrorStatus.V1. An error that says
// nothing about where it comes from is blamed on the first variable binding;
// undoFailed has no index (RFC 3416 §4.2.5).
func Status(err error) (status message.ErrorStatus, index int) {
	if err == nil {
		return message.NoError, 0
	}
	index = 1
	if e := (*mib.Error)(nil); errors.As(err, &e) {
		index = max(e.Position+1, 1)
	}
	switch {
	case errors.Is(err, mib.ErrNoAccess):
		return message.NoAccess, index
	case errors.Is(err, mib.ErrNotWritable), errors.Is(err, mib.ErrUnknown):
		return message.NotWritable, index
	case errors.Is(err, mib.ErrWrongType):
		return message.WrongType, index
	case errors.Is(err, mib.ErrWrongLength):
		return message.WrongLength, index
	case errors.Is(err, mib.ErrWrongEnc):
		return message.WrongEncoding, index
	case errors.Is(err, mib.ErrWrongValue):
		return message.WrongValue, index
	case errors.Is(err, mib.ErrNoCreation):
		return message.NoCreation, index
	case errors.Is(err, mib.ErrNoRow):
		return message.InconsistentName, index
	case errors.Is(err, mib.ErrInconsistent):
		return message.InconsistentValue, index
	case errors.Is(err, mib.ErrUnavailable):
		return message.ResourceUnavailable, index
	case errors.Is(err, mib.ErrCommit):
		return message.CommitFailed, index
	case errors.Is(err, mib.ErrUndo):
		return message.UndoFailed, 0
	}
	return message.GenErr, index
}
