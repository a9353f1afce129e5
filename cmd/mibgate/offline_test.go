package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestRollback(t *testing.T) {
	dir := folder(t)
	p := start(t, dir)
	must(t, "set", "--data", dir, "Scm.MinSeverity=Info")
	must(t, "set", "--data", dir, "Scm.MinSeverity=Debug")
	p.stop()
	must(t, "rollback", "--data", dir)
	p = start(t, dir)
	if got := p.get("Scm.MinSeverity"); got != "Info" {
		t.Errorf("one back Scm.MinSeverity is %q, want Info", got)
	}
	p.stop()
	refused(t, 1, []string{"rollback", "--data", dir, "99"}, "99")
	refused(t, 2, []string{"rollback", "--data", dir, "zero"}, "zero")
	refused(t, 1, []string{"rollback", "--data", filepath.Join(dir, "none")}, "none")
}

func TestFactoryReset(t *testing.T) {
	dir := folder(t)
	p := start(t, dir)
	must(t, "set", "--data", dir, "Scm.MinSeverity=Info")
	p.stop()
	must(t, "reset", "--factory", "--data", dir)
	p = start(t, dir)
	if got := p.get("Scm.MinSeverity"); got != "Warning" || !printed.MatchString(p.log()) {
		t.Errorf("after a reset Scm.MinSeverity is %q\n%s", got, p.log())
	}
}

func TestPasswd(t *testing.T) {
	dir := folder(t)
	refused(t, 1, []string{"passwd", "--data", dir, "admin"}, dir)
	if exists(dir) {
		t.Error("passwd has made a data folder")
	}
	p := start(t, dir)
	must(t, "set", "--data", dir, `Aaa.Users[UserName="admin"].Password="another one"`)
	want := p.get(`Aaa.Users[UserName="admin"].PasswordFingerprint`)
	must(t, "set", "--data", dir, `Aaa.Users[UserName="admin"].Password="the first one"`)
	p.stop()
	if r := mibgate(t, "another one\n", "passwd", "--data", dir, "admin"); r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.stderr)
	}
	p = start(t, dir)
	if got := p.get(`Aaa.Users[UserName="admin"].PasswordFingerprint`); got != want {
		t.Errorf("fingerprint is %q, want %q", got, want)
	}
	p.stop()
	must(t, "passwd", "--data", dir, "--file", file(t, "pw", "the first one\r\n"), "admin")
	refused(t, 1, []string{"passwd", "--data", dir, "nobody"}, "nobody", "admin")
	refused(t, 2, []string{"passwd", "--data", dir, "admin"}, "empty")
	if r := mibgate(t, "short\n", "passwd", "--data", dir, "admin"); r.code != 0 || !strings.Contains(r.stderr, "SNMPv3") {
		t.Errorf("a short password is accepted silently: %d %q", r.code, r.stderr)
	}
}

func TestMibCommands(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want []string
	}{
		"modules":      {[]string{"list"}, []string{"MIBGATE-SIPEP-MIB", "SipEp", "1400"}},
		"objects":      {[]string{"list", "SipEp.Gateway"}, []string{"SipEp.Gateway.SecurePort", "read-create", "1.3.6.1.4.1.32473.100.200.100.1400.1.100.1."}},
		"scalar":       {[]string{"show", "SipEp.TransportTlsVersion"}, []string{"transportTlsVersion", "1.3.6.1.4.1.32473.100.200.100.1400.1.900.95", "TLSv1_2(", "Default", "read-write"}},
		"column":       {[]string{"show", "sipep.gateway.secureport"}, []string{"gatewaySecurePort", "65535"}},
		"cell":         {[]string{"show", `SipEp.Gateway[Name="x"].SecurePort`}, []string{"gatewaySecurePort"}},
		"descriptor":   {[]string{"show", "minSeverity"}, []string{"Scm.MinSeverity", "Aaa.MinSeverity"}},
		"OID":          {[]string{"show", "1.3.6.1.4.1.32473.100.200.100.1400.1.900.95.0"}, []string{"transportTlsVersion"}},
		"table":        {[]string{"show", "SipEp.Gateway"}, []string{"gatewayTable", "Name"}},
		"service":      {[]string{"show", "Scm"}, []string{"service 400", "Scm.MinSeverity"}},
		"notification": {[]string{"show", "sipEpTlsLinkDown"}, []string{"1.3.6.1.4.1.32473.100.200.100.1400.0.1", "varbind"}},
		"module text":  {[]string{"show", "MIBGATE-SCM-MIB"}, []string{"DEFINITIONS ::= BEGIN"}},
		"secret":       {[]string{"show", "Aaa.Users.Password"}, []string{"Secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := must(t, append([]string{"mib"}, tt.args...)...)
			for _, w := range tt.want {
				if !strings.Contains(got, w) {
					t.Errorf("output lacks %q:\n%s", w, got)
				}
			}
		})
	}
	if out := must(t, "mib", "show", "community"); !strings.HasPrefix(out, "Snmp.Community (community)") {
		t.Errorf("a descriptor that a service is called like:\n%s", out)
	}
	if out := must(t, "mib", "show", "Community"); !strings.HasPrefix(out, "Community: service, module SNMP-COMMUNITY-MIB") {
		t.Errorf("a service that a descriptor is called like:\n%s", out)
	}
	refused(t, 1, []string{"mib", "show", "nonsense"}, "nonsense")
	refused(t, 1, []string{"mib", "show", "SipEp.Nonsense"}, "SipEp.Nonsense")
}

func TestMibExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	must(t, "mib", "export", dir)
	must(t, "mib", "export", dir) // again over the same files
	files, err := filepath.Glob(filepath.Join(dir, "*.mib"))
	if err != nil || len(files) < 10 {
		t.Fatalf("exported %v (%v)", files, err)
	}
	for name, path := range map[string]string{"MIBGATE-SCM-MIB": "MIBGATE-SCM-MIB.mib", "MIBGATE-STANDARD-CAPS-MIB": "standard/MIBGATE-STANDARD-CAPS-MIB.mib"} {
		b, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil || !strings.HasPrefix(string(b), name+" DEFINITIONS") {
			t.Errorf("exported module is not what it should be (%v)", err)
		}
		if shown := must(t, "mib", "show", strings.ToLower(name)); shown != string(b) {
			t.Errorf("mib show %s is another text", name)
		}
	}
}

func TestVersionAndCompletion(t *testing.T) {
	if got := must(t, "version") + must(t, "--version"); got != "mibgate test\nmibgate test\n" {
		t.Errorf("version is %q", got)
	}
	if got := must(t, "__complete", "get", "--data", "x", "sipep.transporttls"); !strings.Contains(got, "SipEp.TransportTlsVersion") {
		t.Errorf("completion of a name: %q", got)
	}
	out, err := exec.Command("bash", "-n", file(t, "completion", must(t, "completion", "bash"))).CombinedOutput()
	if err != nil {
		t.Errorf("completion script: %v\n%s", err, out)
	}
}
