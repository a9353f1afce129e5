package host

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Processor is one processor that is on line.
type Processor struct {
	Number int    // as the kernel counts, from 0
	Model  string // "Intel(R) Xeon(R) …"; may be empty
	Load   int    // percent of the last minute in which it was not idle
}

// Processors are the processors that are on line. It never changes, and is the
// same one as long as they are; the load is that of when they came.
type Processors struct {
	List   []Processor
	online string // as the kernel lists them: "0-3"
}

// readProcessors reads more than which processors are on line only when that has
// changed: on a large host all else takes a while.
func (h *Host) readProcessors() *Processors {
	online := h.line("sys/devices/system/cpu/online")
	if last := h.cpus.last.Load(); last != nil && last.value.online == online {
		return last.value
	}
	return &Processors{List: h.processors(), online: online}
}

// minute is what the load is the average of, and how far samples go back.
const minute = time.Minute

// load samples proc_stat(5) and tells how busy processors were.
type load struct {
	mu      sync.Mutex
	samples []sample // oldest first; the first is a minute old, or the oldest there is
}

type sample struct {
	at   time.Time
	busy map[int]ticks
}

// ticks is time since the start of the host, in units of the kernel.
type ticks struct{ busy, all uint64 }

// sample reads how busy the processors are.
func (l *load) sample(h *Host) { l.add(sample{time.Now(), h.busy()}) }

func (l *load) add(s sample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.samples = append(l.samples, s)
	drop := 0
	for drop+1 < len(l.samples) && s.at.Sub(l.samples[drop+1].at) >= minute {
		drop++
	}
	l.samples = append(l.samples[:0], l.samples[drop:]...)
}

// since is the load of a processor from the oldest sample, of which there may
// be none, until now. A processor that went off line in between counts from
// its start.
func (l *load) since(number int, now ticks) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var then ticks
	if len(l.samples) > 0 {
		then = l.samples[0].busy[number]
	}
	if now.all <= then.all || now.busy < then.busy {
		return 0
	}
	return int(min((now.busy-then.busy)*100/(now.all-then.all), 100)) //nolint:gosec // at most 100
}

// busy reads proc_stat(5): "cpu0 user nice system idle iowait irq softirq steal …".
func (h *Host) busy() map[int]ticks {
	out := map[int]ticks{}
	h.lines("proc/stat", func(f []string) {
		name, ok := strings.CutPrefix(f[0], "cpu")
		number, err := strconv.Atoi(name)
		if !ok || err != nil || number < 0 || len(f) < 5 {
			return
		}
		var t ticks
		for i, text := range f[1:min(len(f), 9)] { // guest time is part of user time
			n, err := strconv.ParseUint(text, 10, 62)
			if err != nil {
				continue
			}
			t.all += n
			if i != 3 && i != 4 { // idle, and waiting for a disk
				t.busy += n
			}
		}
		out[number] = t
	})
	return out
}

func (h *Host) processors() []Processor {
	models := h.models()
	busy := h.busy()
	var out []Processor
	for _, number := range slices.Sorted(maps.Keys(busy)) {
		out = append(out, Processor{Number: number, Model: models[number], Load: h.load.since(number, busy[number])})
	}
	return out
}

// models reads proc_cpuinfo(5): "processor : 0", then "model name : …".
func (h *Host) models() map[int]string {
	out := map[int]string{}
	number := 0
	h.lines("proc/cpuinfo", func(f []string) {
		key, value, ok := strings.Cut(strings.Join(f, " "), " : ")
		if !ok {
			return
		}
		switch key {
		case "processor":
			if n, err := strconv.Atoi(value); err == nil {
				number = n
			}
		case "model name":
			out[number] = value
		}
	})
	return out
}
