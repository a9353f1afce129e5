package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"mibgate/cmd/mibgate/lab"
	"mibgate/mib"
	"mibgate/mib/cert"
)

// labOptions are the flags of lab.
type labOptions struct {
	data  string
	lines int
}

// labLines bounds the lines of the lab: the unit's limit (dgw-model, 64).
const labLines = 64

func newLab() *cobra.Command {
	o := labOptions{}
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Show the whole job on loopback: a unit with a SIP server, an SNTP server and a trap receiver",
		Long: "Show the whole job on loopback. It starts a throw-away certificate authority, a SIP registrar and proxy\n" +
			"over TLS, an SNTP server and a trap receiver, then a unit that uses them, and prints commands to try.\n" +
			"SIGUSR1 cuts the TLS link at the server. Community and password are well known: nothing listens beyond\n" +
			"127.0.0.1. It ends with SIGINT or SIGTERM.",
		Args: cobra.NoArgs,
	}
	cmd.RunE = runs(func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		return runLab(ctx, cmd, o)
	})
	cmd.Flags().StringVar(&o.data, "data", "", "new data `folder` of the unit (default: a temporary one, removed at the end)")
	cmd.Flags().IntVar(&o.lines, "lines", 3, "how many lines to register")
	return cmd
}

func runLab(ctx context.Context, cmd *cobra.Command, o labOptions) error {
	if o.lines < 1 || o.lines > labLines {
		return misused(fmt.Errorf("--lines %d: allowed are 1..%d", o.lines, labLines))
	}
	work, err := os.MkdirTemp("", "mibgate-lab-")
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	if o.data == "" {
		o.data = filepath.Join(work, "data")
	} else if exists(filepath.Join(o.data, "config")) {
		return misused(fmt.Errorf("--data %s has a configuration already: name a new folder", o.data))
	}
	out := cmd.OutOrStdout()
	peers, err := lab.Start(lab.WellKnown, out)
	if err != nil {
		return err
	}
	defer peers.Close()
	unit, err := startUnit(ctx, cmd.ErrOrStderr(), work, o, peers)
	if err != nil {
		return err
	}
	defer unit.stop()
	if err := awaitUp(ctx, peers.Ports.SNMP, o.lines, unit.ended); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nTLS link Up, %d lines registered.\n\n", o.lines)
	advise(out, o, peers.Ports)
	return tend(ctx, peers, unit)
}

// tend serves SIGUSR1 until the lab is told to end or the unit does.
func tend(ctx context.Context, peers *lab.Lab, unit *labUnit) error {
	cut := make(chan os.Signal, 1)
	signal.Notify(cut, syscall.SIGUSR1)
	defer signal.Stop(cut)
	for {
		select {
		case <-cut:
			peers.Registrar.Cut()
		case <-ctx.Done():
			return nil
		case <-unit.ended:
			return fmt.Errorf("lab: the unit ended: %w", unit.err)
		}
	}
}

// labUnit is the unit of the lab: this program once more, as `mibgate run`.
type labUnit struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // why it ended; after ended is closed
}

func startUnit(ctx context.Context, log io.Writer, work string, o labOptions, peers *lab.Lab) (*labUnit, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	ca := cert.Objects.OthersCertificatesInfoCertificate
	script := peers.Script(o.lines) + fmt.Sprintf("%s=%s\n", ca.Instance(cert.OthersCertificatesInfoKey("lab-ca.pem")), mib.ValueText(ca.Syntax, mib.String(string(peers.CA))))
	scriptFile, passwordFile := filepath.Join(work, "lab.script"), filepath.Join(work, "password")
	if err := os.WriteFile(scriptFile, []byte(script), 0o600); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	if err := os.WriteFile(passwordFile, []byte(labPassword+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	c := exec.Command(self, "run", "--data", o.data, "--script", scriptFile, "--initial-password", passwordFile,
		"--snmp", fmt.Sprintf("127.0.0.1:%d", peers.Ports.SNMP))
	c.Stderr = log
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM} // Ctrl-C is the lab's
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	u := &labUnit{cmd: c, ended: make(chan struct{})}
	ready := make(chan struct{})
	go u.watch(stdout, ready)
	select {
	case <-ready:
		return u, nil
	case <-u.ended:
		return nil, fmt.Errorf("lab: the unit did not start: %w", u.err)
	case <-ctx.Done():
		u.stop()
		return nil, ctx.Err()
	}
}

// watch tells when the unit is ready and when it has ended.
func (u *labUnit) watch(stdout io.Reader, ready chan<- struct{}) {
	for sc := bufio.NewScanner(stdout); sc.Scan(); {
		if sc.Text() == "ready" {
			close(ready)
		}
	}
	if u.err = u.cmd.Wait(); u.err == nil {
		u.err = fmt.Errorf("it was told to")
	}
	close(u.ended)
}

// stop ends the unit, by force when it does not end by itself.
func (u *labUnit) stop() {
	_ = u.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-u.ended:
	case <-time.After(20 * time.Second):
		_ = u.cmd.Process.Kill()
		<-u.ended
	}
}
