package event_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mibgate/element/event"
	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/hoc"
	"mibgate/testdata/testwait"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newBus() *event.Bus { return event.NewBus(func() time.Time { return noon }) }

func alarm(resource string, raised bool) event.Event {
	return event.Event{
		Module: hoc.Module, Severity: event.Warning, Text: resource + " is in trouble",
		Alarm: event.Alarm{Resource: resource, Condition: "trouble", Raised: raised},
	}
}

func active(b *event.Bus) string {
	var out []string
	for _, a := range b.Active() {
		out = append(out, fmt.Sprintf("%d %s %s", a.Index, a.Alarm.Resource, a.Severity))
	}
	return strings.Join(out, ", ")
}

func TestEverySinkGetsEveryEvent(t *testing.T) {
	b := newBus()
	one, two := b.Subscribe("one", 10), b.Subscribe("two", 10)
	for i := range uint32(5) {
		b.Emit(event.Event{Module: hoc.Module, ID: i})
	}
	for _, s := range []*event.Sink{one, two} {
		for i := range uint32(5) {
			if e := testwait.Recv(t, time.Second, "an event", s.Events()); e.ID != i || !e.At.Equal(noon) {
				t.Errorf("event %d is %d of %v", i, e.ID, e.At)
			}
		}
	}
	at := noon.Add(-time.Hour)
	b.Emit(event.Event{Module: hoc.Module, At: at})
	if e := <-one.Events(); !e.At.Equal(at) {
		t.Errorf("a time that is given is stamped over: %v", e.At)
	}
}

// TestFullSink: one that does not take its events loses them, and nobody waits.
func TestFullSink(t *testing.T) {
	b := newBus()
	slow, fast := b.Subscribe("slow", 3), b.Subscribe("fast", 100)
	for i := range uint32(10) {
		b.Emit(event.Event{Module: hoc.Module, ID: i})
	}
	if slow.Dropped() != 7 || fast.Dropped() != 0 {
		t.Errorf("dropped %d and %d, want 7 and 0", slow.Dropped(), fast.Dropped())
	}
	slow.Close()
	slow.Close() // harmless
	b.Emit(event.Event{Module: hoc.Module})
	var got []uint32
	for e := range slow.Events() {
		got = append(got, e.ID)
	}
	if !slices.Equal(got, []uint32{7, 8, 9}) || slow.Queued() != 3 {
		t.Errorf("what was queued is %v, want the last three; %d", got, slow.Queued())
	}
}

func TestAlarmPairs(t *testing.T) {
	b := newBus()
	steps := []struct {
		name string
		e    event.Event
		want string
	}{
		{"clear of nothing", alarm("a", false), ""},
		{"raise", alarm("a", true), "1 a warning"},
		{"another resource", alarm("b", true), "1 a warning, 2 b warning"},
		{"raised again, graver", func() event.Event { e := alarm("a", true); e.Severity = event.Critical; return e }(), "1 a critical, 2 b warning"},
		{"the same of another service", func() event.Event { e := alarm("a", true); e.Module = cert.Module; return e }(), "1 a critical, 2 b warning, 3 a warning"},
		{"clear", alarm("a", false), "2 b warning, 3 a warning"},
		{"raised anew", alarm("a", true), "2 b warning, 3 a warning, 4 a warning"},
		{"no alarm", event.Event{Module: hoc.Module}, "2 b warning, 3 a warning, 4 a warning"},
	}
	for _, s := range steps {
		b.Emit(s.e)
		if got := active(b); got != s.want {
			t.Errorf("%s: %q, want %q", s.name, got, s.want)
		}
	}
}

func TestClearAll(t *testing.T) {
	b := newBus()
	for _, r := range []string{"a", "b", "c"} {
		b.Emit(alarm(r, true))
	}
	other := alarm("a", true)
	other.Module = cert.Module
	b.Emit(other)
	s := b.Subscribe("test", 10)
	b.ClearAll(hoc.Module, func(resource string) bool { return resource == "b" })
	if got := active(b); got != "2 b warning, 4 a warning" {
		t.Errorf("left are %q", got)
	}
	for range 2 {
		if e := testwait.Recv(t, time.Second, "a clear", s.Events()); e.Alarm.Raised || e.Alarm.Condition != "trouble" {
			t.Errorf("the clear is %+v", e)
		}
	}
}

// TestAlarmsAreBounded: a flood of conditions fills the table and no more.
func TestAlarmsAreBounded(t *testing.T) {
	b := newBus()
	for i := range event.MaxActiveAlarms + 100 {
		b.Emit(alarm(fmt.Sprint(i), true))
	}
	if n := len(b.Active()); n != event.MaxActiveAlarms {
		t.Errorf("%d alarms are active, at most %d", n, event.MaxActiveAlarms)
	}
	b.Emit(alarm("0", false))
	b.Emit(alarm("late", true))
	list := b.Active()
	if list[len(list)-1].Alarm.Resource != "late" {
		t.Error("a place that became free is not used")
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	b := newBus()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 200 {
				b.Emit(alarm(fmt.Sprint(g, i%5), i%2 == 0))
				_ = b.Active()
			}
		})
		wg.Go(func() {
			s := b.Subscribe("test", 1)
			<-s.Events()
			s.Close()
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for {
		select {
		case <-done:
			return
		default:
			b.Emit(event.Event{Module: hoc.Module}) // so that every subscriber gets one
		}
	}
}

func TestSeverity(t *testing.T) {
	tests := []struct {
		name         string
		s, threshold event.Severity
		want         bool
	}{
		{"at it", event.Warning, event.Warning, true},
		{"above", event.Critical, event.Warning, true},
		{"below", event.Info, event.Warning, false},
		{"everything", event.Debug, event.Debug, true},
		{"nothing", event.Critical, event.Disable, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.s.Passes(tt.threshold); got != tt.want {
				t.Errorf("%v passes %v: %v", tt.s, tt.threshold, got)
			}
		})
	}
	if got := fmt.Sprint(event.Disable, event.Debug, event.Info, event.Warning, event.Error, event.Critical); got != "disable debug info warning error critical" {
		t.Errorf("names: %s", got)
	}
}

func TestSinkTakesWhatItWants(t *testing.T) {
	b := event.NewBus(time.Now)
	s := b.SubscribeTo("errors", 1, func(e event.Event) bool { return e.Severity >= event.Error })
	for range 5 {
		b.Emit(event.Event{Module: cert.Module, Severity: event.Debug})
	}
	before := b.UpTime()
	b.Emit(event.Event{Module: cert.Module, Severity: event.Error})
	if e := <-s.Events(); e.Severity != event.Error || e.Up < before || e.Up > b.UpTime() {
		t.Errorf("got severity %v at %v", e.Severity, e.Up)
	}
	if n := s.Dropped(); n != 0 {
		t.Errorf("what was not wanted counts as dropped: %d", n)
	}
}

func TestWatchSeesEveryChange(t *testing.T) {
	b := newBus()
	b.Emit(alarm("before", true))
	var seen []string
	names := []string{"unchanged", "raised", "refreshed", "cleared", "overflowed"}
	before := b.Watch(func(e event.Event, c event.Change, a event.ActiveAlarm) {
		seen = append(seen, fmt.Sprintf("%s %d %s", names[c], a.Index, e.Alarm.Resource))
	})
	if len(before) != 1 || before[0].Index != 1 {
		t.Errorf("active before: %v", before)
	}
	b.Emit(alarm("a", true))
	b.Emit(alarm("a", true))
	b.Emit(alarm("a", false))
	b.Emit(alarm("a", false))
	b.Emit(event.Event{Module: hoc.Module})
	want := []string{"raised 2 a", "refreshed 2 a", "cleared 2 a", "unchanged 0 a", "unchanged 0 "}
	if got := strings.Join(seen, ", "); got != strings.Join(want, ", ") {
		t.Errorf("seen %s", got)
	}
	for i := range event.MaxActiveAlarms {
		b.Emit(alarm(fmt.Sprint("many ", i), true))
	}
	if last := seen[len(seen)-1]; !strings.HasPrefix(last, "overflowed 0") {
		t.Errorf("the last of too many: %s", last)
	}
}

// TestSupply: what changes an alarm and has no notification is given one, before
// anybody sees it; nothing else is.
func TestSupply(t *testing.T) {
	b := newBus()
	supplied := hoc.ClockStateChange{ClockState: hoc.ClockStateLastKnown}
	own := hoc.ClockStateChange{ClockState: hoc.ClockStateSynchronized}
	b.Supply(func(c event.Change, _ event.ActiveAlarm) mib.Notification {
		if c == event.Refreshed {
			return nil
		}
		return supplied
	})
	var watched mib.Notification
	b.Watch(func(e event.Event, _ event.Change, _ event.ActiveAlarm) { watched = e.Notification })
	s := b.Subscribe("test", 10)
	withOwn := alarm("b", true)
	withOwn.Notification = own
	for _, step := range []struct {
		name string
		e    event.Event
		want mib.Notification
	}{
		{"raised", alarm("a", true), supplied},
		{"refreshed", alarm("a", true), nil},
		{"cleared", alarm("a", false), supplied},
		{"cleared again", alarm("a", false), nil},
		{"with its own", withOwn, own},
		{"no alarm", event.Event{Module: hoc.Module}, nil},
	} {
		b.Emit(step.e)
		if e := testwait.Recv(t, time.Second, "an event", s.Events()); e.Notification != step.want || watched != step.want {
			t.Errorf("%s: the sink has %v, the watcher %v, want %v", step.name, e.Notification, watched, step.want)
		}
	}
}
