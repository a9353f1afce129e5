package snmp

import (
	"errors"
	"slices"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/usm"
	accounts "mibgate/element/aaa"
	"mibgate/element/access"
	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
)

// authProtocols and privProtocols are the unit-wide variables in usm's terms.
var (
	authProtocols = map[snmpmib.AuthProtocol]usm.AuthProtocol{
		snmpmib.AuthProtocolMd5: usm.MD5, snmpmib.AuthProtocolSha1: usm.SHA1, snmpmib.AuthProtocolSha224: usm.SHA224,
		snmpmib.AuthProtocolSha256: usm.SHA256, snmpmib.AuthProtocolSha384: usm.SHA384, snmpmib.AuthProtocolSha512: usm.SHA512,
	}
	privProtocols = map[snmpmib.PrivProtocol]usm.PrivProtocol{
		snmpmib.PrivProtocolNone: usm.NoPriv, snmpmib.PrivProtocolDes: usm.DES, snmpmib.PrivProtocolAes128: usm.AES128,
		snmpmib.PrivProtocolAes192: usm.AES192, snmpmib.PrivProtocolAes256: usm.AES256,
	}
)

// credentials are the keys of an account; ok is false when its password is too
// short for SNMPv3 (RFC 3414 §11.2).
func (s *Service) credentials(cfg *snmpmib.Config, a accounts.Account) (c usm.Credentials, ok bool, err error) {
	c, err = usm.NewCredentials(&s.keys, a.Name, authProtocols[cfg.AuthProtocol], a.Password, privProtocols[cfg.PrivProtocol], cfg.PrivPassword)
	if errors.Is(err, usm.ErrPasswordLength) || errors.Is(err, usm.ErrUserName) {
		return usm.Credentials{}, false, nil
	}
	return c, err == nil, err
}

// users makes the accounts USM users and says who they are.
func (s *Service) users(cfg *snmpmib.Config, all []accounts.Account) (*usm.UserTable, map[*usm.User]access.Principal, error) {
	roles := make(map[*usm.User]access.Principal, len(all))
	users := make([]*usm.User, 0, len(all))
	for _, a := range all {
		c, ok, err := s.credentials(cfg, a)
		if err != nil {
			return nil, nil, unavailable(err)
		}
		if !ok {
			continue
		}
		u, err := c.Localize(s.engine.ID())
		if err != nil {
			return nil, nil, unavailable(err)
		}
		users = append(users, u)
		roles[u] = access.Principal{Name: a.Name, Role: a.Role, Via: "snmp"}
	}
	return usm.NewUserTable(users...), roles, nil
}

// unavailable is a key that cannot be made; err names no secret.
func unavailable(err error) error {
	return &mib.Error{Kind: mib.ErrUnavailable, Path: snmpmib.Objects.AuthProtocol.Path(), Detail: "SNMPv3 keys cannot be made: " + err.Error(), Position: -1}
}

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
	switch {
	case !s.isContextEngine(m.Scope.ContextEngineID), !responder.Answers(m.PDU.Type):
		n := s.count.unknownPDUHandlers.Add(1)
		return s.report(x, unknownPDUHandlers, n), false
	case len(m.Scope.ContextName) != 0:
		n := s.count.unknownContexts.Add(1)
		return s.report(x, unknownContexts, n), false
	}
	s.count.admit(m.PDU.Type)
	x.request = responder.Request{Message: m, Who: s.principal(x), From: x.from}
	s.responder.ByRole(&x.request)
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

// principal is on whose behalf an authentic v3 request acts. What is not
// authenticated reads at most: anybody can write a name.
func (s *Service) principal(x *exchange) access.Principal {
	u := x.security.User()
	who, ok := x.policy.roles[u]
	if !ok { // another policy came meanwhile
		who = s.policy.Load().named(u.Name())
	}
	if x.security.Level() == message.NoAuthNoPriv {
		who.Role = min(who.Role, access.Observer)
	}
	return who
}

// named is the account of that name as this policy has it; nobody when it has
// none.
func (p *policy) named(name string) access.Principal {
	for _, who := range p.roles {
		if who.Name == name {
			return who
		}
	}
	return access.Principal{}
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
