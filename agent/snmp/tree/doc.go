// Package tree answers OIDs: which instance a name denotes, which one comes
// after it, and the value it has in one snapshot, as far as a view lets one see.
//
// A Tree is the list of the registry's leaves (scalars and columns) sorted by
// the OID they are served under. Ours stand under the OID root of the unit,
// which is not the model's when the operator moved it; standard modules stay
// where they are. The root moves OIDs held in values as well.
//
// A Sight is what of a tree is in a view of package vacm: a list of leaves of
// its own, so that what is not in the view is hidden rather than in the way of a
// walk. It is made once for a view; only where a view tells the rows of a table
// apart are instances looked at one by one. RoleFamilies says as a view what
// package access lets a role do.
//
// A Reader reads one PDU's worth: it holds one snapshot, so that all
// variables of a response belong together, and scratch space, so that reading
// makes no garbage. GET and GETNEXT cost a binary search over the leaves and
// one in the table; nothing is copied, and the size of a table does not
// matter beyond that.
//
// It imports mib, element/access, agent/snmp/ber and agent/snmp/vacm. A Tree
// and a Sight are immutable and shared; a Reader belongs to one goroutine at a
// time. Start reading at reader.go.
package tree
