package snmp

import (
	"context"
	"errors"
	"net"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/udp"
)

// errorPause keeps a socket that only fails from taking a whole processor.
const errorPause = 20 * time.Millisecond

// run is one run of the service: its sockets and goroutines.
type run struct {
	s       *Service
	sockets []*udp.Socket
	lanes   []*lane
	wg      sync.WaitGroup
	ending  chan struct{}
	sets    *places
}

// newRun begins to answer; the readers of a socket take turns.
func (s *Service) newRun(sockets []*udp.Socket) *run {
	r := &run{s: s, sockets: sockets, ending: make(chan struct{}), sets: newPlaces()}
	for _, sock := range sockets {
		l := newLane(sock)
		r.lanes = append(r.lanes, l)
		for range max(runtime.GOMAXPROCS(0), 2) {
			r.wg.Go(func() { r.serve(l) })
		}
	}
	r.wg.Go(r.watch)
	return r
}

// stop ends the run: what is under way is answered, as long as ctx lasts.
func (r *run) stop(ctx context.Context) error {
	close(r.ending)
	for _, sock := range r.sockets {
		_ = sock.Stop()
	}
	ended := make(chan struct{})
	go func() {
		r.wg.Wait()
		close(ended)
	}()
	var err error
	select {
	case <-ended:
	case <-ctx.Done():
		err = errors.New("requests are still being carried out")
	}
	closeAll(r.sockets)
	return err
}

// over tells whether a reader ends after an error; one that may pass makes it
// pause.
func (r *run) over(err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return true
	}
	select {
	case <-r.ending:
		return true
	case <-time.After(errorPause):
		return false
	}
}

func (r *run) isEnding() bool {
	select {
	case <-r.ending:
		return true
	default:
		return false
	}
}

// handle makes the answer to one datagram. It reports whether x goes on to a
// SET, which answers by itself.
func (r *run) handle(rd *reader, x *exchange) (kept bool) {
	defer r.guard()
	x.from = x.From()
	out, ok := r.s.accept(x)
	switch {
	case out != nil:
		x.Answer = out
	case !ok:
	case x.message.PDU.Type != message.Set:
		if isLong(&x.message.PDU) {
			rd.flush()
			rd.release()
		}
		x.Answer = r.s.respond(x)
	default:
		if r.sets.take(x.request.Who) {
			return true
		}
		x.Answer = r.s.busy(x)
	}
	return false
}

// set carries a SET out.
func (r *run) set(sock *udp.Socket, x *exchange) {
	defer r.sets.leave(x.request.Who) // who it was: a policy may make him another one meanwhile
	defer r.guard()
	x.scratch = r.s.responder.NewScratch()
	x.Answer = r.s.respond(x)
	sock.AnswerOne(&x.Datagram)
}

// guard loses the packet that something panicked on, and nothing else.
func (r *run) guard() {
	if cause := recover(); cause != nil {
		r.s.panicked(cause, debug.Stack())
	}
}
