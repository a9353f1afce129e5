package host

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// Numbers of linux/inet_diag.h and net/tcp_states.h.
const (
	diagByFamily  = 20 // SOCK_DIAG_BY_FAMILY
	sizeofDiagReq = 56 // struct inet_diag_req_v2
	sizeofDiagMsg = 72 // struct inet_diag_msg
	attrV6Only    = 11 // INET_DIAG_SKV6ONLY

	stateClose, stateListen = 7, 10
)

// diagReply is as much as the kernel answers at once.
const diagReply = 32 << 10

// diagnose asks the kernel for the sockets of IPv6 that wait for anybody
// (sock_diag(7)): /proc does not tell which of them take IPv4 as well.
func diagnose(protocol uint8) ([]syscall.NetlinkMessage, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("NETLINK_SOCK_DIAG: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Sendto(fd, diagRequest(protocol), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", err)
	}
	var out []syscall.NetlinkMessage
	for b := make([]byte, diagReply); ; {
		n, _, err := unix.Recvfrom(fd, b, 0)
		if err != nil {
			return nil, fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", err)
		}
		messages, err := syscall.ParseNetlinkMessage(slices.Clone(b[:n]))
		if err != nil || len(messages) == 0 {
			return nil, fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", errors.Join(err, syscall.EBADMSG))
		}
		for _, m := range messages {
			switch m.Header.Type {
			case syscall.NLMSG_DONE:
				return out, nil
			case syscall.NLMSG_ERROR:
				return nil, fmt.Errorf("SOCK_DIAG_BY_FAMILY: %w", syscall.EOPNOTSUPP)
			}
			out = append(out, m)
		}
	}
}

// diagRequest is a message of this form:
//
//	struct nlmsghdr: length (4), type, flags (2 each), sequence, sender (4 each)
//	struct inet_diag_req_v2: family, protocol, extensions, pad (1 each), states (4), addresses that match all (48)
func diagRequest(protocol uint8) []byte {
	b := make([]byte, syscall.SizeofNlMsghdr+sizeofDiagReq)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], diagByFamily)
	binary.NativeEndian.PutUint16(b[6:], syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	b[16], b[17] = syscall.AF_INET6, protocol
	binary.NativeEndian.PutUint32(b[20:], 1<<stateClose|1<<stateListen)
	return b
}

// parseDual has the inodes of the sockets that take IPv4 as well, from messages of
// this form:
//
//	struct inet_diag_msg: family, state, timer, retransmits (1 each), addresses (48), expiry, queues, user, inode (4 each)
//	attributes as of links
func parseDual(messages []syscall.NetlinkMessage) map[uint32]bool {
	out := map[uint32]bool{}
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != diagByFamily || len(m.Data) < sizeofDiagMsg {
			continue
		}
		inode := binary.NativeEndian.Uint32(m.Data[sizeofDiagMsg-4:])
		for typ, value := range attributes(m.Data[sizeofDiagMsg:]) {
			if typ == attrV6Only && len(value) == 1 && value[0] == 0 && inode > 0 {
				out[inode] = true
			}
		}
	}
	return out
}
