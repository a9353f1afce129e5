// Package standard answers the standard MIBs by which a manager discovers a
// unit: IF-MIB and what else tells of the host and of the services that run.
//
// It owns the mapping from what element/host knows, and from the Status of the
// services, to the objects of the standard modules, and nothing that acts but
// the notifications linkUp and linkDown, and the numbers of what comes and goes.
//
// Every table is made anew when the host has a new snapshot, which is when
// somebody asks and the last one is a second old, and stays as it is until
// then: a walk sees rows that belong together, and a GETNEXT is a binary search
// in a sorted list.
//
// It imports element, element/host, element/sipep and siptx for what the status
// of the endpoint counts, mib and the generated modules that it answers for. All
// methods may be called from any goroutine; Run belongs to one.
// Start reading at standard.go, then interfaces.go and, of telephone ports,
// lines.go.
package standard
