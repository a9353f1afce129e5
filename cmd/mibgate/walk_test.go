package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/model"
)

// peer makes sure of a program of another project; MIBGATE_REQUIRE_PEERS turns
// its absence into a failure.
func peer(t testing.TB, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatalf("%s is not installed: run `make deps` as root", name)
		}
		t.Skipf("%s is not installed: run `make deps` as root", name)
	}
}

// nms is net-snmp's manager against one agent.
type nms struct {
	t      *testing.T
	access []string // version and who asks
	agent  string
	format []string // how OIDs and values are printed, which MIBs are read
}

// numeric needs no MIB: names and labels as numbers.
var numeric = []string{"-m", "", "-On", "-Oe", "-Ot"}

// netsnmp runs a tool; the output is standard output and error together.
func (n nms) run(tool string, args ...string) (string, error) {
	n.t.Helper()
	cmd := exec.Command(tool, slices.Concat(n.format, n.access, []string{"-t", "5", "-r", "1", n.agent}, args)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "SNMPCONFPATH="+n.t.TempDir())
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (n nms) must(tool string, args ...string) string {
	n.t.Helper()
	out, err := n.run(tool, args...)
	if err != nil {
		n.t.Fatalf("%s %s %s: %v\n%s", tool, n.access, args, err, out)
	}
	return out
}

// managers are the three versions against an agent on port; the community is
// public, the account admin.
func managers(t *testing.T, port uint16) map[string]nms {
	agent := fmt.Sprintf("127.0.0.1:%d", port)
	return map[string]nms{
		"v1":  {t, []string{"-v1", "-c", "public"}, agent, numeric},
		"v2c": {t, []string{"-v2c", "-c", "public"}, agent, numeric},
		"v3":  {t, []string{"-v3", "-l", "authPriv", "-u", "admin", "-a", "SHA-256", "-A", "correct horse", "-x", "AES", "-X", "correct horse"}, agent, numeric},
	}
}

// manyRows configures something in every table that takes rows.
const manyRows = `
Hoc.ClockSource="Host"
Snmp.EnableSnmpV1="Enable"
Snmp.EnableSnmpV2="Enable"
Snmp.Community="public"
Snmp.CommunityRole="Admin"
Snmp.TrapDest="127.0.0.1:9"
Aaa.Users[UserName="eve"].AccessRights="Observer"
Aaa.Users[UserName="eve"].Password="observing"
SipEp.Gateway[Name="default"].NetworkInterface="Loop"
SipEp.Gateway[Name="default"].Port=0
SipEp.Gateway[Name="trunk2"].Type="EndpointGateway"
SipEp.Gateway[Name="trunk2"].NetworkInterface="Loop"
SipEp.UnitRegistrations[Index=1].Username="100"
SipEp.UnitRegistrations[Index=2].Username="101"
SipEp.Authentication[Index=1].Username="100"
SipEp.Authentication[Index=1].Password="secret"
`

// walked is one instance of a walk and its value as net-snmp prints it.
type walked struct{ oid, value string }

// parseWalk reads the output of a walk; values may go over several lines.
func parseWalk(t *testing.T, out string) []walked {
	t.Helper()
	var list []walked
	for line := range strings.Lines(out) {
		oid, value, ok := strings.Cut(line, " = ")
		if ok && strings.HasPrefix(oid, ".") {
			list = append(list, walked{strings.TrimPrefix(oid, "."), value})
			continue
		}
		if len(list) == 0 {
			t.Fatalf("not a walk: %q", line)
		}
		list[len(list)-1].value += line
	}
	return list
}

// live are the subtrees whose values change by themselves.
var live = regexp.MustCompile(`^(1\.3\.6\.1\.2\.1\.1\.3\.0|1\.3\.6\.1\.2\.1\.11\..*` +
	`|1\.3\.6\.1\.2\.1\.(92|118)\..*|1\.3\.6\.1\.2\.1\.4\.([3-9]|1[0-9]|22|31\.1|35)\..*|1\.3\.6\.1\.2\.1\.[567]\..*|1\.3\.6\.1\.2\.1\.(27|149)\..*` +
	`|1\.3\.6\.1\.2\.1\.2\.2\.1\.1[0-9]\..*|1\.3\.6\.1\.2\.1\.31\.1\.1\.1\.([2-9]|1[0-3])\..*` +
	`|1\.3\.6\.1\.2\.1\.25\.(1\..*|2\.3\.1\.[56]\..*|3\.2\.1\.6\..*|3\.3\.1\.2\..*)|1\.3\.6\.1\.2\.1\.99\..*|1\.3\.6\.1\.6\.3\.(10|11|15)\..*` +
	`|.*\.200\.100\.900\.1\.(10000|61000)\..*|.*\.200\.100\.700\.1\.250\..*|.*\.200\.100\.2000\.1\.10000\..*|.*\.200\.100\.1100\.1\.(300|61000)\..*|.*\.200\.100\.1400\.1\.61000\..*)$`)

// comeAndGo are the subtrees whose rows do.
var comeAndGo = regexp.MustCompile(`^1\.3\.6\.1\.2\.1\.(4\.(22|35)|5\.30|6\.(19|20)|7\.7|149)\.`)

func TestWalks(t *testing.T) {
	for _, tool := range []string{"snmpwalk", "snmpbulkwalk", "snmpget"} {
		peer(t, tool)
	}
	for name, root := range map[string]string{"own root": "1.3.6.1.4.1.32473.100", "DGW's root": "1.3.6.1.4.1.4935.1000.100"} {
		t.Run(name, func(t *testing.T) {
			port := freePort(t)
			start(t, folder(t), "--snmp", fmt.Sprintf("127.0.0.1:%d", port), "--oid-root", root,
				"--initial-password", file(t, "pw", "correct horse\n"), "--script", file(t, "s", manyRows))
			var first []string
			for version, n := range managers(t, port) {
				tools := []string{"snmpwalk", "snmpbulkwalk"}
				if version == "v1" {
					tools = tools[:1] // GETBULK came with v2
				}
				for _, tool := range tools {
					oids := checkWalk(t, n, tool, root)
					if first == nil {
						first = oids
					}
					if version != "v1" && !slices.Equal(oids, first) && len(first) == len(oids) {
						t.Errorf("%s %s walks other instances", version, tool)
					}
				}
			}
		})
	}
}

// checkWalk walks everything: strictly increasing, no error, all below known
// roots, equal to GETs.
func checkWalk(t *testing.T, n nms, tool, root string) []string {
	t.Helper()
	out, _, _ := strings.Cut(n.must(tool, ".1"), "End of MIB") // v1
	list := parseWalk(t, out)
	if end := list[len(list)-1]; strings.HasPrefix(end.value, "No more variables") {
		list = list[:len(list)-1]
	}
	if len(list) < 300 {
		t.Fatalf("%s: %d instances, expected more", tool, len(list))
	}
	var last mib.OID
	ours := 0
	var oids []string
	for _, w := range list {
		oid, err := mib.ParseOID(w.oid)
		if err != nil {
			t.Fatal(err)
		}
		if last != nil && last.Compare(oid) >= 0 {
			t.Errorf("%s: %s comes after %s", tool, w.oid, last)
		}
		if strings.HasPrefix(w.oid, root+".") {
			ours++
		}
		last = oid
		if !comeAndGo.MatchString(w.oid) {
			oids = append(oids, w.oid)
		}
	}
	if ours < 250 {
		t.Errorf("%s: %d instances below %s", tool, ours, root)
	}
	list = slices.DeleteFunc(list, func(w walked) bool { return comeAndGo.MatchString(w.oid) })
	for chunk := range slices.Chunk(list, 20) {
		args := make([]string, len(chunk))
		for i, w := range chunk {
			args[i] = "." + w.oid
		}
		for i, got := range parseWalk(t, n.must("snmpget", args...)) {
			want := chunk[i]
			if got.oid != want.oid || strings.TrimSpace(got.value) != strings.TrimSpace(want.value) && !live.MatchString(want.oid) {
				t.Errorf("GET answers %s = %q, the walk %s = %q", got.oid, got.value, want.oid, want.value)
			}
		}
	}
	return oids
}

// TestTables reads every table as snmptable does, with our modules as an NMS
// would load them.
func TestTables(t *testing.T) {
	peer(t, "snmptable")
	mibs := t.TempDir()
	must(t, "mib", "export", mibs)
	smi, err := filepath.Abs("../../mib/model/testdata/smi")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	start(t, folder(t), "--snmp", fmt.Sprintf("127.0.0.1:%d", port), "--initial-password", file(t, "pw", "correct horse\n"), "--script", file(t, "s", manyRows))
	for version, n := range managers(t, port) {
		n.format = []string{"-M", smi + ":" + mibs, "-m", "ALL"}
		for _, m := range model.Registry.Modules() {
			if m.Standard {
				continue
			}
			for _, tab := range m.Tables {
				out := n.must("snmptable", m.Name+"::"+tab.Name)
				if !strings.Contains(out, tab.Name) || strings.Contains(out, "Reason:") || strings.Contains(out, "Was that a table") {
					t.Errorf("%s %s:\n%s", version, tab.Name, out)
				}
			}
		}
	}
}
