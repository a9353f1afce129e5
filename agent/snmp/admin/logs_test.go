package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/message"
	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/notificationlog"
	snmpmib "mibgate/mib/snmp"
)

// creators are the rows of Snmp.LogCreator, as "log model level name".
func (f *fixture) creators() string {
	var out []string
	for row := range snmpmib.Of(f.Store.Current()).LogCreator.All() {
		out = append(out, fmt.Sprint(row.Name, " ", row.SecurityModel, " ", row.SecurityLevel, " ", row.SecurityName))
	}
	return strings.Join(out, ", ")
}

func logStatus(name string, s mib.RowStatus) assignment {
	return assignment{"nlmConfigLogEntryStatus", mib.Key{mib.String(name)}, mib.Int(int32(s))}
}

// TestCreatorsAreNoted: whoever sets a log to active is whose view counts, until
// somebody else does.
func TestCreatorsAreNoted(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	carol, noc := manager("carol"), access.Principal{Name: "community", Role: access.Admin, Via: "community"}
	carol.Credentials = admin.Credentials(admin.ModelUSM, "carol and co", message.AuthNoPriv)
	noc.Credentials = admin.Credentials(admin.ModelV2c, "noc", message.NoAuthNoPriv)
	console := access.Principal{Name: "console", Role: access.Admin, Via: "cli"}
	for _, step := range []struct {
		name string
		who  access.Principal
		sets []assignment
		want string
	}{
		{"made at once", carol, []assignment{logStatus("a", mib.RowCreateAndGo)}, "a V3 AuthNoPriv carol and co"},
		{"made for later", noc, []assignment{logStatus("b", mib.RowCreateAndWait)}, "a V3 AuthNoPriv carol and co"},
		{"set to active", noc, []assignment{logStatus("b", mib.RowActive)}, "a V3 AuthNoPriv carol and co, b V2c NoAuthNoPriv noc"},
		{"another column", noc, []assignment{{"nlmConfigLogEntryLimit", mib.Key{mib.String("a")}, mib.Value{Kind: mib.Unsigned32, Num: 7}}}, "a V3 AuthNoPriv carol and co, b V2c NoAuthNoPriv noc"},
		{"set to active again", noc, []assignment{logStatus("a", mib.RowActive)}, "a V2c NoAuthNoPriv noc, b V2c NoAuthNoPriv noc"},
		{"at the command line", console, []assignment{logStatus("a", mib.RowActive)}, "b V2c NoAuthNoPriv noc"},
		{"removed", console, []assignment{logStatus("b", mib.RowDestroy)}, ""},
		{"made again", carol, []assignment{logStatus("b", mib.RowCreateAndGo)}, "b V3 AuthNoPriv carol and co"},
	} {
		mustHave(t, f.as(step.who, step.sets...))
		if got := f.creators(); got != step.want {
			t.Errorf("%s: the creators are %s, want %s", step.name, got, step.want)
		}
	}
	f = f.reopen(dir)
	if got := f.creators(); got != "b V3 AuthNoPriv carol and co" {
		t.Errorf("after a restart the creators are %s", got)
	}
	for _, l := range f.admin.Logs(f.Store.Current()) {
		if l.Name == "b" && (l.Creator == nil || *l.Creator != admin.Creator{Model: admin.ModelUSM, Name: "carol and co", Level: message.AuthNoPriv}) {
			t.Errorf("the creator of %s is %+v", l.Name, l.Creator)
		}
	}
	// An import has both.
	f.MustSet(`NotificationLog.NlmConfigLog[NlmLogName="c"].EntryLimit=5`, `Snmp.LogCreator[Name="c"].SecurityName="dave"`)
	if got := f.creators(); got != "b V3 AuthNoPriv carol and co, c V3 AuthPriv dave" {
		t.Errorf("after an import the creators are %s", got)
	}
}

// TestUnitLog: the log of the unit stays, and is stored when it is not as made.
func TestUnitLog(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	row := func() *notificationlog.NlmConfigLogRow {
		return notificationlog.Of(f.Store.Current()).FindNlmConfigLog("")
	}
	if r := row(); r == nil || r.StorageType.String() != "Other" {
		t.Fatalf("the log of the unit is %+v", r)
	}
	for _, s := range []mib.RowStatus{mib.RowDestroy, mib.RowNotInService} {
		if err := f.as(manager("admin"), logStatus("", s)); err == nil || !strings.Contains(err.Error(), "nlmConfigLogAdminStatus") {
			t.Errorf("RowStatus %d: %v", s, err)
		}
	}
	mustHave(t, f.as(manager("admin"), assignment{"nlmConfigLogAdminStatus", mib.Key{mib.String("")}, mib.Int(2)}))
	f = f.reopen(dir)
	if r := row(); r == nil || r.AdminStatus != notificationlog.NlmConfigLogAdminStatusDisabled || r.StorageType.String() != "NonVolatile" {
		t.Errorf("after a restart it is %+v", r)
	}
	if l := f.admin.Logs(f.Store.Current()); len(l) != 1 || l[0].Enabled || l[0].NoFilter {
		t.Errorf("the logs are %+v", l)
	}
}

// TestLogsAreLimited: sixteen, beside that of the unit.
func TestLogsAreLimited(t *testing.T) {
	f := start(t)
	for i := range 16 {
		f.MustSet(fmt.Sprintf(`NotificationLog.NlmConfigLog[NlmLogName="log %d"].FilterName="most"`, i))
	}
	if err := f.as(manager("admin"), logStatus("one more", mib.RowCreateAndGo)); err == nil {
		t.Error("there is no limit")
	}
}
