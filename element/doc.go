// Package element is the gateway itself, put together: the store with the
// configuration, the bus of events, the clock and the supervisor with the
// services. Views (agent) and the program (cmd) hold an *Element and reach
// everything from it.
//
// It knows names, types, values and roles; it never sees a PDU, a community,
// an error-status or an OID. It imports mib and the packages below it.
//
// Everything reachable from an Element is safe for concurrent use. Start
// reading at element.go; element/store explains the life of a change,
// element/service that of a service, element/event that of an event.
package element
