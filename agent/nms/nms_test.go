package nms

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/model"
)

// legacy is a root that an operator would choose.
var legacy = mib.OID{1, 3, 6, 1, 4, 1, 4935, 1000, 100}

func files(t *testing.T, served mib.OID) map[string][]byte {
	t.Helper()
	out, err := Files(Options{Registry: model.Registry, Model: model.Root, Served: served})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// peer finds a program that `make test` installs.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatal(err)
		}
		t.Skipf("%s is not installed: run `make deps` as root", name)
	}
	return path
}

// parse reads YAML with a parser that is not ours, into what JSON has.
func parse(t *testing.T, text []byte, into any) {
	t.Helper()
	const script = "import sys, yaml, json\njson.dump(yaml.safe_load(sys.stdin), sys.stdout)"
	cmd := exec.CommandContext(t.Context(), peer(t, "python3"), "-c", script)
	cmd.Stdin = bytes.NewReader(text)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		if strings.Contains(complaint.String(), "No module named 'yaml'") && os.Getenv("MIBGATE_REQUIRE_PEERS") == "" {
			t.Skip("python3-yaml is not installed: run `make deps` as root")
		}
		t.Fatalf("%v: %s", err, complaint.String())
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

var update = flag.Bool("update", false, "write testdata/nms, for make generate")

// TestFilesAreUpToDate fails when a module or the catalogue was changed without
// make generate, which uses this test: the program itself need not compile
// while a new object is not answered yet.
func TestFilesAreUpToDate(t *testing.T) {
	for name, want := range files(t, nil) {
		path := filepath.Join("../../testdata/nms", filepath.FromSlash(name))
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(have, want) {
			t.Errorf("testdata/nms/%s is not what would be written now (%v): run `make generate`", name, err)
		}
	}
}

// dotted finds OIDs of at least seven sub-identifiers.
var dotted = regexp.MustCompile(`1\.3\.6\.1(?:\.[0-9]+){3,}`)

// TestEveryOIDIsInTheRegistry: what the files poll is what the unit serves, and
// nothing of the model's root is left when it serves another.
func TestEveryOIDIsInTheRegistry(t *testing.T) {
	entries := map[string]bool{model.Root.Append(productArc...).String(): true}
	for _, m := range model.Registry.Modules() {
		for _, table := range m.Tables {
			entries[table.OID.String()] = true
		}
		for _, n := range m.Notifications {
			entries[n.OID.String()] = true
		}
	}
	for _, root := range []mib.OID{model.Root, legacy} {
		for name, text := range files(t, root) {
			found := dotted.FindAllString(string(text), -1)
			if len(found) == 0 {
				t.Errorf("%s names no OID", name)
			}
			for _, s := range found {
				oid := mib.MustOID(s)
				if oid.HasPrefix(root) {
					oid = model.Root.Append(oid[len(root):]...)
				} else if oid.HasPrefix(model.Root) {
					t.Errorf("%s under %s has %s", name, root, s)
				}
				o, instance := model.Registry.ByOID(oid)
				if !entries[oid.String()] && (o == nil || len(instance) > 1) {
					t.Errorf("%s has %s, which the unit does not serve", name, s)
				}
			}
		}
	}
}

// TestNothingSecretIsPolled: no secret and no command is in any file.
func TestNothingSecretIsPolled(t *testing.T) {
	all := string(bytes.Join(slices.Collect(maps.Values(files(t, nil))), nil))
	for _, o := range model.Registry.Objects() {
		if (o.Secret || o.Source == mib.SourceCommand || o.Source == mib.SourceEdit) && regexp.MustCompile(regexp.QuoteMeta(o.OID.String())+`\b[^.]`).MatchString(all) {
			t.Errorf("%s is polled", o.Path())
		}
	}
}

// TestAnObserverReadsAllOfIt: docs/nms.md tells operators that an account of
// that role is enough.
func TestAnObserverReadsAllOfIt(t *testing.T) {
	s := &source{Options: Options{Registry: model.Registry, Model: model.Root}}
	s.collect()
	polled := s.scalars
	for _, t := range s.tables {
		polled = slices.Concat(polled, t.metrics, t.nameColumns)
	}
	for _, name := range standardNames() {
		polled = append(polled, s.standard(name))
	}
	for _, o := range polled {
		if !access.CanRead(access.Observer, o) {
			t.Errorf("%s is polled, and only an admin reads it", o.Path())
		}
	}
}

// TestCatalogueMustFit: a catalogue that names what the MIB has not is refused.
func TestCatalogueMustFit(t *testing.T) {
	_, err := Files(Options{Registry: mib.NewRegistry(), Model: model.Root})
	for _, want := range []string{"table SipEp.TlsPersistentConnectionStatus", "object Hoc.ClockState", "object or table Nlm.LocalLogMessages", "has an object hrStorageUsed", "notification coldStart"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	hoc := *model.Registry.Service("Hoc")
	hoc.Objects = slices.Clone(hoc.Objects)
	for i, o := range hoc.Objects {
		if o.Param == "ClockState" {
			changed, syntax := *o, *o.Syntax
			syntax.Enum = append(slices.Clone(syntax.Enum[1:]), mib.Label{Name: "drifting", Number: 400})
			changed.Syntax = &syntax
			hoc.Objects[i] = &changed
		}
	}
	_, err = Files(Options{Registry: mib.NewRegistry(&hoc), Model: model.Root})
	for _, want := range []string{"label drifting of Hoc.ClockState has no level", "Hoc.ClockState has a level for a label that is none"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

// TestModulesUnderAnotherRoot has net-snmp translate names of the modules.
func TestModulesUnderAnotherRoot(t *testing.T) {
	translate := peer(t, "snmptranslate")
	for _, root := range []mib.OID{nil, legacy, {1, 3, 6, 1, 4, 1, 9, 7}} {
		texts, err := Modules(root)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		for name, text := range texts {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		want := model.Root
		if root != nil {
			want = root
			if smi := string(texts[rootModule]); strings.Contains(smi, "32473") {
				t.Errorf("under %s the module still tells of another root:\n%s", root, smi)
			}
		}
		out, err := exec.CommandContext(t.Context(), translate, "-M", dir+":../../mib/model/testdata/smi", "-m", "ALL", "-On", "MIBGATE-HOC-MIB::clockState.0").CombinedOutput()
		if got := strings.TrimSpace(string(out)); got != "."+want.String()+".200.100.700.1.61000.200.0" {
			t.Errorf("root %s: clockState is at %s (%v)", root, got, err)
		}
	}
	for _, root := range []mib.OID{{1, 3, 6, 1, 2, 1, 100}, {1, 3, 6, 1, 4, 1, 9}} {
		if _, err := Modules(root); err == nil {
			t.Errorf("root %s is taken", root)
		}
	}
}

// TestTextKeysNameTheirRows: where rows are told apart by a text, it is in what
// people see: two targets of notifications may have the same address.
func TestTextKeysNameTheirRows(t *testing.T) {
	s := &source{Options: Options{Registry: model.Registry, Model: model.Root, Served: model.Root}}
	s.collect()
	checked := 0
	for _, table := range s.tables {
		for _, p := range table.Index {
			if p.Syntax.Base != mib.OctetString {
				continue
			}
			checked++
			if !slices.Contains(table.names, p.Param) {
				t.Errorf("rows of %s are named by %v, which lacks their key %s", tablePath(table.Table), table.names, p.Param)
			}
		}
	}
	if checked < 4 {
		t.Errorf("only %d tables have texts as keys", checked)
	}
	for _, want := range []string{"Trap destination {#NAME} {{#DESTINATION}.regsub(", "{#NAME},1.3.6.1.4.1.32473.100.200.100.900.1.61000.1200.1.100,"} {
		if !strings.Contains(string(files(t, nil)[ZabbixFile]), want) {
			t.Errorf("the Zabbix template lacks %s", want)
		}
	}
}
