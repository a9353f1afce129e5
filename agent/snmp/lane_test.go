package snmp

import (
	"sync"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// The turn passes once for a batch, whoever passes it.
func TestTurnPassesOnce(t *testing.T) {
	l := newLane(nil)
	<-l.turn
	if l.pass(0) || l.pass(1) {
		t.Error("a turn was passed that nobody had")
	}
	l.busy.Store(7)
	passed := make(chan bool, 8)
	var wg sync.WaitGroup
	for range cap(passed) {
		wg.Go(func() { passed <- l.pass(7) })
	}
	wg.Wait()
	n := 0
	for range cap(passed) {
		if <-passed {
			n++
		}
	}
	if n != 1 || len(l.turn) != 1 {
		t.Errorf("the turn was passed %d times; %d wait", n, len(l.turn))
	}
}

// A reader that stalls does not keep the others: the turn is taken from it.
func TestTurnIsTakenFromAStalledReader(t *testing.T) {
	u := newUnit(t, openSettings...)
	u.svc.mu.Lock()
	r := u.svc.run
	u.svc.mu.Unlock()
	stalled := newLane(nil)
	<-stalled.turn
	stalled.busy.Store(1)
	watching := &run{s: u.svc, ending: make(chan struct{}), lanes: append([]*lane{stalled}, r.lanes...)}
	ended := make(chan struct{})
	go func() {
		watching.watch()
		close(ended)
	}()
	select {
	case <-stalled.turn:
	case <-time.After(10 * time.Second):
		t.Error("the turn is still the stalled reader's")
	}
	close(watching.ending)
	<-ended
	// What answers meanwhile is not disturbed.
	c := &client{t: t}
	if u.dial().ask(c.community(message.V2c, message.Get, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0"))) == nil {
		t.Error("no answer")
	}
}

// More requests at once than a batch holds, a long one among them, are all
// answered, whichever reader has them.
func TestAnswersMoreThanABatch(t *testing.T) {
	u := newUnit(t, openSettings...)
	c := &client{t: t}
	up, first := mib.MustOID("1.3.6.1.2.1.1.3.0"), mib.MustOID("1.3.6.1")
	name := mib.MustOID(u.oid("Hoc.SystemName"))
	p := u.dial()
	for burst := range 5 {
		n := 0
		for range 2 * batchSize { // what a socket of the client's holds
			p.send(c.community(message.V2c, message.Get, 0, 0, up, name))
			n++
			if n == batchSize/2 {
				p.send(c.community(message.V2c, message.GetBulk, 0, longAnswer+100, first))
				n++
			}
		}
		for i := range n {
			if p.receive(10*time.Second) == nil {
				t.Fatalf("burst %d: %d answers to %d requests", burst, i, n)
			}
		}
	}
}

func TestIsLong(t *testing.T) {
	c := &client{t: t}
	up := mib.MustOID("1.3.6.1.2.1.1.3.0")
	for _, tt := range []struct {
		name        string
		typ         message.PDUType
		repetitions int
		names       int
		want        bool
	}{
		{"GET", message.Get, 0, 1, false},
		{"GET of many", message.Get, 0, longAnswer + 1, true},
		{"GETBULK", message.GetBulk, 25, 1, false},
		{"GETBULK of many columns", message.GetBulk, 26, 10, true},
		{"huge GETBULK", message.GetBulk, 1<<31 - 1, 20, true},
		{"negative GETBULK", message.GetBulk, -5, 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			names := make([]mib.OID, tt.names)
			for i := range names {
				names[i] = up
			}
			var m message.Message
			if err := message.Decode(c.community(message.V2c, tt.typ, 0, tt.repetitions, names...), &m); err != nil {
				t.Fatal(err)
			}
			if got := isLong(&m.PDU); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
