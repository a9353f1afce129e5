package notifier

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// maxDatagram is the longest message: the most that UDP over IPv4 carries.
const maxDatagram = 65507

// maxPackets is how many datagrams wait for the worker; what comes while it is
// at something else is at most an answer and what is not wanted.
const maxPackets = 8

// errorPause keeps a socket that only fails from taking a whole processor.
const errorPause = 20 * time.Millisecond

// socket is the worker's way to its destination: a connected UDP socket, so
// that only the destination is heard, and what hosts say of our datagrams (RFC
// 1122 §4.1.3.3). It is made anew now and then, under the same port, since
// addresses change on both sides.
type socket struct {
	o       *options
	target  *target
	run     *run
	packets chan []byte
	words   words

	conn    *net.UDPConn // nil before open
	done    chan struct{}
	s       *settings // whose destination conn is connected to
	expires time.Time
	turn    int // which of several addresses
}

// open makes the socket ready for the destination of s.
func (k *socket) open(ctx context.Context, s *settings) error {
	if k.s != nil && k.s.Dest != s.Dest {
		k.close()
		k.turn = 0
	}
	if k.conn != nil && time.Now().Before(k.expires) {
		return nil
	}
	addrs, err := k.resolve(ctx, s.Dest.Host)
	if err != nil {
		if k.conn != nil { // the address of before is better than none
			k.expires = time.Now().Add(k.o.addressLife)
			return nil
		}
		return unreachedError{reason(err)}
	}
	k.close()
	to := netip.AddrPortFrom(addrs[k.turn%len(addrs)], s.Dest.Port)
	conn, err := k.dial(to)
	if err != nil {
		k.turn++
		return unreachedError{fmt.Errorf("%s: %w", to, reason(err))}
	}
	k.conn, k.s, k.done = conn, s, make(chan struct{})
	k.expires = time.Now().Add(k.o.addressLife)
	done := k.done
	k.run.all.Go(func() { k.read(conn, done) })
	return nil
}

// resolve lists the addresses of a host, IPv4 first: receivers listen there,
// and not always on both.
func (k *socket) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	found, err := k.o.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var v4, v6 []netip.Addr
	for _, a := range found {
		if a = a.Unmap(); a.Is4() {
			v4 = append(v4, a)
		} else {
			v6 = append(v6, a)
		}
	}
	if all := append(v4, v6...); len(all) > 0 {
		return all, nil
	}
	return nil, &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
}

// dial connects, from the port of before unless it was taken meanwhile.
func (k *socket) dial(to netip.AddrPort) (*net.UDPConn, error) {
	port := k.target.sourcePort()
	conn, err := net.DialUDP("udp", &net.UDPAddr{Port: port}, net.UDPAddrFromAddrPort(to))
	if err != nil && port != 0 && (errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES)) {
		conn, err = net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	}
	if err != nil {
		return nil, err
	}
	if err := hearErrors(conn, to.Addr().Is4()); err != nil {
		_ = conn.Close()
		return nil, err
	}
	k.target.setSourcePort(int(local(conn).Port()))
	return conn, nil
}

func local(conn *net.UDPConn) netip.AddrPort {
	return conn.LocalAddr().(*net.UDPAddr).AddrPort() //nolint:forcetypeassert // a UDP socket
}

// agentAddr is agent-addr of a v1 trap: our IPv4 address towards the
// destination, or 0.0.0.0 (RFC 3584 §3.2).
func (k *socket) agentAddr() [4]byte {
	if a := local(k.conn).Addr().Unmap(); a.Is4() {
		return a.As4()
	}
	return [4]byte{}
}

// send writes one datagram. The kernel may answer with what became of one
// before, so that a failure is one only when it is told again.
func (k *socket) send(out []byte) error {
	var err error
	for range 3 {
		if _, err = k.conn.Write(out); err == nil {
			return nil
		}
		k.words.collect(k.conn)
	}
	err = fmt.Errorf("%s: %w", k.conn.RemoteAddr(), reason(err))
	k.another()
	if errors.Is(err, syscall.EMSGSIZE) {
		return finalError{err}
	}
	return unreachedError{err}
}

// another makes the next open look the host up again, and take another of its
// addresses when it has several.
func (k *socket) another() {
	k.turn++
	k.expires = time.Time{}
}

// read passes on what comes.
func (k *socket) read(conn *net.UDPConn, done <-chan struct{}) {
	buf := make([]byte, maxDatagram)
	for {
		n, err := conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			select {
			case k.packets <- append([]byte(nil), buf[:n]...):
			default: // nobody waits for it
			}
			continue
		}
		k.words.collect(conn)
		select {
		case <-done:
			return
		case <-time.After(errorPause):
		}
	}
}

// close gives the socket up; its port is remembered.
func (k *socket) close() {
	if k.conn == nil {
		return
	}
	close(k.done)
	k.words.collect(k.conn)
	_ = k.conn.Close()
	k.conn, k.s = nil, nil
}
