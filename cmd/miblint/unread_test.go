package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestUnread(t *testing.T) {
	files := map[string]string{
		"go.mod": "module mibgate\n\ngo 1.26\n",
		"mib/x/config_gen.go": `package x

type Config struct {
	Used, Assigned, Unused string
	Rows []*PortRow
	Found, Lost []*PortRow
}

type PortRow struct {
	Key, Col, Forgotten string
}

func (r *PortRow) CompareKey() string { return r.Key }

func (c *Config) FindFound() []*PortRow { return c.Found }

func (c *Config) FindLost() []*PortRow { return c.Lost }

func (c *Config) Read() string { return c.Unused }
`,
		"element/e/e.go": `package e

import "mibgate/mib/x"

type other struct{ Unused string }

func F(c *x.Config, o other) string {
	c.Assigned = o.Unused
	_ = c.FindFound()
	for _, r := range c.Rows {
		return r.Col
	}
	return c.Used
}
`,
	}
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]bool{}
	for _, f := range checkUnread(&Tree{Module: "mibgate", Root: root}) {
		got[f.Text] = true
		if f.Path != "mib/x/config_gen.go" || f.Line == 0 {
			t.Errorf("place %s:%d", f.Path, f.Line)
		}
	}
	const why = " can be configured, but nothing reads it"
	for _, name := range []string{"x.Config.Assigned", "x.Config.Unused", "x.Config.Lost", "x.PortRow.Forgotten"} {
		if !got[name+why] {
			t.Errorf("%s is not found", name)
		}
		delete(got, name+why)
	}
	for text := range got {
		t.Errorf("found %q", text)
	}
}
