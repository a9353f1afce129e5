package message

import (
	"mibgate/agent/snmp/ber"
	"mibgate/mib"
)

// PDU is a PDU of any type; which fields mean something depends on Type.
type PDU struct {
	Type      PDUType
	RequestID int32 // to be echoed as it is, negative ones too

	status, index int32 // error-status and -index, or GetBulk's two numbers

	Trap     Trap // TrapV1 only
	Varbinds []Varbind
	// VarbindList is the encoded Varbinds, for answers that echo them.
	VarbindList []byte
}

// Varbind is one variable binding. Name is in the arena of its Message.
type Varbind struct {
	Name  mib.OID
	Value ber.Raw
}

// ErrorStatus of a Response or Report.
func (p *PDU) ErrorStatus() ErrorStatus { return ErrorStatus(p.status) }

// ErrorIndex of a Response: 1-based, 0 for none.
func (p *PDU) ErrorIndex() int { return int(p.index) }

// NonRepeaters of a GetBulk; negative is 0 (RFC 3416 §4.2.3).
func (p *PDU) NonRepeaters() int { return max(0, int(p.status)) }

// MaxRepetitions of a GetBulk; negative is 0 (RFC 3416 §4.2.3).
func (p *PDU) MaxRepetitions() int { return max(0, int(p.index)) }

// decodePDU reads the PDU that b consists of.
func (m *Message) decodePDU(b []byte) error {
	body, err := m.decodeHead(b)
	if err != nil {
		return err
	}
	p := &m.PDU
	if p.Type == TrapV1 {
		if body, err = p.Trap.decode(body); err != nil {
			return err
		}
		return m.decodeVarbinds(body)
	}
	if p.status, body, err = ber.ReadInt32(body); err != nil {
		return errPDU
	}
	if p.index, body, err = ber.ReadInt32(body); err != nil {
		return errPDU
	}
	return m.decodeVarbinds(body)
}

// decodeHead reads the type of the PDU that b consists of, and its request-id
// where it has one; body follows these.
func (m *Message) decodeHead(b []byte) (body []byte, err error) {
	raw, rest, err := ber.Next(b)
	if err != nil || len(rest) != 0 {
		return nil, errPDU
	}
	p := &m.PDU
	p.Type, body = PDUType(raw.Tag), raw.Content
	if !p.Type.in(m.Version) {
		return nil, ErrUnknownPDU
	}
	if p.Type == TrapV1 {
		return body, nil
	}
	if p.RequestID, body, err = ber.ReadInt32(body); err != nil {
		return nil, errPDU
	}
	return body, nil
}

// decodeVarbinds reads the VarBindList that b consists of. Each value is
// checked, so that Raw.Value cannot fail later.
func (m *Message) decodeVarbinds(b []byte) error {
	list, rest, err := ber.Expect(b, ber.Sequence)
	if err != nil || len(rest) != 0 {
		return errVarbinds
	}
	m.PDU.VarbindList = list
	arena, vbs := m.arena, m.PDU.Varbinds[:0]
	for len(list) > 0 {
		var vb, name []byte
		if vb, list, err = ber.Expect(list, ber.Sequence); err != nil {
			return errVarbinds
		}
		if name, vb, err = ber.Expect(vb, ber.ObjectIdentifier); err != nil {
			return errVarbinds
		}
		// A full arena is replaced; names read before keep the old one.
		from := len(arena)
		if arena, err = ber.AppendOID(arena, name); err != nil {
			return errVarbinds
		}
		value, rest, err := ber.Next(vb)
		if err != nil || len(rest) != 0 || value.Check() != nil {
			return errVarbinds
		}
		vbs = append(vbs, Varbind{Name: mib.OID(arena[from:len(arena):len(arena)]), Value: value})
	}
	m.arena, m.PDU.Varbinds = arena, vbs
	return nil
}
