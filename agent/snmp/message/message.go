package message

import (
	"mibgate/agent/snmp/ber"
)

// Message is one decoded packet. Everything in it points into the packet or
// into the Message itself and is valid until the next Decode.
//
//	v1, v2c   SEQUENCE { version, community, PDU }
//	v3        SEQUENCE { version, msgGlobalData, msgSecurityParameters, msgData }
//	          msgData is a ScopedPDU, or an OCTET STRING that hides one
type Message struct {
	Raw       []byte // the whole packet
	Version   Version
	Community []byte // v1, v2c
	Header    Header // v3
	Scope     Scope  // v3, after DecodeScoped
	PDU       PDU    // v3: after DecodeScoped

	arena []uint32
}

// Header is the header of a v3 message (RFC 3412 §6).
type Header struct {
	MsgID         int32
	MaxSize       int32 // what the sender can receive, >= MinMaxSize
	Flags         Flags
	SecurityModel int32
	// SecurityParameters is the contents of msgSecurityParameters, ParamsAt
	// where in the packet they begin.
	SecurityParameters []byte
	ParamsAt           int
	// Data is msgData: the contents of the encrypted OCTET STRING when
	// Flags has FlagPriv, the whole TLV of the ScopedPDU otherwise. In v1 and
	// v2c it is the TLV of the PDU.
	Data []byte
}

// Scope is the context of a v3 PDU (RFC 3411 §3.3).
type Scope struct {
	ContextEngineID []byte
	ContextName     []byte
}

// What a Message keeps from packet to packet at most, in sub-identifiers and
// variable bindings: what one long packet takes is not needed by the next.
const (
	keptNames    = 8192
	keptVarbinds = 512
)

// Decode reads packet into m, replacing what was there. A v1 or v2c message
// is decoded whole; of a v3 message the header, not yet the PDU. On error m
// holds what had been read: after ErrSecurityModel, ErrInvalid and
// ErrUnknownPDU the header or community is there. The errors are those of
// errors.go.
func Decode(packet []byte, m *Message) error {
	if err := DecodeHeader(packet, m); err != nil || m.Version == V3 {
		return err
	}
	return m.DecodePDU()
}

// DecodeHeader is Decode without the PDU, which is not even looked at: who
// sends what is wrong must not make work (RFC 1157 §4.1, steps 1 to 3). A v1 or
// v2c message is then completed by DecodePDU.
func DecodeHeader(packet []byte, m *Message) error {
	arena, vbs := m.arena[:0], m.PDU.Varbinds[:0]
	if cap(arena) > keptNames || cap(vbs) > keptVarbinds {
		arena, vbs = nil, nil
	}
	*m = Message{Raw: packet, arena: arena}
	m.PDU.Varbinds = vbs
	body, rest, err := ber.Expect(packet, ber.Sequence)
	if err != nil || len(rest) != 0 {
		return errMessage
	}
	version, body, err := ber.ReadInt32(body)
	if err != nil {
		return errMessage
	}
	m.Version = Version(version)
	switch m.Version {
	case V1, V2c:
		community, body, err := ber.Expect(body, ber.OctetString)
		if err != nil {
			return errMessage
		}
		m.Community, m.Header.Data = community, body
		return nil
	case V3:
		return m.decodeV3(body)
	}
	return ErrVersion
}

// DecodePDU reads the PDU of a v1 or v2c message whose header has been read.
func (m *Message) DecodePDU() error { return m.decodePDU(m.Header.Data) }

func (m *Message) decodeV3(body []byte) error {
	global, body, err := ber.Expect(body, ber.Sequence)
	if err != nil {
		return errMessage
	}
	if err := m.Header.decode(global); err != nil {
		return err
	}
	params, body, err := ber.Expect(body, ber.OctetString)
	if err != nil {
		return errMessage
	}
	m.Header.SecurityParameters = params
	m.Header.ParamsAt = len(m.Raw) - len(body) - len(params)
	data, rest, err := ber.Next(body)
	if err != nil || len(rest) != 0 {
		return errMessage
	}
	switch {
	case m.Header.SecurityModel != SecurityModelUSM:
		return ErrSecurityModel
	case m.Header.Flags&(FlagAuth|FlagPriv) == FlagPriv:
		return ErrInvalid
	case m.Header.Flags&FlagPriv != 0 && data.Tag == ber.OctetString:
		m.Header.Data = data.Content
	case m.Header.Flags&FlagPriv == 0 && data.Tag == ber.Sequence:
		m.Header.Data = body
	default:
		return errMessage
	}
	return nil
}

func (h *Header) decode(b []byte) error {
	var err error
	if h.MsgID, b, err = ber.ReadInt32(b); err != nil || h.MsgID < 0 {
		return errHeader
	}
	if h.MaxSize, b, err = ber.ReadInt32(b); err != nil || h.MaxSize < MinMaxSize {
		return errHeader
	}
	flags, b, err := ber.Expect(b, ber.OctetString)
	if err != nil || len(flags) != 1 {
		return errHeader
	}
	h.Flags = Flags(flags[0])
	if h.SecurityModel, b, err = ber.ReadInt32(b); err != nil || h.SecurityModel < 1 || len(b) != 0 {
		return errHeader
	}
	return nil
}

// DecodeScope reads the context of a ScopedPDU and returns the TLV of its PDU
// and what follows the ScopedPDU, which is the padding of a block cipher
// (RFC 3414 §8.1.1.2) or nothing.
func (m *Message) DecodeScope(scoped []byte) (pdu, rest []byte, err error) {
	body, rest, err := ber.Expect(scoped, ber.Sequence)
	if err != nil {
		return nil, nil, errScoped
	}
	id, body, err := ber.Expect(body, ber.OctetString)
	if err != nil {
		return nil, nil, errScoped
	}
	name, body, err := ber.Expect(body, ber.OctetString)
	if err != nil {
		return nil, nil, errScoped
	}
	m.Scope = Scope{ContextEngineID: id, ContextName: name}
	return body, rest, nil
}

// DecodeScopedHead is DecodeScoped up to the request-id of the PDU: as much as
// may be looked at for a sender who is not known to be one.
func (m *Message) DecodeScopedHead(scoped []byte) error {
	pdu, rest, err := m.DecodeScope(scoped)
	if err != nil {
		return err
	}
	if len(rest) != 0 {
		return errScoped
	}
	_, err = m.decodeHead(pdu)
	return err
}

// DecodeScoped reads the plain ScopedPDU into Scope and PDU. Only decrypted
// ones may have octets after the end: padding. scoped must stay unchanged as
// long as m is used.
func (m *Message) DecodeScoped(scoped []byte) error {
	pdu, rest, err := m.DecodeScope(scoped)
	if err != nil {
		return err
	}
	if len(rest) != 0 && m.Header.Flags&FlagPriv == 0 {
		return errScoped
	}
	return m.decodePDU(pdu)
}
