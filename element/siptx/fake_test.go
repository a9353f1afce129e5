package siptx

import (
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"testing"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// fakeFlow keeps what is sent. Tests run in a synctest bubble, where time passes only when everyone waits.
type fakeFlow struct {
	transport siptransport.Transport
	mu        sync.Mutex
	sent      []string
	msgs      []sip.Message
	fail      error
}

func (f *fakeFlow) Transport() siptransport.Transport { return f.transport }
func (f *fakeFlow) Reliable() bool                    { return f.transport != siptransport.UDP }
func (f *fakeFlow) Local() netip.AddrPort             { return netip.MustParseAddrPort("127.0.0.1:16000") }
func (f *fakeFlow) Remote() netip.AddrPort            { return netip.MustParseAddrPort("127.0.0.1:5061") }

func (f *fakeFlow) Send(m sip.Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return f.fail
	}
	switch m := m.(type) {
	case *sip.Request:
		f.sent = append(f.sent, string(m.Method))
	case *sip.Response:
		f.sent = append(f.sent, m.StartLine()[8:11])
	}
	f.msgs = append(f.msgs, m)
	return nil
}

// take returns what was sent since the last call.
func (f *fakeFlow) take() (kinds []string, msgs []sip.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kinds, msgs = f.sent, f.msgs
	f.sent, f.msgs = nil, nil
	return kinds, msgs
}

func (f *fakeFlow) lastRequest(t *testing.T) *sip.Request {
	t.Helper()
	_, msgs := f.take()
	if len(msgs) > 0 {
		if req, ok := msgs[len(msgs)-1].(*sip.Request); ok {
			return req
		}
	}
	t.Fatalf("no request was sent: %v", msgs)
	return nil
}

func udpFlow() *fakeFlow { return &fakeFlow{transport: siptransport.UDP} }
func tlsFlow() *fakeFlow { return &fakeFlow{transport: siptransport.TLS} }

// handler is a Handler made of functions, and keeps a record.
type handler struct {
	onRequest func(*ServerTx)
	mu        sync.Mutex
	log       []string
}

func (h *handler) note(s string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, s)
}

func (h *handler) notes() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.log...)
}

func (h *handler) HandleRequest(tx *ServerTx) {
	h.note(string(tx.Request().Method))
	if h.onRequest != nil {
		h.onRequest(tx)
	}
}

func (h *handler) HandleAck(siptransport.Flow, *sip.Request) { h.note("ACK") }

func (h *handler) HandleCancel(tx *ServerTx, _ *sip.Request) {
	h.note("CANCEL")
	_ = tx.Reply(487, "Request Terminated")
}

func quietLayer(h Handler) *Layer {
	return NewLayer(Config{Handler: h, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// newRequest is a request without Via; branch adds one, as received from a peer.
func newRequest(method sip.RequestMethod, callID, branch string) *sip.Request {
	uri := sip.Uri{Scheme: "sip", User: "b", Host: "127.0.0.1"}
	req := sip.NewRequest(method, uri)
	if branch != "" {
		params := sip.NewParams()
		params.Add("branch", "z9hG4bK"+branch)
		req.AppendHeader(&sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "UDP", Host: "127.0.0.1", Port: 5999, Params: params})
	}
	fromParams := sip.NewParams()
	fromParams.Add("tag", "f")
	req.AppendHeader(&sip.FromHeader{Address: uri, Params: fromParams})
	req.AppendHeader(&sip.ToHeader{Address: uri})
	id := sip.CallIDHeader(callID)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: 1, MethodName: method})
	return req
}

// answer is a response to a request we sent.
func answer(req *sip.Request, status int) *sip.Response {
	return sip.NewResponseFromRequest(req, status, "Reason", nil)
}
