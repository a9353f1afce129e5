package main

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
	"mibgate/testdata/kamailio"
	"mibgate/testdata/snmptrapd"
	"mibgate/testdata/testwait"
)

// issueScript is the script that the interface promises to take as it stands.
const issueScript = `Hoc.ClockSource="Host"
SipEp.Gateway[Name="default"].NetworkInterface="Loop"
SipEp.Gateway[Name="default"].SecurePort=15061
SipEp.TransportConfig[GatewayName="default"].UdpEnable="Disable"
SipEp.TransportConfig[GatewayName="default"].TlsEnable="Enable"
SipEp.TransportConfig[GatewayName="default"].TlsQValue="0.7"
SipEp.TransportConfig[GatewayName="default"].RegistrationEnable="Enable"
SipEp.TransportConfig[GatewayName="default"].ContactEnable="Enable"
SipEp.TransportPersistentBasePort=16000
SipEp.TransportFailbackInterval=5
SipEp.InteropTlsCertificateValidation="TrustedCertificate"
SipEp.DefaultStaticRegistrarServerHost="127.0.0.1:5061"
SipEp.DefaultStaticProxyHomeDomainHost="127.0.0.1:5061"
SipEp.InteropRegisterHomeDomainOverride="example.test"
SipEp.UnitRegistrations[Index=1].Username="100"
SipEp.UnitRegistrations[Index=1].GatewayName="default"
SipEp.Authentication[Index=1].CriteriaSelection="Unit"
SipEp.Authentication[Index=1].ValidateRealm="Disable"
SipEp.Authentication[Index=1].Username="100"
SipEp.Authentication[Index=1].Password="secret"
Snmp.EnableSnmpV1="Enable"
Snmp.EnableSnmpV2="Enable"
Snmp.Community="public"
Snmp.CommunityRole="Admin"
Snmp.TrapVersion="V2c"
Snmp.TrapDest="127.0.0.1:1162"
Nlm.SyslogRemoteHost="127.0.0.1:1514"
`

const (
	// failback is TransportFailbackInterval of the script, and the least there is.
	failback = 5 * time.Second
	// generous is for what takes no time but on a machine that is busy.
	generous = 10 * time.Second
	// upLimit is what the issue grants from the start of the process to a
	// registered line.
	upLimit = 2 * time.Second
)

// States of links and registrations, as a manager reads them.
const (
	stateUp         = "100"
	stateDown       = "200"
	stateRegistered = "300"
)

// siteOptions say what is different from the script of the issue.
type siteOptions struct {
	sip    kamailio.Options
	server func(*kamailio.Server) netip.AddrPort // the SIP server; nil is its TLS port
	lines  string                                // added to the script
	args   []string                              // of the command line
	root   string                                // --oid-root
}

// site is a unit with the script of the issue and its surroundings: Kamailio,
// snmptrapd, and a socket that takes syslog messages. The CA of Kamailio has
// been imported in a first run; the unit is started by begin.
type site struct {
	*process
	t          *testing.T
	args       []string
	data, root string
	sip        *kamailio.Server
	server     netip.AddrPort // that the unit uses
	traps      *snmptrapd.Receiver
	syslog     *syslogSocket
	port       uint16 // of the agent
	base       uint16 // of the persistent links
	secure     uint16 // port of the gateway
	nms        nms    // v2c
	engineID   []byte
}

func newSite(t *testing.T, o siteOptions) *site {
	t.Helper()
	for _, tool := range []string{"snmpget", "snmpset", "snmpwalk"} {
		peer(t, tool)
	}
	s := &site{
		t: t, data: folder(t), root: o.root, sip: kamailio.Start(t, o.sip), syslog: newSyslogSocket(t),
		port: freePort(t), base: linkPort(t), secure: linkPort(t),
	}
	if s.server = s.sip.TLS; o.server != nil {
		s.server = o.server(s.sip)
	}
	if s.root == "" {
		s.root = model.Root.String()
	}
	s.nms = managers(t, s.port)["v2c"]
	s.nms.format = append(slices.Clone(numeric), "-Oqv")
	trapAddr := snmptrapd.FreeAddr(t)
	s.args = append([]string{
		"--snmp", fmt.Sprintf("127.0.0.1:%d", s.port), "--oid-root", s.root, "--script", file(t, "site", s.script(trapAddr.String())+o.lines),
		"--initial-password", file(t, "pw", "correct horse\n"),
	}, o.args...)
	s.begin()
	must(t, "cert", "import", "--data", s.data, "--type", "other", file(t, "ca.pem", string(s.sip.CA.CertPEM)))
	s.engineID = s.readEngineID()
	s.stop()
	admin := snmptrapd.User{Name: "admin", Auth: "SHA-256", AuthPassword: "correct horse", Priv: "AES", PrivPassword: "correct horse"}
	trapper := admin
	trapper.EngineID = s.engineID
	s.traps = snmptrapd.Start(t, snmptrapd.Options{Addr: trapAddr, Users: []snmptrapd.User{admin, trapper}})
	return s
}

// script is the script of the issue at ports that are free.
func (s *site) script(trapDest string) string {
	return strings.NewReplacer(
		"15061", fmt.Sprint(s.secure), "=16000", fmt.Sprintf("=%d", s.base), "127.0.0.1:5061", s.server.String(),
		"127.0.0.1:1162", trapDest, "127.0.0.1:1514", s.syslog.addr(),
	).Replace(issueScript)
}

// begin starts the unit, again, and answers when the process was started.
func (s *site) begin() time.Time {
	s.t.Helper()
	began := time.Now()
	s.process = start(s.t, s.data, s.args...)
	return began
}

// readEngineID reads what an operator enters in a receiver of SNMPv3 traps.
func (s *site) readEngineID() []byte {
	s.t.Helper()
	n := s.nms
	n.format = append(slices.Clone(numeric), "-Oqvx")
	out := n.must("snmpget", s.root+".200.100.900.1.61000.800.0")
	id, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "", `"`, "").Replace(out))
	if err != nil || len(id) < 5 {
		s.t.Fatalf("engine ID %q: %v", out, err)
	}
	return id
}

// oid is the instance of an object where the unit serves it.
func (s *site) oid(o *mib.Object, index ...uint32) string {
	if len(index) == 0 {
		index = []uint32{0}
	}
	text := o.OID.Append(index...).String()
	if rest, ours := strings.CutPrefix(text, model.Root.String()+"."); ours {
		return "." + s.root + "." + rest
	}
	return "." + text
}

// read is the value of one instance by SNMP, without quotes.
func (s *site) read(o *mib.Object, index ...uint32) string {
	s.t.Helper()
	return strings.Trim(strings.TrimSpace(s.nms.must("snmpget", s.oid(o, index...))), `"`)
}

// set changes variables by one SET.
func (s *site) set(args ...string) {
	s.t.Helper()
	s.nms.must("snmpset", args...)
}

// setInt is set for one scalar.
func (s *site) setInt(o *mib.Object, value int) {
	s.t.Helper()
	s.set(s.oid(o), "i", fmt.Sprint(value))
}

// restart restarts the SIP endpoint by SET.
func (s *site) restart() {
	s.t.Helper()
	s.set(s.oid(scm.Objects.ServiceCommandsRestart, 5, 'S', 'i', 'p', 'E', 'p'), "i", "10")
}

// until waits until an object reads as value.
func (s *site) until(limit time.Duration, value string, o *mib.Object, index ...uint32) {
	s.t.Helper()
	got := ""
	deadline := time.Now().Add(limit)
	for {
		if got = s.read(o, index...); got == value {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s is %q, and not %q within %v\n%s", o.Path(), got, value, limit, s.log())
		}
	}
}

// untilUp waits until the link is up and the line is registered, by SNMP.
func (s *site) untilUp(limit time.Duration) {
	s.t.Helper()
	s.until(limit, stateUp, sipep.Objects.TlsPersistentConnectionStatusState, 1)
	s.until(limit, stateRegistered, sipep.Objects.RegistrationStatusState, 1)
}

// notification is the OID of a notification of ours where the unit serves it.
func (s *site) notification(n *mib.NotificationType) string {
	return s.root + strings.TrimPrefix(n.OID.String(), model.Root.String())
}

// trap waits for a notification of ours.
func (s *site) trap(limit time.Duration, n *mib.NotificationType) snmptrapd.Notification {
	s.t.Helper()
	want := s.notification(n)
	return s.traps.WaitFor(n.Name, limit, func(got snmptrapd.Notification) bool { return got.TrapOID == want })
}

// count is how many of a notification have come.
func (s *site) count(n *mib.NotificationType) int {
	want, count := s.notification(n), 0
	for _, got := range s.traps.Received() {
		if got.TrapOID == want {
			count++
		}
	}
	return count
}

// retryNow makes links that are down try again at once, as every import of a
// certificate does.
func (s *site) retryNow() {
	s.t.Helper()
	ca, _ := made(s.t, fmt.Sprint(time.Now().UnixNano()))
	must(s.t, "cert", "import", "--data", s.data, "--type", "other", "--name", "more", file(s.t, "more.pem", string(ca.CertPEM)))
}

// syslogSocket takes what comes over UDP.
type syslogSocket struct {
	conn *net.UDPConn
	mu   sync.Mutex
	got  []string
}

func newSyslogSocket(t *testing.T) *syslogSocket {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &syslogSocket{conn: conn}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, maxDatagram)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			s.mu.Lock()
			s.got = append(s.got, string(buf[:n]))
			s.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
		if t.Failed() {
			t.Logf("syslog:\n%s", strings.Join(s.lines(""), "\n"))
		}
	})
	return s
}

func (s *syslogSocket) addr() string { return s.conn.LocalAddr().String() }

// lines are the messages that contain part.
func (s *syslogSocket) lines(part string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, l := range s.got {
		if strings.Contains(l, part) {
			out = append(out, l)
		}
	}
	return out
}

func (s *syslogSocket) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = nil
}

// await waits for the first message that contains part.
func (s *syslogSocket) await(t *testing.T, limit time.Duration, part string) string {
	t.Helper()
	testwait.Until(t, limit, "a syslog message with "+part, func() bool { return len(s.lines(part)) > 0 })
	return s.lines(part)[0]
}

// linkPort is a TCP port that is free, below those that the kernel gives to
// connections.
func linkPort(t *testing.T) uint16 {
	t.Helper()
	for port := uint16(20000 + os.Getpid()%2000*5); port < 32000; port++ {
		if taken := reserve(port); taken {
			continue
		}
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(port)})
		if err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

var reserved sync.Map

// reserve takes a port for one test of this process.
func reserve(port uint16) (taken bool) {
	_, taken = reserved.LoadOrStore(port, true)
	return taken
}

// programAt finds a program that may be in sbin.
func programAt(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if path := filepath.Join(dir, name); exists(path) {
			return path
		}
	}
	peer(t, name)
	return name
}
