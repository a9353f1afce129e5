package siptx

import (
	"context"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// Handler is the transaction user for incoming requests (§8.2). It should return soon: while it runs, further messages
// of the same Call-ID wait.
type Handler interface {
	// HandleRequest gets each new request but ACK and CANCEL, once. It, or someone it tells, must answer by tx.
	HandleRequest(tx *ServerTx)
	// HandleAck gets an ACK for a 2xx.
	HandleAck(flow siptransport.Flow, ack *sip.Request)
	// HandleCancel tells that an INVITE without final answer was cancelled; the CANCEL itself was answered. The handler
	// answers the INVITE, usually with 487.
	HandleCancel(invite *ServerTx, cancel *sip.Request)
}

// Config is what a Layer is made of.
type Config struct {
	Handler Handler
	Timing  Timing
	// MaxTransactions bounds the server transactions that wait for an answer of ours; 0 means 10,000. Over it the
	// answer is 503.
	MaxTransactions int
	// MaxCompleted bounds those that were answered and stay to absorb retransmissions; 0 means 1,000. Over it the
	// oldest is forgotten, so that a flood cannot keep others out.
	MaxCompleted int
	// MaxBytes bounds the octets of the requests that are kept, answered or not; 0 means 32 MiB. A quarter of it may be
	// those that were answered. Over it the same happens as over the numbers.
	MaxBytes int
	// Tally counts the messages; nil means that nobody asks.
	Tally *Tally
	// Logger gets panics of handlers and over messages; nil means slog.Default.
	Logger *slog.Logger
}

// Layer is the transaction layer of one gateway. It is the siptransport.Receiver of all the gateway's connections.
type Layer struct {
	handler Handler
	timing  Timing
	max     int
	maxDone int
	maxSize int
	tally   *Tally
	log     *slog.Logger
	serial  *serializer
	stats   counters

	mu      sync.Mutex
	closed  bool
	clients map[clientKey]*ClientTx
	servers map[serverKey]*ServerTx
	// completed lists answered server transactions, the oldest first; some of them have terminated since.
	completed []*ServerTx
	// size and doneSize are the octets of the requests in servers and in completed.
	size, doneSize int
}

// Stats counts what happened since the start.
type Stats struct {
	Requests  uint64 // new requests handed to the handler
	Repeated  uint64 // requests that were retransmissions
	Stray     uint64 // responses without a transaction
	Overload  uint64 // requests answered 503 for MaxTransactions or a full queue
	Panics    uint64 // panics that were caught, of handlers or over a message
	Clients   int    // client transactions now
	Servers   int    // server transactions now
	Cancelled uint64 // CANCEL requests that found their INVITE
}

type counters struct {
	requests, repeated, stray, overload, panics, cancelled atomic.Uint64
}

var _ siptransport.Receiver = (*Layer)(nil)

// NewLayer makes a transaction layer.
func NewLayer(cfg Config) *Layer {
	l := &Layer{
		handler: cfg.Handler, timing: cfg.Timing.withDefaults(), max: cfg.MaxTransactions, maxDone: cfg.MaxCompleted, maxSize: cfg.MaxBytes, tally: cfg.Tally, log: cfg.Logger,
		serial: newSerializer(), clients: make(map[clientKey]*ClientTx), servers: make(map[serverKey]*ServerTx),
	}
	if l.max <= 0 {
		l.max = 10000
	}
	if l.maxDone <= 0 {
		l.maxDone = 1000
	}
	if l.maxSize <= 0 {
		l.maxSize = 32 << 20
	}
	if l.log == nil {
		l.log = slog.Default()
	}
	return l
}

// ReceiveMessage implements siptransport.Receiver. Should a message make us, or the library that renders the answer,
// panic, that message is lost and nothing else.
func (l *Layer) ReceiveMessage(flow siptransport.Flow, msg sip.Message) {
	l.guard(func() {
		l.tally.received(msg)
		switch m := msg.(type) {
		case *sip.Response:
			l.response(m)
		case *sip.Request:
			l.request(flow, m)
		}
	})
}

// FlowClosed implements siptransport.Receiver: every transaction on the flow fails at once.
func (l *Layer) FlowClosed(flow siptransport.Flow, err error) {
	for _, tx := range l.all(flow) {
		tx.abort(err)
	}
}

func (l *Layer) response(res *sip.Response) {
	branch, _ := res.Via().Params.Get("branch")
	l.mu.Lock()
	tx := l.clients[clientKey{branch, string(res.CSeq().MethodName)}]
	l.mu.Unlock()
	if tx == nil {
		l.stats.stray.Add(1) // RFC 6026 §8.9: dropped
		l.tally.stray()
		return
	}
	tx.receive(res)
}

func (l *Layer) request(flow siptransport.Flow, req *sip.Request) {
	key := requestKey(req)
	switch req.Method {
	case sip.ACK:
		l.ack(flow, key, req)
		return
	case sip.CANCEL:
		invite := key
		invite.method = string(sip.INVITE)
		l.cancel(flow, key, l.server(invite), req)
		return
	}
	l.forgetOldest()
	tx, isNew := l.newServer(flow, key, req)
	switch {
	case tx == nil:
		l.stats.overload.Add(1)
		l.reject(flow, req, 503, "Service Unavailable")
	case isNew:
		l.stats.requests.Add(1)
		l.begin(tx)
	default:
		l.stats.repeated.Add(1)
		_ = tx.step(input{kind: inRequest}, req) // a failed resend ends the transaction; its user sees Done
	}
}

// begin starts a server transaction; the handler's queue may be full.
func (l *Layer) begin(tx *ServerTx) {
	if err := tx.step(input{kind: inStart}, tx.req); err != nil {
		l.stats.overload.Add(1)
		l.reject(tx.flow, tx.req, 503, "Service Unavailable")
	}
}

func (l *Layer) ack(flow siptransport.Flow, key serverKey, ack *sip.Request) {
	if tx := l.server(key); tx != nil {
		_ = tx.step(input{kind: inAck}, ack) // an ACK has no answer, not even a bad one
		return
	}
	l.userCall(ack.CallID().Value(), true, func() { l.handler.HandleAck(flow, ack) })
}

// cancel answers a CANCEL (§9.2) and tells the handler of the INVITE.
func (l *Layer) cancel(flow siptransport.Flow, key serverKey, invite *ServerTx, req *sip.Request) {
	tx, isNew := l.newServer(flow, key, req)
	switch {
	case tx == nil:
		l.stats.overload.Add(1)
		l.reject(flow, req, 503, "Service Unavailable")
		return
	case !isNew:
		_ = tx.step(input{kind: inRequest}, req)
		return
	}
	tx.mu.Lock()
	tx.machine.step(input{kind: inStart}) // its outputs would deliver to the handler, which CANCEL does not concern
	tx.mu.Unlock()
	if invite == nil {
		_ = tx.Reply(481, "Call/Transaction Does Not Exist") // a flow that has just failed has no one to tell
		return
	}
	l.stats.cancelled.Add(1)
	tx.tag = invite.tag
	_ = tx.Reply(200, "OK")
	invite.cancel(req)
}

// requestKey is how a request finds its server transaction (§17.2.3); ACK finds its INVITE.
func requestKey(req *sip.Request) serverKey {
	via := req.Via()
	branch, _ := via.Params.Get("branch")
	method := string(req.Method)
	if req.IsAck() {
		method = string(sip.INVITE)
	}
	return serverKey{branch, strings.ToLower(via.SentBy()), method}
}

func (l *Layer) server(key serverKey) *ServerTx {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.servers[key]
}

// newServer finds or makes the server transaction of a request; nil when there are too many.
func (l *Layer) newServer(flow siptransport.Flow, key serverKey, req *sip.Request) (tx *ServerTx, isNew bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if tx := l.servers[key]; tx != nil {
		return tx, false
	}
	size := sizeOf(req)
	if l.closed || len(l.servers)-len(l.completed) >= l.max || l.size+size > l.maxSize {
		return nil, false
	}
	tx = &ServerTx{key: key, req: req, tag: newTag(), size: size}
	var m machine = &nonInviteServer{timing: l.timing, reliable: flow.Reliable()}
	if req.IsInvite() {
		m = &inviteServer{timing: l.timing, reliable: flow.Reliable()}
	}
	tx.init(l, flow, req.CallID().Value(), m)
	tx.perform = tx.carry
	tx.completed = func() { l.noteCompleted(tx) }
	l.servers[key] = tx
	l.size += size
	l.tally.begun()
	return tx, true
}

// sizeOf is about how many octets a message has.
func sizeOf(req *sip.Request) int {
	n := len(req.Body())
	for _, h := range req.Headers() {
		n += len(h.Name()) + len(h.Value()) + len(": \r\n")
	}
	return n
}

func (l *Layer) addClient(tx *ClientTx) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.clients[tx.key] = tx
	l.tally.begun()
	return nil
}

func (l *Layer) removeClient(tx *ClientTx) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clients[tx.key] == tx {
		delete(l.clients, tx.key)
	}
}

func (l *Layer) removeServer(tx *ServerTx) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.servers[tx.key] == tx {
		delete(l.servers, tx.key)
		l.size -= tx.size
	}
}

// noteCompleted puts an answered transaction on the list of those that may be forgotten; the caller holds tx.mu.
func (l *Layer) noteCompleted(tx *ServerTx) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.completed = append(l.completed, tx)
	l.doneSize += tx.size
}

// forgetOldest ends completed transactions over the bound. It is called without any transaction's lock.
func (l *Layer) forgetOldest() {
	for {
		l.mu.Lock()
		if len(l.completed) == 0 {
			l.mu.Unlock()
			return
		}
		oldest := l.completed[0]
		stays := l.servers[oldest.key] == oldest
		if stays && len(l.completed) <= l.maxDone && l.doneSize <= l.maxSize/4 {
			l.mu.Unlock()
			return
		}
		l.completed[0] = nil
		l.doneSize -= oldest.size
		l.completed = l.completed[1:]
		l.mu.Unlock()
		if stays {
			oldest.forget()
		}
	}
}

// all lists the transactions of a flow, or of every flow for nil.
func (l *Layer) all(flow siptransport.Flow) []*transaction {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*transaction
	for _, tx := range l.clients {
		if flow == nil || tx.flow == flow {
			out = append(out, &tx.transaction)
		}
	}
	for _, tx := range l.servers {
		if flow == nil || tx.flow == flow {
			out = append(out, &tx.transaction)
		}
	}
	return out
}

// Drain waits until no transaction on the flow lacks its final response, or ctx is done. A nil flow stands for
// all.
func (l *Layer) Drain(ctx context.Context, flow siptransport.Flow) error {
	for _, tx := range l.all(flow) {
		select {
		case <-tx.settled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// userCall queues a call of the user under a Call-ID.
func (l *Layer) userCall(callID string, bounded bool, fn func()) {
	if !l.serial.do(callID, bounded, func() { l.guard(fn) }) {
		l.stats.overload.Add(1)
	}
}

// guard runs fn and tells whether it panicked. The process and the other calls go on.
func (l *Layer) guard(fn func()) (panicked bool) {
	defer func() {
		if p := recover(); p != nil {
			panicked = true
			l.stats.panics.Add(1)
			l.log.Error("panic over a SIP message", "stack", string(debug.Stack()))
		}
	}()
	fn()
	return false
}

// Stats reads the counters.
func (l *Layer) Stats() Stats {
	l.mu.Lock()
	clients, servers := len(l.clients), len(l.servers)
	l.mu.Unlock()
	return Stats{
		Requests: l.stats.requests.Load(), Repeated: l.stats.repeated.Load(), Stray: l.stats.stray.Load(),
		Overload: l.stats.overload.Load(), Panics: l.stats.panics.Load(), Cancelled: l.stats.cancelled.Load(),
		Clients: clients, Servers: servers,
	}
}

// Close ends every transaction, with ErrClosed to its user, and returns when no handler runs any more. It must not be
// called from a handler. Closing the connections is the transport's matter, and comes first.
func (l *Layer) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	for _, tx := range l.all(nil) {
		tx.kill()
	}
	l.serial.close()
}
