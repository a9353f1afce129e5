// Package sipreg registers one address of record with a registrar and keeps it registered (RFC 3261 §10): digest,
// refresh before expiry, retry, 423, and removal at the end. Its states are those of registrationStatus.
//
// It may import sipua, sipauth, siptransport and sipgo/sip. How the registrar is reached — a persistent link, TCP, UDP
// — is the matter of a function that gives the flow.
//
//	            ┌────────────── Reregister, timer ─────────────┐
//	            ▼                                              │
//	unregistered ─▶ registering ─▶ registered ─▶ refreshing ─▶ registered …
//	                    │               │             │
//	                    └───────────────┴──────┬──────┘
//	                                           ▼
//	     unreachable, authFailed, rejected, configError, invalidResponse ── RetryTime ─▶ registering
//
// Concurrency: a Registration has one goroutine that owns its state; exported methods may be called from any
// goroutine. Config.OnChange is called on that goroutine, in order; it must not call Stop. Stop returns when the
// goroutine has ended.
//
// Start reading at Config, then Registration.run.
package sipreg
