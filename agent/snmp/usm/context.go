package usm

import (
	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
)

// Context is the security of one message: who sent it and at which level, and
// how its answer is sealed (securityStateReference of RFC 3414 §3.1). It
// implements message.Security. It is reused from message to message; its
// memory holds the decrypted PDU.
type Context struct {
	local     *Engine // for salts
	authority authority
	engineID  []byte // of the authority
	name      []byte
	user      *User // nil: nobody, or unknown
	level     message.Level

	params params
	plain  []byte
	salt   [saltLength]byte
	s      scratch
}

// authority tells the time by which a message is judged: Engine or Remote.
type authority interface {
	stamp() (boots, seconds uint32)
}

func (c *Context) reset(local *Engine, a authority, engineID []byte) {
	c.local, c.authority, c.engineID = local, a, engineID
	c.name, c.user, c.level = nil, nil, message.NoAuthNoPriv
	c.params = params{}
}

// User is the user; only after Incoming returned nil is it he who asks.
func (c *Context) User() *User { return c.user }

// Level is the security level of the message and of its answer.
func (c *Context) Level() message.Level { return c.level }

// Overhead implements message.Security. The bound is exact but for the
// numbers engineBoots and engineTime, which are taken at their longest.
func (c *Context) Overhead() (params, block int) {
	auth, salt, block := 0, 0, 1
	if c.level >= message.AuthNoPriv {
		auth = c.user.mac.mac
	}
	if c.level == message.AuthPriv {
		salt, block = saltLength, c.user.priv.info().block
	}
	const number = 2 + 4
	return ber.SizeTLV(ber.SizeTLV(len(c.engineID)) + 2*number + ber.SizeTLV(len(c.name)) +
		ber.SizeTLV(auth) + ber.SizeTLV(salt)), block
}

// Seal implements message.Security: RFC 3414 §3.1.
func (c *Context) Seal(w *ber.Writer, h *message.Header) error {
	boots, now := c.authority.stamp()
	if c.level == message.AuthPriv {
		c.encrypt(w, boots, now)
	}
	tail := w.Len()
	salt, mac := c.salt[:0], 0
	if c.level == message.AuthPriv {
		salt = c.salt[:]
	}
	if c.level >= message.AuthNoPriv {
		mac = c.user.mac.mac
	}
	w.PrependBytes(ber.OctetString, salt)
	macEnd := w.Len()
	w.PrependZeros(ber.OctetString, mac)
	w.PrependBytes(ber.OctetString, c.name)
	w.PrependInt(ber.Integer, int64(now))
	w.PrependInt(ber.Integer, int64(boots))
	w.PrependBytes(ber.OctetString, c.engineID)
	w.PrependHeader(ber.Sequence, w.Len()-tail)
	w.PrependHeader(ber.OctetString, w.Len()-tail)
	h.Prepend(w)
	if mac > 0 {
		c.user.mac.sign(w.Bytes(), w.Len()-macEnd-mac)
	}
	return nil
}

// encrypt turns the ScopedPDU in w into encryptedPDU, padded as the cipher
// wants it (RFC 3414 §8.1.1.2).
func (c *Context) encrypt(w *ber.Writer, boots, now uint32) {
	k := c.user.crypt
	block := k.proto.info().block
	w.AppendPadding((block - w.Len()%block) % block)
	c.local.nextSalt(k.proto, &c.salt)
	k.encrypt(&c.s, w.Bytes(), c.salt[:], boots, now)
	w.Wrap(ber.OctetString)
}

// Originate makes c seal what this engine sends of its own accord, traps, as
// user at level. ErrUnsupportedSecLevel: the user has no keys for it.
func (e *Engine) Originate(c *Context, user *User, level message.Level) error {
	if user == nil {
		return ErrUnknownUserName
	}
	if level > user.MaxLevel() {
		return ErrUnsupportedSecLevel
	}
	c.reset(e, e, e.id)
	c.user, c.name, c.level = user, user.name, max(level, message.NoAuthNoPriv)
	return nil
}
