package admin_test

import (
	"context"
	"testing"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/usm"
	"mibgate/agent/snmp/vacm"
	"mibgate/element"
	"mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/model"
	snmpmib "mibgate/mib/snmp"
	"mibgate/testdata/testelement"
)

// engineID is ours in these tests.
var engineID = []byte("\x80\x00\x7e\xd9\x05unit")

// service is as much of the Snmp service as the tables need.
type service struct {
	store.NoChange
	*admin.Admin
}

func (s service) Normalize(c *store.Candidate)               { s.Admin.Normalize(c) }
func (s service) Validate(c mib.Configs) error               { return s.Admin.Validate(c) }
func (service) Module() *mib.Module                          { return snmpmib.Module }
func (service) Start(context.Context, *store.Snapshot) error { return nil }
func (service) Stop(context.Context) error                   { return nil }
func (service) NeedRestart(_, _ *store.Snapshot) bool        { return false }
func (service) Status() any                                  { return nil }
func (service) Commands() any                                { return nil }

// whole lets every role see everything.
func whole(role access.Role, write bool) []vacm.Family {
	if write && role < access.User {
		return nil
	}
	return []vacm.Family{{Subtree: mib.OID{1, 3}, Included: true}}
}

type fixture struct {
	*testelement.Element
	t     *testing.T
	admin *admin.Admin
}

// start is an element with an admin "admin", and the tables.
func start(t *testing.T) *fixture {
	t.Helper()
	return open(t, t.TempDir())
}

func open(t *testing.T, dir string) *fixture {
	t.Helper()
	f := &fixture{Element: testelement.Open(t, dir, element.Options{}), t: t}
	f.admin = admin.New(admin.Options{EngineID: engineID, Serve: func(o mib.OID) mib.OID { return o }, Families: whole})
	f.Store.Factory(func(c *store.Candidate) { aaa.Factory(c, "first password") })
	f.Start(aaa.New(), service{Admin: f.admin})
	return f
}

// reopen closes the element and starts another one on its folder.
func (f *fixture) reopen(dir string) *fixture {
	f.t.Helper()
	f.Close()
	return open(f.t, dir)
}

// user finds a ready user.
func (f *fixture) user(name string) *usm.User {
	f.t.Helper()
	users, err := f.admin.Users(f.Store.Current())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, u := range users {
		if u.Name() == name {
			return u
		}
	}
	return nil
}

// as makes assignments to objects by descriptor, on behalf of a user.
func (f *fixture) as(who access.Principal, sets ...assignment) error {
	f.t.Helper()
	tx, err := f.Store.Begin(context.Background(), who)
	if err != nil {
		f.t.Fatal(err)
	}
	defer tx.Abort()
	for i, s := range sets {
		tx.At(i)
		objects := model.Registry.Descriptor(s.object)
		if len(objects) != 1 {
			f.t.Fatalf("%d objects %s", len(objects), s.object)
		}
		if err := tx.Set(objects[0], s.key, s.value); err != nil {
			return err
		}
	}
	return tx.Commit()
}

type assignment struct {
	object string
	key    mib.Key
	value  mib.Value
}

func manager(name string) access.Principal {
	return access.Principal{Name: name, Role: access.Admin, Via: access.ViaUSM}
}

func userKey(name string) mib.Key { return mib.Key{mib.String(string(engineID)), mib.String(name)} }

func mustHave(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
