package udp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// MaxDatagram is the most octets that a UDP datagram over IPv4 holds.
const MaxDatagram = 65507

// receiveBuffer holds the datagrams that come while nobody takes them.
const receiveBuffer = 1 << 20

// Socket is one UDP socket.
type Socket struct {
	conn     *net.UDPConn
	raw      syscall.RawConn
	fd       uintptr
	wildcard bool

	// mu is held for reading around every system call on fd, so that Close never
	// takes the descriptor away under one.
	mu     sync.RWMutex
	closed bool

	// single is set when the host cannot send several datagrams as one.
	single atomic.Bool
}

// Listen opens a socket on an address; port 0 is any. An IPv6 socket takes
// IPv6 only, as two sockets stand for all addresses of a host. The error is
// the operating system's, a syscall.Errno, where it has one.
func Listen(a netip.AddrPort) (*Socket, error) {
	network := "udp4"
	if a.Addr().Is6() {
		network = "udp6"
	}
	s := &Socket{wildcard: a.Addr().IsUnspecified()}
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error { return s.prepare(network, c) }}
	conn, err := config.ListenPacket(context.Background(), network, a.String())
	if err != nil {
		if errno := syscall.Errno(0); errors.As(err, &errno) {
			return nil, errno
		}
		return nil, err
	}
	s.conn = conn.(*net.UDPConn) //nolint:errcheck,forcetypeassert // it is one, of these networks
	if s.raw, err = s.conn.SyscallConn(); err == nil {
		err = s.raw.Control(func(fd uintptr) { s.fd = fd })
	}
	if err != nil {
		_ = s.conn.Close()
		return nil, err
	}
	return s, nil
}

// prepare sets the options of a socket that is not bound yet.
func (s *Socket) prepare(network string, c syscall.RawConn) (err error) {
	failed := c.Control(func(fd uintptr) {
		// As far as the host allows; its default serves, too.
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
		switch {
		case !s.wildcard:
		case network == "udp6": // the kernel tells the destination of each datagram
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
		default:
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
		}
	})
	return errors.Join(err, failed)
}

// Addr is where the socket listens; the zero AddrPort once it is closed.
func (s *Socket) Addr() netip.AddrPort {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return netip.AddrPort{}
	}
	a := s.conn.LocalAddr().(*net.UDPAddr).AddrPort() //nolint:errcheck,forcetypeassert // of a UDP socket
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// Stop makes every Receive that waits, and every later one, return at once.
// Sending goes on.
func (s *Socket) Stop() error { return s.conn.SetReadDeadline(time.Unix(1, 0)) }

// Close stops the socket and frees its port. It waits for system calls under
// way; later ones return net.ErrClosed.
func (s *Socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	return s.conn.Close()
}

// stopped tells the error of a wait that Stop has ended.
func stopped(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
