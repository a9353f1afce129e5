package siptx

import "time"

// Timing holds the base timers of RFC 3261 Table 4. Zero fields take the values of DefaultTiming.
type Timing struct {
	T1 time.Duration // round-trip estimate
	T2 time.Duration // longest retransmission interval
	T4 time.Duration // how long a message may stay in the network
	// Timeout is timers B, F, H, J, L and M: how long an answer is waited for (64·T1 in the RFC; the variable
	// InteropTransmissionTimeout here).
	Timeout time.Duration
}

// DefaultTiming are the RFC's values.
func DefaultTiming() Timing {
	return Timing{T1: 500 * time.Millisecond, T2: 4 * time.Second, T4: 5 * time.Second, Timeout: 32 * time.Second}
}

func (t Timing) withDefaults() Timing {
	d := DefaultTiming()
	if t.T1 <= 0 {
		t.T1 = d.T1
	}
	if t.T2 <= 0 {
		t.T2 = d.T2
	}
	if t.T4 <= 0 {
		t.T4 = d.T4
	}
	if t.Timeout <= 0 {
		t.Timeout = 64 * t.T1
	}
	return t
}
