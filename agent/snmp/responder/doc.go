// Package responder answers request PDUs: Get, GetNext, GetBulk and Set of
// RFC 3416 §4.2, and what RFC 3584 makes of them for SNMPv1.
//
// It is given a decoded message whose sender has been authenticated and given
// a role, which bounds what the sender may change, and the views of what may be
// read and changed (RFC 3415); it knows nothing of sockets, communities and keys. It reads through
// package tree and writes through transactions of the store. The error-status
// of every error is decided in one function, Status (status.go).
//
// # Reading
//
// One PDU reads one snapshot. Variable bindings are encoded as they are found,
// and what does not fit ends a GetBulk or makes the answer tooBig; so the work
// of a request is bounded by the size of its answer. A warm Scratch reads
// without making garbage. Readers never wait for a SET.
//
// # Writing
//
// A Set PDU is one transaction: its assignments happen as if at once
// (RFC 3416 §4.2.5), so rows are created before and destroyed after the other
// assignments, whatever their order in the PDU. The outcome is remembered for
// a while: a retransmission is answered with it and not carried out again, and
// nor is a recorded v3 message that somebody sends while it is still in time.
//
// It imports agent/snmp/ber, message, tree and vacm, element/access and store, and
// mib. A Responder is shared; a Scratch belongs to one goroutine. Start
// reading at responder.go.
package responder
