// Package sipdns locates SIP servers (RFC 3263): from a configured host[:port] to the addresses to try, in order,
// through NAPTR, SRV and address records as far as the configuration allows.
//
// It may import siptransport for the names of transports, and miekg/dns: the standard resolver has no NAPTR and cannot
// be given servers. Only records that answer the question asked are used, and everything is bounded: answers looked
// at, addresses returned, queries made, and time.
//
// Concurrency: a Resolver is not changed after New and may be used from any goroutine. Nothing is cached: a link asks
// once per attempt, and the servers cache.
//
// Start reading at Resolver.Locate.
package sipdns
