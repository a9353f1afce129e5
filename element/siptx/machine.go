package siptx

import "time"

// State is a state of RFC 3261 §17 (Accepted: RFC 6026 §7).
type State int

// States of transactions.
const (
	Calling State = iota + 1
	Trying
	Proceeding
	Accepted
	Completed
	Confirmed
	Terminated
)

// String is the name that the RFCs use.
func (s State) String() string {
	names := [...]string{"Initial", "Calling", "Trying", "Proceeding", "Accepted", "Completed", "Confirmed", "Terminated"}
	if s < 0 || int(s) >= len(names) {
		return "Unknown"
	}
	return names[s]
}

// timer is the letter of RFC 3261 Table 4.
type timer byte

const (
	timerA   timer = 'A' // INVITE request retransmission, unreliable only
	timerB   timer = 'B' // INVITE transaction time-out
	timerD   timer = 'D' // wait for response retransmissions
	timerE   timer = 'E' // non-INVITE request retransmission, unreliable only
	timerF   timer = 'F' // non-INVITE transaction time-out
	timerG   timer = 'G' // INVITE response retransmission
	timerH   timer = 'H' // wait for ACK
	timerI   timer = 'I' // wait for ACK retransmissions
	timerJ   timer = 'J' // wait for non-INVITE request retransmissions
	timerK   timer = 'K' // wait for response retransmissions
	timerL   timer = 'L' // wait for INVITE retransmissions after 2xx (RFC 6026)
	timerM   timer = 'M' // wait for further 2xx (RFC 6026)
	timer100 timer = '1' // 200 ms until 100 Trying is sent for the user (§17.2.1)
	timerU   timer = 'U' // the user never answered a non-INVITE request; RFC 4320 §4.2 forbids a late answer
)

// input is what happens to a transaction.
type input struct {
	kind  inputKind
	timer timer // of inTimer
}

type inputKind int

const (
	inStart       inputKind = iota
	inRequest               // a retransmission of the request
	inAck                   // ACK that belongs to the INVITE
	inProvisional           // a 1xx, received (client) or to be sent (server)
	inSuccess               // a 2xx
	inFailure               // a 3xx to 6xx
	inTimer
	inTransport // the transport failed
)

// output is what a machine wants done, in order.
type output struct {
	op    op
	timer timer
	after time.Duration
}

type op int

const (
	opSend      op = iota // the client's request, or the server's last response
	opSend100             // 100 Trying on the user's behalf
	opAck                 // ACK for a 3xx to 6xx (§17.1.1.3)
	opDeliver             // the message of this input goes to the user
	opStart               // start timer
	opStop                // stop timer
	opTimeout             // tell the user: ErrTimeout
	opTransport           // tell the user: ErrTransport
	opReject              // the user may not do this now: ErrState
	opEnd                 // the transaction is over
)

// machine is one of the four state machines. It is not safe for concurrent use.
type machine interface {
	step(input) []output
	current() State
}

func start(t timer, after time.Duration) output { return output{op: opStart, timer: t, after: after} }
func stop(t timer) output                       { return output{op: opStop, timer: t} }

var (
	doSend      = output{op: opSend}
	doAck       = output{op: opAck}
	doDeliver   = output{op: opDeliver}
	doTimeout   = output{op: opTimeout}
	doTransport = output{op: opTransport}
	doReject    = output{op: opReject}
	doEnd       = output{op: opEnd}
)

// startOrEnd starts the timer that waits for retransmissions, which a reliable transport does not need.
func startOrEnd(state *State, reliable bool, t timer, after time.Duration) output {
	if reliable {
		*state = Terminated
		return doEnd
	}
	return start(t, after)
}
