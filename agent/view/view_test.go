package view_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"mibgate/agent/view"
	"mibgate/element"
	"mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/element/scm"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	aaamib "mibgate/mib/aaa"
	"mibgate/mib/model"
	scmmib "mibgate/mib/scm"
	"mibgate/testdata/testelement"
)

// unit is an element with two services; the others are not there.
func unit(t *testing.T) *testelement.Element {
	t.Helper()
	var control *scm.Service
	e := testelement.New(t, element.Options{Supervisor: service.Options{Startup: scm.Startup, OnState: func(i service.Info) { control.OnState(i) }}})
	control = scm.New(e.Bus)
	control.Attach(e.Services)
	e.Store.Factory(func(c *store.Candidate) { aaa.Factory(c, "secret of admin") })
	e.Start(control, aaa.New())
	return e
}

func as(e *testelement.Element, role access.Role) *view.View {
	return view.New(e.Element, access.Principal{Name: "test", Role: role})
}

func TestGet(t *testing.T) {
	e := unit(t)
	for _, tt := range []struct {
		name string
		role access.Role
		want string // value, or the kind of error
	}{
		{"Scm.MinSeverity", access.Observer, "Warning"},
		{"Scm.MinSeverity", access.None, string(mib.ErrNoAccess)},
		{"Scm.RestartRequiredServices", access.Observer, "NoOp"},
		{`Scm.ServicesInfo[Name="Aaa"].ExecState`, access.Observer, "Started"},
		{`Scm.ServicesInfo[Name="None"].ExecState`, access.Observer, string(mib.ErrNoRow)},
		{`Aaa.Users[UserName="admin"].AccessRights`, access.User, string(mib.ErrNoAccess)},
		{`Aaa.Users[UserName="admin"].AccessRights`, access.Admin, "Admin"},
		{`Aaa.Users[UserName="admin"].RowStatus`, access.Admin, "Active"},
		{`Aaa.Users[UserName="admin"].Password`, access.Admin, ""},
		{`Aaa.Users[UserName="nobody"].Password`, access.Admin, string(mib.ErrNoRow)},
		{"Snmp.Community", access.User, string(mib.ErrNoAccess)},
		{`Target.SnmpTargetAddr[Name="x"].TAddress`, access.Observer, string(mib.ErrNoRow)},
		{`Usm.UsmUser[EngineID="\x80\x00~\xd9\x01", Name="x"].Public`, access.User, string(mib.ErrNoAccess)},
		{"Usm.UsmStatsWrongDigests", access.Admin, string(mib.ErrUnavailable)},
		{"Dcm.SoftwareVersion", access.Admin, string(mib.ErrUnavailable)},
		{`SipEp.GatewayStatus[Name="x"].State`, access.Admin, string(mib.ErrUnavailable)},
	} {
		t.Run(tt.name+" as "+tt.role.String(), func(t *testing.T) {
			scope, err := view.ParseScope(model.Registry, tt.name)
			if err != nil {
				t.Fatal(err)
			}
			o, key, err := scope.Instance()
			if err != nil {
				t.Fatal(err)
			}
			v, err := as(e, tt.role).Get(o, key)
			var me *mib.Error
			switch {
			case errors.As(err, &me):
				if string(me.Kind) != tt.want || me.Path != tt.name {
					t.Errorf("error is %+v, want %s", me, tt.want)
				}
			case err != nil:
				t.Errorf("error %v is no *mib.Error", err)
			default:
				if got := o.Syntax.Format(v); got != tt.want {
					t.Errorf("value is %q, want %q", got, tt.want)
				}
			}
		})
	}
	fp := aaamib.Objects.UsersPasswordFingerprint
	v, err := as(e, access.Admin).Get(fp, aaamib.UsersKey("admin"))
	if err != nil || len(v.Str) != 16 {
		t.Errorf("fingerprint is %q (%v)", v.Str, err)
	}
}

func walk(v *view.View, s view.Scope) []view.Cell { return slices.Collect(v.Walk(s)) }

// TestWalkEqualsGet: every cell of a walk is what Get answers, once, and
// services come in order.
func TestWalkEqualsGet(t *testing.T) {
	e := unit(t)
	for _, role := range []access.Role{access.None, access.Observer, access.User, access.Admin} {
		v := as(e, role)
		seen := map[string]bool{}
		var last mib.OID
		for _, c := range walk(v, view.Scope{}) {
			if seen[c.Name()] {
				t.Errorf("%v: %s comes twice", role, c.Name())
			}
			seen[c.Name()] = true
			got, err := v.Get(c.Object, c.Key)
			if err != nil || !got.Equal(c.Value) {
				t.Errorf("%v: %s: walk %v, get %v (%v)", role, c.Name(), c.Value, got, err)
			}
			at := c.Object.OID
			if t := c.Object.Table; t != nil {
				at = t.OID
			}
			if at.Compare(last) < 0 {
				t.Errorf("%v: %s is out of order", role, c.Name())
			}
			last = at
		}
		if (role == access.None) != (len(seen) == 0) {
			t.Errorf("%v sees %d cells", role, len(seen))
		}
		if seen[`Aaa.Users[UserName="admin"].AccessRights`] != (role == access.Admin) {
			t.Errorf("%v: accounts are seen: %v", role, role != access.Admin)
		}
	}
}

func TestScopes(t *testing.T) {
	e := unit(t)
	e.MustSet(`Aaa.Users[UserName="b"].AccessRights=User`, `Aaa.Users[UserName="aa"].AccessRights=User`)
	v := as(e, access.Admin)
	for _, tt := range []struct {
		scope string
		want  []string // all the cells, or the first ones when it ends with "…"
	}{
		{"Aaa.Users.AccessRights", []string{`Aaa.Users[UserName="b"].AccessRights`, `Aaa.Users[UserName="aa"].AccessRights`, `Aaa.Users[UserName="admin"].AccessRights`}},
		{`aaa.users[username="b"].accessrights`, []string{`Aaa.Users[UserName="b"].AccessRights`}},
		{"Aaa.MinSeverity", []string{"Aaa.MinSeverity"}},
		{".1.3.6.1.4.1.32473.100.200.100.1000.1.60010.100.0", []string{"Aaa.MinSeverity"}},
		{"1.3.6.1.4.1.32473.100.200.100.1000.1.60010.100", []string{"Aaa.MinSeverity"}},
		{"1.3.6.1.4.1.32473.100.200.100.1000.1.100.1.250.1.98", []string{`Aaa.Users[UserName="b"].AccessRights`}},
		{`Aaa.Users[UserName="zz"]`, nil},
		{"SipEp.GatewayStatus", nil},
	} {
		t.Run(tt.scope, func(t *testing.T) {
			scope, err := view.ParseScope(model.Registry, tt.scope)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range walk(v, scope) {
				got = append(got, c.Name())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("walk is %q, want %q", got, tt.want)
			}
		})
	}
	whole := walk(v, view.Scope{Module: aaamib.Module})
	rows := walk(v, view.Scope{Module: aaamib.Module, Table: aaamib.Tables.Users})
	if len(rows) == 0 || len(whole) != len(rows)+2 {
		t.Errorf("the service has %d cells, its table %d", len(whole), len(rows))
	}
	for descriptor, path := range map[string]string{
		"usersTable": "Aaa.Users", "USERSPASSWORD": "Aaa.Users.Password", "snmpTargetAddrTable": "Target.SnmpTargetAddr", "engineId": "Snmp.EngineId",
	} {
		got, err := view.ParseScope(model.Registry, descriptor)
		if want, _ := view.ParseScope(model.Registry, path); err != nil || got.Module != want.Module || got.Table != want.Table || got.Object != want.Object {
			t.Errorf("%s is %+v, %v; want what %s is", descriptor, got, err, path)
		}
	}
	count := 0
	for range v.Walk(view.Scope{}) {
		if count++; count == 3 {
			break // a walk can be left
		}
	}
}

// TestStandardScopes: what is not shown by itself is when it is named.
func TestStandardScopes(t *testing.T) {
	for name, want := range map[string]string{
		"IF-MIB": "IF-MIB", "SNMP-TARGET-MIB": "Target", "ifTable": "IF-MIB.If", "1.3.6.1.2.1.2.2": "IF-MIB.If", "1.3.6.1.2.1.2.2.1": "IF-MIB.If",
		"ifOperStatus": "IF-MIB.If.OperStatus", "IF-MIB.If.OperStatus": "IF-MIB.If.OperStatus", "1.3.6.1.2.1.2.2.1.8": "IF-MIB.If.OperStatus",
		"ifOperStatus.2": "IF-MIB.If[Index=2].OperStatus", "ifTable[Index=2].OperStatus": "IF-MIB.If[Index=2].OperStatus",
		"sysName": "SNMPv2-MIB.SysName", "sysName.0": "SNMPv2-MIB.SysName", ".1.3.6.1.2.1.1.5.0": "SNMPv2-MIB.SysName",
		"1.3.6.1.2.1.1": "below 1.3.6.1.2.1.1", "1.3": "below 1.3",
	} {
		s, err := view.ParseScope(model.Registry, name)
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case s.Below != nil:
			got = "below " + s.Below.String()
		case s.Object != nil && (s.Key != nil || s.Table == nil):
			got = s.Object.Instance(s.Key)
		case s.Object != nil:
			got = s.Object.Path()
		case s.Table != nil:
			got = s.Module.Service + "." + s.Table.Param
		default:
			got = s.Module.Service
		}
		if got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	below := view.Scope{Below: mib.MustOID("1.3.6.1.2.1.1")}
	for _, tt := range []struct {
		path     string
		in, here bool // by the scope, and in what has no name
	}{{"SNMPv2-MIB.SysName", true, false}, {"SNMPv2-MIB.SysOR.Descr", true, false}, {"IF-MIB.IfNumber", false, false}, {"Scm.MinSeverity", false, true}} {
		o := model.Registry.Object(tt.path)
		if below.HasObject(o) != tt.in || (view.Scope{}).HasObject(o) != tt.here {
			t.Errorf("%s: below %s %t, shown by itself %t", tt.path, below.Below, below.HasObject(o), (view.Scope{}).HasObject(o))
		}
	}
	if _, _, err := below.Instance(); err == nil || !strings.Contains(err.Error(), "1.3.6.1.2.1.1 has variables below it") {
		t.Errorf("a subtree is taken for one instance: %v", err)
	}
}

func TestBadScopes(t *testing.T) {
	for name, words := range map[string]string{
		"Nothing":                         "Aaa",
		"minSeverity":                     "name one of Scm.MinSeverity, Hoc.MinSeverity, ", // each service has one
		"ifTabel":                         `did you mean "ifTable"?`,
		"SipEq":                           `did you mean "SipEp"?`,
		"ifOperStatus.x":                  `there is no service "ifOperStatus"`,
		"sysName.1":                       "OID",
		"Scm.Nothing":                     "Scm.Nothing",
		"Aaa.Users.Nothing":               "Aaa.Users.Nothing",
		`Aaa.Users[UserName="x"`:          "]",
		`Aaa.Users[Name="x"].Password`:    "UserName",
		"Scm.MinSeverity.0":               ".0",
		"1.3.6.1.2.1.1.3.1":               "1.3.6.1.2.1.1.3.1",
		"1.3.6.1.2.1.9999":                "OID",
		"1.3.6.1.4.1.32473.100.200.100.9": "OID",
		"1.3.6.1.4.1.32473.100.200.100.1000.1.60010.100.1":    "OID",
		"1.3.6.1.4.1.32473.100.200.100.1000.1.100.1.250.2.98": "OID",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := view.ParseScope(model.Registry, name); err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("error is %v, want one with %q", err, words)
			}
		})
	}
	for _, name := range []string{"", "Scm", "Aaa.Users", "Aaa.Users.Password", `Aaa.Users[UserName="x"]`} {
		scope, err := view.ParseScope(model.Registry, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := scope.Instance(); err == nil {
			t.Errorf("%q is taken for one instance", name)
		}
	}
}

// TestOneSnapshot: what is read through one View belongs together.
func TestOneSnapshot(t *testing.T) {
	e := unit(t)
	v := as(e, access.Admin)
	e.MustSet("Scm.MinSeverity=Info")
	if got, err := v.Get(scmmib.Objects.MinSeverity, nil); err != nil || scmmib.Objects.MinSeverity.Syntax.Format(got) != "Warning" {
		t.Errorf("an old view reads %v (%v)", got, err)
	}
}

func TestRequireRow(t *testing.T) {
	e := unit(t)
	v := as(e, access.Admin)
	for key, want := range map[string]bool{"admin": true, "nobody": false} {
		err := v.RequireRow(view.Scope{Table: aaamib.Tables.Users, Key: aaamib.UsersKey(key)})
		if (err == nil) != want || err != nil && !errors.Is(err, mib.ErrNoRow) {
			t.Errorf("%s: %v", key, err)
		}
	}
}
