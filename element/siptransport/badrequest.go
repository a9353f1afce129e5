package siptransport

import (
	"bytes"
	"fmt"
)

// badRequest builds the stateless answer to a request that could not be parsed, from its raw header lines
// (RFC 3261 §8.2.6, §16.3 item 1). It returns nil where none is possible or allowed: for responses, for ACK, and when
// Via, From, To, Call-ID or CSeq is missing.
func badRequest(data []byte, status int, reason string) []byte {
	head := data[:endOfHead(data)]
	start, _, found := bytes.Cut(head, crlf)
	method, rest, spaced := bytes.Cut(start, []byte(" "))
	if !found || !spaced || hasControl(head) || !bytes.HasSuffix(bytes.ToUpper(rest), []byte("SIP/2.0")) {
		return nil
	}
	if len(method) == 0 || isName(method, "ack") || bytes.HasPrefix(bytes.ToUpper(method), []byte("SIP/")) {
		return nil
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "SIP/2.0 %d %s\r\n", status, reason)
	if !copyForAnswer(&out, head) {
		return nil
	}
	out.WriteString("Content-Length: 0\r\n\r\n")
	return out.Bytes()
}

// copyForAnswer copies the headers that a response repeats, and tells whether all were there.
func copyForAnswer(out *bytes.Buffer, head []byte) bool {
	var via, from, to, callID, cseq bool
	once := func(seen *bool, name string, value []byte) {
		if *seen || len(value) == 0 {
			return
		}
		*seen = true
		fmt.Fprintf(out, "%s: %s\r\n", name, value)
	}
	for name, value := range headerLines(head) {
		switch {
		case isName(name, "via", "v"):
			via = true
			fmt.Fprintf(out, "Via: %s\r\n", value)
		case isName(name, "from", "f"):
			once(&from, "From", value)
		case isName(name, "to", "t"):
			if !bytes.Contains(value, []byte(";tag=")) {
				value = append(bytes.Clone(value), ";tag=bad"...)
			}
			once(&to, "To", value)
		case isName(name, "call-id", "i"):
			once(&callID, "Call-ID", value)
		case isName(name, "cseq"):
			once(&cseq, "CSeq", value)
		}
	}
	return via && from && to && callID && cseq
}
