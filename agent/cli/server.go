package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"mibgate/agent/script"
	"mibgate/element"
)

// Server serves the control socket of one element.
type Server struct {
	el     *element.Element
	log    *slog.Logger
	listen *net.UnixListener
	places chan struct{}
	wg     sync.WaitGroup

	mu     sync.Mutex
	conns  map[*net.UnixConn]struct{}
	closed bool
}

// Serve opens the control socket in the element's data folder and serves it
// until Close. The element's store has been started.
func Serve(el *element.Element, log *slog.Logger) (*Server, error) {
	l, err := listen(el.Store.Dir())
	if err != nil {
		return nil, err
	}
	s := &Server{el: el, log: log, listen: l, places: make(chan struct{}, maxConnections), conns: map[*net.UnixConn]struct{}{}}
	s.wg.Go(s.accept)
	return s, nil
}

// Close removes the socket, ends its connections and waits for them; a change
// that is under way is finished first.
func (s *Server) Close() {
	_ = os.Remove(filepath.Join(s.el.Store.Dir(), SocketName))
	_ = s.listen.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

func (s *Server) accept() {
	for {
		s.places <- struct{}{}
		c, err := s.listen.AcceptUnix()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of descriptors: others give theirs back in time
			<-s.places
			s.log.Warn("control socket", "error", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if !s.enter(c) {
			_ = c.Close()
			return
		}
		s.wg.Go(func() {
			defer func() { <-s.places }()
			defer s.leave(c)
			s.serve(c)
		})
	}
}

func (s *Server) enter(c *net.UnixConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.conns[c] = struct{}{}
	}
	return !s.closed
}

func (s *Server) leave(c *net.UnixConn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	_ = c.Close()
}

// serve answers the one request of a connection.
func (s *Server) serve(c *net.UnixConn) {
	w := &replyWriter{conn: c}
	if err := admit(c); err != nil {
		s.log.Warn("control socket: connection refused", "error", err)
		w.end(err)
		return
	}
	var req Request
	_ = c.SetReadDeadline(time.Now().Add(readTimeout))
	limited := &io.LimitedReader{R: c, N: maxRequest}
	if err := json.NewDecoder(limited).Decode(&req); err != nil {
		if limited.N == 0 {
			err = fmt.Errorf("is larger than %d octets", maxRequest)
		}
		w.end(&RequestError{Message: fmt.Sprintf("request: %v", err), Fault: true})
		return
	}
	w.end(s.guard(req, w))
}

// guard turns a panic into an error: a fault in a view must not end the calls.
func (s *Server) guard(req Request, w io.Writer) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.log.Error("control socket: internal error", "verb", req.Verb, "cause", cause, "stack", string(debug.Stack()))
			err = errors.New("internal error; the log has the details")
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), beginTimeout)
	defer cancel()
	return s.handle(ctx, req, w)
}

// replyWriter sends output as Replies.
type replyWriter struct {
	conn *net.UnixConn
	buf  []byte
	err  error
}

// Write implements io.Writer.
func (w *replyWriter) Write(b []byte) (int, error) {
	w.buf = append(w.buf, b...)
	if len(w.buf) >= chunk {
		w.flush()
	}
	return len(b), w.err
}

func (w *replyWriter) flush() {
	if len(w.buf) > 0 {
		w.send(Reply{Out: w.buf})
		w.buf = w.buf[:0]
	}
}

func (w *replyWriter) send(r Reply) {
	if w.err != nil {
		return
	}
	_ = w.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	w.err = json.NewEncoder(w.conn).Encode(r)
}

// end sends what is left and the last Reply.
func (w *replyWriter) end(err error) {
	w.flush()
	r := Reply{End: true}
	if err != nil {
		r.Error, r.Fault = err.Error(), script.AtFault(err)
	}
	w.send(r)
}
