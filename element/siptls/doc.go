// Package siptls decides whom the gateway trusts over TLS (RFC 3261 §26.3, RFC 5922): it builds the client and server
// configurations for one handshake, checks a peer's certificate at one of the four validation levels, and sorts a
// failed handshake into a Reason that an operator can act on.
//
// It imports crypto/tls and crypto/x509 only and opens no socket. crypto/tls was chosen because it is the standard
// library; its own host name check is switched off, as RFC 5922 §7.2 forbids the wildcards that it accepts and the
// levels need a chain without a name.
//
// Concurrency: Settings are values that are not changed after they were handed over. A provider function is called
// once per handshake, on the goroutine of the handshake, so a swapped certificate serves the next handshake.
//
// Start reading at Settings.Client, then verify.go, then Classify.
package siptls
