package snmp

import (
	"net/netip"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/usm"
)

// exchange is one datagram and its answer, with all the memory that both need.
// It belongs to one goroutine and is used over and over.
type exchange struct {
	in      [maxMessage + 1]byte // one more, to notice what is too long
	size    int
	from    netip.AddrPort
	oob     [64]byte
	control []byte // sends the answer from the address that was asked

	message  message.Message
	security usm.Context
	builder  message.Builder
	scratch  *responder.Scratch
	request  responder.Request
	policy   *policy // the one in force when the datagram came
}

// packet is the datagram.
func (x *exchange) packet() []byte { return x.in[:x.size] }
