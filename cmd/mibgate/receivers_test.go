package main

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/gosnmp/gosnmp"

	"mibgate/agent/snmp/message"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testwait"
)

const (
	trapOIDName           = "1.3.6.1.6.3.1.1.4.1.0"
	authenticationFailure = "1.3.6.1.6.3.1.1.5.5"
)

// receiver is a notification receiver of another project. What comes is kept
// as "VERSION KIND OID".
type receiver struct {
	name string
	addr string

	mu  sync.Mutex
	got []string
}

func (r *receiver) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, line)
}

// count is how often line has come.
func (r *receiver) count(line string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, g := range r.got {
		if g == line {
			n++
		}
	}
	return n
}

// TestReceivers: net-snmp, gosnmp and pysnmp take the same notification at the
// same time, in every form.
func TestReceivers(t *testing.T) {
	peer(t, "snmptrapd")
	module(t, "python3-pysnmp4", "/usr/bin/python3", "-c", "import pysnmp.hlapi")
	p, port := snmpUnit(t, "Snmp.MinimumSecurityLevel=\"AuthPriv\"\n")
	id := engineIDOf(t, port)
	admin := snmptrapd.User{Name: testUser, Auth: "SHA-256", AuthPassword: testPassword, Priv: "AES", PrivPassword: testPassword}
	trapper := admin
	trapper.EngineID = id
	trapd := snmptrapd.Start(t, snmptrapd.Options{Users: []snmptrapd.User{admin, trapper}})
	others := []*receiver{gosnmpReceiver(t, id), pysnmpReceiver(t, id)}
	must(t, "set", "--data", p.dir, fmt.Sprintf("Snmp.TrapDest=%s,%s,%s", trapd.Addr(), others[0].addr, others[1].addr))
	m := newManager(t, port)
	for _, form := range noticeForms {
		t.Run(form.name, func(t *testing.T) {
			must(t, "set", "--data", p.dir, fmt.Sprintf("Snmp.TrapVersion=%d", form.version), fmt.Sprintf("Snmp.TrapKind=%d", form.kind))
			trapd.Clear()
			stranger := strings.Replace(string(m.community(message.V2c, message.Get, 0, 0, names(upTimeOID))), testCommunity, "PUBLIC", 1)
			if _, err := m.conn.Write([]byte(stranger)); err != nil {
				t.Fatal(err)
			}
			n := trapd.WaitFor("authenticationFailure", generous, func(n snmptrapd.Notification) bool { return n.TrapOID == authenticationFailure })
			if n.Version != form.want.Version || n.Inform != form.want.Inform || n.User != form.want.User || n.Community != form.want.Community {
				t.Errorf("snmptrapd took %s", n)
			}
			kind := "trap"
			if form.want.Inform {
				kind = "inform"
			}
			for _, r := range others {
				line := fmt.Sprintf("%s %s %s", form.want.Version, kind, authenticationFailure)
				testwait.Until(t, generous, r.name+" takes "+line, func() bool { return r.count(line) > 0 })
			}
		})
	}
	acked(t, p, trapd.Addr(), others)
}

// acked checks that the informs were acknowledged by every receiver, once each.
func acked(t *testing.T, p *process, first string, others []*receiver) {
	t.Helper()
	for i, addr := range []string{first, others[0].addr, others[1].addr} {
		row := fmt.Sprintf("Snmp.TrapDestStatus[Name=\"trap-%d\"].", i+1)
		testwait.Until(t, generous, addr+" acknowledges two informs", func() bool { return p.get(row+"AckedCount") == "2" })
		if got := p.get(row + "DroppedCount"); got != "0" {
			t.Errorf("%s: %s were dropped", addr, got)
		}
	}
	for _, r := range others {
		for _, form := range noticeForms {
			if !form.want.Inform {
				continue
			}
			if n := r.count(fmt.Sprintf("%s inform %s", form.want.Version, authenticationFailure)); n != 1 {
				t.Errorf("%s took the %s inform %d times", r.name, form.want.Version, n)
			}
		}
	}
}

// engineIDOf reads snmpEngineID of an agent.
func engineIDOf(t *testing.T, port uint16) []byte {
	t.Helper()
	m := newManager(t, port)
	m.discover(message.AuthPriv)
	return m.remotes[message.AuthPriv].EngineID()
}

func gosnmpReceiver(t *testing.T, _ []byte) *receiver {
	t.Helper()
	r := &receiver{name: "gosnmp", addr: snmptrapd.FreeAddr(t).String()}
	l := gosnmp.NewTrapListener()
	l.Params = &gosnmp.GoSNMP{
		Version: gosnmp.Version3, Community: testCommunity, SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.AuthPriv,
		SecurityParameters: &gosnmp.UsmSecurityParameters{
			UserName: testUser, AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: testPassword,
			PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: testPassword,
			AuthoritativeEngineID: "\x80\x00\x7e\xd9\x04gosnmp", // that of its own, for informs
		},
	}
	l.OnNewTrap = func(s *gosnmp.SnmpPacket, _ *net.UDPAddr) { r.add(gosnmpLine(s)) }
	ended := make(chan error, 1)
	go func() { ended <- l.Listen(r.addr) }()
	testwait.Recv(t, generous, "gosnmp listens", l.Listening())
	t.Cleanup(func() {
		l.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

// gosnmpLine is a notification as a receiver keeps it.
func gosnmpLine(s *gosnmp.SnmpPacket) string {
	version := map[gosnmp.SnmpVersion]string{gosnmp.Version1: "v1", gosnmp.Version2c: "v2c", gosnmp.Version3: "v3"}[s.Version]
	if s.PDUType == gosnmp.Trap { // RFC 3584 §3.1
		return fmt.Sprintf("%s trap 1.3.6.1.6.3.1.1.5.%d", version, s.GenericTrap+1)
	}
	kind := "trap"
	if s.PDUType == gosnmp.InformRequest {
		kind = "inform"
	}
	for _, v := range s.Variables {
		if strings.TrimPrefix(v.Name, ".") == trapOIDName {
			oid, _ := v.Value.(string)
			return fmt.Sprintf("%s %s %s", version, kind, strings.TrimPrefix(oid, "."))
		}
	}
	return fmt.Sprintf("%s %s without snmpTrapOID", version, kind)
}

func pysnmpReceiver(t *testing.T, sender []byte) *receiver {
	t.Helper()
	addr := snmptrapd.FreeAddr(t)
	r := &receiver{name: "pysnmp", addr: addr.String()}
	cmd := exec.Command("/usr/bin/python3", "testdata/managers/pysnmp_receiver.py", fmt.Sprint(addr.Port()), fmt.Sprintf("%x", sender))
	var errs strings.Builder
	cmd.Stderr = &errs
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	ready, read := make(chan bool, 1), make(chan struct{})
	go func() {
		defer close(read)
		ready <- lines.Scan() && lines.Text() == "ready"
		for lines.Scan() {
			r.add(lines.Text())
		}
	}()
	t.Cleanup(func() {
		stdin.Close() // by which it ends
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("pysnmp: %v\n%s", err, errs.String())
		}
	})
	if !testwait.Recv(t, generous, "pysnmp listens", ready) {
		t.Fatal("pysnmp does not start")
	}
	return r
}
