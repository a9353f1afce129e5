package posixtz

import "fmt"

// SyntaxError says why a string is not a POSIX TZ string.
type SyntaxError struct {
	Text string // the string
	Pos  int    // octet at which it breaks the grammar, from 0
	Why  string // what was expected there
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("time zone %q: at character %d: %s", e.Text, e.Pos+1, e.Why)
}
