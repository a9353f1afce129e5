// Package siptransport is the transport layer of RFC 3261 §18 for one gateway: UDP, TCP and TLS listeners, outgoing
// TCP connections, and the reading and writing of SIP messages on any connection, the persistent TLS link's included.
//
// It hands up messages in the order in which they arrived on their connection, on the goroutine that reads it, together
// with the Flow (RFC 5626 §3.1) they came by; whatever is sent on that Flow takes the same path back. It answers
// keep-alive pings (RFC 5626 §4.4.1), answers what it cannot parse with 400 where that is possible, and bounds
// everything a peer can make it hold: message size, header lines, the time a message may take to arrive, idle
// connections, connections per peer, and unsent output.
//
// It may import sipgo/sip and the standard library. sipgo's parser and message types are used, its transport is not:
// there one unparsable message ends a connection, errors carry whole messages, slow peers stay for ever and EMFILE ends
// a listener, and the order of messages is lost above it.
//
// Concurrency: every exported method may be called from any goroutine. Receiver methods are called by the readers, one
// reader per connection; they must not block for long, and must not call Close of the Layer. Flow.Send never blocks on
// a slow peer: output is queued, and a peer that does not take it loses its connection. A message handed to Send must
// not be changed afterwards. Layer.Close returns when every goroutine of the layer has ended.
//
// Start reading at Flow, then Conn, then framer.go, then Layer.
package siptransport
