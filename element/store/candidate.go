package store

import (
	"slices"

	"mibgate/element/access"
	"mibgate/mib"
)

// Candidate is a configuration that is being edited: what Normalize may
// change. It implements mib.Configs for reading.
type Candidate struct {
	snap   *Snapshot // the candidate
	base   *Snapshot // what it began as
	shared []any     // configurations that others hold too: Edit copies them first
	before *Snapshot // see Before
	began  *Snapshot // see Began
	token  mib.EditToken
	failed *mib.Error // the first that Fail was told

	assigned  map[string]int   // see Assigned
	who       access.Principal // who edits it; nobody in particular offline
	activated map[string]bool  // rows that were set to active, by instance
}

func newCandidate(base *Snapshot) *Candidate {
	next := &Snapshot{Seq: base.Seq + 1, configs: slices.Clone(base.configs)}
	return &Candidate{snap: next, base: base, shared: base.configs, before: base, began: base, token: freshToken()}
}

func freshToken() mib.EditToken { return mib.EditToken(tokens.Add(1)) }

// Config reads the candidate's configuration of m; it must not be changed.
func (c *Candidate) Config(m *mib.Module) any { return c.snap.configs[m.Ordinal] }

// Edit returns the candidate's configuration of m for changing, and the token
// that its row methods take.
func (c *Candidate) Edit(m *mib.Module) (cfg any, tok mib.EditToken) {
	i := m.Ordinal
	if now := c.snap.configs[i]; now != nil && now == c.shared[i] {
		c.snap.configs[i] = m.CloneConfig(now)
	}
	return c.snap.configs[i], c.token
}

// Who edits the candidate.
func (c *Candidate) Who() access.Principal { return c.who }

// Activated tells whether a row was made as active, or set to active, whatever
// it was before.
func (c *Candidate) Activated(t *mib.Table, key mib.Key) bool { return c.activated[t.Instance(key)] }

// activate remembers it.
func (c *Candidate) activate(t *mib.Table, key mib.Key) {
	if c.activated == nil {
		c.activated = map[string]bool{}
	}
	c.activated[t.Instance(key)] = true
}

// Before is the configuration as the participants last brought it in line: what
// the transaction began with or, after they normalised in the middle of it,
// what that left. It is nil when nothing has been in line yet, at the start.
func (c *Candidate) Before() *Snapshot { return c.before }

// Assigned tells whether the transaction has set o in the row of key, to whatever
// it was already, too: of a secret, which reads back empty, that is all that says
// that it was meant.
func (c *Candidate) Assigned(o *mib.Object, key mib.Key) bool {
	_, ok := c.assigned[o.Instance(key)]
	return ok
}

// Began is what the transaction began with that c is the candidate of: a check of
// Validate that is for changes only compares with it. It is nil before the
// services run, where what is stored, or a script brings, must do (see Store.Hold),
// and of what is no candidate.
func Began(c mib.Configs) *Snapshot {
	if cand, ok := c.(*Candidate); ok {
		return cand.began
	}
	return nil
}

// Fail refuses the candidate: what the operator wants at once cannot be. The
// first error ends the commit, and is blamed as one of Validate is.
func (c *Candidate) Fail(err *mib.Error) {
	if c.failed == nil {
		c.failed = err
	}
}

// fork keeps what the candidate is now from being changed: later edits copy
// again. restore goes back to it.
func (c *Candidate) fork() (restore func()) {
	held, failed := slices.Clone(c.snap.configs), c.failed
	c.shared, c.token = held, freshToken()
	return func() {
		c.snap.configs, c.failed = slices.Clone(held), failed
		c.token = freshToken() // what was edited since shares rows with nobody
	}
}

// aligned makes what the candidate is now what Before answers.
func (c *Candidate) aligned() {
	c.fork()
	c.before = &Snapshot{Seq: c.snap.Seq, configs: c.shared}
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
