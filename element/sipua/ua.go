package sipua

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
	"mibgate/element/siptx"
)

// Headers are what every request of ours carries.
type Headers struct {
	// UserAgent is the value of User-Agent and Server; empty sends neither (InteropSendUaHeaderEnable).
	UserAgent string
	// MaxForwards is the value of Max-Forwards (InteropMaxForwardsValue).
	MaxForwards uint32
}

// Config is what a UA is made of.
type Config struct {
	Headers Headers
	Timing  siptx.Timing
	Limits  siptransport.Limits
	Tally   *siptx.Tally // of the messages; nil means that nobody asks
	Logger  *slog.Logger // nil means slog.Default
}

// UA is the user agent core of one gateway. Its Transactions are the Receiver of the gateway's persistent links.
type UA struct {
	Transport    *siptransport.Layer
	Transactions *siptx.Layer
	Mux          *Mux
	headers      atomic.Pointer[Headers]
}

// New makes a user agent without listeners.
func New(cfg Config) *UA {
	u := &UA{}
	u.SetHeaders(cfg.Headers)
	u.Mux = newMux(u)
	u.Transactions = siptx.NewLayer(siptx.Config{Handler: u.Mux, Timing: cfg.Timing, Tally: cfg.Tally, Logger: cfg.Logger})
	u.Transport = siptransport.NewLayer(siptransport.Config{Receiver: u.Transactions, Limits: cfg.Limits})
	return u
}

// SetHeaders changes what later requests carry.
func (u *UA) SetHeaders(h Headers) { u.headers.Store(&h) }

// Close closes listeners, connections and transactions, and returns when no handler runs any more. Links are closed
// before, by whoever made them.
func (u *UA) Close() {
	u.Transport.Close()
	u.Transactions.Close()
}

// Do sends a request other than INVITE and waits for its final response, see siptx.Layer.Do.
func (u *UA) Do(ctx context.Context, flow siptransport.Flow, req *sip.Request) (*sip.Response, error) {
	return u.Transactions.Do(ctx, flow, req)
}

// Request is what differs between requests outside dialogs (RFC 3261 §8.1.1).
type Request struct {
	Method   sip.RequestMethod
	URI      sip.Uri
	From, To sip.Uri
	// FromTag and CallID are made when empty.
	FromTag, CallID string
	CSeq            uint32 // 1 when zero
	// Route is the pre-loaded route set, such as an outbound proxy; see Loose.
	Route    []sip.Uri
	Contacts []Contact
	Headers  []sip.Header
}

// NewRequest builds a request. Via is put on when it is sent.
func (u *UA) NewRequest(r Request) *sip.Request {
	h := u.headers.Load()
	req := sip.NewRequest(r.Method, r.URI)
	for i := range r.Route {
		req.AppendHeader(&sip.RouteHeader{Address: *r.Route[i].Clone()})
	}
	maxForwards := sip.MaxForwardsHeader(h.MaxForwards)
	req.AppendHeader(&maxForwards)
	from := &sip.FromHeader{Address: *r.From.Clone(), Params: sip.NewParams()}
	from.Params.Add("tag", orNew(r.FromTag))
	req.AppendHeader(from)
	req.AppendHeader(&sip.ToHeader{Address: *r.To.Clone()})
	callID := sip.CallIDHeader(orNew(r.CallID))
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: max(r.CSeq, 1), MethodName: r.Method})
	for _, c := range r.Contacts {
		req.AppendHeader(c.header())
	}
	if h.UserAgent != "" {
		req.AppendHeader(sip.NewHeader("User-Agent", h.UserAgent))
	}
	for _, extra := range r.Headers {
		req.AppendHeader(extra)
	}
	req.SetBody(nil)
	return req
}

func orNew(s string) string {
	if s == "" {
		return rand.Text()
	}
	return s
}

// Probe makes the function by which a link is watched with OPTIONS or PING: a request to target, whose final answer,
// whatever it is, is a sign of life. It fits siplink.Config.
func (u *UA) Probe(target, from sip.Uri) func(context.Context, siptransport.Flow, sip.RequestMethod) error {
	return func(ctx context.Context, flow siptransport.Flow, method sip.RequestMethod) error {
		req := u.NewRequest(Request{Method: method, URI: target, From: from, To: target})
		_, err := u.Do(ctx, flow, req)
		return err
	}
}
