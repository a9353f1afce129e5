package siptx

import "time"

// nonInviteServer is RFC 3261 §17.2.2, figure 8.
//
//	Trying ─1xx→ Proceeding ─2xx-6xx→ Completed ─J→ Terminated
type nonInviteServer struct {
	state    State
	timing   Timing
	reliable bool
}

func (m *nonInviteServer) current() State { return m.state }

func (m *nonInviteServer) step(in input) []output {
	switch m.state {
	case 0:
		if in.kind != inStart {
			return nil
		}
		m.state = Trying
		return []output{start(timerU, m.timing.Timeout), doDeliver}
	case Trying, Proceeding:
		return m.pending(in)
	case Completed:
		return m.completed(in)
	}
	return rejectAnswer(in)
}

func (m *nonInviteServer) pending(in input) []output {
	switch in.kind {
	case inRequest:
		if m.state == Proceeding {
			return []output{doSend}
		}
	case inProvisional:
		m.state = Proceeding
		return []output{doSend}
	case inSuccess, inFailure:
		m.state = Completed
		out := []output{stop(timerU), doSend}
		return append(out, startOrEnd(&m.state, m.reliable, timerJ, m.timing.Timeout))
	case inTransport:
		m.state = Terminated
		return []output{doTransport, doEnd}
	case inTimer:
		if in.timer == timerU {
			m.state = Terminated
			return []output{doTimeout, doEnd}
		}
	}
	return nil
}

func (m *nonInviteServer) completed(in input) []output {
	switch {
	case in.kind == inRequest:
		return []output{doSend}
	case in.kind == inTransport, in.kind == inTimer && in.timer == timerJ:
		m.state = Terminated
		return []output{doEnd}
	}
	return rejectAnswer(in)
}

// inviteServer is RFC 3261 §17.2.1, figure 7, with RFC 6026 §7.1 (Accepted).
//
//	Proceeding ─3xx-6xx→ Completed ─ACK→ Confirmed ─I→ Terminated
//	    │                    └─H→ Terminated
//	    └─2xx→ Accepted ─L→ Terminated
type inviteServer struct {
	state    State
	timing   Timing
	reliable bool
	g        time.Duration
	answered bool // a provisional response was sent, so that a retransmission has an answer
}

// tryingDelay is how long the user has before 100 Trying is sent for it (§17.2.1).
const tryingDelay = 200 * time.Millisecond

func (m *inviteServer) current() State { return m.state }

func (m *inviteServer) step(in input) []output {
	switch m.state {
	case 0:
		if in.kind != inStart {
			return nil
		}
		m.state = Proceeding
		return []output{start(timer100, tryingDelay), doDeliver}
	case Proceeding:
		return m.proceeding(in)
	case Accepted:
		return m.accepted(in)
	case Completed:
		return m.completed(in)
	case Confirmed:
		if in.kind == inTimer && in.timer == timerI {
			m.state = Terminated
			return []output{doEnd}
		}
	}
	return rejectAnswer(in)
}

func (m *inviteServer) proceeding(in input) []output {
	switch in.kind {
	case inRequest:
		if m.answered {
			return []output{doSend}
		}
	case inProvisional:
		m.answered = true
		return []output{stop(timer100), doSend}
	case inSuccess:
		m.state = Accepted
		return []output{stop(timer100), doSend, start(timerL, m.timing.Timeout)}
	case inFailure:
		m.state = Completed
		out := []output{stop(timer100), doSend, start(timerH, m.timing.Timeout)}
		if !m.reliable {
			m.g = m.timing.T1
			out = append(out, start(timerG, m.g))
		}
		return out
	case inTransport:
		m.state = Terminated
		return []output{doTransport, doEnd}
	case inTimer:
		if in.timer == timer100 && !m.answered {
			m.answered = true
			return []output{{op: opSend100}}
		}
	}
	return nil
}

// accepted absorbs retransmissions of the INVITE; the user retransmits its 2xx (§13.3.1.4) and gets the ACK.
func (m *inviteServer) accepted(in input) []output {
	switch in.kind {
	case inSuccess:
		return []output{doSend}
	case inAck:
		return []output{doDeliver}
	case inTransport:
		m.state = Terminated
		return []output{doTransport, doEnd}
	case inTimer:
		if in.timer == timerL {
			m.state = Terminated
			return []output{doEnd}
		}
	}
	return rejectAnswer(in)
}

func (m *inviteServer) completed(in input) []output {
	switch in.kind {
	case inRequest:
		return []output{doSend}
	case inAck:
		m.state = Confirmed
		out := []output{stop(timerG), stop(timerH)}
		return append(out, startOrEnd(&m.state, m.reliable, timerI, m.timing.T4))
	case inTransport:
		m.state = Terminated
		return []output{doTransport, doEnd}
	case inTimer:
		switch {
		case in.timer == timerG && !m.reliable:
			m.g = min(2*m.g, m.timing.T2)
			return []output{doSend, start(timerG, m.g)}
		case in.timer == timerH:
			m.state = Terminated
			return []output{doTimeout, doEnd}
		}
	}
	return rejectAnswer(in)
}

// rejectAnswer tells a user who answers out of turn; other inputs are absorbed.
func rejectAnswer(in input) []output {
	switch in.kind {
	case inProvisional, inSuccess, inFailure:
		return []output{doReject}
	}
	return nil
}
