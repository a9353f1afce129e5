package notifier

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"mibgate/agent/snmp"
)

// maxLastError is the size of trapDestStatusLastError.
const maxLastError = 255

// queueFull is what is told of the oldest one when there is no room.
const queueFull = "the queue was full"

// tally is how the targets of one name fare at one destination. It outlives
// runs; another destination is another tally.
type tally struct {
	dest  snmp.Destination
	since time.Duration // the row has had these counters; under the lock of the Notifier

	mu                   sync.Mutex
	sent, dropped, acked uint32
	lastError            string
}

// wentOut counts it as sent, once however often it goes out.
func (y *tally) wentOut(it *item) {
	if it.counted == y {
		return
	}
	it.counted = y
	y.mu.Lock()
	defer y.mu.Unlock()
	y.sent++
}

// delivered counts the end of a delivery.
func (y *tally) delivered(inform bool, err error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	switch {
	case errors.Is(err, errDiscarded):
	case err != nil:
		y.dropped++
		y.lastError = line(err)
	case inform:
		y.acked++
	}
}

// well forgets why something was not delivered: something else was.
func (y *tally) well() {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.lastError = ""
}

// failing tells why what waits has not been sent yet.
func (y *tally) failing(err error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.lastError = line(err)
}

// overflowed counts n notifications that found no room.
func (y *tally) overflowed(n uint64) {
	if n == 0 {
		return
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	y.dropped += uint32(n) //nolint:gosec // a Counter32 wraps
	y.lastError = queueFull
}

func (y *tally) status(name string, queued int) snmp.TargetStatus {
	y.mu.Lock()
	defer y.mu.Unlock()
	return snmp.TargetStatus{
		Name: name, Destination: y.dest.String(), Sent: y.sent, Dropped: y.dropped, Acked: y.acked, LastError: y.lastError,
		Queued: uint32(queued), Since: ticks(y.since), //nolint:gosec // they are bounded
	}
}

// tallies gives every name its tally: the one that it had at its destination,
// or that another name had there which is no more, or a new one. But for the
// first the counters of the row are not those of before: from now on they count.
func tallies(old map[string]*tally, targets []snmp.Target, now time.Duration) map[string]*tally {
	free, next := maps.Clone(old), make(map[string]*tally, len(targets))
	for _, t := range targets {
		if y := free[t.Name]; y != nil && y.dest == t.Dest {
			next[t.Name] = y
			delete(free, t.Name)
		}
	}
	names := slices.Sorted(maps.Keys(free))
	for _, t := range targets {
		if next[t.Name] != nil {
			continue
		}
		i := slices.IndexFunc(names, func(name string) bool { return free[name].dest == t.Dest })
		if i < 0 {
			next[t.Name] = &tally{dest: t.Dest, since: now}
			continue
		}
		next[t.Name] = free[names[i]]
		next[t.Name].since = now
		names = slices.Delete(names, i, i+1)
	}
	return next
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
