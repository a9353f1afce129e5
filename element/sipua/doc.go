// Package sipua is the user agent core of RFC 3261 §8 for one gateway: it joins the transport and the transaction
// layer, builds requests outside dialogs, inspects incoming requests (method, scheme, Require) and hands them to the
// handler of their method.
//
// It may import siptransport, siptx and sipgo/sip. It knows neither registrations nor calls: those are users of it.
//
// Concurrency: exported methods may be called from any goroutine. Handlers run as siptx.Handler says: one at a time per
// Call-ID; their panics are caught there. Handle may be called while requests arrive.
//
// Start reading at UA, then Mux.
package sipua
