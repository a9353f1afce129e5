package clock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/beevik/ntp"
)

// Bounds of one query.
const (
	defaultTimeout = 5 * time.Second
	maxRoundTrip   = 2 * time.Second // an answer is off by up to half its round trip
)

// answer is what one query brought.
type answer struct {
	offset   time.Duration // true time minus raw time
	rtt      time.Duration
	kissCode string // RFC 5905 §7.4, when err is ntp.ErrKissOfDeath
}

// query asks one server ("host", "host:port", "[v6]:port") once, from a fresh socket and so
// a fresh source port, and validates the answer (RFC 5905 §7.3, RFC 4330 §5): mode, origin
// timestamp, stratum 1..15, leap indicator, dispersion, freshness, round trip.
func (c *Client) query(ctx context.Context, server string) (answer, error) {
	options := ntp.QueryOptions{
		Timeout:       c.timeout,
		GetSystemTime: c.clock.raw,
		Dialer: func(_, remote string) (net.Conn, error) {
			return c.dial(ctx, remote)
		},
	}
	r, err := ntp.QueryWithOptions(server, options)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return answer{}, err
	}
	a := answer{offset: r.ClockOffset, rtt: r.RTT, kissCode: r.KissCode}
	if err := r.Validate(); err != nil {
		if errors.Is(err, ntp.ErrKissOfDeath) {
			err = fmt.Errorf("%w (%s)", err, r.KissCode)
		}
		return a, err
	}
	if r.RTT > maxRoundTrip {
		return a, fmt.Errorf("%w: %s", ErrRoundTrip, r.RTT)
	}
	return a, nil
}

// contextConn is a socket that its context closes.
type contextConn struct {
	net.Conn
	stop func() bool
}

func (c contextConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

func (c *Client) dial(ctx context.Context, remote string) (net.Conn, error) {
	d := net.Dialer{Timeout: c.timeout, Resolver: c.resolve}
	conn, err := d.DialContext(ctx, "udp", remote)
	if err != nil {
		return nil, err
	}
	return contextConn{conn, context.AfterFunc(ctx, func() { conn.Close() })}, nil
}
