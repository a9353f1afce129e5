package store

import "mibgate/mib"

// A Participant takes part in transactions. All methods run on the committing
// goroutine, one transaction at a time. Usually it is a service; embed
// NoChange for what is not needed.
type Participant interface {
	// Normalize brings the rows that belong to the system in line with the
	// rest: one per gateway, per slot, per service.
	Normalize(c *Candidate)
	// Validate refuses a candidate that is at odds with itself. The error is a
	// *mib.Error that names the offending object.
	Validate(c mib.Configs) error
	// Prepare does what can fail and be undone without being seen. A nil
	// Change means that there is nothing to do.
	Prepare(old, next *Snapshot) (Change, error)
}

// Change is a prepared change. Exactly one of its methods is called, once;
// neither can fail.
type Change interface {
	Commit()
	Abort()
}

// NoChange is a Participant that does nothing.
type NoChange struct{}

// Normalize does nothing.
func (NoChange) Normalize(*Candidate) {}

// Validate accepts everything.
func (NoChange) Validate(mib.Configs) error { return nil }

// Prepare has nothing to do.
func (NoChange) Prepare(_, _ *Snapshot) (Change, error) { return nil, nil } //nolint:nilnil // nil means nothing to do

// OnCommit is a Change that cannot be seen before it is committed.
type OnCommit func()

// Commit calls the function.
func (f OnCommit) Commit() { f() }

// Abort does nothing.
func (OnCommit) Abort() {}

// Runtime gives the store what commands and status rows need of a module.
type Runtime interface {
	// Status is the module's Status, nil when it has none.
	Status(m *mib.Module) any
	// Commands is the module's Commands, nil when it has none.
	Commands(m *mib.Module) any
}

// Candidate is a configuration that is being edited: what Normalize may
// change. It implements mib.Configs for reading.
type Candidate struct {
	snap  *Snapshot // the candidate
	base  *Snapshot
	token mib.EditToken
}

func newCandidate(base *Snapshot, token mib.EditToken) *Candidate {
	next := &Snapshot{Seq: base.Seq + 1, configs: make([]any, len(base.configs))}
	copy(next.configs, base.configs)
	return &Candidate{snap: next, base: base, token: token}
}

// Config reads the candidate's configuration of m; it must not be changed.
func (c *Candidate) Config(m *mib.Module) any { return c.snap.configs[m.Ordinal] }

// Edit returns the candidate's configuration of m for changing, and the token
// that its row methods take.
func (c *Candidate) Edit(m *mib.Module) (cfg any, tok mib.EditToken) {
	i := m.Ordinal
	if c.snap.configs[i] == c.base.configs[i] && c.base.configs[i] != nil {
		c.snap.configs[i] = m.CloneConfig(c.base.configs[i])
	}
	return c.snap.configs[i], c.token
}

// Rows keeps a table of system-owned rows in line: afterwards it has exactly
// the rows of want, new ones at their defaults. A table that is in line is not
// touched.
func (c *Candidate) Rows(t *mib.Table, want []mib.Key) {
	cfg := c.Config(t.Module)
	missing := make([]mib.Key, 0, len(want))
	for _, k := range want {
		if _, ok := t.Lookup(cfg, k); !ok {
			missing = append(missing, k)
		}
	}
	if len(missing) == 0 && t.Len(cfg) == len(want) {
		return
	}
	edit, tok := c.Edit(t.Module)
	for _, k := range missing {
		t.New(edit, tok, k)
	}
	wanted := make(map[string]bool, len(want))
	for _, k := range want {
		wanted[t.Instance(k)] = true
	}
	var extra []mib.Key
	for row, ok := t.Seek(edit, nil, true); ok; {
		k := t.KeyOf(row, nil)
		if !wanted[t.Instance(k)] {
			extra = append(extra, k)
		}
		row, ok = t.Seek(edit, k, false)
	}
	for _, k := range extra {
		t.Remove(edit, tok, k)
	}
}
