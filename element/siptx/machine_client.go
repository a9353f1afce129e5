package siptx

import "time"

// nonInviteClient is RFC 3261 §17.1.2, figure 6.
//
//	Trying ─1xx→ Proceeding ─2xx-6xx→ Completed ─K→ Terminated
//	   └──────────2xx-6xx──────────────┘      F, transport error → Terminated
type nonInviteClient struct {
	state    State
	timing   Timing
	reliable bool
	e        time.Duration
}

func (m *nonInviteClient) current() State { return m.state }

func (m *nonInviteClient) step(in input) []output {
	switch m.state {
	case 0:
		return m.begin(in)
	case Trying, Proceeding:
		return m.pending(in)
	case Completed:
		if in.kind == inTimer && in.timer == timerK {
			m.state = Terminated
			return []output{doEnd}
		}
	}
	return nil
}

func (m *nonInviteClient) begin(in input) []output {
	if in.kind != inStart {
		return nil
	}
	m.state = Trying
	out := []output{start(timerF, m.timing.Timeout)}
	if !m.reliable {
		m.e = m.timing.T1
		out = append(out, start(timerE, m.e))
	}
	return append(out, doSend)
}

func (m *nonInviteClient) pending(in input) []output {
	switch in.kind {
	case inProvisional:
		m.state = Proceeding
		return []output{doDeliver}
	case inSuccess, inFailure:
		m.state = Completed
		out := []output{stop(timerE), stop(timerF), doDeliver}
		return append(out, startOrEnd(&m.state, m.reliable, timerK, m.timing.T4))
	case inTransport:
		m.state = Terminated
		return []output{doTransport, doEnd}
	case inTimer:
		switch {
		case in.timer == timerE && !m.reliable:
			m.e = min(2*m.e, m.timing.T2)
			if m.state == Proceeding {
				m.e = m.timing.T2
			}
			return []output{start(timerE, m.e), doSend}
		case in.timer == timerF:
			m.state = Terminated
			return []output{doTimeout, doEnd}
		}
	}
	return nil
}

// inviteClient is RFC 3261 §17.1.1, figure 5, with RFC 6026 §7.2 (Accepted).
//
//	Calling ─1xx→ Proceeding ─3xx-6xx→ Completed ─D→ Terminated
//	   │              └─2xx→ Accepted ─M→ Terminated
//	   └─B, transport error→ Terminated
type inviteClient struct {
	state    State
	timing   Timing
	reliable bool
	a        time.Duration
}

// timerDWait is at least 32 s over unreliable transports (§17.1.1.2).
const timerDWait = 32 * time.Second

func (m *inviteClient) current() State { return m.state }

func (m *inviteClient) step(in input) []output {
	switch m.state {
	case 0:
		return m.begin(in)
	case Calling, Proceeding:
		return m.pending(in)
	case Accepted:
		return m.accepted(in)
	case Completed:
		return m.completed(in)
	}
	return nil
}

func (m *inviteClient) begin(in input) []output {
	if in.kind != inStart {
		return nil
	}
	m.state = Calling
	out := []output{start(timerB, m.timing.Timeout)}
	if !m.reliable {
		m.a = m.timing.T1
		out = append(out, start(timerA, m.a))
	}
	return append(out, doSend)
}

func (m *inviteClient) pending(in input) []output {
	quiet := []output{stop(timerA), stop(timerB)}
	switch in.kind {
	case inProvisional:
		m.state = Proceeding
		return append(quiet, doDeliver)
	case inSuccess:
		m.state = Accepted
		return append(quiet, start(timerM, m.timing.Timeout), doDeliver)
	case inFailure:
		m.state = Completed
		out := append(quiet, doAck, doDeliver)
		return append(out, startOrEnd(&m.state, m.reliable, timerD, timerDWait))
	case inTransport:
		m.state = Terminated
		return []output{doTransport, doEnd}
	case inTimer:
		switch {
		case in.timer == timerA && m.state == Calling && !m.reliable:
			m.a *= 2
			return []output{start(timerA, m.a), doSend}
		case in.timer == timerB: // started again by a CANCEL without effect (§9.1)
			m.state = Terminated
			return []output{doTimeout, doEnd}
		}
	}
	return nil
}

// accepted passes every 2xx on: retransmissions and those of other forks are the user's to ACK.
func (m *inviteClient) accepted(in input) []output {
	switch {
	case in.kind == inSuccess:
		return []output{doDeliver}
	case in.kind == inTimer && in.timer == timerM:
		m.state = Terminated
		return []output{doEnd}
	}
	return nil
}

func (m *inviteClient) completed(in input) []output {
	switch {
	case in.kind == inFailure:
		return []output{doAck}
	case in.kind == inTransport:
		m.state = Terminated
		return []output{doEnd} // the user has its final answer already
	case in.kind == inTimer && in.timer == timerD:
		m.state = Terminated
		return []output{doEnd}
	}
	return nil
}
