package main

import "strings"

// checkGenerated keeps name and header of generated files in step, so that nobody escapes
// the limits by name and every tool recognises them.
func checkGenerated(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Files {
		named := strings.HasSuffix(f.Path, "_gen.go") || strings.HasSuffix(f.Path, "_gen_test.go")
		switch {
		case named && !f.Generated:
			out = append(out, Finding{Path: f.Path, Text: `no "Code generated … DO NOT EDIT." line`})
		case f.Generated && !named:
			out = append(out, Finding{Path: f.Path, Text: "generated file is not named *_gen.go"})
		}
	}
	return out
}
