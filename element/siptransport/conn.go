package siptransport

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// ConnConfig is what a connection tells of itself, and what it bounds.
type ConnConfig struct {
	Limits   Limits
	Counters *Counters // may be nil
	Receiver Receiver
	// OnRead, when not nil, is called by the reader whenever octets have arrived, before they are interpreted.
	OnRead func()
	// OnPong, when not nil, is called by the reader for an answer to Ping.
	OnPong func()
	// accepted marks a connection that the peer opened: it is bound by IdleTime and FirstMessageTime.
	accepted bool
}

// Conn is a connection that carries SIP messages: a Flow. It owns the net.Conn it was given.
type Conn struct {
	nc            net.Conn
	transport     Transport
	local, remote netip.AddrPort
	cfg           ConnConfig

	out    chan []byte
	closed chan struct{} // closed when the connection ends, however it ends
	once   sync.Once
	err    error // why it ended; read after closed
	wg     sync.WaitGroup

	pings   atomic.Int32
	queued  atomic.Int64 // octets in out
	firstBy time.Time    // reader only
	mu      sync.Mutex   // guards flushing against Send
	flushed chan struct{}
}

var _ Flow = (*Conn)(nil)

var pingBytes, pongBytes = []byte("\r\n\r\n"), []byte("\r\n")

// NewConn makes a connection of nc, whose handshake is over. Nothing is read or written before Start.
func NewConn(nc net.Conn, t Transport, cfg ConnConfig) *Conn {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Counters == nil {
		cfg.Counters = new(Counters)
	}
	return &Conn{
		nc: nc, transport: t, cfg: cfg, local: addrPort(nc.LocalAddr()), remote: addrPort(nc.RemoteAddr()),
		out: make(chan []byte, cfg.Limits.MaxQueued), closed: make(chan struct{}),
	}
}

// Start begins to read and write.
func (c *Conn) Start() {
	c.wg.Add(2)
	go c.write()
	go c.read()
}

// Transport implements Flow.
func (c *Conn) Transport() Transport { return c.transport }

// Reliable implements Flow; a connection always is.
func (c *Conn) Reliable() bool { return true }

// Local implements Flow.
func (c *Conn) Local() netip.AddrPort { return c.local }

// Remote implements Flow.
func (c *Conn) Remote() netip.AddrPort { return c.remote }

// Done is closed when the connection has ended, for whatever reason.
func (c *Conn) Done() <-chan struct{} { return c.closed }

// Err is why the connection ended; nil before Done. io.EOF means that the peer closed it.
func (c *Conn) Err() error {
	select {
	case <-c.closed:
		return c.err
	default:
		return nil
	}
}

// Send implements Flow.
func (c *Conn) Send(msg sip.Message) error {
	data, err := serialize(msg)
	if err != nil {
		return err
	}
	return c.enqueue(data)
}

// Ping sends an RFC 5626 §4.4.1 ping: CRLF CRLF. The answer reaches OnPong.
func (c *Conn) Ping() error {
	c.pings.Add(1)
	return c.enqueue(pingBytes)
}

func (c *Conn) enqueue(data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flushed != nil {
		return ErrClosed
	}
	select {
	case <-c.closed:
		return ErrClosed
	default:
	}
	// A message alone always fits: what is as large as the bound was asked for.
	if n := c.queued.Load(); n == 0 || n+int64(len(data)) <= int64(c.cfg.Limits.MaxQueuedBytes) {
		c.queued.Add(int64(len(data)))
		select {
		case c.out <- data:
			return nil
		default:
		}
	}
	c.cfg.Counters.stalled.Add(1)
	go c.abort(ErrPeerStalled) // not here: the caller may hold locks that FlowClosed wants
	return ErrPeerStalled
}

// Close ends the connection at once; queued output is lost. It does not wait.
func (c *Conn) Close() { c.abort(ErrClosed) }

// Wait returns when reader and writer have ended.
func (c *Conn) Wait() { c.wg.Wait() }

// Shutdown writes what is queued, tells a TLS peer (close_notify), gives the peer until ctx is done to close its
// side, and closes. Letting the peer close first keeps our fixed port out of TIME_WAIT.
func (c *Conn) Shutdown(ctx context.Context) {
	c.mu.Lock()
	if c.flushed == nil {
		c.flushed = make(chan struct{})
		close(c.out)
	}
	flushed := c.flushed
	c.mu.Unlock()
	select {
	case <-flushed:
	case <-c.closed:
	case <-ctx.Done():
	}
	select {
	case <-c.closed:
	case <-ctx.Done():
	}
	c.abort(ErrClosed)
	c.wg.Wait()
}

// abort ends the connection. It closes the TCP connection below TLS, as TLS would wait for a stuck peer to take its
// close_notify.
func (c *Conn) abort(err error) {
	c.once.Do(func() {
		c.err = err
		close(c.closed)
		if t, ok := c.nc.(*tls.Conn); ok {
			t.NetConn().Close()
			return
		}
		c.nc.Close()
	})
}

func (c *Conn) write() {
	defer c.wg.Done()
	for {
		select {
		case <-c.closed:
			return
		case data, ok := <-c.out:
			if !ok {
				c.farewell()
				return
			}
			_ = c.nc.SetWriteDeadline(time.Now().Add(c.cfg.Limits.WriteTime))
			_, err := c.nc.Write(data)
			c.queued.Add(-int64(len(data)))
			if err != nil {
				if errors.Is(err, os.ErrDeadlineExceeded) {
					c.cfg.Counters.stalled.Add(1)
					err = ErrPeerStalled
				}
				c.abort(err)
				return
			}
			if len(data) > len(pingBytes) {
				c.cfg.Counters.sent.Add(1)
			}
		}
	}
}

func (c *Conn) farewell() {
	_ = c.nc.SetWriteDeadline(time.Now().Add(c.cfg.Limits.WriteTime))
	if t, ok := c.nc.(*tls.Conn); ok {
		_ = t.CloseWrite() // a peer that has gone already is no error here
	}
	c.mu.Lock()
	close(c.flushed)
	c.mu.Unlock()
}

func (c *Conn) read() {
	defer c.wg.Done()
	src := io.Reader(c.nc)
	if c.cfg.OnRead != nil {
		src = &notifyingReader{src, c.cfg.OnRead}
	}
	first := true
	if c.cfg.accepted {
		c.firstBy = time.Now().Add(c.cfg.Limits.FirstMessageTime)
	}
	f := &framer{
		r: bufio.NewReader(src), maxMessage: c.cfg.Limits.MaxMessage, maxHeaderLines: c.cfg.Limits.MaxHeaderLines,
		begun:   func() { c.begun(first) },
		ended:   func() { c.idle(first) },
		pongDue: c.takePing,
	}
	c.idle(first)
	for {
		fr, err := f.next()
		if err != nil {
			c.readFailed(fr, err, first)
			break
		}
		switch fr.kind {
		case framePing:
			_ = c.enqueue(pongBytes) // fails only when the connection ends, which next will tell
		case framePong:
			if c.cfg.OnPong != nil {
				c.cfg.OnPong()
			}
		case frameMessage:
			if c.message(fr) && first {
				first = false
				c.idle(first)
			}
		}
	}
	c.cfg.Receiver.FlowClosed(c, c.err)
}

// A deadline can be set on any open connection: its error means that the connection has ended, which the next read or
// write tells.

// begun sets the deadline for the rest of a message.
func (c *Conn) begun(first bool) {
	if c.cfg.accepted && first && time.Until(c.firstBy) < c.cfg.Limits.MessageTime {
		_ = c.nc.SetReadDeadline(c.firstBy)
		return
	}
	c.deadline(c.cfg.Limits.MessageTime)
}

// idle sets the deadline for the time between messages. Pings and bad messages do not prolong the time in which an
// accepted connection has to send its first good one.
func (c *Conn) idle(first bool) {
	switch {
	case !c.cfg.accepted:
		c.deadline(-1)
	case first:
		_ = c.nc.SetReadDeadline(c.firstBy)
	default:
		c.deadline(c.cfg.Limits.IdleTime)
	}
}

func (c *Conn) deadline(d time.Duration) {
	if d < 0 {
		_ = c.nc.SetReadDeadline(time.Time{})
		return
	}
	_ = c.nc.SetReadDeadline(time.Now().Add(d))
}

func (c *Conn) takePing() bool {
	for {
		n := c.pings.Load()
		if n <= 0 {
			return false
		}
		if c.pings.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// message hands one message up, or answers 400; it tells whether the message was good.
func (c *Conn) message(fr frame) bool {
	msg, err := Parse(fr.data, c.cfg.Limits)
	if err != nil {
		c.reject(fr, err)
		return false
	}
	c.cfg.Counters.received.Add(1)
	stamp(msg, c)
	c.cfg.Receiver.ReceiveMessage(c, msg)
	return true
}

func (c *Conn) reject(fr frame, err error) {
	status, reason := 400, "Bad Request"
	if errors.Is(err, ErrTooLarge) {
		c.cfg.Counters.oversize.Add(1)
		status, reason = 513, "Message Too Large"
	} else {
		c.cfg.Counters.malformed.Add(1)
	}
	if answer := badRequest(fr.data[:fr.head], status, reason); answer != nil {
		_ = c.enqueue(answer) // the peer may have gone, then nobody misses it
	} else {
		c.cfg.Counters.dropped.Add(1)
	}
}

// readFailed ends the connection after a read error; a peer whose message could not be framed is told first.
func (c *Conn) readFailed(fr frame, err error, first bool) {
	switch {
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrFraming):
		c.reject(fr, err)
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		c.flush(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = ErrIdle
		if first {
			err = ErrSlowMessage
		}
		c.cfg.Counters.slow.Add(1)
	}
	c.abort(err)
}

// flush waits until queued output has been written, from the reader's goroutine.
func (c *Conn) flush(ctx context.Context) {
	c.mu.Lock()
	if c.flushed == nil {
		c.flushed = make(chan struct{})
		close(c.out)
	}
	flushed := c.flushed
	c.mu.Unlock()
	select {
	case <-flushed:
	case <-c.closed:
	case <-ctx.Done():
	}
}

// notifyingReader tells of every read that brought octets.
type notifyingReader struct {
	r      io.Reader
	onRead func()
}

func (n *notifyingReader) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	if k > 0 {
		n.onRead()
	}
	return k, err
}

func addrPort(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := a.(type) {
	case *net.TCPAddr:
		ap = a.AddrPort()
	case *net.UDPAddr:
		ap = a.AddrPort()
	default:
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
