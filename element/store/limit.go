package store

import (
	"fmt"

	"mibgate/mib"
)

// CheckRows refuses a candidate whose table t has more than most rows, active
// or not: Validate of the service that owns an extensible table calls it, for
// every row costs memory, time at each change, and often a key or a socket.
func CheckRows(c mib.Configs, t *mib.Table, most int) error {
	n := t.Len(c.Config(t.Module))
	if n <= most {
		return nil
	}
	return &mib.Error{
		Kind: mib.ErrInconsistent, Path: t.Module.Service + "." + t.Param, Position: -1,
		Detail: fmt.Sprintf("is full: it may have %d rows, not %d", most, n),
	}
}
