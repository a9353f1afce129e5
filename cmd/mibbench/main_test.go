package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// TestMain lets the test be the baseline, as the program is.
func TestMain(m *testing.M) {
	if serves(os.Args) {
		return
	}
	os.Exit(m.Run())
}

// The whole run with no effort: every agent answers every operation right.
func TestReportIsComplete(t *testing.T) {
	if testing.Short() {
		t.Skip("starts agents")
	}
	snmpd, err := exec.LookPath("snmpd")
	if err != nil {
		snmpd, err = exec.LookPath("/usr/sbin/snmpd")
	}
	if err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatal("snmpd is not installed (package snmpd)")
		}
		t.Skip("snmpd is not installed (package snmpd)")
	}
	program := filepath.Join(t.TempDir(), "mibgate")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "mibgate/cmd/mibgate").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := exec.LookPath("net-snmp-config"); err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatal("net-snmp-config is not installed (package libsnmp-dev)")
		}
		t.Skip("net-snmp-config is not installed (package libsnmp-dev)")
	}
	b := &bench{program: program, snmpd: snmpd, turn: 40 * time.Millisecond, passes: 1, outstanding: 4}
	if err := b.run(); err != nil {
		t.Fatal(err)
	}
	for i := range b.figures {
		f := &b.figures[i]
		// What GoSNMPServer does not do is no failure of ours.
		if f.err != nil && f.kind != baseline {
			t.Error(f.line())
		}
	}
	report := b.report()
	for _, want := range slices.Concat(kinds, operationNames(), securityNames(), []string{"net-snmp 5", "ratio **", "to reach", "one at a time"}) {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
	serial := 2 // operations
	if len(b.figures) != len(kinds)*(len(operations)+serial)*len(securities) {
		t.Errorf("%d figures", len(b.figures))
	}
}

func TestWanted(t *testing.T) {
	for _, tt := range []struct{ only, yes, no string }{
		{"", "v2c,GET,SET,snmpd,mibgate", ""},
		{"GET", "GET,GETNEXT,GET of 10,v2c,snmpd", "SET"},
		{"=GET,v3", "GET,v3 SHA/AES-128,v3 SHA-256/AES-128,mibgate", "GETNEXT,v2c"},
		{"snmpd,SET", "snmpd,SET,v2c", "GoSNMPServer,GET"},
	} {
		b := &bench{only: strings.Split(tt.only, ",")}
		for _, name := range strings.Split(tt.yes, ",") {
			if !b.wanted(name) {
				t.Errorf("%q leaves %s out", tt.only, name)
			}
		}
		for _, name := range strings.Split(tt.no, ",") {
			if name != "" && b.wanted(name) {
				t.Errorf("%q takes %s in", tt.only, name)
			}
		}
	}
}

func TestIDs(t *testing.T) {
	engine, err := usm.NewEngine(usm.Config{ID: usm.RandomEngineID(32473), Boots: 1})
	if err != nil {
		t.Fatal(err)
	}
	remote, err := usm.NewRemote(engine, usm.Credentials{}, message.NoAuthNoPriv)
	if err != nil {
		t.Fatal(err)
	}
	var b message.Builder
	var ctx usm.Context
	v3, err := remote.Probe(&b, &ctx, 77)
	if err != nil || idOf(v3) != 77 {
		t.Errorf("v3: %d (%v)", idOf(v3), err)
	}
	v2, err := (&encoder{}).encode(operations[0], firstID+3, []object{{name: mib.OID{1, 3, 6}}})
	if err != nil || idOf(v2) != firstID+3 {
		t.Errorf("v2c: %d (%v)", idOf(v2), err)
	}
	for n := range v2 {
		if n < 15 && idOf(v2[:n]) != -1 {
			t.Errorf("%d octets have the id %d", n, idOf(v2[:n]))
		}
	}
}

func TestObjectsForTheBaseline(t *testing.T) {
	want := []object{{mib.OID{1, 3, 1}, mib.String("a b")}, {mib.OID{1, 3, 2}, mib.String("")}, {mib.OID{1, 3, 3}, mib.Int(-5)}}
	path := filepath.Join(t.TempDir(), "objects")
	if err := writeObjects(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := readObjects(path)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v (%v)", got, err)
	}
	for i := range want {
		if got[i].name.Compare(want[i].name) != 0 || !got[i].value.Equal(want[i].value) {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
}
