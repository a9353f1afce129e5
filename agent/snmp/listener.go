package snmp

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"mibgate/agent/snmp/udp"
)

// maxMessage is the longest message we take and send: the most that a UDP
// datagram over IPv4 holds.
const maxMessage = udp.MaxDatagram

// listen opens a socket for every address. Where all addresses of the host are
// meant, a host without IPv6 is no error.
func listen(addrs []netip.AddrPort) ([]*udp.Socket, error) {
	var out []*udp.Socket
	var failed error
	for _, a := range addrs {
		if a.Port() == 0 && len(out) > 0 {
			a = netip.AddrPortFrom(a.Addr(), out[0].Addr().Port())
		}
		s, err := udp.Listen(a)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("cannot listen on UDP %s: %w", a, err))
			if a.Addr() == netip.IPv6Unspecified() && len(out) > 0 && !errors.Is(err, unix.EADDRINUSE) {
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

func closeAll(sockets []*udp.Socket) {
	for _, s := range sockets {
		_ = s.Close()
	}
}
