package sipfuzz

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// Seeds are messages to mutate in robustness tests: the requests and responses a gateway meets, with only loopback
// addresses in them, as answers may follow what they name.
func Seeds() []string {
	const (
		common = "Via: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bKseed1;rport\r\nMax-Forwards: 70\r\n" +
			"From: \"A\" <sip:100@127.0.0.1>;tag=f1\r\nTo: <sip:200@127.0.0.1>\r\nCall-ID: seed@127.0.0.1\r\n"
		sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"
	)
	msg := func(start, cseq, more, body string) string {
		length := "0"
		if body != "" {
			length = strconv.Itoa(len(body))
			more += "Content-Type: application/sdp\r\n"
		}
		return start + "\r\n" + common + "CSeq: " + cseq + "\r\n" + more + "Content-Length: " + length + "\r\n\r\n" + body
	}
	return []string{
		msg("OPTIONS sip:100@127.0.0.1 SIP/2.0", "1 OPTIONS", "Accept: application/sdp\r\n", ""),
		msg("INVITE sip:100@127.0.0.1 SIP/2.0", "1 INVITE", "Contact: <sip:200@127.0.0.1:5999>\r\nk: 100rel, timer\r\n", sdp),
		msg("ACK sip:100@127.0.0.1 SIP/2.0", "1 ACK", "", ""),
		msg("CANCEL sip:100@127.0.0.1 SIP/2.0", "1 CANCEL", "Reason: Q.850;cause=16\r\n", ""),
		msg("BYE sip:100@127.0.0.1 SIP/2.0", "2 BYE", "Route: <sip:127.0.0.1;lr>, <sip:127.0.0.2;lr>\r\n", ""),
		msg("MESSAGE sip:100@127.0.0.1 SIP/2.0", "3 MESSAGE", "Subject: folded\r\n text\r\n", ""),
		msg("SIP/2.0 200 OK", "1 REGISTER", "Contact: <sip:100@127.0.0.1>;expires=60, <sip:b@127.0.0.1>;q=0.5\r\n", ""),
		msg("SIP/2.0 401 Unauthorized", "1 REGISTER", "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\", algorithm=SHA-256, qop=\"auth\"\r\n", ""),
	}
}

// Mutate damages a message in one to four places, in ways that parsers dislike. The result depends on rnd alone.
func Mutate(rnd *rand.Rand, msg string) []byte {
	data := []byte(msg)
	for range 1 + rnd.IntN(4) {
		if len(data) == 0 {
			return data
		}
		at := rnd.IntN(len(data))
		switch rnd.IntN(8) {
		case 0:
			data[at] = byte(rnd.IntN(256))
		case 1:
			data[at] = "\r\n\x00:;,<>\"= @?%[]"[rnd.IntN(16)]
		case 2:
			data = append(data[:at], data[min(len(data), at+1+rnd.IntN(20)):]...)
		case 3:
			data = append(data[:at:at], append([]byte(strings.Repeat(string(data[at:at+1]), 1+rnd.IntN(300))), data[at:]...)...)
		case 4:
			data = data[:at]
		case 5: // a line twice, elsewhere
			lines := strings.SplitAfter(string(data), "\r\n")
			line := lines[rnd.IntN(len(lines))]
			data = append(data[:at:at], append([]byte(line), data[at:]...)...)
		case 6:
			numbers := []string{"0", "-1", "4294967296", "99999999999999999999", "1e9"}
			data = append(data[:at:at], append([]byte(numbers[rnd.IntN(len(numbers))]), data[at:]...)...)
		case 7:
			data[at] ^= 1 << rnd.IntN(8)
		}
	}
	return data
}
