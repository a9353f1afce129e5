// Package sipauth answers digest challenges (RFC 3261 §22, RFC 8760): it picks the strongest challenge that is
// understood, finds the credentials, and keeps nonce and count so that later requests carry credentials at once.
//
// It may import sipgo/sip and icholy/digest. That library parses challenges and computes responses; what it lacks is
// here: several challenges in one response, the -sess algorithms, nonce counting, and stale nonces.
//
// Concurrency: a Session serves one sequence of requests (a registration, a dialog) and may be used from several
// goroutines, which then share the nonce count. Passwords are asked for when needed and not kept; no error text holds
// one.
//
// Start reading at Session.Answer.
package sipauth
