package syslog

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

var (
	paris   = time.FixedZone("CET", 3600)
	message = Message{
		Time: time.Date(2026, 11, 3, 9, 5, 7, 123456789, paris), Severity: Info,
		ServiceID: 1400, ServiceKey: "SipEp", Service: "SIP endpoint", ID: 20, Text: "establishing persistent connection",
	}
	unit = Unit{Hostname: "gw1.example", MAC: "0090f8000001", Serial: "4711", MFP: "mfp", Version: "1.0", Profile: "default", ProcID: "42"}
)

func TestFormat(t *testing.T) {
	tests := []struct{ name, format, want string }{
		{"default", "", "SipEp: 1400-SIP endpoint: 20-establishing persistent connection"},
		{"default, written out", DefaultFormat, "SipEp: 1400-SIP endpoint: 20-establishing persistent connection"},
		{"unit", "%mac %serial %mfpname %version %profile", "0090f8000001 4711 mfp 1.0 default"},
		{"percent", "100%% %msgid%%%msgid", "100% 20%20"},
		{"width", "[%6msgid]", "[    20]"},
		{"width that is too small", "[%1msgid]", "[20]"},
		{"precision", "[%.5message]", "[estab]"},
		{"both", "[%8.3servicetextkey]", "[     Sip]"},
		{"precision of nothing", "[%.message]", "[]"},
		{"text right after a macro", "%msgids%serviceidentity", "20s1400entity"},
		{"only text", "hello", "hello"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := ParseFormat(tt.format)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.expand(message, unit); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestPrecisionCountsCharacters(t *testing.T) {
	f, err := ParseFormat("%5.3message")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.expand(Message{Text: "äöüß"}, Unit{}), "  äöü"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFormatErrors(t *testing.T) {
	tests := []struct {
		format string
		pos    int
		why    string
	}{
		{"%", 0, "unknown macro"},
		{"a%nope", 1, "unknown macro"},
		{"%service", 0, "unknown macro"},
		{"%msgid %-5msgid", 7, "unknown macro"},
		{"%256msgid", 0, "width"},
		{"%.256msgid", 0, "width"},
		{"%99999999999999999999msgid", 0, "width"},
		{"%5", 0, "unknown macro"},
		{"%%%", 2, "unknown macro"},
	}
	for _, tt := range tests {
		_, err := ParseFormat(tt.format)
		var bad *FormatError
		if !errors.As(err, &bad) || bad.Pos != tt.pos || !strings.Contains(bad.Why, tt.why) {
			t.Errorf("%q: %v, want %q at %d", tt.format, err, tt.why, tt.pos)
		}
	}
}

func TestSeverityCodes(t *testing.T) {
	for severity, want := range map[Severity]int{0: 7, Debug: 7, Info: 6, 250: 6, Warning: 4, Error: 3, Critical: 2, 600: 2} {
		if got := severity.Code(); got != want {
			t.Errorf("severity %d: code %d, want %d", severity, got, want)
		}
	}
}

func TestRFC3164(t *testing.T) {
	const text = "SipEp: 1400-SIP endpoint: 20-establishing persistent connection"
	tests := []struct {
		name string
		f    Formatter
		want string
	}{
		{"plain", Formatter{Unit: unit}, "<134>Nov  3 09:05:07 gw1.example " + text},
		{"facility", Formatter{Unit: unit, Facility: Local7}, "<190>Nov  3 09:05:07 gw1.example " + text},
		{"facility out of range", Formatter{Unit: unit, Facility: 99}, "<134>Nov  3 09:05:07 gw1.example " + text},
		{"no host name", Formatter{}, "<134>Nov  3 09:05:07 mibgate " + text},
		{"host name with a space", Formatter{Unit: Unit{Hostname: "a b\n<1>"}}, "<134>Nov  3 09:05:07 a_b_<1> " + text},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(tt.f.Append(nil, message)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestRFC5424(t *testing.T) {
	f, err := ParseFormat("%message")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		unit Unit
		m    Message
		want string
	}{
		{"plain", unit, message, `<134>1 2026-11-03T09:05:07.123+01:00 gw1.example mibgate 42 SipEp-20 ` +
			`[mibgate@32473 service="SipEp" serviceid="1400" msgid="20"] establishing persistent connection`},
		{"nothing known, UTC", Unit{}, Message{Time: message.Time.UTC(), Severity: Critical}, `<130>1 2026-11-03T08:05:07.123Z - mibgate - - ` +
			`[mibgate@32473 service="" serviceid="0" msgid="0"] `},
		{"UTF-8 has a BOM", Unit{}, Message{Time: message.Time.UTC(), Text: "für"}, `<135>1 2026-11-03T08:05:07.123Z - mibgate - - ` +
			`[mibgate@32473 service="" serviceid="0" msgid="0"] ` + "\xef\xbb\xbffür"},
		{"structured data is escaped", Unit{}, Message{Time: message.Time.UTC(), ServiceKey: `a"]\` + "\n"}, `<135>1 2026-11-03T08:05:07.123Z - mibgate - ` +
			`a"]\_-0 [mibgate@32473 service="a\"\]\\\\n" serviceid="0" msgid="0"] `},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(Formatter{Protocol: RFC5424, Format: f, Unit: tt.unit}.Append(nil, tt.m))
			if got != tt.want {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestEscaping(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", `C:\x "q" ü 日本`, `C:\x "q" ü 日本`},
		{"lines", "a\r\nb\tc", `a\r\nb\tc`},
		{"injected message", "x\n<0>Nov  1 00:00:00 h t: forged", `x\n<0>Nov  1 00:00:00 h t: forged`},
		{"terminal", "\x1b[2J\x00\x7f", `\x1b[2J\x00\x7f`},
		{"C1 control", "\u0085\u009b", `\u0085\u009b`},
		{"separators", "\u2028\u2029", `\u2028\u2029`},
		{"bidirectional override", "\u202e", `\u202e`},
		{"not UTF-8", "a\xffb\xc3", `a\xffb\xc3`},
		{"the replacement character itself", "\ufffd", "\ufffd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(appendEscaped(nil, tt.text)); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestLengthIsBounded(t *testing.T) {
	long := message
	long.Text = strings.Repeat("ü", 100_000)
	for protocol, limit := range map[Protocol]int{RFC3164: 1024, RFC5424: 2048} {
		prefix := []byte("kept")
		got := Formatter{Protocol: protocol, Unit: unit}.Append(prefix, long)
		if n := len(got) - len(prefix); n > limit || n < limit-1 || !utf8.Valid(got) || string(got[:4]) != "kept" {
			t.Errorf("protocol %d: %d octets, valid %v", protocol, n, utf8.Valid(got))
		}
	}
}

// Whatever comes in, what goes out is one bounded line of valid UTF-8.
func FuzzAppend(f *testing.F) {
	f.Add(DefaultFormat, "host", "SipEp", "text", uint32(1))
	f.Add("%255.1message%%", "", "\"]\\", "\x1b\n\u202e\xff", uint32(1<<31))
	f.Add("%message%message", "a\nb", "ü", strings.Repeat("\x00", 2000), uint32(0))
	f.Fuzz(func(t *testing.T, format, host, key, text string, id uint32) {
		parsed, err := ParseFormat(format)
		if err != nil {
			return
		}
		m := Message{Time: message.Time, ServiceKey: key, Service: key, ID: id, Text: text}
		for protocol, limit := range map[Protocol]int{RFC3164: max3164, RFC5424: max5424} {
			line := Formatter{Protocol: protocol, Format: parsed, Unit: Unit{Hostname: host, ProcID: key}}.Append(nil, m)
			if len(line) > limit || !utf8.Valid(line) || strings.ContainsFunc(string(line), unicode.IsControl) {
				t.Fatalf("%d octets: %q", len(line), line)
			}
			if line[0] != '<' {
				t.Fatalf("no priority: %q", line)
			}
		}
	})
}
