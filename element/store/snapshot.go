package store

import "mibgate/mib"

// Snapshot is one immutable configuration of all services. It implements
// mib.Configs, so that a generated package's Of reads its part:
// sipep.Of(snapshot).TransportTlsVersion.
type Snapshot struct {
	// Seq counts commits since the store was opened.
	Seq     uint64
	configs []any // by Module.Ordinal
}

// Config is the *Config of one module, nil when it has none.
func (s *Snapshot) Config(m *mib.Module) any { return s.configs[m.Ordinal] }

// Changed reports whether m's configuration may differ between s and t; equal
// configurations that went through an edit may be reported as changed.
func (s *Snapshot) Changed(t *Snapshot, m *mib.Module) bool {
	return s.configs[m.Ordinal] != t.configs[m.Ordinal]
}

// Defaults is the configuration in which everything is at its default.
func Defaults(reg *mib.Registry) *Snapshot {
	s := &Snapshot{configs: make([]any, len(reg.Modules()))}
	for _, m := range reg.Modules() {
		if m.NewConfig != nil {
			s.configs[m.Ordinal] = m.NewConfig()
		}
	}
	return s
}
