package mib

import (
	"cmp"
	"slices"
	"strings"
	"unsafe"
)

// Key identifies a row: one value per INDEX object.
type Key []Value

// IndexPart is one object of an INDEX clause and how it is laid out in an
// instance (RFC 2578 §7.7).
type IndexPart struct {
	Object  *Object
	Param   string // text name, "Name"
	Syntax  *Syntax
	Implied bool
}

// fixed is the size of a fixed-length string, or -1.
func (p *IndexPart) fixed() int {
	s := p.Syntax
	if s.Base == IPAddress {
		return 4
	}
	if s.Base == OctetString && len(s.Ranges) == 1 && s.Ranges[0].Min == s.Ranges[0].Max {
		return int(s.Ranges[0].Min)
	}
	return -1
}

// lengthFirst reports whether the instance starts with the length, so that
// shorter keys come before longer ones.
func (p *IndexPart) lengthFirst() bool {
	return !p.Implied && (p.Syntax.Base == ObjectIdentifier || p.Syntax.Base == OctetString && p.fixed() < 0)
}

// CompareKeys orders key a against b as their instances order in a walk. Only
// as many parts as b has are compared: a shorter b is a prefix.
func CompareKeys(parts []IndexPart, a, b Key) int {
	for i := range b {
		if c := parts[i].compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

func (p *IndexPart) compare(a, b Value) int {
	switch {
	case p.Syntax.Base == ObjectIdentifier:
		if p.lengthFirst() {
			return CompareOID(a.OID, b.OID)
		}
		return a.OID.Compare(b.OID)
	case a.IsString():
		if p.lengthFirst() {
			return CompareString(a.Str, b.Str)
		}
		return strings.Compare(a.Str, b.Str)
	}
	return cmp.Compare(a.Uint64(), b.Uint64())
}

// CompareString orders variable-length strings as a walk does: by length, then
// by octets, for the length is the first sub-identifier (RFC 2578 §7.7).
func CompareString(a, b string) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// AppendInstance appends the sub-identifiers of key to dst.
func AppendInstance(parts []IndexPart, dst OID, key Key) OID {
	for i := range parts {
		p, v := &parts[i], &key[i]
		switch {
		case p.Syntax.Base == ObjectIdentifier:
			if p.lengthFirst() {
				dst = append(dst, uint32(len(v.OID))) //nolint:gosec // at most 128
			}
			dst = append(dst, v.OID...)
		case v.IsString():
			if p.lengthFirst() {
				dst = append(dst, uint32(len(v.Str))) //nolint:gosec // bounded by SIZE
			}
			for j := range len(v.Str) {
				dst = append(dst, uint32(v.Str[j]))
			}
		default:
			dst = append(dst, uint32(v.Num)) //nolint:gosec // the bits are the sub-identifier
		}
	}
	return dst
}

// Bound is where a string of sub-identifiers points in a table. Every string,
// also one that is no valid instance, has a bound such that exactly the rows
// beyond it come after the string in a walk: those whose key is greater than
// Key, compared over the parts that Key has, or equal to it when Inclusive.
// Exact tells that the string is the valid instance of the whole Key; the row
// itself is then not beyond it.
type Bound struct {
	Key       Key
	Inclusive bool
	Exact     bool
}

// ParseInstance finds the bound of an instance; dst is reused for its key.
func ParseInstance(parts []IndexPart, dst Key, inst OID) Bound {
	return parseInstance(parts, dst, inst, nil)
}

// Parser is ParseInstance without garbage. It belongs to one goroutine.
type Parser struct {
	key    Key
	octets []byte // of the strings in key
}

// Parse finds the bound of an instance. Its Key is valid until the next Parse
// and as long as inst is not changed.
func (p *Parser) Parse(parts []IndexPart, inst OID) Bound {
	p.octets = p.octets[:0]
	b := parseInstance(parts, p.key, inst, p)
	p.key = b.Key
	return b
}

// text makes octets a string: a copy, or with a parser a part of its memory.
func (p *Parser) text(octets []byte) string {
	if p == nil || len(octets) == 0 {
		return string(octets)
	}
	from := len(p.octets)
	p.octets = append(p.octets, octets...) // strings that are there keep the array that they are in
	return unsafe.String(&p.octets[from], len(octets))
}

func parseInstance(parts []IndexPart, dst Key, inst OID, room *Parser) Bound {
	key := dst[:0]
	for i := range parts {
		if len(inst) == 0 {
			return Bound{Key: key, Inclusive: true}
		}
		v, used, at := parts[i].parse(inst, room)
		switch at {
		case atNone:
			return Bound{Key: key}
		case atOrAfter:
			return Bound{Key: append(key, v), Inclusive: true}
		case after:
			return Bound{Key: append(key, v)}
		}
		key, inst = append(key, v), inst[used:]
	}
	return Bound{Key: key, Exact: len(inst) == 0}
}

// position tells how a parsed part stands to the sub-identifiers read.
type position uint8

const (
	exactly   position = iota // they are the value
	atOrAfter                 // the value is the first that lies beyond them
	after                     // the value is the last that does not
	atNone                    // no value lies beyond them
)

// longestKey bounds the octets of a string part: an instance has at most
// MaxOIDLen sub-identifiers.
const longestKey = MaxOIDLen

// parse reads one part from a non-empty instance; used counts the
// sub-identifiers of an exact one.
func (p *IndexPart) parse(inst OID, room *Parser) (v Value, used int, at position) {
	base := p.Syntax.Base
	switch base {
	case OctetString, IPAddress, Opaque, ObjectIdentifier:
	case Integer32:
		return Int(int32(inst[0])), 1, exactly //nolint:gosec // the bits are the sub-identifier
	default:
		return Value{Kind: base, Num: int64(inst[0])}, 1, exactly
	}
	size, head := p.fixed(), 0
	switch {
	case p.lengthFirst():
		if inst[0] > longestKey {
			return Value{}, 0, atNone
		}
		size, head = int(inst[0]), 1
	case p.Implied:
		size = min(len(inst), longestKey)
	}
	if base == ObjectIdentifier {
		return parseOIDPart(inst[head:], size, head, room)
	}
	return p.parseString(inst[head:], size, head, room)
}

func parseOIDPart(inst OID, size, head int, room *Parser) (Value, int, position) {
	if len(inst) >= size {
		if room != nil {
			return Ident(inst[:size:size]), head + size, exactly
		}
		return Ident(slices.Clone(inst[:size])), head + size, exactly
	}
	oid := make(OID, size)
	copy(oid, inst)
	return Ident(oid), 0, atOrAfter
}

func (p *IndexPart) parseString(inst OID, size, head int, room *Parser) (Value, int, position) {
	var octets [longestKey]byte
	b := octets[:size]
	for i := range b {
		if i == len(inst) {
			return Value{Kind: p.Syntax.Base, Str: room.text(b)}, 0, atOrAfter
		}
		if inst[i] <= 0xff {
			b[i] = byte(inst[i])
			continue
		}
		if p.Implied {
			return p.beyondPrefix(b[:i])
		}
		for j := i; j < size; j++ {
			b[j] = 0xff
		}
		return Value{Kind: p.Syntax.Base, Str: room.text(b)}, 0, after
	}
	return Value{Kind: p.Syntax.Base, Str: room.text(b)}, head + size, exactly
}

// beyondPrefix is the first string that is greater than every string with the
// prefix b.
func (p *IndexPart) beyondPrefix(b []byte) (Value, int, position) {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return Value{Kind: p.Syntax.Base, Str: string(b[:i+1])}, 0, atOrAfter
		}
	}
	return Value{}, 0, atNone
}
