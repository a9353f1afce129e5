package siplink

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"mibgate/element/siptls"
	"mibgate/element/siptransport"
)

// Location is where a server is found (RFC 3263).
type Location struct {
	// Targets in the order in which they are to be tried.
	Targets []netip.AddrPort
	// Reference is what the server's certificate is compared with.
	Reference siptls.Reference
}

// Config is what a Link is made of. Host, Ports, Locate, TLS and Receiver are compulsory.
type Config struct {
	Gateway string // for Status only
	Host    string // for Status only: the configured host[:port]
	// LocalAddr is the gateway's address; invalid leaves the choice to the host.
	LocalAddr netip.Addr
	Ports     *Ports
	// Locate is called for every attempt.
	Locate func(context.Context) (Location, error)
	// TLS is called for every handshake, so that a new certificate or trust store serves the next one.
	TLS func() (siptls.Settings, error)
	// ConnectTimeout bounds connection and handshake with one target; 0 means 10 s.
	ConnectTimeout time.Duration
	// FailbackInterval is the time from a failure to the next attempt; 0 means 15 s.
	FailbackInterval time.Duration
	// AcceptanceTime is how long silence counts as no refusal; 0 means 200 ms.
	AcceptanceTime time.Duration
	KeepAlive      KeepAlive
	// Probe is needed for SIPOptions and Ping.
	Probe Probe
	// Receiver gets the messages that come over the link, usually the transaction layer.
	Receiver siptransport.Receiver
	// Drain, when not nil, waits in Shutdown until the flow is not needed any more.
	Drain    func(context.Context, siptransport.Flow)
	Limits   siptransport.Limits
	Counters *siptransport.Counters
	// OnEvent, when not nil, is told of everything that happens.
	OnEvent func(Event)
}

// Link is one persistent connection.
type Link struct {
	cfg    Config
	kick   chan struct{}
	stop   chan struct{} // closed by Shutdown: graceful
	ctx    context.Context
	cancel context.CancelFunc // Close: at once
	once   sync.Once
	done   chan struct{}

	mu       sync.Mutex
	status   Status
	conn     *siptransport.Conn // while Up or WaitingShutdown
	started  bool
	shutdown context.Context // of Shutdown; its deadline bounds draining

	// Owned by the link's goroutine.
	port      uint16
	announced State
	failure   siptls.Reason // of the last attempt, 0 after success
}

// New makes a link, which is Down until Start. Without cycling it reserves its port now, so that links get their ports
// in the order in which they are made.
func New(cfg Config) (*Link, error) {
	if cfg.Host == "" || cfg.Ports == nil || cfg.Locate == nil || cfg.TLS == nil || cfg.Receiver == nil {
		return nil, ErrConfig
	}
	setTime := func(v *time.Duration, def time.Duration) {
		if *v <= 0 {
			*v = def
		}
	}
	setTime(&cfg.ConnectTimeout, 10*time.Second)
	setTime(&cfg.FailbackInterval, 15*time.Second)
	setTime(&cfg.AcceptanceTime, 200*time.Millisecond)
	cfg.KeepAlive = cfg.KeepAlive.withDefaults()
	l := &Link{
		cfg: cfg, kick: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		status: Status{Gateway: cfg.Gateway, RemoteHost: cfg.Host, State: Down},
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	if !cfg.Ports.cycled() {
		port, ok := cfg.Ports.reserve(0)
		if !ok {
			return nil, ErrNoLocalPort
		}
		l.port, l.status.LocalPort = port, port
	}
	return l, nil
}

// Start begins to connect.
func (l *Link) Start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started {
		return
	}
	l.started = true
	go l.run()
}

// Status is the state of the link now.
func (l *Link) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// Flow is the connection while it is usable: Up, or WaitingShutdown for what is in progress.
func (l *Link) Flow() (siptransport.Flow, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil, false
	}
	return l.conn, true
}

// Retry makes a link that is down try again now, as when a certificate was imported or the network came up.
func (l *Link) Retry() {
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// Shutdown ends the link gracefully: WaitingShutdown while Drain waits and the peer is told, bounded by ctx.
func (l *Link) Shutdown(ctx context.Context) {
	l.mu.Lock()
	l.shutdown = ctx
	l.mu.Unlock()
	l.once.Do(func() { close(l.stop) })
	l.finish()
}

// Close ends the link at once.
func (l *Link) Close() {
	l.cancel()
	l.once.Do(func() { close(l.stop) })
	l.finish()
}

func (l *Link) finish() {
	l.mu.Lock()
	started := l.started
	l.started = true // a later Start does nothing
	l.mu.Unlock()
	if started {
		<-l.done
	} else {
		l.releasePort()
	}
	l.cancel()
}

func (l *Link) releasePort() {
	if l.port != 0 {
		l.cfg.Ports.release(l.port)
		l.port = 0
	}
}

func (l *Link) stopping() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// update changes the status and returns the new one.
func (l *Link) update(change func(*Status)) Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.status)
	return l.status
}

func (l *Link) emit(e Event) {
	if l.cfg.OnEvent != nil {
		l.cfg.OnEvent(e)
	}
}

// set changes the state, and the flow that callers see, and tells of it.
func (l *Link) set(state State, conn *siptransport.Conn, detail string) {
	l.mu.Lock()
	old := l.status.State
	l.status.State = state
	l.conn = conn
	status := l.status
	l.mu.Unlock()
	announce := (state == Up || state == Down) && l.announced != state
	if announce {
		l.announced = state
	}
	if old == state && !announce {
		return
	}
	l.emit(Event{Kind: StateChanged, Status: status, Old: old, Announce: announce, Stopping: l.stopping(), Detail: detail})
}
