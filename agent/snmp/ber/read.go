package ber

import (
	"math"

	"mibgate/mib"
)

// Next takes one TLV off b: its tag and contents, and what follows it.
func Next(b []byte) (v Raw, rest []byte, err error) {
	if len(b) < 2 {
		return Raw{}, nil, ErrTruncated
	}
	tag, n, head := Tag(b[0]), int(b[1]), 2
	if tag&0x1f == 0x1f { // the multi-octet form; SNMP has no such tag
		return Raw{}, nil, ErrTag
	}
	if n >= 0x80 {
		if n, head, err = longLength(b); err != nil {
			return Raw{}, nil, err
		}
	}
	if n > len(b)-head {
		return Raw{}, nil, ErrTruncated
	}
	return Raw{Tag: tag, Content: b[head : head+n : head+n]}, b[head+n:], nil
}

// longLength reads the long form; b has at least two octets.
func longLength(b []byte) (n, head int, err error) {
	k := int(b[1] & 0x7f)
	if k == 0 || k > 4 {
		return 0, 0, ErrLength
	}
	if len(b) < 2+k {
		return 0, 0, ErrTruncated
	}
	var l uint64
	for _, c := range b[2 : 2+k] {
		l = l<<8 | uint64(c)
	}
	if l > uint64(len(b)) {
		return 0, 0, ErrTruncated
	}
	return int(l), 2 + k, nil //nolint:gosec // at most len(b)
}

// Expect is Next for a TLV that must have this tag.
func Expect(b []byte, tag Tag) (content, rest []byte, err error) {
	v, rest, err := Next(b)
	if err != nil {
		return nil, nil, err
	}
	if v.Tag != tag {
		return nil, nil, ErrTag
	}
	return v.Content, rest, nil
}

// ReadInt32 takes an INTEGER in the range of Integer32 off b.
func ReadInt32(b []byte) (n int32, rest []byte, err error) {
	if len(b) >= 3 && b[0] == byte(Integer) && b[1] == 1 {
		return int32(int8(b[2])), b[3:], nil //nolint:gosec // sign extension
	}
	c, rest, err := Expect(b, Integer)
	if err != nil {
		return 0, nil, err
	}
	n, err = Int32(c)
	return n, rest, err
}

// Int32 reads the contents of an INTEGER: 1 to 5 octets whose value fits.
func Int32(c []byte) (int32, error) {
	if len(c) == 0 || len(c) > 5 {
		return 0, ErrInteger
	}
	n := int64(int8(c[0])) //nolint:gosec // sign extension
	for _, b := range c[1:] {
		n = n<<8 | int64(b)
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, ErrInteger
	}
	return int32(n), nil
}

// Uint32 reads the contents of an unsigned 32-bit type: 1 to 5 octets. Four
// octets with the top bit set are taken as the unsigned number that peers
// with a signed encoder mean by them.
func Uint32(c []byte) (uint32, error) {
	n, err := unsigned(c, 4)
	return uint32(n), err //nolint:gosec // unsigned checked it
}

// Uint64 reads the contents of a Counter64: 1 to 9 octets.
func Uint64(c []byte) (uint64, error) { return unsigned(c, 8) }

func unsigned(c []byte, size int) (uint64, error) {
	if len(c) == size+1 && c[0] == 0 {
		c = c[1:]
	} else if len(c) == 0 || len(c) > size || len(c) < size && c[0] >= 0x80 {
		return 0, ErrInteger
	}
	var n uint64
	for _, b := range c {
		n = n<<8 | uint64(b)
	}
	return n, nil
}

// AppendOID reads the contents of an OBJECT IDENTIFIER and appends its
// sub-identifiers to dst. Empty contents are 0.0, as net-snmp has it.
func AppendOID(dst mib.OID, c []byte) (mib.OID, error) {
	if len(c) == 0 {
		return append(dst, 0, 0), nil
	}
	if c[len(c)-1] >= 0x80 {
		return dst, ErrOID
	}
	start := len(dst)
	// X.690 §8.19.4: the first octets hold 40 × arc1 + arc2.
	first, i, err := subidentifier(c, 0, math.MaxUint32+80)
	switch {
	case err != nil:
		return dst, err
	case first < 40:
		dst = append(dst, 0, uint32(first)) //nolint:gosec // < 40
	case first < 80:
		dst = append(dst, 1, uint32(first-40)) //nolint:gosec // < 40
	default:
		dst = append(dst, 2, uint32(first-80)) //nolint:gosec // subidentifier checked it
	}
	for i < len(c) {
		if b := c[i]; b < 0x80 {
			dst = append(dst, uint32(b))
			i++
		} else {
			var s uint64
			if s, i, err = subidentifier(c, i, math.MaxUint32); err != nil {
				return dst[:start], err
			}
			dst = append(dst, uint32(s)) //nolint:gosec // subidentifier checked it
		}
	}
	if len(dst)-start > mib.MaxOIDLen {
		return dst[:start], ErrOID
	}
	return dst, nil
}

// subidentifier reads the base-128 number at c[i:]; the last octet of c has
// its top bit clear.
func subidentifier(c []byte, i int, limit uint64) (n uint64, next int, err error) {
	if c[i] == 0x80 { // X.690 §8.19.2: no leading zero
		return 0, 0, ErrOID
	}
	for ; ; i++ {
		n = n<<7 | uint64(c[i]&0x7f)
		if n > limit {
			return 0, 0, ErrOID
		}
		if c[i] < 0x80 {
			return n, i + 1, nil
		}
	}
}

// checkOID is AppendOID without the result.
func checkOID(c []byte) error {
	var buf [mib.MaxOIDLen + 2]uint32
	if len(c) > 5*mib.MaxOIDLen {
		return ErrOID
	}
	subs := 1
	for _, b := range c {
		if b < 0x80 {
			subs++
		}
	}
	if subs > mib.MaxOIDLen {
		return ErrOID
	}
	_, err := AppendOID(buf[:0], c)
	return err
}
