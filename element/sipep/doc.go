// Package sipep is the SIP endpoint service: it brings up the gateways of the
// configuration, each with its listeners, its persistent TLS links to its
// servers and its registrations, and shows how they are.
//
// It owns the tables of MIBGATE-SIPEP-MIB and ties them to the protocol
// packages: sipua (transport, transactions and the user agent core of one
// gateway), siplink (one persistent link), siptls (whom to trust), sipdns
// (where a server is), sipreg (one registration). It imports these,
// element/cert's and element/hoc's services by way of two small interfaces,
// element/event, element/netif and element/store.
//
//	store ──► plan ──► run ──► gateway ──► sipua.UA, siplink.Link
//	  │                │          └──────► registration ──► sipreg
//	  └── live ────────┘          all of them ──► board ──► Status
//
// # What is taken live and what needs a restart
//
// A plan is what a run has taken from the configuration it began with:
// gateways, transports, servers, TLS level, timers of links. NeedRestart
// compares the plan of the run with that of the configuration in force, so
// that taking a change back clears the flag. Everything else is read from the
// snapshot in force when it is needed: certificates (at each handshake),
// credentials, unit registrations and their times, headers, DNS level,
// behaviour towards OPTIONS and calls.
//
// # States of a gateway, as GatewayStatus.State has them
//
//	Ready                                           it does what is configured
//	Ready, secure port closed: no host certificate  TLS without a certificate of ours: links work, nobody can connect to us
//	Ready, secure port closed: port already in use  the certificate came while another program had the port; tried again
//	Server unreachable                              none of its servers can be reached
//	Waiting for time synchronization                TLS, and certificate dates cannot be judged yet
//	Network down                                    its interface has no address
//	Cannot start, port already in use               tried again every TransportFailbackInterval
//	Invalid Configuration                           no transport is enabled, or the system forbids the port
//	Restarting                                      the service does not run
//
// # Concurrency
//
// A run has one control goroutine, which alone changes gateways and
// registrations and goes through the gateways in their order, so that links
// get their local ports in that order. Links and registrations call back on
// their own goroutines: they change the board, emit events and kick the control
// goroutine, and never wait for it. Interfaces are looked at when such a kick
// comes and every few seconds, but not when the configuration changes: addresses
// do not depend on it. The board and everything exported may be used from any
// goroutine.
//
// Start reading at service.go, then plan.go, run.go and gateway.go.
package sipep
