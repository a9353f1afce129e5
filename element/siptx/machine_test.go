package siptx

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The tables are the figures of RFC 3261 §17 and RFC 6026: a script of inputs, each with the outputs and the state
// that must follow.

var inputs = map[string]input{
	"start": {kind: inStart}, "request": {kind: inRequest}, "ack": {kind: inAck}, "1xx": {kind: inProvisional},
	"2xx": {kind: inSuccess}, "3-6xx": {kind: inFailure}, "broken": {kind: inTransport},
}

func inputOf(name string) input {
	if in, ok := inputs[name]; ok {
		return in
	}
	return input{kind: inTimer, timer: timer(name[0])}
}

func render(outs []output) string {
	names := map[op]string{
		opSend: "send", opSend100: "send100", opAck: "ack", opDeliver: "deliver", opTimeout: "timeout",
		opTransport: "fail", opReject: "reject", opEnd: "end",
	}
	var parts []string
	for _, o := range outs {
		switch o.op {
		case opStart:
			parts = append(parts, fmt.Sprintf("%c=%v", o.timer, o.after))
		case opStop:
			parts = append(parts, fmt.Sprintf("-%c", o.timer))
		default:
			parts = append(parts, names[o.op])
		}
	}
	return strings.Join(parts, " ")
}

type step struct{ in, out, state string }

func runScript(t *testing.T, m machine, script []step) {
	t.Helper()
	for i, s := range script {
		if got := render(m.step(inputOf(s.in))); got != s.out {
			t.Errorf("step %d, %s: %q, want %q", i, s.in, got, s.out)
		}
		if got := m.current().String(); got != s.state {
			t.Fatalf("step %d, %s: state %s, want %s", i, s.in, got, s.state)
		}
	}
}

func TestNonInviteClientMachine(t *testing.T) {
	tests := []struct {
		name     string
		reliable bool
		script   []step
	}{
		{"answered over UDP", false, []step{
			{"start", "F=32s E=500ms send", "Trying"},
			{"E", "E=1s send", "Trying"},
			{"E", "E=2s send", "Trying"},
			{"E", "E=4s send", "Trying"},
			{"E", "E=4s send", "Trying"},
			{"1xx", "deliver", "Proceeding"},
			{"E", "E=4s send", "Proceeding"},
			{"2xx", "-E -F deliver K=5s", "Completed"},
			{"2xx", "", "Completed"},
			{"K", "end", "Terminated"},
			{"2xx", "", "Terminated"},
		}},
		{"T2 after a provisional", false, []step{
			{"start", "F=32s E=500ms send", "Trying"},
			{"1xx", "deliver", "Proceeding"},
			{"E", "E=4s send", "Proceeding"},
		}},
		{"answered over TLS", true, []step{
			{"start", "F=32s send", "Trying"},
			{"3-6xx", "-E -F deliver end", "Terminated"},
		}},
		{"no answer", true, []step{{"start", "F=32s send", "Trying"}, {"F", "timeout end", "Terminated"}}},
		{"no final answer", true, []step{
			{"start", "F=32s send", "Trying"}, {"1xx", "deliver", "Proceeding"}, {"F", "timeout end", "Terminated"},
		}},
		{"connection lost", true, []step{{"start", "F=32s send", "Trying"}, {"broken", "fail end", "Terminated"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			runScript(t, &nonInviteClient{timing: DefaultTiming(), reliable: tt.reliable}, tt.script)
		})
	}
}

func TestInviteClientMachine(t *testing.T) {
	tests := []struct {
		name     string
		reliable bool
		script   []step
	}{
		{"accepted over UDP", false, []step{
			{"start", "B=32s A=500ms send", "Calling"},
			{"A", "A=1s send", "Calling"},
			{"A", "A=2s send", "Calling"},
			{"1xx", "-A -B deliver", "Proceeding"},
			{"1xx", "-A -B deliver", "Proceeding"},
			{"2xx", "-A -B M=32s deliver", "Accepted"},
			{"2xx", "deliver", "Accepted"},
			{"1xx", "", "Accepted"},
			{"M", "end", "Terminated"},
		}},
		{"refused over UDP", false, []step{
			{"start", "B=32s A=500ms send", "Calling"},
			{"3-6xx", "-A -B ack deliver D=32s", "Completed"},
			{"3-6xx", "ack", "Completed"},
			{"D", "end", "Terminated"},
		}},
		{"refused over TLS", true, []step{
			{"start", "B=32s send", "Calling"},
			{"1xx", "-A -B deliver", "Proceeding"},
			{"3-6xx", "-A -B ack deliver end", "Terminated"},
		}},
		{"no answer", true, []step{{"start", "B=32s send", "Calling"}, {"B", "timeout end", "Terminated"}}},
		{"connection lost", true, []step{{"start", "B=32s send", "Calling"}, {"broken", "fail end", "Terminated"}}},
		{"ACK cannot be sent", false, []step{
			{"start", "B=32s A=500ms send", "Calling"},
			{"3-6xx", "-A -B ack deliver D=32s", "Completed"},
			{"broken", "end", "Terminated"},
		}},
		{"cancelled without effect", true, []step{
			{"start", "B=32s send", "Calling"}, {"1xx", "-A -B deliver", "Proceeding"}, {"B", "timeout end", "Terminated"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			runScript(t, &inviteClient{timing: DefaultTiming(), reliable: tt.reliable}, tt.script)
		})
	}
}

func TestNonInviteServerMachine(t *testing.T) {
	tests := []struct {
		name     string
		reliable bool
		script   []step
	}{
		{"over UDP", false, []step{
			{"start", "U=32s deliver", "Trying"},
			{"request", "", "Trying"},
			{"1xx", "send", "Proceeding"},
			{"request", "send", "Proceeding"},
			{"2xx", "-U send J=32s", "Completed"},
			{"request", "send", "Completed"},
			{"2xx", "reject", "Completed"},
			{"J", "end", "Terminated"},
			{"2xx", "reject", "Terminated"},
		}},
		{"over TLS", true, []step{{"start", "U=32s deliver", "Trying"}, {"3-6xx", "-U send end", "Terminated"}}},
		{"never answered", true, []step{{"start", "U=32s deliver", "Trying"}, {"U", "timeout end", "Terminated"}}},
		{"connection lost", true, []step{{"start", "U=32s deliver", "Trying"}, {"broken", "fail end", "Terminated"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			runScript(t, &nonInviteServer{timing: DefaultTiming(), reliable: tt.reliable}, tt.script)
		})
	}
}

func TestInviteServerMachine(t *testing.T) {
	tests := []struct {
		name     string
		reliable bool
		script   []step
	}{
		{"refused over UDP", false, []step{
			{"start", "1=200ms deliver", "Proceeding"},
			{"request", "", "Proceeding"},
			{"1", "send100", "Proceeding"},
			{"request", "send", "Proceeding"},
			{"3-6xx", "-1 send H=32s G=500ms", "Completed"},
			{"G", "send G=1s", "Completed"},
			{"G", "send G=2s", "Completed"},
			{"G", "send G=4s", "Completed"},
			{"G", "send G=4s", "Completed"},
			{"request", "send", "Completed"},
			{"ack", "-G -H I=5s", "Confirmed"},
			{"ack", "", "Confirmed"},
			{"request", "", "Confirmed"},
			{"3-6xx", "reject", "Confirmed"},
			{"I", "end", "Terminated"},
		}},
		{"refused over TLS", true, []step{
			{"start", "1=200ms deliver", "Proceeding"},
			{"3-6xx", "-1 send H=32s", "Completed"},
			{"ack", "-G -H end", "Terminated"},
		}},
		{"no ACK", true, []step{
			{"start", "1=200ms deliver", "Proceeding"},
			{"3-6xx", "-1 send H=32s", "Completed"},
			{"H", "timeout end", "Terminated"},
		}},
		{"accepted", false, []step{
			{"start", "1=200ms deliver", "Proceeding"},
			{"1xx", "-1 send", "Proceeding"},
			{"2xx", "-1 send L=32s", "Accepted"},
			{"request", "", "Accepted"},
			{"2xx", "send", "Accepted"},
			{"ack", "deliver", "Accepted"},
			{"3-6xx", "reject", "Accepted"},
			{"L", "end", "Terminated"},
		}},
		{"connection lost", true, []step{
			{"start", "1=200ms deliver", "Proceeding"}, {"broken", "fail end", "Terminated"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			runScript(t, &inviteServer{timing: DefaultTiming(), reliable: tt.reliable}, tt.script)
		})
	}
}

// Every machine must take any input in any order: no panic, and nothing after Terminated but a rejection.
func FuzzMachines(f *testing.F) {
	f.Add([]byte{0, 3, 4, 5, 6}, true)
	f.Add([]byte{0, 1, 5, 2, 0x46}, false)
	f.Fuzz(func(t *testing.T, script []byte, reliable bool) {
		tm := DefaultTiming()
		for _, m := range []machine{
			&nonInviteClient{timing: tm, reliable: reliable}, &inviteClient{timing: tm, reliable: reliable},
			&nonInviteServer{timing: tm, reliable: reliable}, &inviteServer{timing: tm, reliable: reliable},
		} {
			ends := 0
			for _, b := range script {
				in := input{kind: inputKind(b % 8), timer: timer("ABDEFGHIJKLM1U"[int(b>>3)%14])}
				for _, o := range m.step(in) {
					if o.op == opEnd {
						ends++
					}
					if o.op == opStart && o.after <= 0 {
						t.Fatalf("%T: timer %c of %v", m, o.timer, o.after)
					}
				}
			}
			if ends > 1 || (ends == 1) != (m.current() == Terminated) {
				t.Fatalf("%T: %d ends in state %v", m, ends, m.current())
			}
		}
	})
}

func TestTimingDefaults(t *testing.T) {
	got := Timing{T1: 10 * time.Millisecond}.withDefaults()
	if got.Timeout != 640*time.Millisecond || got.T2 != 4*time.Second {
		t.Errorf("%+v", got)
	}
	if (State(99)).String() != "Unknown" {
		t.Error("unknown state has a name")
	}
}
