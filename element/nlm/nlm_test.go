package nlm

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/event"
	"mibgate/element/syslog"
	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/hoc"
	"mibgate/mib/nlm"
	"mibgate/mib/sipep"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

var (
	paris = time.FixedZone("CET", 3600)
	noon  = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
)

// fixture is an element with nothing but this service.
type fixture struct {
	*testelement.Element
	nlm *Service
	log *lockedBuffer
}

// lockedBuffer is a buffer that the service writes and the test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// prepare makes the service without starting it.
func prepare(t *testing.T) *fixture {
	t.Helper()
	el := testelement.New(t, element.Options{Now: func() time.Time { return noon }})
	f := &fixture{Element: el, log: &lockedBuffer{}}
	f.nlm = New(el.Store, el.Bus, Options{
		Local: func(t time.Time) time.Time { return t.In(paris) },
		Unit:  func() syslog.Unit { return syslog.Unit{MAC: "02:00:00:00:00:01", Serial: "0815", Version: "1.2"} },
		Log:   slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return f
}

func start(t *testing.T) *fixture {
	t.Helper()
	f := prepare(t)
	f.Start(f.nlm)
	return f
}

func (f *fixture) emit(m *mib.Module, s event.Severity, text string) {
	f.Bus.Emit(event.Event{Module: m, ID: 20, Severity: s, Text: text})
}

// receiver is a syslog server on loopback.
type receiver struct {
	t    *testing.T
	conn net.PacketConn
}

func receive(t *testing.T) *receiver {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &receiver{t, conn}
}

func (r *receiver) addr() string { return r.conn.LocalAddr().String() }

func (r *receiver) next() string {
	r.t.Helper()
	b := make([]byte, 4096)
	_ = r.conn.SetReadDeadline(time.Now().Add(testelement.Patience))
	n, _, err := r.conn.ReadFrom(b)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b[:n])
}

func TestSyslog(t *testing.T) {
	f, r := start(t), receive(t)
	f.MustSet(`Hoc.HostName="gw1.example.test"`, `Nlm.SyslogRemoteHost="`+r.addr()+`"`)
	f.emit(sipep.Module, event.Warning, "establishing persistent connection to 127.0.0.1:5061")
	want := "<132>Nov 23 12:00:00 gw1.example.test SipEp: 1400-SIP endpoint: 20-establishing persistent connection to 127.0.0.1:5061"
	if got := r.next(); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	f.MustSet(`Nlm.SyslogProtocol="Rfc5424"`, `Nlm.SyslogMessageFormat="[%serial %mac %version] %message"`)
	f.emit(sipep.Module, event.Critical, "again")
	got := r.next()
	if !strings.HasPrefix(got, "<130>1 2026-11-23T12:00:00.000+01:00 gw1.example.test ") || !strings.HasSuffix(got, "[0815 02:00:00:00:00:01 1.2] again") {
		t.Errorf("RFC 5424: %q", got)
	}
	f.Await("Nlm.SyslogSent", "2")
	f.MustSet(`Hoc.HostName=""`, `Hoc.ManagementInterface="Loop"`)
	f.emit(sipep.Module, event.Critical, "nameless")
	if got := r.next(); !strings.Contains(got, " 127.0.0.1 ") {
		t.Errorf("without host name the address stands in the header: %q", got)
	}
	if got := f.Get("Nlm.SyslogDropped"); got != "0" {
		t.Errorf("SyslogDropped is %s", got)
	}
}

func TestThresholds(t *testing.T) {
	f := start(t)
	tests := []struct {
		name, threshold string
		module          *mib.Module
		severity        event.Severity
		want            bool
	}{
		{"at the default", `Hoc.MinSeverity="Warning"`, hoc.Module, event.Warning, true},
		{"below the default", `Hoc.MinSeverity="Warning"`, hoc.Module, event.Info, false},
		{"below, but lowered", `Hoc.MinSeverity="Debug"`, hoc.Module, event.Debug, true},
		{"above, but raised", `Hoc.MinSeverity="Critical"`, hoc.Module, event.Error, false},
		{"a silenced service", `Hoc.MinSeverity="Disable"`, hoc.Module, event.Critical, false},
		{"of another service", `Hoc.MinSeverity="Disable"`, cert.Module, event.Error, true},
	}
	last := 0
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f.MustSet(tt.threshold)
			f.emit(tt.module, tt.severity, tt.name)
			f.emit(sipep.Module, event.Critical, "mark")
			last++
			if tt.want {
				last++
			}
			testwait.Until(t, testelement.Patience, "the mark is logged", func() bool {
				log := f.Column("Nlm.LocalLogMessages.Message")
				return len(log) >= last && log[len(log)-1] == "mark"
			})
			log := f.Column("Nlm.LocalLogMessages.Message")
			if got := log[max(0, len(log)-2)] == tt.name; got != tt.want {
				t.Errorf("logged: %v, want %v (%q)", got, tt.want, log)
			}
			if got := strings.Contains(f.log.String(), `msg="`+tt.name+`"`); got != tt.want {
				t.Errorf("in the program's log: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestLocalLog(t *testing.T) {
	f := prepare(t)
	f.emit(hoc.Module, event.Error, "before the start")
	f.Start(f.nlm)
	f.emit(cert.Module, event.Critical, "hostile \x1b[2J\r\nline \xff")
	row := func(column, index string) string {
		return f.Get("Nlm.LocalLogMessages[Index=" + index + "]." + column)
	}
	f.Await("Nlm.LocalLogNbCriticalEntries", "1")
	for column, want := range map[string]string{
		"LocalTime": "2026-11-23T12:00:00+01:00", "ServiceNumkey": "700", "NotificationId": "20",
		"Severity": "Error", "ServiceTextkey": "Hoc", "Message": "before the start",
	} {
		if got := row(column, "1"); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if got := row("Message", "2"); got != "hostile  [2J  line ?" {
		t.Errorf("the hostile text is %q", got)
	}
	for range MaxEntries {
		f.emit(hoc.Module, event.Error, "more")
	}
	f.Await("Nlm.LocalLogNbErrorEntries", f.Get("Nlm.LocalLogMaxNbEntries"))
	index := f.Column("Nlm.LocalLogMessages.Index")
	if len(index) != MaxEntries || index[0] != "3" || index[MaxEntries-1] != "502" {
		t.Errorf("%d messages from %s to %s", len(index), index[0], index[len(index)-1])
	}
	if got := f.Get("Nlm.LocalLogNbCriticalEntries"); got != "0" {
		t.Errorf("%s critical messages after they were pushed out", got)
	}
}

func TestStopped(t *testing.T) {
	f, r := start(t), receive(t)
	f.MustSet(`Nlm.SyslogRemoteHost="` + r.addr() + `"`)
	f.emit(hoc.Module, event.Error, "one")
	r.next()
	f.Await("Nlm.SyslogSent", "1")
	f.Stop(nlm.Module)
	f.Bus.Emit(event.Event{Module: hoc.Module, ID: 30, Severity: event.Error, Text: "no clock", Alarm: event.Alarm{Resource: "clock", Condition: "lost", Raised: true}})
	if got := f.Column("Nlm.LocalLogMessages.Message"); len(got) != 1 {
		t.Errorf("the local log is %q while stopped", got)
	}
	if got := f.Get("Nlm.SyslogSent"); got != "1" {
		t.Errorf("SyslogSent is %s while stopped", got)
	}
	if got := f.Column("Nlm.ActiveAlarms.Text"); len(got) != 1 {
		t.Errorf("the alarms are %q while stopped", got)
	}
	f.MustSet(`Nlm.SyslogMessageFormat="new %message"`)
	f.Startup(nlm.Module)
	f.emit(hoc.Module, event.Error, "two")
	if got := r.next(); !strings.HasSuffix(got, "new two") {
		t.Errorf("after the restart: %q", got)
	}
	f.Await("Nlm.SyslogSent", "2")
}

func TestDropsAreCounted(t *testing.T) {
	f := start(t)
	f.MustSet(`Nlm.SyslogRemoteHost="no-such-host.invalid"`)
	f.emit(hoc.Module, event.Error, "lost")
	testwait.Until(t, testelement.Patience, "the message is logged", func() bool { return len(f.Column("Nlm.LocalLogMessages.Index")) == 1 })
	f.Stop(nlm.Module)
	if sent, dropped := f.Get("Nlm.SyslogSent"), f.Get("Nlm.SyslogDropped"); sent != "0" || dropped != "1" {
		t.Errorf("sent %s, dropped %s", sent, dropped)
	}
}

// TestResolver: the server's name is asked of the given resolver.
func TestResolver(t *testing.T) {
	asked := make(chan struct{}, 100)
	el := testelement.New(t, element.Options{})
	s := New(el.Store, el.Bus, Options{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		asked <- struct{}{}
		return nil, errors.New("no such server")
	}}})
	el.Start(s)
	el.MustSet(`Nlm.SyslogRemoteHost="log.example.test"`)
	el.Bus.Emit(event.Event{Module: hoc.Module, Severity: event.Error, Text: "hello"})
	testwait.Recv(t, testelement.Patience, "the resolver is asked", asked)
}

func TestActiveAlarms(t *testing.T) {
	f := start(t)
	raise := func(resource string, raised bool) {
		f.Bus.Emit(event.Event{
			Module: cert.Module, ID: 1, Severity: event.Warning, Text: resource + " expires",
			Alarm: event.Alarm{Resource: resource, Condition: "expiry", Raised: raised},
		})
	}
	raise("a", true)
	raise("b", true)
	raise("a", false)
	raise("c", true)
	if got := strings.Join(f.Column("Nlm.ActiveAlarms.Index"), " "); got != "2 3" {
		t.Errorf("alarms %s, want 2 3", got)
	}
	for column, want := range map[string]string{
		"Service": "Cert", "Resource": "b", "Text": "b expires", "Severity": "Warning", "RaisedAt": "2026-11-23T12:00:00+01:00",
	} {
		if got := f.Get("Nlm.ActiveAlarms[Index=2]." + column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
}

func TestValidateFormat(t *testing.T) {
	f := start(t)
	err := f.Set(`Nlm.SyslogMessageFormat="%msgid %nonsense"`)
	if !errors.Is(err, mib.ErrWrongValue) || !strings.Contains(err.Error(), "Nlm.SyslogMessageFormat") {
		t.Errorf("an unknown macro: %v", err)
	}
}

func TestTexts(t *testing.T) {
	tests := []struct{ name, got, want string }{
		{"host", withoutZeroPort("log.example"), "log.example"},
		{"port", withoutZeroPort("log.example:1514"), "log.example:1514"},
		{"port 0", withoutZeroPort("log.example:0"), "log.example"},
		{"IPv6 with port 0", withoutZeroPort("[2001:db8::1]:0"), "[2001:db8::1]"},
		{"IPv6", withoutZeroPort("2001:db8::0"), "2001:db8::0"},
		{"cut at a character", display("aé", 2), "a"},
		{"name of a service", serviceName("SipEp"), "SIP endpoint"},
		{"service without name", serviceName("New"), "New"},
		{"critical", Level(event.Critical).String(), "ERROR+4"},
		{"debug", Level(event.Debug).String(), "DEBUG"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("%q, want %q", tt.got, tt.want)
			}
		})
	}
}
