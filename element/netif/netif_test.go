package netif

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const routeHeader = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"

func TestDefaultRoute(t *testing.T) {
	tests := []struct{ name, table, want string }{
		{"none", routeHeader, ""},
		{"empty file", "", ""},
		{"one", routeHeader + "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "eth0"},
		{"only a network", routeHeader + "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", ""},
		{"lowest metric", routeHeader +
			"wlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n" +
			"eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n", "eth0"},
		{"not up", routeHeader + "eth0\t00000000\t010200C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n", ""},
		{"unreachable", routeHeader + "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n", ""},
		{"half of the internet", routeHeader + "tun0\t00000000\t010200C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n", ""},
		{"point to point", routeHeader + "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n", "ppp0"},
		{"short and broken lines", "eth0\neth0\tx\ty\tz\t0\t0\t0\t0\neth0\t00000000\t0\tzz\t0\t0\t0\t00000000\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseRoutes(strings.NewReader(tt.table))
			if err != nil || got != tt.want {
				t.Errorf("%q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func mac(last byte) net.HardwareAddr { return net.HardwareAddr{2, 0, 0, 0, 0, last} }

// fakeHost has the interfaces lo, eth0 (its default route), eth1 (down), eth2 (without IPv4) and dhcp0.
func fakeHost(t *testing.T, routes string) host {
	t.Helper()
	file := filepath.Join(t.TempDir(), "route")
	if err := os.WriteFile(file, []byte(routes), 0o600); err != nil {
		t.Fatal(err)
	}
	addrs := map[string][]string{
		"lo":    {"127.0.0.1/8", "::1/128"},
		"eth0":  {"fe80::1/64", "192.0.2.5/24", "192.0.2.6/24"},
		"eth1":  {"192.0.2.7/24"},
		"eth2":  {"2001:db8::1/64"},
		"dhcp0": {"169.254.1.1/16", "198.51.100.1/24"},
		"auto0": {"169.254.1.1/16"},
	}
	return host{
		routes: file,
		interfaces: func() ([]net.Interface, error) {
			return []net.Interface{
				{Name: "lo", Flags: net.FlagUp | net.FlagLoopback},
				{Name: "tun0", Flags: net.FlagUp},
				{Name: "eth1", HardwareAddr: mac(1)},
				{Name: "eth0", Flags: net.FlagUp, HardwareAddr: mac(0)},
				{Name: "eth2", Flags: net.FlagUp, HardwareAddr: mac(2)},
				{Name: "dhcp0", Flags: net.FlagUp},
				{Name: "auto0", Flags: net.FlagUp},
			}, nil
		},
		addrs: func(i net.Interface) ([]net.Addr, error) {
			var list []net.Addr
			for _, text := range addrs[i.Name] {
				ip, network, err := net.ParseCIDR(text)
				if err != nil {
					return nil, err
				}
				list = append(list, &net.IPNet{IP: ip, Mask: network.Mask})
			}
			return list, nil
		},
	}
}

const eth0Route = routeHeader + "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"

func TestAddr(t *testing.T) {
	tests := []struct {
		name   string
		routes string
		want   string
		err    error
	}{
		{Loop, "", "127.0.0.1", nil},
		{Lan1, eth0Route, "192.0.2.5", nil},
		{Lan1, routeHeader, "", ErrNetworkDown},
		{Lan1, strings.Replace(eth0Route, "eth0", "gone0", 1), "", ErrNetworkDown},
		{"eth0", "", "192.0.2.5", nil},
		{"lo", "", "127.0.0.1", nil},
		{"dhcp0", "", "198.51.100.1", nil},
		{"auto0", "", "169.254.1.1", nil},
		{"eth1", "", "", ErrNetworkDown},
		{"eth2", "", "", ErrNetworkDown},
		{"nope", "", "", ErrNoSuchInterface},
		{"", "", "", ErrNoSuchInterface},
		{All, "", "", ErrNoSuchInterface},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := fakeHost(t, tt.routes).addr(tt.name)
			if !errors.Is(err, tt.err) || tt.err == nil && got.String() != tt.want {
				t.Errorf("%s, %v, want %s, %v", got, err, tt.want, tt.err)
			}
			if err != nil && !strings.HasPrefix(err.Error(), tt.name+": ") {
				t.Errorf("error %q does not name the interface", err)
			}
		})
	}
}

func TestUnreadableHost(t *testing.T) {
	broken := errors.New("broken")
	h := fakeHost(t, "")
	h.routes += ".missing"
	if _, err := h.addr(Lan1); !errors.Is(err, ErrNetworkDown) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no routing table: %v", err)
	}
	h.addrs = func(net.Interface) ([]net.Addr, error) { return nil, broken }
	if _, err := h.addr("eth0"); !errors.Is(err, ErrNetworkDown) || !errors.Is(err, broken) {
		t.Errorf("no addresses: %v", err)
	}
	h.interfaces = func() ([]net.Interface, error) { return nil, broken }
	if _, err := h.addr("eth0"); !errors.Is(err, ErrNetworkDown) || !errors.Is(err, broken) {
		t.Errorf("no interfaces: %v", err)
	}
	if got := h.unitMAC(); got != nil {
		t.Errorf("MAC %s", got)
	}
}

// TestNames: what can be said, in an error.
func TestNames(t *testing.T) {
	h := fakeHost(t, "")
	names, err := h.names()
	all, _ := h.interfaces()
	if err != nil || len(names) != len(all)+3 || names[0] != Loop || names[1] != Lan1 || names[2] != All || names[3] != all[0].Name {
		t.Errorf("%v, %v", names, err)
	}
}

func TestUnitMAC(t *testing.T) {
	if got := fakeHost(t, eth0Route).unitMAC(); got.String() != mac(0).String() {
		t.Errorf("with default route: %s", got)
	}
	if got := fakeHost(t, "").unitMAC(); got.String() != mac(1).String() {
		t.Errorf("without default route: %s", got)
	}
	if got := fakeHost(t, strings.Replace(eth0Route, "eth0", "tun0", 1)).unitMAC(); got.String() != mac(1).String() {
		t.Errorf("default route without hardware address: %s", got)
	}
}

// What the exported functions say of this machine holds together.
func TestThisHost(t *testing.T) {
	if got, err := Addr(Loop); err != nil || got != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("Loop: %s, %v", got, err)
	}
	if got, err := ManagementAddr(All); err != nil || got != netip.MustParseAddr("0.0.0.0") {
		t.Errorf("All: %s, %v", got, err)
	}
	if got, err := ManagementAddr(Loop); err != nil || !got.IsLoopback() {
		t.Errorf("Loop for management: %s, %v", got, err)
	}
	lo, err := HostName(Loop)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Addr(lo); err != nil || !got.IsLoopback() {
		t.Errorf("%s: %s, %v", lo, got, err)
	}
	lan, err := HostName(Lan1)
	if err != nil {
		if !errors.Is(err, ErrNetworkDown) {
			t.Errorf("Lan1: %v", err)
		}
		return // a host without default route
	}
	a, errA := Addr(Lan1)
	b, errB := Addr(lan)
	if a != b || (errA == nil) != (errB == nil) {
		t.Errorf("Lan1 is %s (%v), %s is %s (%v)", a, errA, lan, b, errB)
	}
	if hw, err := MAC(Lan1); err != nil || len(hw) > 0 && hw.String() != UnitMAC().String() {
		t.Errorf("MAC of Lan1 %s (%v), of the unit %s", hw, err, UnitMAC())
	}
}

func FuzzRoutes(f *testing.F) {
	f.Add(eth0Route)
	f.Add("eth0\t00000000\t0\tffffffff\t0\t0\t99999999999\t00000000")
	f.Fuzz(func(t *testing.T, table string) {
		name, err := parseRoutes(strings.NewReader(table))
		if err == nil && name != "" && !strings.Contains(table, name) {
			t.Fatalf("interface %q out of nowhere", name)
		}
	})
}
