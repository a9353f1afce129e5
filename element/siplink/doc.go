// Package siplink keeps one persistent TLS connection to a SIP server: from a fixed local port, dialed again every
// fail-back interval, watched by a keep-alive (RFC 5626 §3.5.1, OPTIONS, PING or TCP), with the states of
// tlsPersistentConnectionStatus and an event for each change.
//
// It may import siptransport, siptls and golang.org/x/sys; it knows no transactions: OPTIONS and PING are sent by a
// function of the caller. The connection is dialed here, not by a SIP library, because the fixed port needs
// SO_REUSEADDR, SetLinger(0) and TCP_USER_TIMEOUT, and a new TLS configuration for every handshake.
//
//	      ┌────────────── FIN, RST, dead, refused ──────────────┐
//	      ▼                                                      │
//	Down(200) ─ handshake ─▶ WaitingUp(400) ─ accepted ─▶ Up(100)┤
//	      ▲                                                      │ Shutdown
//	      └───────────── drained, closed ── WaitingShutdown(300)◀┘
//
// Under TLS 1.3 the client's handshake ends before the server has judged the client's certificate: WaitingUp lasts
// until a session ticket or any octet has come, or AcceptanceTime has passed without a refusal.
//
// Concurrency: a Link has one goroutine that owns its state; exported methods may be called from any goroutine.
// Config.OnEvent is called on the link's goroutine, in order: it must not block for long and must not call Shutdown or
// Close. Close and Shutdown return when no goroutine of the link is left.
//
// Start reading at Config, then Link.run, then keepalive.go.
package siplink
