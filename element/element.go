package element

import (
	"fmt"
	"time"

	"mibgate/element/event"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
)

// Element is one gateway with its data folder.
type Element struct {
	Registry *mib.Registry
	Store    *store.Store
	Bus      *event.Bus
	Services *service.Supervisor
}

// Options are what the caller provides.
type Options struct {
	// Now is the element's clock, for stamping events.
	Now func() time.Time
	// Supervisor are the hooks of the supervisor.
	Supervisor service.Options
}

// Open opens the data folder. Add the services, then Start.
func Open(dir string, reg *mib.Registry, o Options) (*Element, error) {
	st, err := store.Open(dir, reg)
	if err != nil {
		return nil, err
	}
	return &Element{
		Registry: reg,
		Store:    st,
		Bus:      event.NewBus(o.Now),
		Services: service.New(st, o.Supervisor),
	}, nil
}

// UpTime is how long the element has been up: sysUpTime. Restarting a service
// does not reset it.
func (e *Element) UpTime() time.Duration { return e.Bus.UpTime() }

// Bind is what reads the objects of m in one snapshot.
func (e *Element) Bind(c mib.Configs, m *mib.Module) mib.Binding {
	return mib.Binding{Config: c.Config(m), Status: e.Services.Status(m)}
}

// Close gives the data folder up; the services have been stopped before.
func (e *Element) Close() error {
	if err := e.Store.Close(); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return nil
}
