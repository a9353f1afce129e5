package siptransport

import (
	"bytes"
	"strings"

	"github.com/emiago/sipgo/sip"
)

var parser = sip.NewParser()

// maxSeparators bounds the parameters of one header line: the parser compares each with all before it.
const maxSeparators = 256

// Parse turns one complete message into its parsed form and checks what every message must have (RFC 3261 §8.1.1 and
// §20): a top Via with an RFC 3261 branch, From, To, Call-ID, and a CSeq whose method is the request's. The error is
// ErrMalformed or ErrTooLarge, without any text of the message.
func Parse(data []byte, l Limits) (msg sip.Message, err error) {
	// The parser is not ours: should it panic on some input, that input was malformed.
	defer func() {
		if recover() != nil {
			msg, err = nil, ErrMalformed
		}
	}()
	l = l.withDefaults()
	head := endOfHead(data)
	if len(data) > l.MaxMessage || bytes.Count(data[:head], crlf) > l.MaxHeaderLines+2 {
		return nil, ErrTooLarge
	}
	if length, separators := longestLine(data[:head]); length > l.MaxHeaderLine || separators > maxSeparators {
		return nil, ErrTooLarge
	}
	if hasControl(data[:head]) {
		return nil, ErrMalformed
	}
	msg, _, err = parser.Parse(data, false)
	if err != nil || msg == nil {
		return nil, ErrMalformed
	}
	if !complete(msg) || inflated(msg, len(data)) {
		return nil, ErrMalformed
	}
	return msg, nil
}

// hasControl finds NUL, and CR or LF that are not a line end: they would be reflected in answers, where another
// parser may see a line end.
func hasControl(head []byte) bool {
	for i, b := range head {
		switch b {
		case 0:
			return true
		case '\r':
			if i+1 >= len(head) || head[i+1] != '\n' {
				return true
			}
		case '\n':
			if i == 0 || head[i-1] != '\r' {
				return true
			}
		}
	}
	return false
}

// inflated tells a message that is larger parsed than it was on the wire. Of unpaired quotes the parser makes many
// parameters, each with all the text behind it: an answer that repeats them would be the square of the request.
func inflated(msg sip.Message, size int) bool {
	m, ok := msg.(interface{ Headers() []sip.Header })
	if !ok {
		return true
	}
	total := 0
	count := func(lists ...sip.HeaderParams) {
		for _, params := range lists {
			for _, p := range params {
				total += len(p.K) + len(p.V)
			}
		}
	}
	uri := func(u *sip.Uri) { count(u.UriParams, u.Headers) }
	for _, h := range m.Headers() {
		switch h := h.(type) {
		case *sip.ViaHeader:
			count(h.Params)
		case *sip.FromHeader:
			count(h.Params)
			uri(&h.Address)
		case *sip.ToHeader:
			count(h.Params)
			uri(&h.Address)
		case *sip.ContactHeader:
			count(h.Params)
			uri(&h.Address)
		case *sip.RouteHeader:
			uri(&h.Address)
		case *sip.RecordRouteHeader:
			uri(&h.Address)
		case *sip.ReferToHeader:
			uri(&h.Address)
		case *sip.ReferredByHeader:
			count(h.Params)
			uri(&h.Address)
		}
	}
	if req, ok := msg.(*sip.Request); ok {
		uri(&req.Recipient)
	}
	return total > size
}

func complete(msg sip.Message) bool {
	via, cseq, callID := msg.Via(), msg.CSeq(), msg.CallID()
	if via == nil || cseq == nil || callID == nil || msg.From() == nil || msg.To() == nil {
		return false
	}
	branch, _ := via.Params.Get("branch")
	if len(branch) <= len(sip.RFC3261BranchMagicCookie) || !strings.HasPrefix(branch, sip.RFC3261BranchMagicCookie) {
		return false // RFC 2543 peers are not served
	}
	if via.Host == "" || callID.Value() == "" || cseq.MethodName == "" {
		return false
	}
	switch m := msg.(type) {
	case *sip.Request:
		return m.Method == cseq.MethodName && m.Recipient.String() != "" && !m.Recipient.Wildcard && m.SipVersion != ""
	case *sip.Response:
		return m.StatusCode >= 100 && m.StatusCode <= 699
	}
	return false
}
