package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mibgate/mib"
)

// TestKeyChangeByCommandLine: a key change can be made by the command line, but
// not one's own; neither the command's output, nor the log, an export or the
// folder shows the key.
func TestKeyChangeByCommandLine(t *testing.T) {
	p, _, admin := administered(t, "")
	admin.must("snmpusm", "create", "carol", testUser)
	engine := mib.Quote(string(engineIDOf(t, portOf(admin))))
	row := fmt.Sprintf(`Usm.UsmUser[EngineID=%s, Name="carol"].`, engine)
	const secret = "Hush"
	change := func(n int) string { return `"` + strings.Repeat(secret, n/len(secret)) + `"` }
	var said strings.Builder
	for _, tt := range []struct {
		line, want string // "" is taken
	}{
		{row + "AuthKeyChange=" + change(64), ""},
		{row + "PrivKeyChange=" + change(32), ""},
		{row + "AuthKeyChange=" + change(60), "random octets"},
		{row + "OwnAuthKeyChange=" + change(64), "by its user only"},
		{fmt.Sprintf(`Snmp.UserKeys[EngineId=%s, Name="carol"].AuthKey=`, engine) + change(16), "hexadecimal"},
		{fmt.Sprintf(`Snmp.UserKeys[EngineId=%s, Name="carol"].AuthKey="%s"`, engine, strings.Repeat("48757368", 8)), ""},
	} {
		r := mibgate(t, "", "set", "--data", p.dir, tt.line)
		if taken := r.code == 0; taken != (tt.want == "") || !strings.Contains(r.stderr, tt.want) {
			t.Errorf("set %s: exit code %d\n%s", tt.line, r.code, r.stderr)
		}
		said.WriteString(r.stdout + r.stderr)
	}
	said.WriteString(p.log() + must(t, "script", "--export", "--data", p.dir) + must(t, "walk", "--data", p.dir, "Snmp") + must(t, "walk", "--data", p.dir, "Usm") + must(t, "show", "--data", p.dir))
	for _, name := range []string{"config", "history"} {
		err := filepath.WalkDir(filepath.Join(p.dir, name), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var b []byte
				b, err = os.ReadFile(path)
				said.Write(b)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []string{secret + secret, "4875736848757368"} {
		if all := said.String(); strings.Contains(all, s) {
			i := strings.Index(all, s)
			t.Errorf("a key is shown: %q", all[max(0, i-200):i+8])
		}
	}
}
