package syslog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// DefaultPort is the syslog port over UDP, RFC 5426 §3.3.
	DefaultPort = "514"

	defaultQueue   = 512
	resolveTimeout = 5 * time.Second
	firstBackoff   = time.Second
	maxBackoff     = 30 * time.Second
	resolveAgain   = 10 * time.Minute // a server may move without any datagram bouncing
)

// Config is what a Sender sends where.
type Config struct {
	Host      string // "host", "host:port", "[v6]:port"; "" sends nothing
	Formatter Formatter
	Resolver  *net.Resolver // finds the address of a host given by name; nil is the host's
}

// Stats counts what became of messages since the Sender was made.
type Stats struct {
	Sent    uint64 // handed to the network
	Dropped uint64 // the queue was full, or the network refused
}

// Sender sends messages to one server from a bounded queue. While the server's name cannot be
// resolved the messages wait in the queue; when it is full the new ones are dropped.
type Sender struct {
	log     *slog.Logger
	queue   chan Message
	config  atomic.Pointer[Config]
	changed chan struct{} // holds a token when the configuration has changed
	sent    atomic.Uint64
	dropped atomic.Uint64

	closeOnce sync.Once
	closing   chan struct{} // closed by Close: send what is queued, then end
	ctx       context.Context
	cancel    context.CancelFunc // gives up at once
	done      chan struct{}

	conn     net.Conn // the sending goroutine's own, as are those below
	dialed   Config
	dialedAt time.Time
	buf      []byte
}

// NewSender starts a Sender for up to queue waiting messages (512 when 0). A nil logger
// means none. It sends nothing before Configure.
func NewSender(queue int, logger *slog.Logger) *Sender {
	if queue <= 0 {
		queue = defaultQueue
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	s := &Sender{log: logger, queue: make(chan Message, queue), changed: make(chan struct{}, 1),
		closing: make(chan struct{}), done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.config.Store(&Config{})
	go s.run()
	return s
}

// Configure takes a new configuration for all messages that were not sent yet.
func (s *Sender) Configure(c Config) {
	s.config.Store(&c)
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Enqueue hands over a message without ever blocking. It tells whether it was taken: it is
// not when the queue is full, which counts as dropped, when no server is configured, or after Close.
func (s *Sender) Enqueue(m Message) bool {
	if s.config.Load().Host == "" {
		return false
	}
	select {
	case <-s.closing:
		return false
	default:
	}
	select {
	case s.queue <- m:
		return true
	default:
		s.dropped.Add(1)
		return false
	}
}

// Stats gives the present counts.
func (s *Sender) Stats() Stats {
	return Stats{Sent: s.sent.Load(), Dropped: s.dropped.Load()}
}

// Close sends what is queued, until the context ends at the latest, and stops the Sender.
// What could not be sent counts as dropped and makes the context's error come back.
func (s *Sender) Close(ctx context.Context) error {
	s.closeOnce.Do(func() { close(s.closing) })
	defer s.cancel()
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
	}
	before := s.dropped.Load()
	s.cancel()
	<-s.done
	lost := s.dropped.Add(uint64(len(s.queue))) - before
	if lost == 0 {
		return nil
	}
	return fmt.Errorf("%d syslog messages not sent: %w", lost, ctx.Err())
}

// run sends until Close and then what is left.
func (s *Sender) run() {
	defer close(s.done)
	defer s.hangUp()
	for {
		select {
		case m := <-s.queue:
			s.send(m)
			continue
		case <-s.closing:
		}
		break
	}
	for len(s.queue) > 0 && s.ctx.Err() == nil {
		s.send(<-s.queue)
	}
}

// send sends one message and waits, if need be, until the server's name is resolved.
func (s *Sender) send(m Message) {
	config, ok := s.connect()
	if !ok {
		return
	}
	s.buf = config.Formatter.Append(s.buf[:0], m)
	_, err := s.conn.Write(s.buf)
	if errors.Is(err, syscall.ECONNREFUSED) {
		// An earlier datagram bounced and this one was not sent. The name may lead elsewhere by now.
		s.hangUp()
		if _, ok = s.connect(); !ok {
			return
		}
		_, err = s.conn.Write(s.buf)
	}
	if err != nil {
		s.log.Debug("syslog message not sent", "host", config.Host, "err", err)
		s.hangUp()
		s.dropped.Add(1)
		return
	}
	s.sent.Add(1)
}

// connect makes the socket fit the present configuration, however long that takes. It is
// not ok when there is no server any more or when the Sender ends; the message is then dropped.
func (s *Sender) connect() (Config, bool) {
	for backoff := firstBackoff; ; backoff = min(2*backoff, maxBackoff) {
		config := *s.config.Load()
		if s.conn != nil && (config.Host != s.dialed.Host || config.Resolver != s.dialed.Resolver || time.Since(s.dialedAt) > resolveAgain) {
			s.hangUp()
		}
		if config.Host == "" || s.ctx.Err() != nil {
			s.dropped.Add(1)
			return config, false
		}
		if s.conn != nil {
			return config, true
		}
		err := s.dial(config)
		if err == nil {
			return config, true
		}
		s.log.Warn("syslog server not reachable", "host", config.Host, "err", err)
		wait := time.NewTimer(backoff)
		select {
		case <-wait.C:
		case <-s.changed:
			backoff = firstBackoff
		case <-s.ctx.Done():
		}
		wait.Stop()
	}
}

// dial resolves the server's name and connects a UDP socket to it.
func (s *Sender) dial(config Config) error {
	ctx, cancel := context.WithTimeout(s.ctx, resolveTimeout)
	defer cancel()
	dialer := net.Dialer{Resolver: config.Resolver}
	conn, err := dialer.DialContext(ctx, "udp", withPort(config.Host))
	if err != nil {
		return err
	}
	s.conn, s.dialed, s.dialedAt = conn, config, time.Now()
	return nil
}

func (s *Sender) hangUp() {
	if s.conn != nil {
		s.conn.Close()
		s.conn = nil
	}
}

// withPort adds the default port to "host", "1.2.3.4", "[v6]" and "v6".
func withPort(host string) string {
	if h, port, err := net.SplitHostPort(host); err == nil {
		if port == "" {
			port = DefaultPort
		}
		return net.JoinHostPort(h, port)
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), DefaultPort)
}
