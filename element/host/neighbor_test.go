package host

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestNeighbors(t *testing.T) {
	head := func(index uint32, state uint16) []byte {
		b := binary.NativeEndian.AppendUint32([]byte{syscall.AF_INET, 0, 0, 0}, index)
		return append(binary.NativeEndian.AppendUint16(b, state), 0, 0)
	}
	addr, local := attribute(attrNeighAddr, 192, 0, 2, 1), attribute(attrNeighAddr, netip.MustParseAddr("fe80::1").AsSlice()...)
	hardware := attribute(attrNeighHardware, 2, 0, 0, 0, 0, 1)
	cache := attribute(attrNeighCache, 0, 0, 0, 0, 0, 0, 0, 0, 250, 0, 0, 0, 1, 0, 0, 0)
	tests := []struct {
		name string
		m    syscall.NetlinkMessage
		want string
	}{
		{"set", message(syscall.RTM_NEWNEIGH, head(3, neighPermanent), addr, hardware), "3 192.0.2.1 02:00:00:00:00:01 1 true 0s"},
		{"learnt", message(syscall.RTM_NEWNEIGH, head(3, neighStale), local, hardware, cache), "3 fe80::1%3 02:00:00:00:00:01 2 false 7.5s"},
		{"asked for", message(syscall.RTM_NEWNEIGH, head(3, neighIncomplete), addr, hardware), "3 192.0.2.1  7 false 0s"},
		{"delayed", message(syscall.RTM_NEWNEIGH, head(3, neighDelay), addr, hardware), "3 192.0.2.1 02:00:00:00:00:01 3 false 0s"},
		{"probed", message(syscall.RTM_NEWNEIGH, head(3, neighProbe), addr, hardware), "3 192.0.2.1 02:00:00:00:00:01 4 false 0s"},
		{"failed", message(syscall.RTM_NEWNEIGH, head(3, 0x20), addr), ""},
		{"needs none", message(syscall.RTM_NEWNEIGH, head(3, 0x40), addr, hardware), ""},
		{"no address", message(syscall.RTM_NEWNEIGH, head(3, neighStale), hardware), ""},
		{"no interface", message(syscall.RTM_NEWNEIGH, head(0, neighStale), addr), ""},
		{"another message", message(syscall.RTM_NEWADDR, head(3, neighStale), addr), ""},
		{"short", message(syscall.RTM_NEWNEIGH, head(3, neighStale)[:11]), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, n := range parseNeighbors([]syscall.NetlinkMessage{tt.m}, 10*time.Second) {
				got = fmt.Sprint(n.Interface, " ", n.Addr, " ", n.Hardware, " ", n.State, " ", n.Static, " ", n.Updated)
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestRouters(t *testing.T) {
	head := func(bits, table, kind byte, flags uint32) []byte {
		return binary.NativeEndian.AppendUint32([]byte{syscall.AF_INET, bits, 0, 0, table, 0, 0, kind}, flags)
	}
	route := head(0, routeMain, routeUnicast, 0)
	gateway := func(last byte) []byte { return attribute(attrRouteGateway, 192, 0, 2, last) }
	local := netip.MustParseAddr("fe80::1").AsSlice()
	out := attribute(attrRouteOut, binary.NativeEndian.AppendUint32(nil, 3)...)
	hop := func(index uint32, attr []byte) []byte {
		b := binary.NativeEndian.AppendUint16(nil, uint16(sizeofNextHop+len(attr)))
		return append(binary.NativeEndian.AppendUint32(append(b, 0, 0), index), attr...)
	}
	tests := []struct {
		name string
		m    syscall.NetlinkMessage
		want string
	}{
		{"set", message(syscall.RTM_NEWROUTE, route, out, gateway(1)), "[{192.0.2.1 3 0s 0}]"},
		{"advertised", message(syscall.RTM_NEWROUTE, route, attribute(attrRouteCache, 0, 0, 0, 0, 0, 0, 0, 0, 0xe8, 3, 0, 0), attribute(attrRoutePref, 3), attribute(attrRouteGateway, local...), out), "[{fe80::1%3 3 10s -1}]"},
		{"by the other version", message(syscall.RTM_NEWROUTE, route, attribute(attrRouteVia, append([]byte{10, 0}, local...)...), out), "[{fe80::1%3 3 0s 0}]"},
		{"several hops", message(syscall.RTM_NEWROUTE, route, attribute(attrRouteMultipath, append(hop(5, gateway(2)), hop(4, gateway(1))...)...)), "[{192.0.2.1 4 0s 0} {192.0.2.2 5 0s 0}]"},
		{"torn hops", message(syscall.RTM_NEWROUTE, route, attribute(attrRouteMultipath, hop(5, gateway(2))[:12]...)), "[]"},
		{"straight to a link", message(syscall.RTM_NEWROUTE, route, out), "[]"},
		{"to a network", message(syscall.RTM_NEWROUTE, head(24, routeMain, routeUnicast, 0), out, gateway(1)), "[]"},
		{"unreachable", message(syscall.RTM_NEWROUTE, head(0, routeMain, 7, 0), out, gateway(1)), "[]"},
		{"made of another", message(syscall.RTM_NEWROUTE, head(0, routeMain, routeUnicast, routeCloned), out, gateway(1)), "[]"},
		{"of another table", message(syscall.RTM_NEWROUTE, route, attribute(attrRouteTable, 0, 1, 0, 0), out, gateway(1)), "[]"},
		{"short", message(syscall.RTM_NEWROUTE, route[:11]), "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fmt.Sprint(parseRouters([]syscall.NetlinkMessage{tt.m, tt.m})); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestConnections(t *testing.T) {
	line := func(local, remote, state, inode string) string {
		return " 0: " + local + " " + remote + " " + state + " 0:0 00:00 0 0 0 " + inode + " 1 0\n"
	}
	h := fake(t, map[string]string{
		"proc/net/tcp": "  sl  local_address rem_address   st\n" + line("0100007F:1F90", "00000000:0000", "0A", "7") + line("0100007F:1F90", "0200007F:C350", "01", "8") +
			line("0100007F:1F90", "0200007F:C351", "0D", "9") + line("0100007F", "0200007F:C351", "01", "9") + "0: 0100007F:1F90 0200007F:C350 01\n",
		"proc/net/tcp6": line("0000000000000000FFFF00000100007F:1F90", "0000000000000000FFFF00000200007F:0001", "06", "0") + line("B80D0120000000000000000001000000:0016", "B80D0120000000000000000002000000:0017", "08", "10"),
		"proc/net/udp":  line("00000000:00A1", "00000000:0000", "07", "11"),
		"proc/12/fd/x":  "", "proc/13/fd/x": "",
	})
	for name, to := range map[string]string{"proc/12/fd/3": "socket:[8]", "proc/12/fd/4": "/dev/null", "proc/12/fd/5": "socket:[11]", "proc/13/fd/3": "socket:[7]"} {
		if err := os.Symlink(to, h.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	h.pid = 12
	c := h.Connections()
	for what, tt := range map[string]struct {
		got  []Connection
		want string
	}{
		"connections": {c.List, "[{127.0.0.1:8080 127.0.0.2:50000 5 8 12 false} {127.0.0.1:8080 127.0.0.2:1 11 0 0 false} {[2001:db8::1]:22 [2001:db8::2]:23 8 10 0 false}]"},
		"listeners":   {c.Listeners, "[{127.0.0.1:8080 0.0.0.0:0 2 7 0 false}]"},
		"endpoints":   {c.Endpoints, "[{0.0.0.0:161 0.0.0.0:0 1 11 12 false}]"},
	} {
		if got := fmt.Sprint(tt.got); got != tt.want {
			t.Errorf("%s: %s, want %s", what, got, tt.want)
		}
	}
}

// TestAddressesOfALinkThatIsDown are inaccessible, unless somebody else has them.
func TestAddressesOfALinkThatIsDown(t *testing.T) {
	s := newScene()
	for i, status := range []AddressStatus{Preferred, Duplicate, Tentative} {
		s.addrs = append(s.addrs, Address{Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Interface: 1, Status: status})
	}
	statuses := func(n *Network) (out []int) {
		for _, a := range n.Addresses {
			out = append(out, int(a.Status))
		}
		return out
	}
	for state, want := range map[State]string{Up: "[1 7 6]", Dormant: "[1 7 6]", LowerLayerDown: "[4 7 4]", Down: "[4 7 4]", NotPresent: "[4 7 4]"} {
		if got := fmt.Sprint(statuses(s.at(0, link(1, state)))); got != want {
			t.Errorf("%s: %s, want %s", state, got, want)
		}
	}
}

func TestPrefixIsThatOfThePeer(t *testing.T) {
	for _, tt := range []struct {
		a    Address
		want string
	}{
		{Address{Addr: netip.MustParseAddr("10.1.1.1"), Bits: 24}, "10.1.1.0/24"},
		{Address{Addr: netip.MustParseAddr("10.1.1.1"), Peer: netip.MustParseAddr("10.2.2.2"), Bits: 24}, "10.2.2.0/24"},
		{Address{Addr: netip.MustParseAddr("fe80::1%3"), Bits: 64}, "fe80::/64"},
	} {
		if got := tt.a.Prefix().String(); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.a.Addr, got, tt.want)
		}
	}
}
