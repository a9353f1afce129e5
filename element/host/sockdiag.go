package host

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// Numbers of linux/inet_diag.h and net/tcp_states.h.
const (
	diagByFamily  = 20 // SOCK_DIAG_BY_FAMILY
	sizeofDiagReq = 56 // struct inet_diag_req_v2
	sizeofDiagMsg = 72 // struct inet_diag_msg
	attrV6Only    = 11 // INET_DIAG_SKV6ONLY
)

// diagReply is as much as the kernel answers at once.
const diagReply = 32 << 10

// diagnose asks the kernel for the sockets of a family and a protocol
// (sock_diag(7)), and gives f each one, which it may not keep.
func diagnose(family, protocol uint8, f func(socket []byte)) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return fmt.Errorf("NETLINK_SOCK_DIAG: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Sendto(fd, diagRequest(family, protocol), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", err)
	}
	for b := make([]byte, diagReply); ; {
		n, _, err := unix.Recvfrom(fd, b, 0)
		if err != nil {
			return fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", err)
		}
		messages, err := syscall.ParseNetlinkMessage(b[:n])
		if err != nil || len(messages) == 0 {
			return fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", errors.Join(err, syscall.EBADMSG))
		}
		for i := range messages {
			switch messages[i].Header.Type {
			case syscall.NLMSG_DONE:
				return diagEnd(messages[i].Data)
			case diagByFamily:
				f(messages[i].Data)
			default:
				return fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", syscall.EOPNOTSUPP)
			}
		}
	}
}

// diagEnd is how a dump ended: 0, or an error number below it, as of a protocol that
// the kernel has no module for.
func diagEnd(b []byte) error {
	if n := int32(number32(b)); n < 0 { //nolint:gosec // the kernel's type
		return fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", syscall.Errno(-n))
	}
	return nil
}

// diagRequest is a message of this form:
//
//	struct nlmsghdr: length (4), type, flags (2 each), sequence, sender (4 each)
//	struct inet_diag_req_v2: family, protocol, extensions, pad (1 each), states (4), addresses that match all (48)
func diagRequest(family, protocol uint8) []byte {
	b := make([]byte, syscall.SizeofNlMsghdr+sizeofDiagReq)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], diagByFamily)
	binary.NativeEndian.PutUint16(b[6:], syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	b[16], b[17] = family, protocol
	binary.NativeEndian.PutUint32(b[20:], 1<<len(connectionStates)-2) // no sockets of TCP that do nothing yet
	return b
}

// parseDiag reads a socket of this form:
//
//	struct inet_diag_msg: family, state, timer, retransmits (1 each), local and remote port (2 each, big-endian),
//	local and remote address (16 each), interface, cookie (12), expiry, queues, user, inode (4 each)
//	attributes as of links
func parseDiag(b []byte) (c Connection, ok bool) {
	if len(b) < sizeofDiagMsg || int(b[1]) >= len(connectionStates) || connectionStates[b[1]] == 0 {
		return c, false
	}
	local, remote := b[8:24], b[24:40]
	switch b[0] {
	case syscall.AF_INET:
		local, remote = local[:4], remote[:4]
	case syscall.AF_INET6:
	default:
		return c, false
	}
	c.Local, c.Remote = diagAddr(local, b[4:]), diagAddr(remote, b[6:])
	c.State = connectionStates[b[1]]
	c.Inode = binary.NativeEndian.Uint32(b[sizeofDiagMsg-4:])
	if c.Local.Addr() == netip.IPv6Unspecified() {
		for typ, value := range attributes(b[sizeofDiagMsg:]) {
			c.Dual = c.Dual || typ == attrV6Only && len(value) == 1 && value[0] == 0
		}
	}
	return c, true
}

// diagAddr is an address and a port. An address of IPv4 that a socket of IPv6 has
// is one of IPv4.
func diagAddr(addr, port []byte) netip.AddrPort {
	a, _ := netip.AddrFromSlice(addr)
	return netip.AddrPortFrom(a.Unmap(), binary.BigEndian.Uint16(port))
}
