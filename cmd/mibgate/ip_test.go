package main

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"

	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/ipmib"
	"mibgate/mib/tcpmib"
	"mibgate/mib/udpmib"
	"mibgate/testdata/testnetns"
	"mibgate/testdata/testwait"
)

// scalar is the value of a scalar, as column has its cells.
func (n nms) scalar(o *mib.Object) string {
	n.t.Helper()
	w := parseWalk(n.t, n.must("snmpget", "."+o.OID.String()+".0"))
	if len(w) != 1 {
		n.t.Fatalf("%s: %v", o.Name, w)
	}
	return strings.TrimSpace(w[0].value)
}

// ipScene makes a namespace with addresses, neighbors and routers of both
// versions of IP.
func ipScene(t *testing.T) {
	t.Helper()
	testnetns.Cable(t, "gate0", "switch0")
	for _, line := range []string{
		"addr add 192.0.2.1/24 broadcast + dev gate0", "addr add 10.1.1.1 peer 10.2.2.2/24 dev gate0", "addr add 2001:db8::1/64 dev gate0 nodad",
		"neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev gate0", "neigh add 192.0.2.8 lladdr 02:00:00:00:00:08 nud stale dev gate0",
		"-6 neigh add 2001:db8::7 lladdr 02:00:00:00:00:07 dev gate0",
		"route add default via 192.0.2.254", "-6 route add default via 2001:db8::fe dev gate0",
	} {
		testnetns.IP(t, strings.Fields(line)...)
	}
}

// TestIPIsThatOfSnmpd: the tables of IP-MIB and the scalars that older managers
// ask for are those of snmpd on the same host.
func TestIPIsThatOfSnmpd(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	for _, tool := range []string{"snmpwalk", "snmpget"} {
		peer(t, tool)
	}
	ipScene(t)
	_, theirPort := snmpdUnit(t)
	_, ourPort := snmpUnit(t, "")
	ours, theirs := managers(t, ourPort)["v2c"], managers(t, theirPort)["v2c"]
	o := ipmib.Objects
	for _, c := range []*mib.Object{
		o.IpAdEntAddr, o.IpAdEntIfIndex, o.IpAdEntNetMask,
		o.IpNetToPhysicalPhysAddress, o.IpNetToPhysicalType, o.IpNetToPhysicalRowStatus, o.IpNetToMediaPhysAddress, o.IpNetToMediaNetAddress, o.IpNetToMediaType,
		o.IpDefaultRouterLifetime, o.IpDefaultRouterPreference, o.Ipv6ScopeZoneIndexLinkLocal, o.Ipv6ScopeZoneIndex3, o.Ipv6ScopeZoneIndexD,
	} {
		got, want := ours.column(c), theirs.column(c)
		if len(want) == 0 || len(got) < len(want) {
			t.Errorf("%s: %v, of snmpd %v", c.Name, got, want)
		}
		for instance, value := range want {
			if got[instance] != value {
				t.Errorf("%s.%s is %s, of snmpd %s", c.Name, instance, got[instance], value)
			}
		}
	}
	for _, c := range []*mib.Object{o.IcmpStatsInErrors, o.IcmpStatsOutErrors, o.IcmpMsgStatsInPkts, o.IcmpMsgStatsOutPkts, o.IpSystemStatsOutTransmits, o.IpSystemStatsHCOutTransmits, o.IpSystemStatsInForwDatagrams} {
		want := theirs.column(c)
		notBehind(t, c.Name, func() map[string]string { return ours.column(c) }, want)
	}
	for _, m := range []*mib.Module{ipmib.Module, tcpmib.Module, udpmib.Module} {
		for _, c := range m.Objects {
			if c.Table != nil || c.Access == mib.NotAccessible || c == o.IpReasmTimeout || c == o.Ipv6IpDefaultHopLimit {
				continue // IpReasmTimeout: snmpd has a counter there
			}
			want, got := theirs.scalar(c), ours.scalar(c)
			switch {
			case strings.HasPrefix(want, "No Such"): // the counters of 64 bits
			case strings.HasPrefix(want, "Counter32: "):
				notBehind(t, c.Name, func() map[string]string { return map[string]string{"0": ours.scalar(c)} }, map[string]string{"0": want})
			case c != tcpmib.Objects.TcpCurrEstab && got != want:
				t.Errorf("%s is %s, of snmpd %s", c.Name, got, want)
			}
		}
	}
	if got := ours.scalar(o.IpReasmTimeout); got != "INTEGER: 30" {
		t.Errorf("ipReasmTimeout is %s", got)
	}
}

// notBehind waits until counters are at least those that were read before: both
// agents may answer what they read a while ago.
func notBehind(t *testing.T, name string, read func() map[string]string, want map[string]string) {
	t.Helper()
	for instance, value := range want {
		testwait.Until(t, 2*host.MaxAge, fmt.Sprintf("%s.%s is %s as of snmpd, or more", name, instance, value), func() bool {
			got := read()[instance]
			return got != "" && counterOf(t, got) >= counterOf(t, value)
		})
	}
}

// TestIPIsThatOfTheHost: what `ip` has set shows, and follows.
func TestIPIsThatOfTheHost(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	peer(t, "snmpwalk")
	ipScene(t)
	_, port := snmpUnit(t, "")
	n := managers(t, port)["v2c"]
	gate, err := net.InterfaceByName("gate0")
	if err != nil {
		t.Fatal(err)
	}
	o := ipmib.Objects
	if got, want := n.column(o.IpAddressPrefix)["1.4.10.1.1.1"], fmt.Sprintf("OID: .%s.%d.1.4.10.2.2.0.24", o.IpAddressPrefixOrigin.OID, gate.Index); got != want {
		t.Errorf("the prefix of an address with a peer is %s, want %s", got, want)
	}
	index := fmt.Sprint(gate.Index)
	for c, want := range map[*mib.Object]string{
		o.Ipv4InterfaceEnableStatus: "INTEGER: 1", o.Ipv4InterfaceReasmMaxSize: "INTEGER: 65535", o.Ipv4InterfaceRetransmitTime: "Gauge32: 1000",
		o.Ipv6InterfaceEnableStatus: "INTEGER: 1", o.Ipv6InterfaceReachableTime: "Gauge32: 30000", o.Ipv6InterfaceForwarding: "INTEGER: 2",
	} {
		if got := n.column(c)[index]; got != want {
			t.Errorf("%s of gate0 is %s, want %s", c.Name, got, want)
		}
	}
	state := func(last string) string { return n.column(o.IpNetToPhysicalState)[index+".1.4.192.0.2."+last] }
	if reachable, stale := state("7"), state("8"); reachable != "INTEGER: 1" || stale != "INTEGER: 2" {
		t.Errorf("the neighbors are %s and %s", reachable, stale)
	}
	testnetns.IP(t, "neigh", "del", "192.0.2.8", "dev", "gate0")
	testwait.Until(t, generous, "the neighbor is gone", func() bool { return state("8") == "" })
	status := func() string { return n.column(o.IpAddressStatus)["1.4.192.0.2.1"] }
	if got := status(); got != "INTEGER: 1" {
		t.Errorf("the address is %s", got)
	}
	testnetns.IP(t, "link", "set", "switch0", "down")
	testwait.Until(t, generous, "the address cannot be reached", func() bool { return status() == "INTEGER: 4" })
}

// TestConnectionsOfTheHost: the connection and the sockets that the test has show
// with their state, and that of the agent with its process, which nobody else has.
func TestConnectionsOfTheHost(t *testing.T) {
	peer(t, "snmpwalk")
	p, port := snmpUnit(t, "")
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	n := managers(t, port)["v2c"]
	key := fmt.Sprintf("1.4.127.0.0.1.%d.1.4.127.0.0.1.%d", conn.LocalAddr().(*net.TCPAddr).Port, l.Addr().(*net.TCPAddr).Port)
	states := n.column(tcpmib.Objects.TcpConnectionState)
	if got := states[key]; got != "INTEGER: 5" {
		t.Errorf("the connection is %q among %v", got, states)
	}
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	testwait.Until(t, generous, "the UDP socket shows", func() bool {
		key := fmt.Sprintf("1.4.127.0.0.1.%d.0.0.0.", udp.LocalAddr().(*net.UDPAddr).Port)
		return slices.ContainsFunc(slices.Collect(maps.Keys(n.column(udpmib.Objects.UdpEndpointProcess))), func(instance string) bool { return strings.HasPrefix(instance, key) })
	})
	if got := n.column(tcpmib.Objects.TcpListenerProcess)[fmt.Sprintf("1.4.127.0.0.1.%d", l.Addr().(*net.TCPAddr).Port)]; got != "Gauge32: 0" {
		t.Errorf("a listener of another process is of %q", got)
	}
	own := 0
	for instance, process := range n.column(udpmib.Objects.UdpEndpointProcess) {
		switch {
		case strings.HasPrefix(instance, fmt.Sprintf("1.4.127.0.0.1.%d.", port)):
			if own++; process != fmt.Sprintf("Gauge32: %d", p.cmd.Process.Pid) {
				t.Errorf("our own socket is of %q", process)
			}
		case strings.HasPrefix(instance, fmt.Sprintf("1.4.127.0.0.1.%d.", udp.LocalAddr().(*net.UDPAddr).Port)) && process != "Gauge32: 0":
			t.Errorf("a socket of another process is of %q", process)
		}
	}
	if own != 1 {
		t.Errorf("%d sockets of the agent", own)
	}
}
