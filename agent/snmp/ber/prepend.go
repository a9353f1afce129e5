package ber

// front makes room for n octets before the start and returns it.
func (w *Writer) front(n int) []byte {
	if n > w.start {
		more := n - w.start + 256
		grown := make([]byte, len(w.buf)+more, cap(w.buf)+more)
		copy(grown[more+w.start:], w.buf[w.start:])
		w.buf, w.start = grown, w.start+more
	}
	w.start -= n
	return w.buf[w.start : w.start+n]
}

// PrependHeader puts tag and length before contents of n octets.
func (w *Writer) PrependHeader(tag Tag, n int) {
	var l [5]byte
	k := putLength(&l, n)
	f := w.front(1 + k)
	f[0] = byte(tag)
	copy(f[1:], l[5-k:])
}

// Wrap makes everything written so far the contents of one TLV.
func (w *Writer) Wrap(tag Tag) { w.PrependHeader(tag, w.Len()) }

// PrependBytes puts octets as a TLV in front.
func (w *Writer) PrependBytes(tag Tag, b []byte) {
	copy(w.front(len(b)), b)
	w.PrependHeader(tag, len(b))
}

// PrependZeros puts a TLV of n zero octets in front.
func (w *Writer) PrependZeros(tag Tag, n int) {
	clear(w.front(n))
	w.PrependHeader(tag, n)
}

// PrependString is PrependBytes for a string.
func (w *Writer) PrependString(tag Tag, s string) {
	copy(w.front(len(s)), s)
	w.PrependHeader(tag, len(s))
}

// PrependInt puts an integer of any type in front.
func (w *Writer) PrependInt(tag Tag, n int64) {
	k := intSize(n)
	f := w.front(2 + k)
	f[0], f[1] = byte(tag), byte(k)
	for i := k + 1; i >= 2; i-- {
		f[i] = byte(n)
		n >>= 8
	}
}

// PrependOID puts an OBJECT IDENTIFIER in front; see AppendOID.
func (w *Writer) PrependOID(oid []uint32) error {
	var tmp Writer
	var buf [6*128 + 8]byte
	tmp.buf = buf[:0]
	if err := tmp.AppendOID(oid); err != nil {
		return err
	}
	copy(w.front(tmp.Len()), tmp.Bytes())
	return nil
}

// SizeHeader is the number of octets of tag and length before n octets.
func SizeHeader(n int) int {
	switch {
	case n < 0x80:
		return 2
	case n < 1<<8:
		return 3
	case n < 1<<16:
		return 4
	case n < 1<<24:
		return 5
	}
	return 6
}

// SizeTLV is the number of octets of a TLV with n octets of contents.
func SizeTLV(n int) int { return SizeHeader(n) + n }

// SizeInt is the number of octets of the TLV of an integer.
func SizeInt(n int64) int { return 2 + intSize(n) }

// intSize is the shortest two's complement form, in octets.
func intSize(n int64) int {
	k := 1
	for n > 0x7f || n < -0x80 {
		n >>= 8
		k++
	}
	return k
}
