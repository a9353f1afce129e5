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

// protocols are numbers of IP by the names of files in /proc, and families by what
// follows there.
var (
	protocols = map[string]uint8{"tcp": syscall.IPPROTO_TCP, "udp": syscall.IPPROTO_UDP}
	families  = map[string]uint8{"": syscall.AF_INET, "6": syscall.AF_INET6}
)

// readConnections asks for the sockets of both versions of IP.
func (h *Host) readConnections() *Connections {
	c := &Connections{}
	for _, version := range []string{"", "6"} {
		for _, conn := range h.sockets("tcp", version) {
			if conn.State == listening {
				c.Listeners = append(c.Listeners, conn)
			} else {
				c.List = append(c.List, conn)
			}
		}
		c.Endpoints = append(c.Endpoints, h.sockets("udp", version)...)
	}
	owners := h.owners()
	for _, list := range [][]Connection{c.List, c.Listeners, c.Endpoints} {
		for i := range list {
			list[i].Process = owners[list[i].Inode]
		}
	}
	return c
}

// sockets asks by sock_diag(7), and where the kernel does not know that, or does not
// let us ask, reads proc_pid_net(5). That takes the kernel 50 times as long for
// 95,000 sockets of UDP, and does not tell Dual.
func (h *Host) sockets(protocol, version string) []Connection {
	var out []Connection
	err := h.diagnose(families[version], protocols[protocol], func(b []byte) {
		if conn, ok := parseDiag(b); ok {
			out = append(out, conn)
		}
	})
	if err == nil {
		return out
	}
	out = nil
	h.lines("proc/net/"+protocol+version, func(words []string) {
		if conn, ok := parseConnection(words); ok {
			out = append(out, conn)
		}
	})
	return out
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
