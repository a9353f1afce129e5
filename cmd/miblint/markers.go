package main

import (
	"bytes"
	"fmt"
	"regexp"
)

// marker is what says "not finished": such work belongs in an issue. Go identifiers and
// strings are free to contain the words, comments are not.
var marker = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

// checkMarkers looks at the comments of Go files and at the whole of other sources.
func checkMarkers(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Files {
		for _, group := range f.AST.Comments {
			for _, c := range group.List {
				out = append(out, findMarkers(f.Path, []byte(c.Text), t.line(c.Pos()))...)
			}
		}
	}
	for _, f := range t.Texts {
		out = append(out, findMarkers(f.Path, f.Data, 1)...)
	}
	return out
}

// findMarkers searches text whose first line has the number first.
func findMarkers(path string, text []byte, first int) []Finding {
	var out []Finding
	for i, line := range bytes.Split(text, []byte{'\n'}) {
		if m := marker.Find(line); m != nil {
			out = append(out, Finding{Path: path, Line: first + i,
				Text: fmt.Sprintf("%s: unfinished work belongs in an issue", m)})
		}
	}
	return out
}
