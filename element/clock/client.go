package clock

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/beevik/ntp"
)

// Until the first answer the servers are asked again after firstRetry, then twice that and
// so on up to Config.PeriodOnError: TLS gateways wait for it, and an hour for a server that
// came up a second after us would be too long.
const (
	firstRetry   = 4 * time.Second
	savePeriod   = time.Hour
	kissCodeRate = "RATE"
)

// Config is what an operator sets.
type Config struct {
	Mode          Mode
	Servers       []string      // "host" or "host:port" in order of preference; empty ones are passed over
	Period        time.Duration // to the next round after a successful one
	PeriodOnError time.Duration // to the next round after a failed one
}

func (a Config) equal(b Config) bool {
	return a.Mode == b.Mode && a.Period == b.Period && a.PeriodOnError == b.PeriodOnError &&
		slices.Equal(a.Servers, b.Servers)
}

// Status is what an operator reads.
type Status struct {
	Source     string        // server of the last accepted answer; "" when never synchronized
	LastError  error         // why the last round failed; nil when it succeeded or there was none
	Offset     time.Duration // by how much the last answer moved the element's clock
	HostOffset time.Duration // last answer minus the host's clock
	RoundTrip  time.Duration // of the last accepted answer
	LastSync   time.Time     // element's time at the last accepted answer; zero when never
	Rounds     uint64        // rounds of queries made
}

// ClientOptions are what a Client needs beside its clock. All may be left out.
type ClientOptions struct {
	Logger  *slog.Logger
	Timeout time.Duration // per query; 5 s when 0
	// Resolver finds the addresses of servers that are given by name; nil is the host's.
	Resolver *net.Resolver
	// OnRound is called by Run after each round, with the status it ended with.
	OnRound func(Status)
}

// Client steers a Clock by SNTP. Make it with NewClient, give it work with Apply, run it with Run.
type Client struct {
	clock   *Clock
	log     *slog.Logger
	timeout time.Duration
	resolve *net.Resolver
	onRound func(Status)
	apply   chan struct{} // holds a token when the configuration has changed

	mu     sync.Mutex
	config Config
	ready  bool // Apply was called
	status Status

	muted map[string]time.Time // Run's own: server -> raw time until which it is not asked
	retry time.Duration        // Run's own: next wait while never synchronized
}

// NewClient makes a client without servers that leaves the mode of the clock as it is.
func NewClient(c *Clock, o ClientOptions) *Client {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return &Client{clock: c, log: o.Logger, timeout: o.Timeout, resolve: o.Resolver, onRound: o.OnRound,
		apply: make(chan struct{}, 1), config: Config{Mode: c.Mode()}}
}

// Apply takes a configuration live and returns at once. A change of it sets the mode of the
// clock and makes Run ask the servers now; the same configuration again does nothing.
func (c *Client) Apply(config Config) {
	config.Servers = slices.DeleteFunc(slices.Clone(config.Servers), func(s string) bool { return s == "" })
	c.mu.Lock()
	defer c.mu.Unlock()
	if config.equal(c.config) {
		return
	}
	c.config, c.ready = config, true
	c.clock.SetMode(config.Mode)
	select {
	case c.apply <- struct{}{}:
	default:
	}
}

// Status is a copy of the present status.
func (c *Client) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// Run asks the servers until the context ends, whose error it returns.
func (c *Client) Run(ctx context.Context) error {
	save := time.NewTicker(savePeriod)
	defer save.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	if !c.begin() {
		next.Stop() // until Apply
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-save.C:
			c.save()
			continue
		case <-c.apply:
			c.forget()
		case <-next.C:
		}
		next.Reset(c.round(ctx))
	}
}

// begin readies Run's own state and tells whether there is a configuration to work on.
func (c *Client) begin() bool {
	c.forget()
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.apply: // the first round sees this configuration anyway
	default:
	}
	return c.ready
}

// forget drops what was learned of the servers of an earlier configuration.
func (c *Client) forget() {
	c.muted = map[string]time.Time{}
	c.retry = firstRetry
}

// round asks the servers in order until one answers well, and returns when to ask again.
func (c *Client) round(ctx context.Context) time.Duration {
	c.mu.Lock()
	config := c.config
	if config.Mode == ModeHost {
		c.status.LastError = nil // it told of servers that nobody asks now
	}
	c.mu.Unlock()
	if config.Mode == ModeHost {
		return savePeriod
	}
	var failures []error
	for _, server := range config.Servers {
		err := c.ask(ctx, server, config.Period)
		if ctx.Err() != nil {
			return savePeriod // nobody will wait for it
		}
		if err == nil {
			c.finish(nil)
			c.save()
			return max(config.Period, time.Millisecond)
		}
		c.log.Debug("SNTP query failed", "server", server, "err", err)
		failures = append(failures, fmt.Errorf("%s: %w", server, err))
	}
	if len(config.Servers) == 0 {
		failures = []error{ErrNoServer}
	}
	err := errors.Join(failures...)
	c.log.Warn("SNTP synchronization failed", "err", err)
	c.finish(err)
	return c.waitOnError(config)
}

// waitOnError is PeriodOnError, or less while the clock was never synchronized. The random
// part keeps units that got their power back together from asking together (RFC 4330 §10).
func (c *Client) waitOnError(config Config) time.Duration {
	wait := max(config.PeriodOnError, time.Millisecond)
	if c.clock.State() != Synchronized && c.retry < wait && len(config.Servers) > 0 {
		wait = c.retry
		c.retry *= 2
	}
	return wait + rand.N(wait/8+1)
}

// ask queries one server and hands its answer to the clock.
func (c *Client) ask(ctx context.Context, server string, period time.Duration) error {
	raw := c.clock.raw()
	if until, ok := c.muted[server]; ok && raw.Before(until) {
		return ErrMuted
	}
	a, err := c.query(ctx, server)
	if err != nil {
		if errors.Is(err, ntp.ErrKissOfDeath) {
			c.mute(server, a.kissCode, period)
		}
		return err
	}
	host := c.clock.host().Round(0)
	moved, err := c.clock.correct(a.offset)
	if err != nil {
		return err
	}
	c.log.Info("SNTP synchronized", "server", server, "offset", moved, "rtt", a.rtt)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.Source, c.status.Offset, c.status.RoundTrip = server, moved, a.rtt
	c.status.HostOffset = c.clock.raw().Add(a.offset).Sub(host)
	c.status.LastSync = c.clock.Now()
	return nil
}

// mute obeys a kiss-o'-death (RFC 5905 §7.4): RATE is a pause of one regular period, any
// other code (DENY, RSTR …) ends it with this server until the configuration changes.
func (c *Client) mute(server, code string, period time.Duration) {
	const forEver = 100 * 365 * 24 * time.Hour
	until := c.clock.raw().Add(forEver)
	if code == kissCodeRate {
		until = c.clock.raw().Add(period)
	}
	c.muted[server] = until
}

// finish ends a round: it sets the error, counts and tells.
func (c *Client) finish(err error) {
	c.mu.Lock()
	c.status.LastError = err
	c.status.Rounds++
	status := c.status
	c.mu.Unlock()
	if c.onRound != nil {
		c.onRound(status)
	}
}

func (c *Client) save() {
	if err := c.clock.Save(); err != nil {
		c.log.Error("cannot save time", "err", err)
	}
}
