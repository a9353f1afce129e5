package kamailio

import (
	"bytes"
	"crypto/tls"
	_ "embed" // the templates
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mibgate/testdata/testcert"
)

//go:embed kamailio.cfg
var mainConfig string

//go:embed tls.cfg
var tlsConfig string

// Domain is the SIP domain, Password that of every user.
const (
	Domain   = "example.test"
	Password = "secret"
)

// Options choose how the server is set up; the zero value is MD5 with a certificate for 127.0.0.1.
type Options struct {
	// SHA256 asks for digests with SHA-256 in place of MD5.
	SHA256 bool
	// CA signs the server certificate and is trusted for client certificates; nil makes one.
	CA *testcert.CA
	// Leaf is the server certificate to issue.
	Leaf testcert.Leaf
}

// Server is a Kamailio.
type Server struct {
	// Plain is the UDP and TCP address, TLS the one without and MTLS the one with compulsory client certificates.
	Plain, TLS, MTLS netip.AddrPort
	CA               *testcert.CA

	t      testing.TB
	dir    string
	sha256 bool
	cmd    *exec.Cmd
	exited chan struct{}
	log    logBuffer
}

// Start runs a server until the end of the test. Without Kamailio on the machine the test is skipped, or fails when
// MIBGATE_REQUIRE_PEERS is in the environment.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	modules := modulesDir()
	if _, err := exec.LookPath("kamailio"); err != nil || modules == "" {
		if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
			t.Fatal("kamailio with its TLS module is not installed")
		}
		t.Skip("kamailio with its TLS module is not installed")
	}
	s := &Server{t: t, dir: t.TempDir(), sha256: o.SHA256, CA: o.CA}
	if s.CA == nil {
		ca, err := testcert.NewCA("kamailio test CA", testcert.ECDSA)
		s.must(err)
		s.CA = ca
	}
	s.Plain, s.TLS, s.MTLS = freePort(t), freePort(t), freePort(t)
	fill := strings.NewReplacer(
		"@DIR@", s.dir, "@MODULES@", modules, "@PLAIN@", fmt.Sprint(s.Plain.Port()),
		"@TLS@", fmt.Sprint(s.TLS.Port()), "@MTLS@", fmt.Sprint(s.MTLS.Port()),
	)
	s.write("kamailio.cfg", []byte(fill.Replace(mainConfig)))
	s.write("tls.cfg", []byte(fill.Replace(tlsConfig)))
	s.write("ca.pem", s.CA.CertPEM)
	s.SetCertificate(o.Leaf)
	s.Run()
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("kamailio's log:\n%s", s.Log())
		}
	})
	return s
}

// SetCertificate issues another server certificate; it serves after the next Run.
func (s *Server) SetCertificate(leaf testcert.Leaf) {
	s.t.Helper()
	pair, err := s.CA.Issue(leaf)
	s.must(err)
	s.write("server.pem", pair.CertPEM)
	s.write("server.key", pair.KeyPEM)
}

// Run starts the server after Kill or Stop, on the same ports, and returns when it answers.
func (s *Server) Run() {
	s.t.Helper()
	args := []string{"-DD", "-E", "-m", "64", "-M", "8", "-Y", s.dir, "-f", filepath.Join(s.dir, "kamailio.cfg")}
	if s.sha256 {
		args = append(args, "-A", "WITH_SHA256")
	}
	cmd := exec.Command("kamailio", args...)
	cmd.Stdout, cmd.Stderr = &s.log, &s.log
	// A process group of its own, so that Kill reaches the children; and no server outlives the test.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	s.must(cmd.Start())
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in the log
		close(exited)
	}()
	s.cmd, s.exited = cmd, exited
	s.waitReady()
}

func (s *Server) waitReady() {
	s.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		d := &net.Dialer{Timeout: time.Second}
		c, err := tls.DialWithDialer(d, "tcp", s.TLS.String(), &tls.Config{InsecureSkipVerify: true})
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-s.exited:
			s.t.Fatalf("kamailio ended at once:\n%s", s.Log())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("kamailio does not answer: %v\n%s", err, s.Log())
		}
	}
}

// Kill ends the server without warning, as a crash or a power cut would.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Stop ends the server in good order.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Freeze stops every process of the server, whose kernel goes on acknowledging; Thaw lets them go on.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw undoes Freeze.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	if s.cmd != nil {
		_ = syscall.Kill(-s.cmd.Process.Pid, sig) // it may be gone
	}
}

func (s *Server) end(sig syscall.Signal) {
	if s.cmd == nil {
		return
	}
	s.signal(sig)
	select {
	case <-s.exited:
	case <-time.After(5 * time.Second):
		s.signal(syscall.SIGCONT)
		s.signal(syscall.SIGKILL)
		<-s.exited
	}
	s.signal(syscall.SIGKILL) // children that lost their parent
	s.cmd = nil
}

// Log is everything the server has written since the beginning.
func (s *Server) Log() string { return s.log.String() }

// Exchange sends one request over UDP and returns the first final response, nil when none comes within limit.
func (s *Server) Exchange(request string, limit time.Duration) []byte {
	s.t.Helper()
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(s.Plain))
	s.must(err)
	defer c.Close()
	local := c.LocalAddr().String()
	_, err = c.Write([]byte(strings.ReplaceAll(request, "@LOCAL@", local)))
	s.must(err)
	s.must(c.SetReadDeadline(time.Now().Add(limit)))
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return nil
		}
		if !bytes.HasPrefix(buf[:n], []byte("SIP/2.0 1")) {
			return buf[:n]
		}
	}
}

// Request is a request to a user of the domain, to be sent by Exchange.
func Request(method, user string) string {
	id := fmt.Sprint(time.Now().UnixNano())
	return strings.Join([]string{
		fmt.Sprintf("%s sip:%s@%s SIP/2.0", method, user, Domain), "Via: SIP/2.0/UDP @LOCAL@;branch=z9hG4bK" + id + ";rport",
		"Max-Forwards: 70", "From: <sip:tester@" + Domain + ">;tag=" + id, fmt.Sprintf("To: <sip:%s@%s>", user, Domain),
		"Call-ID: " + id, "CSeq: 1 " + method, "Contact: <sip:tester@@LOCAL@>", "Content-Length: 0", "", "",
	}, "\r\n")
}

func (s *Server) write(name string, data []byte) {
	s.t.Helper()
	s.must(os.WriteFile(filepath.Join(s.dir, name), data, 0o600))
}

func (s *Server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func modulesDir() string {
	found, err := filepath.Glob("/usr/lib/*/kamailio/modules/tls.so")
	if err != nil || len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[0])
}

// freePort finds a port that is free for TCP and UDP. Another process may take it before the server does, which then
// says so in its log.
func freePort(t testing.TB) netip.AddrPort {
	t.Helper()
	for range 50 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := ln.Addr().String()
		pc, err := net.ListenPacket("udp", addr)
		ln.Close()
		if err == nil {
			pc.Close()
			return netip.MustParseAddrPort(addr)
		}
	}
	t.Fatal("no free port")
	return netip.AddrPort{}
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
