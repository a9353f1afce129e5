// Package tree answers OIDs: which instance a name denotes, which one comes
// after it, and the value it has for a role in one snapshot.
//
// A Tree is the list of the registry's leaves (scalars and columns) sorted by
// the OID they are served under. Ours stand under the OID root of the unit,
// which is not the model's when the operator moved it; standard modules stay
// where they are. The root moves OIDs held in values as well. For every role
// there is a list of its own, so that what a role may not see is hidden rather
// than in the way of a walk (RFC 3413 §3.2 calls it a view).
//
// A Reader reads one PDU's worth: it holds one snapshot, so that all
// variables of a response belong together, and scratch space, so that reading
// makes no garbage. GET and GETNEXT cost a binary search over the leaves and
// one in the table; nothing is copied, and the size of a table does not
// matter beyond that.
//
// It imports mib, element/access and agent/snmp/ber. A Tree is immutable and shared; a
// Reader belongs to one goroutine at a time. Start reading at reader.go.
package tree
