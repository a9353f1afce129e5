package main

import (
	"fmt"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/aaa"
	"mibgate/mib/hoc"
	"mibgate/mib/nlm"
	"mibgate/mib/scm"
	"mibgate/mib/snmp"
	"mibgate/mib/usm"
)

// scalar is the instance of a scalar.
func scalar(o *mib.Object) string { return "." + o.OID.String() + ".0" }

// TestFailedSetChangesNothing sends SETs over several services of which one
// varbind is bad, in every phase that may refuse it: nothing changes, and
// error-status and error-index point at the culprit, whichever place it has.
func TestFailedSetChangesNothing(t *testing.T) {
	peer(t, "snmpset")
	port := freePort(t)
	p := start(t, folder(t), "--snmp", fmt.Sprintf("127.0.0.1:%d", port), "--initial-password", file(t, "pw", "correct horse\n"), "--script", file(t, "s", manyRows))
	good := [][]string{
		{scalar(hoc.Objects.SystemLocation), "s", "elsewhere"},
		{scalar(nlm.Objects.SyslogRemoteHost), "s", "127.0.0.1:5514"},
	}
	bad := []struct {
		name       string
		varbind    []string
		reason, v1 string // as net-snmp prints them
	}{
		{"label that is none", []string{scalar(scm.Objects.MinSeverity), "i", "7"}, "wrongValue", "badValue"},
		{"other type", []string{scalar(scm.Objects.MinSeverity), "s", "x"}, "wrongType", "badValue"},
		{"too long", []string{scalar(snmp.Objects.Community), "s", strings.Repeat("x", 33)}, "wrongLength", "badValue"},
		{"read-only", []string{scalar(hoc.Objects.SystemUptime), "s", "0"}, "notWritable", "noSuchName"},
		{"statistics", []string{scalar(usm.Objects.UsmStatsWrongDigests), "u", "0"}, "notWritable", "noSuchName"},
		{"no such object", []string{".1.3.6.1.4.1.32473.100.1.0", "i", "1"}, "", "noSuchName"},
		{"account that is none", []string{scalar(snmp.Objects.SnmpUser), "s", "nobody"}, "inconsistentValue", "badValue"},
		{"missing row", []string{"." + aaa.Objects.UsersAccessRights.OID.String() + ".1.120", "i", "200"}, "inconsistentName", "noSuchName"},
		{"last admin", []string{"." + aaa.Objects.UsersRowStatus.OID.String() + ".5.97.100.109.105.110", "i", "6"}, "inconsistentValue", "badValue"},
	}
	for version, n := range managers(t, port) {
		for _, b := range bad {
			for at := range 3 {
				t.Run(fmt.Sprintf("%s/%s at %d", version, b.name, at+1), func(t *testing.T) {
					varbinds := [][]string{good[0], good[1]}
					varbinds = append(varbinds[:at:at], append([][]string{b.varbind}, varbinds[at:]...)...)
					var args []string
					for _, v := range varbinds {
						args = append(args, v...)
					}
					out, err := n.run("snmpset", args...)
					want := b.reason
					if version == "v1" {
						want = b.v1
					}
					if err == nil || !strings.Contains(out, want) || !strings.Contains(out, "Failed object: "+b.varbind[0]) {
						t.Errorf("want %s for %s:\n%s", want, b.varbind[0], out)
					}
				})
			}
		}
		for _, name := range []string{"Hoc.SystemLocation", "Nlm.SyslogRemoteHost", "Snmp.SnmpUser"} {
			if got := p.get(name); got != "" {
				t.Errorf("%s: %s is %q after SETs that failed", version, name, got)
			}
		}
		n.must("snmpset", append(append([]string{}, good[0]...), good[1]...)...)
		if got := p.get("Hoc.SystemLocation") + " " + p.get("Nlm.SyslogRemoteHost"); got != "elsewhere 127.0.0.1:5514" {
			t.Errorf("%s: a good SET made %q", version, got)
		}
		n.must("snmpset", good[0][0], "s", "", good[1][0], "s", "")
	}
}
