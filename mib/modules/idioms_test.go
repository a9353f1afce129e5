package modules_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	smi "github.com/golangsnmp/gomib/mib"

	"mibgate/mib/modules"
)

// maxHelp is what a first sentence may take, in characters: it is shown on one
// line as help of metrics, of the CLI and of form fields.
const maxHelp = 110

// extensible tells whether operators may add rows to a table.
func extensible(table *smi.Object) bool {
	return slices.ContainsFunc(table.Columns(), isRowStatus)
}

func isRowStatus(o *smi.Object) bool { return typeName(o) == "RowStatus" }

func typeName(o *smi.Object) string {
	if o.Type() == nil {
		return ""
	}
	return o.Type().Name()
}

func writable(o *smi.Object) bool {
	return o.Access() == smi.AccessReadWrite || o.Access() == smi.AccessReadCreate
}

func isIndex(o *smi.Object) bool {
	return slices.ContainsFunc(o.Row().Index(), func(e smi.IndexEntry) bool { return e.Object == o })
}

// leaves calls f for every scalar and column of every service.
func leaves(t *testing.T, f func(t *testing.T, o *smi.Object)) {
	t.Helper()
	for _, mod := range serviceModules(t) {
		for _, o := range mod.Objects() {
			if o.IsTable() || o.IsRow() {
				continue
			}
			t.Run(mod.Name()+"."+o.Name(), func(t *testing.T) { f(t, o) })
		}
	}
}

func TestEveryVariableIsComplete(t *testing.T) {
	leaves(t, func(t *testing.T, o *smi.Object) {
		help, _, _ := strings.Cut(strings.Join(strings.Fields(o.Description()), " "), ". ")
		if n := utf8.RuneCountInString(help); n == 0 || n > maxHelp {
			t.Errorf("first sentence has %d characters, want 1..%d: %s", n, maxHelp, help)
		}
		if writable(o) && !isRowStatus(o) && o.DefaultValue().IsZero() {
			t.Error("can be written and has no DEFVAL")
		}
		if strings.HasPrefix(o.Type().EffectiveBase().String(), "OCTET") && len(o.EffectiveSizes()) == 0 {
			t.Error("text without SIZE")
		}
	})
}

func TestColumnsFollowTheirTable(t *testing.T) {
	leaves(t, func(t *testing.T, o *smi.Object) {
		if !o.IsColumn() {
			return
		}
		stem := strings.TrimSuffix(o.Table().Name(), "Table")
		if !strings.HasPrefix(o.Name(), stem) {
			t.Errorf("name does not begin with %s", stem)
		}
		if isIndex(o) && o.Access() != smi.AccessReadOnly {
			t.Errorf("index is %s, want read-only", o.Access())
		}
		if isRowStatus(o) && (o.Name() != stem+"RowStatus" || o.OID().LastArc() != firstOwnArc) {
			t.Errorf("RowStatus is not %sRowStatus at column %d", stem, firstOwnArc)
		}
		if got := o.Access(); writable(o) && extensible(o.Table()) != (got == smi.AccessReadCreate) {
			t.Errorf("%s in a table with RowStatus=%t", got, extensible(o.Table()))
		}
	})
}

func TestCommandsReadBackAsNoOp(t *testing.T) {
	leaves(t, func(t *testing.T, o *smi.Object) {
		noOp, ok := o.Enum("noOp")
		if !ok {
			return
		}
		labels := o.EffectiveEnums()
		if noOp.Value != 0 || len(labels) != 2 || labels[1].Value != 10 {
			t.Errorf("labels %v, want noOp(0) and a verb(10)", labels)
		}
		if defaultText(o) != "noOp" || !writable(o) {
			t.Errorf("default %q, access %s", defaultText(o), o.Access())
		}
	})
}

func TestEverySecretHasAFingerprint(t *testing.T) {
	secrets := 0
	leaves(t, func(t *testing.T, o *smi.Object) {
		if typeName(o) != "SecretString" {
			return
		}
		secrets++
		print := o.Module().Object(o.Name() + "Fingerprint")
		if print == nil || typeName(print) != "SecretFingerprint" || print.Access() != smi.AccessReadOnly {
			t.Error("no read-only SecretFingerprint beside it")
		}
		if defaultText(o) != "" {
			t.Error("a secret is set by default")
		}
	})
	if secrets == 0 {
		t.Error("no secret found: is the test blind?")
	}
}

func TestNotificationsCarryWhatManagersExpect(t *testing.T) {
	const link = "tlsPersistentConnectionStatus"
	want := map[string][]string{
		"400.0.1 scmServiceStateChange": {"servicesInfoName", "servicesInfoExecState"},
		"700.0.1 hocClockStateChange":   {"clockState"},
		"1400.0.1 sipEpTlsLinkDown": {
			link + "Gateway", link + "LocalPort", link + "RemoteHost", link + "RemoteHostIpAddr", link + "State"},
		"1400.0.2 sipEpTlsLinkUp": {
			link + "Gateway", link + "LocalPort", link + "RemoteHost", link + "RemoteHostIpAddr", link + "State"},
		"1400.0.3 sipEpTlsHandshakeFailed": {
			link + "Gateway", link + "RemoteHost", link + "LastFailureReason", link + "LastFailureDetail"},
		"1400.0.4 sipEpRegistrationStateChange": {
			"registrationStatusGateway", "registrationStatusUsername", "registrationStatusRegistrar", "registrationStatusState"},
		"1400.0.5 sipEpGatewayStateChange": {"gatewayStatusName", "gatewayStatusState"},
	}
	found := 0
	for _, mod := range serviceModules(t) {
		for _, n := range mod.Notifications() {
			found++
			key := strings.TrimPrefix(n.OID().String(), root+".200.100.") + " " + n.Name()
			var got []string
			for _, o := range n.Objects() {
				got = append(got, o.Name())
			}
			if !slices.Equal(got, want[key]) {
				t.Errorf("%s carries %v, want %v", key, got, want[key])
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d notifications, want %d", found, len(want))
	}
}

// TestSmilint runs the linter of libsmi, with the base modules of our tests.
// Level 6 may say what DGW's shape brings (DESIGN §2), and that the types of
// MIBGATE-TC are used in other modules only.
func TestSmilint(t *testing.T) {
	smilint, err := exec.LookPath("smilint")
	if err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatal("smilint is not installed (Debian: smitools)")
		}
		t.Skip("smilint is not installed (Debian: smitools)")
	}
	base, err := filepath.Abs("../model/testdata/smi")
	if err != nil {
		t.Fatal(err)
	}
	tolerated := []string{
		"must not include a hyphen in SMIv2", // tLSv1-2
		"should be not-accessible in SMIv2 MIB",
		"should match `*-MIB'",
		"is not referenced in this module",
	}
	lint := func(t *testing.T, name string, level int) []string {
		cmd := exec.CommandContext(t.Context(), smilint, "-l", fmt.Sprint(level), "./"+name+".mib")
		cmd.Env = append(os.Environ(), "SMIPATH=.:"+base)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	for _, name := range moduleNames(t) {
		t.Run(name, func(t *testing.T) {
			for _, line := range lint(t, name, 3) {
				if line != "" {
					t.Errorf("level 3: %s", line)
				}
			}
			for _, line := range lint(t, name, 6) {
				ok := slices.ContainsFunc(tolerated, func(s string) bool { return strings.Contains(line, s) })
				if line != "" && !ok {
					t.Errorf("level 6: %s", line)
				}
			}
		})
	}
}

// definition is what gives a name an OID, at the beginning of a line.
var definition = regexp.MustCompile(`(?m)^\s*([a-z][A-Za-z0-9-]*)\s+(?:OBJECT-TYPE|OBJECT\s+IDENTIFIER|MODULE-IDENTITY|OBJECT-IDENTITY|` +
	`NOTIFICATION-TYPE|OBJECT-GROUP|NOTIFICATION-GROUP|MODULE-COMPLIANCE|AGENT-CAPABILITIES)\b`)

// prose is what may look like definitions.
var prose = regexp.MustCompile(`"[^"]*"|--.*`)

// defined are the descriptors that a module defines.
func defined(text []byte) []string {
	var out []string
	for _, m := range definition.FindAllSubmatch(prose.ReplaceAll(text, nil), -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// TestNoDescriptorIsOneOfTheStandards: a manager that loads all modules finds
// the standard object by the name that it has there.
func TestNoDescriptorIsOneOfTheStandards(t *testing.T) {
	theirs := map[string]string{}
	for _, pattern := range []string{"../standard/*.mib", "../../../shared/mibs/*.txt"} { // what we answer of them; where they are, all of them
		paths, _ := filepath.Glob(pattern) // the pattern is good
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range defined(text) {
				theirs[name] = filepath.Base(path)
			}
		}
	}
	files, err := modules.Files()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for path, text := range files {
		for _, name := range defined(text) {
			checked++
			if other := theirs[name]; other != "" {
				t.Errorf("%s defines %s, which is one of %s", path, name, other)
			}
		}
	}
	if checked < 300 || theirs["snmpMIBObjects"] == "" || theirs["sysName"] == "" {
		t.Errorf("%d descriptors of ours, %d standard ones: is the test blind?", checked, len(theirs))
	}
}
