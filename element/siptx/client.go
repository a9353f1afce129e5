package siptx

import (
	"context"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// ClientUser is told what becomes of a request. Its functions may be nil. They run on the goroutine of the Call-ID.
type ClientUser struct {
	// Response gets each response in order: any number of 1xx, then a final one; for INVITE every 2xx, retransmitted
	// ones too, as each needs an ACK.
	Response func(*sip.Response)
	// Failed is called at most once, in place of a final response: ErrTimeout, ErrTransport or ErrClosed.
	Failed func(error)
}

// ClientTx is a client transaction.
type ClientTx struct {
	transaction
	key  clientKey
	req  *sip.Request
	user ClientUser
	// wantCancel is set when CANCEL must wait for the first provisional response (§9.1). Guarded by mu.
	wantCancel, cancelled bool
	sent, acked           bool // once; guarded by mu
}

type clientKey struct{ branch, method string }

// Request is the request as it was sent, with our Via.
func (tx *ClientTx) Request() *sip.Request { return tx.req }

// Send starts a client transaction: it puts our Via, with a new branch, on a copy of req and sends it by flow. An
// error means that nothing was sent and that user will not be called.
func (l *Layer) Send(flow siptransport.Flow, req *sip.Request, user ClientUser) (*ClientTx, error) {
	if req.CSeq() == nil || req.CallID() == nil || req.From() == nil || req.To() == nil || req.IsAck() {
		return nil, ErrRequest
	}
	req = req.Clone()
	via := newVia(flow)
	req.PrependHeader(via)
	return l.startClient(flow, req, user)
}

func (l *Layer) startClient(flow siptransport.Flow, req *sip.Request, user ClientUser) (*ClientTx, error) {
	branch, _ := req.Via().Params.Get("branch")
	tx := &ClientTx{key: clientKey{branch, string(req.Method)}, req: req, user: user}
	var m machine = &nonInviteClient{timing: l.timing, reliable: flow.Reliable()}
	if req.IsInvite() {
		m = &inviteClient{timing: l.timing, reliable: flow.Reliable()}
	}
	tx.init(l, flow, req.CallID().Value(), m)
	tx.perform = tx.carry
	if err := l.addClient(tx); err != nil {
		return nil, err
	}
	tx.mu.Lock()
	user = tx.user
	tx.user = ClientUser{} // an error of the first send is returned, not called back
	err := tx.stepLocked(input{kind: inStart}, nil, nil)
	tx.user = user
	tx.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return tx, nil
}

// Do sends a request other than INVITE and waits for its final response. When ctx ends first, the transaction goes on
// without anyone caring for its outcome.
func (l *Layer) Do(ctx context.Context, flow siptransport.Flow, req *sip.Request) (*sip.Response, error) {
	type outcome struct {
		res *sip.Response
		err error
	}
	ch := make(chan outcome, 1)
	_, err := l.Send(flow, req, ClientUser{
		Response: func(res *sip.Response) {
			if !res.IsProvisional() {
				ch <- outcome{res: res}
			}
		},
		Failed: func(err error) { ch <- outcome{err: err} },
	})
	if err != nil {
		return nil, err
	}
	select {
	case o := <-ch:
		return o.res, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// SendAck sends an ACK for a 2xx, which is a request of its own without a transaction (§13.2.2.4).
func (l *Layer) SendAck(flow siptransport.Flow, ack *sip.Request) error {
	ack = ack.Clone()
	ack.PrependHeader(newVia(flow))
	if err := flow.Send(ack); err != nil {
		return err
	}
	l.tally.sentRequest(ack.Method, false)
	return nil
}

// Cancel asks the peer to give up a pending INVITE (§9.1). Before the first provisional response it waits for that;
// after a final one it does nothing. The INVITE's own final response (487) tells the outcome; when none comes within
// the time-out, the INVITE fails with ErrTimeout.
func (tx *ClientTx) Cancel() error {
	if !tx.req.IsInvite() {
		return ErrState
	}
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.wantCancel = true
	return tx.cancelLocked()
}

func (tx *ClientTx) cancelLocked() error {
	if !tx.wantCancel || tx.cancelled || tx.machine.current() != Proceeding {
		return nil
	}
	tx.cancelled = true
	tx.startTimer(timerB, tx.layer.timing.Timeout)
	cancel := newCancel(tx.req)
	// In a goroutine of the Call-ID: starting another transaction here would take the locks in the wrong order.
	tx.layer.serial.do(tx.callID, false, func() {
		_, _ = tx.layer.startClient(tx.flow, cancel, ClientUser{}) // the INVITE's outcome tells
	})
	return nil
}

// carry implements perform.
func (tx *ClientTx) carry(out output, msg sip.Message) error {
	switch out.op {
	case opSend:
		return tx.send(tx.req, &tx.sent)
	case opAck:
		return tx.send(newAck(tx.req, msg), &tx.acked)
	case opDeliver:
		tx.deliver(msg)
		return tx.cancelLocked()
	case opTimeout, opTransport:
		if failed, err := tx.user.Failed, tx.err; failed != nil {
			tx.layer.userCall(tx.callID, false, func() { failed(err) })
		}
	case opEnd:
		tx.layer.removeClient(tx)
	}
	return nil
}

// send sends a request of the transaction; before tells whether it went out before.
func (tx *ClientTx) send(req *sip.Request, before *bool) error {
	if err := tx.flow.Send(req); err != nil {
		return err
	}
	tx.layer.tally.sentRequest(req.Method, *before)
	*before = true
	return nil
}

func (tx *ClientTx) deliver(msg sip.Message) {
	res, ok := msg.(*sip.Response)
	if !ok || tx.user.Response == nil {
		return
	}
	// A final response is never dropped for a full queue: the user waits for it.
	response := tx.user.Response
	tx.layer.userCall(tx.callID, res.IsProvisional(), func() { response(res) })
}

func (tx *ClientTx) receive(res *sip.Response) {
	kind := inFailure
	switch {
	case res.IsProvisional():
		kind = inProvisional
	case res.IsSuccess():
		kind = inSuccess
	}
	_ = tx.step(input{kind: kind}, res) // the user learns of errors by Failed
}
