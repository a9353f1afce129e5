package snmp

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// peer is a socket that is connected to the unit.
type peer struct {
	t    testing.TB
	conn *net.UDPConn
}

func dial(t testing.TB, to netip.AddrPort) *peer {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &peer{t: t, conn: conn}
}

func (u *unit) dial() *peer {
	u.t.Helper()
	return dial(u.t, u.svc.Addrs()[0])
}

func (p *peer) send(packet []byte) {
	p.t.Helper()
	if _, err := p.conn.Write(packet); err != nil {
		p.t.Fatal(err)
	}
}

// receive waits for a datagram; nil when none comes.
func (p *peer) receive(wait time.Duration) []byte {
	p.t.Helper()
	buf := make([]byte, 65536)
	if err := p.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		p.t.Fatal(err)
	}
	n, err := p.conn.Read(buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

func (p *peer) ask(packet []byte) []byte {
	p.t.Helper()
	p.send(packet)
	return p.receive(5 * time.Second)
}
