package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Tree is the repository as a check sees it: every source file parsed once.
type Tree struct {
	Module string // module path of go.mod, "mibgate"
	Root   string // folder on disk that holds go.mod
	Fset   *token.FileSet
	Files  []*GoFile
	Texts  []TextFile
}

// GoFile is one parsed Go file.
type GoFile struct {
	Path      string // relative to Root, with slashes
	AST       *ast.File
	Lines     int
	Test      bool // name ends in _test.go
	Generated bool // carries the "Code generated … DO NOT EDIT." line
}

// Dir is the folder of the file relative to the root, "." for the root itself.
func (f *GoFile) Dir() string { return path.Dir(f.Path) }

// TextFile is one source file in another language: MIB module, script, Makefile.
type TextFile struct {
	Path string
	Data []byte
}

// LoadTree reads the repository at root. A Go file that does not parse is an error.
func LoadTree(root string) (*Tree, error) {
	module, err := moduleName(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	t := &Tree{Module: module, Root: root, Fset: token.NewFileSet()}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if skipDir(rel) {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return t.add(rel, name)
	})
	return t, err
}

// skipDir leaves out what is not our source: hidden folders but .ci, build output, and
// nested testdata folders (fixtures and goldens; the one at the root holds real packages).
func skipDir(rel string) bool {
	base := path.Base(rel)
	switch {
	case rel == "." || rel == ".ci":
		return false
	case strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_"):
		return true
	case rel == "bin" || rel == "dist" || base == "vendor":
		return true
	}
	return base == "testdata" && rel != "testdata"
}

func (t *Tree) add(rel, name string) error {
	if !strings.HasSuffix(rel, ".go") {
		if !isSourceText(rel) {
			return nil
		}
		data, err := os.ReadFile(name)
		t.Texts = append(t.Texts, TextFile{Path: rel, Data: data})
		return err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return t.addGo(rel, data)
}

func (t *Tree) addGo(rel string, data []byte) error {
	file, err := parser.ParseFile(t.Fset, rel, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	lines := bytes.Count(data, []byte{'\n'})
	if len(data) > 0 && data[len(data)-1] != '\n' {
		lines++
	}
	t.Files = append(t.Files, &GoFile{
		Path: rel, AST: file, Lines: lines,
		Test:      strings.HasSuffix(rel, "_test.go"),
		Generated: ast.IsGenerated(file),
	})
	return nil
}

// isSourceText tells which other files are source that we write: the rest is data or prose.
func isSourceText(rel string) bool {
	if rel == "Makefile" || strings.HasPrefix(rel, ".ci/") {
		return true
	}
	switch path.Ext(rel) {
	case ".mib", ".sh", ".yml", ".yaml", ".html", ".css", ".js", ".tmpl", ".service":
		return true
	}
	return false
}

// line gives the line number of a position.
func (t *Tree) line(pos token.Pos) int { return t.Fset.Position(pos).Line }

// importPath gives the package path of the import of a spec, unquoted.
func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	return p
}

// moduleName reads the module path out of a go.mod file.
func moduleName(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	sc := bufio.NewScanner(bytes.NewReader(data))
	for sc.Scan() {
		if name, ok := strings.CutPrefix(sc.Text(), "module "); ok {
			return strings.TrimSpace(name), nil
		}
	}
	return "", fmt.Errorf("%s: %w", file, errNoModule)
}
