package text_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/community"
	"mibgate/mib/model"
	"mibgate/mib/notification"
	"mibgate/mib/snmp"
	"mibgate/mib/target"
	"mibgate/mib/tc"
	"mibgate/mib/text"
	"mibgate/mib/usm"
	"mibgate/mib/vacm"
)

func TestParseLine(t *testing.T) {
	for _, tt := range []struct {
		line string
		want string // canonical form
	}{
		{`Hoc.HostName=gw1`, `Hoc.HostName="gw1"`},
		{`  hoc.hostname = "gw1"  # a comment`, `Hoc.HostName="gw1"`},
		{`Hoc.StaticTimeZone=""`, `Hoc.StaticTimeZone=""`},
		{`Hoc.SystemContact="a\"b\\ é # no comment"`, `Hoc.SystemContact="a\"b\\ é # no comment"`},
		{`Cert.OthersCertificatesInfo[FileName=a].Certificate="\n\x00\xff\u200b"`, `Cert.OthersCertificatesInfo[FileName="a"].Certificate="\n\x00\xff\u200b"`},
		{`SipEp.TransportTlsVersion=TLSv1_2`, `SipEp.TransportTlsVersion="TLSv1_2"`},
		{`SipEp.TransportTlsVersion="tLSv1-2"`, `SipEp.TransportTlsVersion="TLSv1_2"`},
		{`SipEp.TransportTlsVersion=400`, `SipEp.TransportTlsVersion="TLSv1_2"`},
		{`SipEp.Gateway[Name="x]"].Port=5060#`, `SipEp.Gateway[Name="x]"].Port=5060`},
		{`sipep.gateway[ name = trunk1 ].port = "5060"`, `SipEp.Gateway[Name="trunk1"].Port=5060`},
		{`SipEp.Authentication[Index=1].Realm=r`, `SipEp.Authentication[Index=1].Realm="r"`},
		{`SipEp.Gateway[Name=a].RowStatus=CreateAndGo`, `SipEp.Gateway[Name="a"].RowStatus="CreateAndGo"`},
		{`Scm.RestartRequiredServices`, `Scm.RestartRequiredServices="Restart"`},
		{`Scm.ServiceCommands[Name=SipEp].Restart`, `Scm.ServiceCommands[Name="SipEp"].Restart="Restart"`},
		{`SipEp.Gateway[Name=a].Delete`, `SipEp.Gateway[Name="a"].Delete="Delete"`},
	} {
		st, ok, err := text.ParseLine(model.Registry, tt.line)
		if err != nil || !ok {
			t.Errorf("%s: %t, %v", tt.line, ok, err)
			continue
		}
		got := text.Print(st.Object, st.Key, st.Value)
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.line, got, tt.want)
		}
		again, _, err := text.ParseLine(model.Registry, got)
		if err != nil || again.Object != st.Object || !again.Value.Equal(st.Value) {
			t.Errorf("%s: read back as %+v, %v", got, again, err)
		}
	}
}

func TestParseLineRefuses(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{`Hoc`, "expected Service.Variable"},
		{`Hoc.`, "expected a variable"},
		{`=1`, "expected Service.Variable"},
		{`Nope.HostName=x`, `there is no service "Nope"`},
		{`Hco.SystemName=x`, `there is no service "Hco"; did you mean "Hoc"?`},
		{`Hoc.SytsemName=x`, `no variable, table or command "SytsemName"; did you mean "SystemName"?`},
		{`SipEp.Gateway[Name=a].Prt=1`, `no column "Prt"; did you mean "Port"?`},
		{`transprtTlsVersion=x`, `transprtTlsVersion: expected Service.Variable or the MIB descriptor of one, as in Scm.MinSeverity or transportTlsVersion; did you mean "transportTlsVersion"?`},
		{`minSeverity=x`, "several have this descriptor: name one of Scm.MinSeverity, Hoc.MinSeverity, "},
		{`gatewayPort=1`, "gatewayPort is the descriptor of a column: name a cell, as in SipEp.Gateway[Name=…].Port"},
		{`gatewayTable=1`, "is a table: name a cell"},
		{`Hoc.Nope=x`, `no variable, table or command "Nope"`},
		{`Hoc.HostName`, "a value is missing: expected ="},
		{`Hoc.HostName=`, "a value is missing"},
		{`Hoc.HostName="x`, "is not closed"},
		{`Hoc.HostName="\q"`, "bad escape"},
		{`Hoc.HostName=a b`, `unexpected "b"`},
		{`Hoc.HostName="a b"`, "is not a host name"},
		{`Hoc.SntpSynchronizationPeriod=0`, "out of range"},
		{`SipEp.TransportTlsVersion=x`, "is not one of"},
		{`SipEp.Gateway=1`, "is a table: name a cell"},
		{`SipEp.Gateway.Port=1`, "is a table: name a cell"},
		{`SipEp.Gateway[Name=a]=1`, "is a table: name a cell"},
		{`SipEp.Gateway[Name=a].Nope=1`, `no column "Nope"`},
		{`SipEp.Gateway[Port=a].Port=1`, "is keyed by Name"},
		{`SipEp.Gateway[Name].Port=1`, "expected = after Name"},
		{`SipEp.Gateway[Name=].Port=1`, "a value is missing"},
		{`SipEp.Gateway[Name=a.Port=1`, "expected ]"},
		{`SipEp.Gateway[Name=""].Port=1`, "octets, allowed are 1..50"},
		{`Usm.UsmUser[EngineID=12345, Name=a].CloneFrom`, "a value is missing"},
		{`Usm.UsmUser[EngineID=1234, Name=a].Public=x`, "octets, allowed are 5..32"},
		{`Target.SnmpTargetAddr[Name=a].TAddress=""`, "octets, allowed are 1..255"},
	} {
		_, ok, err := text.ParseLine(model.Registry, tt.line)
		if ok || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %t, %v, want %s", tt.line, ok, err, tt.want)
		}
	}
}

// TestErrorsKeepSecrets wants that nothing of a secret is repeated, whatever is
// wrong with its line.
func TestErrorsKeepSecrets(t *testing.T) {
	const target = `Aaa.Users[UserName="joe"].Password=`
	for _, value := range []string{
		`hunter2 hunter2`,
		`"hunter2" hunter2`,
		`"hunter2`,
		`"hunter2\q"`,
		strings.Repeat("hunter2", 50),
		`sealed:"hunter2`,
		`sealed:hunter2 hunter2`,
	} {
		_, _, err := text.ParseLine(model.Registry, target+value)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// TestDescriptors: a descriptor that only one has stands for what it names.
func TestDescriptors(t *testing.T) {
	for line, want := range map[string]string{
		`transportTlsVersion=TLSv1_3`:           `SipEp.TransportTlsVersion="TLSv1_3"`,
		`SYSTEMNAME = "x"`:                      `Hoc.SystemName="x"`,
		`gatewayTable[Name="a"].Port=1`:         `SipEp.Gateway[Name="a"].Port=1`,
		`snmpTargetAddrTable[Name=a].Timeout=5`: `Target.SnmpTargetAddr[Name="a"].Timeout=5`,
	} {
		st, ok, err := text.ParseLine(model.Registry, line)
		if err != nil || !ok {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := text.Print(st.Object, st.Key, st.Value); got != want {
			t.Errorf("%s is %s, want %s", line, got, want)
		}
	}
	if _, _, err := text.ParseLine(model.Registry, `usersPasswrd="hunter2"`); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a mistyped name: %v", err)
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"SipEp", "Snmp", "Gateway", "GatewayStatus"}
	for name, want := range map[string]string{
		"Sipp": "SipEp", "snpm": "Snmp", "Gatway": "Gateway", "GATEWAYSTATSU": "GatewayStatus", "Gateways": "Gateway",
		"": "", "x": "", "Sn": "", "Alarm": "", "Gtws": "", strings.Repeat("Gateway", 1000): "",
	} {
		got := text.DidYouMean(name, names)
		if want == "" && got != "" || want != "" && got != `; did you mean "`+want+`"?` {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestSealedSecrets(t *testing.T) {
	const line = `Aaa.Users[UserName="joe"].Password=sealed:"v1:AbC="`
	st, ok, err := text.ParseLine(model.Registry, line)
	if err != nil || !ok || st.Sealed != "v1:AbC=" || st.Value.Kind != mib.KindNone {
		t.Fatalf("%+v, %t, %v", st, ok, err)
	}
	if got := text.PrintSealed(st.Object, st.Key, st.Sealed); got != line {
		t.Errorf("%s", got)
	}
	open, _, err := text.ParseLine(model.Registry, `Hoc.SystemContact=sealed:x`)
	if err != nil || open.Sealed != "" || open.Value.Str != "sealed:x" {
		t.Errorf("what is no secret: %+v, %v", open, err)
	}
}

func TestParse(t *testing.T) {
	script := "# first\n\nHoc.HostName=a\r\n\t\nScm.RestartRequiredServices\n"
	sts, err := text.Parse(model.Registry, strings.NewReader(script))
	if err != nil || len(sts) != 2 || sts[0].Line != 3 || sts[1].Line != 5 || sts[1].Value.Num != mib.RowVerb {
		t.Errorf("%+v, %v", sts, err)
	}
}

// TestParseByteOrderMark: one may begin a script, but no other line.
func TestParseByteOrderMark(t *testing.T) {
	const bom = "\xef\xbb\xbf"
	if sts, err := text.Parse(model.Registry, strings.NewReader(bom+"Hoc.HostName=a\r\n")); err != nil || len(sts) != 1 {
		t.Errorf("%+v, %v", sts, err)
	}
	if _, err := text.Parse(model.Registry, strings.NewReader("\n"+bom+"Hoc.HostName=a\n")); err == nil {
		t.Error("a byte order mark in the second line was taken")
	}
}

func TestParseTellsTheLine(t *testing.T) {
	for script, line := range map[string]int{
		"Hoc.HostName=a\nHoc.Nope=1\nHoc.HostName=b\n":                                                   2,
		"\n\nHoc.SystemContact=\"" + strings.Repeat("x", text.MaxLine) + "\"\n":                          3,
		"Hoc.HostName=a\n\n# c\nHoc.HostName=\"" + strings.Repeat("x", 300) + "\"":                       4,
		"Hoc.HostName=a\nSipEp.Gateway[Name=\"" + strings.Repeat("é", 80) + "\"].Port=1\nHoc.HostName=b": 2,
	} {
		sts, err := text.Parse(model.Registry, strings.NewReader(script))
		var at *text.LineError
		if !errors.As(err, &at) || at.Line != line || sts != nil {
			t.Errorf("%.40q: %v, want line %d", script, err, line)
		}
		if err != nil && len(err.Error()) > 1500 {
			t.Errorf("the error has %d octets", len(err.Error()))
		}
	}
}

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"Hoc.HostName", "object Hoc.HostName"},
		{" sipep.gateway ", "table SipEp.Gateway, key 0"},
		{"SipEp.Gateway[Name=a]", "table SipEp.Gateway, key 1"},
		{"SipEp.Gateway.Port", "object SipEp.Gateway.Port, key 0"},
		{`SipEp.Gateway[Name="a"].Port`, "object SipEp.Gateway.Port, key 1"},
		{"SipEp.Nope", "error"},
		{"SipEp", "error"},
		{"SipEp.Gateway[Name=a", "error"},
		{"SipEp.Gateway.Nope", "error"},
		{"Hoc.HostName=x", "error"},
	} {
		table, object, key, err := text.ParseTarget(model.Registry, tt.name)
		got := "error"
		switch {
		case err != nil:
		case object == nil:
			got = fmt.Sprintf("table %s.%s, key %d", table.Module.Service, table.Param, len(key))
		case table == nil:
			got = "object " + object.Path()
		default:
			got = fmt.Sprintf("object %s, key %d", object.Path(), len(key))
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// FuzzParseLine wants no panic, and that what is read is printed in a form that
// reads as the same.
func FuzzParseLine(f *testing.F) {
	for _, line := range []string{
		`Hoc.HostName="gw1" # x`, `SipEp.Gateway[Name="a\x00"].Port=1`, `Scm.RestartRequiredServices`,
		`Aaa.Users[UserName=joe].Password=sealed:"x"`, `SipEp.Authentication[Index=4294967295].Up`, `a.b[c=d,e=f].g=h`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		st, ok, err := text.ParseLine(model.Registry, line)
		if err != nil || !ok || strings.ContainsAny(line, "\n\r") {
			return
		}
		printed := text.Print(st.Object, st.Key, st.Value)
		if st.Sealed != "" {
			printed = text.PrintSealed(st.Object, st.Key, st.Sealed)
		} else if st.Value.Kind == mib.KindNone {
			return // sealed, and empty
		}
		again, ok, err := text.ParseLine(model.Registry, printed)
		if err != nil || !ok || again.Object != st.Object || !again.Value.Equal(st.Value) || again.Sealed != st.Sealed {
			t.Fatalf("%q printed as %s reads as %+v, %v", line, printed, again, err)
		}
		for i := range st.Key {
			if !again.Key[i].Equal(st.Key[i]) {
				t.Errorf("%q: key %v, then %v", line, st.Key, again.Key)
			}
		}
	})
}

// TestBinaryRoundTrip writes octets that are no text and reads them back, in
// keys and values: engine identifiers, addresses, masks, communities.
func TestBinaryRoundTrip(t *testing.T) {
	engine := "\x80\x00\x7e\xd9\x01]\"\\, \n#\xff"
	for _, tt := range []struct {
		o   *mib.Object
		key mib.Key
		v   mib.Value
	}{
		{usm.Objects.UsmUserPublic, usm.UsmUserKey(engine, "x]=\""), mib.String("\x00\x01\xfe\xff")},
		{usm.Objects.UsmUserAuthProtocol, usm.UsmUserKey(engine, "é"), mib.Ident(mib.OID{1, 3, 6, 1, 6, 3, 10, 1, 1, 4294967295})},
		{target.Objects.SnmpTargetAddrTAddress, target.SnmpTargetAddrKey("a.b"), mib.String("\x7f\x00\x00\x01\x00\xa2")},
		{target.Objects.SnmpTargetAddrTDomain, target.SnmpTargetAddrKey("x"), mib.Ident(mib.OID{0, 0})},
		{community.Objects.SnmpTargetAddrTMask, community.SnmpTargetAddrExtKey("x"), mib.String("\xff\xff\xff\x00\x00\x00")},
		{community.Objects.SnmpCommunityName, community.SnmpCommunityKey("x"), mib.String("\r\n\t\xc3\x28 sealed:#")},
		{community.Objects.SnmpCommunityContextEngineID, community.SnmpCommunityKey("x"), mib.String("")},
		{community.Objects.SnmpCommunityContextEngineID, community.SnmpCommunityKey("x"), mib.String(engine)},
		{vacm.Objects.VacmViewTreeFamilyMask, vacm.VacmViewTreeFamilyKey("all", mib.OID{1, 3, 6, 1}), mib.String("\xff\xa0")},
		{vacm.Objects.VacmAccessReadViewName, vacm.VacmAccessKey("g", "", 0, tc.SnmpSecurityLevelAuthPriv), mib.String("all")},
		{notification.Objects.SnmpNotifyFilterType, notification.SnmpNotifyFilterKey("f", mib.OID{1, 3, 6, 1, 4, 1}), mib.Int(2)},
		{snmp.Objects.UserKeysRowStatus, snmp.UserKeysKey(engine, "x"), mib.Int(1)},
	} {
		line := text.Print(tt.o, tt.key, tt.v)
		if strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("%q is no line", line)
		}
		st, ok, err := text.ParseLine(model.Registry, line)
		if err != nil || !ok || st.Object != tt.o || !st.Value.Equal(tt.v) || mib.CompareKeys(tt.o.Table.Index, st.Key, tt.key) != 0 {
			t.Errorf("%s is read as %+v, %v", line, st, err)
		}
		// A cell that cannot be read still has a name.
		table, o, key, err := text.ParseTarget(model.Registry, tt.o.Instance(tt.key))
		if err != nil || table != tt.o.Table || o != tt.o || mib.CompareKeys(table.Index, key, tt.key) != 0 {
			t.Errorf("%s names %v %v, %v", tt.o.Instance(tt.key), o, key, err)
		}
	}
}
