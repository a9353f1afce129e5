// Package clock is the element's own clock: what time it is for certificate
// dates, logs and notifications, whoever keeps that time.
//
// It owns Clock (the time and whether it can be trusted) and Client (the SNTP
// client, RFC 5905 §14 and RFC 4330, that steers it). It imports nothing of ours.
// It never sets the clock of the host.
//
// With ModeSNTP the clock runs on the monotonic clock of the kernel and is
// corrected by SNTP only: an administrator who sets the host's date does not move
// it. With ModeHost it is the host's clock and always counts as synchronized.
//
// # What bounds the time
//
// The build time is a floor that nothing goes below: an answer of before the
// software was built is refused. The last known time, kept over restarts by the
// caller's Load and Save, is where an unsynchronized clock starts at the
// earliest. It is no floor for answers: a server that was years ahead for a
// moment would otherwise make the unit refuse the true time for years.
//
// Corrections up to 128 ms (STEPT of RFC 5905 §11.3) are slewed, so that time does
// not run backwards by them; larger ones and the first are steps, in either direction.
//
// # Concurrency
//
// All methods may be called from any goroutine. Client.Run is one goroutine
// that ends with its context; Client.Apply never waits for the network. Load is
// called by New; Save by Run alone, and once more by the caller through Clock.Save.
//
// # Why beevik/ntp
//
// It is the library of DESIGN §6: it checks the origin timestamp with a random
// nonce, lets us give it our own clock to measure against (GetSystemTime) and our
// own socket, so that a query ends with its context.
//
// Start reading at clock.go, then client.go.
package clock
