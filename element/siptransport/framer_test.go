package siptransport

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func newFramer(r io.Reader, pings int) *framer {
	return &framer{
		r: bufio.NewReader(r), maxMessage: 2000, maxHeaderLines: 10, begun: func() {}, ended: func() {},
		pongDue: func() bool { pings--; return pings >= 0 },
	}
}

// frames renders what the framer makes of a stream: "ping", "pong", message bodies in brackets, and the last error.
func frames(f *framer) []string {
	var out []string
	for {
		fr, err := f.next()
		if err != nil {
			return append(out, err.Error())
		}
		switch fr.kind {
		case framePing:
			out = append(out, "ping")
		case framePong:
			out = append(out, "pong")
		case frameMessage:
			out = append(out, fmt.Sprintf("[%s]", fr.data[fr.head:]))
		}
	}
}

func TestFramer(t *testing.T) {
	const head = "OPTIONS sip:a SIP/2.0\r\n"
	tests := []struct {
		name   string
		stream string
		pings  int // of ours that wait for an answer
		want   string
	}{
		{"nothing", "", 0, "EOF"},
		{"ping", "\r\n\r\n", 0, "ping EOF"},
		{"two pings", "\r\n\r\n\r\n\r\n", 0, "ping ping EOF"},
		{"pong", "\r\n", 1, "pong EOF"},
		{"pong nobody asked for", "\r\n", 0, "EOF"},
		{"pong then message", "\r\n" + head + "l:0\r\n\r\n", 1, "pong [] EOF"},
		{"pong, then much later pong", "\r\n" + head + "l:0\r\n\r\n\r\n", 2, "pong [] pong EOF"},
		{"message then ping", head + "Content-Length: 2\r\n\r\nab\r\n\r\n", 0, "[ab] ping EOF"},
		{"two messages", head + "Content-Length: 2\r\n\r\nab" + head + "L : 3\r\n\r\ncde", 0, "[ab] [cde] EOF"},
		{"CRLF before start line", "\r\n" + head + "l: 1\r\n\r\nx", 0, "[x] EOF"},
		{"folded Content-Length", head + "Content-Length:\r\n 2\r\n\r\nab", 0, "[ab] EOF"},
		{"same length twice", head + "l: 1\r\nContent-Length: 1\r\n\r\nx", 0, "[x] EOF"},
		{"two lengths", head + "l: 1\r\nContent-Length: 2\r\n\r\nxy", 0, ErrFraming.Error()},
		{"no length", head + "\r\n", 0, ErrFraming.Error()},
		{"negative length", head + "l: -1\r\n\r\n", 0, ErrFraming.Error()},
		{"huge length", head + "l: 99999999999999999999\r\n\r\n", 0, ErrFraming.Error()},
		{"length over the bound", head + "l: 2000\r\n\r\n", 0, ErrTooLarge.Error()},
		{"LF alone", "OPTIONS sip:a SIP/2.0\nl: 0\n\n", 0, ErrFraming.Error()},
		{"CR alone", "\rOPTIONS", 0, ErrFraming.Error()},
		{"long line", strings.Repeat("x", 3000), 0, ErrTooLarge.Error()},
		{"many lines", head + strings.Repeat("a: b\r\n", 20), 0, ErrTooLarge.Error()},
		{"cut in headers", head + "l: 0\r\n", 0, "EOF"},
		{"cut in body", head + "l: 4\r\n\r\nab", 0, "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(frames(newFramer(strings.NewReader(tt.stream), tt.pings)), " "); got != tt.want {
				t.Errorf("in one read: %q, want %q", got, tt.want)
			}
			if tt.pings > 0 {
				return // octet by octet a ping's halves cannot be told from pongs
			}
			octets := iotest.OneByteReader(strings.NewReader(tt.stream))
			if got := strings.Join(frames(newFramer(octets, 0)), " "); got != tt.want {
				t.Errorf("octet by octet: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFramerKeepsNoLargeBuffer(t *testing.T) {
	f := newFramer(strings.NewReader("A b SIP/2.0\r\nl: 60000\r\n\r\n"+strings.Repeat("x", 60000)+"A b SIP/2.0\r\nl: 0\r\n\r\n"), 0)
	f.maxMessage = 64 << 10
	for range 2 {
		if _, err := f.next(); err != nil {
			t.Fatal(err)
		}
	}
	if cap(f.buf) > 8<<10 {
		t.Errorf("buffer of %d octets kept", cap(f.buf))
	}
}

// FuzzFramer feeds arbitrary streams: whatever is cut must be within bounds, and the cutting must end.
func FuzzFramer(f *testing.F) {
	f.Add([]byte("\r\n\r\nOPTIONS sip:a SIP/2.0\r\nl: 2\r\n\r\nab"))
	f.Add([]byte("OPTIONS sip:a SIP/2.0\r\nContent-Length:\r\n\t2\r\n\r\nab\r\n"))
	f.Add([]byte("A\r\nl: 1\r\nl: 2\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fr := newFramer(strings.NewReader(string(data)), 1)
		for n := 0; ; n++ {
			got, err := fr.next()
			if len(got.data) > fr.maxMessage || got.head > len(got.data) || n > len(data) {
				t.Fatalf("frame %d: %d octets, head %d", n, len(got.data), got.head)
			}
			if err != nil {
				return
			}
		}
	})
}

func TestIsPortInUseSeesThroughWrapping(t *testing.T) {
	if IsPortInUse(errors.New("other")) || IsPortInUse(nil) {
		t.Error("taken for a port in use")
	}
}
