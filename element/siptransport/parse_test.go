package siptransport

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"mibgate/testdata/sipfuzz"
)

// request is a good OPTIONS; lines replace or add headers by name, an empty value removes one.
func request(method string, lines ...string) string {
	names := []string{"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"}
	values := map[string]string{
		"Via": "SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKabc;rport", "From": "<sip:a@example.test>;tag=1",
		"To": "<sip:b@example.test>", "Call-ID": "id@127.0.0.1", "CSeq": "1 " + method, "Max-Forwards": "70", "Content-Length": "0",
	}
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		if _, known := values[name]; !known {
			names = append(names, name)
		}
		values[name] = value
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s sip:b@127.0.0.1 SIP/2.0\r\n", method)
	for _, n := range names {
		if values[n] != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", n, values[n])
		}
	}
	return b.String() + "\r\n"
}

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		data string
		want error
	}{
		{"request", request("OPTIONS"), nil},
		{"response", strings.Replace(request("OPTIONS"), "OPTIONS sip:b@127.0.0.1 SIP/2.0", "SIP/2.0 200 OK", 1), nil},
		{"compact names", "OPTIONS sip:b SIP/2.0\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1\r\nf: <sip:a>\r\nt: <sip:b>\r\ni: 1\r\nCSeq: 1 OPTIONS\r\n\r\n", nil},
		{"no Via", request("OPTIONS", "Via: "), ErrMalformed},
		{"no branch", request("OPTIONS", "Via: SIP/2.0/TCP 127.0.0.1"), ErrMalformed},
		{"RFC 2543 branch", request("OPTIONS", "Via: SIP/2.0/TCP 127.0.0.1;branch=1"), ErrMalformed},
		{"no From", request("OPTIONS", "From: "), ErrMalformed},
		{"no To", request("OPTIONS", "To: "), ErrMalformed},
		{"no Call-ID", request("OPTIONS", "Call-ID: "), ErrMalformed},
		{"no CSeq", request("OPTIONS", "CSeq: "), ErrMalformed},
		{"CSeq of another method", request("OPTIONS", "CSeq: 1 INVITE"), ErrMalformed},
		{"CSeq not a number", request("OPTIONS", "CSeq: x OPTIONS"), ErrMalformed},
		{"wildcard To", request("OPTIONS", "To: *"), ErrMalformed},
		{"status 99", strings.Replace(request("OPTIONS"), "OPTIONS sip:b@127.0.0.1 SIP/2.0", "SIP/2.0 99 No", 1), ErrMalformed},
		{"not SIP", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ErrMalformed},
		{"empty", "", ErrMalformed},
		{"NUL in a header", request("OPTIONS", "Subject: a\x00b"), ErrMalformed},
		{"bare LF in a header", request("OPTIONS", "Subject: a\nContact: <sip:evil>"), ErrMalformed},
		{"bare CR in a header", request("OPTIONS", "Subject: a\rb"), ErrMalformed},
		{"body shorter than its length", request("OPTIONS", "Content-Length: 5"), ErrMalformed},
		{"too many lines", request("OPTIONS", "X: "+strings.Repeat("a\r\nX: ", 300)+"b"), ErrTooLarge},
		{"too large", request("OPTIONS", "X: "+strings.Repeat("a", 70000)), ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			msg, err := Parse([]byte(tt.data), Limits{})
			if !errors.Is(err, tt.want) || (err == nil) != (msg != nil) {
				t.Errorf("Parse: %v, %v, want error %v", msg, err, tt.want)
			}
		})
	}
}

func TestBadRequest(t *testing.T) {
	tests := []struct {
		name string
		data string
		want string // part of the answer, "" for none
	}{
		{"repeats what it must", request("OPTIONS", "Max-Forwards: x"), "CSeq: 1 OPTIONS"},
		{"adds a tag", request("OPTIONS"), "To: <sip:b@example.test>;tag=bad"},
		{"keeps a tag", request("OPTIONS", "To: <sip:b>;tag=7"), "To: <sip:b>;tag=7\r\n"},
		{"folded header", request("OPTIONS", "From: <sip:a>\r\n ;tag=9"), "From: <sip:a> ;tag=9\r\n"},
		{"no answer to ACK", request("ACK"), ""},
		{"no answer to a response", "SIP/2.0 200 OK SIP/2.0\r\n" + request("OPTIONS"), ""},
		{"no answer without Via", request("OPTIONS", "Via: "), ""},
		{"no answer without CSeq", request("OPTIONS", "CSeq: "), ""},
		{"no answer to what is not SIP", "GET / HTTP/1.1\r\n\r\n", ""},
		{"no answer with a hidden line end", request("OPTIONS", "From: a\nb"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(badRequest([]byte(tt.data), 400, "Bad Request"))
			if tt.want == "" {
				if got != "" {
					t.Errorf("answered %q", got)
				}
				return
			}
			if !strings.HasPrefix(got, "SIP/2.0 400 Bad Request\r\nVia: ") || !strings.Contains(got, tt.want) {
				t.Errorf("answer %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestSerializeRefusesHeaderInjection(t *testing.T) {
	var u sip.Uri
	if err := sip.ParseUri("sip:a@127.0.0.1", &u); err != nil {
		t.Fatal(err)
	}
	req := sip.NewRequest(sip.OPTIONS, u)
	req.AppendHeader(sip.NewHeader("Subject", "hello\r\nEvil: 1\r\n\r\nbody"))
	if _, err := serialize(req); !errors.Is(err, ErrControlChar) {
		t.Errorf("serialize: %v", err)
	}
	req = sip.NewRequest(sip.OPTIONS, u)
	req.AppendHeader(sip.NewHeader("Subject", "hello\r\nEvil: 1"))
	if _, err := serialize(req); !errors.Is(err, ErrControlChar) {
		t.Errorf("serialize with one more header: %v", err)
	}
	req = sip.NewRequest(sip.OPTIONS, u)
	req.AppendHeader(sip.NewHeader("Subject", "hello"))
	req.SetBody([]byte("a\r\n\r\nb\n"))
	data, err := serialize(req)
	if err != nil || !strings.HasSuffix(string(data), "Content-Length: 7\r\n\r\na\r\n\r\nb\n") {
		t.Errorf("serialize: %q, %v", data, err)
	}
}

// FuzzParse checks that what the parser takes can be rendered and parsed again, and that the answer to what it does
// not take is itself a message.
func FuzzParse(f *testing.F) {
	for _, s := range sipfuzz.Seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		msg, err := Parse(data, Limits{})
		if err != nil {
			if answer := badRequest(data, 400, "Bad Request"); answer != nil && endOfHead(answer) != len(answer) {
				t.Fatalf("the answer has more than a header section: %q", answer)
			}
			return
		}
		stamp(msg, udpFlow{port: &udpPort{}})
		if out, err := serialize(msg); err == nil && len(out) == 0 {
			t.Fatal("rendered to nothing")
		}
	})
}
