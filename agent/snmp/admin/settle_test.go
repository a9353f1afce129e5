package admin_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mibgate/mib"
)

// onDisk are the lines of the configuration that say anything of the standard
// modules.
func (f *fixture) onDisk() []string {
	f.t.Helper()
	b, err := os.ReadFile(filepath.Join(f.Store.Dir(), "config"))
	mustHave(f.t, err)
	var out []string
	for line := range strings.Lines(string(b)) {
		for _, service := range []string{"Usm.", "Vacm.", "Target.", "Notification.", "Community."} {
			if strings.HasPrefix(line, service) {
				out = append(out, strings.TrimSuffix(line, "\n"))
			}
		}
	}
	return out
}

// TestRowsOfAFaceAreKeptOnce: what a face says is kept as the face alone, and
// what it cannot say as the row.
func TestRowsOfAFaceAreKeptOnce(t *testing.T) {
	tests := []struct {
		name string
		set  string
		want string // part of a line that is on disk; "" for none
	}{
		{"faces only", `Snmp.InformRetries=7`, ""},
		{"protocols of a user", cell("bob", "AuthProtocol") + `="1.3.6.1.6.3.10.1.1.7"`, ".AuthProtocol"},
		{"a note", cell("bob", "Public") + `="x"`, ".Public"},
		{"a group of its own", group(3, "bob") + `="mine"`, `VacmGroupName="mine"`},
		{"a community with a tag", communityRow + `TransportTag="noc"`, "TransportTag"},
		{"a target with its own timeout", `Target.SnmpTargetAddr[Name="trap-2"].Timeout=11`, "Timeout=11"},
		{"a suspended target", `Target.SnmpTargetAddr[Name="trap-1"].RowStatus="NotInService"`, `[Name="trap-1"].RowStatus="NotInService"`},
		{"a target for small messages", `Community.SnmpTargetAddrExt[SnmpTargetAddrName="trap-2"].MMS=1472`, "MMS=1472"},
		{"a target with another tag", `Target.SnmpTargetAddr[Name="trap-2"].TagList="trap all"`, `TagList="trap all"`},
		{"a level of its own", `Target.SnmpTargetParams[Name="trap"].SecurityLevel="AuthNoPriv"`, "AuthNoPriv"},
		{"another tag", `Notification.SnmpNotify[Name="trap"].Tag="all"`, `Tag="all"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			f := open(t, dir)
			f.MustSet(`Aaa.Users[UserName="bob"].Password="bob's password"`, `Aaa.Users[UserName="bob"].AccessRights="User"`, `Snmp.EnableSnmpV2="Enable"`,
				`Snmp.Community="c0mmunity"`, `Snmp.SnmpUser="bob"`, `Snmp.TrapDest="192.0.2.1,192.0.2.2"`)
			f.MustSet(tt.set)
			lines := strings.Join(f.onDisk(), "\n")
			if tt.want == "" && lines != "" || !strings.Contains(lines, tt.want) {
				t.Errorf("on disk is\n%s\nwant %q", lines, tt.want)
			}
			before := f.everything()
			if after := f.reopen(dir).everything(); after != before {
				t.Errorf("after a restart it is\n%s\nbefore\n%s", after, before)
			}
		})
	}
}

// everything is all that the tables and their faces say.
func (f *fixture) everything() string {
	f.t.Helper()
	var b strings.Builder
	for _, table := range []string{
		"Aaa.Users", "Usm.UsmUser", "Vacm.VacmSecurityToGroup", "Target.SnmpTargetAddr", "Target.SnmpTargetParams",
		"Notification.SnmpNotify", "Community.SnmpCommunity", "Community.SnmpTargetAddrExt",
	} {
		t := f.Registry.Table(table)
		cfg := f.Store.Current().Config(t.Module)
		for place := 0; ; place++ {
			row, ok := t.At(cfg, place)
			if !ok {
				break
			}
			b.WriteString(t.Instance(t.KeyOf(row, nil)) + " " + fmt.Sprint(t.State(row)))
			for _, o := range t.Columns {
				if o.Read != nil && !o.Secret && o.Source == mib.SourceConfig {
					b.WriteString(" " + o.Syntax.Format(o.Read(cfg, row)))
				}
			}
			b.WriteString("\n")
		}
	}
	for _, name := range []string{"Community", "SnmpUser", "CommunityRole", "TrapDest", "TrapVersion", "TrapKind", "TrapUser", "InformTimeout", "InformRetries"} {
		b.WriteString(name + "=" + f.Get("Snmp."+name) + "\n")
	}
	return b.String()
}
