package testelement

import (
	"context"
	"sync"
	"testing"
	"time"

	"mibgate/agent/script"
	"mibgate/agent/view"
	"mibgate/element"
	"mibgate/element/access"
	"mibgate/element/event"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/model"
	"mibgate/mib/text"
	"mibgate/testdata/testwait"
)

// Patience is how long a test waits for what should come at once.
const Patience = 10 * time.Second

// Element is an element under test.
type Element struct {
	*element.Element
	t       testing.TB
	dir     string
	running bool

	mu     sync.Mutex
	starts map[*mib.Module]int
}

// New opens an element in a new data folder. Clean-up stops, checks and closes
// it.
func New(t testing.TB, o element.Options) *Element {
	t.Helper()
	testwait.NoLeaks(t)
	return Open(t, t.TempDir(), o)
}

// Open opens an element in a data folder that may have been used before.
func Open(t testing.TB, dir string, o element.Options) *Element {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	e := &Element{t: t, dir: dir, starts: map[*mib.Module]int{}}
	hook := o.Supervisor.OnState
	o.Supervisor.OnState = func(i service.Info) {
		e.onState(i)
		if hook != nil {
			hook(i)
		}
	}
	el, err := element.Open(dir, model.Registry, o)
	if err != nil {
		t.Fatal(err)
	}
	e.Element = el
	t.Cleanup(e.Close)
	return e
}

// Start adds services, the first starting first, and starts them.
func (e *Element) Start(services ...service.Service) {
	e.t.Helper()
	for _, s := range services {
		e.Services.Add(s, service.User)
	}
	e.Run()
}

// Run starts what was added.
func (e *Element) Run() {
	e.t.Helper()
	if err := e.Store.Start(e.Services, e.Services.Participants()...); err != nil {
		e.t.Fatal(err)
	}
	e.Services.StartAll()
	e.running = true
}

// Close stops the services, checks the invariants and gives up the data folder.
func (e *Element) Close() {
	if e.Element == nil {
		return
	}
	if e.running {
		e.Readable()
		e.Services.StopAll()
		e.Readable()
	}
	before := statements(e.Store.Current())
	if err := e.Element.Close(); err != nil {
		e.t.Error(err)
	}
	e.Element = nil
	if !e.running {
		return
	}
	st, err := store.Open(e.dir, model.Registry)
	if err != nil {
		e.t.Errorf("what is on disk cannot be read: %v", err)
		return
	}
	defer st.Close()
	after := statements(st.Current())
	for name, v := range before {
		if w, ok := after[name]; !ok || !v.Equal(w) {
			e.t.Errorf("%s is in force but not on disk", name)
		}
		delete(after, name)
	}
	for name := range after {
		e.t.Errorf("%s is on disk but not in force", name)
	}
}

func statements(snap *store.Snapshot) map[string]mib.Value {
	out := map[string]mib.Value{}
	store.Statements(model.Registry, snap, func(o *mib.Object, key mib.Key, v mib.Value) {
		out[o.Instance(key)] = v
	})
	return out
}

// Readable checks that every object answers with a value of its syntax.
func (e *Element) Readable() {
	e.t.Helper()
	for cell := range view.New(e.Element, access.Internal).Walk(view.Scope{}) {
		if cell.Object.Source == mib.SourceCommand || cell.Object.Source == mib.SourceEdit {
			continue
		}
		if err := cell.Object.Syntax.Check(cell.Value); err != nil && cell.Value.Str != "" {
			e.t.Errorf("%s answers what it cannot hold: %v", cell.Name(), err)
		}
	}
}

// Set makes assignments in script syntax, as one transaction of an admin.
func (e *Element) Set(lines ...string) error {
	e.t.Helper()
	s, err := script.Assignments(e.Registry, lines)
	if err != nil {
		return err
	}
	return s.Apply(context.Background(), e.Store, access.Internal)
}

// MustSet is Set that must succeed.
func (e *Element) MustSet(lines ...string) {
	e.t.Helper()
	if err := e.Set(lines...); err != nil {
		e.t.Fatalf("set %q: %v", lines, err)
	}
}

// Get reads a variable by its name, in text form.
func (e *Element) Get(name string) string {
	e.t.Helper()
	_, o, key, err := text.ParseTarget(e.Registry, name)
	if err != nil || o == nil {
		e.t.Fatalf("%s: not a variable: %v", name, err)
	}
	v, err := view.New(e.Element, access.Internal).Get(o, key)
	if err != nil {
		e.t.Fatal(err)
	}
	return o.Syntax.Format(v)
}

// Column reads a column of every row of a table, in text form and in order.
func (e *Element) Column(name string) []string {
	e.t.Helper()
	scope, err := view.ParseScope(e.Registry, name)
	if err != nil {
		e.t.Fatal(err)
	}
	var out []string
	for cell := range view.New(e.Element, access.Internal).Walk(scope) {
		out = append(out, cell.Object.Syntax.Format(cell.Value))
	}
	return out
}

// Await waits until a variable reads as want.
func (e *Element) Await(name, want string) {
	e.t.Helper()
	testwait.Until(e.t, Patience, name+" is "+want, func() bool { return e.Get(name) == want })
}

// Restart restarts one service and waits until it has started again.
func (e *Element) Restart(m *mib.Module) {
	e.t.Helper()
	run, err := e.Services.PrepareRestart(m.Service)
	if err != nil {
		e.t.Fatal(err)
	}
	before := e.started(m)
	run()
	testwait.Until(e.t, Patience, m.Service+" has restarted", func() bool { return e.started(m) > before })
}

// started counts the starts of a service.
func (e *Element) started(m *mib.Module) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.starts[m]
}

func (e *Element) onState(i service.Info) {
	if i.State == service.Started {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.starts[i.Module]++
	}
}

// Startup starts a stopped service and waits until it runs.
func (e *Element) Startup(m *mib.Module) {
	e.t.Helper()
	run, err := e.Services.PrepareStart(m.Service)
	if err != nil {
		e.t.Fatal(err)
	}
	run()
	e.AwaitState(m, service.Started)
}

// Stop stops one service and waits until it has stopped.
func (e *Element) Stop(m *mib.Module) {
	e.t.Helper()
	run, err := e.Services.PrepareStop(m.Service)
	if err != nil {
		e.t.Fatal(err)
	}
	run()
	e.AwaitState(m, service.Stopped)
}

// AwaitState waits until a service is in a state.
func (e *Element) AwaitState(m *mib.Module, want service.State) {
	e.t.Helper()
	testwait.Until(e.t, Patience, m.Service+" is "+want.String(), func() bool {
		i, ok := e.Services.Service(m.Service)
		return ok && i.State == want
	})
}

// AwaitEvent takes events from sink until one has the number id.
func (e *Element) AwaitEvent(sink *event.Sink, id uint32) event.Event {
	e.t.Helper()
	for {
		ev := testwait.Recv(e.t, Patience, "an event", sink.Events())
		if ev.ID == id {
			return ev
		}
	}
}
