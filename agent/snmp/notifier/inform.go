package notifier

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
)

// maxSteps bounds what one try of an inform may learn before it is sent: the
// engine ID, the clock, and both once more for a receiver that started again.
const maxSteps = 6

// inform sends until a response comes, under one request-id, so that the
// receiver knows a repetition when it sees one. What is not heard is not sent
// again at the same pace (RFC 8085 §3.1.1).
func (w *worker) inform(s *settings, it *item) error {
	clear(w.ids)
	if it.by != s {
		it.by, it.requestID, it.tries = s, newID(), 0
	}
	wait := s.Timeout
	for range it.tries {
		wait = longer(wait)
	}
	var err error
	for ; it.tries <= s.Retries; it.tries++ {
		err = w.informOnce(s, it, wait)
		switch {
		case unreached(err):
			it.tries = 0 // those before may have been in vain for the same reason
			return err
		case err == nil, final(err), errors.Is(err, errChanged), errors.Is(err, errEnding):
			return err
		}
		w.socket.another()
		wait = longer(wait)
	}
	if w.remote != nil {
		// It may have lost its clock, which it could not tell us (RFC 3414 §2.3).
		w.remote.Forget()
	}
	return err
}

// longer is the wait after one that was in vain: twice as long, up to maxWait
// unless it was longer from the start.
func longer(wait time.Duration) time.Duration { return max(wait, min(2*wait, maxWait)) }

// informOnce is one try: it lasts as long as wait whatever goes wrong, unless
// the destination cannot be reached.
func (w *worker) informOnce(s *settings, it *item, wait time.Duration) error {
	until := time.Now().Add(wait)
	failure := errNoAnswer
	if err := w.step(s, it); final(err) || unreached(err) {
		return err
	} else if err != nil {
		failure = err
	}
	for steps := 0; ; {
		p, err := w.await(s, until)
		if errors.Is(err, errTimeout) {
			return failure
		}
		if errors.Is(err, errRefused) {
			failure = err
			continue
		}
		if err != nil {
			return err
		}
		err = w.judge(p, s, it.requestID)
		if errors.Is(err, usm.ErrLearned) {
			if steps++; steps > maxSteps {
				err = errSteps
			} else if err = w.step(s, it); err == nil {
				continue
			}
		}
		switch {
		case err == nil || final(err) || unreached(err):
			return err
		case !errors.Is(err, errIrrelevant):
			failure = err
		}
	}
}

// await waits for a datagram until a time. Without one the error is errTimeout,
// errChanged, errEnding, errRefused, or that the destination cannot be reached.
func (w *worker) await(s *settings, until time.Time) ([]byte, error) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	for {
		select {
		case p := <-w.socket.packets:
			return p, nil
		case <-w.socket.words.news:
			if err := w.told(); err != nil {
				return nil, err
			}
		case <-w.target.wake:
			if w.target.current() != s {
				return nil, errChanged
			}
		case <-w.ctx.Done():
			return nil, errEnding
		case <-timer.C:
			return nil, errTimeout
		}
	}
}

// told is what hosts told of the inform last.
func (w *worker) told() error {
	list := w.socket.words.take()
	if len(list) == 0 {
		return nil
	}
	err := list[len(list)-1].err
	if noWay(err) {
		w.socket.another()
		return unreachedError{err}
	}
	return refusedError{err}
}

// step sends the inform, or, while the engine of a v3 receiver is not known,
// the question for it.
func (w *worker) step(s *settings, it *item) error {
	if err := w.socket.open(w.ctx, s); err != nil {
		return err
	}
	if s.Version == message.V3 {
		if err := w.meet(s); err != nil {
			return err
		}
		if !w.remote.Known() {
			return w.probe()
		}
	}
	out, msgID, err := w.encode(s, it.n, it.requestID)
	if err != nil {
		return err
	}
	w.ids[msgID] = true
	if err := w.socket.send(out); err != nil {
		return err
	}
	s.tally.wentOut(it)
	return nil
}

// meet has w.remote be the receiver, for the user of s.
func (w *worker) meet(s *settings) error {
	old := w.remoteOf
	if w.remote != nil && old.Dest == s.Dest && old.Level == s.Level && reflect.DeepEqual(old.User, s.User) {
		return nil
	}
	engine := w.env.Engine()
	if engine == nil {
		return finalError{errNoEngine}
	}
	remote, err := usm.NewRemote(engine, s.User, s.Level)
	if err != nil {
		return finalError{err}
	}
	w.remote, w.remoteOf = remote, s
	return nil
}

func (w *worker) probe() error {
	msgID := newID()
	out, err := w.remote.Probe(&w.builder, &w.security, msgID)
	if err != nil {
		return finalError{err}
	}
	w.ids[msgID] = true
	return w.socket.send(out)
}

// judge is nil when p is the response to the inform, usm.ErrLearned when it is
// to be sent again at once, final when it is refused, errIrrelevant when p has
// nothing to do with it, and else what may have gone wrong.
func (w *worker) judge(p []byte, s *settings, id int32) error {
	m := &w.answer
	if err := message.Decode(p, m); err != nil || m.Version != s.Version {
		return errIrrelevant
	}
	if m.Version == message.V3 {
		if err := w.judgeV3(m); err != nil {
			return err
		}
	}
	if m.PDU.Type != message.Response || m.PDU.RequestID != id {
		return errIrrelevant
	}
	switch status := m.PDU.ErrorStatus(); status {
	case message.NoError, message.TooBig: // received, but the answer had no room (RFC 3416 §4.2.7)
		return nil
	default:
		return finalError{fmt.Errorf("the receiver answered %s", status)}
	}
}

// judgeV3 opens an answer. Reports that nobody signed are hints: the inform is
// waited for all the same.
func (w *worker) judgeV3(m *message.Message) error {
	if !w.ids[m.Header.MsgID] {
		return errIrrelevant
	}
	err := w.remote.Incoming(m, &w.security)
	switch {
	case errors.Is(err, usm.ErrNotInTimeWindow):
		// An engine that began again as a new one, with fewer boots than we
		// know of. Its answer to a msgID of ours is no replay: learn it anew.
		w.remote.Forget()
		return usm.ErrLearned
	case errors.Is(err, message.ErrParse), errors.Is(err, message.ErrUnknownPDU):
		return errIrrelevant
	}
	return explain(err)
}
