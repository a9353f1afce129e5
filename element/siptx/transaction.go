package siptx

import (
	"fmt"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// transaction carries out the outputs of one machine. ClientTx and ServerTx embed it.
//
// Lock order: transaction.mu before Layer.mu.
type transaction struct {
	layer  *Layer
	flow   siptransport.Flow
	callID string
	// perform carries out what differs between client and server; called with mu held.
	perform func(output, sip.Message) error

	mu      sync.Mutex
	machine machine
	timers  map[timer]*time.Timer
	err     error
	// completed, when not nil, is called once the machine is in Completed; with mu held.
	completed func()
	settled   chan struct{} // closed once the final response is known, or will never be
	done      chan struct{} // closed when terminated
}

func (t *transaction) init(l *Layer, f siptransport.Flow, callID string, m machine) {
	t.layer, t.flow, t.callID, t.machine = l, f, callID, m
	t.timers = make(map[timer]*time.Timer)
	t.settled, t.done = make(chan struct{}), make(chan struct{})
}

// Flow is the path that the transaction's messages take.
func (t *transaction) Flow() siptransport.Flow { return t.flow }

// Done is closed when the transaction has terminated.
func (t *transaction) Done() <-chan struct{} { return t.done }

// State is the state of the transaction's machine.
func (t *transaction) State() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.machine.current()
}

// Err is why the transaction failed: ErrTimeout, ErrTransport with its cause, ErrClosed; nil when it did not, or not yet.
func (t *transaction) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (t *transaction) step(in input, msg sip.Message) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stepLocked(in, msg, nil)
}

// stepLocked feeds one input and carries out the outputs. When sending fails, the machine learns of the transport
// error at once (§17.1.4, §17.2.4).
func (t *transaction) stepLocked(in input, msg sip.Message, cause error) error {
	var result, sendErr error
	for _, out := range t.machine.step(in) {
		if err := t.carryOut(out, msg, cause); err != nil {
			if out.op == opReject {
				result = err
				continue
			}
			sendErr = err
		}
	}
	t.settle()
	if sendErr != nil {
		_ = t.stepLocked(input{kind: inTransport}, nil, sendErr) // reported below
		return fmt.Errorf("%w: %w", ErrTransport, sendErr)
	}
	return result
}

func (t *transaction) carryOut(out output, msg sip.Message, cause error) error {
	switch out.op {
	case opStart:
		t.startTimer(out.timer, out.after)
	case opStop:
		t.stopTimer(out.timer)
	case opReject:
		return ErrState
	case opTimeout:
		t.err = ErrTimeout
		return t.perform(out, msg)
	case opTransport:
		t.err = ErrTransport
		if cause != nil {
			t.err = fmt.Errorf("%w: %w", ErrTransport, cause)
		}
		return t.perform(out, msg)
	case opEnd:
		t.end()
		return t.perform(out, msg)
	default:
		return t.perform(out, msg)
	}
	return nil
}

func (t *transaction) startTimer(name timer, after time.Duration) {
	t.stopTimer(name)
	select {
	case <-t.done:
		return // forgotten in the meantime
	default:
	}
	var tm *time.Timer
	tm = time.AfterFunc(after, func() {
		t.layer.guard(func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.timers[name] == tm { // else it was stopped while firing
				delete(t.timers, name)
				_ = t.stepLocked(input{kind: inTimer, timer: name}, nil, nil) // the user learns of errors by its callback
			}
		})
	})
	t.timers[name] = tm
}

func (t *transaction) stopTimer(name timer) {
	if tm := t.timers[name]; tm != nil {
		tm.Stop()
		delete(t.timers, name)
	}
}

func (t *transaction) end() {
	for name := range t.timers {
		t.stopTimer(name)
	}
	select {
	case <-t.done:
	default:
		close(t.done)
	}
}

func (t *transaction) settle() {
	switch t.machine.current() {
	case Accepted, Completed, Confirmed, Terminated:
		select {
		case <-t.settled:
		default:
			close(t.settled)
			if t.completed != nil && t.machine.current() == Completed {
				t.completed()
			}
		}
	}
}

// abort ends the transaction from outside: the flow has closed, or the layer is closing.
func (t *transaction) abort(cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.stepLocked(input{kind: inTransport}, nil, cause) // told by callback
}

// kill ends the transaction whatever its state, as when the layer closes.
func (t *transaction) kill() {
	t.abort(ErrClosed)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end()
}
