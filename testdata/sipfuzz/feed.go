package sipfuzz

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"
)

// Feed says where mutants go.
type Feed struct {
	// Network is "udp", "tcp" or "tls" (any certificate is taken); Addr a host:port on loopback.
	Network, Addr string
	// Count is the number of mutants, Seed makes the run repeatable.
	Count int
	Seed  uint64
	// CheckEvery mutants a good OPTIONS is sent and its answer awaited; 0 means every 1,000, and every 32 over UDP, where
	// this also keeps us from only filling the peer's socket buffer. An answer within Limit is in order, whatever its
	// status; 0 means 5 s.
	CheckEvery int
	Limit      time.Duration
}

// Result is what a run found.
type Result struct {
	Sent int
	// Reconnects is how often the peer closed the connection, as it may for what cannot be framed.
	Reconnects int
	// Slowest is the longest time that a good request took to be answered.
	Slowest time.Duration
}

// ErrSilent says that a good request was not answered.
var ErrSilent = errors.New("sipfuzz: a good request got no answer")

// Run sends the mutants. An error means that the peer does not answer good requests, or refuses connections.
func (f Feed) Run() (Result, error) {
	if f.CheckEvery <= 0 {
		f.CheckEvery = 1000
		if f.Network == "udp" {
			f.CheckEvery = 32
		}
	}
	if f.Limit <= 0 {
		f.Limit = 5 * time.Second
	}
	rnd := rand.New(rand.NewPCG(f.Seed, 0))
	seeds := Seeds()
	var res Result
	var c net.Conn
	defer func() {
		if c != nil {
			c.Close()
		}
	}()
	for ; res.Sent < f.Count; res.Sent++ {
		if res.Sent%f.CheckEvery == 0 {
			took, err := f.Check()
			if err != nil {
				return res, fmt.Errorf("after %d mutants: %w", res.Sent, err)
			}
			res.Slowest = max(res.Slowest, took)
		}
		mutant := Mutate(rnd, seeds[rnd.IntN(len(seeds))])
		for try := 0; ; try++ {
			if c == nil {
				var err error
				if c, err = f.dial(); err != nil {
					return res, err
				}
			}
			if err := f.write(c, mutant); err == nil || f.Network == "udp" || try == 2 {
				break
			}
			c.Close()
			c = nil
			res.Reconnects++
		}
	}
	took, err := f.Check()
	res.Slowest = max(res.Slowest, took)
	return res, err
}

func (f Feed) write(c net.Conn, data []byte) error {
	if len(data) > 60000 && f.Network == "udp" {
		data = data[:60000]
	}
	if err := c.SetDeadline(time.Now().Add(f.Limit)); err != nil {
		return err
	}
	if _, err := c.Write(data); err != nil {
		return err
	}
	if f.Network == "udp" {
		return nil
	}
	// Take what has been answered, so that the peer is not held up by our window.
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Microsecond)); err != nil {
		return err
	}
	_, err := c.Read(make([]byte, 64<<10))
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return nil
	}
	return err
}

// Check sends a good OPTIONS on a connection of its own and tells how long its answer took.
func (f Feed) Check() (time.Duration, error) {
	c, err := f.dial()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	id := rand.Uint64()
	request := strings.NewReplacer("seed1", fmt.Sprint("check", id), "seed@", fmt.Sprint("check", id, "@"),
		"SIP/2.0/UDP", "SIP/2.0/"+strings.ToUpper(f.Network)).Replace(Seeds()[0])
	began := time.Now()
	if err := c.SetDeadline(began.Add(f.Limit)); err != nil {
		return 0, err
	}
	buf := make([]byte, 64<<10)
	for time.Since(began) < f.Limit {
		if _, err := c.Write([]byte(request)); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrSilent, err)
		}
		// Over UDP the request may be lost in a full buffer: sent again, as a client transaction does.
		if f.Network == "udp" {
			if err := c.SetReadDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
				return 0, err
			}
		}
		n, err := c.Read(buf)
		if err == nil && bytes.HasPrefix(buf[:n], []byte("SIP/2.0 ")) {
			return time.Since(began), nil
		}
		if f.Network != "udp" {
			return 0, fmt.Errorf("%w: %w", ErrSilent, err)
		}
	}
	return 0, ErrSilent
}

func (f Feed) dial() (net.Conn, error) {
	d := &net.Dialer{Timeout: f.Limit}
	switch f.Network {
	case "udp", "tcp":
		return d.Dial(f.Network, f.Addr)
	case "tls":
		return tls.DialWithDialer(d, "tcp", f.Addr, &tls.Config{InsecureSkipVerify: true})
	}
	return nil, net.UnknownNetworkError(f.Network)
}
