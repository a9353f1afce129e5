package siptransport

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// stamp notes on a received message where it came from. On a request the top Via learns the peer's address: received
// when sent-by is another host (RFC 3261 §18.2.1), and the port when the peer asked for rport (RFC 3581 §4).
func stamp(msg sip.Message, f Flow) {
	msg.SetTransport(string(f.Transport()))
	msg.SetSource(f.Remote().String())
	req, ok := msg.(*sip.Request)
	if !ok {
		return
	}
	via := req.Via()
	host := f.Remote().Addr().String()
	if rport, asked := via.Params.Get("rport"); asked && rport == "" {
		via.Params.Add("rport", strconv.Itoa(int(f.Remote().Port())))
		via.Params.Add("received", host)
		return
	}
	sentBy, err := netip.ParseAddr(strings.Trim(via.Host, "[]"))
	if err != nil || sentBy.Unmap() != f.Remote().Addr() {
		via.Params.Add("received", host)
	}
}

// answerPort is the port that a response over UDP goes to; the address is always the request's source
// (RFC 3261 §18.2.2, RFC 3581 §4), whatever Via says, so that we cannot be made to send to a third party.
func answerPort(res *sip.Response, source uint16) uint16 {
	via := res.Via()
	if via == nil {
		return source
	}
	if _, asked := via.Params.Get("rport"); asked {
		return source
	}
	if via.Port > 0 && via.Port <= 65535 {
		return uint16(via.Port)
	}
	return UDP.DefaultPort()
}

// serialize renders a message and refuses one whose headers carry a line end that would begin a header of its own.
func serialize(msg sip.Message) ([]byte, error) {
	if msg.ContentLength() == nil {
		msg.SetBody(msg.Body())
	}
	data := []byte(msg.String())
	head := data[:len(data)-len(msg.Body())]
	lines := 2 // the start line and the empty one
	if m, ok := msg.(interface{ Headers() []sip.Header }); ok {
		lines += len(m.Headers())
	}
	if hasControl(head) || endOfHead(head) != len(head) || bytes.Count(head, crlf) != lines {
		return nil, ErrControlChar
	}
	return data, nil
}
