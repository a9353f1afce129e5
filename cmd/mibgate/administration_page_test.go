package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testwait"
)

// pageCommand is a line that a page prints, and what it says of its output.
type pageCommand struct {
	line    string
	prints  string
	refused string
}

// pageComment parts a command from what the page says of it.
var pageComment = regexp.MustCompile(` +# (?:(prints|refused:) )?(.*)$`)

// pageCommands reads the indented lines of a page; a line that ends in \ goes on.
func pageCommands(t *testing.T, path string) []pageCommand {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []pageCommand
	unfinished := ""
	for line := range strings.Lines(string(text)) {
		line, indented := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    ")
		if !indented {
			continue
		}
		if begun, more := strings.CutSuffix(line, `\`); more {
			unfinished += begun
			continue
		}
		c := pageCommand{line: unfinished + line}
		unfinished = ""
		if m := pageComment.FindStringSubmatchIndex(c.line); m != nil {
			comment := c.line[m[4]:m[5]]
			if m[2] >= 0 && c.line[m[2]:m[3]] == "prints" {
				c.prints = comment
			} else if m[2] >= 0 {
				c.refused = comment
			}
			c.line = c.line[:m[0]]
		}
		out = append(out, c)
	}
	return out
}

// pageShell runs commands one by one; assignments hold for what follows.
type pageShell struct {
	t    *testing.T
	env  []string
	vars []string
}

func (s *pageShell) run(c pageCommand) {
	s.t.Helper()
	if regexp.MustCompile(`^(export )?[A-Z_]+=`).MatchString(c.line) {
		s.vars = append(s.vars, c.line)
		return
	}
	cmd := exec.Command("sh", "-c", strings.Join(append(slices.Clone(s.vars), c.line), "\n"))
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	switch {
	case c.refused != "":
		if !strings.Contains(string(out), c.refused) {
			s.t.Errorf("%s: refused: %s is what the page says, but it is %v\n%s", c.line, c.refused, err, out)
		}
	case err != nil || !strings.Contains(string(out), c.prints):
		s.t.Errorf("%s: prints %s is what the page says, but it is %v\n%s", c.line, c.prints, err, out)
	}
}

// TestAdministrationPage runs every command of docs/administration.md in order,
// against a unit with its defaults and a receiver of its informs.
func TestAdministrationPage(t *testing.T) {
	for _, tool := range []string{"snmpusm", "snmpvacm", "snmpset", "snmpget", "snmptrapd"} {
		peer(t, tool)
	}
	const password = "admins-password"
	trapd := snmptrapd.Start(t, snmptrapd.Options{Users: []snmptrapd.User{{Name: testUser, Auth: "SHA-256", AuthPassword: password, Priv: "AES", PrivPassword: password}}})
	dir, agent := folder(t), fmt.Sprintf("127.0.0.1:%d", freePort(t))
	begin := func() *process {
		return start(t, dir, "--snmp", agent, "--initial-password", file(t, "pw", password+"\n"))
	}
	p := begin()
	bin := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(bin, "mibgate")); err != nil {
		t.Fatal(err)
	}
	sh := &pageShell{t: t, env: append(environment(), "PATH="+bin+":"+os.Getenv("PATH"), "LC_ALL=C", "MIBS=", "SNMPCONFPATH="+bin)}
	octets, port := hostPort(t, trapd.Addr())
	here := map[string]string{
		"HOST": agent, "DIR": dir,
		"192.0.2.7:162": trapd.Addr(), "C000020700A2": fmt.Sprintf("%s%04X", octets, port), "C0000200": "7F000000",
	}
	names := slices.SortedFunc(maps.Keys(here), func(a, b string) int { return len(b) - len(a) })
	commands := pageCommands(t, "../../docs/administration.md")
	if len(commands) < 50 {
		t.Fatalf("the page has only %d commands", len(commands))
	}
	for _, c := range commands {
		for _, name := range names {
			c.line = regexp.MustCompile(`\b`+regexp.QuoteMeta(name)).ReplaceAllLiteralString(c.line, here[name])
		}
		offline := strings.HasPrefix(c.line, "mibgate rollback")
		if offline {
			p.stop()
		}
		sh.run(c)
		if offline {
			p = begin()
		}
		if strings.Contains(c.line, "Restart=10") {
			n := trapd.WaitFor("warmStart", generous, func(n snmptrapd.Notification) bool { return n.TrapOID == "1.3.6.1.6.3.1.1.5.2" })
			if !n.Inform || n.User != testUser {
				t.Errorf("warmStart came as %s", n)
			}
			testwait.Until(t, generous, "the inform is acknowledged", func() bool { return p.get(`Snmp.TrapDestStatus[Name="nms"].AckedCount`) != "0" })
		}
	}
	for _, n := range trapd.Received() {
		if n.TrapOID == authenticationFailure && n.Version == "v3" {
			t.Errorf("what the page filters came: %s", n)
		}
	}
}

// TestLimitsOfThePage: each table takes no more rows than docs/administration.md
// says, and as many.
func TestLimitsOfThePage(t *testing.T) {
	text, err := os.ReadFile("../../docs/administration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, limits, _ := strings.Cut(string(text), "\n## Limits\n")
	said := map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^\| (.*) \| (\d+).*\|$`).FindAllStringSubmatch(limits, -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			if said[strings.Trim(name, "`")], err = strconv.Atoi(row[2]); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := folder(t)
	start(t, dir)
	rows := map[string]string{
		"usmUserTable":                 `Usm.UsmUser[EngineID="\x80\x00\x00\x00\x01", Name="u%d"].Status="NotInService"`,
		"Snmp.UserKeys":                `Snmp.UserKeys[EngineId="\x80\x00\x00\x00\x01", Name="u%d"].AuthKey="00"`,
		"vacmSecurityToGroupTable":     `Vacm.VacmSecurityToGroup[VacmSecurityModel=2, VacmSecurityName="n%d"].VacmGroupName="g"`,
		"vacmAccessTable":              `Vacm.VacmAccess[VacmGroupName="g%d", ContextPrefix="", SecurityModel=3, SecurityLevel="AuthPriv"].ReadViewName="v"`,
		"vacmViewTreeFamilyTable":      `Vacm.VacmViewTreeFamily[ViewName="v", Subtree="1.3.%d"].Type="Included"`,
		"snmpTargetAddrTable":          `Target.SnmpTargetAddr[Name="n%d"].RowStatus="CreateAndWait"`,
		"snmpTargetParamsTable":        "Target.SnmpTargetParams[Name=\"n%[1]d\"].SecurityName=\"n\"\nTarget.SnmpTargetParams[Name=\"n%[1]d\"].SecurityLevel=\"AuthPriv\"",
		"snmpNotifyTable":              `Notification.SnmpNotify[Name="n%d"].Tag="t"`,
		"snmpNotifyFilterProfileTable": `Notification.SnmpNotifyFilterProfile[SnmpTargetParamsName="n%d"].Name="f"`,
		"snmpNotifyFilterTable":        `Notification.SnmpNotifyFilter[SnmpNotifyFilterProfileName="f", Subtree="1.3.%d"].Type="Included"`,
		"nlmConfigLogTable":            `NotificationLog.NlmConfigLog[NlmLogName="l%d"].FilterName="f"`,
		"snmpCommunityTable":           "Community.SnmpCommunity[Index=\"n%[1]d\"].Name=\"c%[1]d\"\nCommunity.SnmpCommunity[Index=\"n%[1]d\"].SecurityName=\"n\"",
	}
	if len(said) != len(rows) {
		t.Errorf("the page has limits %v", said)
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			walk := must(t, "walk", "--data", dir, name)
			there := strings.Count(walk, "Status=")
			if logs := strings.Count(walk, "EntryStatus="); logs > 0 { // which have three
				there = logs
			}
			var lines []string
			for i := range said[name] - there {
				lines = append(lines, fmt.Sprintf(row, i+1))
			}
			must(t, "script", "--data", dir, file(t, "most.cfg", strings.Join(lines, "\n")+"\n"))
			refused(t, 2, []string{"script", "--data", dir, file(t, "more.cfg", fmt.Sprintf(row, 5000)+"\n")}, fmt.Sprint(said[name]))
		})
	}
}
