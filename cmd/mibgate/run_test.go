package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// folder is a data folder that is not there yet.
func folder(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data")
}

var printed = regexp.MustCompile(`The password of account admin is (\S+) `)

func TestFirstStartPrintsOnePasswordOnce(t *testing.T) {
	dir := folder(t)
	p := start(t, dir)
	if n := len(printed.FindAllString(p.log(), -1)); n != 1 {
		t.Errorf("password is printed %d times, want once\n%s", n, p.log())
	}
	password := printed.FindStringSubmatch(p.log())[1]
	p.stop()
	p = start(t, dir)
	if strings.Contains(p.log(), password) || printed.MatchString(p.log()) {
		t.Errorf("second start prints a password\n%s", p.log())
	}
	config, err := os.ReadFile(filepath.Join(dir, "config"))
	if err != nil || strings.Contains(string(config), password) {
		t.Errorf("password is in clear on disk (%v)", err)
	}
}

func TestInitialPasswordIsNotPrinted(t *testing.T) {
	dir := folder(t)
	p := start(t, dir, "--initial-password", file(t, "pw", "correct horse\n"))
	if printed.MatchString(p.log()) || strings.Contains(p.log(), "correct horse") {
		t.Errorf("the given password is printed\n%s", p.log())
	}
	given := p.get(`Aaa.Users[UserName="admin"].PasswordFingerprint`)
	must(t, "set", "--data", dir, `Aaa.Users[UserName="admin"].Password="correct horse"`)
	if again := p.get(`Aaa.Users[UserName="admin"].PasswordFingerprint`); given == "" || again != given {
		t.Errorf("fingerprint is %q, then %q: the newline was kept?", given, again)
	}
}

func TestFactoryConfiguration(t *testing.T) {
	dir := folder(t)
	start(t, dir)
	got := must(t, "walk", "--data", dir, "Aaa.Users.AccessRights")
	if want := `Aaa.Users[UserName="admin"].AccessRights="Admin"` + "\n"; got != want {
		t.Errorf("accounts are %q, want %q", got, want)
	}
}

func TestMisuseEndsWith2(t *testing.T) {
	dir := folder(t)
	for name, tt := range map[string]struct {
		args  []string
		words []string
	}{
		"unknown flag":        {[]string{"run", "--data", dir, "--nonsense"}, []string{"--nonsense"}},
		"no data":             {[]string{"run"}, []string{"data"}},
		"argument":            {[]string{"run", "--data", dir, "x"}, []string{`"x"`}},
		"unknown command":     {[]string{"walzer"}, []string{"walzer"}},
		"unknown sub-command": {[]string{"mib", "walzer"}, []string{"walzer"}},
		"bad OID root":        {[]string{"run", "--data", dir, "--oid-root", "1.x"}, []string{"--oid-root", "1.x"}},
		"bad SNMP address":    {[]string{"run", "--data", dir, "--snmp", "nowhere"}, []string{"--snmp", "nowhere"}},
		"no script":           {[]string{"run", "--data", dir, "--script", "/none/x"}, []string{"/none/x"}},
		"no password":         {[]string{"run", "--data", dir, "--initial-password", file(t, "pw", "\n")}, []string{"--initial-password", "empty"}},
		"reset without word":  {[]string{"reset", "--data", dir}, []string{"--factory"}},
		"get nothing":         {[]string{"get", "--data", dir}, []string{"arg"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, 2, tt.args, tt.words...)
			if exists(dir) {
				t.Errorf("the data folder was left behind")
			}
		})
	}
}

func TestBadScriptLeavesTheFolderNew(t *testing.T) {
	dir := folder(t)
	good := file(t, "good.cfg", "Scm.MinSeverity=Info\n")
	for name, tt := range map[string]struct {
		script string
		words  []string
	}{
		"syntax":       {"# fine\nScm.MinSeverity\n", []string{":2:", "Scm.MinSeverity"}},
		"unknown":      {"Scm.Nonsense=1\n", []string{":1:", "Scm.Nonsense"}},
		"value":        {"\n\nScm.MinSeverity=\"Loud\"\n", []string{":3:", "Scm.MinSeverity", "Loud"}},
		"read-only":    {"Scm.NeedRestartInfo=Yes\n", []string{":1:", "Scm.NeedRestartInfo", "read-only"}},
		"inconsistent": {"Scm.MinSeverity=Info\nAaa.Users[UserName=\"admin\"].AccessRights=Observer\nAaa.MinSeverity=Info\n", []string{":2:", "Aaa.Users"}},
	} {
		t.Run(name, func(t *testing.T) {
			bad := file(t, "bad.cfg", tt.script)
			refused(t, 2, []string{"run", "--data", dir, "--snmp", "127.0.0.1:0", "--script", good, "--script", bad}, append(tt.words, bad)...)
			if exists(filepath.Join(dir, "config")) {
				t.Error("a configuration was left behind")
			}
		})
	}
	p := start(t, dir, "--script", good)
	if !printed.MatchString(p.log()) {
		t.Error("the start after failed ones is no first start")
	}
	if got := p.get("Scm.MinSeverity"); got != "Info" {
		t.Errorf("Scm.MinSeverity is %q, want Info", got)
	}
}

func TestScriptsOnlyWhenNewOrForced(t *testing.T) {
	dir := folder(t)
	one, two := file(t, "1", "Scm.MinSeverity=Info\n"), file(t, "2", "Scm.MinSeverity=Error\nAaa.MinSeverity=Debug\n")
	p := start(t, dir, "--script", one, "--script", two)
	if got := p.get("Scm.MinSeverity"); got != "Error" {
		t.Errorf("after both scripts Scm.MinSeverity is %q, want Error", got)
	}
	p.stop()
	p = start(t, dir, "--script", one)
	if got := p.get("Scm.MinSeverity"); got != "Error" {
		t.Errorf("a script was applied to a folder that is not new: %q", got)
	}
	p.stop()
	p = start(t, dir, "--script", one, "--force-script")
	if got := p.get("Scm.MinSeverity"); got != "Info" {
		t.Errorf("after --force-script Scm.MinSeverity is %q, want Info", got)
	}
	if got := p.get("Aaa.MinSeverity"); got != "Debug" {
		t.Errorf("Aaa.MinSeverity is %q, want Debug as before", got)
	}
	p.stop()
	bad := file(t, "3", "Scm.MinSeverity=Info\nScm.MinSeverity=Loud\n")
	refused(t, 2, []string{"run", "--data", dir, "--force-script", "--script", two, "--script", bad}, bad+":2:")
	p = start(t, dir)
	if got := p.get("Scm.MinSeverity"); got != "Info" {
		t.Errorf("a start that failed has changed Scm.MinSeverity to %q", got)
	}
}

func TestConfigurationSurvivesKill(t *testing.T) {
	dir := folder(t)
	p := start(t, dir)
	must(t, "set", "--data", dir, "Scm.MinSeverity=Critical")
	p.kill()
	p = start(t, dir)
	if got := p.get("Scm.MinSeverity"); got != "Critical" {
		t.Errorf("after a kill Scm.MinSeverity is %q", got)
	}
}

func TestOneUnitPerFolder(t *testing.T) {
	dir := folder(t)
	p := start(t, dir)
	refused(t, 1, []string{"run", "--data", dir}, "in use", dir)
	refused(t, 1, []string{"rollback", "--data", dir}, "in use", "stop it")
	refused(t, 1, []string{"reset", "--factory", "--data", dir}, "in use")
	refused(t, 1, []string{"passwd", "--data", dir, "admin"}, "in use")
	if got := p.get("Scm.MinSeverity"); got != "Warning" {
		t.Errorf("the running unit suffered: %q", got)
	}
}

func TestStartIsQuick(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector is slow")
	}
	var times []time.Duration
	for range 5 {
		dir := folder(t)
		began := time.Now()
		p := start(t, dir)
		times = append(times, time.Since(began))
		p.stop()
	}
	slices.Sort(times)
	t.Logf("start to ready: %v", times)
	if median := times[len(times)/2]; median > 300*time.Millisecond {
		t.Errorf("median of start to ready is %v, want less than 300 ms", median)
	}
}
