package siptransport

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// Config is what a Layer is made of.
type Config struct {
	Receiver Receiver
	Limits   Limits
}

// Layer is the transport layer of one gateway: at most one listener per transport, the connections accepted by them,
// and the TCP connections opened by Flow. Persistent TLS links stand beside it.
type Layer struct {
	receiver Receiver
	limits   Limits
	counters Counters

	mu        sync.Mutex
	closed    bool
	udp       *udpPort
	listeners map[Transport]*listener
	conns     map[*Conn]struct{}
	perHost   map[netip.Addr]int
	dialed    map[netip.AddrPort]*Conn
	wg        sync.WaitGroup
}

// NewLayer makes a layer without listeners.
func NewLayer(cfg Config) *Layer {
	return &Layer{
		receiver: cfg.Receiver, limits: cfg.Limits.withDefaults(), listeners: make(map[Transport]*listener),
		conns: make(map[*Conn]struct{}), perHost: make(map[netip.Addr]int), dialed: make(map[netip.AddrPort]*Conn),
	}
}

// Listen opens the listener of one transport at addr; port 0 takes a free one. The address in use is returned. tlsConfig
// is for TLS alone, see siptls.Server. When the port is taken, IsPortInUse tells so of the error; trying again later is
// the caller's matter.
func (l *Layer) Listen(t Transport, addr netip.AddrPort, tlsConfig *tls.Config) (netip.AddrPort, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return netip.AddrPort{}, ErrClosed
	}
	switch t {
	case UDP:
		return l.listenUDP(addr)
	case TCP:
		return l.listenStream(t, addr, nil)
	case TLS:
		if tlsConfig == nil {
			return netip.AddrPort{}, fmt.Errorf("%w: TLS without a configuration", ErrTransport)
		}
		return l.listenStream(t, addr, tlsConfig)
	}
	return netip.AddrPort{}, fmt.Errorf("%w: %q", ErrTransport, string(t))
}

// StopListening closes the listener of a transport and keeps its connections.
func (l *Layer) StopListening(t Transport) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t == UDP && l.udp != nil {
		_ = l.udp.sock.Close() // fails only when it is closed
		l.udp = nil
		return
	}
	if ln := l.listeners[t]; ln != nil {
		ln.ln.Close()
		delete(l.listeners, t)
	}
}

// Local is the address of the listener of a transport; ok is false when there is none.
func (l *Layer) Local(t Transport) (addr netip.AddrPort, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t == UDP && l.udp != nil {
		return l.udp.local, true
	}
	if ln := l.listeners[t]; ln != nil {
		return ln.local, true
	}
	return netip.AddrPort{}, false
}

// Flow is a flow to a peer over UDP or TCP. A TCP connection to the same address is used again; a new one is opened
// from the address of the TCP listener, or from the host's choice without one. TLS flows are those of links.
func (l *Layer) Flow(ctx context.Context, t Transport, remote netip.AddrPort) (Flow, error) {
	switch t {
	case UDP:
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.udp == nil {
			return nil, ErrNotListening
		}
		return udpFlow{port: l.udp, remote: remote}, nil
	case TCP:
		return l.dialTCP(ctx, remote)
	}
	return nil, fmt.Errorf("%w: %q", ErrTransport, string(t))
}

func (l *Layer) dialTCP(ctx context.Context, remote netip.AddrPort) (Flow, error) {
	l.mu.Lock()
	if c := l.dialed[remote]; c != nil {
		l.mu.Unlock()
		return c, nil
	}
	var d net.Dialer
	if ln := l.listeners[TCP]; ln != nil {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(ln.local.Addr(), 0))
	}
	l.mu.Unlock()
	nc, err := d.DialContext(ctx, "tcp", remote.String())
	if err != nil {
		return nil, fmt.Errorf("siptransport: connect: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		nc.Close()
		return nil, ErrClosed
	}
	if c := l.dialed[remote]; c != nil { // another caller was faster
		nc.Close()
		return c, nil
	}
	c := l.newConn(nc, TCP, false)
	l.dialed[remote] = c
	c.Start()
	return c, nil
}

// newConn makes a connection of this layer; the caller holds mu.
func (l *Layer) newConn(nc net.Conn, t Transport, accepted bool) *Conn {
	c := NewConn(nc, t, ConnConfig{Limits: l.limits, Counters: &l.counters, Receiver: connEnd{l}, accepted: accepted})
	l.conns[c] = struct{}{}
	return c
}

// connEnd is the Receiver of the layer's own connections: it forgets them when they end.
type connEnd struct{ l *Layer }

// ReceiveMessage implements Receiver.
func (e connEnd) ReceiveMessage(f Flow, msg sip.Message) { e.l.receiver.ReceiveMessage(f, msg) }

// FlowClosed implements Receiver.
func (e connEnd) FlowClosed(f Flow, err error) {
	if c, ok := f.(*Conn); ok {
		e.l.forget(c)
	}
	e.l.receiver.FlowClosed(f, err)
}

func (l *Layer) forget(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	if l.dialed[c.remote] == c {
		delete(l.dialed, c.remote)
	}
}

// Stats are the counters of the layer.
func (l *Layer) Stats() Stats { return l.counters.Stats() }

// Counters are those of the layer, for connections that are made beside it.
func (l *Layer) Counters() *Counters { return &l.counters }

// Close closes listeners and connections and returns when all goroutines of the layer have ended.
func (l *Layer) Close() {
	l.mu.Lock()
	l.closed = true
	if l.udp != nil {
		_ = l.udp.sock.Close() // fails only when it is closed
		l.udp = nil
	}
	for t, ln := range l.listeners {
		ln.ln.Close()
		delete(l.listeners, t)
	}
	conns := make([]*Conn, 0, len(l.conns))
	for c := range l.conns {
		conns = append(conns, c)
	}
	l.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	for _, c := range conns {
		c.Wait()
	}
	l.wg.Wait()
}
