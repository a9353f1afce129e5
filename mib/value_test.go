package mib_test

import (
	"slices"
	"testing"

	"mibgate/mib"
)

func TestKindNames(t *testing.T) {
	for k, want := range map[mib.Kind]string{
		mib.KindNone: "none", mib.OctetString: "OCTET STRING", mib.Opaque: "Opaque", mib.Kind(99): "kind 99",
	} {
		if got := k.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestEqual(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b mib.Value
		want bool
	}{
		{"one tag", mib.Uint(5), mib.Numeric(mib.Gauge32, 5), true},
		{"two tags", mib.Uint(5), mib.Int(5), false},
		{"numbers", mib.Uint(5), mib.Uint(6), false},
		{"strings", mib.String("a"), mib.String("b"), false},
		{"OIDs", mib.Ident(mib.OID{1, 2}), mib.Ident(mib.OID{1, 2}), true},
		{"longer OID", mib.Ident(mib.OID{1, 2}), mib.Ident(mib.OID{1, 2, 0}), false},
	} {
		if got := tt.a.Equal(tt.b); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

func TestSwitches(t *testing.T) {
	got := []mib.Value{mib.EnableValue(true), mib.EnableValue(false), mib.TruthValue(true), mib.TruthValue(false)}
	want := []int64{1, 0, 1, 2}
	for i, v := range got {
		if v.Kind != mib.Integer32 || v.Num != want[i] {
			t.Errorf("%d: %+v, want %d", i, v, want[i])
		}
	}
}

func TestParseOID(t *testing.T) {
	for _, good := range []string{"1", "1.3.6.1", "0.0", "1.4294967295"} {
		for _, text := range []string{good, "." + good} {
			if o, err := mib.ParseOID(text); err != nil || o.String() != good {
				t.Errorf("%q: %v, %v", text, o, err)
			}
		}
	}
	long := make(mib.OID, mib.MaxOIDLen)
	if o, err := mib.ParseOID(long.String()); err != nil || !slices.Equal(o, long) {
		t.Errorf("128 sub-identifiers: %v", err)
	}
	for _, bad := range []string{"", ".", "1..2", "1.", "x", "-1", "4294967296", "1.+2", long.String() + ".0"} {
		if o, err := mib.ParseOID(bad); err == nil {
			t.Errorf("%q: %v", bad, o)
		}
	}
}

func TestOID(t *testing.T) {
	o := mib.MustOID("1.3.6")
	grown := o.Append(1, 4)
	o.Append(9, 9)
	if grown.String() != "1.3.6.1.4" || o.String() != "1.3.6" {
		t.Errorf("Append: %v %v", o, grown)
	}
	if !grown.HasPrefix(o) || !o.HasPrefix(o) || o.HasPrefix(grown) || !o.HasPrefix(nil) || grown.HasPrefix(mib.OID{1, 2}) {
		t.Error("HasPrefix")
	}
	if o.Compare(grown) != -1 || grown.Compare(o) != 1 || mib.MustOID("1.10").Compare(mib.MustOID("1.9")) != 1 {
		t.Error("Compare")
	}
	if mib.CompareOID(mib.OID{9}, mib.OID{1, 1}) != -1 || mib.CompareOID(mib.OID{9}, mib.OID{8}) != 1 {
		t.Error("CompareOID")
	}
	defer func() {
		if recover() == nil {
			t.Error("MustOID takes anything")
		}
	}()
	mib.MustOID("x")
}
