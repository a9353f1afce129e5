package hoc

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mibgate/mib/hoc"
)

// DNSServers lists the DNS servers in use, in the order in which they are asked:
// those of StaticDnsServers or, when all are empty, those of the host. At most
// four.
func (s *Service) DNSServers() []netip.Addr {
	if static := s.staticDNS(); len(static) > 0 {
		return static
	}
	return s.resolv.servers()
}

func (s *Service) staticDNS() []netip.Addr {
	var out []netip.Addr
	for row := range hoc.Of(s.store.Current()).StaticDnsServers.All() {
		if a, err := netip.ParseAddr(row.IpAddress); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// Resolver is the standard library's resolver, asking the static DNS servers
// when there are any. A server that does not answer makes the next question go
// to the one after it. It follows changes of the configuration.
func (s *Service) Resolver() *net.Resolver {
	var turn atomic.Uint32
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		servers := s.staticDNS()
		if len(servers) == 0 {
			return d.DialContext(ctx, network, address)
		}
		at := turn.Load()
		server := servers[int(at)%len(servers)]
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(server.String(), s.dnsPort))
		if err != nil {
			turn.CompareAndSwap(at, at+1)
			return nil, err
		}
		return failover(conn, func() { turn.CompareAndSwap(at, at+1) }), nil
	}}
}

// failover tells of the first read that fails: the server does not answer. A
// datagram socket stays one (net.PacketConn), for the resolver tells by that
// whether a message has a length before it.
func failover(conn net.Conn, failed func()) net.Conn {
	w := &watchedConn{Conn: conn, failed: sync.OnceFunc(failed)}
	if udp, ok := conn.(*net.UDPConn); ok {
		return &watchedPacketConn{watchedConn: w, PacketConn: udp}
	}
	return w
}

type watchedConn struct {
	net.Conn
	failed func()
}

func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.failed()
	}
	return n, err
}

// watchedPacketConn is a watchedConn with the two methods that make it a
// net.PacketConn.
type watchedPacketConn struct {
	*watchedConn
	net.PacketConn
}

func (c *watchedPacketConn) Close() error                  { return c.watchedConn.Close() }
func (c *watchedPacketConn) LocalAddr() net.Addr           { return c.watchedConn.LocalAddr() }
func (c *watchedPacketConn) SetDeadline(t time.Time) error { return c.watchedConn.SetDeadline(t) }
func (c *watchedPacketConn) SetReadDeadline(t time.Time) error {
	return c.watchedConn.SetReadDeadline(t)
}
func (c *watchedPacketConn) SetWriteDeadline(t time.Time) error {
	return c.watchedConn.SetWriteDeadline(t)
}

// resolvFile reads the name servers of a resolv.conf, again when it changes.
type resolvFile struct {
	path string

	mu    sync.Mutex
	mod   time.Time
	size  int64
	addrs []netip.Addr
}

func (f *resolvFile) servers() []netip.Addr {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		return nil
	}
	if info.ModTime().Equal(f.mod) && info.Size() == f.size {
		return f.addrs
	}
	b, err := os.ReadFile(f.path)
	if err != nil {
		return nil
	}
	f.mod, f.size, f.addrs = info.ModTime(), info.Size(), nameservers(b)
	return f.addrs
}

// nameservers takes the first Slots "nameserver ADDRESS" lines of resolv.conf(5).
func nameservers(b []byte) []netip.Addr {
	const longestText = 45 // SIZE of IpAddressText
	var out []netip.Addr
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() && len(out) < Slots {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(fields[1]); err == nil && len(a.String()) <= longestText {
			out = append(out, a)
		}
	}
	return out
}
