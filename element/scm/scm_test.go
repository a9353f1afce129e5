package scm

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"mibgate/element"
	"mibgate/element/event"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/scm"
	"mibgate/mib/sipep"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// fake is a service that does nothing, or fails.
type fake struct {
	store.NoChange
	module *mib.Module
	fails  atomic.Value // string
}

func (f *fake) Module() *mib.Module        { return f.module }
func (f *fake) Status() any                { return nil }
func (f *fake) Commands() any              { return nil }
func (f *fake) Stop(context.Context) error { return nil }
func (f *fake) Start(context.Context, *store.Snapshot) error {
	if s, _ := f.fails.Load().(string); s != "" {
		return errors.New(s)
	}
	return nil
}

func (f *fake) NeedRestart(running, stored *store.Snapshot) bool {
	return running.Changed(stored, f.module)
}

// fixture is an element with the controller, a system service and a user
// service.
type fixture struct {
	*testelement.Element
	sip  *fake
	sink *event.Sink
}

func startIn(t *testing.T, dir string) *fixture {
	t.Helper()
	var control *Service
	el := testelement.Open(t, dir, element.Options{Supervisor: service.Options{
		OnState: func(i service.Info) { control.OnState(i) },
		Startup: Startup,
	}})
	control = New(el.Bus)
	control.Attach(el.Services)
	f := &fixture{Element: el, sip: &fake{module: sipep.Module}, sink: el.Bus.Subscribe("test", 100)}
	el.Services.Add(control, service.System)
	el.Services.Add(&fake{module: cert.Module}, service.System)
	el.Services.Add(f.sip, service.User)
	return f
}

func start(t *testing.T) *fixture {
	t.Helper()
	testwait.NoLeaks(t)
	f := startIn(t, t.TempDir())
	f.Run()
	return f
}

const sip = `[Name="SipEp"].`

func TestTables(t *testing.T) {
	f := start(t)
	for _, table := range []string{"ServicesInfo", "ServiceCommands", "ServicesConfig"} {
		if got := strings.Join(f.Column("Scm."+table+".Name"), " "); got != "Scm Cert SipEp" {
			t.Errorf("%s has the rows %s, want them by length, then by name", table, got)
		}
	}
	for column, want := range map[string]string{"Id": "1400", "Class": "User", "StartupType": "Auto", "ExecState": "Started", "Comment": ""} {
		if got := f.Get("Scm.ServicesInfo" + sip + column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if got := f.Get(`Scm.ServicesInfo[Name="Cert"].Class`); got != "System" {
		t.Errorf("the class of Cert is %s", got)
	}
}

func TestSeek(t *testing.T) {
	f := start(t)
	st := f.Services.Status(scm.Module).(scm.Status)
	tests := []struct {
		name      string
		key       mib.Key
		inclusive bool
		want      string
	}{
		{"first", nil, true, "Scm"},
		{"at a row", scm.ServicesInfoKey("Cert"), true, "Cert"},
		{"after a row", scm.ServicesInfoKey("Cert"), false, "SipEp"},
		{"between", scm.ServicesInfoKey("Zzz"), true, "Cert"},
		{"end", scm.ServicesInfoKey("SipEp"), false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if r := st.SeekServicesInfo(tt.key, tt.inclusive); r != nil {
				got = r.Name()
			}
			command := ""
			if r := st.SeekServiceCommands(tt.key, tt.inclusive); r != nil {
				command = r.Name()
			}
			if got != tt.want || command != tt.want {
				t.Errorf("%q and %q, want %q", got, command, tt.want)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	f := start(t)
	f.MustSet("Scm.ServiceCommands" + sip + "Stop=10")
	f.Await("Scm.ServicesInfo"+sip+"ExecState", "Stopped")
	f.MustSet("Scm.ServiceCommands" + sip + "Start=10")
	f.Await("Scm.ServicesInfo"+sip+"ExecState", "Started")
	f.MustSet("Scm.ServiceCommands" + sip + "Restart=0")
	f.MustSet("Scm.ServiceCommands" + sip + "Restart=10")
	drained := []string{}
	for len(drained) < 3 {
		e := f.AwaitEvent(f.sink, MsgStateChange)
		if n, ok := e.Notification.(scm.ServiceStateChange); ok && n.Name == "SipEp" {
			drained = append(drained, n.ExecState.String())
		}
	}
	if got := f.Get("Scm.ServiceCommands" + sip + "Restart"); got != "NoOp" {
		t.Errorf("a command reads as %s", got)
	}
}

func TestRefusedCommands(t *testing.T) {
	f := start(t)
	tests := []struct {
		name, line string
		want       error
	}{
		{"stop of a system service", `Scm.ServiceCommands[Name="Cert"].Stop=10`, mib.ErrInconsistent},
		{"unknown service", `Scm.ServiceCommands[Name="None"].Restart=10`, mib.ErrNoCreation},
		{"other verb", "Scm.ServiceCommands" + sip + "Restart=1", mib.ErrWrongValue},
		{"manual system service", `Scm.ServicesConfig[Name="Cert"].StartupType="Manual"`, mib.ErrInconsistent},
		{"configuration of nothing", `Scm.ServicesConfig[Name="None"].StartupType="Manual"`, mib.ErrNoCreation},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := f.Set(tt.line)
			if !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if name, _, _ := strings.Cut(tt.line, "]"); !strings.Contains(err.Error(), name) {
				t.Errorf("%q does not name %s", err, name)
			}
		})
	}
}

// TestRefusedCommandUndoesAll: a command that is refused takes the assignments
// beside it with it, and no command of the transaction runs.
func TestRefusedCommandUndoesAll(t *testing.T) {
	f := start(t)
	err := f.Set(`Cert.MinSeverity="Debug"`, "Scm.ServiceCommands"+sip+"Stop=10", `Scm.ServiceCommands[Name="Cert"].Stop=10`)
	var e *mib.Error
	if !errors.As(err, &e) || e.Position != 2 {
		t.Fatalf("the error is %v", err)
	}
	if got := f.Get("Cert.MinSeverity"); got != "Warning" {
		t.Errorf("an assignment beside a refused command took effect: %s", got)
	}
	if got := f.Get("Scm.ServicesInfo" + sip + "ExecState"); got != "Started" {
		t.Errorf("a command beside a refused one ran: %s", got)
	}
}

func TestManualOverARestart(t *testing.T) {
	testwait.NoLeaks(t)
	dir := t.TempDir()
	f := startIn(t, dir)
	f.Run()
	f.MustSet("Scm.ServicesConfig" + sip + `StartupType="Manual"`)
	if got := f.Get("Scm.ServicesInfo" + sip + "ExecState"); got != "Started" {
		t.Errorf("the start-up type stopped the service: %s", got)
	}
	f.Close()
	f = startIn(t, dir)
	f.Run()
	if state, startup := f.Get("Scm.ServicesInfo"+sip+"ExecState"), f.Get("Scm.ServicesInfo"+sip+"StartupType"); state != "Stopped" || startup != "Manual" {
		t.Errorf("after a restart of the unit: %s, %s", state, startup)
	}
}

func TestNotResponding(t *testing.T) {
	f := start(t)
	f.sip.fails.Store("line 1\nline 2 \xff" + strings.Repeat("é", 200))
	f.MustSet("Scm.ServiceCommands" + sip + "Restart=10")
	e := f.AwaitEvent(f.sink, MsgNotResponding)
	n, ok := e.Notification.(scm.ServiceStateChange)
	if !ok || n.ExecState != scm.ServicesInfoExecStateNotResponding || e.Severity != event.Error {
		t.Errorf("told is %+v", e)
	}
	comment := f.Get("Scm.ServicesInfo" + sip + "Comment")
	if !strings.HasPrefix(comment, "line 1 line 2 ?é") || len(comment) > 255 {
		t.Errorf("the comment is %q", comment)
	}
	if alarms := f.Bus.Active(); len(alarms) != 1 || alarms[0].Alarm.Resource != "SipEp" {
		t.Errorf("alarms: %+v", alarms)
	}
	f.sip.fails.Store("")
	f.MustSet("Scm.ServiceCommands" + sip + "Start=10")
	f.Await("Scm.ServicesInfo"+sip+"ExecState", "Started")
	testwait.Until(t, testelement.Patience, "the alarm is cleared", func() bool { return len(f.Bus.Active()) == 0 })
}

// TestNotifications: only a state that a service comes to rest in is notified.
func TestNotifications(t *testing.T) {
	f := start(t)
	f.Restart(sipep.Module)
	f.Stop(sipep.Module)
	var got []string
	for len(got) == 0 || got[len(got)-1] != "Stopped" || len(got) < 4 {
		e := testwait.Recv(t, testelement.Patience, "the notifications", f.sink.Events())
		n, ok := e.Notification.(scm.ServiceStateChange)
		if ok && n.Name == "SipEp" {
			got = append(got, n.ExecState.String())
		}
		if !ok && e.Severity != event.Debug {
			t.Errorf("%q has severity %v", e.Text, e.Severity)
		}
	}
	if all := strings.Join(got, " "); all != "Started Stopped Started Stopped" {
		t.Errorf("notified: %s", all)
	}
}

func TestRestartRequired(t *testing.T) {
	f := start(t)
	f.MustSet(`SipEp.MinSeverity="Debug"`)
	if !f.Services.NeedRestart(sipep.Module) || f.Services.NeedRestart(scm.Module) {
		t.Fatal("the wrong service needs a restart")
	}
	f.MustSet("Scm.RestartRequiredServices=10")
	testwait.Until(t, testelement.Patience, "no service needs a restart", func() bool { return !f.Services.NeedRestart(sipep.Module) })
	f.Await("Scm.ServicesInfo"+sip+"ExecState", "Started")
}
