package message

import "mibgate/agent/snmp/ber"

// size is the length of the message with n octets of variable bindings. It
// is exact for v1 and v2c; for v3 it is as exact as Security.Overhead is.
func (b *Builder) size(n int, status ErrorStatus, index int) int {
	e := &b.env
	pdu := ber.SizeTLV(n)
	if e.Type == TrapV1 {
		pdu += e.Trap.size()
	} else {
		pdu += ber.SizeInt(int64(e.RequestID)) + ber.SizeInt(int64(status)) + ber.SizeInt(int64(index))
	}
	pdu = ber.SizeTLV(pdu)
	if e.Version != V3 {
		return ber.SizeTLV(ber.SizeInt(int64(e.Version)) + ber.SizeTLV(len(e.Community)) + pdu)
	}
	params, block, private := 0, 1, false
	if e.Security != nil {
		params, block = e.Security.Overhead()
		private = e.Security.Level() == AuthPriv
	}
	data := ber.SizeTLV(ber.SizeTLV(len(e.Scope.ContextEngineID)) + ber.SizeTLV(len(e.Scope.ContextName)) + pdu)
	if private {
		data = ber.SizeTLV((data + block - 1) / block * block)
	}
	global := ber.SizeInt(int64(e.MsgID)) + ber.SizeInt(int64(e.MaxSize)) + 3 + ber.SizeInt(SecurityModelUSM)
	return ber.SizeTLV(ber.SizeInt(int64(V3)) + ber.SizeTLV(global) + ber.SizeTLV(params) + data)
}

// solve finds the most octets of variable bindings that fit, -1 when not even
// none do. Lengths of lengths make size a step function: go down to a fit,
// then up to the last one.
func (b *Builder) solve() int {
	n := b.limit
	for n >= 0 {
		over := b.size(n, 0, 0) - b.limit
		if over <= 0 {
			break
		}
		n -= over
	}
	if n < 0 {
		n = -1
	}
	for b.size(n+1, 0, 0) <= b.limit {
		n++
	}
	return n
}
