package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"mibgate/mib"
	"mibgate/mib/hoc"
)

// form is how a manager asks: the version, and for v3 the protocols as the
// unit's variables name them.
type form struct{ version, auth, priv string }

func (a form) String() string { return strings.TrimSpace(a.version + " " + a.auth + " " + a.priv) }

// tour is what a manager found: the names of a walk in the order they came, and
// what a GET said after its SET.
type tour struct {
	names []string
	got   string
}

// program is a manager of another project: it walks, sets oid to value and gets
// it.
type program struct {
	name string
	v3   []form // what it has of protocols
	tour func(t *testing.T, port uint16, a form, oid, value string) tour
}

// programs are independent of each other and of us: C, Go, Perl and Python.
var programs = []program{
	{"net-snmp", []form{{"v3", "Sha256", "Aes128"}, {"v3", "Sha512", "Aes256"}}, netsnmpTour},
	{"gosnmp", []form{{"v3", "Sha256", "Aes128"}, {"v3", "Sha512", "Aes256"}}, gosnmpTour},
	{"Perl's Net::SNMP", []form{{"v3", "Md5", "Des"}, {"v3", "Sha1", "Aes128"}}, perlTour},
	{"Python's pysnmp", []form{{"v3", "Sha256", "Aes128"}, {"v3", "Sha512", "Aes256"}}, pythonTour},
}

// TestManagers: four managers that know nothing of each other walk everything
// and find the same, set and get, in every version.
func TestManagers(t *testing.T) {
	p, port := snmpUnit(t, `Aaa.Users[UserName="eve"].AccessRights="Observer"
Aaa.Users[UserName="eve"].Password="observing"
SipEp.Authentication[Index=1].Username="100"
SipEp.Authentication[Index=300].Username="300"
`)
	oid := hoc.Objects.SystemLocation.OID.Append(0).String()
	found := map[string][]string{} // by v1, which has no Counter64, or not
	for _, m := range programs {
		t.Run(m.name, func(t *testing.T) {
			for _, a := range append([]form{{version: "v1"}, {version: "v2c"}}, m.v3...) {
				if a.version == "v3" {
					must(t, "set", "--data", p.dir, "Snmp.AuthProtocol="+a.auth, "Snmp.PrivProtocol="+a.priv)
				}
				value := fmt.Sprintf("set by %s in %s", m.name, a)
				got := m.tour(t, port, a, oid, value)
				if got.got != value || p.get("Hoc.SystemLocation") != value {
					t.Errorf("%s: the SET is read as %q; on the console as %q", a, got.got, p.get("Hoc.SystemLocation"))
				}
				view := "v2"
				if a.version == "v1" {
					view = "v1"
				}
				if found[view] == nil {
					found[view] = got.names
				}
				checkTour(t, a, got.names, found[view])
			}
		})
	}
}

// checkTour checks that a walk was in order and found what the others found.
func checkTour(t *testing.T, a form, names, others []string) {
	t.Helper()
	if len(names) < 300 {
		t.Fatalf("%s: the walk found %d instances", a, len(names))
	}
	increasing(t, a.String(), names)
	names, others = slices.DeleteFunc(slices.Clone(names), comeAndGo.MatchString), slices.DeleteFunc(slices.Clone(others), comeAndGo.MatchString)
	if !slices.Equal(names, others) {
		missing := slices.DeleteFunc(slices.Clone(others), func(n string) bool { return slices.Contains(names, n) })
		more := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(others, n) })
		t.Errorf("%s: the walk found %d instances, another one %d: it lacks %v and has %v", a, len(names), len(others), missing, more)
	}
}

// increasing checks that every name comes after the one before.
func increasing(t *testing.T, what string, names []string) {
	t.Helper()
	last := mib.OID{}
	for _, n := range names {
		oid, err := mib.ParseOID(n)
		if err != nil {
			t.Fatal(err)
		}
		if last.Compare(oid) >= 0 {
			t.Errorf("%s: %s comes after %s", what, oid, last)
		}
		last = oid
	}
}

// The names that net-snmp gives the protocols.
var netsnmpNames = map[string]string{"Sha256": "SHA-256", "Sha512": "SHA-512", "Aes128": "AES", "Aes256": "AES-256"}

func netsnmpTour(t *testing.T, port uint16, a form, oid, value string) tour {
	walk, set, get := "snmpbulkwalk", "snmpset", "snmpget"
	n := managers(t, port)[a.version]
	switch a.version {
	case "v1":
		walk = "snmpwalk"
	case "v3":
		n.access = []string{"-v3", "-l", "authPriv", "-u", testUser, "-a", netsnmpNames[a.auth], "-A", testPassword, "-x", netsnmpNames[a.priv], "-X", testPassword}
	}
	for _, tool := range []string{walk, set, get} {
		peer(t, tool)
	}
	var out tour
	text, _, _ := strings.Cut(n.must(walk, ".1.3"), "End of MIB") // v1
	for _, w := range parseWalk(t, text) {
		if !strings.HasPrefix(w.value, "No more variables") {
			out.names = append(out.names, w.oid)
		}
	}
	n.must(set, "."+oid, "s", value)
	n.format = append(slices.Clone(n.format), "-Oqv")
	out.got = strings.Trim(n.must(get, "."+oid), "\"\n")
	return out
}

func gosnmpTour(t *testing.T, port uint16, a form, oid, value string) tour {
	m := gosnmpManager(t, port, a)
	var out tour
	each := func(p gosnmp.SnmpPDU) error {
		out.names = append(out.names, strings.TrimPrefix(p.Name, "."))
		return nil
	}
	walk := m.BulkWalk
	if a.version == "v1" {
		walk = m.Walk
	}
	if err := walk(".1.3", each); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	r, err := m.Set([]gosnmp.SnmpPDU{{Name: "." + oid, Type: gosnmp.OctetString, Value: value}})
	if err != nil || r.Error != gosnmp.NoError {
		t.Fatalf("%s: SET: %v, %v", a, r, err)
	}
	if r, err = m.Get([]string{"." + oid}); err != nil || len(r.Variables) != 1 {
		t.Fatalf("%s: GET: %v, %v", a, r, err)
	}
	got, _ := r.Variables[0].Value.([]byte)
	out.got = string(got)
	return out
}

func gosnmpManager(t *testing.T, port uint16, a form) *gosnmp.GoSNMP {
	t.Helper()
	m := &gosnmp.GoSNMP{
		Target: "127.0.0.1", Port: port, Timeout: 10 * time.Second, Retries: 1, MaxRepetitions: 20,
		Community: testCommunity, Version: map[string]gosnmp.SnmpVersion{"v1": gosnmp.Version1, "v2c": gosnmp.Version2c, "v3": gosnmp.Version3}[a.version],
	}
	if a.version == "v3" {
		m.SecurityModel, m.MsgFlags = gosnmp.UserSecurityModel, gosnmp.AuthPriv
		m.SecurityParameters = &gosnmp.UsmSecurityParameters{
			UserName:                 testUser,
			AuthenticationProtocol:   map[string]gosnmp.SnmpV3AuthProtocol{"Sha256": gosnmp.SHA256, "Sha512": gosnmp.SHA512}[a.auth],
			AuthenticationPassphrase: testPassword,
			PrivacyProtocol:          map[string]gosnmp.SnmpV3PrivProtocol{"Aes128": gosnmp.AES, "Aes256": gosnmp.AES256}[a.priv],
			PrivacyPassphrase:        testPassword,
		}
	}
	if err := m.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func perlTour(t *testing.T, port uint16, a form, oid, value string) tour {
	module(t, "libnet-snmp-perl, libcrypt-des-perl, libcrypt-rijndael-perl and libdigest-hmac-perl", "/usr/bin/perl", "-MNet::SNMP", "-MCrypt::DES", "-MCrypt::Rijndael", "-MDigest::HMAC", "-e", "1")
	priv := map[string]string{"Des": "des", "Aes128": "aes128"}[a.priv]
	return scriptTour(t, "/usr/bin/perl", "netsnmp.pl", fmt.Sprint(port), a.version, strings.ToLower(a.auth), priv, oid, value)
}

func pythonTour(t *testing.T, port uint16, a form, oid, value string) tour {
	module(t, "python3-pysnmp4", "/usr/bin/python3", "-c", "import pysnmp.hlapi")
	return scriptTour(t, "/usr/bin/python3", "pysnmp_manager.py", fmt.Sprint(port), a.version, strings.ToLower(a.auth), strings.ToLower(a.priv), oid, value)
}

// module makes sure of a library of another project by a command that needs
// it, as peer does of a program.
func module(t *testing.T, packages string, command ...string) {
	t.Helper()
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatalf("%s not installed: run `make deps` as root\n%s", packages, out)
		}
		t.Skipf("%s not installed: run `make deps` as root", packages)
	}
}

// scriptTour runs a script of testdata/managers, which prints its tour.
func scriptTour(t *testing.T, interpreter, script string, args ...string) tour {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, interpreter, append([]string{filepath.Join("testdata", "managers", script)}, args...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", script, args, err, errs.String())
	}
	var out tour
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "walk "); ok {
			out.names = append(out.names, strings.TrimPrefix(name, "."))
		} else if got, ok := strings.CutPrefix(line, "get "); ok {
			out.got = got
		}
	}
	return out
}
