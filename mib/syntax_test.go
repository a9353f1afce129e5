package mib_test

import (
	"errors"
	"strings"
	"testing"

	"mibgate/mib"
)

var (
	tlsVersion = &mib.Syntax{Base: mib.Integer32, Enum: []mib.Label{{Name: "sSLv3", Number: 100}, {Name: "tLSv1-2", Number: 400}}}
	gapped     = &mib.Syntax{Base: mib.Unsigned32, Ranges: []mib.Range{{Min: 0, Max: 0}, {Min: 100, Max: 1000}}}
	secretSize = &mib.Syntax{Base: mib.OctetString, Ranges: []mib.Range{{Min: 0, Max: 0}, {Min: 8, Max: 12}}}
)

func convention(name string) *mib.Syntax {
	return &mib.Syntax{Base: mib.OctetString, TC: name, Ranges: []mib.Range{{Min: 0, Max: 255}}}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name   string
		syntax *mib.Syntax
		value  mib.Value
		want   error
	}{
		{"in range", gapped, mib.Uint(100), nil},
		{"second range", gapped, mib.Uint(0), nil},
		{"between ranges", gapped, mib.Uint(99), mib.ErrWrongValue},
		{"Gauge32 for Unsigned32", gapped, mib.Numeric(mib.Gauge32, 1000), nil},
		{"Integer32 for Unsigned32", gapped, mib.Int(100), mib.ErrWrongType},
		{"no value", gapped, mib.Value{}, mib.ErrWrongType},
		{"no range, most", number.Syntax, mib.Uint(1<<32 - 1), nil},
		{"no range, beyond the type", number.Syntax, mib.Numeric(mib.Unsigned32, 1<<32), mib.ErrWrongValue},
		{"no range, negative", signed.Syntax, mib.Int(-1 << 31), nil},
		{"Counter64 uses all bits", &mib.Syntax{Base: mib.Counter64}, mib.Numeric(mib.Counter64, 1<<64-1), nil},
		{"label", tlsVersion, mib.Int(400), nil},
		{"no label", tlsVersion, mib.Int(401), mib.ErrWrongValue},
		{"size", secretSize, mib.String("12345678"), nil},
		{"size between", secretSize, mib.String("1234567"), mib.ErrWrongLength},
		{"text for a number", gapped, mib.String("100"), mib.ErrWrongType},
		{"address", address.Syntax, mib.Octets(mib.IPAddress, "1234"), nil},
		{"short address", address.Syntax, mib.Octets(mib.IPAddress, "123"), mib.ErrWrongLength},
		{"OID", oid.Syntax, mib.Ident(make(mib.OID, 128)), nil},
		{"long OID", oid.Syntax, mib.Ident(make(mib.OID, 129)), mib.ErrWrongLength},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.syntax.Check(tt.value)
			if !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			var e *mib.Error
			if errors.As(err, &e) && (e.Position != -1 || e.Detail == "") {
				t.Errorf("%+v has a position or says nothing", e)
			}
		})
	}
}

func TestConventions(t *testing.T) {
	for _, tt := range []struct {
		tc   string
		good []string
		bad  []string
	}{
		{"DisplayText", []string{"", "Zürich 1", "a\u00a0b"}, []string{"a\nb", "\x00", "\xff", "\u0085"}},
		{"SnmpAdminString", []string{"x"}, []string{"\x7f"}},
		{"IpAddressText", []string{"", "192.0.2.1", "2001:db8::1"}, []string{"192.0.2", "example.org", "[::1]"}},
		{"IpHostName",
			[]string{"", "localhost", "a.example.org.", "_sip._tcp.example.org", "192.0.2.1", "::1", "3com.com"},
			[]string{"a..b", "-a", "a-", "a b", "256.0.2.1", "192.0.2", "12345", "a:1", ".", strings.Repeat("a", 64)}},
		{"IpHostNamePort",
			[]string{"", "localhost", "localhost:5060", "a.example.org:0", "192.0.2.1:65535", "::1", "[::1]", "[2001:db8::1]:5061"},
			[]string{"localhost:", ":5060", "a:65536", "a:-1", "a:x", "a:1:2", "[]", "[]:5060", "[a]:1", "[192.0.2.1]:1", "[192.0.2.1]", "[::1", "a b:1"}},
		{"UnheardOf", []string{"\xff\n"}, nil},
	} {
		s := convention(tt.tc)
		for _, good := range tt.good {
			if err := s.Check(mib.String(good)); err != nil {
				t.Errorf("%s refuses %q: %v", tt.tc, good, err)
			}
		}
		for _, bad := range tt.bad {
			if err := s.Check(mib.String(bad)); !errors.Is(err, mib.ErrWrongValue) {
				t.Errorf("%s takes %q: %v", tt.tc, bad, err)
			}
		}
	}
}

func TestParseAndFormat(t *testing.T) {
	for _, tt := range []struct {
		syntax *mib.Syntax
		text   string
		value  mib.Value
		canon  string // what Format gives, when it is not text
	}{
		{tlsVersion, "TLSv1_2", mib.Int(400), ""},
		{tlsVersion, "tLSv1-2", mib.Int(400), "TLSv1_2"},
		{tlsVersion, "tlsV1_2", mib.Int(400), "TLSv1_2"},
		{tlsVersion, "100", mib.Int(100), "SSLv3"},
		{gapped, "1000", mib.Uint(1000), ""},
		{signed.Syntax, "-5", mib.Int(-5), ""},
		{number.Syntax, "4294967295", mib.Uint(1<<32 - 1), ""},
		{&mib.Syntax{Base: mib.Counter64}, "18446744073709551615", mib.Numeric(mib.Counter64, 1<<64-1), ""},
		{&mib.Syntax{Base: mib.TimeTicks}, "42", mib.Numeric(mib.TimeTicks, 42), ""},
		{text.Syntax, "a\nb", mib.String("a\nb"), ""},
		{address.Syntax, "192.0.2.1", mib.Octets(mib.IPAddress, "\xc0\x00\x02\x01"), ""},
		{oid.Syntax, ".1.3.6", mib.Ident(mib.OID{1, 3, 6}), "1.3.6"},
	} {
		v, err := tt.syntax.Parse(tt.text)
		if err != nil || !v.Equal(tt.value) {
			t.Errorf("%q: %+v, %v, want %+v", tt.text, v, err, tt.value)
		}
		if tt.canon == "" {
			tt.canon = tt.text
		}
		if got := tt.syntax.Format(v); got != tt.canon {
			t.Errorf("%q: formatted %q, want %q", tt.text, got, tt.canon)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		syntax *mib.Syntax
		text   string
		want   error
	}{
		{tlsVersion, "TLSv9", mib.ErrWrongValue},
		{tlsVersion, "7", mib.ErrWrongValue},
		{tlsVersion, "", mib.ErrWrongValue},
		{gapped, "50", mib.ErrWrongValue},
		{gapped, "x", mib.ErrWrongValue},
		{gapped, "-1", mib.ErrWrongValue},
		{gapped, "0x10", mib.ErrWrongValue},
		{number.Syntax, "4294967296", mib.ErrWrongValue},
		{signed.Syntax, "2147483648", mib.ErrWrongValue},
		{signed.Syntax, "99999999999999999999", mib.ErrWrongValue},
		{&mib.Syntax{Base: mib.Counter64}, "-1", mib.ErrWrongValue},
		{address.Syntax, "::1", mib.ErrWrongValue},
		{oid.Syntax, "1.x", mib.ErrWrongValue},
		{fixed.Syntax, "abc", mib.ErrWrongLength},
	} {
		if _, err := tt.syntax.Parse(tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.text, err, tt.want)
		}
	}
}

func TestFormatOfStrangeValues(t *testing.T) {
	for _, tt := range []struct {
		syntax *mib.Syntax
		value  mib.Value
		want   string
	}{
		{tlsVersion, mib.Int(7), "7"},
		{address.Syntax, mib.Octets(mib.IPAddress, "abc"), "616263"},
	} {
		if got := tt.syntax.Format(tt.value); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.value, got, tt.want)
		}
	}
}

func TestDisplay(t *testing.T) {
	hexadecimal := &mib.Syntax{Base: mib.OctetString, Hint: "1x:"}
	for _, tt := range []struct {
		syntax *mib.Syntax
		value  mib.Value
		want   string
	}{
		{hexadecimal, mib.String("ab"), "6162"},
		{text.Syntax, mib.String("Zürich"), "Zürich"},
		{text.Syntax, mib.String("\xff\x00"), "ff00"},
		{tlsVersion, mib.Int(400), "TLSv1_2"},
	} {
		if got := tt.syntax.Display(tt.value); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.value, got, tt.want)
		}
	}
}

func TestLabels(t *testing.T) {
	if got := mib.LabelText(tlsVersion.Enum, 400); got != "TLSv1_2" {
		t.Error(got)
	}
	if got := mib.LabelText(tlsVersion.Enum, -1); got != "-1" {
		t.Error(got)
	}
	if got := (mib.Label{}).Text(); got != "" {
		t.Error(got)
	}
	err := tlsVersion.Check(mib.Int(1))
	if want := "is not one of SSLv3(100), TLSv1_2(400)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	err = gapped.Check(mib.Uint(1))
	if want := "is out of range, allowed are 0, 100..1000"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// FuzzParse wants that what a syntax reads it writes in a form that it reads as
// the same value.
func FuzzParse(f *testing.F) {
	all := []*mib.Syntax{tlsVersion, gapped, secretSize, number.Syntax, signed.Syntax, address.Syntax, oid.Syntax,
		{Base: mib.Counter64}, convention("IpHostNamePort"), convention("DisplayText")}
	for i, text := range []string{"TLSv1_2", "100", "12345678", "0", "-1", "127.0.0.1", "1.3.6.1", "18446744073709551615", "[::1]:5061", "x"} {
		f.Add(uint8(i), text)
	}
	f.Fuzz(func(t *testing.T, i uint8, text string) {
		s := all[int(i)%len(all)]
		v, err := s.Parse(text)
		if err != nil {
			return
		}
		if again, err := s.Parse(s.Format(v)); err != nil || !again.Equal(v) {
			t.Errorf("%q: %+v, then %+v, %v", text, v, again, err)
		}
	})
}

// TestEngineIDText: an engine identifier is read as it is shown, and as octets.
func TestEngineIDText(t *testing.T) {
	octets := "\x80\x00\x7e\xd9\x05unit"
	s := &mib.Syntax{Base: mib.OctetString, TC: "SnmpEngineID", Hint: "1x:", Ranges: []mib.Range{{Min: 5, Max: 32}}}
	shown := s.Display(mib.String(octets))
	for text, want := range map[string]string{
		octets: octets, shown: octets, "80007ED905756E6974": octets,
		"00007ed905756e6974": "00007ed905756e6974", // its first bit is 0: it is no identifier of RFC 3411
		"80007ed9057":        "80007ed9057", "80007ed90": "80007ed90",
	} {
		if v, err := s.Parse(text); err != nil || v.Str != want {
			t.Errorf("%q is read as %q, %v", text, v.Str, err)
		}
	}
	if v, err := (&mib.Syntax{Base: mib.OctetString}).Parse(shown); err != nil || v.Str != shown {
		t.Errorf("other octets: %q, %v", v.Str, err)
	}
}
