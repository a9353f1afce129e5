package siplink

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
)

// Method is how a link is watched. The numbers are those of SipKeepAliveMethod.
type Method int

// Keep-alive methods.
const (
	None         Method = 100
	SIPOptions   Method = 200 // any final answer to OPTIONS is a sign of life
	Ping         Method = 300 // the same with a request of method PING
	TCPKeepAlive Method = 400 // the kernel's probes
	CRLF         Method = 500 // RFC 5626 §3.5.1; a peer that never answered is not judged
)

// KeepAlive says how a link is watched: a dead peer is noticed within Interval × (Retry+1) of its last sign of life.
type KeepAlive struct {
	Method   Method
	Interval time.Duration // 0 means 30 s
	Retry    int
}

// Probe sends a request of a method over the flow and waits for its final answer; any is good. The error is that of
// the transaction.
type Probe func(ctx context.Context, flow siptransport.Flow, method sip.RequestMethod) error

const defaultInterval = 30 * time.Second

func (k KeepAlive) withDefaults() KeepAlive {
	if k.Interval <= 0 {
		k.Interval = defaultInterval
	}
	k.Retry = max(k.Retry, 0)
	return k
}

// patience is how long a peer may give no sign of life.
func (k KeepAlive) patience() time.Duration { return k.Interval * time.Duration(k.Retry+1) }

// period is the time from one ping to the next. Without retry it is half the interval, so that the answer has the
// other half.
func (k KeepAlive) period() time.Duration {
	if k.Retry == 0 {
		return k.Interval / 2
	}
	return k.Interval
}

// tcp is the kernel's part, for TCPKeepAlive. The kernel counts whole seconds.
func (k KeepAlive) tcp() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: k.period(), Interval: k.period(), Count: max(k.Retry, 1)}
}

// pulse is the keep-alive of one connection. beat and answered are called by the reader, the rest by the link.
type pulse struct {
	k         KeepAlive
	probe     Probe
	lastAlive atomic.Int64 // of any octet (CRLF) or answer (OPTIONS, PING), in ns since begun
	answered  atomic.Bool  // the peer has answered a ping, so it may be judged
	begun     time.Time
	nextPing  time.Time
	failed    chan error // of a probe
	probing   bool
	probed    chan struct{}
	running   sync.WaitGroup
}

func newPulse(k KeepAlive, probe Probe) *pulse {
	now := time.Now()
	return &pulse{k: k, probe: probe, begun: now, nextPing: now, failed: make(chan error, 1), probed: make(chan struct{}, 1)}
}

func (p *pulse) active() bool {
	return p.k.Method == CRLF || ((p.k.Method == SIPOptions || p.k.Method == Ping) && p.probe != nil)
}

func (p *pulse) alive() { p.lastAlive.Store(int64(time.Since(p.begun))) }

// deadline is when the peer is dead unless it gives a sign of life; ok is false when it is not judged.
func (p *pulse) deadline() (time.Time, bool) {
	if p.k.Method == CRLF && !p.answered.Load() {
		return time.Time{}, false
	}
	return p.begun.Add(time.Duration(p.lastAlive.Load()) + p.k.patience()), true
}

// wait is the time until tick has something to do.
func (p *pulse) wait() time.Duration {
	if !p.active() {
		return 24 * time.Hour
	}
	next := p.nextPing
	if d, ok := p.deadline(); ok && d.Before(next) {
		next = d
	}
	return max(time.Until(next), 0)
}

// tick judges the peer and pings it when the time has come.
func (p *pulse) tick(ctx context.Context, c *siptransport.Conn) error {
	if !p.active() {
		return nil
	}
	now := time.Now()
	if d, ok := p.deadline(); ok && !now.Before(d) {
		return ErrDead
	}
	if now.Before(p.nextPing) {
		return nil
	}
	p.nextPing = now.Add(p.k.period())
	if p.k.Method == CRLF {
		_ = c.Ping() // a failure ends the connection, which the link sees
		return nil
	}
	if !p.probing {
		p.probing = true
		p.running.Add(1)
		go p.ask(ctx, c)
	}
	return nil
}

func (p *pulse) ask(ctx context.Context, c *siptransport.Conn) {
	defer p.running.Done()
	method := sip.OPTIONS
	if p.k.Method == Ping {
		method = "PING"
	}
	if err := p.probe(ctx, c, method); err != nil {
		p.failed <- ErrDead
		return
	}
	p.alive()
	p.probed <- struct{}{}
}
