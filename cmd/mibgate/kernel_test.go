package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mibgate/element/host"
	"mibgate/mib/entity"
	"mibgate/mib/ifmib"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testguest"
	"mibgate/testdata/testwait"
)

// emulated is how long what takes a moment may take in an emulated machine.
const emulated = time.Minute

// guestUnit runs the program in a machine with a kernel that has drivers of
// telephone hardware, and answers a manager of it. The machine is 10.0.2.15, and
// we are 10.0.2.2.
func guestUnit(t *testing.T, trap string) (*testguest.Machine, nms) {
	t.Helper()
	static := filepath.Join(t.TempDir(), "mibgate")
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-s -w -X main.version=test", "-o", static, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	script := file(t, "snmp.cfg", "Hoc.ClockSource=\"Host\"\nSnmp.EnableSnmpV2=\"Enable\"\nSnmp.Community=\""+testCommunity+"\"\nSnmp.CommunityRole=\"Admin\"\n"+
		"Snmp.MinimumSecurityLevel=\"NoAuthNoPriv\"\nSnmp.TrapVersion=\"V2c\"\nSnmp.TrapDest=\""+trap+"\"\n")
	m := testguest.Boot(t, testguest.Options{
		Modules: []string{"e1000", "mISDN_core", "l1oip", "dahdi", "dahdi_dynamic", "dahdi_dynamic_loc"},
		Files:   map[string]string{"/mibgate": static, "/snmp.cfg": script, "/password": file(t, "pw", testPassword+"\n")},
		UDP:     161,
	})
	m.Do("insmod /modules/e1000.ko")
	m.Do("address lo 127.0.0.1")
	m.Do("address eth0 10.0.2.15")
	m.Do("start /mibgate run --data /data --snmp 0.0.0.0:161 --script /snmp.cfg --initial-password /password")
	return m, nms{t, []string{"-v2c", "-c", testCommunity, "-t", "5", "-r", "3"}, m.UDP, numeric}
}

// TestSoakLinesOfARealKernel reads what mISDN and DAHDI of a kernel of Debian have in
// sysfs: S0 and E1 ports over IP, and spans that are connected with each other.
// One is cut off, which is a red alarm; a driver is taken out and put back in.
// It takes a minute, and needs the emulator and what .ci/guest gets.
func TestSoakLinesOfARealKernel(t *testing.T) {
	soakTime(t)
	peer(t, "snmpwalk")
	traps := snmptrapd.Start(t, snmptrapd.Options{Addr: snmptrapd.FreeAddr(t), Communities: []string{testCommunity}})
	_, trapPort, err := net.SplitHostPort(traps.Addr())
	if err != nil {
		t.Fatal(err)
	}
	m, n := guestUnit(t, "10.0.2.2:"+trapPort)
	if modules, lines := n.lines(); len(modules) != 0 || len(lines) != 0 {
		t.Errorf("without drivers there are %v, %v", modules, lines)
	}
	until := func(what string, wantModules []string, want []line) {
		t.Helper()
		var modules []string
		var lines []line
		testwait.Until(t, emulated, what, func() bool {
			modules, lines = n.lines()
			return slices.Equal(modules, wantModules) && slices.Equal(lines, want) || t.Failed()
		})
		t.Logf("%s:\n%s\n%v", what, strings.Join(modules, "\n"), lines)
	}
	const l1oip = "insmod /modules/l1oip.ko type=1,1,2 codec=1,1,1 ip=127,0,0,1,127,0,0,1,127,0,0,1 port=931,932,933 remoteport=932,931,933 id=1,2,3"
	m.Do("insmod /modules/mISDN_core.ko")
	m.Do(l1oip)
	isdn := []line{{"2", "1", "l1oip-s0.1", "75", "4"}, {"2", "2", "l1oip-s0.2", "75", "4"}, {"2", "3", "l1oip-e1.3", "18", "4"}}
	isdnModule := "2 in 1: l1oip, l1oip"
	until("mISDN", []string{isdnModule}, isdn)
	traps.WaitFor("entConfigChange", emulated, func(n snmptrapd.Notification) bool {
		return n.TrapOID == entity.Notifications.EntConfigChange.OID.String()
	})

	m.Do("insmod /modules/dahdi.ko auto_assign_spans=1")
	m.Do("insmod /modules/dahdi_dynamic.ko")
	m.Do("insmod /modules/dahdi_dynamic_loc.ko")
	m.Do("span create loc 1:0 4")
	m.Do("span create loc 1:1 4")
	first, second := "3 in 1: dynamic:loc:0, DYN/loc/1:0", "4 in 1: dynamic:loc:1, DYN/loc/1:1"
	span := func(module, name, oper string) line { return line{module, "1", name, "1", oper} }
	until("DAHDI", []string{isdnModule, first, second}, append(slices.Clone(isdn), span("3", "DYN/loc/1:0", "1"), span("4", "DYN/loc/1:1", "1")))

	m.Do("span destroy loc 1:1 4")
	index := fmt.Sprint(host.FirstLine + 3)
	linkTrap(t, traps, ifmib.Notifications.LinkDown, index, "2")
	until("a span in red alarm", []string{isdnModule, first}, append(slices.Clone(isdn), span("3", "DYN/loc/1:0", "2")))
	m.Do("span create loc 1:1 4")
	linkTrap(t, traps, ifmib.Notifications.LinkUp, index, "1")

	m.Do("rmmod l1oip")
	testwait.Until(t, emulated, "the ports of mISDN are gone", func() bool { _, lines := n.lines(); return len(lines) == 2 })
	m.Do(l1oip)
	testwait.Until(t, emulated, "they are as before", func() bool { _, lines := n.lines(); return len(lines) == 5 && slices.Equal(lines[:3], isdn) })
}
