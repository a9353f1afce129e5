package admin_test

import (
	"errors"
	"strings"
	"testing"

	"mibgate/mib"
)

// TestVolatileFaces: what is kept as a face cannot be volatile, or it would be
// there again after a restart (RFC 2579, StorageType).
func TestVolatileFaces(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	f.MustSet(`Aaa.Users[UserName="dave"].Password="dave's password"`, `Aaa.Users[UserName="dave"].AccessRights="User"`, `Snmp.EnableSnmpV2="Enable"`,
		`Snmp.Community="c0mmunity"`, `Snmp.SnmpUser="dave"`, `Snmp.TrapDest="192.0.2.1"`)
	params := `Target.SnmpTargetParams[Name="trap"].`
	for name, lines := range map[string][]string{
		"a group":                    {groupCell(3, "dave", "StorageType") + `="Volatile"`, group(3, "dave") + `="admin"`},
		"a group of its own":         {groupCell(3, "dave", "StorageType") + `="Volatile"`, group(3, "dave") + `="mine"`},
		"a group for the community":  {groupCell(2, "dave", "StorageType") + `="Volatile"`, group(2, "dave") + `="admin"`},
		"a user":                     {cell("dave", "StorageType") + `="Volatile"`},
		"the community":              {communityRow + `StorageType="Volatile"`},
		"a target":                   {`Target.SnmpTargetAddr[Name="trap-1"].StorageType="Volatile"`},
		"the parameters":             {params + `StorageType="Volatile"`, params + `MPModel=1`, params + `SecurityModel=2`, params + `SecurityName="noc"`, params + `SecurityLevel="NoAuthNoPriv"`},
		"the kind of a notification": {`Notification.SnmpNotify[Name="trap"].StorageType="Volatile"`, `Notification.SnmpNotify[Name="trap"].Type="Inform"`},
	} {
		before := f.everything()
		if err := f.Set(lines...); !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "StorageType") {
			t.Errorf("%s: %v", name, err)
		}
		if f.everything() != before {
			t.Errorf("%s has changed something", name)
		}
	}
	// A group to come, and other parameters, are nobody's face.
	f.MustSet(groupCell(3, "nobody", "StorageType")+`="Volatile"`, group(3, "nobody")+`="admin"`)
	f.MustSet(`Target.SnmpTargetParams[Name="mine"].StorageType="Volatile"`, `Target.SnmpTargetParams[Name="mine"].SecurityName="admin"`)
	f = f.reopen(dir)
	if slicesHave(f.rows("Vacm.VacmSecurityToGroup"), "nobody", 3) {
		t.Error("a volatile group is there after a restart")
	}
}

func groupCell(model int, name, column string) string {
	return strings.TrimSuffix(group(model, name), "VacmGroupName") + column
}

// TestKeptAsFace: a row that is kept as its face cannot be made nonVolatile, which
// it would not be; with something of its own, it is.
func TestKeptAsFace(t *testing.T) {
	f := start(t)
	f.MustSet(`Aaa.Users[UserName="bob"].Password="bob's password"`, `Snmp.Community="c0mmunity"`, `Snmp.TrapDest="192.0.2.1"`)
	for _, row := range []string{
		cell("bob", ""), groupCell(3, "bob", ""), communityRow, `Target.SnmpTargetAddr[Name="trap-1"].`, `Target.SnmpTargetParams[Name="trap"].`, `Notification.SnmpNotify[Name="trap"].`,
	} {
		if err := f.Set(row + `StorageType="NonVolatile"`); !errors.Is(err, mib.ErrInconsistent) || !strings.Contains(err.Error(), "StorageType") {
			t.Errorf("%s: %v", row, err)
		}
		f.MustSet(row + `StorageType="Other"`)
	}
	f.MustSet(cell("bob", "StorageType")+`="NonVolatile"`, cell("bob", "Public")+`="x"`)
	if got := f.Get(cell("bob", "StorageType")); got != "NonVolatile" {
		t.Errorf("a user with a note is %s", got)
	}
	// A new row may say so: managers that set every column do.
	f.MustSet(`Aaa.Users[UserName="eve"].Password="eve's password"`, `Aaa.Users[UserName="eve"].AccessRights="None"`)
	f.MustSet(groupCell(3, "eve", "StorageType")+`="NonVolatile"`, group(3, "eve")+`="user"`)
}
