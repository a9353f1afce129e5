package main

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"mibgate/agent/snmp/ber"
)

// tlv is one TLV of BER, so that a mutation can reach deep into a message and
// leave everything around it well formed: the decoder then gets to it.
type tlv struct {
	tag     byte
	content []byte
	kids    []*tlv // of what is constructed; content is nil then
	lie     int    // added to the length when it is written
	long    int    // octets of a long form of the length, 0 for the shortest
}

// parse reads the TLVs that b consists of; ok is false when it does not.
func parse(b []byte) (out []*tlv, ok bool) {
	for len(b) > 0 {
		if len(b) < 2 {
			return nil, false
		}
		tag, n, at := b[0], int(b[1]), 2
		if n >= 0x80 {
			size := n & 0x7f
			if size == 0 || size > 3 || len(b) < 2+size {
				return nil, false
			}
			for n, at = 0, 2; at < 2+size; at++ {
				n = n<<8 | int(b[at])
			}
		}
		if n > len(b)-at {
			return nil, false
		}
		e := &tlv{tag: tag, content: b[at : at+n]}
		b = b[at+n:]
		// msgSecurityParameters is a SEQUENCE in an OCTET STRING.
		wraps := tag == byte(ber.OctetString) && n > 2 && e.content[0] == byte(ber.Sequence)
		if tag&0x20 != 0 || wraps {
			if kids, ok := parse(e.content); ok && len(kids) > 0 {
				e.kids, e.content = kids, nil
			} else if !wraps && n > 0 {
				return nil, false
			}
		}
		out = append(out, e)
	}
	return out, true
}

// children are the parts of a message that is one SEQUENCE.
func children(packet []byte) []*tlv {
	top, ok := parse(packet)
	if !ok || len(top) != 1 {
		panic("a message of our own does not parse")
	}
	return top[0].kids
}

// encode appends e to dst.
func (e *tlv) encode(dst []byte) []byte {
	content := e.content
	if e.kids != nil {
		content = nil
		for _, k := range e.kids {
			content = k.encode(content)
		}
	}
	dst = append(dst, e.tag)
	n, long := max(0, len(content)+e.lie), e.long
	if n >= 0x80 || long > 0 {
		long = max(long, (bits.Len(uint(n))+7)/8)
	}
	if long == 0 {
		return append(append(dst, byte(n)), content...)
	}
	dst = append(dst, 0x80|byte(long))
	for i := long - 1; i >= 0; i-- {
		b := byte(0)
		if i < 8 {
			b = byte(n >> (8 * i))
		}
		dst = append(dst, b)
	}
	return append(dst, content...)
}

// all appends e and everything below it.
func (e *tlv) all(dst []*tlv) []*tlv {
	dst = append(dst, e)
	for _, k := range e.kids {
		dst = k.all(dst)
	}
	return dst
}

// mutant damages BER. Its results depend on rnd and the seeds alone.
type mutant struct {
	rnd   *rand.Rand
	seeds [][]byte
}

// interesting are octets that lengths, tags and numbers turn on.
var interesting = []byte{0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x1f, 0x30, 0x3f, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0x9f, 0xa0, 0xa5, 0xa8, 0xfe, 0xff}

// next makes a mutant of a random seed.
func (m *mutant) next() []byte {
	out := m.mutate(m.seeds[m.rnd.IntN(len(m.seeds))])
	return out[:min(len(out), maxDatagram)]
}

// mutate damages a message in one place, now and then in several.
func (m *mutant) mutate(seed []byte) []byte {
	data := bytes.Clone(seed)
	places := 1
	for m.rnd.IntN(3) == 0 {
		places++
	}
	for range places {
		if m.rnd.IntN(3) == 0 {
			data = m.octets(data)
		} else {
			data = m.structure(data)
		}
	}
	return data
}

// octets damages data blindly.
func (m *mutant) octets(data []byte) []byte {
	if len(data) == 0 {
		return []byte{interesting[m.rnd.IntN(len(interesting))]}
	}
	at := m.rnd.IntN(len(data))
	switch m.rnd.IntN(9) {
	case 0, 1:
		data[at] ^= 1 << m.rnd.IntN(8)
	case 2:
		data[at] = interesting[m.rnd.IntN(len(interesting))]
	case 3:
		data = data[:at]
	case 4: // the end is missing, or something follows it
		if m.rnd.IntN(2) == 0 {
			data = data[:len(data)-min(len(data), 1+m.rnd.IntN(4))]
		} else {
			data = append(data, interesting[:m.rnd.IntN(len(interesting))]...)
		}
	case 5:
		data = slices.Delete(data, at, min(len(data), at+1+m.rnd.IntN(16)))
	case 6:
		data = slices.Insert(data, at, data[:min(len(data), 1+m.rnd.IntN(64))]...)
	case 7: // head of this one, tail of another
		other := m.seeds[m.rnd.IntN(len(m.seeds))]
		data = append(data[:at:at], other[m.rnd.IntN(len(other)):]...)
	case 8:
		for range 1 + m.rnd.IntN(8) {
			data[m.rnd.IntN(len(data))] = byte(m.rnd.Uint32())
		}
	}
	return data
}

// structure damages one element and keeps the rest well formed, if it is.
func (m *mutant) structure(data []byte) []byte {
	top, ok := parse(data)
	if !ok || len(top) == 0 {
		return m.octets(data)
	}
	elements := top[0].all(nil)
	e := elements[m.rnd.IntN(len(elements))]
	switch m.rnd.IntN(8) {
	case 0:
		e.tag = interesting[m.rnd.IntN(len(interesting))]
	case 1:
		e.lie = []int{-1, 1, -2, 127, 128, 255, 65536, 1 << 24, 1<<31 - 1, 1<<32 - 1, -1 << 20}[m.rnd.IntN(11)]
	case 2:
		e.long = []int{1, 2, 3, 4, 5, 8, 9, 126}[m.rnd.IntN(8)]
	case 3:
		m.value(e)
	case 4: // an element of another message in its place
		other, _ := parse(m.seeds[m.rnd.IntN(len(m.seeds))])
		from := other[0].all(nil)
		*e = *from[m.rnd.IntN(len(from))]
	case 5:
		m.repeat(e)
	case 6:
		m.nest(e)
	case 7:
		e.content, e.kids = nil, nil
	}
	return top[0].encode(nil)
}

// huge are the contents of INTEGERs and of what is like them, and of OBJECT
// IDENTIFIERs, at their limits and beyond.
var (
	hugeNumbers = [][]byte{
		{}, {0}, {0x7f}, {0x80}, {0xff}, {0, 0xff}, {0x7f, 0xff, 0xff, 0xff}, {0x80, 0, 0, 0}, {0, 0xff, 0xff, 0xff, 0xff},
		{1, 0, 0, 0, 0}, {0, 0, 0, 0, 1}, {0xff, 0xff, 0xff, 0xff, 0xff}, bytes.Repeat([]byte{0xff}, 9), bytes.Repeat([]byte{0x7f}, 200),
	}
	hugeNames = [][]byte{
		{}, {0x2b}, {0x80}, {0x2b, 0x80}, {0x2b, 0x80, 0x01}, {0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f}, {0x2b, 0x90, 0x80, 0x80, 0x80, 0x00},
		{0x8f, 0xff, 0xff, 0xff, 0x7f}, bytes.Repeat([]byte{0x2b}, 127), bytes.Repeat([]byte{0x2b}, 128), bytes.Repeat([]byte{1}, 2000),
		bytes.Repeat([]byte{0xff}, 2000), append(bytes.Repeat([]byte{0x8f, 0xff, 0xff, 0xff, 0x7f}, 127), 0),
	}
	sizes = []int{0, 1, 31, 33, 127, 128, 255, 256, 484, 1472, 9000, 65000}
)

// value gives e contents at the limits of its type.
func (m *mutant) value(e *tlv) {
	e.kids = nil
	switch ber.Tag(e.tag) {
	case ber.ObjectIdentifier:
		e.content = hugeNames[m.rnd.IntN(len(hugeNames))]
	case ber.OctetString, ber.Opaque, ber.Null, ber.Sequence:
		e.content = bytes.Repeat([]byte{interesting[m.rnd.IntN(len(interesting))]}, sizes[m.rnd.IntN(len(sizes))])
	default:
		e.content = hugeNumbers[m.rnd.IntN(len(hugeNumbers))]
	}
}

// repeat writes a child of e many times, now and then as often as a datagram
// holds.
func (m *mutant) repeat(e *tlv) {
	if len(e.kids) == 0 {
		e.content = bytes.Repeat(e.content, 1+m.rnd.IntN(8))
		return
	}
	k := e.kids[m.rnd.IntN(len(e.kids))]
	n := 1 + m.rnd.IntN(20)
	if m.rnd.IntN(16) == 0 {
		n = (maxDatagram - 200) / max(len(k.encode(nil)), 20)
	}
	for range n {
		e.kids = append(e.kids, k)
	}
}

// nest puts e into many SEQUENCEs.
func (m *mutant) nest(e *tlv) {
	inner := *e
	data := inner.encode(nil)
	for range 1 + m.rnd.IntN(1<<m.rnd.IntN(10)) {
		data = (&tlv{tag: byte(ber.Sequence), content: data}).encode(nil)
	}
	*e = tlv{tag: byte(ber.Sequence), content: data[min(len(data), 2):]}
}

func TestMutants(t *testing.T) {
	var man manager
	man.t = t
	seed := man.community(1, 0xa0, 0, 0, names("1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0"))
	if top, ok := parse(seed); !ok || len(top) != 1 || !bytes.Equal(top[0].encode(nil), seed) || len(top[0].all(nil)) != 14 {
		t.Fatalf("%x is not what it was after parse and encode", seed)
	}
	lies := tlv{tag: 4, content: []byte("ab"), lie: 1<<31 - 3}
	if got := lies.encode(nil); !bytes.Equal(got, []byte{4, 0x84, 0x7f, 0xff, 0xff, 0xff, 'a', 'b'}) {
		t.Errorf("a lying length is %x", got)
	}
	long := tlv{tag: 4, content: []byte("a"), long: 9}
	if got := long.encode(nil); !bytes.Equal(got, []byte{4, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'a'}) {
		t.Errorf("a long length is %x", got)
	}
	one := mutant{rand.New(rand.NewPCG(1, 2)), [][]byte{seed}}
	two := mutant{rand.New(rand.NewPCG(1, 2)), [][]byte{seed}}
	same, large := 0, 0
	for i := range 20_000 {
		a := one.next()
		if !bytes.Equal(a, two.next()) {
			t.Fatalf("mutant %d does not depend on the seed alone", i)
		}
		if bytes.Equal(a, seed) {
			same++
		}
		if len(a) > 10_000 {
			large++
		}
	}
	if same > 1000 || large == 0 || large > 2000 {
		t.Errorf("of 20,000 mutants %d are no mutants and %d are large", same, large)
	}
}
