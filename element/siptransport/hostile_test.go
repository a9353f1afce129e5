package siptransport

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/testdata/testwait"
)

// What a message of 64 KiB may cost: time is for a busy machine with the race detector, the memory is what tells.
const (
	enoughTime   = 2 * time.Second
	enoughMemory = 8 << 20
)

// TestHostileMessagesAreCheap: what a message costs us, its answer included, does not grow with its square.
func TestHostileMessagesAreCheap(t *testing.T) {
	distinct := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ";p%d", i)
		}
		return b.String()
	}
	const via = "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa"
	tests := []struct{ name, data string }{
		{"folded lines", request("OPTIONS", "Subject: x"+strings.Repeat("\r\n x", 15000))},
		{"header lines", request("OPTIONS", "Subject: x"+strings.Repeat("\r\nA: x", 10000))},
		{"one long line", request("OPTIONS", "Subject: "+strings.Repeat("x", 60000))},
		{"unpaired quotes in Via", request("OPTIONS", "Via: "+via+strings.Repeat(`\";branch=z9hG4bKa`, 3000))},
		{"unpaired quotes in short Vias", request("OPTIONS", "Via: "+via+strings.Repeat("\r\nVia: "+via+strings.Repeat(`\";a=b`, 1000), 8))},
		{"parameters in Via", request("OPTIONS", "Via: "+via+distinct(9000))},
		{"parameters in To", request("OPTIONS", "To: <sip:b@example.test>"+distinct(9000))},
		{"parameters in short Contacts", request("OPTIONS", "Contact: <sip:b@example.test>"+strings.Repeat("\r\nContact: <sip:b@example.test"+distinct(1200)+">", 7))},
		{"parameters in many Contacts", request("OPTIONS", "Contact: <sip:b@example.test>"+strings.Repeat("\r\nContact: <sip:b@example.test"+distinct(250)+">", 45))},
		{"list in Contact", request("OPTIONS", "Contact: <sip:b>"+strings.Repeat(",<sip:b>", 7000))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			size := answerSize(t, tt.data)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			t.Logf("%d octets take %v and %d octets of memory", len(tt.data), took, after.TotalAlloc-before.TotalAlloc)
			if took > enoughTime || after.TotalAlloc-before.TotalAlloc > enoughMemory {
				t.Errorf("%d octets take %v and %d octets of memory", len(tt.data), took, after.TotalAlloc-before.TotalAlloc)
			}
			if size > len(tt.data)+500 {
				t.Errorf("%d octets are answered with %d", len(tt.data), size)
			}
		})
	}
}

// answerSize is how long the answer to a request is; 0 for none.
func answerSize(t *testing.T, data string) int {
	t.Helper()
	msg, err := Parse([]byte(data), Limits{})
	if err != nil {
		return len(badRequest([]byte(data), 400, "Bad Request"))
	}
	req, ok := msg.(*sip.Request)
	if !ok {
		t.Fatal("not a request")
	}
	out, err := serialize(sip.NewResponseFromRequest(req, 200, "OK", nil))
	if err != nil {
		return 0
	}
	return len(out)
}

func TestParseBoundsALine(t *testing.T) {
	limits := Limits{MaxHeaderLine: 300}
	for name, tt := range map[string]struct {
		line string
		want error
	}{
		"at the bound":        {"Subject: " + strings.Repeat("x", 291), nil},
		"over the bound":      {"Subject: " + strings.Repeat("x", 292), ErrTooLarge},
		"many parameters":     {"Subject: " + strings.Repeat(";", maxSeparators+1), ErrTooLarge},
		"over it when folded": {"Subject: " + strings.Repeat("x", 150) + "\r\n " + strings.Repeat("x", 150), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse([]byte(request("OPTIONS", tt.line)), limits); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := Parse([]byte(strings.Replace(request("OPTIONS"), "sip:b@", "sip:"+strings.Repeat("b", 300)+"@", 1)), limits); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long start line: %v", err)
	}
}

func TestUnpairedQuotesAreMalformed(t *testing.T) {
	data := request("OPTIONS", "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa"+strings.Repeat(`\";a=0123456789`, 250))
	if _, err := Parse([]byte(data), Limits{}); !errors.Is(err, ErrMalformed) {
		t.Errorf("error %v", err)
	}
}

// TestQueuedOctetsAreBounded: a peer that does not read cannot make us keep more than MaxQueuedBytes, however few
// messages that is.
func TestQueuedOctetsAreBounded(t *testing.T) {
	const bound = 64 << 10
	l, rec, addr := startLayer(t, TCP, Limits{MaxQueuedBytes: bound, WriteTime: time.Minute})
	p := dial(t, TCP, addr)
	p.send(request("OPTIONS"))
	flow := testwait.Recv(t, patience, "the request", rec.got).flow
	p.head()
	conn, ok := flow.(*Conn)
	if !ok {
		t.Fatalf("flow is a %T", flow)
	}
	var u sip.Uri
	if err := sip.ParseUri("sip:a@127.0.0.1", &u); err != nil {
		t.Fatal(err)
	}
	big := sip.NewRequest(sip.MESSAGE, u)
	big.SetBody([]byte(strings.Repeat("x", bound-1000)))
	var err error
	for err == nil { // the kernel takes some
		err = flow.Send(big)
		if n := conn.queued.Load(); n > bound {
			t.Fatalf("%d octets wait, %d may", n, bound)
		}
	}
	if !errors.Is(err, ErrPeerStalled) {
		t.Errorf("error %v", err)
	}
	if err := testwait.Recv(t, patience, "the end", rec.closed); !errors.Is(err, ErrPeerStalled) {
		t.Errorf("closed with %v", err)
	}
	if l.Stats().Stalled == 0 {
		t.Error("not counted")
	}
}
