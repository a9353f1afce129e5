package snmp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	baseline "github.com/slayercat/GoSNMPServer"

	"mibgate/agent/snmp/message"
	"mibgate/testdata/testwait"
)

// baselineEnv tells the test binary to be the agent that attacks are known to
// succeed on; its value is a baselineConfig.
const baselineEnv = "MIBGATE_ATTACK_BASELINE"

// baselineConfig is what a victim of GoSNMPServer is given; see victimOptions.
type baselineConfig struct {
	Community      bool
	Level          message.Level
	Boots, Seconds uint32
}

// baselineRun is a GoSNMPServer in a process of its own: it can be made to
// spin for hours, and only the death of its process ends that.
type baselineRun struct {
	t     testing.TB
	cmd   *exec.Cmd
	addr  netip.AddrPort
	stdin io.WriteCloser
	lines chan string
	log   bytes.Buffer
}

func startBaseline(t testing.TB, o baselineConfig) *baselineRun {
	t.Helper()
	config, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	b := &baselineRun{t: t, cmd: exec.Command(os.Args[0], "-test.run=^TestBaselineProcess$", "-test.timeout=60s"), lines: make(chan string, 1)}
	b.cmd.Env = append(os.Environ(), baselineEnv+"="+string(config))
	b.cmd.Stderr = &b.log
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if b.stdin, err = b.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(b.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			b.lines <- s.Text()
		}
	}()
	t.Cleanup(b.kill)
	b.addr, err = netip.ParseAddrPort(b.line())
	if err != nil {
		t.Fatalf("the baseline does not start: %v", err)
	}
	return b
}

// kill ends the process; more than once is no harm.
func (b *baselineRun) kill() {
	_ = b.cmd.Process.Kill()
	for range b.lines { //nolint:revive // until its output has ended
	}
	_ = b.cmd.Wait()
}

func (b *baselineRun) line() string {
	b.t.Helper()
	return testwait.Recv(b.t, 20*time.Second, "a line of the baseline", b.lines)
}

// location asks for the value of sysLocation beside the network, which works
// while the agent spins, too.
func (b *baselineRun) location() string {
	b.t.Helper()
	if _, err := fmt.Fprintln(b.stdin); err != nil {
		b.t.Fatalf("the baseline has ended: %v", err)
	}
	return strings.TrimPrefix(b.line(), "=")
}

// TestBaselineProcess is no test: TestAttacks runs it as the other agent.
func TestBaselineProcess(t *testing.T) {
	config := os.Getenv(baselineEnv)
	if config == "" {
		return
	}
	var o baselineConfig
	if err := json.Unmarshal([]byte(config), &o); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var location string
	server := baseline.NewSNMPServer(baselineAgent(o, func() string {
		mu.Lock()
		defer mu.Unlock()
		return location
	}, func(s string) {
		mu.Lock()
		defer mu.Unlock()
		location = s
	}))
	if err := server.ListenUDP("udp4", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			_ = server.ServeForever() // ends at errors that only one packet has
		}
	}()
	fmt.Println(server.Address())
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		mu.Lock()
		fmt.Println("=" + location)
		mu.Unlock()
	}
	os.Exit(0) // whoever started us has gone
}

// baselineAgent serves sysUpTime, sysName and sysLocation, and a row of numbers
// for GETBULK to go through.
func baselineAgent(o baselineConfig, get func() string, set func(string)) baseline.MasterAgent {
	users := []gosnmp.UsmSecurityParameters{{UserName: "admin", AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: adminPassword}}
	admin := &users[0]
	if o.Level == message.AuthPriv {
		admin.PrivacyProtocol, admin.PrivacyPassphrase = gosnmp.AES, adminPassword
	}
	fixed := func(s string) func() (any, error) { return func() (any, error) { return s, nil } }
	items := []*baseline.PDUValueControlItem{
		{OID: upTimeName.String(), Type: gosnmp.TimeTicks, OnGet: func() (any, error) { return uint32(100), nil }},
		{OID: sysNameName.String(), Type: gosnmp.OctetString, OnGet: fixed("baseline")},
		{
			OID: locationName.String(), Type: gosnmp.OctetString,
			OnGet: func() (any, error) { return get(), nil },
			OnSet: func(v any) error { set(string(v.([]byte))); return nil }, //nolint:forcetypeassert // a panic is answered
		},
	}
	for i := range 200 {
		items = append(items, &baseline.PDUValueControlItem{
			OID: fmt.Sprintf("1.3.6.1.4.1.32473.9.%d.0", i), Type: gosnmp.Integer, OnGet: func() (any, error) { return i, nil },
		})
	}
	return baseline.MasterAgent{
		SecurityConfig: baseline.SecurityConfig{
			SnmpV3Only: !o.Community, AuthoritativeEngineID: baseline.SNMPEngineID{EngineIDData: "baseline"},
			AuthoritativeEngineBoots:     o.Boots,
			OnGetAuthoritativeEngineTime: func() uint32 { return o.Seconds },
			Users:                        users,
		},
		SubAgents: []*baseline.SubAgent{{CommunityIDs: []string{"public", ""}, OIDs: items}}, // "" is the context of v3
	}
}
