package mib

import "strconv"

// Kind is the ASN.1 type of a value as it goes over the wire (RFC 2578 §7.1).
type Kind uint8

// The kinds of RFC 2578. Unsigned32 and Gauge32 share one ASN.1 tag.
const (
	KindNone Kind = iota
	Integer32
	Unsigned32
	OctetString
	ObjectIdentifier
	IPAddress
	Counter32
	Gauge32
	TimeTicks
	Counter64
	Opaque
)

var kindNames = [...]string{
	"none", "Integer32", "Unsigned32", "OCTET STRING", "OBJECT IDENTIFIER",
	"IpAddress", "Counter32", "Gauge32", "TimeTicks", "Counter64", "Opaque",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// SameTag reports whether two kinds are one ASN.1 type on the wire:
// Unsigned32 and Gauge32 are (RFC 2578 §7.1.11).
func (k Kind) SameTag(l Kind) bool {
	if k == Gauge32 {
		k = Unsigned32
	}
	if l == Gauge32 {
		l = Unsigned32
	}
	return k == l
}

// Value is one value of any kind; the zero Value is "no value".
// Num holds Integer32 (sign-extended) and every unsigned kind up to 2^63-1;
// Counter64 uses all 64 bits, read them with Uint64. Str holds the octets of
// OctetString, IPAddress (4 octets) and Opaque. OID holds an ObjectIdentifier.
type Value struct {
	Kind Kind
	Num  int64
	Str  string
	OID  OID
}

// Int makes an Integer32.
func Int(n int32) Value { return Value{Kind: Integer32, Num: int64(n)} }

// Uint makes an Unsigned32.
func Uint(n uint32) Value { return Value{Kind: Unsigned32, Num: int64(n)} }

// String makes an OctetString.
func String(s string) Value { return Value{Kind: OctetString, Str: s} }

// Ident makes an ObjectIdentifier.
func Ident(o OID) Value { return Value{Kind: ObjectIdentifier, OID: o} }

// Octets makes a value of a string kind: OctetString, IPAddress or Opaque.
func Octets(k Kind, s string) Value { return Value{Kind: k, Str: s} }

// EnableValue makes the value of an EnableState: disable(0), enable(1).
func EnableValue(b bool) Value {
	if b {
		return Int(1)
	}
	return Int(0)
}

// TruthValue makes the value of a TruthValue (RFC 2579): true(1), false(2).
func TruthValue(b bool) Value {
	if b {
		return Int(1)
	}
	return Int(2)
}

// Numeric makes a value of a numeric kind from its bits.
func Numeric(k Kind, n uint64) Value { return Value{Kind: k, Num: int64(n)} } //nolint:gosec // all 64 bits are kept

// Uint64 reads an unsigned value.
func (v Value) Uint64() uint64 { return uint64(v.Num) } //nolint:gosec // all 64 bits are kept

// IsString reports whether the octets of v are in Str.
func (v Value) IsString() bool {
	return v.Kind == OctetString || v.Kind == IPAddress || v.Kind == Opaque
}

// Equal compares kind (by wire tag) and content.
func (v Value) Equal(w Value) bool {
	return v.Kind.SameTag(w.Kind) && v.Num == w.Num && v.Str == w.Str && v.OID.Compare(w.OID) == 0
}
