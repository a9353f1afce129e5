package siptransport

import (
	"sync/atomic"
	"time"
)

// Limits bound what a peer can make us hold. A zero field takes the value of DefaultLimits; a negative duration means
// no limit.
type Limits struct {
	// MaxMessage is the size of a message in octets, start line to end of body.
	MaxMessage int
	// MaxHeaderLines is the number of lines in the header section.
	MaxHeaderLines int
	// MaxHeaderLine is the length of the start line or of one header line, folded lines counted together. The parser's
	// work grows with its square.
	MaxHeaderLine int
	// MessageTime is how long one message may take from its first octet to its last (slow-loris).
	MessageTime time.Duration
	// FirstMessageTime is how long an accepted connection may stay before its first complete message.
	FirstMessageTime time.Duration
	// IdleTime is how long an accepted connection may be without any octet received. RFC 3261 §18 asks for at least
	// the time a transaction can last.
	IdleTime time.Duration
	// HandshakeTime bounds the TLS handshake of an accepted connection.
	HandshakeTime time.Duration
	// WriteTime is how long one write may be stuck before the connection is given up.
	WriteTime time.Duration
	// MaxQueued is the number of messages that may wait to be written on one connection.
	MaxQueued int
	// MaxQueuedBytes is the number of their octets.
	MaxQueuedBytes int
	// MaxConns and MaxConnsPerHost bound accepted connections, of all listeners together.
	MaxConns, MaxConnsPerHost int
}

// DefaultLimits are meant for a gateway with up to some hundred lines.
func DefaultLimits() Limits {
	return Limits{
		MaxMessage:       64 << 10,
		MaxHeaderLines:   256,
		MaxHeaderLine:    8 << 10,
		MessageTime:      10 * time.Second,
		FirstMessageTime: 15 * time.Second,
		IdleTime:         15 * time.Minute,
		HandshakeTime:    10 * time.Second,
		WriteTime:        10 * time.Second,
		MaxQueued:        512,
		MaxQueuedBytes:   512 << 10,
		MaxConns:         512,
		MaxConnsPerHost:  64,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	setTime := func(v *time.Duration, def time.Duration) {
		if *v == 0 {
			*v = def
		}
	}
	set(&l.MaxMessage, d.MaxMessage)
	set(&l.MaxHeaderLines, d.MaxHeaderLines)
	set(&l.MaxHeaderLine, d.MaxHeaderLine)
	set(&l.MaxQueued, d.MaxQueued)
	set(&l.MaxQueuedBytes, d.MaxQueuedBytes)
	set(&l.MaxConns, d.MaxConns)
	set(&l.MaxConnsPerHost, d.MaxConnsPerHost)
	setTime(&l.MessageTime, d.MessageTime)
	setTime(&l.FirstMessageTime, d.FirstMessageTime)
	setTime(&l.IdleTime, d.IdleTime)
	setTime(&l.HandshakeTime, d.HandshakeTime)
	setTime(&l.WriteTime, d.WriteTime)
	return l
}

// Stats counts what happened since the start. All fields only grow, but Conns.
type Stats struct {
	Received  uint64 // messages handed up
	Sent      uint64 // messages written
	Malformed uint64 // messages dropped or answered 400
	Oversize  uint64 // messages over MaxMessage, MaxHeaderLines or MaxHeaderLine
	Dropped   uint64 // of Malformed and Oversize, those that could not be answered
	Slow      uint64 // connections ended by MessageTime, FirstMessageTime or HandshakeTime
	Stalled   uint64 // connections ended because the peer did not read
	Refused   uint64 // connections refused for MaxConns or MaxConnsPerHost
	TLSFailed uint64 // handshakes that failed on accepted connections
	Accepted  uint64 // connections accepted, those that were refused not
	Conns     int64  // accepted connections now
	// LastConn is when there last was an accepted connection: now while Conns is not 0; zero when there has been none.
	LastConn time.Time
}

// Counters collects Stats; one may be shared by a Layer and the connections made beside it.
type Counters struct {
	received, sent, malformed, oversize, dropped, slow, stalled, refused, tlsFailed, accepted atomic.Uint64
	conns                                                                                     atomic.Int64
	left                                                                                      atomic.Pointer[time.Time]
}

// Stats reads the counters.
func (c *Counters) Stats() Stats {
	s := Stats{
		Received: c.received.Load(), Sent: c.sent.Load(), Malformed: c.malformed.Load(), Oversize: c.oversize.Load(),
		Slow: c.slow.Load(), Stalled: c.stalled.Load(), Refused: c.refused.Load(), TLSFailed: c.tlsFailed.Load(),
		Dropped: c.dropped.Load(), Accepted: c.accepted.Load(), Conns: c.conns.Load(),
	}
	if left := c.left.Load(); left != nil {
		s.LastConn = *left
	}
	if s.Conns > 0 {
		s.LastConn = time.Now()
	}
	return s
}
