package store

import (
	"mibgate/element/access"
	"mibgate/mib"
)

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

// An Editor is a Participant that carries out assignments to objects of
// mib.EditService. Commit asks every editor before it normalises, ordered by
// the OID of the objects, then as they were set.
type Editor interface {
	// Edit edits the candidate as v asks, for who. key is nil for a scalar; the
	// row exists. mine is false when the object is none of the editor's. The
	// error ends the transaction; a *mib.Error needs neither path nor position.
	Edit(c *Candidate, who access.Principal, o *mib.Object, key mib.Key, v mib.Value) (mine bool, err error)
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
