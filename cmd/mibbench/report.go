package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// micros is the processor time of the agent per request.
func (s *sample) micros() float64 { return float64(s.cpu.Microseconds()) / float64(max(1, s.answered)) }

// perSecond is how many requests were answered in a second.
func (s *sample) perSecond() float64 { return float64(s.answered) / s.wall.Seconds() }

// percentile of the times from request to answer.
func (s *sample) percentile(p int) time.Duration {
	if len(s.times) == 0 {
		return 0
	}
	return s.times[min(len(s.times)-1, len(s.times)*p/100)]
}

// middle is the pass with the median cost.
func (f *figure) middle() *sample {
	sorted := slices.Clone(f.passes)
	slices.SortFunc(sorted, func(a, b sample) int { return cmp.Compare(a.micros(), b.micros()) })
	return &sorted[len(sorted)/2]
}

// sortOf tells whether a name, or a part of one, is of an agent, a security
// or an operation.
func sortOf(part string) int {
	for i, names := range [][]string{kinds, securityNames(), operationNames()} {
		for _, n := range names {
			if strings.Contains(n, part) {
				return i
			}
		}
	}
	return -1
}

func securityNames() (out []string) {
	for _, s := range securities {
		out = append(out, s.name)
	}
	return out
}

func operationNames() (out []string) {
	for _, o := range operations {
		out = append(out, o.name)
	}
	return out
}

// find is the figure of one agent, beside another.
func (b *bench) find(sec security, op operation, kind string, serial bool) *figure {
	for i := range b.figures {
		if f := &b.figures[i]; f.sec == sec && f.op == op && f.kind == kind && f.serial == serial {
			return f
		}
	}
	return nil
}

func (b *bench) report() string {
	var s strings.Builder
	b.heading(&s)
	b.targets(&s)
	for _, sec := range securities {
		b.tableOf(&s, sec.name, sec, false)
	}
	for _, sec := range securities {
		b.tableOf(&s, sec.name+", one request at a time", sec, true)
	}
	b.echoReport(&s)
	fmt.Fprint(&s, "\n## Memory after it\n\n| agent | resident | of which anonymous |\n|---|---|---|\n")
	for _, kind := range kinds {
		m := b.memory[kind]
		fmt.Fprintf(&s, "| %s | %.1f MiB | %.1f MiB |\n", kind, float64(m[0])/1024, float64(m[1])/1024)
	}
	return s.String()
}

// targets are how many times less processor time than snmpd we are to use
// (issue 3).
var targets = []struct {
	sec   int // of securities
	op    string
	ratio float64
}{{0, "GET", 5}, {0, "GETBULK-25", 10}, {1, "GET", 4}, {1, "GETBULK-25", 6}, {2, "GET", 4}, {2, "GETBULK-25", 6}}

// tableOf is the table of one security.
func (b *bench) tableOf(s *strings.Builder, title string, sec security, serial bool) {
	fmt.Fprintf(s, "\n## %s\n\n| request | agent | CPU µs | (best–worst) | requests/s | p50 | p99 | octets | lost | CPU ÷ ours |\n|---|---|---|---|---|---|---|---|---|---|\n", title)
	for _, op := range operations {
		for _, kind := range kinds {
			b.row(s, sec, op, kind, serial)
		}
	}
}

// targets tells what was to be reached, and what was.
func (b *bench) targets(s *strings.Builder) {
	fmt.Fprintf(s, `
## Beside snmpd

CPU per request and requests/s, beside snmpd with the objects as overrides and beside snmpd with them in a table.

| | CPU, snmpd ÷ ours | CPU, snmpd with a table ÷ ours | to reach | requests/s, ours ÷ snmpd | ours ÷ snmpd with a table | to reach |
|---|---|---|---|---|---|---|
`)
	for _, serial := range []bool{false, true} {
		for _, t := range targets {
			b.target(s, securities[t.sec], t.op, t.ratio, serial)
		}
	}
	if d := b.durable; d.set > 0 {
		fmt.Fprintf(s, `
A SET of ours, one at a time, takes %.2f ms from request to answer and %.0f µs of processor time; replacing a file of %d octets,
which the configuration has, with the syncs of file and folder alone takes %.2f ms: ratio **%.2f**, to be under 2.
`, millis(d.set), d.cpu, d.size, millis(d.replace), float64(d.set)/float64(d.replace))
	}
}

// target is the row of one operation; what is to be reached is so with several
// requests under way.
func (b *bench) target(s *strings.Builder, sec security, name string, ratio float64, serial bool) {
	at := slices.IndexFunc(operations, func(o operation) bool { return o.name == name })
	our := b.find(sec, operations[at], ours, serial)
	if our == nil || our.err != nil {
		return
	}
	cpu, rate, o := [2]string{"–", "–"}, [2]string{"–", "–"}, our.middle()
	for i, kind := range []string{netSNMP, netTable} {
		if peer := b.find(sec, operations[at], kind, serial); peer != nil && peer.err == nil {
			p := peer.middle()
			cpu[i], rate[i] = fmt.Sprintf("**%.1f**", p.micros()/o.micros()), fmt.Sprintf("%.1f", o.perSecond()/p.perSecond())
		}
	}
	what, to, least := sec.name+" "+name, fmt.Sprint(ratio), "2.5"
	if serial {
		what, to, least = what+", one at a time", "", ""
	}
	fmt.Fprintf(s, "| %s | %s | %s | %s | %s | %s | %s |\n", what, cpu[0], cpu[1], to, rate[0], rate[1], least)
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *bench) row(s *strings.Builder, sec security, op operation, kind string, serial bool) {
	f := b.find(sec, op, kind, serial)
	switch {
	case f == nil:
		return
	case f.err != nil:
		fmt.Fprintf(s, "| %s | %s | – | %v | | | | | | |\n", op.name, kind, f.err)
		return
	}
	m, lost := f.middle(), 0
	least, most := m.micros(), m.micros()
	for i := range f.passes {
		p := &f.passes[i]
		least, most, lost = min(least, p.micros()), max(most, p.micros()), lost+p.lost
	}
	ratio := ""
	if our := b.find(sec, op, ours, serial); our != nil && our.err == nil && kind != ours {
		ratio = fmt.Sprintf("**%.1f**", m.micros()/our.middle().micros())
	}
	fmt.Fprintf(s, "| %s | %s | %.1f | %.1f–%.1f | %.0f | %d µs | %d µs | %d | %d | %s |\n", op.name, kind, m.micros(), least, most, m.perSecond(),
		m.percentile(50).Microseconds(), m.percentile(99).Microseconds(), m.octets/max(1, m.answered), lost, ratio)
}

func (b *bench) heading(s *strings.Builder) {
	where := "agents run on every processor"
	if b.apart {
		where = "agents run on the others"
	}
	fmt.Fprintf(s, `# SNMP agents compared

Written by `+"`make bench-snmp`"+`; do not edit. %s, commit %s.

%s. Peers: %s; GoSNMPServer v0.5.2.

All agents serve the same %d objects: the same names, types and values, those of %d rows of SipEp.Authentication. snmpd has
them from override directives, each of which it registers by itself, and once more, as "snmpd, table", as one table by a module
in C with net-snmp's own table helper; GoSNMPServer has them as items that hold their value. One generator on loopback, pinned to one
processor (%s), has %d requests outstanding, which it encoded beforehand and sends and receives by
sendmmsg and recvmmsg; it opens and checks every 64th answer. Objects are chosen at random, the same for all.

CPU µs is processor time of the agent per request, user and system (/proc/PID/stat): the median of %d alternating turns of
%v each. The rest of a row is of that turn. Our SETs are durable: synced to the disk before they are answered. Those of the
others change memory. GoSNMPServer verifies no digest, so its v3 figures leave work out.
`, time.Now().UTC().Format("2006-01-02 15:04 UTC"), commit(), machine(), snmpdVersion(b.snmpd), len(b.objects), rows, where, b.outstanding, b.passes, b.turn)
}

// machine says what the figures were made on.
func machine() string {
	model := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%d cores of %s, Linux %s, %s", runtime.NumCPU(), model, strings.TrimSpace(string(kernel)), runtime.Version())
}

func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func snmpdVersion(program string) string {
	out, _ := exec.Command(program, "-v").CombinedOutput() //nolint:gosec // chosen by the operator
	for line := range strings.Lines(string(out)) {
		if _, version, ok := strings.Cut(line, "version:"); ok {
			return "net-snmp " + strings.TrimSpace(version)
		}
	}
	return "net-snmp"
}
