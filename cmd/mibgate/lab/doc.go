// Package lab is the other side of `mibgate lab`: the peers that a gateway
// needs to do its whole job on one machine, on loopback only and in one
// process. A throw-away certificate authority, a SIP registrar and proxy over
// TLS, an SNTP server that answers with the host's time, and a trap receiver
// that prints what arrives.
//
// They are for showing and for trying by hand. The tests use Kamailio,
// net-snmp and chrony instead.
//
// It may import agent, element and mib, as everything in cmd. The registrar
// stands on element/siptransport: it needs what that gives (bounded reading,
// flows), and nothing of the gateway's own client side. The trap receiver is
// gosnmp's, so that a second implementation reads our notifications; the digest
// is icholy/digest's.
//
// Concurrency: Start and Close belong to one goroutine; Cut and the counts may
// be called from any. Start reading at lab.go.
package lab
