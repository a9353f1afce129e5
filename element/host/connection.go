package host

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// Connections is the TCP connections of one moment. It never changes.
type Connections struct{ List []Connection }

// Connection is one TCP connection.
type Connection struct {
	Local, Remote netip.AddrPort
	State         ConnectionState
}

// ConnectionState is a state of TCP (RFC 9293 §3.3.2).
type ConnectionState uint8

// connectionStates are TCP_… of linux/tcp_states.h, in the numbers of
// tcpConnectionState. Of a request that is not accepted yet the kernel has
// TCP_NEW_SYN_RECV, which is synReceived as well.
var connectionStates = [...]ConnectionState{1: 5, 2: 3, 3: 4, 4: 6, 5: 7, 6: 11, 7: 1, 8: 8, 9: 9, 10: listening, 11: 10, 12: 4}

const listening ConnectionState = 2

// readConnections reads proc_pid_net(5) of both versions of IP.
func (h *Host) readConnections() *Connections {
	c := &Connections{}
	for _, file := range []string{"proc/net/tcp", "proc/net/tcp6"} {
		h.lines(file, func(f []string) {
			if conn, ok := parseConnection(f); ok && conn.State != listening {
				c.List = append(c.List, conn)
			}
		})
	}
	return c
}

// parseConnection reads a line:
//
//	0: 0100007F:1F90 0200007F:C350 01 … (number, local, remote, state)
func parseConnection(f []string) (c Connection, ok bool) {
	if len(f) < 4 {
		return c, false
	}
	state, err := strconv.ParseUint(f[3], 16, 8)
	local, ok := parseSocket(f[1])
	remote, ok2 := parseSocket(f[2])
	if err != nil || !ok || !ok2 || state >= uint64(len(connectionStates)) || connectionStates[state] == 0 {
		return c, false
	}
	return Connection{local, remote, connectionStates[state]}, true
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
