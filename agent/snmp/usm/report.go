package usm

import (
	"errors"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// Report makes the Report-PDU that answers m, which Incoming refused with
// err; nil when there is none to send: err is not a *Failure, the sender did
// not ask for it, or m is no request, so that two engines never report to
// each other (RFC 3412 §6.4, §7.1 step 3).
func (e *Engine) Report(b *message.Builder, m *message.Message, c *Context, err error) []byte {
	var f *Failure
	if !errors.As(err, &f) || m.Header.Flags&message.FlagReportable == 0 {
		return nil
	}
	id, wanted := requestID(m)
	if !wanted {
		return nil
	}
	c.level = f.level
	b.Begin(message.Envelope{
		Version: message.V3, Type: message.Report, RequestID: id, MsgID: m.Header.MsgID, MaxSize: e.maxSize,
		Scope: message.Scope{ContextEngineID: e.id}, Security: c,
	}, int(m.Header.MaxSize))
	if err := b.Append(f.OID(), mib.Numeric(mib.Counter32, uint64(e.stats.Count(f)))); err != nil {
		return nil
	}
	out, err := b.Finish(message.NoError, 0)
	if err != nil {
		return nil
	}
	return out
}

// requestID reads what the refused m asks: its request-id, 0 as net-snmp sends
// when it is encrypted, and whether it is a request at all, as far as can be
// known. Nothing else of its PDU is left, for nothing of it is to be believed.
func requestID(m *message.Message) (id int32, wanted bool) {
	wanted = true
	if m.Header.Flags&message.FlagPriv == 0 && m.DecodeScopedHead(m.Header.Data) == nil {
		id, wanted = m.PDU.RequestID, m.PDU.Type.Confirmed()
	}
	m.PDU.Type = 0
	return id, wanted
}

// failureOf tells what a Report-PDU reports, nil when it is none of usmStats.
func failureOf(p *message.PDU) *Failure {
	if len(p.Varbinds) == 0 {
		return nil
	}
	name, n := p.Varbinds[0].Name, len(UsmStats)
	if len(name) != n+2 || !name.HasPrefix(UsmStats) || name[n] >= uint32(len(failures)) || name[n+1] != 0 {
		return nil
	}
	return failures[name[n]]
}
