package siplink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"mibgate/element/siptls"
)

// dialed is a connection after its handshake.
type dialed struct {
	*tls.Conn
	port uint16
	// ticket is closed when the server has sent a session ticket.
	ticket chan struct{}
}

// dial opens a connection to one target from this link's port, or from the next free one when it is taken.
func (l *Link) dial(ctx context.Context, target netip.AddrPort, ref siptls.Reference) (*dialed, error) {
	settings, err := l.cfg.TLS()
	if err != nil {
		return nil, fmt.Errorf("TLS configuration: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.ConnectTimeout)
	defer cancel()
	nc, port, err := l.connect(ctx, target)
	if err != nil {
		return nil, err
	}
	d := &dialed{port: port, ticket: make(chan struct{})}
	var seen bool // onTicket is called by one goroutine at a time: handshake, then reader
	d.Conn = tls.Client(nc, settings.Client(ref, func() {
		if !seen {
			seen = true
			close(d.ticket)
		}
	}))
	if err := d.HandshakeContext(ctx); err != nil {
		_ = nc.Close() // given up
		if ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, ctx.Err() // the handshake's own error is that of the closed connection
		}
		return nil, err
	}
	return d, nil
}

// connect opens the TCP connection from the link's port, or from the next that is free.
func (l *Link) connect(ctx context.Context, target netip.AddrPort) (*net.TCPConn, uint16, error) {
	ports := l.cfg.Ports
	if l.port == 0 || ports.cycled() {
		port, ok := ports.reserve(0)
		switch {
		case ok:
			l.changePort(port)
		case l.port == 0:
			return nil, 0, ErrNoLocalPort
		} // else every other port of the cycle is in use, and the old one serves again
	}
	for range ports.span() + 1 {
		nc, err := l.connectFrom(ctx, l.port, target)
		if err == nil {
			ports.usedNow(l.port)
			return nc, l.port, nil
		}
		if !portTaken(err) {
			return nil, 0, err
		}
		next, ok := ports.reserve(l.port)
		if !ok {
			break
		}
		l.changePort(next)
	}
	return nil, 0, ErrNoLocalPort
}

func (l *Link) changePort(port uint16) {
	if l.port != 0 {
		l.cfg.Ports.release(l.port)
	}
	l.port = port
	l.update(func(s *Status) { s.LocalPort = port })
}

func (l *Link) connectFrom(ctx context.Context, port uint16, target netip.AddrPort) (*net.TCPConn, error) {
	d := net.Dialer{
		LocalAddr:       &net.TCPAddr{IP: l.cfg.LocalAddr.AsSlice(), Port: int(port)},
		KeepAliveConfig: l.cfg.KeepAlive.tcp(),
		Control:         l.control,
	}
	if l.cfg.KeepAlive.Method != TCPKeepAlive {
		d.KeepAlive = -1
		d.KeepAliveConfig = net.KeepAliveConfig{}
	}
	nc, err := d.DialContext(ctx, "tcp", target.String())
	if err != nil {
		return nil, err
	}
	tc, ok := nc.(*net.TCPConn)
	if !ok {
		nc.Close()
		return nil, ErrConfig
	}
	// Without it our side may rest in TIME_WAIT, and the fixed port could not be used for a minute.
	if err := tc.SetLinger(0); err != nil {
		_ = tc.Close() // given up
		return nil, err
	}
	return tc, nil
}

// control sets what must be set before bind: SO_REUSEADDR, so that the port can be bound while the old connection is
// still known to the kernel; and TCP_USER_TIMEOUT (RFC 5482), so that data which a vanished peer does not acknowledge
// ends the connection in the time of the keep-alive and not after a quarter of an hour.
func (l *Link) control(_, _ string, c syscall.RawConn) error {
	var err error
	ctlErr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		if err != nil {
			return
		}
		ms := int(l.cfg.KeepAlive.patience() / time.Millisecond)
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, ms)
	})
	return errors.Join(ctlErr, err)
}
