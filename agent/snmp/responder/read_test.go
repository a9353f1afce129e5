package responder

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mibgate/agent/snmp/message"
	"mibgate/element/access"
	"mibgate/mib"
	"mibgate/mib/scm"
)

func TestGet(t *testing.T) {
	g := newRig(t)
	name, uptime := g.oid("Hoc.HostName"), g.oid("SNMPv2-MIB.SysUpTime")
	noSuch := "1.3.6.1.4.1.32473.100.200.100.700.1.4711.0"
	state := g.oid("Scm.ServicesInfo.ExecState", mib.String("SipEp"))
	tests := []struct {
		name    string
		version message.Version
		role    access.Role
		ask     []string
		want    answer
	}{
		{"one", message.V2c, access.Observer, []string{name}, answer{values: []string{`""`}}},
		{"two", message.V2c, access.Observer, []string{state, name}, answer{values: []string{"100", `""`}}},
		{"exceptions", message.V2c, access.Observer, []string{noSuch, name + ".1", uptime, name},
			answer{values: []string{"noSuchObject", "noSuchInstance", "noSuchInstance", `""`}}},
		{"v1", message.V1, access.Observer, []string{name, name}, answer{values: []string{`""`, `""`}}},
		{"v1 without", message.V1, access.Observer, []string{name, noSuch, name},
			answer{status: message.NoSuchName, index: 2, values: []string{"NULL", "NULL", "NULL"}}},
		{"hidden", message.V2c, access.Observer, []string{g.oid("Aaa.MinSeverity")}, answer{values: []string{"noSuchObject"}}},
		{"hidden in v1", message.V1, access.Observer, []string{g.oid("Aaa.MinSeverity")},
			answer{status: message.NoSuchName, index: 1, values: []string{"NULL"}}},
		{"shown", message.V2c, access.Admin, []string{g.oid("Aaa.MinSeverity")}, answer{values: []string{"300"}}},
		{"nothing asked", message.V2c, access.Admin, nil, answer{}},
		{"command", message.V2c, access.Observer, []string{g.oid("Scm.ServiceCommands.Restart", mib.String("SipEp"))}, answer{values: []string{"0"}}},
		{"fault of ours", message.V2c, access.Admin, []string{name, g.oid("Hoc.ClockState"), name},
			answer{status: message.GenErr, index: 2, values: []string{"NULL", "NULL", "NULL"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g.who.Role = tt.role
			got := g.send(g.packet(tt.version, message.Get, 0, 0, nulls(tt.ask)...))
			if got.status != tt.want.status || got.index != tt.want.index || !slices.Equal(got.values, tt.want.values) || !slices.Equal(got.names, tt.ask) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if n := g.panics.Load(); n != 1 {
		t.Errorf("%d panics were told", n)
	}
}

func TestGetNextAnswersInPlace(t *testing.T) {
	g := newRig(t)
	name, port := g.oid("Hoc.HostName"), g.oid("Snmp.Port")
	got := g.getNext("1.3.6.1.4.1.32473.100.200.100.700.1.200", "2.5", strings.TrimSuffix(port, ".0"), "1.4")
	want := answer{names: []string{name, "2.5", port, "1.4"}, values: []string{`""`, "endOfMibView", "161", "endOfMibView"}}
	if got.status != 0 || !slices.Equal(got.names, want.names) || !slices.Equal(got.values, want.values) {
		t.Errorf("got %v, want %v", got, want)
	}
	before := strings.TrimSuffix(name, ".0")
	v1 := g.send(g.packet(message.V1, message.GetNext, 0, 0, nulls([]string{before, "2.5"})...))
	if v1.status != message.NoSuchName || v1.index != 2 || !slices.Equal(v1.names, []string{before, "2.5"}) {
		t.Errorf("v1: %v", v1)
	}
}

// everything is a walk by GETNEXT.
func (g *rig) everything() []string {
	var names []string
	for at := "0.0"; ; {
		a := g.getNext(at)
		if a.values[0] == "endOfMibView" {
			return names
		}
		at = a.names[0]
		names = append(names, at)
	}
}

// without Status, for a faulty one would panic.
func (g *rig) quiet() *rig {
	status := make([]any, len(g.r.o.Status))
	status[scm.Module.Ordinal] = g.r.o.Status[scm.Module.Ordinal]
	g.r.o.Status = status
	g.s = g.r.NewScratch()
	return g
}

// What a GetBulk answers is what as many GetNext do (RFC 3416 §4.2.3).
func TestGetBulkEqualsRepeatedGetNext(t *testing.T) {
	g := newRig(t).quiet()
	names := g.everything()
	if len(names) < 70 {
		t.Fatalf("the walk has %d names", len(names))
	}
	rnd := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		ask := make([]string, 1+rnd.IntN(5))
		for i := range ask {
			ask[i] = names[rnd.IntN(len(names))]
			if rnd.IntN(4) == 0 {
				ask[i] = names[len(names)-1-rnd.IntN(5)]
			}
		}
		n, m := rnd.IntN(7)-1, rnd.IntN(12)-1
		got := g.getBulk(n, m, ask...)
		want := g.bulkByNext(max(0, min(n, len(ask))), max(0, m), ask)
		if !slices.Equal(got.names, want.names) || !slices.Equal(got.values, want.values) {
			t.Fatalf("GetBulk(%d, %d, %v):\n%v\n%v", n, m, ask, got, want)
		}
	}
}

func (g *rig) bulkByNext(n, m int, ask []string) answer {
	var want answer
	add := func(a answer) {
		want.names = append(want.names, a.names...)
		want.values = append(want.values, a.values...)
	}
	if n > 0 {
		add(g.getNext(ask[:n]...))
	}
	at := ask[n:]
	for range m {
		if len(at) == 0 {
			break
		}
		a := g.getNext(at...)
		add(a)
		at = a.names
		if !slices.ContainsFunc(a.values, func(v string) bool { return v != "endOfMibView" }) {
			break
		}
	}
	return want
}

func TestGetBulkIsBounded(t *testing.T) {
	g := newRig(t).quiet()
	names := g.everything()
	t.Run("by the view", func(t *testing.T) {
		a := g.getBulk(0, 1<<31-1, "0.0")
		if len(a.names) != len(names)+1 || a.values[len(names)] != "endOfMibView" {
			t.Errorf("%d bindings, the walk has %d", len(a.names), len(names))
		}
	})
	t.Run("by size", func(t *testing.T) {
		for _, limit := range []int{484, 485, 1000, 1472, 4000} {
			g.limit = limit
			a := g.getBulk(0, 1<<31-1, "1.3", "1.3", "1.3")
			if a.status != 0 || len(a.names) == 0 || a.size < limit-200 {
				t.Errorf("limit %d: %v, %d bindings, %d octets", limit, a.status, len(a.names), a.size)
			}
			g.limit = 65507
			if all := g.getBulk(0, 1<<31-1, "1.3", "1.3", "1.3"); !slices.Equal(a.names, all.names[:len(a.names)]) {
				t.Errorf("limit %d: not the first bindings of the whole answer", limit)
			}
		}
	})
	t.Run("by count", func(t *testing.T) {
		g.r.o.MaxVarbinds = 10
		defer func() { g.r.o.MaxVarbinds = MaxVarbinds }()
		if a := g.getBulk(1, 1000, "1.3", "1.3", "1.3"); len(a.names) != 10 {
			t.Errorf("%d bindings", len(a.names))
		}
	})
	t.Run("not even one fits", func(t *testing.T) {
		g.limit = 40
		defer func() { g.limit = 65507 }()
		if a := g.getBulk(0, 5, names[3]); a.status != message.TooBig || len(a.names) != 0 {
			t.Errorf("%v", a)
		}
	})
}

func TestTooBig(t *testing.T) {
	g := newRig(t)
	g.set(vb{g.oid("Hoc.SystemName"), mib.String(strings.Repeat("x", 250))})
	name := g.oid("Hoc.SystemName")
	g.limit = 484
	ask := nulls([]string{name, name})
	if a := g.send(g.packet(message.V2c, message.Get, 0, 0, ask...)); a.status != message.TooBig || a.index != 0 || len(a.names) != 0 {
		t.Errorf("v2c: %v", a)
	}
	if a := g.send(g.packet(message.V1, message.Get, 0, 0, ask...)); a.status != message.TooBig || a.index != 0 || !slices.Equal(a.names, []string{name, name}) {
		t.Errorf("v1: %v", a)
	}
	if a := g.get(name); a.status != 0 {
		t.Errorf("one fits: %v", a)
	}
	long := make([]vb, 60)
	for i := range long {
		long[i] = vb{name, mib.String("small")}
	}
	if a := g.set(long...); a.status != message.TooBig {
		t.Errorf("SET: %v", a)
	}
	if a := g.get(name); a.values[0] == `"small"` {
		t.Error("a SET that is too big to be answered was carried out")
	}
}
