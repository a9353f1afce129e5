package udp

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// MaxDatagram is the most octets that a UDP datagram over IPv4 holds.
const MaxDatagram = 65507

// receiveBuffer holds the datagrams that come while nobody takes them.
const receiveBuffer = 1 << 20

// Socket is one UDP socket.
type Socket struct {
	fd       int
	v6       bool
	wildcard bool

	// mu is held for reading around every system call, so that Close never
	// takes the descriptor away under one.
	mu     sync.RWMutex
	closed bool

	// single is set when the host cannot send several datagrams as one.
	single atomic.Bool
}

// Listen opens a socket on an address; port 0 is any. An IPv6 socket takes
// IPv6 only, as two sockets stand for all addresses of a host. The error is
// the operating system's, a unix.Errno.
func Listen(a netip.AddrPort) (*Socket, error) {
	s := &Socket{fd: -1, v6: a.Addr().Is6(), wildcard: a.Addr().IsUnspecified()}
	if err := s.open(a); err != nil {
		if s.fd >= 0 {
			_ = unix.Close(s.fd)
		}
		return nil, err
	}
	return s, nil
}

func (s *Socket) open(a netip.AddrPort) error {
	family := unix.AF_INET
	if s.v6 {
		family = unix.AF_INET6
	}
	var err error
	if s.fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.IPPROTO_UDP); err != nil {
		return err
	}
	// As far as the host allows; its default serves, too.
	_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer)
	if s.v6 {
		err = unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	}
	if err == nil && s.wildcard {
		err = s.askDestination()
	}
	if err != nil {
		return err
	}
	name, err := sockaddr(a)
	if err != nil {
		return err
	}
	return unix.Bind(s.fd, name)
}

// askDestination makes the kernel tell the destination of each datagram.
func (s *Socket) askDestination() error {
	if s.v6 {
		return unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
	}
	return unix.SetsockoptInt(s.fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
}

func sockaddr(a netip.AddrPort) (unix.Sockaddr, error) {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}, nil
	}
	name := &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
	if zone := a.Addr().Zone(); zone != "" {
		i, err := net.InterfaceByName(zone)
		if err != nil {
			return nil, err
		}
		name.ZoneId = uint32(i.Index) //nolint:gosec // an interface index
	}
	return name, nil
}

// Addr is where the socket listens; the zero AddrPort once it is closed.
func (s *Socket) Addr() netip.AddrPort {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return netip.AddrPort{}
	}
	name, err := unix.Getsockname(s.fd)
	if err != nil {
		return netip.AddrPort{}
	}
	switch n := name.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(n.Addr), uint16(n.Port)) //nolint:gosec // a port
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(scoped(netip.AddrFrom16(n.Addr), n.ZoneId), uint16(n.Port)) //nolint:gosec // a port
	}
	return netip.AddrPort{}
}

// Stop makes every Receive that waits, and every later one, return at once.
// Sending goes on.
func (s *Socket) Stop() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return net.ErrClosed
	}
	// A socket without a peer says ENOTCONN and wakes its readers all the same.
	if err := unix.Shutdown(s.fd, unix.SHUT_RD); err != nil && !errors.Is(err, unix.ENOTCONN) {
		return err
	}
	return nil
}

// Close stops the socket and frees its port. It waits for system calls under
// way; later ones return net.ErrClosed.
func (s *Socket) Close() error {
	if err := s.Stop(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	return unix.Close(s.fd)
}
