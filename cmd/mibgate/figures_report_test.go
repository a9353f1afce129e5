package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the figures are to be at most (issue 2).
const (
	startTarget = 300 * time.Millisecond
	seekTarget  = 1.5
)

// figures are what make bench measures.
type figures struct {
	effort                effort
	machine, commit, peer string
	when                  time.Time

	fresh, used []time.Duration // start to ready, sorted
	memory      []vitals        // at ready, in new folders

	comparisons        []comparison
	loaded, peerLoaded vitals // after the comparisons

	small, large []cost // GETNEXT in tables
}

// comparison is one kind of request at both agents, by passes.
type comparison struct {
	kind               kind
	ours, theirs       []cost
	ourSize, theirSize int
}

// middle is the pass with the median cost: on a machine that others use, too,
// it is worth more than the mean.
func middle(passes []cost) cost {
	sorted := slices.SortedFunc(slices.Values(passes), func(a, b cost) int { return cmp.Compare(a.micros(), b.micros()) })
	return sorted[len(sorted)/2]
}

// spread is the best and the worst pass.
func spread(passes []cost) string {
	var all []float64
	for _, c := range passes {
		all = append(all, c.micros())
	}
	return fmt.Sprintf("%.1f–%.1f", slices.Min(all), slices.Max(all))
}

// lost is how many requests had no answer.
func lost(passes []cost) (n int) {
	for _, c := range passes {
		n += c.lost
	}
	return n
}

func (f *figures) seekRatio() float64 { return middle(f.large).micros() / middle(f.small).micros() }

func median(sorted []time.Duration) time.Duration { return sorted[len(sorted)/2] }

// missed names the targets that were not met.
func (f *figures) missed() []string {
	var out []string
	for name, times := range map[string][]time.Duration{"a new folder": f.fresh, "a used folder": f.used} {
		if m := median(times); m > startTarget {
			out = append(out, fmt.Sprintf("start to ready on %s is %v, want at most %v", name, m, startTarget))
		}
	}
	if r := f.seekRatio(); r > seekTarget {
		out = append(out, fmt.Sprintf("GETNEXT in %d rows costs %.2f times what it costs in %d, want at most %v", largeTable, r, smallTable, seekTarget))
	}
	return out
}

// report is the document.
func (f *figures) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Figures\n\nWritten by `make bench`; do not edit. %s, commit %s.\n\n%s; peer: %s. Everything ran on loopback, the load\ngenerator on the same processors: CPU per request and ratios carry over to other machines, rates do not.\n",
		f.when.UTC().Format("2006-01-02 15:04 UTC"), f.commit, f.machine, f.peer)
	f.reportStart(&b)
	f.reportComparison(&b)
	f.reportTables(&b)
	return b.String()
}

func (f *figures) reportStart(b *strings.Builder) {
	fmt.Fprintf(b, `
## Start

From exec to the line ready, with the example script (a gateway with a TLS link, one line, v1 and v2c on): %d starts each;
target: a median under %d ms.

| data folder | median | least | most |
|---|---|---|---|
`, len(f.fresh), startTarget.Milliseconds())
	row := func(name string, times []time.Duration) {
		fmt.Fprintf(b, "| %s | %.1f ms | %.1f ms | %.1f ms |\n", name, millis(median(times)), millis(times[0]), millis(times[len(times)-1]))
	}
	row("new", f.fresh)
	row("used", f.used)
	v := typical(f.memory)
	fmt.Fprintf(b, "\nRSS when ready: %s, of which %s anonymous, %d threads. After the load below: %s, of which %s\nanonymous; snmpd's: %s, of which %s.\n",
		mebi(v.rss), mebi(v.anon), v.threads, mebi(f.loaded.rss), mebi(f.loaded.anon), mebi(f.peerLoaded.rss), mebi(f.peerLoaded.anon))
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// mebi writes KiB as MiB.
func mebi(kib int) string { return fmt.Sprintf("%.1f MiB", float64(kib)/1024) }

func (f *figures) reportComparison(b *strings.Builder) {
	fmt.Fprintf(b, `
## Requests, beside snmpd

CPU µs per request (user and system, /proc/PID/stat): the median of %d alternating passes, in brackets the best and the worst.
%d requests are outstanding, encoded beforehand; answers are checked. GET asks for sysUpTime.0, GETBULK-25 for 25 instances
from the system group on; v3 is SHA-256 and AES-128. Ratio: snmpd's CPU over ours. A clock tick of 10 ms is at most %.1f %%
of the time behind a figure; %d and %d requests were lost.

| request | mibgate µs | snmpd µs | ratio | mibgate /s | snmpd /s | mibgate octets | snmpd octets |
|---|---|---|---|---|---|---|---|
`, f.effort.passes, outstanding, f.resolution()*100, f.lostOf(false), f.lostOf(true))
	for _, c := range f.comparisons {
		o, s := middle(c.ours), middle(c.theirs)
		fmt.Fprintf(b, "| %s | %.1f (%s) | %.1f (%s) | %.1f | %.0f | %.0f | %d | %d |\n", c.kind.name, o.micros(), spread(c.ours), s.micros(), spread(c.theirs),
			s.micros()/o.micros(), o.perSecond(), s.perSecond(), c.ourSize, c.theirSize)
	}
}

func (f *figures) lostOf(theirs bool) (n int) {
	for _, c := range f.comparisons {
		if theirs {
			n += lost(c.theirs)
		} else {
			n += lost(c.ours)
		}
	}
	return n
}

// resolution is the largest part that a clock tick has of a pass.
func (f *figures) resolution() float64 {
	passes := slices.Concat(f.small, f.large)
	for _, c := range f.comparisons {
		passes = append(append(passes, c.ours...), c.theirs...)
	}
	least := slices.MinFunc(passes, func(a, b cost) int { return cmp.Compare(a.cpu, b.cpu) })
	return float64(clockTick) / float64(least.cpu)
}

func (f *figures) reportTables(b *strings.Builder) {
	small, large := middle(f.small), middle(f.large)
	fmt.Fprintf(b, `
## GETNEXT in tables

v2c GETNEXT of cells all over SipEp.Authentication, over the wire; target: at most %v times as much in 10,000 rows as in 10.
(Services bound their tables at 1,000 rows or less; the rows were put into the snapshot behind their back.)

| rows | CPU µs | /s |
|---|---|---|
| 10 | %.1f (%s) | %.0f |
| 10,000 | %.1f (%s) | %.0f |

Ratio: %.2f.
`, seekTarget, small.micros(), spread(f.small), small.perSecond(), large.micros(), spread(f.large), large.perSecond(), f.seekRatio())
}

// thisMachine says what the figures were made on.
func thisMachine(t testing.TB) string {
	t.Helper()
	model := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d cores of %s, Linux %s, %s", runtime.NumCPU(), model, strings.TrimSpace(string(kernel)), runtime.Version())
}

// commit is what the repository is at; a clone that belongs to another user
// does not tell.
func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	name := strings.TrimSpace(string(out))
	if changed, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output(); err != nil || len(changed) > 0 {
		name += " with changes"
	}
	return name
}
