package snmp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/element/access"
	"mibgate/element/event"
	"mibgate/element/service"
	"mibgate/mib"
	"mibgate/mib/snmpv2"
	"mibgate/testdata/testwait"
)

// The boots are on disk before the first answer, and grow with every start of
// the process; the engine ID stays.
func TestEngineSurvivesRestarts(t *testing.T) {
	dir := t.TempDir()
	var id []byte
	for boots := uint32(1); boots <= 3; boots++ {
		u := openUnit(t, dir, Options{}, openSettings...)
		if got, _ := u.svc.engine.Time(); got != boots {
			t.Errorf("boots are %d, not %d", got, boots)
		}
		b, err := os.ReadFile(filepath.Join(dir, "state", StateEngineBoots))
		if n, _ := strconv.Atoi(string(b)); err != nil || uint32(n) != boots {
			t.Errorf("on disk: %q %v", b, err)
		}
		if id == nil {
			id = slices.Clone(u.svc.EngineID())
		}
		if !slices.Equal(id, u.svc.EngineID()) || len(id) < 12 || !slices.Equal(id[:5], []byte{0x80, 0, 0x7e, 0xd9, 5}) {
			t.Errorf("engine ID %x, at first %x", u.svc.EngineID(), id)
		}
		if out := u.ask("snmpget", v2c, u.oid("SNMP-FRAMEWORK-MIB.SnmpEngineBoots"), u.oid("Snmp.EngineBoots")); strings.Count(out, ": "+strconv.Itoa(int(boots))+"\n") != 2 {
			t.Errorf("the agent says %s", out)
		}
		u.close()
	}
}

func TestEngineStateThatCannotBeUsed(t *testing.T) {
	for name, content := range map[string]string{StateEngineBoots: "many", StateEngineID: "abc"} {
		st := newUnit(t).el.Store.State()
		if err := st.Save(name, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if _, err := loadEngine(st, 32473); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A restart of the agent, asked for through the agent, is answered; nothing
// but the agent restarts, and not even its engine.
func TestRestartByItself(t *testing.T) {
	u := newUnit(t, openSettings...)
	sink := u.el.Bus.Subscribe("test", 100)
	defer sink.Close()
	addr := u.svc.Addrs()[0]
	u.svc.o.Listen = []netip.AddrPort{addr} // the same port again
	boots, _ := u.svc.engine.Time()
	up := u.el.UpTime()
	out := u.ask("snmpset", v3, u.oid("Scm.ServiceCommands.Restart", mib.String("Snmp")), "i", "10")
	if !strings.Contains(out, "INTEGER: 10") {
		t.Errorf("the SET is answered with %s", out)
	}
	for e := range sink.Events() {
		if _, ok := e.Notification.(snmpv2.WarmStart); ok && e.ID == MsgWarmStart {
			break
		}
	}
	if out := u.ask("snmpget", v3, u.oid("SNMPv2-MIB.SysUpTime")); !strings.Contains(out, "Timeticks") {
		t.Errorf("after the restart: %s", out)
	}
	if now, _ := u.svc.engine.Time(); now != boots || u.el.UpTime() < up {
		t.Errorf("boots %d, then %d; up %v, then %v", boots, now, up, u.el.UpTime())
	}
}

func TestStartThatCannotBind(t *testing.T) {
	taken, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	addr := taken.LocalAddr().(*net.UDPAddr).AddrPort()
	u := openUnit(t, t.TempDir(), Options{Listen: []netip.AddrPort{addr}})
	info, _ := u.el.Services.Service("Snmp")
	if info.State != service.NotResponding || !strings.Contains(info.Comment, addr.String()) || !strings.Contains(info.Comment, "address already in use") {
		t.Errorf("the service is %v: %q", info.State, info.Comment)
	}
	if b, _ := u.el.Store.State().Load(StateEngineBoots); b != nil {
		t.Errorf("a start that failed was counted: %s", b)
	}
	taken.Close()
	run, err := u.el.Services.PrepareRestart("Snmp")
	if err != nil {
		t.Fatal(err)
	}
	run()
	until(t, "started", func() bool {
		info, _ := u.el.Services.Service("Snmp")
		return info.State == service.Started
	})
	if info, _ := u.el.Services.Service("Snmp"); info.Comment != "" {
		t.Errorf("the comment is %q", info.Comment)
	}
}

// An agent that is bound as configured needs a restart for another address;
// one that the start option binds does not.
func TestNeedRestart(t *testing.T) {
	u := newUnit(t)
	u.set(`Snmp.Port=1161`)
	if u.el.Services.NeedRestart(u.svc.Module()) {
		t.Error("the start option wins over the port")
	}
	u.svc.o.Listen = nil
	if !u.el.Services.NeedRestart(u.svc.Module()) {
		t.Error("another port needs a restart")
	}
	u.set(`Snmp.Port=161`, `Snmp.Community="x"`, `Snmp.TrapDest="127.0.0.1"`)
	if u.el.Services.NeedRestart(u.svc.Module()) {
		t.Error("the port is as before")
	}
	u.set(`Hoc.ManagementInterface="Loop"`)
	if !u.el.Services.NeedRestart(u.svc.Module()) {
		t.Error("another interface needs a restart")
	}
}

func TestConfiguredAddress(t *testing.T) {
	probe, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	port := probe.LocalAddr().(*net.UDPAddr).Port
	probe.Close()
	u := openUnit(t, t.TempDir(), Options{Listen: []netip.AddrPort{}}, append(openSettings, `Hoc.ManagementInterface="Loop"`, `Snmp.Port=`+strconv.Itoa(port))...)
	if got := u.addr(); got != "127.0.0.1:"+strconv.Itoa(port) {
		t.Fatalf("it listens on %s", got)
	}
	u.ask("snmpget", v2c, u.oid("SNMPv2-MIB.SysServices"))
	if _, err := addresses("nosuch0", 161); err == nil || !strings.Contains(err.Error(), "nosuch0") {
		t.Errorf("no such interface: %v", err)
	}
}

// TestAnotherAddress: an agent whose interface gets another address goes there,
// and stays where it is while the interface is down.
func TestAnotherAddress(t *testing.T) {
	var at atomic.Pointer[[]netip.AddrPort]
	looks := make(chan struct{})
	place := func(host string) {
		at.Store(&[]netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr(host), 0)})
	}
	place("127.0.0.1")
	o := Options{Listen: []netip.AddrPort{}, lookTime: time.Millisecond, lookup: func(iface string, _ uint16) ([]netip.AddrPort, error) {
		select {
		case looks <- struct{}{}:
		default:
		}
		if p := at.Load(); p != nil && iface == "Loop" {
			return *p, nil
		}
		return nil, errors.New("down")
	}}
	u := openUnit(t, t.TempDir(), o, append(openSettings, `Hoc.ManagementInterface="Loop"`)...)
	before := u.addr()
	at.Store(nil)
	for range 3 {
		testwait.Recv(t, 5*time.Second, "a look", looks)
	}
	if got := u.addr(); got != before {
		t.Errorf("went from %s to %s while the interface was down", before, got)
	}
	place("127.0.0.2")
	testwait.Until(t, 5*time.Second, "the other address", func() bool {
		addrs := u.svc.Addrs()
		return len(addrs) == 1 && addrs[0].Addr() == netip.MustParseAddr("127.0.0.2")
	})
	u.ask("snmpget", v2c, u.oid("SNMPv2-MIB.SysServices"))
}

func TestParseListen(t *testing.T) {
	for in, want := range map[string]string{
		"127.0.0.1:1161": "[127.0.0.1:1161]", "[::1]:1161": "[[::1]:1161]", ":1161": "[0.0.0.0:1161 [::]:1161]",
		"0.0.0.0:161": "[0.0.0.0:161]", "localhost:99": "[127.0.0.1:99]",
		"nowhere": "", "127.0.0.1": "", "host:161": "", "127.0.0.1:99999": "", "::1:161": "", "": "",
	} {
		got, err := ParseListen(in)
		if (err == nil) != (want != "") || err == nil && sprint(got) != want {
			t.Errorf("%q: %v %v", in, got, err)
		}
	}
}

func sprint(list []netip.AddrPort) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.String()
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func TestValidate(t *testing.T) {
	u := newUnit(t, `Aaa.Users[UserName="short"].Password="short"`)
	tests := []struct {
		name   string
		set    []string
		object string // "": accepted
	}{
		{"no privacy at authPriv", []string{`Snmp.PrivProtocol="None"`}, "Snmp.PrivProtocol"},
		{"no privacy at authNoPriv", []string{`Snmp.PrivProtocol="None"`, `Snmp.MinimumSecurityLevel="AuthNoPriv"`}, ""},
		{"level up again", []string{`Snmp.MinimumSecurityLevel="AuthPriv"`}, "Snmp.PrivProtocol"},
		{"privacy again", []string{`Snmp.MinimumSecurityLevel="AuthPriv"`, `Snmp.PrivProtocol="Aes128"`}, ""},
		{"destinations", []string{`Snmp.TrapDest="127.0.0.1, host.example.test:1162,[::1]:99,::1,[::1]"`}, ""},
		{"six of them", []string{`Snmp.TrapDest="a,b,c,d,e,f"`}, "Snmp.TrapDest"},
		{"none between", []string{`Snmp.TrapDest="a,,b"`}, "Snmp.TrapDest"},
		{"no port", []string{`Snmp.TrapDest="a:0"`}, "Snmp.TrapDest"},
		{"no host", []string{`Snmp.TrapDest="a b"`}, "Snmp.TrapDest"},
		{"community account that is not", []string{`Snmp.SnmpUser="nobody"`, `Snmp.EnableSnmpV2="Enable"`}, "Snmp.SnmpUser"},
		{"which nobody asks for", []string{`Snmp.SnmpUser="nobody"`}, ""},
		{"until", []string{`Snmp.EnableSnmpV1="Enable"`}, "Snmp.SnmpUser"},
		{"community account", []string{`Snmp.SnmpUser="short"`, `Snmp.EnableSnmpV1="Enable"`}, ""},
		{"trap account that is not", []string{`Snmp.TrapUser="nobody"`}, "Snmp.TrapUser"},
		{"trap account that cannot", []string{`Snmp.TrapUser="short"`}, "Snmp.TrapUser"},
		{"no matter in v2c", []string{`Snmp.TrapUser="nobody"`, `Snmp.TrapVersion="V2c"`}, ""},
		{"nor without traps", []string{`Snmp.EnableTrap="Disable"`, `Snmp.TrapVersion="V3"`}, ""},
		{"an account in use", []string{`Aaa.Users[UserName="short"].Delete=10`}, "Snmp.SnmpUser"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := u.try(tt.set...)
			if tt.object == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.object+":") {
				t.Errorf("the error is %v, it should name %s", err, tt.object)
			}
		})
	}
}

// fakeNotifier remembers what it was told.
type fakeNotifier struct {
	mu    sync.Mutex
	calls []string
	last  NotifierConfig
	env   NotifierEnv
}

func (f *fakeNotifier) told(what string, c NotifierConfig) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.last = append(f.calls, what), c
}

func (f *fakeNotifier) Start(c NotifierConfig)     { f.told("start", c) }
func (f *fakeNotifier) Configure(c NotifierConfig) { f.told("configure", c) }
func (f *fakeNotifier) Stop(context.Context)       { f.told("stop", f.last) }

func (f *fakeNotifier) Status() []TargetStatus {
	return []TargetStatus{
		{Name: "trap-1", Destination: "127.0.0.1:162", Sent: 1, LastError: "none"},
		{Name: "trap-2", Destination: "127.0.0.1:163", Sent: 2, LastError: "none"},
	}
}

func TestNotifierIsConfigured(t *testing.T) {
	f := &fakeNotifier{}
	o := Options{OIDRoot: mib.MustOID("1.3.6.1.4.1.4935.1000.100"), Notifier: func(e NotifierEnv) Notifier {
		f.env = e
		return f
	}}
	u := openUnit(t, t.TempDir(), o, openSettings...)
	if f.env.Engine() == nil || f.env.Product.String() != "1.3.6.1.4.1.4935.1000.100.100.61000" || f.env.Element != u.el {
		t.Errorf("it was made with %+v", f.env)
	}
	u.set(`Hoc.SystemName="x"`)
	u.set(`Snmp.Community="other"`, `Snmp.TrapDest="127.0.0.1:1162,::1"`, `Snmp.TrapKind="Inform"`, `Snmp.InformTimeout=2`)
	u.set(`Snmp.EnableSnmpV1="Disable"`) // has nothing to do with traps
	if !slices.Equal(f.calls, []string{"start", "configure"}) {
		t.Errorf("it was told %v", f.calls)
	}
	if len(f.last.Targets) != 2 {
		t.Fatalf("it was told %+v", f.last)
	}
	c := f.last.Targets[0]
	if c.Name != "trap-1" || c.Notify != "trap" || !c.View.Contains(message.SnmpTraps) || c.Filtered {
		t.Errorf("it was told %+v", c)
	}
	if !c.Inform || c.Timeout != 2*time.Second || c.Retries != 3 || c.Version != message.V3 || c.Level != message.AuthPriv || c.MaxSize != 0 {
		t.Errorf("it was told %+v", c)
	}
	if c.Dest != (Destination{Host: "127.0.0.1", Port: 1162}) || c.User == nil || c.User.Name() != "admin" {
		t.Errorf("destination %v, user %v", c.Dest, c.User)
	}
	if c.Name, c.Dest = "trap-2", (Destination{Host: "::1", Port: 162}); !reflect.DeepEqual(f.last.Targets[1], c) {
		t.Errorf("the second target is %+v", f.last.Targets[1])
	}
	u.set(`Snmp.TrapVersion="V1"`)
	if c := f.last.Targets[1]; c.Inform || c.Version != message.V1 {
		t.Errorf("v1 has no informs: %+v", c)
	}
	u.set(`Snmp.EnableTrap="Disable"`)
	if c := f.last.Targets[1]; c.View != nil {
		t.Errorf("it is switched off: %+v", c)
	}
	out := u.ask("snmpwalk", v3, u.column("Snmp.TrapDestStatus.SentCount"))
	if got := names(t, out); len(got) != 2 || !strings.Contains(out, "Counter32: 2") {
		t.Errorf("the status of the destinations: %s", out)
	}
	u.close()
	if f.calls[len(f.calls)-1] != "stop" {
		t.Errorf("it was told %v", f.calls)
	}
}

func TestColdStart(t *testing.T) {
	var sink *event.Sink
	o := Options{Notifier: func(e NotifierEnv) Notifier {
		sink = e.Element.Bus.Subscribe("test", 100)
		return &fakeNotifier{}
	}}
	openUnit(t, t.TempDir(), o)
	defer sink.Close()
	for {
		select {
		case e := <-sink.Events():
			if _, ok := e.Notification.(snmpv2.ColdStart); ok {
				return
			}
		default:
			t.Fatal("no coldStart was emitted")
		}
	}
}

// Reads do not wait for SETs, however many of these wait for their turn.
func TestReadsDoNotWaitForSets(t *testing.T) {
	u := newUnit(t, openSettings...)
	tx, err := u.el.Store.Begin(context.Background(), access.Internal)
	if err != nil {
		t.Fatal(err)
	}
	c, p := &client{t: t}, u.dial()
	name := mib.MustOID(u.oid("Hoc.SystemName"))
	for range maxSets + 5 {
		p.send(c.set(message.V2c, name, mib.String("x")))
	}
	busy := 0
	for range 5 {
		if m := p.decode(p.receive(5 * time.Second)); m.PDU.ErrorStatus() == message.ResourceUnavailable && m.PDU.ErrorIndex() == 1 {
			busy++
		}
	}
	if busy != 5 {
		t.Errorf("%d were refused", busy)
	}
	start, reader := time.Now(), u.dial()
	for range 50 {
		if out := reader.ask(c.community(message.V2c, message.Get, 0, 0, name)); out == nil {
			t.Fatal("no answer")
		}
	}
	if d := time.Since(start); d > 400*time.Millisecond {
		t.Errorf("50 GETs took %v", d)
	}
	tx.Abort()
	for range maxSets {
		if m := p.decode(p.receive(5 * time.Second)); m.PDU.ErrorStatus() != message.NoError && m.PDU.ErrorStatus() != message.ResourceUnavailable {
			t.Errorf("a SET is answered with %v", m.PDU.ErrorStatus())
		}
	}
}
