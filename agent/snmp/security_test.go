package snmp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/element/access"
	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/snmpv2"
)

// user is how net-snmp's tools ask in v3.
func user(level, name, auth, authPass, priv, privPass string) []string {
	return []string{"-v3", "-l", level, "-u", name, "-a", auth, "-A", authPass, "-x", priv, "-X", privPass}
}

func TestWhoMayNotAskInV3(t *testing.T) {
	u := newUnit(t, `Aaa.Users[UserName="short"].Password="seven77"`)
	name := u.oid("Hoc.SystemName")
	boots, seconds := u.svc.engine.Time()
	tests := []struct {
		name    string
		how     []string
		says    string
		counter string
	}{
		{"wrong key", user("authPriv", "admin", "SHA-256", "not the password", "AES", adminPassword), "Authentication failure", "UsmStatsWrongDigests"},
		{"wrong privacy key", user("authPriv", "admin", "SHA-256", adminPassword, "AES", "not the password"), "", "UsmStatsDecryptionErrors"},
		{"wrong protocol", user("authPriv", "admin", "SHA", adminPassword, "AES", adminPassword), "Authentication failure", "UsmStatsWrongDigests"},
		{"unknown user", user("authPriv", "nobody", "SHA-256", adminPassword, "AES", adminPassword), "Unknown user name", "UsmStatsUnknownUserNames"},
		{"password too short", user("authPriv", "short", "SHA-256", "seven777", "AES", "seven777"), "Unknown user name", "UsmStatsUnknownUserNames"},
		{"no authentication", []string{"-v3", "-l", "noAuthNoPriv", "-u", "admin"}, "nsupported security level", "UsmStatsUnsupportedSecLevels"},
		{"no privacy", user("authNoPriv", "admin", "SHA-256", adminPassword, "AES", adminPassword), "nsupported security level", "UsmStatsUnsupportedSecLevels"},
		{
			"another engine", append(slices.Clone(v3), "-e", "0x8000000001020304", "-Z", fmt.Sprintf("%d,%d", boots, seconds)),
			"", "UsmStatsUnknownEngineIDs",
		},
		{"another context", append(slices.Clone(v3), "-n", "elsewhere"), "Bad context specified", ""},
		{"another context engine", append(slices.Clone(v3), "-E", "0x8000000001020304"), "", "*"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := u.counter(tt.counter)
			out, err := u.tool("snmpget", append(tt.how, "-t", "0.5"), name)
			if err == nil || !strings.Contains(out, tt.says) {
				t.Errorf("%v: %s", err, out)
			}
			if after := u.counter(tt.counter); tt.counter != "" && after == before {
				t.Errorf("%s did not count", tt.counter)
			}
		})
	}
}

// counter reads a counter by its method on the Status of SNMP-USER-BASED-SM-MIB;
// "*" is that of unknown PDU handlers.
func (u *unit) counter(name string) uint32 {
	st := securityStatus{u.svc}
	switch name {
	case "UsmStatsWrongDigests":
		return st.UsmStatsWrongDigests()
	case "UsmStatsUnknownUserNames":
		return st.UsmStatsUnknownUserNames()
	case "UsmStatsUnsupportedSecLevels":
		return st.UsmStatsUnsupportedSecLevels()
	case "UsmStatsUnknownEngineIDs":
		return st.UsmStatsUnknownEngineIDs()
	case "UsmStatsDecryptionErrors":
		return st.UsmStatsDecryptionErrors()
	case "UsmStatsNotInTimeWindows":
		return st.UsmStatsNotInTimeWindows()
	case "*":
		return dispatcherStatus{u.svc}.SnmpUnknownPDUHandlers()
	}
	return 0
}

// A packet of before a restart is out of time, whoever sends it again.
func TestReplayAfterRestart(t *testing.T) {
	dir := t.TempDir()
	u := openUnit(t, dir, Options{})
	packet := (&client{t: t}).v3(u, message.Get, 0, 0, mib.MustOID(u.oid("Hoc.SystemName")))
	if out := u.dial().ask(packet); out == nil {
		t.Fatal("no answer")
	}
	u.close()
	u = openUnit(t, dir, Options{})
	var m message.Message
	if out := u.dial().ask(packet); out == nil || message.Decode(out, &m) != nil || m.Header.Flags != message.FlagAuth {
		t.Errorf("the replay is answered with %x", out)
	}
	if n := u.counter("UsmStatsNotInTimeWindows"); n != 1 {
		t.Errorf("usmStatsNotInTimeWindows is %d", n)
	}
}

// Every pair of protocols works with net-snmp as soon as it is set.
func TestProtocolsLive(t *testing.T) {
	u := newUnit(t)
	auths := map[string]string{"Md5": "MD5", "Sha1": "SHA", "Sha224": "SHA-224", "Sha256": "SHA-256", "Sha384": "SHA-384", "Sha512": "SHA-512"}
	privs := map[string]string{"Des": "DES", "Aes128": "AES", "Aes192": "AES-192", "Aes256": "AES-256"}
	for auth, a := range auths {
		for priv, p := range privs {
			u.set(`Snmp.AuthProtocol="`+auth+`"`, `Snmp.PrivProtocol="`+priv+`"`)
			out, err := u.tool("snmpget", user("authPriv", "admin", a, adminPassword, p, adminPassword), u.oid("SNMPv2-MIB.SysServices"))
			if err != nil || !strings.Contains(out, "INTEGER: 72") {
				t.Errorf("%s/%s: %v %s", a, p, err, out)
			}
		}
	}
}

func TestSecurityLive(t *testing.T) {
	u := newUnit(t, `Aaa.Users[UserName="guest"].Password="guest pass"`, `Aaa.Users[UserName="guest"].AccessRights="User"`)
	name := u.oid("Hoc.SystemName")
	steps := []struct {
		name  string
		set   []string
		how   []string
		tool  string
		value []string
		want  string // "": must fail
	}{
		{"v2c is off", nil, v2c, "snmpget", nil, ""},
		{"v1 is off", nil, v1, "snmpget", nil, ""},
		{"no community", []string{`Snmp.EnableSnmpV2="Enable"`, `Snmp.EnableSnmpV1="Enable"`}, v2c, "snmpget", nil, ""},
		{"an empty one is nobody's", nil, []string{"-v2c", "-c", ""}, "snmpget", nil, ""},
		{"community", []string{`Snmp.Community="public"`}, v2c, "snmpget", nil, name},
		{"observer by default", nil, v2c, "snmpset", []string{"s", "x"}, ""},
		{"user", []string{`Snmp.CommunityRole="User"`}, v2c, "snmpset", []string{"s", "x"}, name},
		{"role none", []string{`Snmp.CommunityRole="None"`}, v2c, "snmpget", nil, ""},
		{"account for the community", []string{`Snmp.SnmpUser="guest"`}, v2c, "snmpset", []string{"s", "y"}, name},
		{"its role changes", []string{`Aaa.Users[UserName="guest"].AccessRights="Observer"`}, v1, "snmpset", []string{"s", "z"}, ""},
		{"another community", []string{`Snmp.Community="other"`}, v2c, "snmpget", nil, ""},
		{"a longer one", nil, []string{"-v2c", "-c", "other1"}, "snmpget", nil, ""},
		{"a shorter one", nil, []string{"-v2c", "-c", "othe"}, "snmpget", nil, ""},
		{"the right one", nil, []string{"-v1", "-c", "other"}, "snmpget", nil, name},
		{"v1 off again", []string{`Snmp.EnableSnmpV1="Disable"`}, []string{"-v1", "-c", "other"}, "snmpget", nil, ""},
		{"password of an account", []string{`Aaa.Users[UserName="guest"].Password="another pass"`},
			user("authPriv", "guest", "SHA-256", "another pass", "AES", "another pass"), "snmpget", nil, name},
		{"the old one", nil, user("authPriv", "guest", "SHA-256", "guest pass", "AES", "guest pass"), "snmpget", nil, ""},
		{"unit-wide privacy password", []string{`Snmp.PrivPassword="private!"`},
			user("authPriv", "guest", "SHA-256", "another pass", "AES", "private!"), "snmpget", nil, name},
		{"lower level", []string{`Snmp.MinimumSecurityLevel="AuthNoPriv"`},
			user("authNoPriv", "admin", "SHA-256", adminPassword, "AES", adminPassword), "snmpset", []string{"s", "q"}, name},
		{"not so low", nil, []string{"-v3", "-l", "noAuthNoPriv", "-u", "admin"}, "snmpget", nil, ""},
		{"lowest level", []string{`Snmp.MinimumSecurityLevel="NoAuthNoPriv"`}, []string{"-v3", "-l", "noAuthNoPriv", "-u", "admin"}, "snmpget", nil, name},
		{"which only reads", nil, []string{"-v3", "-l", "noAuthNoPriv", "-u", "admin"}, "snmpset", []string{"s", "x"}, ""},
		{"v3 off", []string{`Snmp.EnableSnmpV3="Disable"`}, []string{"-v3", "-l", "noAuthNoPriv", "-u", "admin"}, "snmpget", nil, ""},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			u.set(s.set...)
			out, err := u.tool(s.tool, append(slices.Clone(s.how), "-t", "0.3"), append([]string{name}, s.value...)...)
			if (err == nil) != (s.want != "") || !strings.Contains(out, s.want) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// What is not authentic is told, but not so often that it floods.
func TestAuthenticationFailure(t *testing.T) {
	u := newUnit(t, openSettings...)
	sink := u.el.Bus.Subscribe("test", 100)
	defer sink.Close()
	wrong := []byte(strings.Replace(string((&client{t: t}).community(message.V2c, message.Get, 0, 0)), "public", "PUBLIC", 1))
	x := u.newExchange()
	for range 100 {
		if out := u.through(x, wrong); out != nil {
			t.Fatalf("answered with %x", out)
		}
	}
	e := <-sink.Events()
	if _, ok := e.Notification.(snmpv2.AuthenticationFailure); !ok || e.Severity != event.Warning || !strings.Contains(e.Text, "127.0.0.1") || strings.Contains(strings.ToLower(e.Text), "public") {
		t.Errorf("the event is %+v", e)
	}
	if n := len(sink.Events()); n >= 2*failuresPerSecond {
		t.Errorf("%d more events", n)
	}
	if n := (system{s: u.svc}).SnmpInBadCommunityNames(); n != 100 {
		t.Errorf("snmpInBadCommunityNames is %d", n)
	}
	u.ask("snmpset", v2c, u.oid("SNMPv2-MIB.SnmpEnableAuthenTraps"), "i", "2")
	if out := u.ask("snmpget", v2c, u.oid("Snmp.AuthenTrapsEnable")); !strings.Contains(out, "INTEGER: 2") {
		t.Errorf("the alias reads %s", out)
	}
	for len(sink.Events()) > 0 {
		<-sink.Events()
	}
	u.svc.failures = failures{}
	u.svc.sources.tellAgain()
	u.through(x, wrong)
	if e := <-sink.Events(); e.Notification != nil {
		t.Errorf("the event is %+v", e)
	}
}

// No answer and no event ever holds a secret.
func TestSecretsStayIn(t *testing.T) {
	u := newUnit(t, append(openSettings, `Snmp.PrivPassword="private!"`)...)
	out := u.ask("snmpwalk", user("authPriv", "admin", "SHA-256", adminPassword, "AES", "private!"), ".1")
	for _, secret := range []string{"private!", adminPassword} {
		if strings.Contains(out, secret) {
			t.Errorf("a walk shows %q", secret)
		}
	}
	if !strings.Contains(out, u.el.Store.Fingerprint("private!")) {
		t.Error("the fingerprint is not shown")
	}
	u.set(`Snmp.CommunityRole="Observer"`)
	if out := u.ask("snmpwalk", v2c, ".1"); strings.Contains(out, "public") {
		t.Error("an observer sees the community")
	}
}

// TestRequestDuringChange: between the users of one policy and the roles of
// another nobody loses his role, and nobody keeps one that he has no more.
func TestRequestDuringChange(t *testing.T) {
	u := newUnit(t)
	c, x := &client{t: t}, u.newExchange()
	name := mib.MustOID(u.oid("Hoc.SystemName"))
	next, err := u.svc.newPolicy(u.el.Store.Current())
	if err != nil {
		t.Fatal(err)
	}
	u.svc.engine.use(next) // adopt is half done
	u.through(x, c.v3(u, message.Get, 0, 0, name))
	if g := u.svc.granted(x); g.err != nil || g.who.Role != access.Admin || g.who.Name != "admin" {
		t.Errorf("admin is %+v", g)
	}
	gone := *next // the account has gone
	gone.users, gone.grants = usm.NewUserTable(), nil
	u.svc.policy.Store(&gone)
	x.policy = &gone
	if g := u.svc.granted(x); g.err == nil || g.sight != nil || g.write != nil {
		t.Errorf("an account that has gone is %+v", g)
	}
}

// TestStrangersMakeNoWork: the PDU of a message whose community is wrong, or
// whose version is off, is not decoded.
func TestStrangersMakeNoWork(t *testing.T) {
	for name, settings := range map[string][]string{
		"off":             nil,
		"wrong community": {`Snmp.EnableSnmpV1="Enable"`, `Snmp.EnableSnmpV2="Enable"`, `Snmp.Community="another"`},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUnit(t, settings...)
			c, x := &client{t: t}, u.newExchange()
			many := slices.Repeat([]mib.OID{mib.MustOID("1.3.6.1.2.1.1.3.0")}, 3000)
			for _, version := range []message.Version{message.V1, message.V2c} {
				if out := u.through(x, c.community(version, message.GetNext, 0, 0, many...)); out != nil {
					t.Errorf("%v: answered", version)
				}
				if n := len(x.message.PDU.Varbinds); n != 0 {
					t.Errorf("%v: %d variable bindings were decoded", version, n)
				}
			}
			if got := u.svc.count.parseErrs.Load(); got != 0 {
				t.Errorf("%d parse errors", got)
			}
		})
	}
}
