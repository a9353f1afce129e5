package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGetAndSet(t *testing.T) {
	dir := folder(t)
	start(t, dir)
	must(t, "set", "--data", dir, `Aaa.Users[UserName="eve"].AccessRights=Observer`, `Aaa.Users[UserName="eve"].Password="p #1"`, "Scm.MinSeverity=400")
	got := must(t, "get", "--data", dir, "scm.minseverity", `Aaa.Users[UserName="eve"].AccessRights`, `Aaa.Users[UserName="eve"].Password`)
	want := "Scm.MinSeverity=\"Error\"\n" + `Aaa.Users[UserName="eve"].AccessRights="Observer"` + "\n" + `Aaa.Users[UserName="eve"].Password=""` + "\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := must(t, "get", "--data", dir, "--value", "1.3.6.1.4.1.32473.100.200.100.1000.1.100.1.250.3.101.118.101"); got != "Observer\n" {
		t.Errorf("by OID the value is %q", got)
	}
	must(t, "set", "--data", dir, `Aaa.Users[UserName="eve"].Delete`)
	refused(t, 1, []string{"get", "--data", dir, `Aaa.Users[UserName="eve"].AccessRights`}, `Aaa.Users[UserName="eve"].AccessRights`, "does not exist")
}

func TestRefusedSetNamesVariableAndValueAndChangesNothing(t *testing.T) {
	dir := folder(t)
	start(t, dir)
	before := must(t, "script", "--export", "--data", dir)
	for name, tt := range map[string]struct{ bad, words string }{
		"unknown service":  {"Nothing.X=1", "Nothing"},
		"unknown variable": {"Scm.X=1", "Scm.X"},
		"label":            {"Scm.MinSeverity=Loud", "Scm.MinSeverity|Loud|Warning(300)"},
		"number":           {"Scm.MinSeverity=7", "Scm.MinSeverity|7"},
		"size":             {`Aaa.Users[UserName="x"].Password="` + strings.Repeat("x", 256) + `"`, `Aaa.Users[UserName="x"].Password|255`},
		"read-only":        {"Scm.NeedRestartInfo=No", "Scm.NeedRestartInfo|read-only"},
		"system's row":     {`Scm.ServicesConfig[Name="None"].StartupType=Auto`, `Scm.ServicesConfig[Name="None"]`},
		"no service":       {`Scm.ServiceCommands[Name="None"].Restart`, `Scm.ServiceCommands[Name="None"]`},
		"last admin":       {`Aaa.Users[UserName="admin"].RowStatus=Destroy`, "Aaa.Users|admin"},
		"system service":   {`Scm.ServicesConfig[Name="Aaa"].StartupType=Manual`, `Scm.ServicesConfig[Name="Aaa"].StartupType|Manual`},
		"key":              {`Aaa.Users[UserName=""].AccessRights=Admin`, "UserName"},
		"sealed":           {`Aaa.Users[UserName="admin"].Password=sealed:"xx"`, "sealed"},
		"no value":         {"Scm.MinSeverity", "Scm.MinSeverity"},
		"empty":            {"", "assignment 2"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, 1, []string{"set", "--data", dir, "Scm.MinSeverity=Debug", tt.bad}, strings.Split(tt.words, "|")...)
		})
	}
	if after := must(t, "script", "--export", "--data", dir); after != before {
		t.Errorf("refused sets have changed something:\n%s\nbefore:\n%s", after, before)
	}
}

func TestErrorsNeverHoldSecrets(t *testing.T) {
	dir := folder(t)
	start(t, dir)
	secret := "hush" + strings.Repeat("!", 256)
	r := mibgate(t, "", "set", "--data", dir, `Aaa.Users[UserName="admin"].Password="`+secret+`"`)
	if r.code != 1 || strings.Contains(r.stderr, "hush") {
		t.Errorf("exit code %d, error %q", r.code, r.stderr)
	}
}

// TestWalkEqualsGet: what a walk shows is what a get of each instance answers,
// and each line is one that set would take.
func TestWalkEqualsGet(t *testing.T) {
	dir := folder(t)
	start(t, dir)
	walk := must(t, "walk", "--data", dir, "Scm") + must(t, "walk", "--data", dir, "Aaa") + must(t, "walk", "--data", dir, "SipEp")
	var args []string
	for line := range strings.Lines(walk) {
		name := line[:strings.Index(line, "=")]
		if i := strings.Index(line, "]."); i >= 0 {
			name = line[:i+strings.Index(line[i:], "=")]
		}
		args = append(args, name)
	}
	if len(args) < 20 {
		t.Fatalf("walk has only %d lines", len(args))
	}
	got := must(t, append([]string{"get", "--data", dir}, args...)...)
	if got != walk {
		t.Errorf("get answers\n%s\nwalk\n%s", got, walk)
	}
	var cells []struct {
		Name  string
		Value any
	}
	if err := json.Unmarshal([]byte(must(t, "walk", "--json", "--data", dir)), &cells); err != nil || len(cells) <= len(args) {
		t.Errorf("JSON of everything has %d cells, three services %d (%v)", len(cells), len(args), err)
	}
	for _, part := range []string{"Scm", "Aaa.Users", `Aaa.Users[UserName="admin"]`} {
		if sub := must(t, "walk", "--data", dir, part); sub == "" || !strings.Contains(walk, sub) {
			t.Errorf("walk of %s is not a part of the whole:\n%s", part, sub)
		}
	}
	refused(t, 1, []string{"walk", "--data", dir, "Nonsense"}, "Nonsense", "Scm")
	refused(t, 1, []string{"walk", "--data", dir, `Aaa.Users[UserName="nobody"]`}, "nobody")
	refused(t, 1, []string{"get", "--data", dir, "Aaa.Users"}, "table")
}

func TestShow(t *testing.T) {
	dir := folder(t)
	start(t, dir)
	got := must(t, "show", "--data", dir, "Scm")
	for _, want := range []string{"Scm\n", "ServicesInfo\n", "MinSeverity", "Started"} {
		if !strings.Contains(got, want) {
			t.Errorf("show lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "NoOp") {
		t.Errorf("show has commands:\n%s", got)
	}
	if all := must(t, "show", "--data", dir); !strings.Contains(all, "Aaa\n") {
		t.Errorf("show of everything lacks Aaa:\n%s", all)
	}
}

func TestScriptIsOneTransaction(t *testing.T) {
	dir := folder(t)
	p := start(t, dir)
	script := "# two accounts\nAaa.Users[UserName=\"a\"].AccessRights=User\n\nAaa.Users[UserName=\"b\"].AccessRights=Observer\nScm.ServiceCommands[Name=\"Aaa\"].Restart=10\n"
	must(t, "script", "--data", dir, file(t, "x.cfg", script))
	if got := p.get(`Aaa.Users[UserName="b"].AccessRights`); got != "Observer" {
		t.Errorf("after the script b is %q", got)
	}
	bad := file(t, "bad.cfg", "Aaa.Users[UserName=\"c\"].AccessRights=User\n\nScm.MinSeverity=Loud\n")
	refused(t, 2, []string{"script", "--data", dir, bad}, bad+":3:", "Scm.MinSeverity", "Loud")
	refused(t, 1, []string{"get", "--data", dir, `Aaa.Users[UserName="c"].AccessRights`}, "does not exist")
	refused(t, 2, []string{"script", "--data", dir, "/none/y.cfg"}, "/none/y.cfg")
	if r := mibgate(t, "Scm.MinSeverity=Debug\n", "script", "--data", dir, "-"); r.code != 0 || p.get("Scm.MinSeverity") != "Debug" {
		t.Errorf("script from standard input: exit code %d\n%s", r.code, r.stderr)
	}
}

// TestExportMakesTheSameUnit: a unit that starts with the export has the
// configuration of the one that wrote it, but for the secrets.
func TestExportMakesTheSameUnit(t *testing.T) {
	dir, other := folder(t), folder(t)
	p := start(t, dir)
	must(t, "set", "--data", dir, "Scm.MinSeverity=Info", `Aaa.Users[UserName="x y"].AccessRights=User`, `Aaa.Users[UserName="x y"].Password="hush hush"`)
	export := must(t, "script", "--export", "--data", dir)
	if strings.Contains(export, "hush") || strings.Contains(export, "sealed") {
		t.Errorf("export holds a secret:\n%s", export)
	}
	if !strings.Contains(export, `# secret: Aaa.Users[UserName="x y"].Password=`) {
		t.Errorf("export does not name the secret that is missing:\n%s", export)
	}
	p.stop()
	start(t, other, "--script", file(t, "export.cfg", export))
	if again := must(t, "script", "--export", "--data", other); withoutSecrets(again) != withoutSecrets(export) {
		t.Errorf("export of the copy is\n%s\nwant\n%s", again, export)
	}
}

func withoutSecrets(s string) string {
	var keep []string
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "# secret") {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep, "")
}

func TestLongDataPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long-", 20), strings.Repeat("longer-", 20), "data")
	p := start(t, dir)
	if got := p.get("Scm.MinSeverity"); got != "Warning" {
		t.Errorf("Scm.MinSeverity is %q", got)
	}
	info, err := os.Stat(filepath.Join(dir, "control.sock"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("control socket: %v %v", info, err)
	}
	p.stop()
	if exists(filepath.Join(dir, "control.sock")) {
		t.Error("the socket was left behind")
	}
}

func TestClientsWithoutUnit(t *testing.T) {
	dir := folder(t)
	refused(t, 1, []string{"walk", "--data", dir}, dir)
	p := start(t, dir)
	p.kill()
	refused(t, 1, []string{"walk", "--data", dir}, dir, "no mibgate is running")
	start(t, dir) // a stale socket is replaced
}
