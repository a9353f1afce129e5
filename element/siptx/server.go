package siptx

import (
	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// ServerTx is a server transaction.
type ServerTx struct {
	transaction
	key  serverKey
	req  *sip.Request
	tag  string        // our To tag, the same in all responses (§8.2.6.2)
	size int           // of req, in octets
	last *sip.Response // guarded by mu
	sent *sip.Response // the last that went out; guarded by mu
}

type serverKey struct{ branch, sentBy, method string }

// Request is the request that began the transaction. It must not be changed.
func (tx *ServerTx) Request() *sip.Request { return tx.req }

// Tag is the To tag that our responses carry when the request had none.
func (tx *ServerTx) Tag() string { return tx.tag }

// NewResponse makes a response to the request, with our To tag (§8.2.6).
func (tx *ServerTx) NewResponse(status int, reason string) *sip.Response {
	return newResponse(tx.req, status, reason, tx.tag)
}

// Reply answers with a response that has no body, and these headers added.
func (tx *ServerTx) Reply(status int, reason string, more ...sip.Header) error {
	res := tx.NewResponse(status, reason)
	for _, h := range more {
		res.AppendHeader(h)
	}
	return tx.Respond(res)
}

// Respond sends a response and hands it to the machine, which retransmits it as needed. ErrState: a final response was
// sent before, or the transaction is over. After a 2xx to INVITE it may be called again with the same response, to
// retransmit it (§13.3.1.4).
func (tx *ServerTx) Respond(res *sip.Response) error {
	kind := inFailure
	switch {
	case res.IsProvisional():
		kind = inProvisional
	case res.IsSuccess():
		kind = inSuccess
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	before := tx.last
	tx.last = res
	err := tx.stepLocked(input{kind: kind}, res, nil)
	if err != nil {
		tx.last = before
	}
	return err
}

// answered tells whether a final response was sent.
func (tx *ServerTx) answered() bool {
	select {
	case <-tx.settled:
		return true
	default:
		return false
	}
}

// forget ends a completed transaction before its time.
func (tx *ServerTx) forget() {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.end()
	tx.layer.removeServer(tx)
}

// carry implements perform.
func (tx *ServerTx) carry(out output, msg sip.Message) error {
	switch out.op {
	case opSend:
		if tx.last == nil {
			return nil
		}
		return tx.send()
	case opSend100:
		tx.last = newResponse(tx.req, 100, "Trying", "")
		return tx.send()
	case opDeliver:
		return tx.deliver(msg)
	case opEnd:
		tx.layer.removeServer(tx)
	}
	return nil
}

// send sends the last response, for the first time or again.
func (tx *ServerTx) send() error {
	if err := tx.flow.Send(tx.last); err != nil {
		return err
	}
	tx.layer.tally.sentResponse(tx.req.Method, tx.last, tx.sent == tx.last)
	tx.sent = tx.last
	return nil
}

// deliver hands the request, or the ACK of an accepted INVITE, to the handler.
func (tx *ServerTx) deliver(msg sip.Message) error {
	l := tx.layer
	req, ok := msg.(*sip.Request)
	if !ok {
		return nil
	}
	if req.IsAck() {
		l.userCall(tx.callID, true, func() { l.handler.HandleAck(tx.flow, req) })
		return nil
	}
	queued := l.serial.do(tx.callID, true, func() {
		if l.guard(func() { l.handler.HandleRequest(tx) }) {
			_ = tx.Reply(500, "Server Internal Error") // ErrState: it had answered before it failed
		}
	})
	if !queued {
		return ErrTooMany
	}
	return nil
}

func (tx *ServerTx) cancel(cancel *sip.Request) {
	l := tx.layer
	l.userCall(tx.callID, true, func() {
		if !tx.answered() {
			l.handler.HandleCancel(tx, cancel)
		}
	})
}

func newResponse(req *sip.Request, status int, reason, tag string) *sip.Response {
	res := sip.NewResponseFromRequest(req, status, reason, nil)
	if to, asked := res.To(), req.To(); tag != "" && to != nil && asked != nil && !asked.Params.Has("tag") {
		to.Params.Add("tag", tag)
	}
	return res
}

// reject answers a request for which no transaction is kept.
func (l *Layer) reject(flow siptransport.Flow, req *sip.Request, status int, reason string) {
	if req.IsAck() {
		return
	}
	res := newResponse(req, status, reason, newTag())
	if flow.Send(res) == nil { // best effort: nothing is kept that could repeat it
		l.tally.sentResponse(req.Method, res, false)
	}
}
