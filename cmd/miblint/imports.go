package main

import (
	"fmt"
	"strings"
)

// layers maps each top folder to the top folders it may import (DESIGN §1); its own
// folder is covered by sameLayer. testdata holds helpers and whole-product tests, which
// stand above everything.
var layers = map[string][]string{
	"cmd":      {"agent", "element", "mib", "drivers"},
	"agent":    {"element", "mib"},
	"element":  {"mib", "drivers"},
	"mib":      {},
	"drivers":  {},
	"testdata": {"agent", "element", "mib", "drivers"},
}

// restricted lists foreign modules that only one folder may import: the MIB parser is a
// young library and must not reach the daemon (DESIGN §6).
var restricted = map[string]string{
	"github.com/golangsnmp/gomib": "cmd/mibgen",
}

// checkImports enforces the import edges between our folders.
func checkImports(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Files {
		layer, _, _ := strings.Cut(f.Path, "/")
		if _, known := layers[layer]; !known {
			out = append(out, Finding{Path: f.Path, Text: "Go file outside the folders of DESIGN §1"})
			continue
		}
		for _, spec := range f.AST.Imports {
			if why := badImport(t.Module, f, layer, importPath(spec)); why != "" {
				out = append(out, Finding{Path: f.Path, Line: t.line(spec.Pos()), Text: why})
			}
		}
	}
	return out
}

// badImport says why file f of a layer must not import a path, or "".
func badImport(module string, f *GoFile, layer, imp string) string {
	rel, ours := strings.CutPrefix(imp, module+"/")
	if !ours {
		return badForeign(f, imp)
	}
	target, _, _ := strings.Cut(rel, "/")
	if target == "testdata" && (f.Test || layer == "testdata") {
		return "" // helpers for tests
	}
	if target == layer {
		return sameLayer(f, layer, rel)
	}
	for _, allowed := range layers[layer] {
		if target != allowed {
			continue
		}
		if target == "drivers" && rel != "drivers" && layer == "element" && !f.Test {
			return fmt.Sprintf("element knows driver contracts only: %s is chosen in cmd", rel)
		}
		return ""
	}
	return fmt.Sprintf("%s must not import %s", layer, rel)
}

// sameLayer judges imports within one top folder: the root packages mib and drivers are
// the bottom and import nothing; a command is private to its own folder.
func sameLayer(f *GoFile, layer, rel string) string {
	switch layer {
	case "mib", "drivers":
		if f.Dir() == layer && rel != layer && !f.Test {
			return fmt.Sprintf("package %s imports nothing of ours, not %s", layer, rel)
		}
	case "cmd":
		if command(f.Path) != command(rel) {
			return fmt.Sprintf("a command is nobody's library: %s", rel)
		}
	}
	return ""
}

// command gives the "cmd/name" of a path under cmd.
func command(p string) string {
	parts := strings.SplitN(p, "/", 3)
	if len(parts) < 2 {
		return p
	}
	return parts[0] + "/" + parts[1]
}

func badForeign(f *GoFile, imp string) string {
	if f.Test {
		return ""
	}
	for mod, owner := range restricted {
		if imp != mod && !strings.HasPrefix(imp, mod+"/") {
			continue
		}
		if f.Dir() != owner && !strings.HasPrefix(f.Path, owner+"/") {
			return fmt.Sprintf("only %s may import %s", owner, mod)
		}
	}
	return ""
}
