package notifier

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"mibgate/agent/snmp"
)

// maxLastError is the size of trapDestStatusLastError.
const maxLastError = 255

// settings are what a worker sends by. They are immutable: another pointer is
// another configuration.
type settings struct {
	dest snmp.Destination
	snmp.NotifierConfig
}

func newSettings(c snmp.NotifierConfig, d snmp.Destination) *settings {
	c.Destinations = nil // the others are no concern of this one
	return &settings{dest: d, NotifierConfig: c}
}

// item is a notification in the queue of one target.
type item struct {
	n *notification
	// counted is the epoch of the counters that it was counted in as sent.
	counted int
	// era is what it was queued in.
	era int
}

// target is one destination with what waits for it and how it fares. It
// outlives runs.
type target struct {
	// wake tells the worker of something new in the queue or the settings.
	wake chan struct{}

	// Of the Notifier, under its lock: the run that the worker belongs to, and
	// what ends the worker.
	run    *run
	cancel context.CancelFunc

	mu                   sync.Mutex
	settings             *settings
	queue                []*item
	epoch                int // counts the beginnings of the counters, from 1
	era                  int // counts how often notifications were switched off
	sent, dropped, acked uint32
	lastError            string
	port                 int // local port, 0 before the first socket
}

func newTarget(s *settings) *target {
	return &target{wake: make(chan struct{}, 1), settings: s, epoch: 1}
}

// current are the settings in force.
func (t *target) current() *settings {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.settings
}

// configure puts settings in force, unless they are no others. Counters start
// again with another destination; what is queued when notifications are
// switched off is wanted no more.
func (t *target) configure(s *settings) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if reflect.DeepEqual(s, t.settings) {
		return
	}
	if s.dest != t.settings.dest {
		t.epoch++
		t.sent, t.dropped, t.acked, t.lastError = 0, 0, 0, ""
	}
	if !s.Enabled {
		t.queue = nil
		t.era++
	}
	t.settings = s
	t.signal()
}

// wanted tells whether notifications have been on since it was queued.
func (t *target) wanted(it *item) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return it.era == t.era
}

func (t *target) signal() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// enqueue adds n. When the queue is full the oldest goes: of a resource that
// changes, the last state is the one to know.
func (t *target) enqueue(n *notification) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) >= queueDepth {
		t.queue = t.queue[1:]
		t.dropped++
		t.lastError = "the queue was full"
	}
	t.queue = append(t.queue, &item{n: n, era: t.era})
	t.signal()
}

// next takes the oldest off the queue, nil when it is empty.
func (t *target) next() *item {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.queue) == 0 {
		return nil
	}
	it := t.queue[0]
	t.queue = t.queue[1:]
	return it
}

// putBack makes it the next one again.
func (t *target) putBack(it *item) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queue = append([]*item{it}, t.queue...)
}

// missed counts what the bus had no room for.
func (t *target) missed(n uint64) {
	if n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dropped += uint32(n) //nolint:gosec // a Counter32 wraps
	t.lastError = "the queue was full"
}

// wentOut counts it as sent by s, once however often it goes out.
func (t *target) wentOut(s *settings, it *item) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if it.counted != t.epoch && s.dest == t.settings.dest {
		it.counted = t.epoch
		t.sent++
	}
}

// delivered counts the end of a delivery; s are the settings that it had.
func (t *target) delivered(s *settings, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case s.dest != t.settings.dest || errors.Is(err, errDiscarded):
		// The counters are about another destination.
	case err != nil:
		t.dropped++
		t.lastError = line(err)
	default:
		if s.Inform {
			t.acked++
		}
		t.lastError = ""
	}
}

func (t *target) status() snmp.DestinationStatus {
	t.mu.Lock()
	defer t.mu.Unlock()
	return snmp.DestinationStatus{
		Destination: t.settings.dest.String(), Sent: t.sent, Dropped: t.dropped, Acked: t.acked, LastError: t.lastError,
	}
}

// sourcePort is the local port that the last socket had; another worker goes on
// with it.
func (t *target) sourcePort() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.port
}

func (t *target) setSourcePort(port int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.port = port
}

// line makes an error a DisplayText of at most maxLastError octets.
func line(err error) string {
	s := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(err.Error(), "?"))
	if len(s) > maxLastError {
		s = s[:maxLastError]
		for !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return s
}
