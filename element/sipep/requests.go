package sipep

import (
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/sipdns"
	"mibgate/element/siptransport"
	"mibgate/element/siptx"
	"mibgate/element/sipua"
	"mibgate/mib/sipep"
)

// headers are what every message of ours carries.
func (r *run) headers() sipua.Headers {
	cfg := sipep.Of(r.o.Store.Current())
	h := sipua.Headers{MaxForwards: uint32(max(cfg.InteropMaxForwardsValue, 0))} //nolint:gosec // not negative
	if cfg.InteropSendUaHeaderEnable {
		h.UserAgent = expand(cfg.InteropUaHeaderFormat, *r.unit.Load())
	}
	return h
}

// macros are the words that may stand between percent signs in
// InteropUaHeaderFormat.
var macros = map[string]func(Unit) string{
	"product": func(u Unit) string { return u.Product },
	"version": func(u Unit) string { return u.Version },
	"profile": func(u Unit) string { return u.Profile },
	"serial":  func(u Unit) string { return u.Serial },
	"mac":     func(u Unit) string { return u.MAC },
	"":        func(Unit) string { return "%" },
}

// expand fills in a format that Validate has let in.
func expand(format string, u Unit) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(format, "%")
		b.WriteString(before)
		if !found {
			return strings.TrimSpace(b.String())
		}
		word, after, _ := strings.Cut(rest, "%")
		if value := macros[word]; value != nil {
			b.WriteString(value(u))
		}
		format = after
	}
}

// serveRequests sets who answers requests. There is no telephony yet: calls are
// refused, and no dialog is ever begun.
func (c *core) serveRequests() {
	c.ua.Mux.Handle(sip.INVITE, c.answerInvite)
	c.ua.Mux.Handle(sip.BYE, func(tx *siptx.ServerTx) { c.reply(tx, 481, noDialog) })
	c.serveOptions()
}

const noDialog = "Call/Transaction Does Not Exist"

// serveOptions follows InteropSipOptionsMethodSupport: without a handler OPTIONS
// is a method that is not supported.
func (c *core) serveOptions() {
	if sipep.Of(c.run.o.Store.Current()).InteropSipOptionsMethodSupport == sipep.InteropSipOptionsMethodSupportAlwaysOk {
		c.ua.Mux.Handle(sip.OPTIONS, c.answerOptions)
		return
	}
	c.ua.Mux.Handle(sip.OPTIONS, nil)
}

// answerOptions tells what we can do (RFC 3261 §11.2).
func (c *core) answerOptions(tx *siptx.ServerTx) {
	if inDialog(tx) {
		c.reply(tx, 481, noDialog)
		return
	}
	contact := &sip.ContactHeader{Address: c.contact(tx.Request().Recipient.User, tx.Flow()).URI}
	c.reply(tx, 200, "OK", contact, sip.NewHeader("Allow", c.ua.Mux.Allow()), sip.NewHeader("Accept", "application/sdp"))
}

// answerInvite refuses a call: for good while the gateway is disabled by a user
// that is not registered, for now otherwise.
func (c *core) answerInvite(tx *siptx.ServerTx) {
	cfg := sipep.Of(c.run.o.Store.Current())
	disables := cfg.DefaultUnitRegistrationUnregisteredBehavior == sipep.DefaultUnitRegistrationUnregisteredBehaviorDisableGateway
	switch {
	case inDialog(tx):
		c.reply(tx, 481, noDialog)
	case disables && !c.run.board.registered(c.g.plan.name):
		c.reply(tx, 503, "Service Unavailable")
	default:
		c.reply(tx, 480, "Temporarily Unavailable")
	}
}

// inDialog reports whether a request says that it belongs to a dialog.
func inDialog(tx *siptx.ServerTx) bool {
	to := tx.Request().To()
	return to != nil && to.Params.Has("tag")
}

func (c *core) reply(tx *siptx.ServerTx, status int, reason string, more ...sip.Header) {
	if h := c.run.headers(); h.UserAgent != "" {
		more = append(more, sip.NewHeader("Server", h.UserAgent))
	}
	_ = tx.Reply(status, reason, more...) // fails when the flow has gone, and then there is nobody to tell
}

// local is our address in Contact: that of the flow, or of the listener when the
// flow is a TCP connection that we opened from a port of the system's choice.
func (c *core) local(flow siptransport.Flow) netip.AddrPort {
	if flow.Transport() == siptransport.TCP {
		if at, ok := c.ua.Transport.Local(siptransport.TCP); ok {
			return at
		}
	}
	return flow.Local()
}

// routed is a user agent whose requests go through the outbound proxy of its
// gateway, as DefaultProxyOutboundType says.
type routed struct {
	*sipua.UA
	c *core
}

// NewRequest implements sipreg.UserAgent.
func (u routed) NewRequest(r sipua.Request) *sip.Request {
	g := u.c.g.plan
	if g.outbound == "" {
		return u.UA.NewRequest(r)
	}
	switch g.outboundType {
	case sipep.DefaultProxyOutboundTypeLooseRouter:
		r.Route = append([]sip.Uri{sipua.Loose(g.outbound, g.transports[0].transport)}, r.Route...)
	case sipep.DefaultProxyOutboundTypeStrictRouter:
		// RFC 3261 §12.2.1.1: a strict router stands in the request URI, what
		// stood there comes last in Route.
		r.Route = append(r.Route, r.URI)
		r.URI = sipua.ServerURI(g.outbound)
	}
	return u.UA.NewRequest(r)
}

// hostOf is a configured server without port.
func hostOf(hostPort string) string {
	host, _, err := sipdns.Split(hostPort)
	if err != nil {
		return hostPort
	}
	return host
}
