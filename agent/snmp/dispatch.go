package snmp

import (
	"errors"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/vacm"
	"mibgate/mib"
)

// accept decodes a datagram and finds out who asks. Either there is something
// to send at once, a Report; or the request is ready to be answered and ok is
// true; or neither, and the datagram is dropped and counted.
func (s *Service) accept(x *exchange) (out []byte, ok bool) {
	s.count.inPkts.Add(1)
	x.policy = s.policy.Load()
	if s.shut(x) {
		s.count.authFailuresDropped.Add(1)
		return nil, false
	}
	if x.Size > maxMessage {
		s.count.parseErrs.Add(1)
		return nil, false
	}
	err := message.DecodeHeader(x.packet(), &x.message)
	switch x.message.Version {
	case message.V1, message.V2c:
		return nil, s.acceptCommunity(x, err)
	case message.V3:
		return s.acceptV3(x, err)
	}
	if errors.Is(err, message.ErrVersion) {
		s.count.badVersions.Add(1)
	} else {
		s.count.parseErrs.Add(1)
	}
	return nil, false
}

// acceptCommunity is RFC 3584 §5.2.1 with the policy of the views; err is what decoding
// the header said. The PDU of a stranger is not decoded: he could have us look
// at ten thousand variable bindings per datagram.
func (s *Service) acceptCommunity(x *exchange, err error) bool {
	p, m := x.policy, &x.message
	if m.Version == message.V1 && !p.v1 || m.Version == message.V2c && !p.v2c {
		s.count.badVersions.Add(1)
		return false
	}
	if err != nil {
		s.count.parseErrs.Add(1)
		return false
	}
	g, context := p.byCommunity(m, x.from)
	if g == nil {
		s.count.badCommunityNames.Add(1)
		s.failed(x, "the community is not known")
		return false
	}
	if g.err != nil {
		s.refuseCommunity(x, g.err)
		return false
	}
	s.peers.add(x.from)
	if err := m.DecodePDU(); err != nil {
		s.count.parseErrs.Add(1)
		return false
	}
	if !s.count.admit(m.PDU.Type) {
		return false
	}
	x.context = context
	s.ask(x, *g)
	x.builder.Begin(message.Reply(m, nil, maxMessage), p.communityMax)
	return true
}

// ask makes the request of an authentic message with what its sender may.
func (s *Service) ask(x *exchange, g grant) {
	x.request = responder.Request{
		Message: &x.message, Who: g.who, From: x.from, Configs: s.configs(x.context),
		Sight: g.sight, Write: g.write, Denied: g.denies(x.message.PDU.Type), Renew: s.renewer(x),
	}
}

// refuseCommunity counts a community that is good for nothing.
func (s *Service) refuseCommunity(x *exchange, err error) {
	if errors.Is(err, vacm.ErrNoContext) {
		s.count.unknownContexts.Add(1)
		return
	}
	s.count.badCommunityUses.Add(1)
	s.failed(x, "the community has no role")
}

// admit counts a request; false is a PDU that an agent does not answer.
func (c *counters) admit(t message.PDUType) bool {
	switch t {
	case message.Get:
		c.gets.Add(1)
	case message.GetNext:
		c.getNexts.Add(1)
	case message.Set:
		c.sets.Add(1)
	}
	if !responder.Answers(t) {
		c.unknownPDUHandlers.Add(1)
		return false
	}
	return true
}

// respond answers what accept has accepted; nil when nothing is to be sent.
func (s *Service) respond(x *exchange) []byte {
	out, err := s.responder.Respond(x.scratch, &x.request, &x.builder)
	if x.message.Version != message.V3 && (x.request.Status == message.NoAccess || x.request.Status == message.AuthorizationError) {
		s.count.badCommunityUses.Add(1)
	}
	return s.fitting(out, err)
}

// busy answers a SET that finds too many under way.
func (s *Service) busy(x *exchange) []byte {
	out, err := responder.Refuse(&x.message, &x.builder, mib.ErrUnavailable)
	return s.fitting(out, err)
}

// fitting counts an answer that did not even fit without variable bindings
// (RFC 3418, snmpSilentDrops).
func (s *Service) fitting(out []byte, err error) []byte {
	if err != nil {
		s.count.silentDrops.Add(1)
		return nil
	}
	return out
}
