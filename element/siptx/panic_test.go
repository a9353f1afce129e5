package siptx

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// brokenFlow panics when it is to send, while broken is set.
type brokenFlow struct {
	*fakeFlow
	broken atomic.Bool
}

func (f *brokenFlow) Send(m sip.Message) error {
	if f.broken.Load() {
		panic("a message that cannot be rendered")
	}
	return f.fakeFlow.Send(m)
}

var _ siptransport.Flow = (*brokenFlow)(nil)

// TestPanicLosesTheMessageOnly: whatever panics over a message, in the reader
// of a connection or in a timer, the process and the layer go on.
func TestPanicLosesTheMessageOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{onRequest: func(tx *ServerTx) { _ = tx.Reply(486, "Busy Here") }}
		l := NewLayer(Config{Handler: h, Logger: slog.New(slog.DiscardHandler)})
		defer l.Close()
		f := &brokenFlow{fakeFlow: udpFlow()}
		l.ReceiveMessage(f, newRequest(sip.INVITE, "1", "a"))
		synctest.Wait()
		f.broken.Store(true)
		l.ReceiveMessage(f, newRequest(sip.INVITE, "1", "a")) // answered once more by the reader
		time.Sleep(600 * time.Millisecond)                    // and by timer G
		synctest.Wait()
		if n := l.Stats().Panics; n < 2 {
			t.Errorf("%d panics", n)
		}
		f.broken.Store(false)
		f.take()
		l.ReceiveMessage(f, newRequest(sip.OPTIONS, "2", "b"))
		synctest.Wait()
		if kinds, _ := f.take(); len(kinds) == 0 {
			t.Error("no answer afterwards")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
	})
}
