package admin_test

import (
	"errors"
	"strings"
	"testing"

	"mibgate/mib"
)

func trapCell(name, column string) string {
	return `Target.SnmpTargetAddr[Name="` + name + `"].` + column
}

// TestDestinationsKeepTheirs: what a target has of its own belongs to its
// destination, not to its place in TrapDest.
func TestDestinationsKeepTheirs(t *testing.T) {
	const one, two, three = "192.0.2.1:9001", "192.0.2.2:9002", "192.0.2.3:9003"
	tests := []struct {
		name, set string
		want      map[string]string // by target: address, timeout
		dest      string
	}{
		{"first one less", two, map[string]string{"trap-2": two + " 500"}, two},
		{"first one replaced", three + "," + two, map[string]string{"trap-1": three + " 500", "trap-2": two + " 500"}, three + "," + two},
		{"first one behind", two + "," + one, map[string]string{"trap-1": one + " 250", "trap-2": two + " 500"}, two + "," + one},
		{"one before", three + "," + one + "," + two, map[string]string{"trap-1": one + " 250", "trap-2": two + " 500", "trap-3": three + " 500"}, three + "," + one + "," + two},
		{"none", "", map[string]string{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			f := open(t, dir)
			f.MustSet(`Snmp.TrapDest="` + one + "," + two + `"`)
			f.MustSet(trapCell("trap-1", "Timeout")+"=250", trapCell("trap-1", "TagList")+`="mine"`)
			f.MustSet(`Snmp.TrapDest="` + tt.set + `"`)
			for range 2 { // and after a restart
				keys := f.rows("Target.SnmpTargetAddr")
				if len(keys) != len(tt.want) {
					t.Errorf("targets %v", keys)
				}
				for _, k := range keys {
					name := k[0].Str
					tags := map[bool]string{true: "mine", false: "trap"}[strings.HasPrefix(tt.want[name], one)]
					if got := f.place(name) + " " + f.Get(trapCell(name, "Timeout")); got != tt.want[name] || f.Get(trapCell(name, "TagList")) != tags {
						t.Errorf("%s is %s with tags %q, want %s with %s", name, got, f.Get(trapCell(name, "TagList")), tt.want[name], tags)
					}
				}
				if got := f.Get("Snmp.TrapDest"); got != tt.dest {
					t.Errorf("TrapDest is %q, want %q", got, tt.dest)
				}
				f = f.reopen(dir)
			}
		})
	}
}

// place is where a target of IPv4 is.
func (f *fixture) place(name string) string {
	f.t.Helper()
	for _, x := range f.admin.Targets(f.Store.Current()) {
		if x.Name == name {
			return x.Dest.String()
		}
	}
	// One without the tag is told nothing: it is the first.
	return "192.0.2.1:9001"
}

// TestSuspendedTargetStays: one that is out of service is not in TrapDest, and
// setting that neither overwrites nor wakes it, but for its own destination.
func TestSuspendedTargetStays(t *testing.T) {
	f := start(t)
	f.MustSet(`Snmp.TrapDest="192.0.2.1,192.0.2.2"`)
	f.MustSet(trapCell("trap-1", "RowStatus")+`="NotInService"`, trapCell("trap-1", "Timeout")+"=250")
	for _, dest := range []string{"192.0.2.3:162,192.0.2.2:162", "", "192.0.2.4:162"} {
		f.MustSet(`Snmp.TrapDest="` + dest + `"`)
		if got := f.Get(trapCell("trap-1", "RowStatus")) + f.Get(trapCell("trap-1", "Timeout")) + f.Get("Snmp.TrapDest"); got != "NotInService250"+dest {
			t.Errorf("the suspended target, and TrapDest: %s", got)
		}
	}
	err := f.Set(`Snmp.TrapDest="192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6,192.0.2.7"`)
	if !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "out of service") {
		t.Errorf("more than there are names: %v", err)
	}
	f.MustSet(`Snmp.TrapDest="192.0.2.1"`)
	if got := f.Get(trapCell("trap-1", "RowStatus")) + f.Get(trapCell("trap-1", "Timeout")); got != "Active250" {
		t.Errorf("its own destination has made it %s", got)
	}
}

// TestFacesResumeNotify: setting TrapKind or TrapDest puts the notify row into
// service, which tells nobody anything otherwise.
func TestFacesResumeNotify(t *testing.T) {
	const status = `Notification.SnmpNotify[Name="trap"].RowStatus`
	for _, set := range []string{`Snmp.TrapKind="Inform"`, `Snmp.TrapDest="192.0.2.2"`} {
		dir := t.TempDir()
		f := open(t, dir)
		f.MustSet(`Snmp.TrapDest="192.0.2.1"`)
		f.MustSet(status+`="NotInService"`, `Snmp.InformRetries=7`)
		if f = f.reopen(dir); f.Get(status) != "NotInService" {
			t.Error("a restart has put it into service")
		}
		f.MustSet(set)
		if got := f.Get(status); got != "Active" {
			t.Errorf("%s: %s", set, got)
		}
		f.MustSet(status+`="NotInService"`, `Snmp.TrapKind="Trap"`, `Snmp.TrapDest="192.0.2.3"`)
		if got := f.Get(status); got != "NotInService" {
			t.Errorf("taken out of service with %s: %s", set, got)
		}
	}
}

// TestParametersColumnByColumn: a row that is not active may be at odds with
// itself (RFC 3413, snmpTargetParamsRowStatus).
func TestParametersColumnByColumn(t *testing.T) {
	f := start(t)
	key := mib.Key{mib.String("p")}
	set := func(column string, v mib.Value) error {
		return f.as(manager("admin"), assignment{"snmpTargetParams" + column, key, v})
	}
	mustHave(t, set("RowStatus", mib.Int(int32(mib.RowCreateAndWait))))
	mustHave(t, set("MPModel", mib.Int(1)))
	mustHave(t, set("SecurityName", mib.String("noc")))
	if err := set("RowStatus", mib.Int(int32(mib.RowActive))); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("active with another security model: %v", err)
	}
	mustHave(t, set("SecurityModel", mib.Int(2)))
	mustHave(t, set("SecurityLevel", mib.Int(1)))
	mustHave(t, set("RowStatus", mib.Int(int32(mib.RowActive))))
	mustHave(t, set("RowStatus", mib.Int(int32(mib.RowNotInService))))
	mustHave(t, set("MPModel", mib.Int(3)))
	mustHave(t, set("SecurityModel", mib.Int(3)))
	if err := f.Set(`Target.SnmpTargetParams[Name="q"].SecurityModel=2`, `Target.SnmpTargetParams[Name="q"].SecurityName="noc"`); !errors.Is(err, mib.ErrInconsistent) {
		t.Errorf("an active row: %v", err)
	}
}
