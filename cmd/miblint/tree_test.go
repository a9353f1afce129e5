package main

import (
	"bytes"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// treeOf parses files given as path -> source, in a stable order.
func treeOf(t *testing.T, files map[string]string) *Tree {
	t.Helper()
	tree := &Tree{Module: "mibgate", Fset: token.NewFileSet()}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasSuffix(name, ".go") {
			tree.Texts = append(tree.Texts, TextFile{Path: name, Data: []byte(files[name])})
			continue
		}
		if err := tree.addGo(name, []byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

// writeTree puts files below a new folder and returns it.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestLoadTreeLeavesOutWhatIsNotOurs(t *testing.T) {
	root := writeTree(t, map[string]string{
		"go.mod":                       "module mibgate\n\ngo 1.26.0\n",
		"mib/doc.go":                   "// Package mib is the model.\npackage mib\n",
		"mib/modules/A.mib":            "A",
		"cmd/mibgen/testdata/x/bad.go": "not Go",
		"testdata/peer/doc.go":         "// Package peer starts peers.\npackage peer",
		".cache/x.go":                  "not Go",
		"_old/x.go":                    "not Go",
		"bin/x.go":                     "not Go",
		"README.md":                    "prose",
		".ci/run":                      "#!/bin/bash\n",
	})
	tree, err := LoadTree(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range tree.Files {
		got = append(got, f.Path)
	}
	for _, f := range tree.Texts {
		got = append(got, f.Path)
	}
	want := []string{"mib/doc.go", "testdata/peer/doc.go", ".ci/run", "mib/modules/A.mib"}
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if tree.Module != "mibgate" || tree.Files[0].Lines != 2 || tree.Files[1].Lines != 2 {
		t.Errorf("module %q, lines %d and %d", tree.Module, tree.Files[0].Lines, tree.Files[1].Lines)
	}
}

func TestLoadTreeReportsBrokenInput(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"no go.mod":      {"mib/doc.go": "package mib\n"},
		"no module line": {"go.mod": "go 1.26.0\n"},
		"syntax error":   {"go.mod": "module mibgate\n", "mib/doc.go": "package\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := LoadTree(writeTree(t, files)); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestRunStatusAndOutput(t *testing.T) {
	clean := writeTree(t, map[string]string{
		"go.mod":     "module mibgate\n",
		"mib/doc.go": "// Package mib is the model.\npackage mib\n",
	})
	dirty := writeTree(t, map[string]string{
		"go.mod":   "module mibgate\n",
		"mib/a.go": "package mib\n\nimport _ \"mibgate/agent\"\n",
	})
	tests := []struct {
		name   string
		args   []string
		status int
		out    string // what stdout contains
		err    string // what stderr contains
	}{
		{"clean tree", []string{"-C", clean}, 0, "", ""},
		{"findings", []string{"-C", dirty}, 1, "mib/a.go:3: [imports] mib must not import agent\n", "2 findings"},
		{"one check", []string{"-C", dirty, "-checks", "docgo"}, 1, "mib: [docgo] package has no doc.go", "1 findings"},
		{"unknown check", []string{"-checks", "nope"}, 2, "", `unknown check "nope"`},
		{"unknown flag", []string{"-nope"}, 2, "", "nope"},
		{"no tree", []string{"-C", filepath.Join(clean, "none")}, 2, "", "go.mod"},
		{"list", []string{"-list"}, 0, "imports", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if got := run(tt.args, &stdout, &stderr); got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
			if !strings.Contains(stdout.String(), tt.out) || !strings.Contains(stderr.String(), tt.err) {
				t.Errorf("stdout %q, stderr %q", stdout.String(), stderr.String())
			}
		})
	}
}

// The rules hold for the repository this test is part of.
func TestThisRepository(t *testing.T) {
	tree, err := LoadTree(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	imports, err := selectChecks("imports")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range runChecks(tree, imports) {
		t.Error(f)
	}
}
