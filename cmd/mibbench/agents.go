package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// agent is a process that answers.
type agent struct {
	kind string
	port uint16
	cmd  *exec.Cmd
	log  bytes.Buffer
	dir  string
	// apart keeps it off the processor of the generator.
	apart bool
}

// The kinds of agents, in the order of the report.
const (
	ours     = "mibgate"
	netSNMP  = "snmpd"
	netTable = "snmpd, table"
	baseline = "GoSNMPServer"
)

var kinds = []string{ours, netSNMP, netTable, baseline}

// startTime is how long an agent may take to answer the first request.
const startTime = 20 * time.Second

// authNames are the protocols in the words of our script and of snmpd.
var authNames = map[usm.AuthProtocol][2]string{
	usm.SHA1:   {"Sha1", "SHA"},
	usm.SHA256: {"Sha256", "SHA-256"},
}

// rows is how many rows our agent's table has; each has four of the objects.
const rows = 500

// script configures our agent.
func script(auth usm.AuthProtocol) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Hoc.ClockSource=\"Host\"\nSnmp.EnableSnmpV2=\"Enable\"\nSnmp.Community=%q\nSnmp.CommunityRole=\"Admin\"\n", community)
	fmt.Fprintf(&b, "Snmp.AuthProtocol=%q\n", authNames[auth][0])
	for i := range rows {
		row := fmt.Sprintf("SipEp.Authentication[Index=%d]", i+1)
		fmt.Fprintf(&b, "%s.UsernameCriteria=\"caller%05d\"\n%s.Realm=\"realm%05d.example\"\n%s.Username=\"user%05d\"\n", row, i, row, i, row, i)
	}
	return b.String()
}

// startOurs starts our agent in a new folder.
func startOurs(program, dir string, apart bool, auth usm.AuthProtocol) (*agent, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	config, secret := filepath.Join(dir, "script.cfg"), filepath.Join(dir, "password")
	if err := errors.Join(os.WriteFile(config, []byte(script(auth)), 0o600), os.WriteFile(secret, []byte(password+"\n"), 0o600)); err != nil {
		return nil, err
	}
	a, err := newAgent(ours, dir, apart)
	if err != nil {
		return nil, err
	}
	return a, a.start(program, "run", "--data", filepath.Join(dir, "data"), "--snmp", fmt.Sprintf("127.0.0.1:%d", a.port),
		"--script", config, "--initial-password", secret)
}

// startNetSNMP starts snmpd with the objects as overrides or, given a module, with
// those of the module.
func startNetSNMP(program, dir, module string, apart bool, auth usm.AuthProtocol, objects []object) (*agent, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	kind, list := netSNMP, filepath.Join(dir, "objects")
	var b strings.Builder
	fmt.Fprintf(&b, "rwcommunity %s 127.0.0.1\ncreateUser %s %s %q AES %q\nrwuser %s authpriv\ndontLogTCPWrappersConnects yes\n",
		community, user, authNames[auth][1], password, password, user)
	if module != "" {
		kind = netTable
		fmt.Fprintf(&b, "dlmod %s %s\n", tableModule, module)
		if err := writeObjects(list, objects); err != nil {
			return nil, err
		}
	} else {
		overrides(&b, objects)
	}
	config := filepath.Join(dir, "snmpd.conf")
	if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
		return nil, err
	}
	a, err := newAgent(kind, dir, apart)
	if err != nil {
		return nil, err
	}
	persistent := filepath.Join(dir, "persistent")
	a.cmd = exec.Command(program) //nolint:gosec // chosen by the operator
	a.cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "MIBS=", "SNMPCONFPATH=" + dir, "SNMP_PERSISTENT_DIR=" + persistent, "MIBBENCH_OBJECTS=" + list}
	return a, a.start(program, "-f", "-r", "-C", "-c", config, "-Lf", filepath.Join(dir, "log"), fmt.Sprintf("udp:127.0.0.1:%d", a.port))
}

// overrides are the objects as snmpd's directives.
func overrides(b *strings.Builder, objects []object) {
	for _, o := range objects {
		kind, text := "octet_str", fmt.Sprintf("%q", o.value.Str)
		if !o.value.IsString() {
			kind, text = "integer", fmt.Sprint(o.value.Num)
		}
		fmt.Fprintf(b, "override -rw .%s %s %s\n", o.name, kind, text)
	}
}

// startBaseline starts this program as GoSNMPServer.
func startBaseline(dir string, apart bool, auth usm.AuthProtocol, objects []object) (*agent, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	list := filepath.Join(dir, "objects")
	if err := writeObjects(list, objects); err != nil {
		return nil, err
	}
	a, err := newAgent(baseline, dir, apart)
	if err != nil {
		return nil, err
	}
	return a, a.start(self, baselineVerb, fmt.Sprintf("127.0.0.1:%d", a.port), authNames[auth][1], list)
}

func newAgent(kind, dir string, apart bool) (*agent, error) {
	port, err := freePort()
	return &agent{kind: kind, port: port, dir: dir, apart: apart}, err
}

// freePort is a UDP port of 127.0.0.1 that was free a moment ago.
func freePort() (uint16, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, err
	}
	port := c.LocalAddr().(*net.UDPAddr).AddrPort().Port() //nolint:forcetypeassert // of a UDP socket
	return port, c.Close()
}

// start runs the agent and waits until it answers.
func (a *agent) start(program string, args ...string) error {
	if a.cmd == nil {
		a.cmd = exec.Command(program) //nolint:gosec // chosen by the operator
	}
	a.cmd.Args = append(a.cmd.Args, args...)
	a.cmd.Stderr = &a.log
	if err := startOn(a.cmd, a.apart); err != nil {
		return err
	}
	g, err := newGenerator(a.port, 1)
	if err != nil {
		return err
	}
	defer g.close()
	e := &encoder{}
	packet, err := e.encode(operation{typ: message.GetNext}, 1, []object{{name: mib.OID{1, 3, 6, 1}}})
	if err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < startTime; time.Sleep(20 * time.Millisecond) {
		if _, err = g.ask(packet); err == nil {
			return nil
		}
	}
	a.stop() // its log is whole then, and nobody writes it any more
	return fmt.Errorf("%s does not answer: %w\n%s", a.kind, err, a.log.String())
}

func (a *agent) pid() int { return a.cmd.Process.Pid }

// stop ends the process.
func (a *agent) stop() {
	if a.cmd == nil || a.cmd.Process == nil {
		return
	}
	_ = a.cmd.Process.Kill()
	_ = a.cmd.Wait()
}

// startOn starts a command on every processor, or on all but the generator's.
func startOn(cmd *exec.Cmd, apart bool) error {
	last := runtime.NumCPU() - 1
	var set unix.CPUSet
	for cpu := range last {
		set.Set(cpu)
	}
	if !apart {
		set.Set(last)
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return err
	}
	return errors.Join(cmd.Start(), pin(0, last))
}
