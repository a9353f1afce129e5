package mib_test

import (
	"strings"
	"testing"

	"mibgate/mib"
)

func TestRegistry(t *testing.T) {
	f := newFixture()
	standard := mib.LinkModule(&mib.Module{Name: "STD-MIB", Service: "STD-MIB", Standard: true, Objects: []*mib.Object{
		{Name: "host", Param: "Host", OID: mib.OID{0, 9}, Syntax: textSyntax},
	}})
	r := mib.NewRegistry(f.module, standard)

	if len(r.Modules()) != 2 || f.module.Ordinal != 0 || standard.Ordinal != 1 {
		t.Error("ordinals")
	}
	objects := r.Objects()
	for i := range objects[1:] {
		if objects[i].OID.Compare(objects[i+1].OID) >= 0 {
			t.Errorf("%s is not before %s", objects[i].Name, objects[i+1].Name)
		}
	}
	if len(objects) != 11 || objects[0] != standard.Objects[0] {
		t.Errorf("%d objects", len(objects))
	}
	for _, lower := range []bool{false, true} {
		spell := func(s string) string {
			if lower {
				return strings.ToLower(s)
			}
			return s
		}
		if r.Service(spell("Fix")) != f.module || r.Table(spell("Fix.Trunk")) != f.trunks ||
			r.Object(spell("Fix.Host")) != f.host || r.Object(spell("Fix.Trunk.Port")) != f.port {
			t.Errorf("names, lower case: %t", lower)
		}
		if got := r.Descriptor(spell("trunkPort")); len(got) != 1 || got[0] != f.port {
			t.Errorf("descriptor: %v", got)
		}
	}
	if got := r.Descriptor("host"); len(got) != 2 {
		t.Errorf("descriptor of two modules: %v", got)
	}
	if r.Service("STD-MIB") != nil {
		t.Error("a standard module is a service")
	}
	if r.Service("x") != nil || r.Table("Fix.x") != nil || r.Object("Fix.Trunk") != nil || r.Descriptor("x") != nil {
		t.Error("something is found that is not there")
	}
}

func TestByOID(t *testing.T) {
	f := newFixture()
	r := mib.NewRegistry(f.module)
	for _, tt := range []struct {
		oid      mib.OID
		want     *mib.Object
		instance string
	}{
		{mib.OID{1, 1, 0}, f.host, "0"},
		{mib.OID{1, 1}, f.host, ""},
		{mib.OID{1, 4, 1, 2, 1, 97}, f.port, "1.97"},
		{mib.OID{1, 5, 1, 1, 7}, f.index, "7"},
		{mib.OID{1, 4, 1}, nil, ""},
		{mib.OID{1, 4, 1, 7, 1}, nil, ""},
		{mib.OID{0}, nil, ""},
		{mib.OID{2}, nil, ""},
		{nil, nil, ""},
	} {
		if got, instance := r.ByOID(tt.oid); got != tt.want || instance.String() != tt.instance {
			t.Errorf("%v: %v %v, want %v %s", tt.oid, got, instance, tt.want, tt.instance)
		}
	}
}

func TestGet(t *testing.T) {
	f := newFixture()
	c := &config{Host: "h"}
	row := newTrunk(nameKey("a"))
	row.Secret = "s3"
	row.SetState(mib.RowNotInService)
	b := mib.Binding{Config: c, Status: newFakeStatus()}
	fp := func(secret string) string { return "<" + secret + ">" }
	for _, tt := range []struct {
		object *mib.Object
		row    any
		want   mib.Value
	}{
		{f.host, nil, mib.String("h")},
		{f.uptime, nil, mib.Uint(42)},
		{f.restart, nil, mib.Int(0)},
		{f.name, row, mib.String("a")},
		{f.port, row, mib.Uint(5060)},
		{f.secret, row, mib.String("")},
		{f.fingerprint, row, mib.String("<s3>")},
		{f.rowStatus, row, mib.Int(2)},
		{f.up, row, mib.Int(0)},
		{f.index, linkRow(3), mib.Uint(3)},
		{&mib.Object{Source: mib.SourceNone}, nil, mib.Value{}},
	} {
		if got := tt.object.Get(b, tt.row, fp); !got.Equal(tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.object.Name, got, tt.want)
		}
	}
	if got := f.fingerprint.Get(b, row, nil); got.Str != "" {
		t.Errorf("fingerprint without a key: %q", got.Str)
	}
}

func TestAccess(t *testing.T) {
	for a, want := range map[mib.Access][2]bool{
		mib.NotAccessible:       {false, false},
		mib.AccessibleForNotify: {false, false},
		mib.ReadOnly:            {true, false},
		mib.ReadWrite:           {true, true},
		mib.ReadCreate:          {true, true},
	} {
		if got := [2]bool{a.Readable(), a.Writable()}; got != want {
			t.Errorf("%d: %v, want %v", a, got, want)
		}
	}
}
