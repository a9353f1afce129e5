package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// State keeps small values over restarts that are no configuration: engine
// boots, the last known time, the last local port. Its methods may be called
// from anywhere; two writers of one name must agree among themselves.
type State struct{ dir string }

// State is the state of the data folder.
func (s *Store) State() State { return State{dir: filepath.Join(s.dir, "state")} }

// Load reads a value; nil when it was never saved.
func (st State) Load(name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(st.dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return b, nil
}

// Save keeps a value; when it returns nil the value survives a crash.
func (st State) Save(name string, b []byte) error {
	if err := os.MkdirAll(st.dir, 0o700); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if err := writeDurable(filepath.Join(st.dir, name), b, nil); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}
