package siptransport

import (
	"errors"
	"net"
	"net/netip"

	"github.com/emiago/sipgo/sip"
)

// udpPort is a UDP socket that listens and sends, so that the source port of what we send is our SIP port.
type udpPort struct {
	layer *Layer
	sock  *net.UDPConn
	local netip.AddrPort
}

// udpFlow is a flow to one peer of a udpPort. It holds no resources.
type udpFlow struct {
	port   *udpPort
	remote netip.AddrPort
}

var _ Flow = udpFlow{}

// Transport implements Flow.
func (f udpFlow) Transport() Transport { return UDP }

// Reliable implements Flow.
func (f udpFlow) Reliable() bool { return false }

// Local implements Flow.
func (f udpFlow) Local() netip.AddrPort { return f.port.local }

// Remote implements Flow.
func (f udpFlow) Remote() netip.AddrPort { return f.remote }

// Send implements Flow. A datagram is written at once; the kernel drops rather than blocks.
func (f udpFlow) Send(msg sip.Message) error {
	data, err := serialize(msg)
	if err != nil {
		return err
	}
	to := f.remote
	if res, ok := msg.(*sip.Response); ok {
		to = netip.AddrPortFrom(to.Addr(), answerPort(res, to.Port()))
	}
	if _, err := f.port.sock.WriteToUDPAddrPort(data, to); err != nil {
		return err
	}
	f.port.layer.counters.sent.Add(1)
	return nil
}

func (p *udpPort) serve() {
	defer p.layer.wg.Done()
	buf := make([]byte, 64<<10)
	for {
		n, from, err := p.sock.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // an ICMP error of an earlier datagram
		}
		p.datagram(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
	}
}

func (p *udpPort) datagram(data []byte, from netip.AddrPort) {
	flow := udpFlow{port: p, remote: from}
	for len(data) >= 2 && data[0] == '\r' && data[1] == '\n' {
		data = data[2:] // keep-alives of peers that send CRLF over UDP, too
	}
	if len(data) <= 4 {
		return // RFC 5626 §4.4.2 keep-alives and the like
	}
	msg, err := Parse(data, p.layer.limits)
	if err != nil {
		p.reject(data, from, err)
		return
	}
	p.layer.counters.received.Add(1)
	stamp(msg, flow)
	p.layer.receiver.ReceiveMessage(flow, msg)
}

func (p *udpPort) reject(data []byte, from netip.AddrPort, err error) {
	if errors.Is(err, ErrTooLarge) {
		p.layer.counters.oversize.Add(1)
	} else {
		p.layer.counters.malformed.Add(1)
	}
	if answer := badRequest(data, 400, "Bad Request"); answer != nil {
		_, _ = p.sock.WriteToUDPAddrPort(answer, from) // best effort, as all of UDP
	} else {
		p.layer.counters.dropped.Add(1)
	}
}
