package main

import (
	"path"
)

// checkDocGo wants a doc.go (doc_gen.go in generated packages) with a package comment in
// every folder that holds non-test Go files.
func checkDocGo(t *Tree) []Finding {
	documented := map[string]bool{} // folder -> has a doc.go with a comment
	for _, f := range t.Files {
		if f.Test {
			continue
		}
		base := path.Base(f.Path)
		isDoc := (base == "doc.go" || base == "doc_gen.go") && f.AST.Doc != nil
		documented[f.Dir()] = documented[f.Dir()] || isDoc
	}
	var out []Finding
	for dir, ok := range documented {
		if !ok {
			out = append(out, Finding{Path: dir, Text: "package has no doc.go with a package comment"})
		}
	}
	return out
}
