package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"mibgate/mib/sipep"
)

// Services bound their tables far below the 10,000 rows in which a GETNEXT is
// to be measured. So the unit that has them is this test program, run again: it
// does what the command run does and puts rows into the configuration in force
// before any service reads it. These variables tell it to, and how.
const (
	hostRows = "MIBGATE_TABLE_ROWS"
	hostDir  = "MIBGATE_TABLE_DIR"
)

// tableHost is the life of such a unit; the exit code is returned.
func tableHost() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	dir := os.Getenv(hostDir)
	rows, err := strconv.Atoi(os.Getenv(hostRows))
	if err == nil {
		err = serveTable(ctx, runOptions{
			data: filepath.Join(dir, "data"), scripts: []string{filepath.Join(dir, "script")}, password: filepath.Join(dir, "pw"), snmp: os.Getenv(hostRows + "_AT"),
		}, rows)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func serveTable(ctx context.Context, o runOptions, rows int) error {
	s, err := o.settings()
	if err != nil {
		return err
	}
	s.log = slog.New(slog.DiscardHandler)
	u, err := assemble(o.data, s)
	if err != nil {
		return err
	}
	cmd := newRun()
	if err := u.configure(ctx, cmd, o); err != nil {
		return err
	}
	cfg := sipep.Of(u.el.Store.Current())
	for i := range rows {
		row := sipep.NewAuthenticationRow(uint32(i + 1))
		row.Username = fmt.Sprintf("user%05d", i+1)
		cfg.AddAuthentication(1, row)
	}
	return u.live(ctx, cmd)
}

// startTableHost runs a unit with so many rows in SipEp.Authentication, and v2c
// on port.
func startTableHost(t *testing.T, rows int, port uint16) (pid int) {
	t.Helper()
	dir := t.TempDir()
	script := "Hoc.ClockSource=\"Host\"\nSnmp.EnableSnmpV2=\"Enable\"\nSnmp.Community=\"" + testCommunity + "\"\nSnmp.CommunityRole=\"Admin\"\n" +
		"SipEp.Gateway[Name=\"default\"].NetworkInterface=\"Loop\"\nSipEp.Gateway[Name=\"default\"].Port=" + fmt.Sprint(linkPort(t)) + "\n"
	for name, content := range map[string]string{"script": script, "pw": testPassword + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(environment(), fmt.Sprintf("%s=%d", hostRows, rows), hostDir+"="+dir, fmt.Sprintf("%s_AT=127.0.0.1:%d", hostRows, port))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		timer := time.AfterFunc(generous, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the unit with %d rows: %v", rows, err)
		}
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the unit with %d rows says %q (%v)", rows, line, err)
	}
	return cmd.Process.Pid
}
