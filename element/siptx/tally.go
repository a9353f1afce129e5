package siptx

import (
	"maps"
	"slices"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// Methods are the methods that are counted one by one, those of IANA and PING. Of what a peer may make up there is no
// end.
var Methods = []string{
	"ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PING", "PRACK", "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE",
}

// maxCodes bounds the pairs of method and status that are counted one by one.
const maxCodes = 1000

// Tally counts messages and transactions, in the terms of RFC 4780. It outlives the layers that count into it. All
// methods may be called from any goroutine; on nil those that count do nothing.
type Tally struct {
	mu     sync.Mutex
	totals Totals
	method map[string]MethodCount
	code   map[Code]CodeCount
}

// Totals are the messages of all methods, retransmissions too.
type Totals struct {
	InRequests, OutRequests, InResponses, OutResponses uint64
	Transactions                                       uint64 // begun
	UnsupportedURIs, UnsupportedMethods                uint64 // requests that were refused for it
	Stray                                              uint64 // responses without a transaction, which are dropped
}

// MethodCount is what is counted of one method.
type MethodCount struct {
	In, Out uint64 // requests
	// Retries are requests that were sent again, FinalRetries and OtherRetries responses.
	Retries, FinalRetries, OtherRetries uint64
}

// Code is a status of a response to a method.
type Code struct {
	Method string
	Status int
}

// CodeCount is the responses with one Code.
type CodeCount struct{ In, Out uint64 }

// TallyReport is a Tally at one moment.
type TallyReport struct {
	Totals
	Methods map[string]MethodCount
	Codes   map[Code]CodeCount
}

// Report copies the counters.
func (t *Tally) Report() TallyReport {
	t.mu.Lock()
	defer t.mu.Unlock()
	return TallyReport{t.totals, maps.Clone(t.method), maps.Clone(t.code)}
}

// count changes the counters.
func (t *Tally) count(change func()) {
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		change()
	}
}

// of changes the counters of a method; the caller holds mu.
func (t *Tally) of(method string, change func(*MethodCount)) {
	if !slices.Contains(Methods, method) {
		return
	}
	if t.method == nil {
		t.method = map[string]MethodCount{}
	}
	m := t.method[method]
	change(&m)
	t.method[method] = m
}

// ofCode changes the counters of a status; the caller holds mu.
func (t *Tally) ofCode(method string, status int, change func(*CodeCount)) {
	code := Code{method, status}
	c, ok := t.code[code]
	if !slices.Contains(Methods, method) || status < 100 || status > 999 || !ok && len(t.code) >= maxCodes {
		return
	}
	if t.code == nil {
		t.code = map[Code]CodeCount{}
	}
	change(&c)
	t.code[code] = c
}

// received counts a message that came in.
func (t *Tally) received(msg sip.Message) {
	t.count(func() {
		switch m := msg.(type) {
		case *sip.Request:
			t.totals.InRequests++
			t.of(string(m.Method), func(c *MethodCount) { c.In++ })
		case *sip.Response:
			t.totals.InResponses++
			if cseq := m.CSeq(); cseq != nil {
				t.ofCode(string(cseq.MethodName), m.StatusCode, func(c *CodeCount) { c.In++ })
			}
		}
	})
}

// sentRequest counts a request that went out, for the first time or again.
func (t *Tally) sentRequest(method sip.RequestMethod, again bool) {
	t.count(func() {
		t.totals.OutRequests++
		t.of(string(method), func(c *MethodCount) {
			c.Out++
			if again {
				c.Retries++
			}
		})
	})
}

// sentResponse counts a response to a request of that method.
func (t *Tally) sentResponse(method sip.RequestMethod, res *sip.Response, again bool) {
	t.count(func() {
		t.totals.OutResponses++
		t.ofCode(string(method), res.StatusCode, func(c *CodeCount) { c.Out++ })
		switch {
		case again:
			t.of(string(method), func(c *MethodCount) {
				if res.IsProvisional() {
					c.OtherRetries++
				} else {
					c.FinalRetries++
				}
			})
		case res.StatusCode == 405 || res.StatusCode == 501:
			t.totals.UnsupportedMethods++
		case res.StatusCode == 416:
			t.totals.UnsupportedURIs++
		}
	})
}

func (t *Tally) begun() { t.count(func() { t.totals.Transactions++ }) }
func (t *Tally) stray() { t.count(func() { t.totals.Stray++ }) }
