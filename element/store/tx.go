package store

import (
	"errors"
	"sync/atomic"

	"mibgate/element/access"
	"mibgate/mib"
)

// Tx is one transaction. It belongs to one goroutine and ends with Commit or
// Abort.
type Tx struct {
	store *Store
	who   access.Principal
	cand  *Candidate
	// CreateRows lets an assignment to a cell of a missing row create the row,
	// where rows may be created: what scripts do. Views that speak RowStatus
	// leave it off.
	CreateRows bool

	position int
	where    map[string]int // instance → position of its last assignment
	commands []command
	edits    []serviceEdit
	rows     []rowTouch // of tables with required columns
	force    bool       // persist even when nothing is touched
	done     bool
}

type command struct {
	object   *mib.Object
	key      mib.Key
	position int
}

var tokens atomic.Uint64

// At says which assignment follows, 0-based: errors carry it as Position.
func (tx *Tx) At(position int) { tx.position = position }

// Config reads the candidate; Tx implements mib.Configs.
func (tx *Tx) Config(m *mib.Module) any { return tx.cand.Config(m) }

// Set makes one assignment, or asks for a command. key is nil for scalars.
// The error is a *mib.Error; the transaction stays usable, and what failed
// has changed nothing.
func (tx *Tx) Set(o *mib.Object, key mib.Key, v mib.Value) error {
	if err := tx.set(o, key, v); err != nil {
		return tx.locate(err, o, key, v)
	}
	tx.where[o.Instance(key)] = tx.position
	return nil
}

func (tx *Tx) set(o *mib.Object, key mib.Key, v mib.Value) error {
	if !access.CanWriteRow(tx.who, o, key) {
		return &mib.Error{Kind: mib.ErrNoAccess, Detail: "cannot be changed with the role " + tx.who.Role.String()}
	}
	if !o.Access.Writable() {
		return &mib.Error{Kind: mib.ErrNotWritable, Detail: "is read-only"}
	}
	if err := o.Syntax.Check(v); err != nil {
		return err
	}
	if v.Kind.SameTag(o.Syntax.Base) {
		v.Kind = o.Syntax.Base
	}
	if o.Table == nil {
		return tx.setScalar(o, v)
	}
	if err := o.Table.CheckKey(key); err != nil {
		return err
	}
	if err := tx.checkStorage(o, key, v); err != nil {
		return err
	}
	switch o.Source {
	case mib.SourceRowStatus:
		return tx.setRowStatus(o.Table, key, mib.RowStatus(v.Num)) //nolint:gosec // checked against the labels
	case mib.SourceEdit:
		if o.Edit == mib.EditService {
			return tx.addEdit(o, key, v)
		}
		if v.Num != mib.RowVerb {
			return tx.requireRow(o.Table, key)
		}
		return tx.editRows(o.Table, o.Edit, key)
	case mib.SourceCommand:
		return tx.addCommand(o, key, v)
	}
	return tx.setCell(o, key, v)
}

func (tx *Tx) setScalar(o *mib.Object, v mib.Value) error {
	switch {
	case o.Source == mib.SourceCommand:
		return tx.addCommand(o, nil, v)
	case o.Source == mib.SourceEdit && o.Edit == mib.EditService:
		return tx.addEdit(o, nil, v)
	case o.Source != mib.SourceConfig:
		return &mib.Error{Kind: mib.ErrNotWritable, Detail: "is read-only"}
	}
	cfg, _ := tx.cand.Edit(o.Module)
	o.Write(cfg, nil, v)
	return nil
}

func (tx *Tx) setCell(o *mib.Object, key mib.Key, v mib.Value) error {
	row, err := tx.needRow(o.Table, key)
	if err != nil {
		return err
	}
	cfg, tok := tx.cand.Edit(o.Module)
	o.Write(cfg, o.Table.Edit(cfg, tok, row), v)
	tx.touch(o.Table, key, false)
	return nil
}

// needRow finds the row of a cell, or makes it if it appears by itself or
// assignments may create it.
func (tx *Tx) needRow(t *mib.Table, key mib.Key) (any, error) {
	row, ok := t.Lookup(tx.cand.Config(t.Module), key)
	if !ok && t.RowStatus == nil {
		row, ok = tx.appear(t, key)
	}
	switch {
	case ok:
		return row, nil
	case !tx.CreateRows || t.RowStatus == nil:
		return nil, tx.noRow(t)
	}
	cfg, tok := tx.cand.Edit(t.Module)
	row = t.New(cfg, tok, key)
	tx.cand.activate(t, key)
	tx.touch(t, key, false)
	return row, nil
}

// appear finds a row of the system whose cause was set earlier in this
// transaction: the participants add it when they normalise. When they do not,
// or refuse, nothing has changed.
func (tx *Tx) appear(t *mib.Table, key mib.Key) (row any, ok bool) {
	restore := tx.cand.fork()
	for _, p := range tx.store.participants {
		p.Normalize(tx.cand)
	}
	if _, ok = t.Lookup(tx.cand.Config(t.Module), key); !ok {
		restore()
		return nil, false
	}
	tx.cand.aligned()
	return t.Lookup(tx.cand.Config(t.Module), key)
}

// addCommand remembers a command; what it does is prepared in Commit.
func (tx *Tx) addCommand(o *mib.Object, key mib.Key, v mib.Value) error {
	if o.Table != nil {
		if err := tx.requireRow(o.Table, key); err != nil {
			return err
		}
	}
	if v.Num == mib.RowVerb {
		tx.commands = append(tx.commands, command{object: o, key: key, position: tx.position})
	}
	return nil
}

// requireRow finds the row of a configuration or status table.
func (tx *Tx) requireRow(t *mib.Table, key mib.Key) error {
	if _, ok := t.Lookup(tx.owner(t), key); !ok {
		return tx.noRow(t)
	}
	return nil
}

func (tx *Tx) owner(t *mib.Table) any {
	if t.Source == mib.SourceStatus {
		return tx.store.runtime.Status(t.Module)
	}
	return tx.cand.Config(t.Module)
}

func (tx *Tx) noRow(t *mib.Table) error {
	switch {
	case t.RowStatus != nil:
		return &mib.Error{Kind: mib.ErrNoRow, Detail: "the row does not exist; create it first, with RowStatus createAndGo(4)"}
	default:
		return &mib.Error{Kind: mib.ErrNoCreation, Detail: "the row does not exist, and rows of this table appear by themselves"}
	}
}

// locate completes an error with variable, value and position.
func (tx *Tx) locate(err error, o *mib.Object, key mib.Key, v mib.Value) error {
	return tx.locateAt(tx.position, err, o, key, v)
}

func (tx *Tx) locateAt(position int, err error, o *mib.Object, key mib.Key, v mib.Value) error {
	var e *mib.Error
	if !errors.As(err, &e) {
		e = &mib.Error{Kind: mib.ErrInconsistent, Detail: err.Error()}
	}
	if e.Path == "" {
		e.Path = o.Instance(key)
		if !access.Confidential(o) && o.Edit != mib.EditService && (e.Kind == mib.ErrWrongValue || e.Kind == mib.ErrWrongLength || e.Kind == mib.ErrWrongType || e.Kind == mib.ErrWrongEnc) {
			e.Value, e.HasValue = clip(o.Syntax.Display(v)), true
		}
	}
	e.Position = position
	return e
}

// Abort ends the transaction without effect. After Commit it does nothing.
func (tx *Tx) Abort() {
	if !tx.done {
		tx.done = true
		tx.store.release()
	}
}

func clip(s string) string {
	if len(s) > 60 {
		return mib.Clip(s, 60) + "…"
	}
	return s
}
