package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestModulesThatCannotBeGenerated edits the fixture module and wants an error
// that names the place; nothing is written then.
func TestModulesThatCannotBeGenerated(t *testing.T) {
	const demo = "MIBGATE-DEMO-MIB.mib"
	for _, tt := range []struct {
		name      string
		old, text string
		want      []string
	}{
		{"syntax error", "MAX-ACCESS  read-write", "MAX-ACCES  read-write", []string{demo + ":", "(error)"}},
		{"unknown type", "SYNTAX      Counter64", "SYNTAX      Counter65", []string{demo + ":", "Counter65"}},
		{"no DEFVAL", "    DEFVAL      { -5 }\n", "", []string{demo + ":64:1: offset: can be written and has no DEFVAL"}},
		{"DEFVAL that is no label", "DEFVAL      { tLSv1-2 }", "DEFVAL      { slow }", []string{demo + ":", "mode"}},
		{"DEFVAL of another type", "DEFVAL      { 5060 }", `DEFVAL      { "x" }`, []string{"trunkPort: DEFVAL", "is not of its type"}},
		{"BITS", "SYNTAX      TimeTicks", "SYNTAX      BITS { one(0) }", []string{"age: is of the type", "not generated"}},
		{"fingerprint of nothing", "trunkPasswordFingerprint", "trunkOtherFingerprint", []string{"trunkOtherFingerprint: no SecretString stands beside"}},
		{"one field twice", "mode OBJECT-TYPE", "trunk OBJECT-TYPE", []string{"trunkTable: and trunk would both be the field Trunk"}},
		{"hidden method", "trunkPort", "trunkState", []string{"trunkState: the field State would hide"}},
		{"one identifier twice", "demoEpTrunkDown", "demoEpTrunkType", []string{"becomes the Go identifier TrunkType"}},
		{"switch as index", "trunkType OBJECT-TYPE\n    SYNTAX      INTEGER { in(1), out(2) }", "trunkType OBJECT-TYPE\n    SYNTAX      TruthValue", []string{"its index trunkType is a switch"}},
		{"empty IMPLIED index", "legTag OBJECT-TYPE\n    SYNTAX      OCTET STRING (SIZE (1..20))", "legTag OBJECT-TYPE\n    SYNTAX      OCTET STRING (SIZE (0..20))", []string{"legTag may be empty"}},
		{"not a service", "::= { mibgateServices 42 }", "::= { enterprises 42 }", []string{"MODULE-IDENTITY is not below mibgateServices"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := editedFixture(t, tt.old, tt.text)
			files, err := Generate(in)
			if err == nil {
				t.Fatal("no error")
			}
			if files != nil {
				t.Error("files in spite of the error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\nlacks %q", err, want)
				}
			}
		})
	}
}

// editedFixture copies the fixture with every old in the demo module replaced.
func editedFixture(t *testing.T, old, text string) Input {
	t.Helper()
	dir := t.TempDir()
	names, err := filepath.Glob(filepath.Join(fixture.Modules, "*.mib"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		module, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		edited := string(module)
		if strings.Contains(name, "DEMO") {
			if !strings.Contains(edited, old) {
				t.Fatalf("the fixture has no %q", old)
			}
			edited = strings.ReplaceAll(edited, old, text)
			if text == "::= { enterprises 42 }" {
				edited = strings.Replace(edited, "Unsigned32\n        FROM", "Unsigned32, enterprises\n        FROM", 1)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Input{Modules: dir}
}

func TestStandardModuleNeedsAPackage(t *testing.T) {
	dir := t.TempDir()
	text := "X-MIB DEFINITIONS ::= BEGIN IMPORTS OBJECT-TYPE, mib-2 FROM SNMPv2-SMI;\nx OBJECT-TYPE SYNTAX OCTET STRING (SIZE (0..4)) MAX-ACCESS read-only STATUS current DESCRIPTION \"x.\" ::= { mib-2 999 }\nEND\n"
	if err := os.WriteFile(filepath.Join(dir, "X-MIB.mib"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Generate(Input{Modules: t.TempDir(), Standard: dir})
	if err == nil || !strings.Contains(err.Error(), "standardPackages") {
		t.Errorf("%v", err)
	}
}

func TestFileMustBeNamedAsItsModule(t *testing.T) {
	in := editedFixture(t, "MIBGATE-DEMO-MIB DEFINITIONS", "MIBGATE-OTHER-MIB DEFINITIONS")
	if _, err := Generate(in); err == nil || !strings.Contains(err.Error(), "MIBGATE-DEMO-MIB") {
		t.Errorf("%v", err)
	}
}

func TestFoldersThatAreNotThere(t *testing.T) {
	for _, in := range []Input{{Modules: "testdata/none"}, {Modules: fixture.Modules, Standard: "testdata/none"}} {
		if _, err := Generate(in); err == nil {
			t.Errorf("%+v: no error", in)
		}
	}
}

// TestIndexOfAnotherModule: the index of a standard module may be used, that of
// a service may not.
func TestIndexOfAnotherModule(t *testing.T) {
	dir := t.TempDir()
	text := "IP-MIB DEFINITIONS ::= BEGIN IMPORTS OBJECT-TYPE, Integer32, mib-2 FROM SNMPv2-SMI trunkName FROM MIBGATE-DEMO-MIB;\n" +
		"xTable OBJECT-TYPE SYNTAX SEQUENCE OF XEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION \"x.\" ::= { mib-2 999 }\n" +
		"xEntry OBJECT-TYPE SYNTAX XEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION \"x.\" INDEX { trunkName } ::= { xTable 1 }\n" +
		"XEntry ::= SEQUENCE { x Integer32 }\n" +
		"x OBJECT-TYPE SYNTAX Integer32 MAX-ACCESS read-only STATUS current DESCRIPTION \"x.\" ::= { xEntry 1 }\nEND\n"
	if err := os.WriteFile(filepath.Join(dir, "IP-MIB.mib"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Generate(Input{Modules: fixture.Modules, Standard: dir})
	if err == nil || !strings.Contains(err.Error(), "its index trunkName is of another module") {
		t.Errorf("%v", err)
	}
}

// TestColumnsThatMayBeMissing: a text or identifier without DEFVAL is required
// of a row; a number, which has no empty value, must have one.
func TestColumnsThatMayBeMissing(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"SNMP-TARGET-MIB.mib", "SNMP-COMMUNITY-MIB.mib"} {
		module, err := os.ReadFile(filepath.Join(fixture.Standard, name))
		if err != nil {
			t.Fatal(err)
		}
		edited := strings.Replace(string(module), "    DEFVAL      { 484 }\n", "", 1)
		edited = strings.Replace(edited, "    DEFVAL      { nonVolatile }\n", "", 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Generate(Input{Modules: fixture.Modules, Standard: dir})
	for _, want := range []string{"hostsLongest: can be written and has no DEFVAL", "hostsStorageType: can be written and has no DEFVAL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "hostsAddress") {
		t.Error(err)
	}
}
