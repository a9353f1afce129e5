package snmptrapd

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
)

// patience is how long the receiver may take to start and to stop.
const patience = 10 * time.Second

// User is an SNMPv3 user the receiver knows.
type User struct {
	Name string
	// Auth and Priv are net-snmp's names: "SHA-256", "AES"; "" is none.
	Auth, AuthPassword string
	Priv, PrivPassword string
	// EngineID is the sender's, for traps; nil is the receiver's own, for
	// informs.
	EngineID []byte
}

// level is the lowest level that what the user sends is logged at.
func (u User) level() string {
	switch {
	case u.Priv != "":
		return "priv"
	case u.Auth != "":
		return "auth"
	}
	return "noauth"
}

// createUser is the line of snmptrapd.conf that makes the user.
func (u User) createUser() string {
	var b strings.Builder
	b.WriteString("createUser ")
	if u.EngineID != nil {
		fmt.Fprintf(&b, "-e 0x%x ", u.EngineID)
	}
	b.WriteString(u.Name)
	for _, s := range []struct{ protocol, password string }{{u.Auth, u.AuthPassword}, {u.Priv, u.PrivPassword}} {
		if s.protocol != "" {
			fmt.Fprintf(&b, " %s %q", s.protocol, s.password)
		}
	}
	return b.String()
}

// Options say what a receiver listens on and whom it believes.
type Options struct {
	// Addr is where it listens; the zero AddrPort is a free port of 127.0.0.1.
	Addr netip.AddrPort
	// Communities are those of v1 and v2c that are logged; nil is "public".
	Communities []string
	// Users are logged at their level and above.
	Users []User
	// EngineID is the receiver's own; nil lets it make one at every start.
	EngineID []byte
	// Config are lines of snmptrapd.conf beside those for the users.
	Config string
}

// Receiver is a running snmptrapd.
type Receiver struct {
	t    testing.TB
	o    Options
	path string
	dir  string

	cmd      *exec.Cmd
	ended    chan struct{}
	engineID []byte

	mu     sync.Mutex
	output bytes.Buffer // what is not a whole record yet, and all other lines
	log    bytes.Buffer
	got    []Notification
}

// Start starts a receiver and returns when it answers. It is stopped when the
// test is over; of a test that failed, its output is logged.
func Start(t testing.TB, o Options) *Receiver {
	t.Helper()
	r := &Receiver{t: t, o: o, path: program(t), dir: tempDir(t)}
	if !o.Addr.IsValid() {
		r.o.Addr = FreeAddr(t)
	}
	if o.Communities == nil {
		r.o.Communities = []string{"public"}
	}
	t.Cleanup(func() {
		r.Stop()
		if t.Failed() {
			r.mu.Lock()
			defer r.mu.Unlock()
			t.Logf("snmptrapd %s:\n%s", r.o.Addr, r.log.String())
		}
	})
	r.Restart()
	return r
}

// tempDir is a folder for the time of the test. Its path has nothing of the
// test's name: snmptrapd takes commas for separators.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "snmptrapd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// program finds snmptrapd.
func program(t testing.TB) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/sbin/"} {
		if path, err := exec.LookPath(dir + "snmptrapd"); err == nil {
			return path
		}
	}
	if os.Getenv("MIBGATE_REQUIRE_PEERS") != "" {
		t.Fatal("snmptrapd is not installed (see .ci/packages)")
	}
	t.Skip("snmptrapd is not installed")
	return ""
}

// FreeAddr is an address of loopback that nobody listens on: for a
// destination that is dead, or that a Receiver comes up on later.
func FreeAddr(t testing.TB) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort() //nolint:forcetypeassert // a UDP socket
}

// Addr is host:port of the receiver.
func (r *Receiver) Addr() string { return r.o.Addr.String() }

// EngineID is the receiver's own: it is authoritative for informs.
func (r *Receiver) EngineID() []byte { return r.engineID }

// Restart starts a stopped receiver on the same address. Its engine begins as
// a new one, as one does that lost its disk.
func (r *Receiver) Restart() {
	r.t.Helper()
	conf := filepath.Join(r.dir, "snmptrapd.conf")
	if err := os.WriteFile(conf, []byte(r.config()), 0o600); err != nil {
		r.t.Fatal(err)
	}
	listen := "udp:" + r.o.Addr.String()
	if r.o.Addr.Addr().Is6() {
		listen = "udp6:" + r.o.Addr.String()
	}
	cmd := exec.Command(r.path, "-f", "-C", "-c", conf, "-m", "", "-n", "-t", "-On", "-Oe", "-Ot", "-Lo", "-F", format, listen)
	cmd.Env = []string{"MIBS=", "SNMPCONFPATH=" + r.dir, "SNMP_PERSISTENT_DIR=" + tempDir(r.t), "PATH=/usr/bin:/bin"}
	cmd.Stdout, cmd.Stderr = r, r
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	ended := make(chan struct{})
	r.cmd, r.ended = cmd, ended
	go func() {
		_ = cmd.Wait() // it is stopped by a signal
		close(ended)
	}()
	if err := r.awaitAnswer(); err != nil {
		r.t.Fatalf("snmptrapd does not answer on %s: %v", r.o.Addr, err)
	}
}

func (r *Receiver) config() string {
	var b strings.Builder
	if r.o.EngineID != nil {
		fmt.Fprintf(&b, "exactEngineID 0x%x\n", r.o.EngineID)
	}
	for _, c := range r.o.Communities {
		fmt.Fprintf(&b, "authCommunity log %s\n", c)
	}
	for _, u := range r.o.Users {
		fmt.Fprintf(&b, "%s\nauthUser log %s %s\n", u.createUser(), u.Name, u.level())
	}
	b.WriteString(r.o.Config)
	return b.String()
}

// awaitAnswer asks for the engine ID until the receiver tells it.
func (r *Receiver) awaitAnswer() error {
	local, err := usm.NewEngine(usm.Config{ID: []byte{0x80, 0, 0x7e, 0xd9, 4, 't', 'e', 's', 't'}})
	if err != nil {
		return err
	}
	nobody, err := usm.NewCredentials(nil, "nobody", usm.NoAuth, "", usm.NoPriv, "")
	if err != nil {
		return err
	}
	remote, err := usm.NewRemote(local, nobody, message.NoAuthNoPriv)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		if err = r.ask(remote); err == nil {
			r.engineID = remote.EngineID()
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-r.ended:
			return fmt.Errorf("it has ended: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (r *Receiver) ask(remote *usm.Remote) error {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.o.Addr))
	if err != nil {
		return err
	}
	defer conn.Close()
	var (
		builder  message.Builder
		answer   message.Message
		security usm.Context
	)
	probe, err := remote.Probe(&builder, &security, 1)
	if err != nil {
		return err
	}
	if _, err := conn.Write(probe); err != nil {
		return err
	}
	if err := conn.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	buf := make([]byte, 1500)
	n, err := conn.Read(buf)
	if err != nil {
		return err
	}
	if err := message.Decode(buf[:n], &answer); err != nil {
		return err
	}
	if err := remote.Incoming(&answer, &security); err != nil && !remote.Known() {
		return err
	}
	return nil
}

// Stop ends the receiver; what it has received stays.
func (r *Receiver) Stop() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Signal(os.Interrupt) // it may have ended
	select {
	case <-r.ended:
	case <-time.After(patience):
		_ = r.cmd.Process.Kill()
		<-r.ended
	}
	r.cmd = nil
}

// Write takes the output of snmptrapd.
func (r *Receiver) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log.Write(p)
	r.output.Write(p)
	for {
		record, ok := nextRecord(&r.output)
		if !ok {
			return len(p), nil
		}
		n, err := parse(record)
		if err != nil {
			fmt.Fprintf(&r.log, "\n[not understood: %v]\n", err)
			continue
		}
		r.got = append(r.got, n)
	}
}

// Received lists what has come, in order.
func (r *Receiver) Received() []Notification {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Notification(nil), r.got...)
}

// Clear forgets what has come, so that WaitFor looks at what comes from now on.
func (r *Receiver) Clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = nil
}

// WaitFor waits for the first notification that is wanted, among those that
// have come as well, and fails the test when there is none within limit.
func (r *Receiver) WaitFor(what string, limit time.Duration, wanted func(Notification) bool) Notification {
	r.t.Helper()
	deadline := time.Now().Add(limit)
	for {
		got := r.Received()
		for _, n := range got {
			if wanted(n) {
				return n
			}
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("not within %v: %s; what came:\n%s", limit, what, list(got))
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func list(all []Notification) string {
	var b strings.Builder
	for _, n := range all {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	return b.String()
}
