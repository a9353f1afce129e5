package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/element"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/hoc"
	"mibgate/mib/nlm"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// journal is what happened, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

// fake is a service whose behaviour a test chooses.
type fake struct {
	store.NoChange
	module *mib.Module
	j      *journal

	mu          sync.Mutex
	start, stop func(ctx context.Context) error
}

func (f *fake) Module() *mib.Module { return f.module }
func (f *fake) Status() any         { return nil }
func (f *fake) Commands() any       { return nil }

// NeedRestart: the threshold stands for what a run cannot absorb.
func (f *fake) NeedRestart(running, stored *store.Snapshot) bool {
	object := f.module.Service + ".MinSeverity"
	read := func(s *store.Snapshot) int64 {
		for _, o := range f.module.Objects {
			if o.Path() == object {
				return o.Read(s.Config(f.module), nil).Num
			}
		}
		return 0
	}
	return read(running) != read(stored)
}

func (f *fake) Start(ctx context.Context, _ *store.Snapshot) error {
	f.j.note("start %s", f.module.Service)
	return f.do(ctx, func() func(context.Context) error { return f.start })
}

func (f *fake) Stop(ctx context.Context) error {
	f.j.note("stop %s", f.module.Service)
	return f.do(ctx, func() func(context.Context) error { return f.stop })
}

func (f *fake) do(ctx context.Context, which func() func(context.Context) error) error {
	f.mu.Lock()
	act := which()
	f.mu.Unlock()
	if act == nil {
		return nil
	}
	return act(ctx)
}

func (f *fake) behave(start, stop func(context.Context) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.start, f.stop = start, stop
}

// fixture is an element with three fakes: Hoc and Nlm, which are the system's,
// and Cert, a user service.
type fixture struct {
	*testelement.Element
	j              *journal
	hoc, nlm, cert *fake
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	j := &journal{}
	f := &fixture{j: j, hoc: &fake{module: hoc.Module, j: j}, nlm: &fake{module: nlm.Module, j: j}, cert: &fake{module: cert.Module, j: j}}
	f.Element = testelement.New(t, element.Options{Supervisor: service.Options{
		OnState: func(i service.Info) { j.note("%s is %s", i.Module.Service, i.State) },
		OnPanic: func(m *mib.Module, cause any, stack []byte) {
			j.note("panic in %s: %v, stack known: %v", m.Service, cause, len(stack) > 0)
		},
		Startup: func(snap *store.Snapshot, m *mib.Module) service.Startup {
			if m == cert.Module && cert.Of(snap).MinSeverity == cert.MinSeverityDisable {
				return service.Manual
			}
			return service.Auto
		},
	}})
	f.Services.Add(f.hoc, service.System)
	f.Services.Add(f.nlm, service.System)
	f.Services.Add(f.cert, service.User)
	return f
}

func fail(context.Context) error { return errors.New("boom") }

func (f *fixture) info(t *testing.T, m *mib.Module) service.Info {
	t.Helper()
	i, ok := f.Services.Service(m.Service)
	if !ok {
		t.Fatalf("no service %s", m.Service)
	}
	return i
}

func only(lines []string, prefixes ...string) string {
	var out []string
	for _, l := range lines {
		for _, p := range prefixes {
			if strings.HasPrefix(l, p) {
				out = append(out, l)
			}
		}
	}
	return strings.Join(out, ", ")
}

func TestOrder(t *testing.T) {
	f := newFixture(t)
	f.Run()
	if got := only(f.j.all(), "start "); got != "start Hoc, start Nlm, start Cert" {
		t.Errorf("started: %s", got)
	}
	f.Close()
	if got := only(f.j.all(), "stop "); got != "stop Cert, stop Nlm, stop Hoc" {
		t.Errorf("stopped: %s", got)
	}
	want := "Cert is starting, Cert is started, Cert is stopping, Cert is stopped"
	if got := only(f.j.all(), "Cert is"); got != want {
		t.Errorf("states: %s, want %s", got, want)
	}
}

func TestRestartTouchesNoOther(t *testing.T) {
	f := newFixture(t)
	f.Run()
	f.Restart(cert.Module)
	if got := only(f.j.all(), "start Hoc", "stop Hoc", "start Nlm", "stop Nlm"); got != "start Hoc, start Nlm" {
		t.Errorf("the others: %s", got)
	}
	if got := only(f.j.all(), "start Cert", "stop Cert"); got != "start Cert, stop Cert, start Cert" {
		t.Errorf("the service: %s", got)
	}
}

// TestTimes: the state has a time of its own, the start another.
func TestTimes(t *testing.T) {
	f := newFixture(t)
	if i := f.info(t, cert.Module); !i.Since.IsZero() || !i.StartedAt.IsZero() {
		t.Errorf("a service that never ran: %+v", i)
	}
	before := time.Now()
	f.Run()
	first := f.info(t, cert.Module)
	if first.StartedAt.Before(before) || first.Since != first.StartedAt {
		t.Errorf("after the start: %+v", first)
	}
	f.Restart(cert.Module)
	if second := f.info(t, cert.Module); !second.StartedAt.After(first.StartedAt) || second.Since != second.StartedAt {
		t.Errorf("after a restart: %+v", second)
	}
	f.Stop(cert.Module)
	if i := f.info(t, cert.Module); !i.Since.After(i.StartedAt) {
		t.Errorf("after the stop: %+v", i)
	}
}

// TestFailedStartIsTriedAgain: an interface that comes up late is found without
// anybody's help, and only what is new is told.
func TestFailedStartIsTriedAgain(t *testing.T) {
	f := newFixture(t)
	f.Services.SetRetry(time.Millisecond)
	var tries atomic.Int32
	f.cert.behave(func(context.Context) error {
		switch n := tries.Add(1); {
		case n < 4:
			return errors.New("no interface")
		case n < 6:
			return errors.New("port in use")
		}
		return nil
	}, nil)
	f.Run()
	f.AwaitState(cert.Module, service.Started)
	want := "Cert is starting, Cert is not responding, Cert is not responding, Cert is started"
	if got := only(f.j.all(), "Cert is"); got != want {
		t.Errorf("states: %s, want %s", got, want)
	}
	if i := f.info(t, cert.Module); i.Comment != "" || i.NeedRestart {
		t.Errorf("%+v", i)
	}
}

// TestStopEndsTrying: neither a service that was stopped nor one with a fault of
// its own is started again. A third one, which is, tells when that would have
// been.
func TestStopEndsTrying(t *testing.T) {
	f := newFixture(t)
	f.Services.SetRetry(time.Millisecond)
	f.cert.behave(fail, nil)
	f.hoc.behave(func(context.Context) error { panic("fault") }, nil)
	f.nlm.behave(fail, nil)
	f.Run()
	f.Stop(cert.Module)
	count := func(line string) int { return strings.Count(only(f.j.all(), line), line) }
	tries, clock := count("start Cert"), count("start Nlm")
	testwait.Until(t, 5*time.Second, "the clock", func() bool { return count("start Nlm") > clock+20 })
	if got := count("start Cert"); got != tries {
		t.Errorf("the stopped service was started %d times more", got-tries)
	}
	if got := count("start Hoc"); got != 1 {
		t.Errorf("the faulty service was started %d times", got)
	}
}

func TestManual(t *testing.T) {
	f := newFixture(t)
	f.Store.Factory(func(c *store.Candidate) {
		cfg, _ := c.Edit(cert.Module)
		cfg.(*cert.Config).MinSeverity = cert.MinSeverityDisable
	})
	f.Run()
	if i := f.info(t, cert.Module); i.State != service.Stopped || i.Startup != service.Manual {
		t.Errorf("a manual service is %s, %v", i.State, i.Startup)
	}
	if i := f.info(t, hoc.Module); i.Startup != service.Auto || i.State != service.Started {
		t.Errorf("a system service is %s, %v", i.State, i.Startup)
	}
	f.Startup(cert.Module)
	f.Stop(cert.Module)
}

func TestRefusals(t *testing.T) {
	f := newFixture(t)
	f.Run()
	if _, err := f.Services.PrepareStop("Hoc"); !errors.Is(err, service.ErrSystem) {
		t.Errorf("stopping a system service: %v", err)
	}
	if _, err := f.Services.PrepareRestart("Nonsense"); !errors.Is(err, service.ErrNoService) {
		t.Errorf("an unknown service: %v", err)
	}
	if f.Services.Class("Hoc") != service.System || f.Services.Class("Cert") != service.User {
		t.Error("classes are wrong")
	}
	if got := strings.Join(f.Services.Names(), " "); got != "Hoc Nlm Cert" {
		t.Errorf("names: %s", got)
	}
	if _, ok := f.Services.Service("Nonsense"); ok {
		t.Error("an unknown service has an Info")
	}
}

// TestBusy: commands pile up behind a slow one and are then refused, before the
// commit.
func TestBusy(t *testing.T) {
	f := newFixture(t)
	f.Run()
	release := make(chan struct{})
	f.cert.behave(nil, func(context.Context) error { <-release; return nil })
	var err error
	for range 100 {
		var run func()
		if run, err = f.Services.PrepareRestart("Cert"); err != nil {
			break
		}
		run()
	}
	if !errors.Is(err, service.ErrBusy) {
		t.Errorf("a hundred commands are taken: %v", err)
	}
	close(release)
	f.AwaitState(cert.Module, service.Started)
}

func TestFailuresStayWhereTheyAre(t *testing.T) {
	tests := []struct {
		name        string
		start, stop func(context.Context) error
		comment     string
	}{
		{"start fails", fail, nil, "boom"},
		{"start panics", func(context.Context) error { panic("oops") }, nil, "internal error"},
		{"stop fails", nil, fail, "boom"},
		{"stop panics", nil, func(context.Context) error { panic("oops") }, "internal error"},
		{"start hangs", func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("gave up: %w", ctx.Err()) }, nil, "gave up"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			f.Services.SetTimeouts(50*time.Millisecond, 50*time.Millisecond)
			f.Run()
			f.cert.behave(tt.start, tt.stop)
			before := len(f.j.all())
			run, err := f.Services.PrepareRestart("Cert")
			if err != nil {
				t.Fatal(err)
			}
			run()
			testwait.Until(t, testelement.Patience, "the failure shows", func() bool {
				return strings.Contains(only(f.j.all()[before:], "Cert is"), "not responding")
			})
			if tt.start != nil {
				f.AwaitState(cert.Module, service.NotResponding)
				if i := f.info(t, cert.Module); !strings.Contains(i.Comment, tt.comment) || i.NeedRestart {
					t.Errorf("comment %q, need restart %v", i.Comment, i.NeedRestart)
				}
			}
			if strings.Contains(tt.name, "panics") && only(f.j.all(), "panic in Cert: oops, stack known: true") == "" {
				t.Error("nobody was told the panic")
			}
			if i := f.info(t, hoc.Module); i.State != service.Started {
				t.Errorf("another service is %s", i.State)
			}
			f.cert.behave(nil, nil)
			f.Restart(cert.Module)
			if i := f.info(t, cert.Module); i.State != service.Started || i.Comment != "" {
				t.Errorf("after the cause is gone: %s, %q", i.State, i.Comment)
			}
		})
	}
}

// TestLate: a service that ignores its context does not hold up the supervisor,
// and what it started late is stopped before the next start.
func TestLate(t *testing.T) {
	f := newFixture(t)
	f.Services.SetTimeouts(20*time.Millisecond, 20*time.Millisecond)
	release := make(chan struct{})
	f.cert.behave(func(context.Context) error { <-release; return nil }, nil)
	f.Run()
	if i := f.info(t, cert.Module); i.State != service.NotResponding || !strings.Contains(i.Comment, "in time") {
		t.Fatalf("the service is %s, %q", i.State, i.Comment)
	}
	f.cert.behave(nil, nil)
	run, _ := f.Services.PrepareStart("Cert")
	run()
	testwait.Until(t, testelement.Patience, "the start is refused", func() bool {
		return strings.Contains(f.info(t, cert.Module).Comment, "busy")
	})
	close(release)
	run()
	f.AwaitState(cert.Module, service.Started)
	if got := only(f.j.all(), "start Cert", "stop Cert"); got != "start Cert, stop Cert, start Cert" {
		t.Errorf("what was done: %s", got)
	}
}

func TestNeedRestart(t *testing.T) {
	f := newFixture(t)
	f.Run()
	need := func(want bool, why string) {
		t.Helper()
		if got := f.Services.NeedRestart(cert.Module); got != want {
			t.Errorf("NeedRestart is %v %s", got, why)
		}
	}
	need(false, "after the start")
	f.MustSet(`Cert.MinSeverity="Info"`)
	need(true, "after a change")
	f.MustSet(`Cert.MinSeverity="Warning"`)
	need(false, "after the change was taken back")
	f.MustSet(`Cert.MinSeverity="Error"`)
	run, err := f.Services.RestartRequired()
	if err != nil {
		t.Fatal(err)
	}
	run()
	testwait.Until(t, testelement.Patience, "the restart is done", func() bool { return !f.Services.NeedRestart(cert.Module) })
	f.AwaitState(cert.Module, service.Started)
	if got := only(f.j.all(), "stop "); got != "stop Cert" {
		t.Errorf("restarted: %s", got)
	}
	f.Stop(cert.Module)
	f.MustSet(`Cert.MinSeverity="Info"`)
	need(false, "while stopped: the next start has it")
}

// TestEnd: nothing starts once the end has begun, and a command that comes
// later has no effect.
func TestEnd(t *testing.T) {
	f := newFixture(t)
	f.Run()
	entered, release := make(chan struct{}), make(chan struct{})
	f.cert.behave(nil, func(context.Context) error { close(entered); <-release; return nil })
	run, err := f.Services.PrepareRestart("Hoc")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.Close()
	}()
	testwait.Recv(t, testelement.Patience, "the end begins", entered)
	run()
	close(release)
	testwait.Recv(t, testelement.Patience, "the end", ended)
	run()
	if got := only(f.j.all(), "start Hoc"); got != "start Hoc" {
		t.Errorf("started after the end: %s", got)
	}
}

func TestStateNames(t *testing.T) {
	for state, want := range map[service.State]string{
		service.Started: "started", service.Starting: "starting", service.Stopped: "stopped",
		service.Stopping: "stopping", service.NotResponding: "not responding", 7: "unknown",
	} {
		if got := state.String(); got != want {
			t.Errorf("%d is %q, want %q", state, got, want)
		}
	}
}
