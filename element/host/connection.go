package host

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Connections is the sockets of TCP and UDP at one moment. It never changes.
type Connections struct {
	List      []Connection // of TCP, but for listeners
	Listeners []Connection // of TCP, which have no Remote
	Endpoints []Connection // of UDP; Remote is unspecified for those that take datagrams of anybody
}

// Connection is one socket.
type Connection struct {
	Local, Remote netip.AddrPort
	State         ConnectionState // of TCP
	Inode         uint32          // of the socket; 0 when no process has it any more
	Process       int             // 0 when it is not the unit
	// Dual is one of IPv6 that takes what comes by IPv4 as well. Local is all of
	// its addresses.
	Dual bool
}

// ConnectionState is a state of TCP (RFC 9293 §3.3.2).
type ConnectionState uint8

// connectionStates are TCP_… of linux/tcp_states.h, in the numbers of
// tcpConnectionState. Of a request that is not accepted yet the kernel has
// TCP_NEW_SYN_RECV, which is synReceived as well.
var connectionStates = [...]ConnectionState{1: 5, 2: 3, 3: 4, 4: 6, 5: 7, 6: 11, 7: 1, 8: 8, 9: 9, 10: listening, 11: 10, 12: 4}

const listening ConnectionState = 2

// protocols are numbers of IP by the names of files in /proc.
var protocols = map[string]uint8{"tcp": syscall.IPPROTO_TCP, "udp": syscall.IPPROTO_UDP}

// readConnections reads proc_pid_net(5) of both versions of IP.
func (h *Host) readConnections() *Connections {
	c := &Connections{}
	h.sockets("tcp", func(conn Connection) {
		if conn.State == listening {
			c.Listeners = append(c.Listeners, conn)
		} else {
			c.List = append(c.List, conn)
		}
	})
	h.sockets("udp", func(conn Connection) { c.Endpoints = append(c.Endpoints, conn) })
	owners := h.owners()
	for _, list := range [][]Connection{c.List, c.Listeners, c.Endpoints} {
		for i := range list {
			list[i].Process = owners[list[i].Inode]
		}
	}
	return c
}

func (h *Host) sockets(protocol string, f func(Connection)) {
	// Who may not ask, or has a kernel that cannot tell, sees those of IPv6 as such.
	messages, _ := h.diagnose(protocols[protocol])
	dual := parseDual(messages)
	for _, version := range []string{"", "6"} {
		h.lines("proc/net/"+protocol+version, func(words []string) {
			if conn, ok := parseConnection(words); ok {
				conn.Dual = dual[conn.Inode] && conn.Local.Addr().IsUnspecified()
				f(conn)
			}
		})
	}
}

// owners has the unit by the inodes of its sockets. Which processes others have is
// not for everybody who sees the counters of the host (RFC 4022 §5), and to look at
// all of them takes longer than to read the sockets.
func (h *Host) owners() map[uint32]int {
	files, _ := filepath.Glob(h.path("proc", strconv.Itoa(h.pid), "fd", "*"))
	out := map[uint32]int{}
	for _, file := range files {
		to, err := os.Readlink(file)
		text, ok := strings.CutPrefix(to, "socket:[")
		if err != nil || !ok {
			continue
		}
		inode, err := strconv.ParseUint(strings.TrimSuffix(text, "]"), 10, 32)
		if err == nil && inode > 0 {
			out[uint32(inode)] = h.pid
		}
	}
	return out
}

// parseConnection reads a line:
//
//	0: 0100007F:1F90 0200007F:C350 01 … 4711 (number, local, remote, state, five more, inode)
func parseConnection(f []string) (c Connection, ok bool) {
	if len(f) < 10 {
		return c, false
	}
	state, err := strconv.ParseUint(f[3], 16, 8)
	inode, err2 := strconv.ParseUint(f[9], 10, 32)
	local, ok := parseSocket(f[1])
	remote, ok2 := parseSocket(f[2])
	if err != nil || err2 != nil || !ok || !ok2 || state >= uint64(len(connectionStates)) || connectionStates[state] == 0 {
		return c, false
	}
	return Connection{Local: local, Remote: remote, State: connectionStates[state], Inode: uint32(inode)}, true
}

// parseSocket reads an address and a port: the address is one number of four
// octets, or four, each in the order of the machine. An address of IPv4 that a
// socket of IPv6 has is one of IPv4.
func parseSocket(text string) (netip.AddrPort, bool) {
	address, number, ok := strings.Cut(text, ":")
	port, err := strconv.ParseUint(number, 16, 16)
	b, err2 := hex.DecodeString(address)
	if !ok || err != nil || err2 != nil || len(b)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for at := b; len(at) > 0; at = at[4:] {
		binary.NativeEndian.PutUint32(at, binary.BigEndian.Uint32(at))
	}
	addr, ok := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(addr.Unmap(), uint16(port)), ok
}
