// Package syslog writes syslog messages and sends them over UDP.
//
// It owns the two forms of a message (RFC 3164 and RFC 5424), the text format with
// macros of Nlm.SyslogMessageFormat, and Sender, the bounded queue towards one server
// (RFC 5426). It imports nothing of ours; what an event is, and which severities pass, is
// package event's matter.
//
// # Hostile text
//
// The text of an event may quote what a peer sent. Control characters, invalid UTF-8,
// line separators and bidirectional overrides are escaped, so that one event is one line for
// every receiver and terminal; every field and the whole message are bounded.
//
// # Concurrency
//
// Format and Formatter are immutable values. All methods of Sender may be called from any
// goroutine; Enqueue and Configure never block. One goroutine sends; Close ends it.
//
// # Why our own
//
// log/syslog of the standard library is frozen: it has no RFC 5424, blocks its caller, and
// its message layout cannot be set. A message is one Sprintf; the rest is policy that no
// library has.
//
// Start reading at message.go, then format.go; sender.go stands alone.
package syslog
