package snmp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// maxMessage is the longest message we take and send: the most that a UDP
// datagram over IPv4 holds.
const maxMessage = 65507

// receiveBuffer holds the requests that arrive while workers are busy.
const receiveBuffer = 1 << 20

// socket is one UDP socket of the agent.
type socket struct {
	conn *net.UDPConn
	// wildcard sockets answer from the address that was asked, which the
	// kernel tells in a control message (RFC 3417 §3.1 asks for it).
	wildcard bool
}

// listen opens a socket for every address. Where all addresses of the host are
// meant, a host without IPv6 is no error.
func listen(addrs []netip.AddrPort) ([]*socket, error) {
	var out []*socket
	var failed error
	for _, a := range addrs {
		if a.Port() == 0 && len(out) > 0 {
			a = netip.AddrPortFrom(a.Addr(), out[0].addr().Port())
		}
		s, err := open(a)
		if err != nil {
			failed = errors.Join(failed, err)
			if a.Addr() == netip.IPv6Unspecified() && len(out) > 0 && !errors.Is(err, syscall.EADDRINUSE) {
				failed = nil
			}
			continue
		}
		out = append(out, s)
	}
	if failed != nil {
		closeAll(out)
		return nil, failed
	}
	return out, nil
}

func closeAll(sockets []*socket) {
	for _, s := range sockets {
		_ = s.conn.Close()
	}
}

func open(a netip.AddrPort) (*socket, error) {
	network := "udp4"
	if a.Addr().Is6() {
		network = "udp6"
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(a))
	if err != nil {
		return nil, fmt.Errorf("cannot listen on UDP %s: %w", a, reason(err))
	}
	_ = conn.SetReadBuffer(receiveBuffer) // as far as the host allows
	s := &socket{conn: conn, wildcard: a.Addr().IsUnspecified()}
	if s.wildcard {
		if err := s.askDestination(a.Addr().Is6()); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("cannot listen on UDP %s: %w", a, err)
		}
	}
	return s, nil
}

// reason is the operating system's word, without what the caller says anyway.
func reason(err error) error {
	if e := (*os.SyscallError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

func (s *socket) addr() netip.AddrPort {
	return s.conn.LocalAddr().(*net.UDPAddr).AddrPort() //nolint:forcetypeassert // a UDP socket
}

// askDestination makes the kernel tell the destination of each datagram.
func (s *socket) askDestination(v6 bool) error {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		if v6 {
			failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_RECVPKTINFO, 1)
		} else {
			failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_PKTINFO, 1)
		}
	})
	return errors.Join(err, failed)
}

// read takes one datagram into x.
func (s *socket) read(x *exchange) error {
	if !s.wildcard {
		n, from, err := s.conn.ReadFromUDPAddrPort(x.in[:])
		x.size, x.from, x.control = n, unmap(from), x.control[:0]
		return err
	}
	n, oobn, _, from, err := s.conn.ReadMsgUDPAddrPort(x.in[:], x.oob[:])
	x.size, x.from = n, unmap(from)
	x.control = answerFrom(x.control[:0], x.oob[:oobn])
	return err
}

// unmap is the IPv4 address that an IPv6 one may stand for.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// write sends the answer to x, from the address that was asked.
func (s *socket) write(x *exchange, out []byte) {
	// An answer that cannot be sent is lost, as any datagram may be.
	if len(x.control) == 0 {
		_, _ = s.conn.WriteToUDPAddrPort(out, x.from)
		return
	}
	_, _, _ = s.conn.WriteMsgUDPAddrPort(out, x.control, x.from)
}

// stop makes pending and later reads return.
func (s *socket) stop() { _ = s.conn.SetReadDeadline(time.Unix(1, 0)) }

// Layout of a control message: struct cmsghdr, then in_pktinfo or in6_pktinfo.
const (
	cmsgLevel = int(unsafe.Sizeof(uintptr(0))) // cmsg_len is a size_t
	cmsgType  = cmsgLevel + 4
	cmsgData  = cmsgLevel + 8
	infoSize4 = 12 // ipi_ifindex, ipi_spec_dst, ipi_addr
	infoSize6 = 20 // ipi6_addr, ipi6_ifindex
)

// answerFrom makes the control message that sends the answer from the address
// that the request went to; nothing when oob does not tell it.
func answerFrom(dst, oob []byte) []byte {
	if len(oob) < cmsgData {
		return dst
	}
	size := int(length(oob))
	level := int(binary.NativeEndian.Uint32(oob[cmsgLevel:]))
	kind := int(binary.NativeEndian.Uint32(oob[cmsgType:]))
	if size < cmsgData || size > len(oob) {
		return dst
	}
	data := oob[cmsgData:size]
	switch {
	case level == syscall.IPPROTO_IP && kind == syscall.IP_PKTINFO && len(data) >= infoSize4:
		dst = append(dst, oob[:cmsgData+infoSize4]...)
		info := dst[len(dst)-infoSize4:]
		clear(info[:4]) // let routing choose the interface
		clear(info[8:])
	case level == syscall.IPPROTO_IPV6 && kind == syscall.IPV6_PKTINFO && len(data) >= infoSize6:
		// The interface stays: a link-local address means nothing without it.
		dst = append(dst, oob[:cmsgData+infoSize6]...)
	}
	for len(dst)%cmsgLevel != 0 {
		dst = append(dst, 0)
	}
	return dst
}

func length(oob []byte) uint64 {
	if cmsgLevel == 4 {
		return uint64(binary.NativeEndian.Uint32(oob))
	}
	return binary.NativeEndian.Uint64(oob)
}
