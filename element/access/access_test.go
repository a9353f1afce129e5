package access

import (
	"strings"
	"testing"

	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/scm"
)

// onlyAdminsSee tells what hides the keys to the unit from others.
func onlyAdminsSee(o *mib.Object) bool {
	switch o.Module.Service {
	case "Aaa", "Vacm", "Community":
		return true
	case "Usm":
		return !strings.HasPrefix(o.Param, "UsmStats") && o.Param != "UsmUserSpinLock"
	}
	return o.Path() == "Snmp.Community" || o.Path() == "Snmp.LogCreator.SecurityName"
}

// TestWhatEachRoleMayDo goes through every object that is shown.
func TestWhatEachRoleMayDo(t *testing.T) {
	keys := map[string]bool{
		"Aaa": true, "Snmp": true, "Cert": true, "Usm": true, "Vacm": true, "Target": true, "Notification": true, "NotificationLog": true, "Community": true,
	}
	for _, o := range model.Registry.Objects() {
		if !o.Module.Shown() {
			continue
		}
		s := o.Module.Service
		if ownKey(o) || OwnRow(o) || o.Name == userLock {
			continue // see TestOwnKeys
		}
		for role, want := range map[Role]struct{ read, write bool }{
			None:     {false, false},
			Observer: {o.Access.Readable() && !onlyAdminsSee(o), false},
			User:     {o.Access.Readable() && !onlyAdminsSee(o), !keys[s] && o.Path() != "Hoc.ManagementInterface"},
			Admin:    {o.Access.Readable(), true},
		} {
			if got := CanRead(role, o); got != want.read {
				t.Errorf("%v reads %s: %v", role, o.Path(), got)
			}
			if got := CanWrite(role, o); got != want.write {
				t.Errorf("%v changes %s: %v", role, o.Path(), got)
			}
		}
	}
}

// TestOwnKeys: everybody changes his own keys; whether they are his is for the
// service to tell.
func TestOwnKeys(t *testing.T) {
	for _, name := range []string{"Usm.UsmUser.OwnAuthKeyChange", "Usm.UsmUser.OwnPrivKeyChange"} {
		o := model.Registry.Object(name)
		if CanWrite(None, o) || !CanWrite(Observer, o) || !CanWrite(User, o) || !CanWrite(Admin, o) || CanRead(User, o) {
			t.Errorf("%s is not as it should be", name)
		}
	}
	lock := model.Registry.Object("Usm.UsmUserSpinLock")
	if CanWrite(None, lock) || !CanWrite(Observer, lock) || !CanRead(Observer, lock) {
		t.Error("the lock is not for everybody")
	}
}

// TestOwnRow: a user writes the note of a change of his own keys, over SNMPv3.
func TestOwnRow(t *testing.T) {
	public := model.Registry.Object("Usm.UsmUser.Public")
	key := mib.Key{mib.String("engine"), mib.String("bob")}
	for who, want := range map[Principal]bool{
		{Name: "bob", Role: Observer, Via: ViaUSM}:      true,
		{Name: "bob", Role: None, Via: ViaUSM}:          false,
		{Name: "bob", Role: User, Via: "community"}:     false,
		{Name: "bob", Role: User, Via: "cli"}:           false,
		{Name: "carol", Role: User, Via: ViaUSM}:        false,
		{Name: "carol", Role: Admin, Via: "cli"}:        true,
		{Name: "engine", Role: Observer, Via: ViaUSM}:   false,
		{Name: "mibgate", Role: Admin, Via: "internal"}: true,
	} {
		if got := CanWriteRow(who, public, key); got != want {
			t.Errorf("%+v: %v", who, got)
		}
	}
	if CanRead(User, public) || !CanRead(Admin, public) {
		t.Error("without a row, the note is for admins to read")
	}
}

// TestRowsOfTheServiceController: who may not change a service cannot take it
// from those who may.
func TestRowsOfTheServiceController(t *testing.T) {
	objects := []*mib.Object{
		scm.Objects.ServiceCommandsStart, scm.Objects.ServiceCommandsStop, scm.Objects.ServiceCommandsRestart, scm.Objects.ServicesConfigStartupType,
	}
	for _, tt := range []struct {
		service string
		role    Role
		want    bool
	}{
		{"Snmp", Admin, true}, {"Snmp", User, false}, {"Snmp", Observer, false},
		{"Aaa", User, false}, {"Cert", User, false},
		{"SipEp", User, true}, {"SipEp", Observer, false}, {"SipEp", None, false},
		{"Nlm", User, true}, {"nothing", User, true},
	} {
		for _, o := range objects {
			if got := CanWriteRow(Principal{Role: tt.role}, o, scm.ServiceCommandsKey(tt.service)); got != tt.want {
				t.Errorf("%v, %s of %s: %v", tt.role, o.Path(), tt.service, got)
			}
		}
	}
	if !CanWriteRow(Principal{Role: User}, scm.Objects.MinSeverity, nil) || CanWriteRow(Principal{Role: User}, model.Registry.Object("Aaa.Users.Password"), mib.Key{mib.String("SipEp")}) {
		t.Error("other objects are not as CanWrite has them")
	}
}

// TestCommunitiesAreNotRepeated: no error repeats one, whatever row it is of.
func TestCommunitiesAreNotRepeated(t *testing.T) {
	for path, want := range map[string]bool{
		"Snmp.Community": false,
		`Community.SnmpCommunity[Index="x"].Name`:              false,
		`Community.SnmpCommunity[Index="].Index"].Name`:        false,
		`Community.SnmpCommunity[Index="x"].SecurityName`:      true,
		`Community.SnmpCommunity[Index="].Name"].SecurityName`: true,
		"Hoc.SystemName": true,
		"][":             true,
	} {
		err := &mib.Error{Path: path, Value: "public", HasValue: true}
		if Redact(err); err.HasValue != want || (err.Value != "") != want {
			t.Errorf("%s: value %q", path, err.Value)
		}
	}
	if o := model.Registry.Object("Community.SnmpCommunity.Name"); !Confidential(o) {
		t.Error("a community may be repeated")
	}
}
