package usm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// upTime is what the test's responder answers for everything.
const upTime = 123456

// serve answers on a loopback socket until the test ends.
func serve(t testing.TB, e *Engine) *net.UDPAddr {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	go func() {
		defer close(done)
		var m message.Message
		var c Context
		var b message.Builder
		buf := make([]byte, 65536)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if out := respond(e, buf[:n], &m, &c, &b); out != nil {
				_, _ = conn.WriteToUDPAddrPort(out, from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr) //nolint:errcheck // it is one
}

func respond(e *Engine, packet []byte, m *message.Message, c *Context, b *message.Builder) []byte {
	if message.Decode(packet, m) != nil || m.Version != message.V3 {
		return nil
	}
	if err := e.Incoming(m, c); err != nil {
		return e.Report(b, m, c, err)
	}
	if !m.PDU.Type.Confirmed() {
		return nil
	}
	b.Begin(message.Reply(m, c, 65507), int(m.Header.MaxSize))
	for _, vb := range m.PDU.Varbinds {
		if b.Append(vb.Name, mib.Numeric(mib.TimeTicks, upTime)) != nil {
			return nil
		}
	}
	out, err := b.Finish(0, 0)
	if err != nil {
		return nil
	}
	return out
}

// netsnmp runs one of net-snmp's commands without anybody's configuration.
func netsnmp(t testing.TB, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "MIBS=", "SNMPCONFPATH="+t.TempDir(), "SNMP_PERSISTENT_DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func levelFlag(u *User) string {
	switch u.MaxLevel() {
	case message.AuthPriv:
		return "authPriv"
	case message.AuthNoPriv:
		return "authNoPriv"
	}
	return "noAuthNoPriv"
}

// secName is a user name that tells its protocols.
func secName(a AuthProtocol, p PrivProtocol) string { return a.String() + "." + p.String() }

// everybody has a user of every combination.
func everybody(t testing.TB, id []byte) *UserTable {
	t.Helper()
	var us []*User
	for a := NoAuth; a <= SHA512; a++ {
		for p := NoPriv; p <= AES256R; p++ {
			if a != NoAuth || p == NoPriv {
				us = append(us, user(t, secName(a, p), a, p, id))
			}
		}
	}
	return NewUserTable(us...)
}

func netsnmpArgs(u *User) []string {
	args := []string{"-v3", "-On", "-t", "10", "-r", "0", "-u", u.Name(), "-l", levelFlag(u)}
	if u.Auth() != NoAuth {
		args = append(args, "-a", u.Auth().String(), "-A", authPassword)
	}
	if u.Priv() != NoPriv {
		args = append(args, "-x", u.Priv().String(), "-X", privPassword)
	}
	return args
}

// TestNetSNMP: snmpget speaks every combination of protocols with us; it
// starts with discovery each time.
func TestNetSNMP(t *testing.T) {
	users := everybody(t, engineID)
	addr := serve(t, newEngine(t, Config{Users: users, Boots: 2})).String()
	for _, u := range users.All() {
		t.Run(u.Name(), func(t *testing.T) {
			t.Parallel()
			out, err := netsnmp(t, "snmpget", append(netsnmpArgs(u), addr, "1.3.6.1.2.1.1.3.0")...)
			if err != nil || !strings.Contains(out, fmt.Sprintf("(%d)", upTime)) {
				t.Errorf("%s: %v", out, err)
			}
		})
	}
}

var gosnmpAuth = map[AuthProtocol]gosnmp.SnmpV3AuthProtocol{
	NoAuth: gosnmp.NoAuth, MD5: gosnmp.MD5, SHA1: gosnmp.SHA, SHA224: gosnmp.SHA224, SHA256: gosnmp.SHA256,
	SHA384: gosnmp.SHA384, SHA512: gosnmp.SHA512,
}

var gosnmpPriv = map[PrivProtocol]gosnmp.SnmpV3PrivProtocol{
	NoPriv: gosnmp.NoPriv, DES: gosnmp.DES, AES128: gosnmp.AES, AES192: gosnmp.AES192, AES256: gosnmp.AES256,
	AES192R: gosnmp.AES192C, AES256R: gosnmp.AES256C,
}

// TestGosnmp is TestNetSNMP with another implementation.
func TestGosnmp(t *testing.T) {
	users := everybody(t, engineID)
	addr := serve(t, newEngine(t, Config{Users: users, Boots: 2}))
	for _, u := range users.All() {
		t.Run(u.Name(), func(t *testing.T) {
			t.Parallel()
			g := &gosnmp.GoSNMP{
				Target: "127.0.0.1", Port: uint16(addr.Port), Version: gosnmp.Version3, Timeout: 10 * time.Second, MaxOids: 10,
				SecurityModel: gosnmp.UserSecurityModel,
				MsgFlags:      gosnmp.SnmpV3MsgFlags(u.MaxLevel().Flags()) | gosnmp.Reportable,
				SecurityParameters: &gosnmp.UsmSecurityParameters{
					UserName: u.Name(), AuthenticationProtocol: gosnmpAuth[u.Auth()], AuthenticationPassphrase: authPassword,
					PrivacyProtocol: gosnmpPriv[u.Priv()], PrivacyPassphrase: privPassword,
				},
			}
			if err := g.Connect(); err != nil {
				t.Fatal(err)
			}
			defer g.Conn.Close()
			p, err := g.Get([]string{"1.3.6.1.2.1.1.3.0"})
			if err != nil || len(p.Variables) != 1 || gosnmp.ToBigInt(p.Variables[0].Value).Int64() != upTime {
				t.Errorf("%+v: %v", p, err)
			}
		})
	}
}

// TestNetSNMPUnderstandsReports: each of our Reports makes snmpget say what
// was wrong; none lets it wait for its time-out.
func TestNetSNMPUnderstandsReports(t *testing.T) {
	u := user(t, "joe", SHA256, AES128, engineID)
	noPriv := user(t, "jim", SHA256, NoPriv, engineID)
	e := newEngine(t, Config{Users: NewUserTable(u, noPriv), Boots: 2})
	addr := serve(t, e).String()
	tests := []struct {
		name string
		args []string
		want string
		stat *Failure
	}{
		{"user", []string{"-u", "jack", "-A", authPassword, "-X", privPassword}, "Unknown user name", ErrUnknownUserName},
		{"level", []string{"-u", "jim", "-A", authPassword, "-X", privPassword}, "Unsupported security level", ErrUnsupportedSecLevel},
		{"digest", []string{"-u", "joe", "-A", "not the password", "-X", privPassword}, "Authentication failure", ErrWrongDigest},
		{"privacy", []string{"-u", "joe", "-A", authPassword, "-X", "not the password"}, "Decryption error", ErrDecryption},
		{"time", []string{"-u", "joe", "-A", authPassword, "-X", privPassword, "-e", "0x" + fmt.Sprintf("%x", engineID), "-Z", "9,9"},
			fmt.Sprintf("(%d)", upTime), ErrNotInTimeWindow},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := e.Stats().Count(tt.stat)
			args := append([]string{"-v3", "-On", "-t", "10", "-r", "1", "-l", "authPriv", "-a", "SHA-256", "-x", "AES"}, tt.args...)
			begin := time.Now()
			out, _ := netsnmp(t, "snmpget", append(args, addr, "1.3.6.1.2.1.1.3.0")...)
			if !strings.Contains(out, tt.want) || strings.Contains(out, "Timeout") || time.Since(begin) > 9*time.Second {
				t.Errorf("after %v: %s", time.Since(begin), out)
			}
			if e.Stats().Count(tt.stat) == before {
				t.Errorf("%s did not grow", tt.stat.Name())
			}
		})
	}
}

// trapd is a running snmptrapd that knows everybody.
type trapd struct {
	addr *net.UDPAddr
	log  string
}

func startTrapd(t testing.TB) *trapd {
	t.Helper()
	dir := t.TempDir()
	var conf bytes.Buffer
	conf.WriteString("disableAuthorization no\n")
	for a := NoAuth; a <= SHA512; a++ {
		for p := NoPriv; p <= AES256R; p++ {
			if a == NoAuth && p != NoPriv {
				continue
			}
			for _, id := range []string{"", fmt.Sprintf("-e 0x%x ", engineID)} { // informs, traps
				fmt.Fprintf(&conf, "createUser %s%s", id, secName(a, p))
				if a != NoAuth {
					fmt.Fprintf(&conf, " %v %s", a, authPassword)
				}
				if p != NoPriv {
					fmt.Fprintf(&conf, " %v %s", p, privPassword)
				}
				conf.WriteString("\n")
			}
			fmt.Fprintf(&conf, "authUser log %s noauth\n", secName(a, p))
		}
	}
	d := &trapd{addr: freePort(t), log: dir + "/log"}
	if err := os.WriteFile(dir+"/conf", conf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("snmptrapd", "-f", "-C", "-c", dir+"/conf", "-On", "-Lf", d.log, "-F", "%N %v\n", "udp:"+d.addr.String()) //nolint:gosec // a test's arguments
	cmd.Env = append(os.Environ(), "MIBS=", "SNMPCONFPATH="+dir, "SNMP_PERSISTENT_DIR="+dir+"/var")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return d
}

func freePort(t testing.TB) *net.UDPAddr {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr) //nolint:errcheck // it is one
}

// ask sends packet until something comes back: snmptrapd may still be starting.
func (d *trapd) ask(t testing.TB, conn *net.UDPConn, packet []byte) []byte {
	t.Helper()
	buf := make([]byte, 65536)
	for range 100 {
		_, _ = conn.Write(packet) // refused while nobody listens
		_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if n, err := conn.Read(buf); err == nil {
			return buf[:n]
		} else if !errors.Is(err, os.ErrDeadlineExceeded) {
			time.Sleep(50 * time.Millisecond) // refused at once: do not spin
		}
	}
	t.Fatal("snmptrapd does not answer")
	return nil
}

// TestTrapdInforms: snmptrapd acknowledges informs of every combination.
func TestTrapdInforms(t *testing.T) {
	d := startTrapd(t)
	conn, err := net.DialUDP("udp4", nil, d.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	local := newEngine(t, Config{})
	for _, u := range everybody(t, engineID).All() {
		t.Run(u.Name(), func(t *testing.T) {
			remote, err := NewRemote(local, credentials(t, u.Name(), u.Auth(), u.Priv()), u.MaxLevel())
			if err != nil {
				t.Fatal(err)
			}
			s := &sender{Remote: remote}
			probe, err := s.Probe(&s.b, &s.c, 1)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.answer(t, d.ask(t, conn, probe)); !errors.Is(err, ErrLearned) {
				t.Fatalf("probe: %v", err)
			}
			err = s.answer(t, d.ask(t, conn, notification(t, &s.b, message.Inform, u, s.secured(t))))
			if errors.Is(err, ErrLearned) {
				err = s.answer(t, d.ask(t, conn, notification(t, &s.b, message.Inform, u, s.secured(t))))
			}
			if err != nil || s.m.PDU.Type != message.Response {
				t.Errorf("inform: %v, %+v", err, s.m.PDU)
			}
		})
	}
}

// secured makes the sender's context ready.
func (s *sender) secured(t testing.TB) *Context {
	t.Helper()
	if err := s.Secure(&s.c); err != nil {
		t.Fatal(err)
	}
	return &s.c
}

// notification is a notification whose trap OID ends in protocols of u.
func notification(t testing.TB, b *message.Builder, pdu message.PDUType, u *User, c *Context) []byte {
	t.Helper()
	b.Begin(message.Envelope{
		Version: message.V3, Type: pdu, RequestID: 5, MsgID: 6, MaxSize: 65507, Reportable: pdu == message.Inform,
		Scope: message.Scope{ContextEngineID: engineID}, Security: c,
	}, 1472)
	for _, err := range []error{
		b.Append(message.SysUpTime, mib.Numeric(mib.TimeTicks, 1)),
		b.Append(message.SnmpTrapOID, mib.Ident(trapOf(u))),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	out, err := b.Finish(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func trapOf(u *User) mib.OID {
	return mib.OID{1, 3, 6, 1, 4, 1, 32473, 0, uint32(u.Auth())*10 + uint32(u.Priv()) + 1}
}

// TestTrapdTraps: snmptrapd logs traps of every combination.
func TestTrapdTraps(t *testing.T) {
	d := startTrapd(t)
	conn, err := net.DialUDP("udp4", nil, d.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	e := newEngine(t, Config{Boots: 1})
	users := everybody(t, engineID).All()
	ready := &sender{}
	if ready.Remote, err = NewRemote(e, credentials(t, "x", NoAuth, NoPriv), message.NoAuthNoPriv); err != nil {
		t.Fatal(err)
	}
	probe, err := ready.Probe(&ready.b, &ready.c, 1)
	if err != nil {
		t.Fatal(err)
	}
	d.ask(t, conn, probe) // it listens when it answers
	var c Context
	var b message.Builder
	for _, u := range users {
		if err := e.Originate(&c, u, u.MaxLevel()); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(notification(t, &b, message.TrapV2, u, &c)); err != nil {
			t.Fatal(err)
		}
	}
	var missing []string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		log, _ := os.ReadFile(d.log)
		missing = nil
		for _, u := range users {
			if !strings.Contains(string(log), "."+trapOf(u).String()+"\n") {
				missing = append(missing, u.Name())
			}
		}
		if missing == nil {
			return
		}
	}
	t.Errorf("not logged: %v", missing)
}
