package siptransport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// listener accepts TCP or TLS connections of one port.
type listener struct {
	layer     *Layer
	transport Transport
	ln        net.Listener
	local     netip.AddrPort
	tls       *tls.Config
}

func (l *Layer) listenUDP(addr netip.AddrPort) (netip.AddrPort, error) {
	if l.udp != nil {
		return netip.AddrPort{}, ErrListening
	}
	sock, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("siptransport: listen: %w", err)
	}
	l.udp = &udpPort{layer: l, sock: sock, local: addrPort(sock.LocalAddr())}
	l.wg.Add(1)
	go l.udp.serve()
	return l.udp.local, nil
}

func (l *Layer) listenStream(t Transport, addr netip.AddrPort, cfg *tls.Config) (netip.AddrPort, error) {
	if l.listeners[t] != nil {
		return netip.AddrPort{}, ErrListening
	}
	nl, err := net.Listen("tcp", addr.String())
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("siptransport: listen: %w", err)
	}
	ln := &listener{layer: l, transport: t, ln: nl, local: addrPort(nl.Addr()), tls: cfg}
	l.listeners[t] = ln
	l.wg.Add(1)
	go ln.serve()
	return ln.local, nil
}

// serve accepts until the listener is closed. Other errors, such as too many open files, pass: it waits and goes on.
func (ln *listener) serve() {
	defer ln.layer.wg.Done()
	const longest = time.Second
	pause := 5 * time.Millisecond
	for {
		nc, err := ln.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(pause)
			pause = min(2*pause, longest)
			continue
		}
		pause = 5 * time.Millisecond
		ln.accepted(nc)
	}
}

func (ln *listener) accepted(nc net.Conn) {
	host := addrPort(nc.RemoteAddr()).Addr()
	l := ln.layer
	c, ok := l.admit(ln, nc, host)
	if !ok {
		l.counters.refused.Add(1)
		nc.Close()
		return
	}
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		defer l.leave(host)
		if ln.handshake(c) {
			c.Start()
			c.Wait()
			return
		}
		c.Close()
		l.forget(c)
	}()
}

// admit counts a new connection in, unless there are too many.
func (l *Layer) admit(ln *listener, nc net.Conn, host netip.Addr) (*Conn, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || int(l.counters.conns.Load()) >= l.limits.MaxConns || l.perHost[host] >= l.limits.MaxConnsPerHost {
		return nil, false
	}
	l.perHost[host]++
	l.counters.conns.Add(1)
	l.counters.accepted.Add(1)
	if ln.tls != nil {
		nc = tls.Server(nc, ln.tls)
	}
	return l.newConn(nc, ln.transport, true), true
}

func (l *Layer) leave(host netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.counters.left.Store(&now)
	l.counters.conns.Add(-1)
	if l.perHost[host]--; l.perHost[host] == 0 {
		delete(l.perHost, host)
	}
}

func (ln *listener) handshake(c *Conn) bool {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), ln.layer.limits.HandshakeTime)
	defer cancel()
	if err := t.HandshakeContext(ctx); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			ln.layer.counters.slow.Add(1)
		}
		ln.layer.counters.tlsFailed.Add(1)
		return false
	}
	return true
}
