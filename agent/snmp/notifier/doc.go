// Package notifier sends the notifications of the bus to managers, as SNMPv1
// traps, SNMPv2c traps and informs, and SNMPv3 traps and informs (RFC 3413
// §3.3, RFC 3416 §4.2.6 and §4.2.7).
//
// It owns the queues and sockets of the targets and the counters of
// TrapDestStatus. What is configured comes from package snmp, through the
// interface snmp.Notifier that it implements; messages are message's, keys,
// digests and the clocks of inform receivers are usm's. gosnmp, which could
// send, has a new request-id for every repetition of an inform, blocks while it
// waits and brings a second implementation of USM.
//
// # The way of a notification
//
//	bus → collect: names and values, sysUpTime ┬→ view, filter → queue → worker → target 1
//	                                           └→ view, filter → queue → worker → target 2
//
// There is a queue per target and notify row, and counters per target: what is
// selected twice is sent twice (RFC 3413 §3.3). What is not in the notify view of a
// target, or filtered out, is not queued, nor kept when a change makes it so.
//
// An event becomes a notification once, when it comes out of the bus; it is
// encoded when it is sent, with the configuration of then. So a SET that
// corrects a password or a destination finds what is queued still there.
//
// A trap goes out once, unless a host says that it did not get there. It is lost when
// one says that nobody listens there. An inform goes out under one request-id until a response comes, at most Retries+1
// times; Timeout is the first wait, and each further one is twice as long, up to a
// minute. What is learned about an SNMPv3 receiver meanwhile (its engine ID, its
// clock) costs no try.
//
// What has not left waits, trap or inform, and costs no try: a name that cannot
// be resolved, a link that is down, no route, an address that nobody answers for.
// The last is told seconds after the trap went out, by the error queue of the
// socket (word.go); such a trap takes its place in the queue again, and so do those
// that went out after it, of which a router need not tell: some may arrive twice. The
// pauses between the tries double up to half a minute, and only a full queue loses
// anything, the oldest first.
//
// # Concurrency
//
// One goroutine per run collects; each queue has a worker, which owns its socket,
// and a reader of that socket. Queues (target) and counters (tally) outlive runs.
// Nothing waits for a worker but Stop. Locks are taken in the order Notifier,
// target, tally.
//
// It imports agent/snmp and its packages, element/event and mib. Start reading
// at notifier.go, then worker.go.
package notifier
