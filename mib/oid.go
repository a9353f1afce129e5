package mib

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// OID is an object identifier, one element per sub-identifier, at most
// MaxOIDLen of them (RFC 2578 §3.5).
type OID []uint32

// MaxOIDLen is the most sub-identifiers an OID may have (RFC 2578 §3.5).
const MaxOIDLen = 128

// ParseOID reads the dotted form, with or without a leading dot.
func ParseOID(s string) (OID, error) {
	t := strings.TrimPrefix(s, ".")
	if t == "" {
		return nil, fmt.Errorf("object identifier %q is empty", s)
	}
	parts := strings.Split(t, ".")
	if len(parts) > MaxOIDLen {
		return nil, fmt.Errorf("object identifier has %d sub-identifiers, at most %d are allowed", len(parts), MaxOIDLen)
	}
	oid := make(OID, len(parts))
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("object identifier %q: %q is not a sub-identifier (0..4294967295)", s, p)
		}
		oid[i] = uint32(n)
	}
	return oid, nil
}

// MustOID is ParseOID for constants in code; it panics on a malformed one.
func MustOID(s string) OID {
	oid, err := ParseOID(s)
	if err != nil {
		panic(err)
	}
	return oid
}

// String is the dotted form without a leading dot.
func (o OID) String() string {
	b := make([]byte, 0, 4*len(o))
	for i, s := range o {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, uint64(s), 10)
	}
	return string(b)
}

// Compare orders lexicographically, as GETNEXT does (RFC 3416 §4.2.2).
func (o OID) Compare(p OID) int { return slices.Compare(o, p) }

// HasPrefix reports whether p is a prefix of o (or equal to it).
func (o OID) HasPrefix(p OID) bool { return len(o) >= len(p) && slices.Equal(o[:len(p)], p) }

// Append returns a new OID of o followed by subs; o is not changed.
func (o OID) Append(subs ...uint32) OID {
	r := make(OID, 0, len(o)+len(subs))
	return append(append(r, o...), subs...)
}

// CompareOID orders OIDs that are index values of variable length: by length,
// then by sub-identifiers (see CompareString).
func CompareOID(a, b OID) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return a.Compare(b)
}
