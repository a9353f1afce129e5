package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// readByPath are the objects that code reads by their text name instead of
// their field; the file named must do so.
var readByPath = map[string]struct{ file, text string }{
	"MinSeverity": {"element/nlm/nlm.go", `.MinSeverity"`},
	"StorageType": {"element/store/storage.go", "t.Storage.Read"},
	"StorType":    {"element/store/storage.go", "t.Storage.Read"},
	// A note that managers leave for each other (RFC 3414): only they read it.
	"Public": {"mib/standard/SNMP-USER-BASED-SM-MIB.mib", "usmUserPublic"},
}

// checkUnread finds writable objects without effect (DESIGN §2): fields of the
// generated Config and row structs that no code but the generated reads. It
// goes by types, so that equal field names of other structs do not count. A
// tree that does not compile is the compiler's matter: nothing is found then.
func checkUnread(t *Tree) []Finding {
	var patterns []string
	for _, dir := range []string{"mib", "element", "agent", "cmd"} {
		if _, err := os.Stat(filepath.Join(t.Root, dir)); err == nil {
			patterns = append(patterns, "./"+dir+"/...")
		}
	}
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedSyntax |
			packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps,
		Dir: t.Root,
	}, patterns...)
	if err != nil || packagesBroken(pkgs) {
		return nil
	}
	objects := map[string]Finding{} // by position of the field
	for _, p := range pkgs {
		if strings.HasPrefix(p.PkgPath, t.Module+"/mib/") {
			configFields(t, p, objects)
		}
	}
	for _, p := range pkgs {
		for i, f := range p.Syntax {
			if !strings.HasSuffix(p.CompiledGoFiles[i], "_gen.go") {
				dropRead(p, f, objects)
				continue
			}
			for _, d := range f.Decls { // the key of a row is what makes it a row
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "CompareKey" {
					dropRead(p, fn, objects)
				}
			}
		}
	}
	var out []Finding
	for _, f := range objects {
		out = append(out, f)
	}
	return out
}

func packagesBroken(pkgs []*packages.Package) bool {
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return true
		}
	}
	return false
}

// configFields collects the fields of Config and of the configuration rows of
// one generated package.
func configFields(t *Tree, p *packages.Package, objects map[string]Finding) {
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || name != "Config" && !strings.HasSuffix(name, "Row") {
			continue
		}
		st, ok := tn.Type().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		for f := range st.Fields() {
			if f.Embedded() || !f.Exported() || isReadByPath(t, f.Name()) {
				continue
			}
			pos := p.Fset.Position(f.Pos())
			rel, err := filepath.Rel(t.Root, pos.Filename)
			if err != nil {
				rel = pos.Filename
			}
			objects[pos.String()] = Finding{Path: rel, Line: pos.Line, Text: fmt.Sprintf("%s.%s.%s can be configured, but nothing reads it", p.Name, name, f.Name())}
		}
	}
}

func isReadByPath(t *Tree, field string) bool {
	r, ok := readByPath[field]
	if !ok {
		return false
	}
	source, err := os.ReadFile(filepath.Join(t.Root, r.file))
	return err == nil && strings.Contains(string(source), r.text)
}

// dropRead takes the fields that code reads off the list; an assignment to a
// field is no reading.
func dropRead(p *packages.Package, f ast.Node, objects map[string]Finding) {
	assigned := map[ast.Expr]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				assigned[l] = true
			}
		case *ast.SelectorExpr:
			sel := p.TypesInfo.Selections[n]
			if sel != nil && !assigned[n] {
				if f := fieldRead(sel, strings.Contains(p.PkgPath, "/agent/")); f != nil {
					delete(objects, p.Fset.Position(f.Pos()).String())
				}
			}
		}
		return true
	})
}

// fieldRead is the field that a selection reads: itself, the table that a
// generated FindX looks into, or, in a view, the object whose descriptor it
// takes: the agent serves its value under another name.
func fieldRead(sel *types.Selection, view bool) types.Object {
	obj := sel.Obj()
	switch {
	case sel.Kind() == types.MethodVal:
		name, find := strings.CutPrefix(obj.Name(), "Find")
		if !find {
			return nil
		}
		return configField(obj.Pkg(), name)
	case view && strings.HasSuffix(obj.Type().String(), "/mib.Object"):
		return configField(obj.Pkg(), obj.Name())
	}
	return obj
}

// configField is a field of a generated package's Config, or nil.
func configField(pkg *types.Package, name string) types.Object {
	if pkg == nil || pkg.Scope().Lookup("Config") == nil {
		return nil
	}
	obj, _, _ := types.LookupFieldOrMethod(pkg.Scope().Lookup("Config").Type(), true, pkg, name)
	if f, ok := obj.(*types.Var); ok {
		return f
	}
	return nil
}
