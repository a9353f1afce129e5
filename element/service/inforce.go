package service

import (
	"slices"

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
	last := s.inForce.Load()
	if last != nil && last.stored == stored && slices.EqualFunc(s.entries, last.running, func(e *entry, was *store.Snapshot) bool { return e.began() == was }) {
		return last.configs
	}
	now := &inForce{stored: stored, running: make([]*store.Snapshot, len(s.entries))}
	c := &Configs{from: stored}
	for i, e := range s.entries {
		now.running[i] = e.began()
		h, ok := e.svc.(Holder)
		if running := now.running[i]; ok && running != nil && running != stored && e.svc.NeedRestart(running, stored) {
			h.InForce(running, stored, c)
		}
	}
	if now.configs = c; c.others == nil {
		now.configs = stored
	}
	s.inForce.Store(now)
	return now.configs
}

// inForce is what InForce has made, and of what: snapshots do not change.
type inForce struct {
	stored  *store.Snapshot
	running []*store.Snapshot // of each entry
	configs mib.Configs
}
