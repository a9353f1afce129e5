package notifier

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
	"mibgate/element/event"
	"mibgate/mib/hoc"
)

// gatewayOf is the first varbind after the two that come first.
func gatewayOf(t *testing.T, m *message.Message) string {
	t.Helper()
	if len(m.PDU.Varbinds) < 3 {
		t.Fatalf("%d varbinds", len(m.PDU.Varbinds))
	}
	v, err := m.PDU.Varbinds[2].Value.Value()
	if err != nil {
		t.Fatal(err)
	}
	return v.Str
}

// take receives what emitUp(want) sent, and acknowledges it.
func (r *receiver) take(t *testing.T, want uint32) {
	t.Helper()
	m := r.must()
	for ; gatewayOf(t, m) != fmt.Sprintf("gateway %d", want); m = r.must() {
		if gatewayOf(t, m) > fmt.Sprintf("gateway %d", want) {
			t.Fatalf("%s came before gateway %d", gatewayOf(t, m), want)
		}
	}
	if m.PDU.Type == message.Inform {
		r.answer(m, m.PDU.RequestID, message.NoError)
	}
}

// What is queued goes to the destination that takes the place, and in the way
// that is configured then.
func TestDestinationIsReplaced(t *testing.T) {
	silent, r := newReceiver(t, "127.0.0.1:0"), newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, silent.addr()))
	c.Timeout = patience
	s := newSender(t, quick(), nil, c)
	for i := range uint32(3) {
		s.emitUp(i)
	}
	silent.must()
	c.Destinations[0] = destination(t, r.addr())
	c.Inform = false
	s.configure(c)
	for i := range uint32(3) {
		r.take(t, i)
	}
	if d := s.awaitCounts(1, 3, 0, 0); d.Destination != r.addr() {
		t.Errorf("status %+v", d)
	}
}

// Destinations keep queue and counters wherever they stand in the list.
func TestDestinationsChangePlaces(t *testing.T) {
	a, b := newReceiver(t, "127.0.0.1:0"), newReceiver(t, "127.0.0.1:0")
	c := config(t, a.addr(), b.addr())
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	s.awaitCounts(1, 1, 0, 0)
	s.awaitCounts(2, 1, 0, 0)
	a.take(t, 1)
	b.take(t, 1)
	port := b.from
	third := newReceiver(t, "127.0.0.1:0")
	s.configure(config(t, third.addr(), b.addr(), a.addr()))
	if d := s.awaitCounts(1, 0, 0, 0); d.Destination != third.addr() {
		t.Errorf("first: %+v", d)
	}
	s.emitUp(2)
	for _, r := range []*receiver{third, b, a} {
		r.take(t, 2)
	}
	s.awaitCounts(1, 1, 0, 0)
	s.awaitCounts(2, 2, 0, 0)
	if d := s.awaitCounts(3, 2, 0, 0); d.Destination != a.addr() || b.from != port {
		t.Errorf("third: %+v; b from %s, then %s", d, port, b.from)
	}
	s.configure(config(t, b.addr()))
	if _, ok := s.target(2); ok {
		t.Error("there is a second destination")
	}
	s.emitUp(3)
	b.take(t, 3)
	s.awaitCounts(1, 3, 0, 0)
	if m := a.next(10 * time.Millisecond); m != nil {
		t.Error("a destination that was removed is sent to")
	}
	s.configure(config(t, a.addr(), a.addr()))
	s.awaitCounts(1, 0, 0, 0)
	s.emitUp(4)
	a.take(t, 4)
	a.take(t, 4)
	if all := s.n.Status(); len(all) != 2 || all[0].Name != "trap-1" || all[1].Name != "trap-2" {
		t.Errorf("status %+v", all)
	}
}

// A change that is none for a destination leaves the inform under way alone.
func TestOtherDestinationsAreNoConcern(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, r.addr()))
	c.Timeout = patience
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	m := r.must()
	more := informs(config(t, r.addr(), newReceiver(t, "127.0.0.1:0").addr()))
	more.Timeout = patience
	s.configure(more)
	r.answer(m, m.PDU.RequestID, message.NoError)
	s.awaitCounts(1, 1, 0, 1)
	if m := r.next(10 * time.Millisecond); m != nil {
		t.Error("it was sent again")
	}
	s.configure(config(t, r.addr())) // so that Stop need not wait
}

func TestDisabled(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	on := informs(config(t, r.addr()))
	on.Timeout = patience
	off := on
	off.View = nil
	s := newSender(t, quick(), nil, on)
	s.emitUp(1)
	s.emitUp(2)
	r.must()
	s.configure(off) // nobody wants these two any more
	s.emitUp(3)
	settle(t, s.n)
	s.configure(on)
	s.emitUp(4)
	m := r.must()
	if g := gatewayOf(t, m); g != "gateway 4" {
		t.Errorf("%s was sent", g)
	}
	r.answer(m, m.PDU.RequestID, message.NoError)
	s.await(1, "the last one is acknowledged", func(d snmp.TargetStatus) bool { return d.Acked == 1 && d.Dropped == 0 })
}

// A destination that is dead for long keeps the newest, in order.
func TestQueueIsBounded(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, r.addr()))
	c.Timeout, c.Retries = patience, 0
	s := newSender(t, quick(), nil, c)
	s.emitUp(0)
	m := r.must()
	const more = 10
	for i := range uint32(queueDepth + more) {
		s.emitUp(1 + i)
	}
	if d := s.awaitCounts(1, 1, more, 0); d.LastError != "the queue was full" {
		t.Errorf("status %+v", d)
	}
	r.answer(m, m.PDU.RequestID, message.NoError)
	for i := range uint32(queueDepth) {
		m := r.must()
		if want := fmt.Sprintf("gateway %d", 1+more+i); gatewayOf(t, m) != want {
			t.Fatalf("%s instead of %s", gatewayOf(t, m), want)
		}
		r.answer(m, m.PDU.RequestID, message.NoError)
	}
	s.awaitCounts(1, queueDepth+1, more, queueDepth+1)
}

// Between runs notifications wait; counters and source port stay.
func TestRunsFollowEachOther(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, r.addr()))
	c.Timeout = patience
	s := newSender(t, quick(), nil, c)
	s.emitUp(0)
	r.take(t, 0)
	from := r.from
	s.awaitCounts(1, 1, 0, 1)
	s.emitUp(1)
	s.emitUp(2)
	r.must()
	begin := time.Now()
	s.stop()
	s.stop()
	if d := time.Since(begin); d > patience/2 {
		t.Errorf("it took %v to stop", d)
	}
	s.emitUp(3)
	s.el.Bus.Emit(event.Event{Module: hoc.Module, Text: "an event without notification"})
	s.awaitCounts(1, 2, 0, 1)
	c.Timeout = patience / 2
	s.configure(c)
	s.start(c)
	s.start(c)
	for i := range uint32(3) {
		r.take(t, 1+i)
	}
	s.awaitCounts(1, 4, 0, 4)
	if r.from != from {
		t.Errorf("from %s, then %s", from, r.from)
	}
}

// The end of a run sends what can be sent.
func TestStopSendsWhatIsQueued(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	s := newSender(t, quick(), nil, config(t, r.addr()))
	const many = 50
	for i := range uint32(many) {
		s.emitUp(i)
	}
	s.stop()
	if d, _ := s.target(1); d.Sent != many {
		t.Errorf("status %+v", d)
	}
}

// A context that is over ends a look-up and a wait.
func TestStopAtOnce(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := informs(config(t, r.addr()))
	c.Timeout = patience
	s := newSender(t, quick(), nil, c)
	s.emitUp(1)
	r.must()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	begin := time.Now()
	s.n.Stop(ctx)
	if d := time.Since(begin); d >= stopGrace {
		t.Errorf("it took %v to stop", d)
	}
	s.start(c)
	r.take(t, 1)
	s.awaitCounts(1, 1, 0, 1)
}

func TestBusOverflowIsCounted(t *testing.T) {
	r := newReceiver(t, "127.0.0.1:0")
	c := config(t, r.addr())
	s := newSender(t, quick(), nil, c)
	s.stop()
	for i := range uint32(busDepth + 7) {
		s.emitUp(i)
	}
	s.start(c)
	s.await(1, "what found no room is counted", func(d snmp.TargetStatus) bool {
		return d.Sent+d.Dropped == busDepth+7 && d.Dropped >= 7
	})
}

func TestLine(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"short", "not acknowledged", "not acknowledged"},
		{"control characters", "a\nb\tc", "a b c"},
		{"not text", "a\xffb", "a?b"},
		{"long", strings.Repeat("x", 300), strings.Repeat("x", maxLastError)},
		{"long and wide", strings.Repeat("ü", 200), strings.Repeat("ü", maxLastError/2)},
	} {
		if got := line(errors.New(c.in)); got != c.want || !utf8.ValidString(got) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// FuzzAnswer: no datagram of a receiver but the response makes an inform
// acknowledged, or does any harm.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("0\x1b\x02\x01\x01\x04\x06public\xa2\x0e\x02\x04\x00\x00\x00\x2a\x02\x01\x00\x02\x01\x00\x30\x00"), false)
	f.Add([]byte("0\x3a\x02\x01\x03\x30\x0f\x02\x02\x03\xe7\x02\x03\x00\xff\xe3\x04\x01\x00\x02\x01\x03\x04\x10\x30\x0e\x04\x00\x02\x01\x00\x02\x01\x00\x04\x00\x04\x00\x04\x00\x30\x12\x04\x00\x04\x00\xa8\x0c\x02\x01\x00\x02\x01\x00\x02\x01\x00\x30\x00"), true)
	s := newSender(f, quick(), nil, config(f))
	f.Fuzz(func(t *testing.T, data []byte, v3 bool) {
		c := informs(config(t, "127.0.0.1:9"))
		if v3 {
			c = asAdmin(t, c)
		}
		set := newSettings(c.made().Targets[0], &tally{})
		target := newTarget(set)
		w := newWorker(context.Background(), s.n, target, &run{})
		if v3 {
			if err := w.meet(set); err != nil {
				t.Fatal(err)
			}
		}
		w.ids[999] = true
		const id = 0x2a2a2a2a
		if err := w.judge(data, set, id); err == nil {
			m := new(message.Message)
			if err := message.Decode(data, m); v3 || err != nil || m.PDU.RequestID != id || m.PDU.Type != message.Response {
				t.Fatalf("acknowledged by %x", data)
			}
		}
	})
}
