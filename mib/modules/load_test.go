package modules_test

import (
	"context"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/golangsnmp/gomib"
	smi "github.com/golangsnmp/gomib/mib"

	"mibgate/mib/modules"
)

// root is where the modules hang; the sub-identifiers behind it are DGW's.
const root = "1.3.6.1.4.1.32473.100"

// firstOwnArc is the lowest group or column number that DGW does not use.
const firstOwnArc = 61000

// load resolves all modules once for the whole test binary, in the strict mode
// of the parser, and fails the test on any diagnostic it does not expect.
func load(t *testing.T) *smi.Mib {
	t.Helper()
	m, err := loadOnce()
	if err != nil {
		t.Fatalf("load modules: %v", err)
	}
	return m
}

var loadOnce = sync.OnceValues(func() (*smi.Mib, error) {
	return gomib.Load(context.Background(),
		gomib.WithSource(gomib.FS("modules", modules.FS)),
		gomib.WithStrictness(smi.StrictnessStrict))
})

// moduleNames gives the name of every embedded module, without ".mib".
func moduleNames(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(modules.FS, "*.mib")
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f, ".mib"))
	}
	return names
}

// serviceModules gives the modules that declare variables.
func serviceModules(t *testing.T) []*smi.Module {
	t.Helper()
	m := load(t)
	var out []*smi.Module
	for _, name := range moduleNames(t) {
		if strings.HasSuffix(name, "-MIB") {
			out = append(out, m.Module(name))
		}
	}
	return out
}

func TestEveryModuleLoadsCleanly(t *testing.T) {
	m := load(t)
	for _, name := range moduleNames(t) {
		if m.Module(name) == nil {
			t.Errorf("%s: not loaded; does the file bear the name of its module?", name)
		}
	}
	for _, u := range m.Unresolved() {
		t.Errorf("unresolved: %+v", u)
	}
	for _, d := range m.Diagnostics() {
		if !expected(d) {
			t.Errorf("%+v", d)
		}
	}
}

// expected tells the diagnostics that DGW's shape brings (DESIGN §2): labels
// such as tLSv1-2, and column names that begin with the name of a long table.
func expected(d smi.Diagnostic) bool {
	return strings.Contains(d.Message, "tLSv1-") ||
		strings.Contains(d.Message, "exceeds 32 character recommendation")
}
