package notifier

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// newID is a request-id or msgID that nobody can guess.
func newID() int32 { return rand.Int32() } //nolint:gosec // seeded by the system, and no secret

// envelope is what the message of n says besides its variables.
func (w *worker) envelope(s *settings, n *notification, requestID int32) (message.Envelope, error) {
	e := message.Envelope{Version: s.Version, Type: message.TrapV2, RequestID: requestID, Community: []byte(s.Community)}
	if s.Inform {
		e.Type = message.Inform
	}
	switch s.Version {
	case message.V1:
		e.Type = message.TrapV1
		e.Trap = message.TrapFrom(n.oid, w.env.Product, w.socket.agentAddr(), n.upTime)
	case message.V3:
		e.Community = nil
		e.MsgID, e.MaxSize, e.Reportable = newID(), maxDatagram, s.Inform
		engine := w.env.Engine()
		if engine == nil {
			return e, errNoEngine
		}
		// The variables are of our context, whoever is authoritative for the
		// message (RFC 3413 §3.3).
		e.Scope = message.Scope{ContextEngineID: engine.ID(), ContextName: []byte(s.Context)}
		e.Security = &w.security
		return e, w.secure(s, engine)
	}
	return e, nil
}

// secure makes w.security seal for whoever is authoritative: we for traps, the
// receiver for informs (RFC 3414 §1.5.1).
func (w *worker) secure(s *settings, engine *usm.Engine) error {
	if s.Inform {
		return w.remote.Secure(&w.security)
	}
	if w.userOf != s {
		user, err := s.User.Localize(engine.ID())
		if err != nil {
			return fmt.Errorf("%w: %w", errNoOwnKeys, err)
		}
		w.user, w.userOf = user, s
	}
	return engine.Originate(&w.security, w.user, s.Level)
}

// encode makes the message of n. The octets are valid until the next one. The
// error is final.
func (w *worker) encode(s *settings, n *notification, requestID int32) (out []byte, msgID int32, err error) {
	e, err := w.envelope(s, n, requestID)
	if err != nil {
		return nil, 0, finalError{err}
	}
	w.builder.Begin(e, s.maxMessage())
	if err = w.variables(s.Version, n); err == nil {
		out, err = w.builder.Finish(message.NoError, 0)
	}
	if errors.Is(err, message.ErrTooBig) {
		err = fmt.Errorf("%w: the target takes %d octets", err, s.maxMessage())
	}
	if err != nil {
		return nil, 0, finalError{err}
	}
	return out, e.MsgID, nil
}

// variables appends sysUpTime.0, snmpTrapOID.0 and those of n (RFC 3416
// §4.2.6). A v1 trap has the first two in its header, and no Counter64: such a
// variable is left out, rather than the trap (RFC 3584 §3.2). The standard
// notifications say whose they are as v1 traps do, in snmpTrapEnterprise.0
// (RFC 3418).
func (w *worker) variables(v message.Version, n *notification) error {
	b := &w.builder
	if v != message.V1 {
		if err := b.Append(message.SysUpTime, mib.Numeric(mib.TimeTicks, uint64(n.upTime))); err != nil {
			return err
		}
		if err := b.Append(message.SnmpTrapOID, mib.Ident(n.oid)); err != nil {
			return err
		}
	}
	for _, x := range n.varbinds {
		if err := b.Append(x.name, x.value); err != nil && !errors.Is(err, message.ErrV1Syntax) {
			return err
		}
	}
	if v != message.V1 && n.standard() {
		return b.Append(message.SnmpTrapEnterprise, mib.Ident(w.env.Product))
	}
	return nil
}
