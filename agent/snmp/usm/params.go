package usm

import (
	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
)

// params is UsmSecurityParameters (RFC 3414 §2.4), pointing into the packet:
//
//	SEQUENCE { msgAuthoritativeEngineID, msgAuthoritativeEngineBoots,
//	           msgAuthoritativeEngineTime, msgUserName,
//	           msgAuthenticationParameters, msgPrivacyParameters }
type params struct {
	engineID    []byte
	boots, time uint32
	user        []byte
	auth        []byte
	authAt      int // where auth begins in the packet
	salt        []byte
}

// IsDiscovery tells whether a message asks for the engine ID of the receiver, which
// is all that is told to who does not know it (RFC 3414 §4).
func IsDiscovery(h *message.Header) bool {
	b, _, err := ber.Expect(h.SecurityParameters, ber.Sequence)
	if err != nil {
		return false
	}
	id, _, err := ber.Expect(b, ber.OctetString)
	return err == nil && len(id) == 0
}

// decode reads the parameters; every error is one of ASN.1 (RFC 3414 §3.2
// step 1).
func (p *params) decode(h *message.Header) error {
	b, rest, err := ber.Expect(h.SecurityParameters, ber.Sequence)
	if err != nil || len(rest) != 0 {
		return message.ErrParse
	}
	if p.engineID, b, err = ber.Expect(b, ber.OctetString); err != nil {
		return message.ErrParse
	}
	boots, b, err := ber.ReadInt32(b)
	if err != nil || boots < 0 {
		return message.ErrParse
	}
	time, b, err := ber.ReadInt32(b)
	if err != nil || time < 0 {
		return message.ErrParse
	}
	p.boots, p.time = uint32(boots), uint32(time)
	if p.user, b, err = ber.Expect(b, ber.OctetString); err != nil || len(p.user) > maxUserName {
		return message.ErrParse
	}
	if p.auth, b, err = ber.Expect(b, ber.OctetString); err != nil {
		return message.ErrParse
	}
	p.authAt = h.ParamsAt + len(h.SecurityParameters) - len(b) - len(p.auth)
	if p.salt, b, err = ber.Expect(b, ber.OctetString); err != nil || len(b) != 0 {
		return message.ErrParse
	}
	return nil
}
