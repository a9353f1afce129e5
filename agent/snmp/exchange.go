package snmp

import (
	"net/netip"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/udp"
	"mibgate/agent/snmp/usm"
)

// exchange is one datagram and its answer, with all the memory that both need.
// It belongs to one goroutine and is used over and over.
type exchange struct {
	udp.Datagram
	from netip.AddrPort

	message  message.Message
	security usm.Context
	builder  message.Builder
	scratch  *responder.Scratch // of the reader; a SET has its own
	request  responder.Request
	policy   *policy // the one in force when the datagram came
	context  int     // of the request, in contexts
}

// newExchange makes one whose buffer is longer than any message, to notice
// what is too long.
func newExchange(scratch *responder.Scratch) *exchange {
	return &exchange{Datagram: udp.Datagram{Buffer: make([]byte, maxMessage+1)}, scratch: scratch}
}

// packet is the datagram.
func (x *exchange) packet() []byte { return x.Buffer[:min(x.Size, len(x.Buffer))] }
