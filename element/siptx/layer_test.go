package siptx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/testdata/testwait"
)

// record is a ClientUser that notes what it is told.
type record struct{ handler }

func (r *record) user() ClientUser {
	return ClientUser{
		Response: func(res *sip.Response) { r.note(fmt.Sprint(res.StatusCode)) },
		Failed:   func(err error) { r.note(err.Error()) },
	}
}

func expect(t *testing.T, what string, got []string, want string) {
	t.Helper()
	if s := strings.Join(got, " "); s != want {
		t.Errorf("%s: %q, want %q", what, s, want)
	}
}

func TestRequestIsRetransmittedOverUDPOnly(t *testing.T) {
	for _, f := range []*fakeFlow{udpFlow(), tlsFlow()} {
		t.Run(string(f.transport), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := quietLayer(&handler{})
				defer l.Close()
				var r record
				if _, err := l.Send(f, newRequest(sip.OPTIONS, "1", ""), r.user()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(3600 * time.Millisecond) // 0, 0.5, 1.5, 3.5 s
				synctest.Wait()
				want := "OPTIONS"
				if !f.Reliable() {
					want = "OPTIONS OPTIONS OPTIONS OPTIONS"
				}
				kinds, _ := f.take()
				expect(t, "sent", kinds, want)
				time.Sleep(30 * time.Second)
				synctest.Wait()
				expect(t, "told", r.notes(), ErrTimeout.Error())
				if s := l.Stats(); s.Clients != 0 {
					t.Errorf("stats %+v", s)
				}
			})
		})
	}
}

func TestViaShowsTheFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := quietLayer(&handler{}), tlsFlow()
		defer l.Close()
		req := newRequest(sip.REGISTER, "1", "")
		tx, err := l.Send(f, req, ClientUser{})
		if err != nil {
			t.Fatal(err)
		}
		via := tx.Request().Via().Value()
		if !strings.HasPrefix(via, "SIP/2.0/TLS 127.0.0.1:16000;branch=z9hG4bK") || !strings.HasSuffix(via, ";rport") {
			t.Errorf("Via %q", via)
		}
		if req.Via() != nil {
			t.Error("the caller's request was changed")
		}
	})
}

func TestDoReturnsTheFinalResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := quietLayer(&handler{}), tlsFlow()
		defer l.Close()
		go func() {
			synctest.Wait()
			req := f.lastRequest(t)
			l.ReceiveMessage(f, answer(req, 100))
			l.ReceiveMessage(f, answer(req, 486))
			l.ReceiveMessage(f, answer(req, 486))
		}()
		res, err := l.Do(t.Context(), f, newRequest(sip.OPTIONS, "1", ""))
		if err != nil || res.StatusCode != 486 {
			t.Errorf("%v, %v", res, err)
		}
		synctest.Wait()
		if s := l.Stats(); s.Stray != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestDoEndsWithItsContextAndTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := quietLayer(&handler{}), tlsFlow()
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Do(ctx, f, newRequest(sip.OPTIONS, "1", "")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after the context: %v", err)
		}
		go func() {
			synctest.Wait()
			l.FlowClosed(f, io.EOF)
		}()
		_, err := l.Do(t.Context(), f, newRequest(sip.OPTIONS, "2", ""))
		if !errors.Is(err, ErrTransport) || !errors.Is(err, io.EOF) {
			t.Errorf("after the connection: %v", err)
		}
		f.fail = io.ErrClosedPipe
		if _, err = l.Do(t.Context(), f, newRequest(sip.OPTIONS, "3", "")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("on a closed connection: %v", err)
		}
		if s := l.Stats(); s.Clients != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestInviteRefusedIsAcked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := quietLayer(&handler{}), udpFlow()
		defer l.Close()
		var r record
		invite := newRequest(sip.INVITE, "1", "")
		invite.AppendHeader(&sip.RouteHeader{Address: sip.Uri{Scheme: "sip", Host: "127.0.0.2"}})
		tx, err := l.Send(f, invite, r.user())
		if err != nil {
			t.Fatal(err)
		}
		f.take()
		res := answer(tx.Request(), 486)
		l.ReceiveMessage(f, res)
		l.ReceiveMessage(f, res)
		synctest.Wait()
		kinds, msgs := f.take()
		expect(t, "sent", kinds, "ACK ACK")
		ack := msgs[0].(*sip.Request)
		if ack.Via().Value() != tx.Request().Via().Value() || ack.To().Value() != res.To().Value() || ack.Route() == nil || ack.CSeq().Value() != "1 ACK" {
			t.Errorf("ACK %s", ack)
		}
		expect(t, "told", r.notes(), "486")
	})
}

func TestInviteAcceptedDeliversEvery2xx(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := quietLayer(&handler{}), tlsFlow()
		defer l.Close()
		var r record
		tx, err := l.Send(f, newRequest(sip.INVITE, "1", ""), r.user())
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range []int{100, 183, 200, 200} {
			l.ReceiveMessage(f, answer(tx.Request(), status))
		}
		synctest.Wait()
		expect(t, "told", r.notes(), "100 183 200 200")
		if tx.State() != Accepted {
			t.Errorf("state %v", tx.State())
		}
		if err := l.SendAck(f, newRequest(sip.ACK, "1", "")); err != nil {
			t.Error(err)
		}
		time.Sleep(33 * time.Second)
		synctest.Wait()
		if tx.State() != Terminated || l.Stats().Clients != 0 {
			t.Errorf("state %v, %+v", tx.State(), l.Stats())
		}
	})
}

func TestCancelWaitsForAProvisional(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := quietLayer(&handler{}), tlsFlow()
		defer l.Close()
		var r record
		tx, err := l.Send(f, newRequest(sip.INVITE, "1", ""), r.user())
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Cancel(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		kinds, _ := f.take()
		expect(t, "before", kinds, "INVITE")
		l.ReceiveMessage(f, answer(tx.Request(), 180))
		synctest.Wait()
		cancel := f.lastRequest(t)
		if cancel.Method != sip.CANCEL || cancel.Via().Value() != tx.Request().Via().Value() {
			t.Fatalf("sent %v", cancel)
		}
		l.ReceiveMessage(f, answer(cancel, 200))
		l.ReceiveMessage(f, answer(tx.Request(), 487))
		synctest.Wait()
		expect(t, "told", r.notes(), "180 487")
	})
}

func TestCancelWithoutEffectTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := quietLayer(&handler{}), tlsFlow()
		defer l.Close()
		var r record
		tx, err := l.Send(f, newRequest(sip.INVITE, "1", ""), r.user())
		if err != nil {
			t.Fatal(err)
		}
		l.ReceiveMessage(f, answer(tx.Request(), 180))
		synctest.Wait()
		if err := tx.Cancel(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Second)
		synctest.Wait()
		expect(t, "told", r.notes(), "180 "+ErrTimeout.Error())
		other, err := l.Send(f, newRequest(sip.OPTIONS, "2", ""), ClientUser{})
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Cancel(); !errors.Is(err, ErrState) {
			t.Errorf("Cancel of OPTIONS: %v", err)
		}
	})
}

func TestRequestsArriveOncePerTransactionAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{onRequest: func(tx *ServerTx) {
			time.Sleep(time.Second) // a slow handler must not let the next one overtake
			_ = tx.Reply(200, "OK")
		}}
		l, f := quietLayer(h), udpFlow()
		defer l.Close()
		l.ReceiveMessage(f, newRequest(sip.INVITE, "1", "a"))
		l.ReceiveMessage(f, newRequest(sip.ACK, "1", "b"))
		l.ReceiveMessage(f, newRequest(sip.BYE, "1", "c"))
		l.ReceiveMessage(f, newRequest(sip.BYE, "1", "c")) // retransmission
		time.Sleep(5 * time.Second)
		synctest.Wait()
		expect(t, "handled", h.notes(), "INVITE ACK BYE")
		kinds, _ := f.take()
		expect(t, "sent", kinds, "100 200 200")
		l.ReceiveMessage(f, newRequest(sip.BYE, "1", "c"))
		synctest.Wait()
		kinds, _ = f.take()
		expect(t, "to a retransmission", kinds, "200")
		if s := l.Stats(); s.Requests != 2 || s.Repeated != 2 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestInviteRefusedOverUDPIsRetransmittedUntilAck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{onRequest: func(tx *ServerTx) { _ = tx.Reply(480, "Temporarily Unavailable") }}
		l, f := quietLayer(h), udpFlow()
		defer l.Close()
		l.ReceiveMessage(f, newRequest(sip.INVITE, "1", "a"))
		time.Sleep(1600 * time.Millisecond)
		synctest.Wait()
		kinds, _ := f.take()
		expect(t, "sent", kinds, "480 480 480")
		l.ReceiveMessage(f, newRequest(sip.ACK, "1", "a"))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		kinds, _ = f.take()
		expect(t, "after ACK", kinds, "")
		expect(t, "handled", h.notes(), "INVITE") // this ACK is the transaction's
		if s := l.Stats(); s.Servers != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestCancelOfAnIncomingInvite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{onRequest: func(tx *ServerTx) { _ = tx.Reply(180, "Ringing") }}
		l, f := quietLayer(h), tlsFlow()
		defer l.Close()
		l.ReceiveMessage(f, newRequest(sip.INVITE, "1", "a"))
		l.ReceiveMessage(f, newRequest(sip.CANCEL, "1", "a"))
		synctest.Wait()
		kinds, msgs := f.take()
		if s := strings.Join(kinds, " "); s != "180 200 487" && s != "200 180 487" {
			t.Errorf("sent %s", s)
		}
		tags := map[string]bool{}
		for _, m := range msgs {
			tag, _ := m.To().Params.Get("tag")
			tags[tag] = true
		}
		if len(tags) != 1 {
			t.Errorf("To tags differ: %v", tags)
		}
		l.ReceiveMessage(f, newRequest(sip.CANCEL, "9", "unknown"))
		synctest.Wait()
		kinds, _ = f.take()
		expect(t, "CANCEL of nothing", kinds, "481")
	})
}

func TestPanickingHandlerIsAnswered500(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{onRequest: func(*ServerTx) { panic("a defect") }}
		l, f := quietLayer(h), tlsFlow()
		defer l.Close()
		l.ReceiveMessage(f, newRequest(sip.OPTIONS, "1", "a"))
		synctest.Wait()
		kinds, _ := f.take()
		expect(t, "sent", kinds, "500")
		if s := l.Stats(); s.Panics != 1 || s.Servers != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestOverloadIsAnswered503(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{}
		l, f := NewLayer(Config{Handler: h, MaxTransactions: 2}), tlsFlow()
		defer l.Close()
		for i := range 3 {
			l.ReceiveMessage(f, newRequest(sip.OPTIONS, fmt.Sprint(i), fmt.Sprint(i)))
		}
		synctest.Wait()
		kinds, _ := f.take()
		expect(t, "sent", kinds, "503")
	})
}

func TestFloodOnOneCallIDIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		h := &handler{onRequest: func(tx *ServerTx) { <-release; _ = tx.Reply(200, "OK") }}
		l, f := quietLayer(h), tlsFlow()
		defer l.Close()
		l.ReceiveMessage(f, newRequest(sip.OPTIONS, "1", "first"))
		synctest.Wait()
		for i := range 3 * maxQueued {
			l.ReceiveMessage(f, newRequest(sip.OPTIONS, "1", fmt.Sprint("x", i)))
		}
		kinds, _ := f.take()
		if len(kinds) != 2*maxQueued || kinds[0] != "503" {
			t.Errorf("%d answers, first %v", len(kinds), kinds)
		}
		close(release)
		synctest.Wait()
		kinds, _ = f.take()
		if len(kinds) != maxQueued+1 {
			t.Errorf("%d answers after the release", len(kinds))
		}
	})
}

func TestUnansweredRequestDoesNotStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f := quietLayer(&handler{}), tlsFlow()
		defer l.Close()
		l.ReceiveMessage(f, newRequest(sip.OPTIONS, "1", "a"))
		time.Sleep(33 * time.Second)
		synctest.Wait()
		if s := l.Stats(); s.Servers != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestDrainWaitsForFinalResponses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{onRequest: func(tx *ServerTx) { time.Sleep(2 * time.Second); _ = tx.Reply(200, "OK") }}
		l, f, other := quietLayer(h), tlsFlow(), tlsFlow()
		defer l.Close()
		l.ReceiveMessage(f, newRequest(sip.INVITE, "1", "a"))
		if _, err := l.Send(other, newRequest(sip.OPTIONS, "2", ""), ClientUser{}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := l.Drain(t.Context(), f); err != nil || time.Since(began) != 2*time.Second {
			t.Errorf("drained after %v: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Drain(ctx, other); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain of a pending request: %v", err)
		}
	})
}

func TestCloseTellsEveryUser(t *testing.T) {
	testwait.NoLeaks(t)
	l, f := quietLayer(&handler{}), udpFlow()
	var r record
	if _, err := l.Send(f, newRequest(sip.OPTIONS, "1", ""), r.user()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Send(f, newRequest(sip.INVITE, "2", ""), r.user()); err != nil {
		t.Fatal(err)
	}
	l.ReceiveMessage(f, newRequest(sip.OPTIONS, "3", "a"))
	l.Close()
	if n := len(r.notes()); n != 2 {
		t.Errorf("told %v", r.notes())
	}
	if _, err := l.Send(f, newRequest(sip.OPTIONS, "4", ""), ClientUser{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after Close: %v", err)
	}
	l.ReceiveMessage(f, newRequest(sip.OPTIONS, "5", "b"))
	if _, err := l.Send(f, sip.NewRequest(sip.OPTIONS, sip.Uri{}), ClientUser{}); !errors.Is(err, ErrRequest) {
		t.Errorf("Send of half a request: %v", err)
	}
}

func TestFloodOfAnsweredRequestsIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{onRequest: func(tx *ServerTx) { _ = tx.Reply(200, "OK") }}
		l, f := NewLayer(Config{Handler: h, MaxTransactions: 20, MaxCompleted: 10}), udpFlow()
		defer l.Close()
		for i := range 200 {
			l.ReceiveMessage(f, newRequest(sip.OPTIONS, fmt.Sprint(i), fmt.Sprint(i)))
			synctest.Wait()
		}
		kinds, _ := f.take()
		if s := l.Stats(); len(kinds) != 200 || s.Overload != 0 || s.Servers > 11 || len(l.completed) > 11 {
			t.Errorf("%d answers, %+v, %d completed", len(kinds), s, len(l.completed))
		}
		l.ReceiveMessage(f, newRequest(sip.OPTIONS, "199", "199")) // a late retransmission of one that is remembered
		synctest.Wait()
		if s := l.Stats(); s.Repeated != 1 {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		l.ReceiveMessage(f, newRequest(sip.OPTIONS, "x", "x"))
		synctest.Wait()
		if s := l.Stats(); s.Servers != 1 || len(l.completed) != 1 {
			t.Errorf("%+v, %d completed", s, len(l.completed))
		}
	})
}

// TestLargeRequestsAreBounded: what is kept is bounded in octets, too, whether it was answered or not.
func TestLargeRequestsAreBounded(t *testing.T) {
	large := func(i int) *sip.Request {
		req := newRequest(sip.MESSAGE, fmt.Sprint(i), fmt.Sprint(i))
		req.SetBody(make([]byte, 1000))
		return req
	}
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		h := &handler{onRequest: func(tx *ServerTx) { <-release; _ = tx.Reply(200, "OK") }}
		l, f := NewLayer(Config{Handler: h, MaxBytes: 20000}), udpFlow()
		defer l.Close()
		for i := range 100 {
			l.ReceiveMessage(f, large(i))
		}
		if s := l.Stats(); s.Servers < 10 || s.Servers > 20 || int(s.Overload) != 100-s.Servers || l.size > 20000 {
			t.Errorf("before the answers: %+v, %d octets", s, l.size)
		}
		close(release)
		synctest.Wait()
		f.take()
		for i := range 100 {
			l.ReceiveMessage(f, large(1000+i))
			synctest.Wait()
		}
		kinds, _ := f.take()
		if s := l.Stats(); len(kinds) != 100 || slices.Contains(kinds, "503") || s.Servers > 6 || l.doneSize > 7000 {
			t.Errorf("after the answers: %v, %+v, %d octets", kinds, s, l.doneSize)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		l.forgetOldest()
		if l.size != 0 || l.doneSize != 0 {
			t.Errorf("in the end %d and %d octets are counted", l.size, l.doneSize)
		}
	})
}
