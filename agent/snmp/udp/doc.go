// Package udp is a UDP socket that takes and sends many datagrams with one
// system call each: recvmmsg(2) and sendmmsg(2).
//
// It owns the socket and the memory that the kernel reads and writes. It
// knows nothing of SNMP.
//
// # Why not package net
//
// A datagram that wakes a goroutine through the poller costs several system
// calls and a walk through the scheduler, more than an SNMP request costs to
// answer (docs/bench-snmp.md, "What system calls cost"). Here one goroutine waits in recvmmsg itself and
// takes all that has come meanwhile; with one request under way at a time that
// gains nothing, with many it halves the cost of a datagram. What package net gives was measured:
// golang.org/x/net's ReadBatch waits in the poller, too, and makes garbage.
//
// # Concurrency
//
// A Batch belongs to one goroutine. A Socket is shared: any number of batches
// may be received and sent at once. Stop wakes who waits, and every later
// Receive returns at once; Close waits for those.
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
// It imports golang.org/x/sys/unix for structures the standard library lacks.
// Start reading at socket.go, then batch.go and answer.go.
package udp
