package host

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newHost(t testing.TB) *Host {
	start := time.Now()
	return New(Options{UpTime: func() time.Duration { return time.Since(start) }, Data: t.TempDir()})
}

// TestNetworkIsThatOfGo: the interfaces and addresses are those that the
// standard library finds.
func TestNetworkIsThatOfGo(t *testing.T) {
	h := newHost(t)
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	n := h.Network()
	if len(n.Interfaces) != len(all) {
		t.Fatalf("%d interfaces, want %d", len(n.Interfaces), len(all))
	}
	var addresses int
	for _, want := range all {
		got, ok := n.Interface(want.Index)
		if !ok {
			t.Errorf("no interface %d", want.Index)
			continue
		}
		if got.Name != want.Name || got.MTU != want.MTU || got.AdminUp() != (want.Flags&net.FlagUp != 0) ||
			got.Loopback() != (want.Flags&net.FlagLoopback != 0) || got.Address.String() != want.HardwareAddr.String() {
			t.Errorf("%+v, want %+v", got, want)
		}
		if got.Since != 0 || got.Created != 0 {
			t.Errorf("%s: what was there at the start is from %v, %v", got.Name, got.Created, got.Since)
		}
		list, err := want.Addrs()
		if err != nil {
			t.Fatal(err)
		}
		addresses += len(list)
		for _, a := range list {
			prefix := netip.MustParsePrefix(a.String())
			if !slices.ContainsFunc(n.Addresses, func(a Address) bool {
				return a.Addr.WithZone("") == prefix.Addr() && a.Bits == prefix.Bits() && a.Interface == want.Index
			}) {
				t.Errorf("%s lacks %s", want.Name, a)
			}
		}
	}
	if len(n.Addresses) != addresses {
		t.Errorf("%d addresses, want %d", len(n.Addresses), addresses)
	}
	if n.LastChange != 0 {
		t.Errorf("interfaces changed at %v", n.LastChange)
	}
	if _, ok := n.Interface(1 << 30); ok {
		t.Error("there is an interface of any number")
	}
}

// TestCountersAreThoseOfProc: no counter is behind /proc/net/dev as it was
// before, or ahead of it as it is after.
func TestCountersAreThoseOfProc(t *testing.T) {
	h := newHost(t)
	before := procNetDev(t)
	n := h.network.fresh()
	after := procNetDev(t)
	for _, i := range n.Interfaces {
		c := i.Counters
		for column, got := range map[int]uint64{
			0: c.InOctets, 1: c.InPackets, 2: c.InErrors, 3: c.InDropped, 7: c.InMulticast,
			8: c.OutOctets, 9: c.OutPackets, 10: c.OutErrors, 11: c.OutDropped,
		} {
			if b, a := before[i.Name], after[i.Name]; b != nil && a != nil && (got < b[column] || got > a[column]) {
				t.Errorf("%s: column %d is %d, in /proc %d and then %d", i.Name, column, got, b[column], a[column])
			}
		}
	}
}

func procNetDev(t *testing.T) map[string][]uint64 {
	t.Helper()
	b, err := os.ReadFile("/proc/net/dev")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]uint64{}
	for line := range strings.Lines(string(b)) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		for _, f := range strings.Fields(rest) {
			n, err := strconv.ParseUint(f, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = append(out[name], n)
		}
	}
	return out
}

// attribute makes one rtattr.
func attribute(typ uint16, value ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, typ), value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func message(typ uint16, head []byte, attrs ...[]byte) syscall.NetlinkMessage {
	return syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: typ}, Data: slices.Concat(append([][]byte{head}, attrs...)...)}
}

func linkHead(hardware uint16, index, flags uint32) []byte {
	b := binary.NativeEndian.AppendUint16(make([]byte, 2), hardware)
	b = binary.NativeEndian.AppendUint32(b, index)
	b = binary.NativeEndian.AppendUint32(b, flags)
	return append(b, 0, 0, 0, 0)
}

func TestLinks(t *testing.T) {
	name := attribute(attrName, 'e', 0)
	stats := make([]byte, 24*8)
	for i := range 24 {
		binary.NativeEndian.PutUint64(stats[8*i:], uint64(i+1)<<32)
	}
	const running = flagUp | flagRunning
	tests := []struct {
		name  string
		flags uint32
		attrs [][]byte
		want  Interface
	}{
		{"driver without state", running, nil, Interface{State: Up}},
		{"without state and carrier", flagUp, nil, Interface{State: Down}},
		{"taken down", 0, [][]byte{attribute(attrOperState, 6)}, Interface{State: Down}},
		{"up", running, [][]byte{attribute(attrOperState, 6)}, Interface{State: Up}},
		{"no carrier", flagUp, [][]byte{attribute(attrOperState, 2)}, Interface{State: Down}},
		{"other end down", flagUp, [][]byte{attribute(attrOperState, 3)}, Interface{State: LowerLayerDown}},
		{"waits for a key", flagUp, [][]byte{attribute(attrOperState, 5)}, Interface{State: Dormant}},
		{"taken out", 0, [][]byte{attribute(attrOperState, 1)}, Interface{State: NotPresent}},
		{"state of another kernel", running, [][]byte{attribute(attrOperState, 9)}, Interface{State: Up}},
		{"MTU", running, [][]byte{attribute(attrMTU, binary.NativeEndian.AppendUint32(nil, 1500)...)}, Interface{State: Up, MTU: 1500}},
		{"address", running, [][]byte{attribute(attrAddress, 2, 0, 0, 0, 0, 1)}, Interface{State: Up, Address: net.HardwareAddr{2, 0, 0, 0, 0, 1}}},
		{"address of nothing", running, [][]byte{attribute(attrAddress, 0, 0, 0, 0, 0, 0)}, Interface{State: Up}},
		{"alias", running, [][]byte{attribute(attrAlias, 'u', 'p', 0)}, Interface{State: Up, Alias: "up"}},
		{"promiscuous", running, [][]byte{attribute(attrPromisc, 1, 0, 0, 0)}, Interface{State: Up, Promisc: binary.NativeEndian.Uint32([]byte{1, 0, 0, 0}) > 0}},
		{"kind", running, [][]byte{attribute(attrLinkInfo|0x8000, attribute(attrInfoKind, 'v', 'e', 't', 'h', 0)...)}, Interface{State: Up, Kind: "veth"}},
		{"cut short", running, [][]byte{{40, 0, attrAlias, 0, 'x'}}, Interface{State: Up}},
		{"attribute without room", running, [][]byte{{0, 0, 0, 0}, attribute(attrAlias, 'x')}, Interface{State: Up}},
		{"old kernel", running, [][]byte{attribute(attrStats64, stats[:24]...)}, Interface{State: Up, Counters: Counters{InPackets: 1 << 32, OutPackets: 2 << 32, InOctets: 3 << 32}}},
		{"counters", running, [][]byte{attribute(attrStats64, stats...)}, Interface{State: Up, Counters: Counters{
			InPackets: 1 << 32, OutPackets: 2 << 32, InOctets: 3 << 32, OutOctets: 4 << 32, InErrors: 5 << 32, OutErrors: 6 << 32,
			InDropped: 23 << 32, OutDropped: 8 << 32, InMulticast: 9 << 32, InUnwanted: 24 << 32,
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parseLinks([]syscall.NetlinkMessage{message(syscall.RTM_NEWLINK, linkHead(1, 7, tt.flags), append([][]byte{name}, tt.attrs...)...)})
			if len(got) != 1 {
				t.Fatalf("%d links", len(got))
			}
			tt.want.Index, tt.want.Name, tt.want.Hardware, tt.want.Flags = 7, "e", 1, tt.flags
			if g := got[0]; g.Address.String() != tt.want.Address.String() || !sameLink(g, tt.want) {
				t.Errorf("%+v, want %+v", g, tt.want)
			}
		})
	}
	for what, m := range map[string]syscall.NetlinkMessage{
		"done":         message(syscall.NLMSG_DONE, linkHead(1, 7, 0), name),
		"short head":   message(syscall.RTM_NEWLINK, linkHead(1, 7, 0)[:15]),
		"without name": message(syscall.RTM_NEWLINK, linkHead(1, 7, 0)),
		"no index":     message(syscall.RTM_NEWLINK, linkHead(1, 0, 0), name),
	} {
		if got := parseLinks([]syscall.NetlinkMessage{m}); len(got) != 0 {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

func sameLink(a, b Interface) bool {
	return a.Index == b.Index && a.Name == b.Name && a.Alias == b.Alias && a.Kind == b.Kind && a.Hardware == b.Hardware && a.Flags == b.Flags &&
		a.MTU == b.MTU && a.State == b.State && a.Promisc == b.Promisc && a.Counters == b.Counters
}

func TestAddresses(t *testing.T) {
	four := func(last byte) []byte { return []byte{192, 0, 2, last} }
	global := netip.MustParseAddr("2001:db8::1").AsSlice()
	local := netip.MustParseAddr("fe80::1").AsSlice()
	head := func(family, bits, flags byte) []byte {
		return binary.NativeEndian.AppendUint32([]byte{family, bits, flags, 0}, 3)
	}
	long := func(flags uint32) []byte {
		return attribute(attrFlags, binary.NativeEndian.AppendUint32(nil, flags)...)
	}
	const v4, v6 = syscall.AF_INET, syscall.AF_INET6
	tests := []struct {
		name string
		m    syscall.NetlinkMessage
		want Address
	}{
		{"by hand", message(syscall.RTM_NEWADDR, head(v4, 24, addrPermanent), attribute(attrAddr, four(1)...), attribute(attrLocal, four(1)...), attribute(attrBroadcast, four(255)...)),
			Address{Addr: netip.MustParseAddr("192.0.2.1"), Bits: 24, Broadcast: netip.MustParseAddr("192.0.2.255"), Origin: OriginManual, Status: Preferred}},
		{"point to point", message(syscall.RTM_NEWADDR, head(v4, 32, addrPermanent), attribute(attrAddr, four(9)...), attribute(attrLocal, four(1)...)),
			Address{Addr: netip.MustParseAddr("192.0.2.1"), Peer: netip.MustParseAddr("192.0.2.9"), Bits: 32, Origin: OriginManual, Status: Preferred}},
		{"leased", message(syscall.RTM_NEWADDR, head(v4, 24, 0), attribute(attrLocal, four(1)...)),
			Address{Addr: netip.MustParseAddr("192.0.2.1"), Bits: 24, Origin: OriginDHCP, Status: Preferred}},
		{"router's prefix", message(syscall.RTM_NEWADDR, head(v6, 64, 0), attribute(attrAddr, global...)),
			Address{Addr: netip.MustParseAddr("2001:db8::1"), Bits: 64, Origin: OriginLinkLayer, Status: Preferred}},
		{"temporary", message(syscall.RTM_NEWADDR, head(v6, 64, 0), attribute(attrAddr, global...), long(addrTemporary|addrDeprecated)),
			Address{Addr: netip.MustParseAddr("2001:db8::1"), Bits: 64, Origin: OriginRandom, Status: Deprecated}},
		{"tentative", message(syscall.RTM_NEWADDR, head(v6, 64, addrPermanent|addrTentative), attribute(attrAddr, global...)),
			Address{Addr: netip.MustParseAddr("2001:db8::1"), Bits: 64, Origin: OriginManual, Status: Tentative}},
		{"optimistic", message(syscall.RTM_NEWADDR, head(v6, 64, addrTentative|addrOptimistic), attribute(attrAddr, global...)),
			Address{Addr: netip.MustParseAddr("2001:db8::1"), Bits: 64, Origin: OriginLinkLayer, Status: Optimistic}},
		{"somebody else's", message(syscall.RTM_NEWADDR, head(v6, 64, addrPermanent), attribute(attrAddr, global...), long(addrPermanent|addrTentative|addrDADFailed)),
			Address{Addr: netip.MustParseAddr("2001:db8::1"), Bits: 64, Origin: OriginManual, Status: Duplicate}},
		{"link-local", message(syscall.RTM_NEWADDR, head(v6, 64, addrPermanent), attribute(attrAddr, local...)),
			Address{Addr: netip.MustParseAddr("fe80::1%3"), Bits: 64, Origin: OriginLinkLayer, Status: Preferred}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Interface = 3
			got := parseAddresses([]syscall.NetlinkMessage{tt.m})
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
	for what, m := range map[string]syscall.NetlinkMessage{
		"another message": message(syscall.RTM_NEWLINK, head(v4, 24, 0), attribute(attrLocal, four(1)...)),
		"short":           message(syscall.RTM_NEWADDR, head(v4, 24, 0)[:7]),
		"no address":      message(syscall.RTM_NEWADDR, head(v4, 24, 0)),
		"five octets":     message(syscall.RTM_NEWADDR, head(v4, 24, 0), attribute(attrLocal, 1, 2, 3, 4, 5)),
		"too long prefix": message(syscall.RTM_NEWADDR, head(v4, 33, 0), attribute(attrLocal, four(1)...)),
	} {
		if got := parseAddresses([]syscall.NetlinkMessage{m}); len(got) != 0 {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// TestInterruptedDump: a dump that something came between is asked for again, and
// taken as it is when that goes on.
func TestInterruptedDump(t *testing.T) {
	dump := func(flags uint16) []byte {
		b := binary.NativeEndian.AppendUint32(nil, syscall.SizeofNlMsghdr)
		b = binary.NativeEndian.AppendUint16(b, syscall.RTM_NEWLINK)
		return append(binary.NativeEndian.AppendUint16(b, flags), make([]byte, 8)...)
	}
	for interruptions, want := range map[int]int{0: 1, 1: 2, 100: dumpTries} {
		asked := 0
		messages, err := whole(func() ([]byte, error) {
			asked++
			if asked <= interruptions {
				return dump(syscall.NLM_F_MULTI | unix.NLM_F_DUMP_INTR), nil
			}
			return dump(syscall.NLM_F_MULTI), nil
		})
		if err != nil || len(messages) != 1 || asked != want {
			t.Errorf("interrupted %d times: asked %d times, want %d; %d messages, %v", interruptions, asked, want, len(messages), err)
		}
	}
}

func FuzzNetlink(f *testing.F) {
	f.Add(message(0, linkHead(1, 7, flagUp), attribute(attrName, 'e', 0), attribute(attrStats64, make([]byte, 200)...)).Data)
	f.Add(binary.NativeEndian.AppendUint32([]byte{2, 24, 0, 0}, 3))
	if b, err := syscall.NetlinkRIB(syscall.RTM_GETLINK, syscall.AF_UNSPEC); err == nil {
		f.Add(b[syscall.SizeofNlMsghdr:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, i := range parseLinks([]syscall.NetlinkMessage{message(syscall.RTM_NEWLINK, b)}) {
			if i.Index <= 0 || i.Name == "" || i.State < Up || i.State > LowerLayerDown {
				t.Fatalf("%+v", i)
			}
		}
		for _, a := range parseAddresses([]syscall.NetlinkMessage{message(syscall.RTM_NEWADDR, b)}) {
			if a.Interface <= 0 || !a.Addr.IsValid() || a.Bits > a.Addr.BitLen() {
				t.Fatalf("%+v", a)
			}
		}
		for _, n := range parseNeighbors([]syscall.NetlinkMessage{message(syscall.RTM_NEWNEIGH, b)}, time.Hour) {
			if n.Interface <= 0 || !n.Addr.IsValid() || n.State == 0 || n.Updated > time.Hour {
				t.Fatalf("%+v", n)
			}
		}
		if c, ok := parseDiag(b); ok && (c.State == 0 || !c.Local.IsValid() || !c.Remote.IsValid() || c.Dual && !c.Local.Addr().Is6()) {
			t.Fatalf("%+v", c)
		}
		for _, r := range parseRouters([]syscall.NetlinkMessage{message(syscall.RTM_NEWROUTE, b)}) {
			if r.Interface <= 0 || !r.Addr.IsValid() || r.Lifetime < 0 {
				t.Fatalf("%+v", r)
			}
		}
	})
}
