// Package ber reads and writes the subset of ASN.1 BER that SNMP uses
// (RFC 3417 §8, RFC 2578 §7.1).
//
// It owns tags, lengths, integers, object identifiers and the raw view of a
// value; it knows nothing of messages or PDUs. It imports mib for OID and
// Value only. There is no library behind it: encoding/asn1 allocates per
// field and refuses SNMP's application tags, and gosnmp's codec costs 61
// allocations per message of 25 varbinds (DESIGN §6).
//
// Reading never copies: Next and its friends slice the packet, which must stay
// unchanged while the results are used. Nothing recurses, so depth is bounded
// by the structure the caller asks for. Strictness: a length is checked
// against the octets present before it is used, the indefinite form and
// lengths of more than 4 octets are refused; longer than minimal lengths and
// integers are accepted, because deployed managers send them.
//
// Writing uses one reusable buffer with room in front: contents that become
// known in order are appended, headers are prepended once their length is
// known. A warm Writer allocates nothing.
//
// Concurrency: functions are pure; a Writer belongs to one goroutine.
//
// Start reading at read.go, then write.go.
package ber
