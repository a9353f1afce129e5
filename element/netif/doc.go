// Package netif turns the names of network interfaces that operators use (BNI names) into
// addresses of this host.
//
// It owns the names Loop (127.0.0.1), Lan1 (the interface of the default route) and All
// (every address, for management only); any other name is that of an interface of the host.
// It imports nothing of ours, keeps no state, and may be called from any goroutine: every call
// looks at the host as it is now, since addresses come and go.
//
// Everything is IPv4 for now, as the objects that hold these names are.
//
// The standard library reads interfaces and addresses; the default route is in no portable place
// of it, so it is read from /proc/net/route, which needs no netlink library and no privilege.
//
// Start reading at netif.go.
package netif
