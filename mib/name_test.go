package mib_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"mibgate/mib"
)

func TestNames(t *testing.T) {
	f := newFixture()
	for _, tt := range []struct{ got, want string }{
		{f.host.Path(), "Fix.Host"},
		{f.port.Path(), "Fix.Trunk.Port"},
		{f.host.Instance(nil), "Fix.Host"},
		{f.port.Instance(nameKey(`a"b`)), `Fix.Trunk[Name="a\"b"].Port`},
		{f.index.Instance(mib.Key{mib.Uint(7)}), "Fix.Link[Index=7].Index"},
		{f.trunks.Instance(nameKey("a\x00\xffé")), `Fix.Trunk[Name="a\x00\xffé"]`},
		{f.trunks.Instance(mib.Key{mib.String("a"), mib.String("too many")}), `Fix.Trunk[Name="a"]`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s, want %s", tt.got, tt.want)
		}
	}
	two := &mib.Table{Param: "Two", Module: f.module, Index: indexes["string number"]}
	if got, want := two.Instance(mib.Key{mib.String("a"), mib.Uint(1)}), `Fix.Two[Text="a", Number=1]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestValueText(t *testing.T) {
	for _, tt := range []struct {
		syntax *mib.Syntax
		value  mib.Value
		want   string
	}{
		{tlsVersion, mib.Int(400), `"TLSv1_2"`},
		{gapped, mib.Uint(100), "100"},
		{text.Syntax, mib.String("a b"), `"a b"`},
		{oid.Syntax, mib.Ident(mib.OID{1, 3}), `"1.3"`},
	} {
		if got := mib.ValueText(tt.syntax, tt.value); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

func TestCheckKey(t *testing.T) {
	f := newFixture()
	for _, tt := range []struct {
		key  mib.Key
		want string // "" for a valid key
	}{
		{nameKey("a"), ""},
		{nil, "Fix.Trunk: a key has 1 parts, not 0"},
		{nameKey(strings.Repeat("a", 51)), "Name has 51 octets, allowed are 0..50"},
		{mib.Key{mib.Uint(1)}, "Fix.Trunk[Name=1]: Name is Unsigned32, expected OCTET STRING"},
	} {
		err := f.trunks.CheckKey(tt.key)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%v: %v", tt.key, err)
		case tt.want != "" && (err == nil || !strings.HasSuffix(err.Error(), tt.want) || !errors.Is(err, mib.ErrNoCreation)):
			t.Errorf("%v: %v, want %s", tt.key, err, tt.want)
		}
	}
}

func TestErrorText(t *testing.T) {
	for _, tt := range []struct {
		err  mib.Error
		want string
	}{
		{mib.Error{Kind: mib.ErrNoRow}, "no such row"},
		{mib.Error{Kind: mib.ErrNoRow, Path: "A.B"}, "A.B: no such row"},
		{mib.Error{Kind: mib.ErrWrongValue, Path: "A.B", Detail: "is odd"}, "A.B: is odd"},
		{mib.Error{Kind: mib.ErrWrongValue, Path: "A.B", Value: "x\n", HasValue: true, Detail: "is odd"}, `A.B: value "x\n" is odd`},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", `a"b\`, "\x00\n\r\t", "\xff\xfe", "é\u200b\U0001f600"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := mib.Quote(s)
		if got, err := strconv.Unquote(q); err != nil || got != s || strings.ContainsAny(q, "\n\r\x00") {
			t.Errorf("%q: %s, then %q, %v", s, q, got, err)
		}
	})
}
