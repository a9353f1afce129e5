package snmptrapd

import (
	"os"
	"os/exec"
	"reflect"
	"testing"
	"time"
)

// send runs one of net-snmp's senders.
func send(t *testing.T, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatalf("%s is not installed (see .ci/packages)", name)
		}
		t.Skipf("%s is not installed", name)
	}
	cmd := exec.Command(path, append([]string{"-m", ""}, args...)...)
	cmd.Env = []string{"MIBS=", "SNMPCONFPATH=/nonexistent", "SNMP_PERSISTENT_DIR=" + t.TempDir()}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

func anything(Notification) bool { return true }

func TestReceiver(t *testing.T) {
	const password = "a password"
	sender := []byte{0x80, 0, 0, 0, 1, 2, 3, 4}
	user := User{Name: "admin", Auth: "SHA-256", AuthPassword: password, Priv: "AES", PrivPassword: password}
	trap := user
	trap.EngineID = sender
	r := Start(t, Options{Users: []User{user, trap}})
	v3 := []string{"-v3", "-u", "admin", "-l", "authPriv", "-a", "SHA-256", "-A", password, "-x", "AES", "-X", password}
	payload := []string{"1.3.6.1.4.1.1.1.0", "s", "say \"a\nb\"", "1.3.6.1.4.1.1.2.0", "i", "-5", "1.3.6.1.4.1.1.3.0", "u", "7", "1.3.6.1.4.1.1.4.0", "o", "1.3.6.1", "1.3.6.1.4.1.1.5.0", "s", ""}
	want := []Varbind{
		{"1.3.6.1.4.1.1.1.0", "STRING", "say \"a\nb\""}, {"1.3.6.1.4.1.1.2.0", "INTEGER", "-5"},
		{"1.3.6.1.4.1.1.3.0", "Gauge32", "7"}, {"1.3.6.1.4.1.1.4.0", "OID", "1.3.6.1"}, {"1.3.6.1.4.1.1.5.0", "", ""},
	}
	const trapOID = "1.3.6.1.4.1.32473.1.0.3"
	for _, c := range []struct {
		name, tool string
		args       []string
		want       Notification
	}{
		{"v1", "snmptrap", []string{"-v1", "-c", "public", r.Addr(), "1.3.6.1.4.1.32473.1", "127.0.0.2", "6", "3", "123"},
			Notification{Version: "v1", Community: "public", Enterprise: "1.3.6.1.4.1.32473.1", Generic: 6, Specific: 3, AgentAddr: "127.0.0.2"}},
		{"v2c", "snmptrap", []string{"-v2c", "-c", "public", r.Addr(), "123", trapOID}, Notification{Version: "v2c", Community: "public"}},
		{"v2c, inform", "snmpinform", []string{"-v2c", "-c", "public", r.Addr(), "123", trapOID}, Notification{Version: "v2c", Community: "public", Inform: true}},
		{"v3", "snmptrap", append(v3, "-e", "0x8000000001020304", r.Addr(), "123", trapOID), Notification{Version: "v3", User: "admin"}},
		{"v3 inform", "snmpinform", append(v3, r.Addr(), "123", trapOID), Notification{Version: "v3", User: "admin", Inform: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.Clear()
			send(t, c.tool, append(append([]string{}, c.args...), payload...)...)
			got := r.WaitFor("the notification", patience, anything)
			if !got.Source.IsValid() || got.UpTime != 123 {
				t.Errorf("from %s, uptime %d", got.Source, got.UpTime)
			}
			if c.want.TrapOID = trapOID; !reflect.DeepEqual(got.Varbinds, want) {
				t.Errorf("varbinds %q, want %q", got.Varbinds, want)
			}
			got.Source, got.Varbinds, got.All, got.UpTime = c.want.Source, nil, nil, 0
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestNoVarbinds(t *testing.T) {
	r := Start(t, Options{})
	send(t, "snmptrap", "-v1", "-c", "public", r.Addr(), "1.3.6.1.4.1.32473.1", "127.0.0.2", "0", "0", "5")
	if n := r.WaitFor("the trap", patience, anything); n.TrapOID != "1.3.6.1.6.3.1.1.5.1" || n.Varbinds != nil || n.UpTime != 5 {
		t.Errorf("got %+v", n)
	}
}

func TestRestart(t *testing.T) {
	r := Start(t, Options{EngineID: []byte{0x80, 0, 0, 0, 5, 6, 7, 8}})
	send(t, "snmptrap", "-v2c", "-c", "private", r.Addr(), "1", "1.3.6.1.6.3.1.1.5.1")
	r.Stop()
	r.Stop()
	if got := r.Received(); len(got) != 0 {
		t.Errorf("a community that is not believed is logged: %v", got)
	}
	before := r.EngineID()
	r.Restart()
	if !reflect.DeepEqual(before, r.EngineID()) || len(before) != 8 {
		t.Errorf("engine ID %x, then %x", before, r.EngineID())
	}
	send(t, "snmptrap", "-v2c", "-c", "public", r.Addr(), "1", "1.3.6.1.6.3.1.1.5.1")
	r.WaitFor("a trap after the restart", time.Second, anything)
}
