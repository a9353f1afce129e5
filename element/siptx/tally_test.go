package siptx

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
)

// TestTally counts each message once, retransmissions by what they are.
func TestTally(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tally Tally
		h := &handler{onRequest: func(tx *ServerTx) {
			switch tx.Request().Method {
			case sip.INVITE:
				_ = tx.Reply(180, "Ringing")
				_ = tx.Reply(486, "Busy Here")
			case sip.INFO:
				_ = tx.Reply(405, "Method Not Allowed")
			default:
				_ = tx.Reply(416, "Unsupported URI Scheme")
			}
		}}
		l, f := NewLayer(Config{Handler: h, Tally: &tally}), udpFlow()
		defer l.Close()
		l.ReceiveMessage(f, newRequest(sip.INVITE, "1", "a"))
		synctest.Wait()
		time.Sleep(l.timing.T1 + l.timing.T1/2) // the refusal is sent again once
		l.ReceiveMessage(f, newRequest(sip.ACK, "1", "a"))
		for range 2 {
			l.ReceiveMessage(f, newRequest(sip.INFO, "2", "b"))
			synctest.Wait()
		}
		l.ReceiveMessage(f, newRequest("MADEUP", "3", "c"))
		synctest.Wait()
		tx, err := l.Send(f, newRequest(sip.OPTIONS, "4", ""), ClientUser{})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(l.timing.T1 + l.timing.T1/2) // and so is the request
		l.ReceiveMessage(f, answer(tx.Request(), 200))
		l.ReceiveMessage(f, answer(newRequest(sip.BYE, "5", "stray"), 200))
		synctest.Wait()
		want := TallyReport{
			Totals: Totals{
				InRequests: 5, OutRequests: 2, InResponses: 2, OutResponses: 6, Transactions: 4, UnsupportedURIs: 1, UnsupportedMethods: 1, Stray: 1,
			},
			Methods: map[string]MethodCount{"INVITE": {In: 1, FinalRetries: 1}, "ACK": {In: 1}, "INFO": {In: 2, FinalRetries: 1}, "OPTIONS": {Out: 2, Retries: 1}},
			Codes: map[Code]CodeCount{
				{"INVITE", 180}: {Out: 1}, {"INVITE", 486}: {Out: 2}, {"INFO", 405}: {Out: 2}, {"OPTIONS", 200}: {In: 1}, {"BYE", 200}: {In: 1},
			},
		}
		kinds, _ := f.take()
		if got := tally.Report(); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant %+v\nsent %v", got, want, kinds)
		}
	})
}

// TestTallyIsBounded: peers cannot make it grow by what they make up.
func TestTallyIsBounded(t *testing.T) {
	var tally Tally
	for status := range 2000 {
		for _, method := range []sip.RequestMethod{sip.INVITE, sip.BYE, "MADEUP"} {
			tally.received(answer(newRequest(method, "1", "a"), status))
		}
	}
	r := tally.Report()
	if len(r.Codes) != maxCodes || r.InResponses != 6000 || len(r.Methods) != 0 {
		t.Errorf("%d codes, %d methods, %d responses", len(r.Codes), len(r.Methods), r.InResponses)
	}
	if none := (*Tally)(nil); true {
		none.begun() // nobody asks
	}
}
