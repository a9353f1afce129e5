package siptx

import (
	"crypto/rand"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// newTag is 130 random bits (§19.3 asks for 32).
func newTag() string { return rand.Text() }

// newVia is our Via for a request on a flow (§8.1.1.7): the flow's own address, so that answers come back by it, a
// new branch, and rport (RFC 3581).
func newVia(flow siptransport.Flow) *sip.ViaHeader {
	via := &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: string(flow.Transport()),
		Host: flow.Local().Addr().String(), Port: int(flow.Local().Port()), Params: sip.NewParams(),
	}
	via.Params.Add("branch", sip.RFC3261BranchMagicCookie+rand.Text())
	via.Params.Add("rport", "")
	return via
}

// newAck is the ACK for a 3xx to 6xx (§17.1.1.3): the INVITE's top Via, Route and numbers, the response's To.
func newAck(invite *sip.Request, res sip.Message) *sip.Request {
	ack := follow(invite, sip.ACK)
	if to := res.To(); to != nil {
		ack.RemoveHeader("To")
		ack.AppendHeader(sip.HeaderClone(to))
	}
	return ack
}

// newCancel is the CANCEL of a pending INVITE (§9.1).
func newCancel(invite *sip.Request) *sip.Request { return follow(invite, sip.CANCEL) }

// follow makes a request that belongs to the INVITE's transaction.
func follow(invite *sip.Request, method sip.RequestMethod) *sip.Request {
	req := sip.NewRequest(method, *invite.Recipient.Clone())
	req.AppendHeader(invite.Via().Clone())
	sip.CopyHeaders("Route", invite, req)
	sip.CopyHeaders("Max-Forwards", invite, req)
	for _, h := range []sip.Header{invite.From(), invite.To(), invite.CallID()} {
		req.AppendHeader(sip.HeaderClone(h))
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: method})
	req.SetBody(nil)
	return req
}
