package message

import (
	"mibgate/agent/snmp/ber"
	"mibgate/mib"
)

// Security seals v3 messages; package usm implements it.
type Security interface {
	// Level is what the message will be sent at.
	Level() Level
	// Overhead bounds the contents of msgSecurityParameters, and gives the
	// block that the encrypted ScopedPDU is padded to (1: not padded).
	Overhead() (params, block int)
	// Seal makes the plain ScopedPDU in w the whole message.
	Seal(w *ber.Writer, h *Header) error
}

// Envelope is what a message says besides its variable bindings.
type Envelope struct {
	Version   Version
	Type      PDUType
	RequestID int32
	Community []byte // v1, v2c
	Trap      Trap   // Type TrapV1

	// v3:
	MsgID      int32
	MaxSize    int32 // what we can receive; at least MinMaxSize
	Reportable bool  // set it on what expects an answer, only
	Scope      Scope
	Security   Security
}

// Reply is the envelope of the Response to m. security is nil for v1 and v2c,
// maxSize what we can receive. It points into m.
func Reply(m *Message, security Security, maxSize int32) Envelope {
	return Envelope{
		Version: m.Version, Type: Response, RequestID: m.PDU.RequestID, Community: m.Community,
		MsgID: m.Header.MsgID, MaxSize: maxSize, Scope: m.Scope, Security: security,
	}
}

// Builder builds messages, one after another, in one buffer. The zero Builder
// is ready for Begin.
type Builder struct {
	w     ber.Writer
	env   Envelope
	h     Header // a field, so that it does not go to the heap
	limit int
	room  int // octets of varbinds that fit
	count int
}

// Begin starts a message that is to have at most limit octets.
func (b *Builder) Begin(env Envelope, limit int) {
	b.env, b.limit, b.count = env, limit, 0
	b.w.Reset(b.size(0, 0, 0) + 32) // every nested length may grow by 4
	b.room = b.solve()
}

// Count is the number of variable bindings so far.
func (b *Builder) Count() int { return b.count }

// Clear drops all variable bindings.
func (b *Builder) Clear() { b.Rollback(Mark{}) }

// Mark is a point to roll back to.
type Mark struct{ size, count int }

// Mark is the present point.
func (b *Builder) Mark() Mark { return Mark{b.w.Len(), b.count} }

// Rollback drops the variable bindings appended since m.
func (b *Builder) Rollback(m Mark) {
	b.w.Truncate(m.size)
	b.count = m.count
}

// Append adds a variable binding. ErrTooBig: it does not fit; ErrV1Syntax;
// ber.ErrValue: name or value cannot be encoded. On error nothing was added.
func (b *Builder) Append(name mib.OID, v mib.Value) error {
	if v.Kind == mib.Counter64 && b.env.Version == V1 {
		return ErrV1Syntax
	}
	start := b.w.Len()
	mark := b.w.Open()
	err := b.w.AppendOID(name)
	if err == nil {
		err = b.w.AppendValue(v)
	}
	if err != nil {
		b.w.Truncate(start)
		return err
	}
	return b.close(start, mark)
}

// AppendBelow is Append for a name whose first sub-identifiers, at least two,
// are encoded already: prefix are the octets, inst is what follows.
func (b *Builder) AppendBelow(prefix []byte, inst mib.OID, v *mib.Value) error {
	if v.Kind == mib.Counter64 && b.env.Version == V1 {
		return ErrV1Syntax
	}
	start := b.w.Len()
	mark := b.w.Open()
	b.w.AppendOIDBelow(prefix, inst)
	if err := b.w.AppendValue(*v); err != nil {
		b.w.Truncate(start)
		return err
	}
	return b.close(start, mark)
}

// AppendNull adds a variable binding whose value is NULL, as requests have
// it, or one of the exceptions of RFC 3416 §3.
func (b *Builder) AppendNull(name mib.OID, tag ber.Tag) error {
	if tag.IsException() && b.env.Version == V1 {
		return ErrV1Syntax
	}
	start := b.w.Len()
	mark := b.w.Open()
	if err := b.w.AppendOID(name); err != nil {
		b.w.Truncate(start)
		return err
	}
	b.w.AppendNull(tag)
	return b.close(start, mark)
}

// AppendRaw adds a variable binding whose value is encoded already.
func (b *Builder) AppendRaw(name mib.OID, v ber.Raw) error {
	if b.env.Version == V1 && (v.Tag == ber.Counter64 || v.Tag.IsException()) {
		return ErrV1Syntax
	}
	start := b.w.Len()
	mark := b.w.Open()
	if err := b.w.AppendOID(name); err != nil {
		b.w.Truncate(start)
		return err
	}
	b.w.AppendBytes(v.Tag, v.Content)
	return b.close(start, mark)
}

func (b *Builder) close(start, mark int) error {
	b.w.Close(mark, ber.Sequence)
	if b.w.Len() > b.room {
		b.w.Truncate(start)
		return ErrTooBig
	}
	b.count++
	return nil
}

// Echo replaces the variable bindings by those of the request p, octet for
// octet: what error responses and the Response to a SET carry.
func (b *Builder) Echo(p *PDU) error {
	b.Clear()
	if len(p.VarbindList) > b.room {
		return ErrTooBig
	}
	b.w.Append(p.VarbindList)
	b.count = len(p.Varbinds)
	return nil
}

// Finish ends the message; the octets are valid until the next Begin. status
// and index (1-based) are those of a Response, or non-repeaters and
// max-repetitions of a GetBulk. ErrTooBig: the message exceeds the limit,
// which happens only when even the headers do, or when index is above 127 and
// the last octets of room were used; the Builder is as before then, and Clear
// and Finish make the tooBig answer. After any other result begin again.
func (b *Builder) Finish(status ErrorStatus, index int) ([]byte, error) {
	e, w := &b.env, &b.w
	if b.size(b.w.Len(), status, index) > b.limit {
		return nil, ErrTooBig
	}
	w.Wrap(ber.Sequence)
	if e.Type == TrapV1 {
		if err := e.Trap.prepend(w); err != nil {
			return nil, err
		}
	} else {
		w.PrependInt(ber.Integer, int64(index))
		w.PrependInt(ber.Integer, int64(status))
		w.PrependInt(ber.Integer, int64(e.RequestID))
	}
	w.Wrap(ber.Tag(e.Type))
	if e.Version != V3 {
		w.PrependBytes(ber.OctetString, e.Community)
		w.PrependInt(ber.Integer, int64(e.Version))
		w.Wrap(ber.Sequence)
		return w.Bytes(), nil
	}
	return b.seal()
}

func (b *Builder) seal() ([]byte, error) {
	e, w := &b.env, &b.w
	if e.Security == nil {
		return nil, ErrSecurity
	}
	w.PrependBytes(ber.OctetString, e.Scope.ContextName)
	w.PrependBytes(ber.OctetString, e.Scope.ContextEngineID)
	w.Wrap(ber.Sequence)
	b.h = Header{MsgID: e.MsgID, MaxSize: e.MaxSize, Flags: e.Security.Level().Flags(), SecurityModel: SecurityModelUSM}
	if e.Reportable {
		b.h.Flags |= FlagReportable
	}
	if err := e.Security.Seal(w, &b.h); err != nil {
		return nil, err
	}
	return w.Bytes(), nil
}

// Prepend writes version and msgGlobalData before the msgSecurityParameters
// and msgData in w and so completes the message; for implementations of
// Security.
func (h *Header) Prepend(w *ber.Writer) {
	tail := w.Len()
	flags := [1]byte{byte(h.Flags)}
	w.PrependInt(ber.Integer, int64(h.SecurityModel))
	w.PrependBytes(ber.OctetString, flags[:])
	w.PrependInt(ber.Integer, int64(h.MaxSize))
	w.PrependInt(ber.Integer, int64(h.MsgID))
	w.PrependHeader(ber.Sequence, w.Len()-tail)
	w.PrependInt(ber.Integer, int64(V3))
	w.Wrap(ber.Sequence)
}
