package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/testdata/testwait"
)

// snmpdUnit runs net-snmp's agent on a port of loopback, with the community
// and user of the tests, its files in a folder of the test and nothing read
// from the host's.
func snmpdUnit(t *testing.T) (pid int, port uint16) {
	t.Helper()
	program := programAt(t, "snmpd")
	dir, port := t.TempDir(), freePort(t)
	conf := filepath.Join(dir, "snmpd.conf")
	text := fmt.Sprintf("rocommunity %s 127.0.0.1\ncreateUser %s SHA-256 %q AES %q\nrouser %s authpriv\ndontLogTCPWrappersConnects yes\n",
		testCommunity, testUser, testPassword, testPassword, testUser)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "log")
	cmd := exec.Command(program, "-f", "-r", "-C", "-c", conf, "-Lf", log, fmt.Sprintf("udp:127.0.0.1:%d", port))
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "MIBS=", "SNMPCONFPATH=" + dir, "SNMP_PERSISTENT_DIR=" + dir}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	m := newManager(t, port)
	packet := m.community(message.V2c, message.Get, 0, 0, names(upTimeOID))
	testwait.Until(t, 10*time.Second, "snmpd answers", func() bool {
		select {
		case <-ended:
			text, _ := os.ReadFile(log)
			t.Fatalf("snmpd has ended:\n%s", text)
		default:
		}
		_, err := m.try(packet, 100*time.Millisecond)
		return err == nil
	})
	return cmd.Process.Pid, port
}

// snmpdVersion is what snmpd says it is.
func snmpdVersion(t *testing.T) string {
	t.Helper()
	out, _ := exec.Command(programAt(t, "snmpd"), "-v").CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if _, version, ok := strings.Cut(line, "version:"); ok {
			return "net-snmp " + strings.TrimSpace(version)
		}
	}
	return "net-snmp"
}
