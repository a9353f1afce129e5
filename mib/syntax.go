package mib

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Label is one named number of an enumeration, in MIB form ("tLSv1-2").
type Label struct {
	Name   string
	Number int32
}

// Text is the capitalised form of scripts, CLI and web ("TLSv1_2").
func (l Label) Text() string {
	if l.Name == "" {
		return ""
	}
	return strings.ToUpper(l.Name[:1]) + strings.ReplaceAll(l.Name[1:], "-", "_")
}

// LabelText is the text form of a number of an enumeration, or its digits when
// no label has it.
func LabelText(labels []Label, n int32) string {
	for _, l := range labels {
		if l.Number == n {
			return l.Text()
		}
	}
	return strconv.Itoa(int(n))
}

// Range is a closed interval of values or sizes.
type Range struct{ Min, Max int64 }

// Syntax says what an object may hold.
type Syntax struct {
	Base   Kind
	TC     string  // textual convention, or ""
	Enum   []Label // named numbers, by number; empty when not an enumeration
	Ranges []Range // of the value, or of the size for strings; empty: any
	Hint   string  // DISPLAY-HINT, or ""
	Bool   bool    // the native form is bool: EnableState, TruthValue
}

// Check tells whether v may be stored; the error is an *Error of kind
// ErrWrongType, ErrWrongLength or ErrWrongValue without object or position.
func (s *Syntax) Check(v Value) error {
	if !v.Kind.SameTag(s.Base) {
		return refuse(ErrWrongType, fmt.Sprintf("is %s, expected %s", v.Kind, s.Base))
	}
	switch {
	case len(s.Enum) > 0:
		if _, ok := s.LabelOf(v.Num); !ok {
			return refuse(ErrWrongValue, "is not one of "+s.labels())
		}
	case v.IsString():
		return s.checkString(v.Str)
	case v.Kind == ObjectIdentifier:
		if len(v.OID) > MaxOIDLen {
			return refuse(ErrWrongLength, "has more than 128 sub-identifiers")
		}
	case len(s.Ranges) > 0:
		if !inRanges(s.Ranges, v.Num) {
			return refuse(ErrWrongValue, "is out of range, allowed are "+rangesText(s.Ranges))
		}
	case s.Base != Counter64:
		if lo, hi := s.Base.limits(); v.Num < lo || v.Num > hi {
			return refuse(ErrWrongValue, fmt.Sprintf("is out of range, allowed are %d..%d", lo, hi))
		}
	}
	return nil
}

func (s *Syntax) checkString(str string) error {
	if !inRanges(s.Ranges, int64(len(str))) {
		return refuse(ErrWrongLength, fmt.Sprintf("has %d octets, allowed are %s", len(str), rangesText(s.Ranges)))
	}
	if s.Base == IPAddress && len(str) != 4 {
		return refuse(ErrWrongLength, "has not 4 octets")
	}
	if check := conventions[s.TC]; check != nil {
		if msg := check(str); msg != "" {
			return refuse(ErrWrongValue, msg)
		}
	}
	return nil
}

func refuse(kind ErrorKind, detail string) error {
	return &Error{Kind: kind, Detail: detail, Position: -1}
}

// LabelOf finds the label of a number.
func (s *Syntax) LabelOf(n int64) (Label, bool) {
	for _, l := range s.Enum {
		if int64(l.Number) == n {
			return l, true
		}
	}
	return Label{}, false
}

// NumberOf finds the number of a label in MIB or text form; letter case and
// '-' against '_' do not matter, for the CLI is case-insensitive.
func (s *Syntax) NumberOf(label string) (int32, bool) {
	want := strings.ReplaceAll(label, "_", "-")
	for _, l := range s.Enum {
		if strings.EqualFold(l.Name, want) {
			return l.Number, true
		}
	}
	return 0, false
}

// Parse reads the text form of a value: a label or its number for an
// enumeration, decimal digits for numbers, the octets themselves for strings,
// dotted form for OBJECT IDENTIFIER and IpAddress. The result has passed Check.
func (s *Syntax) Parse(text string) (Value, error) {
	v, err := s.parse(text)
	if err != nil {
		return Value{}, err
	}
	return v, s.Check(v)
}

func (s *Syntax) parse(text string) (Value, error) {
	switch s.Base {
	case OctetString, Opaque:
		if s.TC == "SnmpEngineID" || s.TC == "EngineIdentifier" {
			text = engineID(text)
		}
		return Value{Kind: s.Base, Str: text}, nil
	case ObjectIdentifier:
		oid, err := ParseOID(text)
		if err != nil {
			return Value{}, refuse(ErrWrongValue, "is not an object identifier")
		}
		return Ident(oid), nil
	case IPAddress:
		a, err := netip.ParseAddr(text)
		if err != nil || !a.Is4() {
			return Value{}, refuse(ErrWrongValue, "is not an IPv4 address")
		}
		b := a.As4()
		return Value{Kind: IPAddress, Str: string(b[:])}, nil
	case Counter64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return Value{}, refuse(ErrWrongValue, "is not an unsigned number")
		}
		return Numeric(Counter64, n), nil
	}
	if n, ok := s.NumberOf(text); ok && len(s.Enum) > 0 {
		return Value{Kind: s.Base, Num: int64(n)}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		if len(s.Enum) > 0 {
			return Value{}, refuse(ErrWrongValue, "is not one of "+s.labels())
		}
		return Value{}, refuse(ErrWrongValue, "is not a number")
	}
	if lo, hi := s.Base.limits(); n < lo || n > hi {
		return Value{}, refuse(ErrWrongValue, fmt.Sprintf("is out of range, allowed are %d..%d", lo, hi))
	}
	return Value{Kind: s.Base, Num: n}, nil
}

func (k Kind) limits() (lo, hi int64) {
	if k == Integer32 {
		return -1 << 31, 1<<31 - 1
	}
	return 0, 1<<32 - 1
}

// Format is the text form that Parse reads back; octets that are not valid
// UTF-8 text stay as they are, quoting is the caller's matter.
func (s *Syntax) Format(v Value) string {
	switch v.Kind {
	case OctetString, Opaque:
		return v.Str
	case ObjectIdentifier:
		return v.OID.String()
	case IPAddress:
		if len(v.Str) == 4 {
			return netip.AddrFrom4([4]byte([]byte(v.Str))).String()
		}
		return hex.EncodeToString([]byte(v.Str))
	case Counter64:
		return strconv.FormatUint(v.Uint64(), 10)
	}
	if l, ok := s.LabelOf(v.Num); ok {
		return l.Text()
	}
	return strconv.FormatInt(v.Num, 10)
}

// engineID reads an engine identifier that was written as it is shown, in
// hexadecimal. One of RFC 3411 §5 begins with a bit that is set: its octets are
// never taken for digits, nor digits for octets.
func engineID(text string) string {
	if b, err := hex.DecodeString(text); err == nil && len(b) >= 5 && b[0]&0x80 != 0 {
		return string(b)
	}
	return text
}

// Display is Format for people: hexadecimal under a hexadecimal DISPLAY-HINT
// or when the octets are not text.
func (s *Syntax) Display(v Value) string {
	if v.Kind == OctetString && (strings.HasPrefix(s.Hint, "1x") || !utf8.ValidString(v.Str)) {
		return hex.EncodeToString([]byte(v.Str))
	}
	return s.Format(v)
}

func (s *Syntax) labels() string {
	var b strings.Builder
	for i, l := range s.Enum {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s(%d)", l.Text(), l.Number)
	}
	return b.String()
}

func inRanges(rs []Range, n int64) bool {
	for _, r := range rs {
		if n >= r.Min && n <= r.Max {
			return true
		}
	}
	return len(rs) == 0
}

func rangesText(rs []Range) string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = fmt.Sprintf("%d..%d", r.Min, r.Max)
		if r.Min == r.Max {
			parts[i] = strconv.FormatInt(r.Min, 10)
		}
	}
	return strings.Join(parts, ", ")
}
