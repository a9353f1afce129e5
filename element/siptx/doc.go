// Package siptx is the transaction layer of RFC 3261 §17 with the corrections of RFC 6026: the four state machines,
// the matching of messages to transactions, and the delivery of requests and responses to the transaction user in
// order, one at a time per Call-ID.
//
// The machines in machine_*.go are pure: they get inputs (a message class, a timer that fired, a transport error) and
// give outputs (send, deliver, start a timer, end), so that they are tested as tables, without clock or network.
// transaction.go carries the outputs out; layer.go finds the transaction.
//
// It may import siptransport and sipgo/sip. sipgo's own transaction layer is not used: it starts a goroutine per
// message and so loses their order.
//
// Concurrency: exported methods may be called from any goroutine, from within handlers, too. Handler and ClientUser
// methods are called on one goroutine per Call-ID, in the order of arrival; a handler that blocks holds up its own
// Call-ID only. A panic in a handler is caught, logged without message content, and answered 500. A message given to
// the layer must not be changed afterwards. Close ends every transaction and returns when all handlers have.
//
// Start reading at Layer, Handler, then machine.go.
package siptx
