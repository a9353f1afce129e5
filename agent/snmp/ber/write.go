package ber

import (
	"slices"

	"mibgate/mib"
)

// Writer builds one message in a reusable buffer:
//
//	buf   ............|=================|.........
//	      headroom    start             len(buf)   cap(buf)
//	                <- Prepend   Append ->
//
// The zero Writer is ready after Reset.
type Writer struct {
	buf   []byte
	start int
}

// Reset empties w and leaves room for headroom octets in front; prepending
// more than that is allowed and costs a copy.
func (w *Writer) Reset(headroom int) {
	if cap(w.buf) < headroom {
		w.buf = make([]byte, headroom, headroom+1024)
	}
	w.buf, w.start = w.buf[:headroom], headroom
}

// Bytes is what has been written; it is valid until the next Reset and may be
// changed in place.
func (w *Writer) Bytes() []byte { return w.buf[w.start:] }

// Len is len(Bytes()).
func (w *Writer) Len() int { return len(w.buf) - w.start }

// Truncate drops what was appended after the first n octets.
func (w *Writer) Truncate(n int) { w.buf = w.buf[:w.start+n] }

// Append adds octets at the end.
func (w *Writer) Append(b []byte) { w.buf = append(w.buf, b...) }

// AppendPadding adds n zero octets at the end.
func (w *Writer) AppendPadding(n int) {
	for range n {
		w.buf = append(w.buf, 0)
	}
}

// Open begins a TLV whose length is not known yet; Close ends it.
func (w *Writer) Open() (mark int) {
	w.buf = append(w.buf, 0, 0)
	return w.Len()
}

// Close puts the header of everything appended since Open returned mark.
func (w *Writer) Close(mark int, tag Tag) {
	at := w.start + mark
	n := len(w.buf) - at
	w.buf[at-2] = byte(tag)
	if n < 0x80 {
		w.buf[at-1] = byte(n)
		return
	}
	var l [5]byte
	k := putLength(&l, n)
	w.buf = slices.Insert(w.buf, at, l[6-k:]...)
	w.buf[at-1] = l[5-k]
}

// AppendInt adds an integer of any type; n is encoded in two's complement.
func (w *Writer) AppendInt(tag Tag, n int64) {
	k := intSize(n)
	w.buf = append(w.buf, byte(tag), byte(k))
	for s := 8 * (k - 1); s >= 0; s -= 8 {
		w.buf = append(w.buf, byte(n>>s))
	}
}

// AppendUint adds an unsigned integer; with the top bit set it takes 9 octets.
func (w *Writer) AppendUint(tag Tag, n uint64) {
	if int64(n) >= 0 { //nolint:gosec // asking for the top bit
		w.AppendInt(tag, int64(n)) //nolint:gosec // fits
		return
	}
	w.buf = append(w.buf, byte(tag), 9, 0,
		byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// AppendString adds octets as a TLV.
func (w *Writer) AppendString(tag Tag, s string) {
	w.appendHeader(tag, len(s))
	w.buf = append(w.buf, s...)
}

// AppendBytes is AppendString for a byte slice.
func (w *Writer) AppendBytes(tag Tag, b []byte) {
	w.appendHeader(tag, len(b))
	w.buf = append(w.buf, b...)
}

// AppendNull adds an empty TLV: NULL or an exception.
func (w *Writer) AppendNull(tag Tag) { w.buf = append(w.buf, byte(tag), 0) }

// AppendOID adds an OBJECT IDENTIFIER. Fewer than two sub-identifiers are
// filled up with zeros; one that X.690 §8.19.4 cannot express is ErrValue.
func (w *Writer) AppendOID(oid mib.OID) error {
	var first, second uint32
	switch len(oid) {
	case 0:
	case 1:
		first, oid = oid[0], nil
	default:
		first, second, oid = oid[0], oid[1], oid[2:]
	}
	if first > 2 || first < 2 && second >= 40 || len(oid) > mib.MaxOIDLen-2 {
		return ErrValue
	}
	var head [subOctets]byte
	w.AppendOIDBelow(appendSub(head[:0], uint64(first)*40+uint64(second)), oid)
	return nil
}

// AppendOIDBelow adds an OBJECT IDENTIFIER whose first sub-identifiers are
// encoded in prefix and the rest of which is inst. The name is at most
// mib.MaxOIDLen long.
func (w *Writer) AppendOIDBelow(prefix []byte, inst mib.OID) {
	// Room for the longest form, so that nothing below has to look for it.
	b := slices.Grow(w.buf, 2+len(prefix)+subOctets*len(inst))
	at := len(b) + 2
	b = append(append(b, byte(ObjectIdentifier), 0), prefix...)
	for _, s := range inst {
		switch {
		case s < 1<<7:
			b = append(b, byte(s))
		case s < 1<<14: // a call costs more than both together
			b = append(b, byte(s>>7)|0x80, byte(s&0x7f))
		default:
			b = appendSub(b, uint64(s))
		}
	}
	w.buf = b
	if n := len(b) - at; n < 0x80 {
		b[at-1] = byte(n)
	} else {
		w.Close(at-w.start, ObjectIdentifier)
	}
}

// subOctets is how many octets a sub-identifier takes at most.
const subOctets = 5

func appendSub(b []byte, s uint64) []byte {
	switch {
	case s < 1<<7:
		return append(b, byte(s))
	case s < 1<<14:
		return append(b, byte(s>>7)|0x80, byte(s&0x7f))
	case s < 1<<21:
		return append(b, byte(s>>14)|0x80, byte(s>>7)|0x80, byte(s&0x7f))
	case s < 1<<28:
		return append(b, byte(s>>21)|0x80, byte(s>>14)|0x80, byte(s>>7)|0x80, byte(s&0x7f))
	}
	return append(b, byte(s>>28)|0x80, byte(s>>21)|0x80, byte(s>>14)|0x80, byte(s>>7)|0x80, byte(s&0x7f))
}

// AppendValue adds v; mib.KindNone is NULL. ErrValue: an OID that cannot be
// encoded or an IpAddress that has not 4 octets; nothing was added then.
func (w *Writer) AppendValue(v mib.Value) error {
	switch v.Kind {
	case mib.KindNone:
		w.AppendNull(Null)
	case mib.ObjectIdentifier:
		return w.AppendOID(v.OID)
	case mib.IPAddress:
		if len(v.Str) != 4 {
			return ErrValue
		}
		w.AppendString(IPAddress, v.Str)
	case mib.OctetString, mib.Opaque:
		w.AppendString(TagOf(v.Kind), v.Str)
	case mib.Integer32:
		w.AppendInt(Integer, int64(int32(v.Num))) //nolint:gosec // Integer32 by contract
	case mib.Counter64:
		w.AppendUint(Counter64, v.Uint64())
	case mib.Unsigned32, mib.Counter32, mib.Gauge32, mib.TimeTicks:
		w.AppendInt(TagOf(v.Kind), int64(uint32(v.Num))) //nolint:gosec // 32 bits by contract
	default:
		return ErrValue
	}
	return nil
}

func (w *Writer) appendHeader(tag Tag, n int) {
	if n < 0x80 {
		w.buf = append(w.buf, byte(tag), byte(n))
		return
	}
	var l [5]byte
	k := putLength(&l, n)
	w.buf = append(w.buf, byte(tag))
	w.buf = append(w.buf, l[5-k:]...)
}

// putLength writes the length octets of n into the end of l and says how many.
func putLength(l *[5]byte, n int) int {
	if n < 0x80 {
		l[4] = byte(n)
		return 1
	}
	k := 0
	for ; n > 0; n >>= 8 {
		l[4-k] = byte(n)
		k++
	}
	l[4-k] = 0x80 | byte(k)
	return k + 1
}
