package snmp

import (
	"errors"
	"slices"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// acceptV3 is RFC 3412 §7.2 with USM; err is what decoding the header said.
func (s *Service) acceptV3(x *exchange, err error) (out []byte, ok bool) {
	m := &x.message
	if !x.policy.v3 {
		s.count.badVersions.Add(1)
		return nil, false
	}
	if err != nil {
		s.countRefused(err)
		return nil, false
	}
	eng := s.engine.usm()
	if err := eng.Incoming(m, &x.security); err != nil {
		s.countRefused(err)
		if errors.Is(err, usm.ErrWrongDigest) || errors.Is(err, usm.ErrUnknownUserName) {
			s.failed(x, "the user is not known or the key is wrong")
		}
		return eng.Report(&x.builder, m, &x.security, err), false
	}
	if x.security.Level() >= message.AuthNoPriv {
		s.peers.add(x.from)
	}
	context, known := contextNamed(m.Scope.ContextName)
	switch {
	case !s.isContextEngine(m.Scope.ContextEngineID), !responder.Answers(m.PDU.Type):
		n := s.count.unknownPDUHandlers.Add(1)
		return s.report(x, unknownPDUHandlers, n), false
	case !known:
		n := s.count.unknownContexts.Add(1)
		return s.report(x, unknownContexts, n), false
	}
	s.count.admit(m.PDU.Type)
	x.context = context
	s.ask(x, s.granted(x))
	x.builder.Begin(message.Reply(m, &x.security, maxMessage), min(int(m.Header.MaxSize), maxMessage))
	return nil, true
}

// countRefused counts what USM has no counter for.
func (s *Service) countRefused(err error) {
	switch {
	case errors.Is(err, message.ErrSecurityModel):
		s.count.unknownSecurityModels.Add(1)
	case errors.Is(err, message.ErrInvalid):
		s.count.invalidMsgs.Add(1)
	case errors.Is(err, message.ErrUnknownPDU):
		s.count.unknownPDUHandlers.Add(1)
	case errors.Is(err, message.ErrParse):
		s.count.parseErrs.Add(1)
	}
}

// localEngineID stands for the engine that is asked (RFC 5343 §3.2).
var localEngineID = []byte{0x80, 0, 0, 0, 6}

// isContextEngine tells whether a context is of ours: we are no proxy.
func (s *Service) isContextEngine(id []byte) bool {
	return len(id) == 0 || slices.Equal(id, s.engine.ID()) || slices.Equal(id, localEngineID)
}

// The counters that reports of the dispatcher carry (RFC 3412 §7.2 step 13,
// RFC 3413 §3.2).
var (
	unknownPDUHandlers = mib.OID{1, 3, 6, 1, 6, 3, 11, 2, 1, 3, 0}
	unknownContexts    = mib.OID{1, 3, 6, 1, 6, 3, 12, 1, 5, 0}
)

// report makes the Report that answers an authentic request of the confirmed
// class; nil when it asks for none.
func (s *Service) report(x *exchange, counter mib.OID, n uint32) []byte {
	m := &x.message
	if m.Header.Flags&message.FlagReportable == 0 || !m.PDU.Type.Confirmed() {
		return nil
	}
	e := message.Reply(m, &x.security, maxMessage)
	e.Type, e.Scope = message.Report, message.Scope{ContextEngineID: s.engine.ID(), ContextName: m.Scope.ContextName}
	x.builder.Begin(e, min(int(m.Header.MaxSize), maxMessage))
	if err := x.builder.Append(counter, mib.Numeric(mib.Counter32, uint64(n))); err != nil {
		return s.fitting(nil, err)
	}
	return s.fitting(x.builder.Finish(message.NoError, 0))
}
