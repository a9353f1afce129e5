package modules_test

import (
	"regexp"
	"strings"
	"testing"

	"mibgate/mib/modules"
)

// supported is one SUPPORTS of an AGENT-CAPABILITIES, as its text has it: the
// parser gives the names of what varies, and how only of the access.
type supported struct {
	includes   []string
	variations map[string]map[string]string // by object: clause to text
}

// clauses begin the parts of a VARIATION (RFC 2580 §6.1).
var clauses = regexp.MustCompile(`(?s)(^|\s)(SYNTAX|WRITE-SYNTAX|ACCESS|CREATION-REQUIRES|DEFVAL|DESCRIPTION)\s`)

// statement reads MIBGATE-STANDARD-CAPS-MIB.
func statement(t *testing.T) map[string]*supported {
	t.Helper()
	text, ok := modules.Text("MIBGATE-STANDARD-CAPS-MIB")
	if !ok {
		t.Fatal("no MIBGATE-STANDARD-CAPS-MIB")
	}
	out := map[string]*supported{}
	for _, part := range strings.Split(string(text), "SUPPORTS ")[1:] {
		part, _, _ = strings.Cut(part, "::=")
		blocks := strings.Split(part, "VARIATION ")
		name, includes, _ := strings.Cut(blocks[0], "INCLUDES")
		s := &supported{includes: list(includes), variations: map[string]map[string]string{}}
		for _, block := range blocks[1:] {
			object, rest, _ := strings.Cut(strings.TrimSpace(block), "\n")
			if s.variations[object] != nil {
				t.Errorf("%s varies twice", object)
			}
			s.variations[object] = parts(rest)
		}
		if name = strings.TrimSpace(name); out[name] != nil {
			t.Errorf("%s is supported twice", name)
		}
		out[name] = s
	}
	return out
}

// parts are the clauses of a VARIATION, white space made one.
func parts(text string) map[string]string {
	out := map[string]string{}
	at := clauses.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out[text[m[4]:m[5]]] = strings.Join(strings.Fields(text[m[1]:end]), " ")
		if text[m[4]:m[5]] == "DESCRIPTION" {
			break // what follows is prose
		}
	}
	return out
}

// list are the names between braces.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("{}, \n", r) })
}

func TestPartsOfAVariation(t *testing.T) {
	got := parts("SYNTAX INTEGER {\n a(1),\n b(2) }\n ACCESS read-only\n DEFVAL { ''H }\n DESCRIPTION\n \"The ACCESS is\n one.\"\n")
	want := map[string]string{"SYNTAX": "INTEGER { a(1), b(2) }", "ACCESS": "read-only", "DEFVAL": "{ ''H }", "DESCRIPTION": `"The`}
	for clause, text := range want {
		if !strings.HasPrefix(got[clause], text) {
			t.Errorf("%s is %q, want %q", clause, got[clause], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%q", got)
	}
}
