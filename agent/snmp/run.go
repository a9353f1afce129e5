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
)

// maxSets is how many SETs may be under way at once; each waits for its turn
// at the store. One more is answered with resourceUnavailable.
const maxSets = 32

// errorPause keeps a socket that only fails from taking a whole processor.
const errorPause = 20 * time.Millisecond

// run is one run of the service: its sockets and goroutines.
type run struct {
	s       *Service
	sockets []*socket
	wg      sync.WaitGroup
	ending  chan struct{}
	sets    chan struct{} // a place per SET under way
	idle    sync.Pool     // of *exchange
}

// start begins to answer; workers of the same socket take turns at reading.
func (s *Service) newRun(sockets []*socket) *run {
	r := &run{s: s, sockets: sockets, ending: make(chan struct{}), sets: make(chan struct{}, maxSets)}
	r.idle.New = func() any { return &exchange{scratch: s.responder.NewScratch()} }
	for _, sock := range sockets {
		for range max(runtime.GOMAXPROCS(0), 2) {
			r.wg.Go(func() { r.serve(sock) })
		}
	}
	return r
}

// stop ends the run: what is under way is answered, as long as ctx lasts.
func (r *run) stop(ctx context.Context) error {
	close(r.ending)
	for _, sock := range r.sockets {
		sock.stop()
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

func (r *run) serve(sock *socket) {
	x := r.get()
	for {
		if err := sock.read(x); err != nil {
			if r.over(err) {
				return
			}
			continue
		}
		if r.handle(sock, x) {
			x = r.get()
		}
	}
}

// over tells whether a worker ends; after an error that may pass it pauses.
func (r *run) over(err error) bool {
	select {
	case <-r.ending:
		return true
	default:
	}
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

func (r *run) get() *exchange { return r.idle.Get().(*exchange) } //nolint:forcetypeassert // what New makes

// handle answers one datagram; it reports whether x is in use beyond.
func (r *run) handle(sock *socket, x *exchange) (kept bool) {
	defer r.guard()
	out, ok := r.s.accept(x)
	switch {
	case out != nil:
		sock.write(x, out)
	case !ok:
	case x.message.PDU.Type != message.Set:
		r.answer(sock, x)
	default:
		select {
		case r.sets <- struct{}{}:
			r.wg.Go(func() { r.set(sock, x) })
			return true
		default:
			if out := r.s.busy(x); out != nil {
				sock.write(x, out)
			}
		}
	}
	return false
}

func (r *run) answer(sock *socket, x *exchange) {
	if out := r.s.respond(x); out != nil {
		sock.write(x, out)
	}
}

// set carries a SET out.
func (r *run) set(sock *socket, x *exchange) {
	defer func() {
		<-r.sets
		r.idle.Put(x)
	}()
	defer r.guard()
	r.answer(sock, x)
}

// guard loses the packet that something panicked on, and nothing else.
func (r *run) guard() {
	if cause := recover(); cause != nil {
		r.s.panicked(cause, debug.Stack())
	}
}
