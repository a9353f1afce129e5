package cli

import "mibgate/element/access"

// Operator is on whose behalf the control socket acts.
var Operator = access.Principal{Name: "console", Role: access.Admin, Via: "cli"}

// The verbs of a Request.
const (
	VerbGet    = "get"    // Args: instances, at least one
	VerbSet    = "set"    // Args: assignments in script syntax; one transaction
	VerbShow   = "show"   // Args: at most one name; "" is everything
	VerbWalk   = "walk"   // Args: at most one name
	VerbScript = "script" // Script, named File; one transaction
	VerbExport = "export" // the configuration as a script
)

// Format is how values are written.
type Format string

// The formats. Lines is the default for get and walk; Tables the one for show.
const (
	Lines  Format = "lines"  // Path=value, script syntax
	Values Format = "values" // the values alone, one per line
	JSON   Format = "json"   // an array of {"name": …, "value": …}
	Tables Format = "tables" // for people
)

// Request is what a client asks.
type Request struct {
	Verb   string   `json:"verb"`
	Args   []string `json:"args,omitempty"`
	Format Format   `json:"format,omitempty"`
	// Running makes get, show and walk read what the services work by, in place of
	// what is stored.
	Running bool   `json:"running,omitempty"`
	File    string `json:"file,omitempty"`
	Script  []byte `json:"script,omitempty"` // octets, not text: JSON would mend what is no UTF-8
}

// Reply is a part of the answer. The last one has End; when Error is set then,
// the request was refused and has changed nothing.
type Reply struct {
	Out   []byte `json:"out,omitempty"`
	End   bool   `json:"end,omitempty"`
	Error string `json:"error,omitempty"`
	Fault bool   `json:"fault,omitempty"` // what was asked is at fault, not the moment
}
