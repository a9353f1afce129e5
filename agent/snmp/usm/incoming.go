package usm

import (
	"bytes"

	"mibgate/agent/snmp/message"
)

// Incoming authenticates and decrypts m, which message.Decode has read, in
// the order of RFC 3414 §3.2, and decodes its PDU. After nil, m.PDU and
// m.Scope are there, c tells who asks and seals the answer. The errors are a
// *Failure, already counted, for which Report makes the answer, or those of
// message (ErrParse, ErrUnknownPDU), for which the caller counts. m points
// into c then: both live as long as the answer is being made.
func (e *Engine) Incoming(m *message.Message, c *Context) error {
	c.reset(e, e, e.id)
	if err := c.params.decode(&m.Header); err != nil {
		return err
	}
	c.name = c.params.user
	if f := e.admit(m, c); f != nil {
		e.stats.add(f)
		return f
	}
	err := c.open(m)
	if f, ok := err.(*Failure); ok { //nolint:errorlint // open does not wrap it
		e.stats.add(f)
	}
	return err
}

// admit is steps 3 to 7 of RFC 3414 §3.2.
func (e *Engine) admit(m *message.Message, c *Context) *Failure {
	p := &c.params
	if !bytes.Equal(p.engineID, e.id) { // discovery, too (RFC 3414 §4)
		return ErrUnknownEngineID
	}
	if len(p.user) == 0 {
		return ErrUnknownUserName
	}
	if c.user = (*e.users.Load()).User(p.user); c.user == nil {
		return ErrUnknownUserName
	}
	c.level = m.Header.Flags.Level()
	if c.level > c.user.MaxLevel() || uint32(c.level) < e.minLevel.Load() {
		return ErrUnsupportedSecLevel
	}
	if c.level == message.NoAuthNoPriv {
		return nil
	}
	if !c.authentic(m) {
		return ErrWrongDigest
	}
	if !e.inWindow(p) {
		return ErrNotInTimeWindow
	}
	return nil
}

// authentic checks the digest (RFC 3414 §6.3.2).
func (c *Context) authentic(m *message.Message) bool {
	k := c.user.mac
	return k != nil && len(c.params.auth) == k.mac && k.verify(m.Raw, c.params.authAt)
}

// open decrypts if need be (RFC 3414 §3.2 step 8) and decodes the PDU. The
// digest was right, so a text that has no scopedPDU in it was encrypted with
// another key: that is a decryption error, too, and its Report tells the
// operator more than silence does.
func (c *Context) open(m *message.Message) error {
	if m.Header.Flags&message.FlagPriv == 0 {
		return m.DecodeScoped(m.Header.Data)
	}
	p, data := &c.params, m.Header.Data
	if cap(c.plain) < len(data) {
		c.plain = make([]byte, len(data), 2*len(data))
	}
	plain := c.plain[:len(data)]
	if !c.user.crypt.decrypt(&c.s, plain, data, p.salt, p.boots, p.time) {
		return ErrDecryption
	}
	if _, _, err := m.DecodeScope(plain); err != nil {
		return ErrDecryption
	}
	return m.DecodeScoped(plain)
}
