package service

import (
	"mibgate/element/store"
	"mibgate/mib"
)

// A Holder is a service that does not take every change live.
type Holder interface {
	// InForce puts into c what a run that began with running works by, where
	// that is not what is stored. It is asked only while NeedRestart is true of
	// the two; c begins as stored.
	InForce(running, stored *store.Snapshot, c *Configs)
}

// Configs is a configuration that is another one but for some modules.
type Configs struct {
	from   mib.Configs
	others map[*mib.Module]any
}

// Config is the *Config of a module. It implements mib.Configs.
func (c *Configs) Config(m *mib.Module) any {
	if cfg, ok := c.others[m]; ok {
		return cfg
	}
	return c.from.Config(m)
}

// Put replaces the *Config of a module.
func (c *Configs) Put(m *mib.Module, config any) {
	if c.others == nil {
		c.others = map[*mib.Module]any{}
	}
	c.others[m] = config
}

// InForce is the configuration that the services work by now: what is stored,
// but for what waits for the restart of a service. A service that does not run
// works by nothing, and has what it would start with.
func (s *Supervisor) InForce() mib.Configs {
	stored := s.store.Current()
	c := &Configs{from: stored}
	for _, e := range s.entries {
		if h, ok := e.svc.(Holder); ok {
			if running := e.unabsorbed(stored); running != nil {
				h.InForce(running, stored, c)
			}
		}
	}
	if c.others == nil {
		return stored
	}
	return c
}
