package nlm

import (
	"sync"

	"mibgate/element/event"
)

// MaxEntries is how many messages the local log keeps.
const MaxEntries = 500

// entry is one message of the local log. It never changes.
type entry struct {
	index uint32 // counts from 1
	event event.Event
}

// ring is the local log. The zero value is empty.
type ring struct {
	mu      sync.Mutex
	entries [MaxEntries]*entry // the message with index i is at i % MaxEntries
	last    uint32             // index of the newest message
	length  uint32
}

func (r *ring) add(e event.Event) {
	e.Notification = nil // of no use here, and it may be large
	e.Text = display(e.Text, maxText)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	r.length = min(r.length+1, MaxEntries)
	r.entries[r.last%MaxEntries] = &entry{index: r.last, event: e}
}

// seek finds the oldest message with index n or more; nil when there is none.
func (r *ring) seek(n uint64) *entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	n = max(n, uint64(r.last-r.length)+1)
	if n > uint64(r.last) {
		return nil
	}
	return r.entries[n%MaxEntries]
}

// count counts the messages of a severity.
func (r *ring) count(s event.Severity) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var n uint32
	for _, e := range r.entries {
		if e != nil && e.event.Severity == s {
			n++
		}
	}
	return n
}
