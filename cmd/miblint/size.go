package main

import (
	"fmt"
	"go/ast"
)

// Limits of DESIGN §7. Most functions are to stay under 40 lines; only the hard limit is checked.
const (
	maxFileLines = 500
	maxFuncLines = 80
)

// checkSize limits files and functions that people write.
func checkSize(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Files {
		if f.Generated {
			continue
		}
		if f.Lines > maxFileLines {
			out = append(out, Finding{Path: f.Path,
				Text: fmt.Sprintf("%d lines, more than %d", f.Lines, maxFileLines)})
		}
		out = append(out, longFuncs(t, f)...)
	}
	return out
}

// longFuncs finds declared functions, and function literals outside of any, that are too
// long; a literal within a function already counts towards it.
func longFuncs(t *Tree, f *GoFile) []Finding {
	var out []Finding
	ast.Inspect(f.AST, func(n ast.Node) bool {
		name := "function literal"
		switch fn := n.(type) {
		case *ast.FuncDecl:
			name = "func " + fn.Name.Name
		case *ast.FuncLit:
		default:
			return true
		}
		if lines := t.line(n.End()) - t.line(n.Pos()) + 1; lines > maxFuncLines {
			out = append(out, Finding{Path: f.Path, Line: t.line(n.Pos()),
				Text: fmt.Sprintf("%s has %d lines, more than %d", name, lines, maxFuncLines)})
		}
		return false
	})
	return out
}
