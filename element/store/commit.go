package store

import (
	"errors"
	"fmt"

	"mibgate/element/access"
	"mibgate/mib"
)

// Commit carries the transaction through (see doc.go) and ends it. The error
// is a *mib.Error; then nothing has changed.
func (tx *Tx) Commit() error {
	if tx.done {
		return &mib.Error{Kind: mib.ErrUnavailable, Detail: "the transaction has ended", Position: -1}
	}
	runs, err := tx.commit()
	tx.done = true
	tx.store.release()
	if err != nil {
		return err
	}
	for _, run := range runs {
		run()
	}
	return nil
}

func (tx *Tx) commit() ([]func(), error) {
	if err := tx.check(); err != nil {
		return nil, err
	}
	runs, err := tx.prepareCommands()
	if err != nil {
		return nil, err
	}
	if !tx.force && !tx.touched() {
		return runs, nil
	}
	return runs, tx.apply()
}

// check is the semantic phase: carry out the edits of services, normalise, then
// validate.
func (tx *Tx) check() error {
	if err := tx.runEdits(); err != nil {
		return err
	}
	if err := tx.checkReady(); err != nil {
		return err
	}
	// Normalize may have refused in the middle of the transaction, too.
	for _, p := range tx.store.participants {
		p.Normalize(tx.cand)
		if err := tx.cand.failed; err != nil {
			return tx.blame(err)
		}
	}
	for _, p := range tx.store.participants {
		if err := p.Validate(tx.cand); err != nil {
			return tx.blame(err)
		}
	}
	return nil
}

func (tx *Tx) prepareCommands() ([]func(), error) {
	runs := make([]func(), 0, len(tx.commands))
	for _, c := range tx.commands {
		tx.position = c.position
		var row any
		if t := c.object.Table; t != nil {
			r, ok := t.Lookup(tx.owner(t), c.key)
			if !ok {
				return nil, tx.locate(tx.noRow(t), c.object, c.key, mib.Value{})
			}
			row = r
		}
		cmds := tx.store.runtime.Commands(c.object.Module)
		if cmds == nil {
			return nil, tx.locate(&mib.Error{Kind: mib.ErrUnavailable, Detail: "the service is not there to carry it out"}, c.object, c.key, mib.Value{})
		}
		run, err := c.object.Act(cmds, row)
		if err != nil {
			return nil, tx.locate(err, c.object, c.key, mib.Value{})
		}
		if run != nil {
			runs = append(runs, run)
		}
	}
	return runs, nil
}

func (tx *Tx) touched() bool {
	for i := range tx.cand.snap.configs {
		if tx.cand.snap.configs[i] != tx.cand.base.configs[i] {
			return true
		}
	}
	return false
}

// apply is prepare, persist and swap.
func (tx *Tx) apply() error {
	s, old, next := tx.store, tx.cand.base, tx.cand.snap
	changes := make([]Change, 0, len(s.participants))
	abort := func() {
		for i := len(changes) - 1; i >= 0; i-- {
			changes[i].Abort()
		}
	}
	for _, p := range s.participants {
		ch, err := p.Prepare(old, next)
		if err != nil {
			abort()
			e := tx.blame(err).(*mib.Error) //nolint:errorlint,forcetypeassert // blame returns nothing else
			if e.Kind == mib.ErrInconsistent {
				e.Kind = mib.ErrUnavailable
			}
			return e
		}
		if ch != nil {
			changes = append(changes, ch)
		}
	}
	// Who may change no more than what is his own, as often as he likes, pushes
	// nothing out of the history that others may want back.
	if err := s.persist(next, tx.who.Role < access.User); err != nil {
		abort()
		kind := mib.ErrCommit
		if errors.Is(err, errUndo) {
			kind = mib.ErrUndo
		}
		return &mib.Error{Kind: kind, Detail: fmt.Sprintf("the configuration could not be written to disk: %v", err), Position: tx.position}
	}
	s.current.Store(next)
	for _, ch := range changes {
		ch.Commit()
	}
	s.notify(old, next)
	return nil
}
