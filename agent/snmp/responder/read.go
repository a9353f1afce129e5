package responder

import (
	"errors"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/tree"
	"mibgate/mib"
)

// get is RFC 3416 §4.2.1; v1 has noSuchName for what is not there
// (RFC 3584 §4.2.2.1).
func (s *Scratch) get(m *message.Message, b *message.Builder) (message.ErrorStatus, int) {
	for i := range m.PDU.Varbinds {
		s.at = i
		name := m.PDU.Varbinds[i].Name
		v, presence := s.reader.Get(name)
		var err error
		switch {
		case presence == tree.Found:
			err = b.Append(name, v)
		case m.Version == message.V1:
			return message.NoSuchName, i + 1
		case presence == tree.NoObject:
			err = b.AppendNull(name, ber.NoSuchObject)
		default:
			err = b.AppendNull(name, ber.NoSuchInstance)
		}
		if err != nil {
			return unencodable(err, i)
		}
	}
	return message.NoError, 0
}

// getNext is RFC 3416 §4.2.2: each binding is answered in its place.
func (s *Scratch) getNext(m *message.Message, b *message.Builder) (message.ErrorStatus, int) {
	for i := range m.PDU.Varbinds {
		s.at = i
		err := s.next(m.PDU.Varbinds[i].Name, b)
		if errors.Is(err, errEnd) {
			if m.Version == message.V1 {
				return message.NoSuchName, i + 1
			}
			err = b.AppendNull(m.PDU.Varbinds[i].Name, ber.EndOfMibView)
		}
		if err != nil {
			return unencodable(err, i)
		}
	}
	return message.NoError, 0
}

// errEnd is the end of the view; it never leaves the package.
var errEnd = errors.New("end of the view")

func (s *Scratch) next(after mib.OID, b *message.Builder) error {
	name, ok := s.reader.After(s.names[0][:0], after, tree.Place{})
	s.names[0] = name
	if !ok {
		return errEnd
	}
	return s.append(name, b)
}

// append adds the answer of the reader.
func (s *Scratch) append(name mib.OID, b *message.Builder) error {
	leaf, v := s.reader.Answer()
	return b.AppendBelow(leaf.Octets, name[len(leaf.OID):], v)
}

// unencodable is a binding that cannot be put into the answer: it does not fit
// any more, or its value has no encoding, which is a fault of ours.
func unencodable(err error, i int) (message.ErrorStatus, int) {
	if errors.Is(err, message.ErrTooBig) {
		return message.TooBig, 0
	}
	return message.GenErr, i + 1
}

// cursor is where one repeater of a GetBulk stands.
type cursor struct {
	name  mib.OID // in the arena of its repetition, or in the request
	place tree.Place
	end   bool
}

// getBulk is RFC 3416 §4.2.3. It stops when the answer is full, when it has
// limit bindings, and after a repetition that found nothing any more.
func (s *Scratch) getBulk(p *message.PDU, b *message.Builder, limit int) (message.ErrorStatus, int) {
	n := min(p.NonRepeaters(), len(p.Varbinds))
	for i := range n {
		s.at = i
		name := p.Varbinds[i].Name
		err := s.next(name, b)
		if errors.Is(err, errEnd) {
			err = b.AppendNull(name, ber.EndOfMibView)
		}
		if err != nil {
			return full(err, b, i)
		}
	}
	s.cursors = s.cursors[:0]
	for i := range p.Varbinds[n:] {
		s.cursors = append(s.cursors, cursor{name: p.Varbinds[n+i].Name})
	}
	if len(s.cursors) == 0 {
		return message.NoError, 0
	}
	for rep := range p.MaxRepetitions() {
		more, err := s.repeat(rep, n, b, limit)
		if err != nil {
			return full(err, b, s.at)
		}
		if !more {
			break
		}
	}
	return message.NoError, 0
}

// repeat is one repetition; more is false when every repeater is at its end or
// the limit is reached. The names that the next repetition goes on from are in
// the one arena, those that this one went on from in the other.
func (s *Scratch) repeat(rep, n int, b *message.Builder, limit int) (more bool, err error) {
	arena := &s.names[rep&1]
	*arena = (*arena)[:0]
	for j := range s.cursors {
		if b.Count() >= limit {
			return false, nil
		}
		c := &s.cursors[j]
		s.at = n + j
		from, ok := len(*arena), false
		if !c.end {
			*arena, ok = s.reader.After(*arena, c.name, c.place)
		}
		if ok {
			c.name, c.place, more = (*arena)[from:len(*arena):len(*arena)], s.reader.Place(), true
			err = s.append(c.name, b)
		} else {
			*arena = append(*arena, c.name...)
			c.name, c.end = (*arena)[from:len(*arena):len(*arena)], true
			err = b.AppendNull(c.name, ber.EndOfMibView)
		}
		if err != nil {
			return false, err
		}
	}
	return more, nil
}

// full ends a GetBulk whose answer has no room for more: what is there goes
// out, and tooBig when there is nothing.
func full(err error, b *message.Builder, i int) (message.ErrorStatus, int) {
	if errors.Is(err, message.ErrTooBig) && b.Count() > 0 {
		return message.NoError, 0
	}
	return unencodable(err, i)
}
