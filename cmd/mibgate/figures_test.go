package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// effort is how much work goes into the figures.
type effort struct {
	starts, passes int
	// cpu is the processor time that an agent uses in one pass: a clock tick
	// is 10 ms.
	cpu time.Duration
}

// TestFigures measures and writes the report that MIBGATE_FIGURES names (make
// bench). It fails when a figure misses its target, after it has written.
func TestFigures(t *testing.T) {
	path := os.Getenv("MIBGATE_FIGURES")
	if path == "" {
		t.Skip("make bench")
	}
	if raceEnabled {
		t.Skip("the race detector is slow")
	}
	f := measure(t, effort{starts: 10, passes: 5, cpu: 800 * time.Millisecond})
	if err := os.WriteFile(path, []byte(f.report()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, m := range f.missed() {
		t.Error(m)
	}
	t.Log("\n" + f.report())
}

// TestFiguresAreComplete goes through the same, with no effort.
func TestFiguresAreComplete(t *testing.T) {
	f := measure(t, effort{starts: 1, passes: 1, cpu: 20 * time.Millisecond})
	report := f.report()
	for _, want := range append([]string{"ready", "RSS", "10,000", "snmpd", f.commit}, kindNames()...) {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
	if strings.Contains(report, "NaN") || strings.Contains(report, "Inf") {
		t.Errorf("the report has figures that are none:\n%s", report)
	}
}

// kind is a kind of request that agents are compared by.
type kind struct {
	name  string
	level message.Level // 0: v2c
	typ   message.PDUType
	bulk  int
	binds int
	oid   string
}

var kinds = []kind{
	{name: "v2c GET", typ: message.Get, binds: 1, oid: upTimeOID},
	{name: "v2c GETBULK-25", typ: message.GetBulk, bulk: 25, binds: 25, oid: "1.3.6.1.2.1.1"},
	{name: "v3 authPriv GET", level: message.AuthPriv, typ: message.Get, binds: 1, oid: upTimeOID},
	{name: "v3 authPriv GETBULK-25", level: message.AuthPriv, typ: message.GetBulk, bulk: 25, binds: 25, oid: "1.3.6.1.2.1.1"},
}

func kindNames() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}

// load makes what asks an agent for requests of this kind.
func (k kind) load(t *testing.T, pid int, port uint16) *load {
	l := &load{t: t, m: newManager(t, port), pid: pid, binds: k.binds}
	if k.level != 0 {
		l.m.discover(k.level)
	}
	for range 512 {
		packet := []byte(nil)
		if k.level != 0 {
			packet = l.m.v3(k.level, k.typ, 0, k.bulk, names(k.oid))
		} else {
			packet = l.m.community(message.V2c, k.typ, 0, k.bulk, names(k.oid))
		}
		l.packets = append(l.packets, packet)
	}
	return l
}

// measure makes all figures.
func measure(t *testing.T, e effort) *figures {
	f := &figures{effort: e, machine: thisMachine(t), commit: commit(), peer: snmpdVersion(t), when: time.Now()}
	f.starting(t)
	f.comparing(t)
	f.seeking(t)
	return f
}

// starting measures from exec to ready and what the unit takes then.
func (f *figures) starting(t *testing.T) {
	args := []string{"--script", file(t, "example.cfg", exampleScript(t)), "--initial-password", file(t, "pw", testPassword+"\n")}
	var last string
	for range f.effort.starts {
		last = folder(t)
		took, v := startOnce(t, last, args)
		f.fresh, f.memory = append(f.fresh, took), append(f.memory, v)
	}
	for range f.effort.starts {
		took, _ := startOnce(t, last, args)
		f.used = append(f.used, took)
	}
	slices.Sort(f.fresh)
	slices.Sort(f.used)
}

func startOnce(t *testing.T, dir string, args []string) (time.Duration, vitals) {
	began := time.Now()
	p := start(t, dir, args...)
	took := time.Since(began)
	v := vitalsOf(t, p.cmd.Process.Pid)
	p.stop()
	return took, v
}

// comparing measures our agent beside snmpd: their turns alternate.
func (f *figures) comparing(t *testing.T) {
	p, port := snmpUnit(t, "Snmp.MinimumSecurityLevel=\"AuthPriv\"\n")
	pid, peerPort := snmpdUnit(t)
	for _, k := range kinds {
		ours, theirs := k.load(t, p.cmd.Process.Pid, port), k.load(t, pid, peerPort)
		r := comparison{kind: k}
		for range f.effort.passes {
			r.ours = append(r.ours, ours.run(f.effort.cpu))
			r.theirs = append(r.theirs, theirs.run(f.effort.cpu))
		}
		r.ourSize, r.theirSize = ours.size, theirs.size
		f.comparisons = append(f.comparisons, r)
	}
	f.loaded = vitalsOf(t, p.cmd.Process.Pid)
	f.peerLoaded = vitalsOf(t, pid)
}

// The sizes of the tables that GETNEXT is compared in.
const (
	smallTable = 10
	largeTable = 10_000
)

// seeking measures GETNEXT in a small and in a large table, over the wire.
func (f *figures) seeking(t *testing.T) {
	small, large := tableLoad(t, smallTable), tableLoad(t, largeTable)
	for range f.effort.passes {
		f.small = append(f.small, small.run(f.effort.cpu))
		f.large = append(f.large, large.run(f.effort.cpu))
	}
}

// tableLoad runs a unit that has so many rows in SipEp.Authentication and asks
// for cells all over the table.
func tableLoad(t *testing.T, rows int) *load {
	port := freePort(t)
	l := &load{t: t, pid: startTableHost(t, rows, port), m: newManager(t, port), binds: 1}
	name := func(row int) string { return modelOID(t, "SipEp.Authentication.Username", uint32(row)) }
	for i := range 64 {
		l.packets = append(l.packets, l.m.community(message.V2c, message.GetNext, 0, 0, names(name(1+i*(rows-1)/64))))
	}
	answer := l.m.ask(l.m.community(message.V2c, message.GetNext, 0, 0, names(name(rows-1))))
	if got, want := answer.PDU.Varbinds[0].Name, mib.MustOID(name(rows)); got.Compare(want) != 0 {
		t.Fatalf("the last row of %d is %v", rows, got)
	}
	return l
}

// exampleScript is the script of the issue, a gateway with a TLS link and a
// line, with ports that are free and a registrar that is not there.
func exampleScript(t *testing.T) string {
	t.Helper()
	return strings.NewReplacer("15061", fmt.Sprint(linkPort(t)), "=16000", fmt.Sprintf("=%d", linkPort(t)),
		"127.0.0.1:5061", fmt.Sprintf("127.0.0.1:%d", freePort(t))).Replace(issueScript)
}
