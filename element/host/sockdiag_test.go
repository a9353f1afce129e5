package host

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
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
	type key struct {
		network string
		at      netip.AddrPort
	}
	want := map[key]bool{}
	for _, network := range []string{"tcp6", "udp6"} {
		want[key{network, listen(network, "[::]:0", 0)}] = true
		want[key{network, listen(network, "[::]:0", 1)}] = false
		want[key{network, listen(network, "[::1]:0", 0)}] = false // which no packet of IPv4 is for
	}
	c := New(Options{UpTime: func() time.Duration { return 0 }}).Connections()
	for network, list := range map[string][]Connection{"tcp6": c.Listeners, "udp6": c.Endpoints} {
		for _, conn := range list {
			if dual, ours := want[key{network, conn.Local}]; ours && conn.Process > 0 {
				if conn.Dual != dual {
					t.Errorf("%v: dual %t", conn.Local, conn.Dual)
				}
				delete(want, key{network, conn.Local})
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

// diagSocket is one in the form of the kernel.
func diagSocket(family, state byte, local, remote netip.AddrPort, inode uint32, attributes ...byte) []byte {
	b := []byte{family, state, 0, 0}
	b = binary.BigEndian.AppendUint16(b, local.Port())
	b = binary.BigEndian.AppendUint16(b, remote.Port())
	b = append(append(b, local.Addr().AsSlice()...), make([]byte, 16)...)[:24]
	b = append(append(b, remote.Addr().AsSlice()...), make([]byte, 16)...)[:40]
	b = append(b, make([]byte, sizeofDiagMsg-4-len(b))...)
	return append(binary.NativeEndian.AppendUint32(b, inode), attributes...)
}

func TestParseDiag(t *testing.T) {
	v4, v6, any4, any6 := netip.MustParseAddrPort("192.0.2.1:80"), netip.MustParseAddrPort("[2001:db8::1]:81"), netip.MustParseAddrPort("0.0.0.0:0"), netip.MustParseAddrPort("[::]:0")
	mapped := netip.MustParseAddrPort("[::ffff:192.0.2.1]:80")
	both := attribute(attrV6Only, 0)
	tests := map[string]struct {
		b    []byte
		want string // empty: none
	}{
		"connection":              {diagSocket(syscall.AF_INET, 1, v4, v4, 7), "{192.0.2.1:80 192.0.2.1:80 5 7 0 false}"},
		"of IPv6":                 {diagSocket(syscall.AF_INET6, 6, v6, v6, 0, both...), "{[2001:db8::1]:81 [2001:db8::1]:81 11 0 0 false}"},
		"of IPv4 in IPv6":         {diagSocket(syscall.AF_INET6, 1, mapped, mapped, 7, both...), "{192.0.2.1:80 192.0.2.1:80 5 7 0 false}"},
		"listener":                {diagSocket(syscall.AF_INET, 10, any4, any4, 8), "{0.0.0.0:0 0.0.0.0:0 2 8 0 false}"},
		"listener of both":        {diagSocket(syscall.AF_INET6, 10, any6, any6, 9, both...), "{[::]:0 [::]:0 2 9 0 true}"},
		"listener of IPv6 only":   {diagSocket(syscall.AF_INET6, 10, any6, any6, 9, attribute(attrV6Only, 1)...), "{[::]:0 [::]:0 2 9 0 false}"},
		"all of IPv4 in IPv6":     {diagSocket(syscall.AF_INET6, 10, netip.MustParseAddrPort("[::ffff:0.0.0.0]:80"), any6, 9, both...), "{0.0.0.0:80 [::]:0 2 9 0 false}"},
		"listener, kernel is old": {diagSocket(syscall.AF_INET6, 10, any6, any6, 9), "{[::]:0 [::]:0 2 9 0 false}"},
		"no state":                {diagSocket(syscall.AF_INET, 13, v4, v4, 7), ""},
		"state 0":                 {diagSocket(syscall.AF_INET, 0, v4, v4, 7), ""},
		"another family":          {diagSocket(syscall.AF_UNIX, 1, v4, v4, 7), ""},
		"short":                   {diagSocket(syscall.AF_INET, 1, v4, v4, 7)[:sizeofDiagMsg-1], ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if c, ok := parseDiag(tt.b); ok {
				got = fmt.Sprint(c)
			}
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestSocketsByBothWays: where the kernel does not know sock_diag, the same is read
// of /proc.
func TestSocketsByBothWays(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	idle, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(idle) }()
	if err := unix.Bind(idle, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(idle)
	if err != nil {
		t.Fatal(err)
	}
	of := []netip.AddrPort{l.Addr().(*net.TCPAddr).AddrPort(), netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*unix.SockaddrInet4).Port))}
	ours := func(h *Host) string {
		var out []string
		all := h.readConnections()
		for _, c := range slices.Concat(all.List, all.Listeners) {
			if slices.Contains(of, c.Local) || slices.Contains(of, c.Remote) {
				out = append(out, fmt.Sprint(c))
			}
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	if err := diagnose(syscall.AF_INET, 99, func([]byte) {}); err == nil {
		t.Error("a protocol that the kernel does not know has no sockets")
	}
	asked, read := New(Options{}), New(Options{})
	read.diagnose = func(_, _ uint8, _ func([]byte)) error { return syscall.ENOENT }
	if a, b := ours(asked), ours(read); a != b || strings.Count(a, "{") != 3 {
		t.Errorf("asked: %s, read: %s", a, b)
	}
}
