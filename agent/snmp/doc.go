// Package snmp is the Snmp service: the SNMP agent of the unit.
//
// It owns the sockets, the identity of the engine, the policy in force (who may
// ask what, and who is told), the counters of the engine and the Status of the
// standard modules. The policy is computed from the administration tables, which
// package admin keeps in line with accounts and variables; views are vacm's. What
// a request means is package responder's matter, how messages look is message's,
// keys and digests are usm's; notifications are sent by a Notifier, which the
// service configures.
//
// # Life
//
// New makes the service; Start binds the sockets, counts the boot of the
// engine (durably, before the first packet is answered) and starts workers;
// Stop lets what is under way be answered and ends them. Everything but
// address and port is absorbed live: Normalize and Edit are admin's, Prepare
// computes a new policy from the candidate, keys and all, and its Commit swaps a
// pointer (policy.go, grants.go).
//
// # Contexts
//
// The default context has the configuration that is stored, and "running" the one
// that the services work by (contexts.go); neither has a policy of its own.
//
// # A datagram
//
//	udp.Receive → accept: decode, authenticate, authorise → respond → udp.Answer
//
// What comes from a source that has failed to authenticate too often is dropped
// (sources.go), unless its very address and port has authenticated (peers.go). A
// few messages of SNMPv3 are looked at all the same: a neighbour behind the same
// address translation takes nobody's access away, and who forges a manager's
// address only while he goes on, port by port.
//
// A reader takes a batch, answers it and sends the answers together; the readers
// of a socket take turns (lane.go). A SET goes on in a goroutine of its own, so
// that reads never wait for one. A panic loses the packet that caused it.
//
// It imports element and what is below, mib and the generated modules it
// answers for, and the packages of agent/snmp but notifier. Sockets are
// those of package udp, which says why. Start reading at service.go, then dispatch.go.
package snmp
