// Package cli is the control server of a running unit and its client: how the
// commands of the mibgate program on the same machine reach the model.
//
// # Protocol
//
// The server listens on the Unix socket control.sock in the data folder, mode
// 0600, and serves peers of the same user or root, as SO_PEERCRED tells; they
// act as Operator, an admin. A connection carries one Request and then its
// Replies, each one JSON text on a line of its own. Replies carry output until
// one with End ends it. Sizes, times and the number of connections are bounded
// (limits.go).
//
// A file name of a socket has at most 107 octets; a longer one is reached
// through /proc/self/fd (socket.go).
//
// It imports mib, agent/view, agent/script and element. Server and Client are
// safe for concurrent use. Only the standard library is needed. Start reading
// at server.go, then verbs.go.
package cli
