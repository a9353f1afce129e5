package mib

// Configs is where the generated Of functions find the *Config of a module: a
// snapshot of the store, or a candidate that is being edited.
type Configs interface {
	Config(m *Module) any
}
