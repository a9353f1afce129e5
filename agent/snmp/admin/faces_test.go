package admin_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/vacm"
	"mibgate/mib"
)

const communityRow = `Community.SnmpCommunity[Index="default"].`

// TestCommunity goes over both sides of Snmp.Community.
func TestCommunity(t *testing.T) {
	f := start(t)
	if n := len(f.rows("Community.SnmpCommunity")); n != 0 {
		t.Fatalf("%d communities by default", n)
	}
	f.MustSet(`Snmp.Community="one"`)
	if got := f.Get(communityRow + "SecurityName"); got != "community-observer" {
		t.Errorf("the community stands for %q", got)
	}
	f.MustSet(`Aaa.Users[UserName="bob"].AccessRights="User"`, `Snmp.SnmpUser="bob"`)
	if got := f.Get(communityRow+"SecurityName") + " " + f.Get(group(1, "bob")) + " " + f.Get(group(2, "bob")); got != "bob user user" {
		t.Errorf("the community of an account, and its groups: %q", got)
	}
	f.MustSet(communityRow+`SecurityName="community-admin"`, communityRow+`Name="two"`)
	if got := f.Get("Snmp.Community") + " " + f.Get("Snmp.SnmpUser") + " " + f.Get("Snmp.CommunityRole"); got != "two  Admin" {
		t.Errorf("the variables after the row was changed: %q", got)
	}
	if groups := f.rows("Vacm.VacmSecurityToGroup"); slicesHave(groups, "bob", 2) {
		t.Error("bob is still in a group of v2c")
	}
	f.MustSet(communityRow + `Status="Destroy"`)
	if got := f.Get("Snmp.Community"); got != "" {
		t.Errorf("the community of no row: %q", got)
	}
	f.MustSet(`Snmp.Community="three"`)
	for _, line := range []string{
		`Name="` + strings.Repeat("x", 33) + `"`, `Name="bell\x07"`, `SecurityName="community-boss"`, `SecurityName="` + strings.Repeat("x", 32) + strings.Repeat("y", 19) + `"`,
		`ContextEngineID="another engine"`,
	} {
		if err := f.Set(communityRow + line); err == nil {
			t.Errorf("%s was taken", line)
		}
	}
	if err := f.Set(`Snmp.Community="four"`, communityRow+`Name="five"`); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("two communities at once: %v", err)
	}
	f.MustSet(`Snmp.Community="six"`, communityRow+`Name="six"`)
}

func slicesHave(keys []mib.Key, name string, model int64) bool {
	for _, k := range keys {
		if k[0].Num == model && k[1].Str == name {
			return true
		}
	}
	return false
}

// TestSources: a community with a tag is good for the addresses of the targets
// with that tag, as far as their masks say.
func TestSources(t *testing.T) {
	f := start(t)
	f.MustSet(`Community.SnmpCommunity[Index="noc"].Name="n0c"`, `Community.SnmpCommunity[Index="noc"].SecurityName="noc"`, `Community.SnmpCommunity[Index="noc"].TransportTag="noc"`)
	place := func(name, domain, address, mask, tags string) {
		t.Helper()
		row := fmt.Sprintf(`Target.SnmpTargetAddr[Name=%q].`, name)
		f.MustSet(row+`TDomain="`+domain+`"`, row+"TAddress="+mib.Quote(address), row+`TagList="`+tags+`"`, row+`Params="none"`,
			fmt.Sprintf(`Community.SnmpTargetAddrExt[SnmpTargetAddrName=%q].TMask=%s`, name, mib.Quote(mask)))
	}
	place("net", "1.3.6.1.6.1.1", "\xc0\x00\x02\x00\x00\x00", "\xff\xff\xff\x00\x00\x00", "noc")
	place("host", "1.3.6.1.6.1.1", "\xcb\x00\x71\x01\x04\xd2", "", "other noc")
	place("v6", "1.3.6.1.2.1.100.1.2", "\x20\x01\x0d\xb8"+strings.Repeat("\x00", 14), "\xff\xff\xff\xff"+strings.Repeat("\x00", 14), "noc")
	place("else", "1.3.6.1.6.1.1", "\x0a\x00\x00\x00\x00\x00", "\xff\x00\x00\x00\x00\x00", "nocturnal")
	all := admin.Communities(f.Store.Current())
	if len(all) != 1 {
		t.Fatalf("%d communities", len(all))
	}
	for from, want := range map[string]bool{
		"192.0.2.77:5000": true, "192.0.3.77:5000": false, "203.0.113.1:1234": true, "203.0.113.1:1235": false,
		"[2001:db8:1::1]:9": true, "[2001:db9::1]:9": false, "10.0.0.1:1": false, "[::ffff:192.0.2.1]:1": true,
	} {
		if got := all[0].Admits(netip.MustParseAddrPort(from)); got != want {
			t.Errorf("%s: %v", from, got)
		}
	}
	if err := f.Set(`Community.SnmpTargetAddrExt[SnmpTargetAddrName="net"].TMask="\xff"`); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("a mask of another length: %v", err)
	}
}

// TestTrapVariables goes over both sides of the trap variables.
func TestTrapVariables(t *testing.T) {
	f := start(t)
	f.MustSet(`Snmp.TrapDest="192.0.2.1, [2001:db8::1]:1162,nms.example.com:10162"`, "Snmp.InformTimeout=7", "Snmp.InformRetries=2")
	target := func(i int, column string) string {
		return fmt.Sprintf(`Target.SnmpTargetAddr[Name="trap-%d"].%s`, i, column)
	}
	for i, want := range map[int]string{1: "1.3.6.1.6.1.1", 2: "1.3.6.1.2.1.100.1.2", 3: "1.3.6.1.2.1.100.1.14"} {
		if got := f.Get(target(i, "TDomain")); got != want {
			t.Errorf("domain of trap-%d: %s", i, got)
		}
		if got := f.Get(target(i, "Timeout")) + " " + f.Get(target(i, "RetryCount")); got != "700 2" {
			t.Errorf("timing of trap-%d: %s", i, got)
		}
	}
	f.MustSet(target(3, "TAddress")+`="other.example.com:162"`, target(1, "RowStatus")+`="NotInService"`)
	if got := f.Get("Snmp.TrapDest"); got != "[2001:db8::1]:1162,other.example.com:162" {
		t.Errorf("TrapDest is %q", got)
	}
	for i := 1; i <= 3; i++ {
		f.MustSet(target(i, "Timeout") + "=900")
	}
	if got := f.Get("Snmp.InformTimeout"); got != "9" {
		t.Errorf("InformTimeout is %s when all targets have 9 s", got)
	}
	f.MustSet(target(2, "Timeout") + "=1")
	f.MustSet("Snmp.TrapKind=Inform", "Snmp.TrapVersion=V2c", `Snmp.Community="c"`)
	if got := f.Get("Snmp.InformTimeout") + " " + f.Get(target(2, "Timeout")); got != "9 1" {
		t.Errorf("a timeout of its own, and the common one: %s", got)
	}
	params := `Target.SnmpTargetParams[Name="trap"].`
	if got := f.Get(params+"MPModel") + f.Get(params+"SecurityModel") + f.Get(params+"SecurityName") + f.Get(`Notification.SnmpNotify[Name="trap"].Type`); got != "12community-observerInform" {
		t.Errorf("parameters of v2c informs: %s", got)
	}
	f.MustSet(params+"MPModel=3", params+"SecurityModel=3", params+`SecurityName="admin"`, params+`SecurityLevel="AuthPriv"`, `Notification.SnmpNotify[Name="trap"].Type="Trap"`)
	if got := f.Get("Snmp.TrapVersion") + f.Get("Snmp.TrapKind") + f.Get("Snmp.TrapUser"); got != "V3Trapadmin" {
		t.Errorf("the variables: %s", got)
	}
	for _, bad := range []string{
		params + "MPModel=1", params + `RowStatus="Destroy"`, `Notification.SnmpNotify[Name="trap"].RowStatus="Destroy"`, target(2, "TDomain") + `="1.3.6.1.6.1.2"`,
		target(2, "TAddress") + `="short"`, target(2, "TagList") + `=" trap"`, `Notification.SnmpNotify[Name="trap"].Tag="two tags"`,
	} {
		if err := f.Set(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// TestTargets: rows select each other by tag and name, and a filter is found.
func TestTargets(t *testing.T) {
	f := start(t)
	f.MustSet(`Snmp.Community="c"`, `Snmp.TrapDest="192.0.2.1"`)
	f.MustSet(`Target.SnmpTargetAddr[Name="nms"].TDomain="1.3.6.1.6.1.1"`, `Target.SnmpTargetAddr[Name="nms"].TAddress="\xc0\x00\x02\x02\x00\xa2"`,
		`Target.SnmpTargetAddr[Name="nms"].TagList="trap all"`, `Target.SnmpTargetAddr[Name="nms"].Params="v2"`, `Community.SnmpTargetAddrExt[SnmpTargetAddrName="nms"].MMS=1472`,
		`Target.SnmpTargetParams[Name="v2"].MPModel=1`, `Target.SnmpTargetParams[Name="v2"].SecurityModel=2`, `Target.SnmpTargetParams[Name="v2"].SecurityName="community-observer"`,
		`Notification.SnmpNotify[Name="all"].Tag="all"`, `Notification.SnmpNotify[Name="all"].Type="Inform"`,
		`Notification.SnmpNotifyFilterProfile[SnmpTargetParamsName="v2"].Name="few"`,
		`Notification.SnmpNotifyFilter[SnmpNotifyFilterProfileName="few", Subtree="1.3.6.1.4"].Type="Included"`)
	var got []string
	for _, x := range f.admin.Targets(f.Store.Current()) {
		got = append(got, fmt.Sprintf("%s/%s %s %d %q %v %d %v", x.Name, x.Notify, x.Dest, x.Model, x.Community, x.Inform, x.MaxSize, x.Filtered))
	}
	want := []string{
		`nms/all 192.0.2.2:162 2 "c" true 1472 true`,
		`nms/trap 192.0.2.2:162 2 "c" false 1472 true`,
		`trap-1/trap 192.0.2.1:162 3 "" false 0 false`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("targets:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestPolicy: the groups of the roles are as the roles, and none may only be
// told.
func TestPolicy(t *testing.T) {
	f := start(t)
	f.MustSet(`Aaa.Users[UserName="eve"].Password="observing"`)
	p := f.admin.Policy(f.Store.Current(), []string{"", "running"})
	for _, tt := range []struct {
		model       int32
		name        string
		level       message.Level
		read, write bool
		err         error
	}{
		{3, "admin", message.AuthPriv, true, true, nil},
		{3, "admin", message.NoAuthNoPriv, true, false, nil},
		{3, "eve", message.AuthPriv, true, false, nil},
		{3, "nobody", message.AuthPriv, false, false, vacm.ErrNoGroup},
		{2, "eve", message.NoAuthNoPriv, false, false, vacm.ErrNoGroup},
		{2, "community-admin", message.NoAuthNoPriv, true, true, nil},
		{2, "community-none", message.NoAuthNoPriv, false, false, nil},
	} {
		for _, context := range []string{"", "running"} {
			r, err := p.Check(tt.model, tt.name, tt.level, context)
			oid := mib.OID{1, 3, 6, 1, 2, 1, 1, 1, 0}
			if !errors.Is(err, tt.err) || r.Read.Contains(oid) != tt.read || r.Write.Contains(oid) != tt.write || err == nil && !r.Notify.Contains(oid) {
				t.Errorf("%+v in %q: %+v, %v", tt, context, r, err)
			}
		}
	}
}
