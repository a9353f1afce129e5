// Package udp is a UDP socket that takes and sends many datagrams with one
// system call each: recvmmsg(2) and sendmmsg(2).
//
// It owns the socket and the memory that the kernel reads and writes. It
// knows nothing of SNMP.
//
// # Beside package net
//
// Package net opens the socket and its poller wakes who waits. A datagram that is
// read and answered by package net costs two system calls, each told to the
// scheduler, and a waking of the scheduler's watcher when the process was idle;
// that is more than an SNMP request costs to answer (docs/bench-snmp.md, "What
// system calls cost"). Here the calls never wait and the scheduler is told
// nothing, and all that has come meanwhile is taken and answered at once.
// golang.org/x/net's ReadBatch has the second but not the first, and makes garbage.
//
// With one datagram under way at a time none of this helps: what it costs is to
// wake a processor that has nothing to do, for every server alike.
//
// # Concurrency
//
// A Batch belongs to one goroutine. A Socket is shared: any number of batches
// may be received and sent at once; those that wait take turns. Stop wakes who
// waits, and every later Receive returns at once; Close waits for those.
//
// # Answers that go together
//
// Answers of one batch to one peer go through the stack as one datagram that
// the kernel cuts up (UDP_SEGMENT), where the host can do that; a manager with
// several requests under way costs a third less by it. Each arrives as a
// datagram of its own.
//
// # The answer's address
//
// A socket of all addresses has the kernel tell the address each datagram
// went to, and answers from there (RFC 3417 §3.1).
//
// It imports golang.org/x/sys/unix for structures and calls the standard library lacks.
// Start reading at socket.go, then batch.go and answer.go.
package udp
