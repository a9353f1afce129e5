package hoc

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/event"
	"mibgate/element/netif"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// fixture is an element with nothing but this service.
type fixture struct {
	*testelement.Element
	hoc  *Service
	sink *event.Sink
}

func start(t *testing.T) *fixture {
	t.Helper()
	testwait.NoLeaks(t)
	return startIn(t, t.TempDir(), Options{})
}

func startIn(t *testing.T, dir string, o Options) *fixture {
	t.Helper()
	h := New(o)
	el := testelement.Open(t, dir, element.Options{Now: h.Now})
	h.Attach(el.Store, el.Bus)
	f := &fixture{Element: el, hoc: h, sink: el.Bus.Subscribe("test", 100)}
	el.Start(h)
	return f
}

// timeServer answers SNTP on loopback with the host's time plus offset.
type timeServer struct {
	addr   string
	offset atomic.Int64
	down   atomic.Bool
}

func newTimeServer(t *testing.T, offset time.Duration) *timeServer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &timeServer{addr: conn.LocalAddr().String()}
	s.offset.Store(int64(offset))
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve(conn)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return s
}

func (s *timeServer) serve(conn *net.UDPConn) {
	b := make([]byte, 512)
	for {
		n, peer, err := conn.ReadFromUDP(b)
		if err != nil {
			return
		}
		if n < 48 || s.down.Load() {
			continue
		}
		r := make([]byte, 48)
		r[0], r[1] = 4<<3|4, 1 // version 4, mode server; stratum 1
		copy(r[24:32], b[40:48])
		now := time.Now().Add(time.Duration(s.offset.Load()))
		for _, at := range []int{16, 32, 40} {
			stamp(r[at:], now)
		}
		conn.WriteToUDP(r, peer)
	}
}

// stamp writes an NTP timestamp (RFC 5905 §6).
func stamp(b []byte, t time.Time) {
	n := uint64(t.Unix()+2208988800)<<32 | uint64(t.Nanosecond())<<32/1e9
	for i := range 8 {
		b[i] = byte(n >> (56 - 8*i))
	}
}

func TestFourRowsEach(t *testing.T) {
	f := start(t)
	for _, column := range []string{"Hoc.StaticSntpServers.Priority", "Hoc.StaticDnsServers.Priority"} {
		if got := strings.Join(f.Column(column), " "); got != "1 2 3 4" {
			t.Errorf("%s is %q, want 1 2 3 4", column, got)
		}
	}
	err := f.Set(`Hoc.StaticDnsServers[Priority=5].IpAddress="192.0.2.1"`)
	if !errors.Is(err, mib.ErrWrongValue) {
		t.Errorf("a fifth row: %v, want ErrWrongValue", err)
	}
}

func TestValidate(t *testing.T) {
	f := start(t)
	tests := []struct {
		name, assignment string
		want             error
	}{
		{"zone", `Hoc.StaticTimeZone="CET-1CEST,M3.5.0,M10.5.0/3"`, nil},
		{"no zone", `Hoc.StaticTimeZone=""`, nil},
		{"IANA name", `Hoc.StaticTimeZone="Europe/Paris"`, mib.ErrWrongValue},
		{"interface", `Hoc.ManagementInterface="` + loopback(t) + `"`, nil},
		{"interface of ours", `Hoc.ManagementInterface="All"`, nil},
		{"interface that is not there", `Hoc.ManagementInterface="eth77.100"`, mib.ErrWrongValue},
		{"blank in interface", `Hoc.ManagementInterface="my lan"`, mib.ErrWrongValue},
		{"path for interface", `Hoc.ManagementInterface="../eth0"`, mib.ErrWrongValue},
		{"period of nothing", `Hoc.SntpSynchronizationPeriod=0`, mib.ErrWrongValue},
		{"server", `Hoc.StaticSntpServerHost="a b"`, mib.ErrWrongValue},
		{"DNS server", `Hoc.StaticDnsServers[Priority=1].IpAddress="dns.example"`, mib.ErrWrongValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := f.Set(tt.assignment)
			if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			name, _, _ := strings.Cut(tt.assignment, "=")
			if err != nil && !strings.Contains(err.Error(), strings.TrimSuffix(name, "[Priority")) {
				t.Errorf("%q does not name %s", err, name)
			}
		})
	}
}

func TestSntpSetsTheClock(t *testing.T) {
	f := start(t)
	server := newTimeServer(t, 72*time.Hour)
	if got := f.Get("Hoc.ClockState"); got != "NotSynchronized" || f.hoc.Synchronized() {
		t.Errorf("ClockState is %s before any answer", got)
	}
	changed := f.hoc.Changed()
	f.MustSet(`Hoc.StaticTimeZone="JST-9"`, `Hoc.StaticSntpServerHost="`+server.addr+`"`)
	testwait.Recv(t, testelement.Patience, "the clock steps", changed)
	e := f.AwaitEvent(f.sink, MsgClockSynchronized)
	if err := f.hoc.WaitSynchronized(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, ok := e.Notification.(hoc.ClockStateChange)
	if !ok || n.ClockState != hoc.ClockStateSynchronized {
		t.Errorf("the notification is %+v", e.Notification)
	}
	f.Await("Hoc.ClockState", "Synchronized")
	f.Await("Hoc.SntpCurrentSource", server.addr)
	shown, err := time.Parse(time.RFC3339, f.Get("Hoc.SystemTime"))
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Until(shown) - 72*time.Hour; d.Abs() > 10*time.Second {
		t.Errorf("SystemTime is %v away from the server's", d)
	}
	if _, offset := shown.Zone(); offset != 9*3600 {
		t.Errorf("SystemTime is not in the unit's zone: %v", shown)
	}
	if got := f.Get("Hoc.ClockOffset"); !strings.HasPrefix(got, "2592") && !strings.HasPrefix(got, "2591") {
		t.Errorf("ClockOffset is %s ms, want three days", got)
	}
	if got := f.Get("Hoc.SntpLastError"); got != "" {
		t.Errorf("SntpLastError is %q", got)
	}
	f.Restart(hoc.Module)
	if got := f.Get("Hoc.ClockState"); got != "Synchronized" {
		t.Errorf("ClockState is %s after a restart of the service", got)
	}
}

func TestSilentServersRaiseAlarms(t *testing.T) {
	f := start(t)
	server := newTimeServer(t, 0)
	closed := newTimeServer(t, 0)
	f.MustSet(`Hoc.StaticSntpServers[Priority=3].HostName="127.0.0.1:1"`)
	f.AwaitEvent(f.sink, MsgSntpFailed)
	f.AwaitEvent(f.sink, MsgClockNotSynchronized)
	if got := f.Get("Hoc.SntpLastError"); !strings.Contains(got, "127.0.0.1:1") {
		t.Errorf("SntpLastError is %q", got)
	}
	if got := conditions(f); got != "clock not synchronized, no SNTP server answers" {
		t.Errorf("active alarms: %s", got)
	}
	f.MustSet(`Hoc.StaticSntpServerHost="`+server.addr+`"`, `Hoc.StaticSntpServers[Priority=1].HostName="`+closed.addr+`"`)
	f.AwaitEvent(f.sink, MsgSntpRestored)
	testwait.Until(t, testelement.Patience, "no alarm is active", func() bool { return len(f.Bus.Active()) == 0 })
	if got := strings.Join(f.Column("Hoc.SntpServersInfo.HostName"), " "); got != server.addr+" "+closed.addr+" 127.0.0.1:1" {
		t.Errorf("the servers are %s", got)
	}
	if got := strings.Join(f.Column("Hoc.SntpServersInfo.Priority"), " "); got != "1 2 3" {
		t.Errorf("their places are %s", got)
	}
}

func conditions(f *fixture) string {
	var out []string
	for _, a := range f.Bus.Active() {
		out = append(out, a.Alarm.Condition)
	}
	return strings.Join(out, ", ")
}

func TestNoServerIsNoError(t *testing.T) {
	f := start(t)
	f.AwaitEvent(f.sink, MsgClockNotSynchronized)
	if got := f.Get("Hoc.SntpLastError"); got != "" {
		t.Errorf("SntpLastError is %q though no query was made", got)
	}
	if got := conditions(f); got != "clock not synchronized" {
		t.Errorf("active alarms: %s", got)
	}
}

func TestHostKeepsTheTime(t *testing.T) {
	f := start(t)
	f.AwaitEvent(f.sink, MsgClockNotSynchronized)
	f.MustSet(`Hoc.StaticSntpServerHost="127.0.0.1:1"`)
	f.AwaitEvent(f.sink, MsgSntpFailed)
	f.MustSet(`Hoc.ClockSource="Host"`)
	e := f.AwaitEvent(f.sink, MsgClockSynchronized)
	if e.Notification == nil || !f.hoc.Synchronized() {
		t.Errorf("the clock did not become synchronized: %+v", e)
	}
	testwait.Until(t, testelement.Patience, "no alarm is active", func() bool { return len(f.Bus.Active()) == 0 })
	if rows := f.Column("Hoc.SntpServersInfo.HostName"); len(rows) != 0 {
		t.Errorf("servers are asked though the host keeps the time: %v", rows)
	}
	f.MustSet(`Hoc.ClockSource="Sntp"`)
	e = f.AwaitEvent(f.sink, MsgClockNotSynchronized)
	if n, ok := e.Notification.(hoc.ClockStateChange); !ok || n.ClockState == hoc.ClockStateSynchronized {
		t.Errorf("the loss is told as %+v", e.Notification)
	}
}

func TestStartWithHostTellsNoChange(t *testing.T) {
	dir := t.TempDir()
	f := startIn(t, dir, Options{})
	f.MustSet(`Hoc.ClockSource="Host"`)
	f.Close()
	f = startIn(t, dir, Options{})
	if e := f.AwaitEvent(f.sink, MsgClockSynchronized); e.Notification != nil {
		t.Errorf("a start is told as a change: %+v", e.Notification)
	}
}

// TestLastKnownTime: a unit without battery comes up years back, and goes on
// from the time it knew.
func TestLastKnownTime(t *testing.T) {
	dir := t.TempDir()
	server := newTimeServer(t, 240*time.Hour)
	f := startIn(t, dir, Options{})
	f.MustSet(`Hoc.StaticSntpServerHost="` + server.addr + `"`)
	f.Await("Hoc.ClockState", "Synchronized")
	knew := f.hoc.Now()
	f.Close()

	server.down.Store(true)
	past := time.Now()
	f = startIn(t, dir, Options{Host: func() time.Time { return time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC).Add(time.Since(past)) }})
	if got := f.Get("Hoc.ClockState"); got != "LastKnown" {
		t.Errorf("ClockState is %s", got)
	}
	if now := f.hoc.Now(); now.Before(knew.Truncate(time.Second)) {
		t.Errorf("the clock went back from %v to %v", knew, now)
	}
	f.Close()

	if err := os.WriteFile(filepath.Join(dir, "state", StateName), []byte("yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	f = startIn(t, dir, Options{})
	f.AwaitEvent(f.sink, MsgStateUnreadable)
	if got := f.Get("Hoc.ClockState"); got != "NotSynchronized" {
		t.Errorf("ClockState is %s with a state that cannot be read", got)
	}
}

func TestNowBeforeAttach(t *testing.T) {
	if d := time.Until(New(Options{}).Now()); d.Abs() > time.Minute {
		t.Errorf("Now is %v away from the host's time", d)
	}
}

func TestBuildTime(t *testing.T) {
	defer func(old string) { buildTime = old }(buildTime)
	buildTime = "2026-11-23T12:00:00+01:00"
	if got := BuildTime(); !got.Equal(time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("BuildTime is %v", got)
	}
	buildTime = "unknown"
	if BuildTime().Year() < 2026 {
		t.Errorf("BuildTime is %v without the linker's help", BuildTime())
	}
}

// loopback is an interface that every host has.
func loopback(t *testing.T) string {
	t.Helper()
	name, err := netif.HostName(netif.Loop)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// TestInterfaceToCome: an interface that is not there can be brought before the
// services run, and keeps neither a start nor another change from going on.
func TestInterfaceToCome(t *testing.T) {
	testwait.NoLeaks(t)
	dir, set := t.TempDir(), `Hoc.ManagementInterface="eth77"`
	h := New(Options{})
	el := testelement.Open(t, dir, element.Options{Now: h.Now})
	h.Attach(el.Store, el.Bus)
	el.Store.Hold()
	el.Start(h)
	el.MustSet(set)
	if err := el.Store.Flush(); err != nil {
		t.Fatal(err)
	}
	el.MustSet(set, `Hoc.SystemLocation="Bern"`)
	el.Close()
	f := startIn(t, dir, Options{})
	f.MustSet(`Hoc.SystemLocation="Thun"`)
	f.MustSet(`Hoc.ManagementInterface="Loop"`)
	err := f.Set(set)
	for _, want := range []string{"Hoc.ManagementInterface", "eth77", "Lan1", loopback(t)} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
