package main

import (
	be "encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"mibgate/mib/hoc"
	"mibgate/mib/sipep"
)

// Values of Hoc.ClockState.
const (
	clockNotSynchronized = "100"
	clockLastKnown       = "200"
	clockSynchronized    = "300"
)

// bySNTP makes the unit of a site ask for the time on a port.
func bySNTP(port uint16) string {
	return fmt.Sprintf("Hoc.ClockSource=\"Sntp\"\nHoc.StaticSntpServerHost=\"127.0.0.1:%d\"\nHoc.StaticTimeZone=\"UTC0\"\n", port)
}

// gatewayState is the state of the gateway in words.
func (s *site) gatewayState() string {
	s.t.Helper()
	return s.read(sipep.Objects.GatewayStatusState, 7, 'd', 'e', 'f', 'a', 'u', 'l', 't')
}

const waiting = "Waiting for time synchronization"

// time is what time the unit thinks it is.
func (s *site) time() time.Time {
	s.t.Helper()
	text := s.read(hoc.Objects.SystemTime)
	now, err := time.Parse(time.RFC3339, text)
	if err != nil {
		s.t.Fatalf("Hoc.SystemTime is %q", text)
	}
	return now
}

// TestTimeByChrony: a gateway with TLS waits until chronyd answers, and waits
// again after a restart, when the time of before is known but not confirmed.
func TestTimeByChrony(t *testing.T) {
	t.Parallel() // it waits most of the time
	chronyd := programAt(t, "chronyd")
	port := freePort(t)
	s := newSite(t, siteOptions{lines: bySNTP(port)})
	s.begin()
	s.until(generous, clockNotSynchronized, hoc.Objects.ClockState)
	if got := s.gatewayState(); got != waiting {
		t.Errorf("without time the gateway is %q", got)
	}
	if n := len(s.syslog.lines("establishing persistent connection")); n != 0 {
		t.Errorf("%d attempts to bring up a link without time", n)
	}
	stop := startChrony(t, chronyd, port)
	began := time.Now()
	s.untilUp(2 * generous)
	t.Logf("Up and registered %v after chronyd came up", time.Since(began))
	s.until(generous, clockSynchronized, hoc.Objects.ClockState)
	s.stop()
	stop()
	s.begin()
	s.until(generous, clockLastKnown, hoc.Objects.ClockState)
	if got := s.gatewayState(); got != waiting {
		t.Errorf("with the last known time the gateway is %q", got)
	}
	startChrony(t, chronyd, port)
	s.untilUp(2 * generous)
}

// TestCertificateDates: certificates are judged by the clock of the element,
// wherever SNTP takes it, and that time is kept over a restart.
func TestCertificateDates(t *testing.T) {
	const years = 3 * 365 * 24 * time.Hour // the CA is valid for five
	clock := newSNTP(t, years)
	s := newSite(t, siteOptions{lines: bySNTP(clock.port())})
	s.begin()
	failed := s.trap(generous, sipep.Notifications.TlsHandshakeFailed)
	if got := failed.Values(); len(got) != 4 || got[2] != "200" {
		t.Errorf("the notification says %q, want reason 200", got)
	}
	s.until(generous, stateDown, sipep.Objects.TlsPersistentConnectionStatusState, 1)
	s.until(generous, "200", sipep.Objects.TlsPersistentConnectionStatusLastFailureReason, 1)
	if now := s.time(); now.Before(time.Now().Add(years - time.Hour)) {
		t.Errorf("the unit has %v", now)
	}
	future := s.time()
	s.stop()
	clock.close()
	s.begin()
	s.until(generous, clockLastKnown, hoc.Objects.ClockState)
	if now := s.time(); now.Before(future) {
		t.Errorf("after a restart without server the unit has %v, before it had %v", now, future)
	}
	right := newSNTP(t, 0)
	began := time.Now()
	s.set(s.oid(hoc.Objects.StaticSntpServerHost), "s", fmt.Sprintf("127.0.0.1:%d", right.port()))
	s.untilUp(generous)
	t.Logf("Up and registered %v after a server with the right time was SET", time.Since(began))
	if ahead := time.Until(s.time()).Abs(); ahead > time.Minute {
		t.Errorf("the unit is %v off", ahead)
	}
}

// startChrony runs a real NTP server on loopback that serves the host's time
// and, by -x, never touches it.
func startChrony(t *testing.T, program string, port uint16) (stop func()) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "chrony.conf")
	text := fmt.Sprintf("local stratum 1\nallow 127.0.0.0/8\nbindaddress 127.0.0.1\nport %d\ncmdport 0\nbindcmdaddress /\npidfile %s/pid\n", port, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-d", "-x", "-f", config, "-u", "root"}
	if os.Geteuid() != 0 {
		args = []string{"-d", "-x", "-f", config, "-U"}
	}
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		stopped = true
	}
	t.Cleanup(stop)
	return stop
}

// sntp is a server (RFC 4330) whose time is ahead.
type sntp struct {
	conn *net.UDPConn
	done chan struct{}
}

func newSNTP(t *testing.T, ahead time.Duration) *sntp {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &sntp{conn: conn, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFromUDP(buf)
			if err != nil {
				return
			}
			if n >= 48 {
				_, _ = conn.WriteToUDP(sntpAnswer(buf[:48], time.Now().Add(ahead)), from)
			}
		}
	}()
	t.Cleanup(s.close)
	return s
}

func (s *sntp) port() uint16 { return s.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

func (s *sntp) close() {
	s.conn.Close()
	<-s.done
}

func sntpAnswer(request []byte, now time.Time) []byte {
	const from1900 = 2208988800
	r := make([]byte, 48)
	r[0], r[1], r[2], r[3] = request[0]&0x38|4, 1, request[2], 0xec // server, stratum 1, poll, 2^-20 s
	copy(r[12:], "TEST")
	stamp := uint64(now.Unix()+from1900)<<32 | uint64(now.Nanosecond())<<32/1e9
	copy(r[24:32], request[40:48])
	for _, at := range []int{16, 32, 40} {
		be.BigEndian.PutUint64(r[at:], stamp)
	}
	return r
}
