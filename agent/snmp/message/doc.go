// Package message decodes and builds SNMP messages of all three versions:
// RFC 1157 (v1), RFC 1901 (v2c), RFC 3412 (v3) and the PDUs of RFC 3416.
//
// It owns the formats of messages, headers and PDUs and the coexistence
// mappings of RFC 3584; it authenticates nothing and answers nothing. It may
// import ber and mib. The security model comes in through the interface
// Security, which package usm implements.
//
// # Reading
//
// Decode fills a Message that is reused from packet to packet and points into
// the packet: nothing is copied but the object names, which go to an arena of
// the Message. A warm Message decodes without allocating. A v3 message is
// decoded up to its security parameters only: authentication comes before the
// PDU is looked at, and usm calls DecodeScoped when it is satisfied.
//
// # Building
//
//	b.Begin(message.Reply(&m, sec), limit)    // limit: octets of the datagram
//	for … { err := b.Append(name, value) }    // ErrTooBig: it does not fit
//	out, err := b.Finish(message.NoError, 0)  // whole message, sealed
//
// Begin computes how many octets of varbinds fit, with the overhead of
// headers, authentication and padding; so GETBULK stops at the first
// ErrTooBig, and GET calls Clear and answers tooBig.
//
// Concurrency: a Message and a Builder belong to one goroutine each.
//
// Start reading at message.go, then pdu.go and builder.go.
package message
