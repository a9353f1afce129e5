package model_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sleepinggenius2/gosmi"
	"github.com/sleepinggenius2/gosmi/types"

	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/modules"
)

// exported writes our modules, and the little they import, as an operator's
// MIB folder would have them.
func exported(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []fs.FS{modules.FS, os.DirFS("testdata/smi")} {
		names, err := fs.Glob(from, "*")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(from, name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, strings.TrimSuffix(name, ".mib")), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// ours calls f for every object of our own modules.
func ours(f func(o *mib.Object)) int {
	n := 0
	for _, o := range model.Registry.Objects() {
		if !o.Module.Standard {
			n++
			f(o)
		}
	}
	return n
}

// TestGosmiReadsOurModules uses the parser that Telegraf has.
func TestGosmiReadsOurModules(t *testing.T) {
	gosmi.Init()
	defer gosmi.Exit()
	gosmi.SetPath(exported(t))
	for _, m := range model.Registry.Modules() {
		if m.Standard {
			continue
		}
		if _, err := gosmi.LoadModule(m.Name); err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
	}
	n := ours(func(o *mib.Object) {
		node, err := gosmi.GetNodeByOID(types.OidMustFromString(o.OID.String()))
		if err != nil || node.Name != o.Name || node.RenderNumeric() != o.OID.String() {
			t.Errorf("%s: found %s at %s, %v", o.Name, node.Name, node.RenderNumeric(), err)
			return
		}
		if node.SmiType == nil || node.SmiType.BaseType != gosmiBase(o.Syntax) {
			t.Errorf("%s: type %v, want %v", o.Name, node.SmiType, gosmiBase(o.Syntax))
			return
		}
		if got, want := gosmiLabels(node.SmiType), labels(o.Syntax); !slices.Equal(got, want) {
			t.Errorf("%s: labels %v, want %v", o.Name, got, want)
		}
	})
	if n < 100 {
		t.Errorf("only %d objects", n)
	}
}

func gosmiBase(s *mib.Syntax) types.BaseType {
	switch {
	case len(s.Enum) > 0:
		return types.BaseTypeEnum
	case s.Base == mib.Integer32:
		return types.BaseTypeInteger32
	case s.Base == mib.OctetString:
		return types.BaseTypeOctetString
	case s.Base == mib.ObjectIdentifier:
		return types.BaseTypeObjectIdentifier
	}
	return types.BaseTypeUnsigned32
}

func gosmiLabels(t *gosmi.SmiType) []string {
	var out []string
	if t.Enum != nil {
		for _, v := range t.Enum.Values {
			out = append(out, v.Name)
		}
	}
	slices.Sort(out)
	return out
}

func labels(s *mib.Syntax) []string {
	var out []string
	for _, l := range s.Enum {
		out = append(out, l.Name)
	}
	slices.Sort(out)
	return out
}

// TestNetSNMPReadsOurModules asks snmptranslate for every name it knows.
func TestNetSNMPReadsOurModules(t *testing.T) {
	translate, err := exec.LookPath("snmptranslate")
	if err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatal(err)
		}
		t.Skip("snmptranslate is not installed (Debian: snmp)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, translate, "-M", exported(t), "-m", "ALL", "-Tz")
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		known[strings.Join(strings.Fields(strings.ReplaceAll(line, `"`, "")), " ")] = true
	}
	ours(func(o *mib.Object) {
		if !known[o.Name+" "+o.OID.String()] {
			t.Errorf("%s %v is not known", o.Name, o.OID)
		}
	})
	for _, m := range model.Registry.Modules() {
		for _, n := range m.Notifications {
			if !m.Standard && !known[n.Name+" "+n.OID.String()] {
				t.Errorf("%s %v is not known", n.Name, n.OID)
			}
		}
	}
}
