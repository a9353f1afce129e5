package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib/ifmib"
	"mibgate/mib/snmpv2"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testnetns"
	"mibgate/testdata/testwait"
)

// TestCableIsPulled: the link over which a manager is told goes down, for longer
// than a trap was ever tried. The trap about it arrives when there is a way again.
func TestCableIsPulled(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	const outage = 9 * time.Second
	testnetns.Cable(t, "gate0", "switch0")
	testnetns.IP(t, "addr", "add", "192.0.2.1/24", "dev", "gate0")
	p, port := snmpUnit(t, "Snmp.TrapDest=\"192.0.2.2:1162\"\nSnmp.TrapVersion=\"V2c\"\n")
	gate, err := net.InterfaceByName("gate0")
	if err != nil {
		t.Fatal(err)
	}
	m := newManager(t, port)
	state := fmt.Sprintf("%s.%d", ifmib.Objects.IfOperStatus.OID, gate.Index)
	testwait.Until(t, generous, "gate0 is up", func() bool { return m.counters(state)[0] == uint64(ifmib.IfOperStatusUp) })
	testnetns.IP(t, "link", "set", "switch0", "down")
	pulled := time.Now()
	testwait.Until(t, generous, "gate0 is down", func() bool { return m.counters(state)[0] == uint64(ifmib.IfOperStatusLowerLayerDown) })
	status := `Snmp.TrapDestStatus[Name="trap-1"].`
	// Between a try that the host takes and the word that it came to nothing there
	// is no error.
	testwait.Until(t, 2*outage, "the outage has lasted, and is told", func() bool {
		return time.Since(pulled) > outage && strings.Contains(p.get(status+"LastError"), "192.0.2.2:1162: ")
	})
	if queued, dropped := p.get(status+"QueuedCount"), p.get(status+"DroppedCount"); queued == "0" || dropped != "0" {
		t.Errorf("%s wait, %s dropped", queued, dropped)
	}
	testnetns.IP(t, "addr", "add", "192.0.2.2/32", "dev", "lo") // the manager is reached again
	traps := snmptrapd.Start(t, snmptrapd.Options{Addr: netip.MustParseAddrPort("192.0.2.2:1162"), Communities: []string{testCommunity}})
	traps.WaitFor("linkDown", 40*time.Second, func(n snmptrapd.Notification) bool {
		return n.TrapOID == ifmib.Notifications.LinkDown.OID.String() && n.Varbinds[0].Value == fmt.Sprint(gate.Index)
	})
}

// TestSilentNameServer: the agent is heard while it restarts, however long the
// name of a target takes to look up.
func TestSilentNameServer(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	asked := silentNameServer(t)
	p, port := snmpUnit(t, "Snmp.TrapDest=\"nms.example.test\"\nSnmp.TrapVersion=\"V2c\"\n")
	testwait.Recv(t, generous, "the look-up", asked)
	m := newManager(t, port)
	sysUpTime := names(snmpv2.Objects.SysUpTime.OID.Append(0).String())
	must(t, "set", "--data", p.dir, "Scm.ServiceCommands[Name=Snmp].Restart=10")
	heard, longest, restarted := time.Now(), time.Duration(0), false
	testwait.Until(t, generous, "the agent has started again", func() bool {
		if _, err := m.try(m.community(message.V2c, message.Get, 0, 0, sysUpTime), 50*time.Millisecond); err == nil {
			longest, heard = max(longest, time.Since(heard)), time.Now()
		}
		restarted = restarted || strings.Contains(must(t, "walk", "--data", p.dir, "NotificationLog.NlmLog"), warmStart)
		return restarted && time.Since(heard) < 100*time.Millisecond
	})
	if longest > time.Second {
		t.Errorf("nobody was answered for %v", longest)
	}
}

// silentNameServer takes the place of the host's name servers and says nothing;
// it tells when it is asked.
func silentNameServer(t *testing.T) <-chan struct{} {
	t.Helper()
	text, err := os.ReadFile("/etc/resolv.conf")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	servers := []string{"127.0.0.1"} // where there are none (resolv.conf(5))
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(f[1]); err == nil && !a.IsLoopback() {
			testnetns.IP(t, "addr", "add", f[1], "dev", "lo")
		}
		servers = append(servers, f[1])
	}
	asked := make(chan struct{}, 1000)
	for _, s := range servers {
		conn, err := net.ListenPacket("udp", net.JoinHostPort(s, "53"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		go func() {
			for {
				if _, _, err := conn.ReadFrom(make([]byte, 1500)); err != nil {
					return
				}
				asked <- struct{}{}
			}
		}()
	}
	return asked
}
