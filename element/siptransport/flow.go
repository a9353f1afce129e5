package siptransport

import (
	"net/netip"

	"github.com/emiago/sipgo/sip"
)

// Transport is the name of a transport as it stands in Via (RFC 3261 §20.42).
type Transport string

// Transports.
const (
	UDP Transport = "UDP"
	TCP Transport = "TCP"
	TLS Transport = "TLS"
)

// DefaultPort is the port of a SIP URI without one: 5061 for TLS, 5060 otherwise.
func (t Transport) DefaultPort() uint16 {
	if t == TLS {
		return 5061
	}
	return 5060
}

// Flow is a path to one peer (RFC 5626 §3.1): a connection, or our UDP port and the peer's.
type Flow interface {
	Transport() Transport
	// Reliable is false for UDP, where transactions must retransmit.
	Reliable() bool
	// Local is our address and port, which Via and Contact show.
	Local() netip.AddrPort
	// Remote is the peer's address and port.
	Remote() netip.AddrPort
	// Send queues a message. An error means that it was not and will not be sent; nil means nothing yet, as the
	// connection can still fail, which Receiver.FlowClosed tells.
	Send(sip.Message) error
}

// Receiver takes what arrives. Messages were checked to have Via with an RFC 3261 branch, From, To, Call-ID and a
// fitting CSeq; the top Via of requests has received and rport filled in (RFC 3261 §18.2.1, RFC 3581 §4).
type Receiver interface {
	ReceiveMessage(Flow, sip.Message)
	// FlowClosed tells that nothing can be sent on the flow any more; connections only, once each.
	FlowClosed(Flow, error)
}
