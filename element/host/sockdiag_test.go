package host

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestDualStack asks the kernel about sockets that the test has.
func TestDualStack(t *testing.T) {
	listen := func(network, addr string, v6only int) netip.AddrPort {
		c := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
			_ = raw.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, v6only)
			})
			return err
		}}
		if network == "udp6" {
			p, err := c.ListenPacket(context.Background(), network, addr)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = p.Close() })
			return p.LocalAddr().(*net.UDPAddr).AddrPort()
		}
		l, err := c.Listen(context.Background(), network, addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l.Addr().(*net.TCPAddr).AddrPort()
	}
	want := map[netip.AddrPort]bool{}
	for _, network := range []string{"tcp6", "udp6"} {
		want[listen(network, "[::]:0", 0)] = true
		want[listen(network, "[::]:0", 1)] = false
		want[listen(network, "[::1]:0", 0)] = false // which no packet of IPv4 is for
	}
	c := New(Options{UpTime: func() time.Duration { return 0 }}).Connections()
	for _, list := range [][]Connection{c.Listeners, c.Endpoints} {
		for _, conn := range list {
			if dual, ours := want[conn.Local]; ours && conn.Process > 0 {
				if conn.Dual != dual {
					t.Errorf("%v: dual %t", conn.Local, conn.Dual)
				}
				delete(want, conn.Local)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

func diagMessage(inode uint32, attributes ...byte) syscall.NetlinkMessage {
	return message(diagByFamily, binary.NativeEndian.AppendUint32(make([]byte, sizeofDiagMsg-4), inode), attributes)
}

func TestParseDual(t *testing.T) {
	both, only := attribute(attrV6Only, 0), attribute(attrV6Only, 1)
	short := diagMessage(4, both...)
	short.Data = short.Data[:sizeofDiagMsg-1]
	other := diagMessage(5, both...)
	other.Header.Type = syscall.RTM_NEWLINK
	got := parseDual([]syscall.NetlinkMessage{diagMessage(1, both...), diagMessage(2, only...), diagMessage(3), short, other, diagMessage(0, both...)})
	if len(got) != 1 || !got[1] {
		t.Errorf("%v", got)
	}
}
