package script

import (
	"errors"
	"fmt"

	"mibgate/mib"
)

// Error is a script that cannot be applied. Line is 1-based, or 0 when no
// single line is at fault. Err is usually a *mib.Error, which names variable
// and value.
type Error struct {
	File string
	Line int
	Err  error
}

func (e *Error) Error() string {
	switch {
	case e.File == "":
		return e.Err.Error()
	case e.Line == 0:
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// AtFault reports whether err is the script's own fault (or that of what was
// typed), not that of the moment or the machine.
func AtFault(err error) bool {
	for _, kind := range []mib.ErrorKind{mib.ErrUnavailable, mib.ErrCommit, mib.ErrUndo} {
		if errors.Is(err, kind) {
			return false
		}
	}
	return err != nil
}
