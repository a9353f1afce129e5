package syslog

import "fmt"

// FormatError says why a message format is not one.
type FormatError struct {
	Format string
	Pos    int    // octet at which the macro begins, from 0
	Why    string // what is wrong with it
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("message format: at character %d: %s", e.Pos+1, e.Why)
}
