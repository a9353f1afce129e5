package sipua

import (
	"slices"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
	"mibgate/element/siptx"
)

// HandlerFunc serves the requests of one method. It, or someone it tells, must answer by tx.
type HandlerFunc func(tx *siptx.ServerTx)

// Mux hands requests to the handler of their method, after the inspection of RFC 3261 §8.2. A method without handler is
// answered 405, so a UA without handlers refuses everything in good order.
type Mux struct {
	ua *UA

	mu            sync.RWMutex
	handlers      map[sip.RequestMethod]HandlerFunc
	ack           func(siptransport.Flow, *sip.Request)
	cancel        func(*siptx.ServerTx)
	supported     []string
	ignoreRequire bool
}

var _ siptx.Handler = (*Mux)(nil)

func newMux(u *UA) *Mux { return &Mux{ua: u, handlers: make(map[sip.RequestMethod]HandlerFunc)} }

// Handle sets the handler of a method; nil takes it away.
func (m *Mux) Handle(method sip.RequestMethod, h HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h == nil {
		delete(m.handlers, method)
		return
	}
	m.handlers[method] = h
}

// HandleAcks sets who gets ACKs for 2xx; without, they are dropped.
func (m *Mux) HandleAcks(f func(siptransport.Flow, *sip.Request)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ack = f
}

// HandleCancels sets who answers an INVITE that was cancelled; without, it is answered 487.
func (m *Mux) HandleCancels(f func(invite *siptx.ServerTx)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cancel = f
}

// SetExtensions sets the option tags we support, and whether Require is ignored (InteropIgnoreRequireHeaderEnable).
func (m *Mux) SetExtensions(supported []string, ignoreRequire bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.supported, m.ignoreRequire = slices.Clone(supported), ignoreRequire
}

// Allow is the value of the Allow header: the methods that have a handler.
func (m *Mux) Allow() string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var list []string
	for method := range m.handlers {
		list = append(list, string(method))
		if method == sip.INVITE {
			list = append(list, "ACK", "CANCEL")
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// HandleRequest implements siptx.Handler.
func (m *Mux) HandleRequest(tx *siptx.ServerTx) {
	req := tx.Request()
	m.mu.RLock()
	h := m.handlers[req.Method]
	m.mu.RUnlock()
	switch {
	case req.SipVersion != "SIP/2.0":
		m.reply(tx, 505, "Version Not Supported")
	case h == nil:
		m.reply(tx, 405, "Method Not Allowed", sip.NewHeader("Allow", m.Allow()))
	case !slices.Contains([]string{"sip", "sips", "tel"}, strings.ToLower(req.Recipient.Scheme)):
		m.reply(tx, 416, "Unsupported URI Scheme")
	default:
		if bad := m.unsupported(req); bad != "" {
			m.reply(tx, 420, "Bad Extension", sip.NewHeader("Unsupported", bad))
			return
		}
		h(tx)
	}
}

// unsupported lists the option tags of Require that we do not know (§8.2.2.3).
func (m *Mux) unsupported(req *sip.Request) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.ignoreRequire {
		return ""
	}
	var bad []string
	for _, h := range req.GetHeaders("Require") {
		for tag := range strings.SplitSeq(h.Value(), ",") {
			tag = strings.TrimSpace(tag)
			if tag != "" && !slices.Contains(m.supported, tag) {
				bad = append(bad, tag)
			}
		}
	}
	return strings.Join(bad, ", ")
}

// HandleAck implements siptx.Handler.
func (m *Mux) HandleAck(flow siptransport.Flow, ack *sip.Request) {
	m.mu.RLock()
	f := m.ack
	m.mu.RUnlock()
	if f != nil {
		f(flow, ack)
	}
}

// HandleCancel implements siptx.Handler.
func (m *Mux) HandleCancel(invite *siptx.ServerTx, _ *sip.Request) {
	m.mu.RLock()
	f := m.cancel
	m.mu.RUnlock()
	if f != nil {
		f(invite)
		return
	}
	m.reply(invite, 487, "Request Terminated")
}

// AnswerOptions is a HandlerFunc that answers OPTIONS with 200 and our capabilities (RFC 3261 §11.2), whatever the
// request holds (InteropSipOptionsMethodSupport alwaysOk).
func (m *Mux) AnswerOptions(tx *siptx.ServerTx) {
	m.mu.RLock()
	supported := strings.Join(m.supported, ", ")
	m.mu.RUnlock()
	more := []sip.Header{sip.NewHeader("Allow", m.Allow()), sip.NewHeader("Accept", "application/sdp")}
	if supported != "" {
		more = append(more, sip.NewHeader("Supported", supported))
	}
	m.reply(tx, 200, "OK", more...)
}

// Refuse makes a HandlerFunc that answers every request with one status.
func (m *Mux) Refuse(status int, reason string) HandlerFunc {
	return func(tx *siptx.ServerTx) { m.reply(tx, status, reason) }
}

func (m *Mux) reply(tx *siptx.ServerTx, status int, reason string, more ...sip.Header) {
	if h := m.ua.headers.Load(); h.UserAgent != "" {
		more = append(more, sip.NewHeader("Server", h.UserAgent))
	}
	_ = tx.Reply(status, reason, more...) // fails when the flow has gone, and then there is nobody to tell
}
