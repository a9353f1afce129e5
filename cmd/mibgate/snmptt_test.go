package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mibgate/mib/sipep"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testwait"
)

// page is docs/nms.md.
func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/nms.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block is what the page has from a line that begins with first up to the next
// empty line, with the indentation of code taken off.
func block(t *testing.T, first string) string {
	t.Helper()
	_, text, found := strings.Cut(page(t), "\n    "+first)
	if !found {
		t.Fatalf("docs/nms.md has no line %q", first)
	}
	text, _, _ = strings.Cut(text, "\n\n")
	return first + strings.ReplaceAll(text, "\n    ", "\n") + "\n"
}

// snmptt is Debian's translator of traps, with the events that mibgate writes
// and the lines of the page; the log is where Zabbix would read it.
type snmptt struct{ path, ini, log string }

func newSnmptt(t *testing.T, root string) snmptt {
	t.Helper()
	peer(t, "snmptt")
	path, _ := exec.LookPath("snmptt") // peer has found it
	dir := t.TempDir()
	must(t, "mib", "nms", dir, "--oid-root", root)
	s := snmptt{path, filepath.Join(dir, "snmptt.ini"), filepath.Join(dir, "log")}
	ini := block(t, "[General]") + "log_enable = 1\nlog_file = " + s.log + "\nstdout_enable = 0\nsyslog_enable = 0\n" +
		strings.ReplaceAll(block(t, "[TrapFiles]"), "/etc/snmp/mibgate", filepath.Join(dir, "traps"))
	if err := os.WriteFile(s.ini, []byte(ini), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// await waits for a line of the log that matches.
func (s snmptt) await(t *testing.T, pattern string) {
	t.Helper()
	re := regexp.MustCompile(pattern)
	testwait.Until(t, generous, "snmptt writes "+pattern, func() bool {
		text, _ := os.ReadFile(s.log) // it comes with the first trap
		return re.Match(text)
	})
}

// TestTrapsAsThePageTells: snmptrapd takes the v3 traps of a unit with the lines
// of docs/nms.md, and snmptt writes them with severity and labels.
func TestTrapsAsThePageTells(t *testing.T) {
	const root = "1.3.6.1.4.1.4935.1000.100"
	s := newSite(t, siteOptions{root: root})
	s.begin()
	s.untilUp(generous)
	translator := newSnmptt(t, root)
	engine := strings.ReplaceAll(s.get("Snmp.EngineId"), ":", "")
	lines := strings.NewReplacer("ENGINEID", engine, "PASSWORD", "correct horse", "/usr/sbin/snmptt", translator.path+" --ini="+translator.ini).
		Replace(block(t, "createUser"))
	trapd := snmptrapd.Start(t, snmptrapd.Options{Config: lines})
	set := strings.Fields(strings.ReplaceAll(block(t, "mibgate set Snmp.TrapVersion"), "RECEIVER:162", trapd.Addr()))
	must(t, append([]string{"set", "--data", s.dir}, set[2:]...)...)
	s.sip.Kill()
	down := trapd.WaitFor("the loss of the link", generous, func(n snmptrapd.Notification) bool {
		return strings.HasPrefix(n.TrapOID, root) && strings.HasSuffix(n.TrapOID, ".1400.0.1")
	})
	if down.Version != "v3" || down.Inform || down.User != "admin" {
		t.Errorf("snmptrapd took %s", down)
	}
	const stamp = `(?m)^\d\d:\d\d:\d\d \d{4}/\d\d/\d\d .*ZBXTRAP 127\.0\.0\.1 `
	translator.await(t, stamp+fmt.Sprintf(`%s Critical: %s: gateway default, local port \d+, remote host %s, remote host ip addr 127\.0\.0\.1, state down$`,
		sipep.Notifications.TlsLinkDown.Name, sipep.Notifications.TlsLinkDown.Name, regexp.QuoteMeta(s.server.String())))
	translator.await(t, stamp+`sipEpRegistrationStateChange Critical: .* state (unreachable|unregistered)$`)
	s.sip.Run()
	s.retryNow()
	translator.await(t, stamp+`sipEpTlsLinkUp Normal: .* state up$`)
	translator.await(t, stamp+`sipEpRegistrationStateChange Normal: .* state registered$`)
}
