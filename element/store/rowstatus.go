package store

import (
	"fmt"

	"mibgate/mib"
)

// setRowStatus is RFC 2579 §2. The assignments of a transaction are
// simultaneous: whether the row has what it needs is seen when it is committed.
func (tx *Tx) setRowStatus(t *mib.Table, key mib.Key, s mib.RowStatus) error {
	row, exists := t.Lookup(tx.cand.Config(t.Module), key)
	switch s {
	case mib.RowCreateAndGo, mib.RowCreateAndWait:
		if exists {
			return &mib.Error{Kind: mib.ErrInconsistent, Detail: "the row exists already"}
		}
		cfg, tok := tx.cand.Edit(t.Module)
		row = t.New(cfg, tok, key)
		if s == mib.RowCreateAndWait {
			stateOf(row).SetState(mib.RowNotInService)
		} else {
			tx.cand.activate(t, key)
		}
		tx.touch(t, key, false)
		return nil
	case mib.RowActive, mib.RowNotInService:
		if !exists && !tx.CreateRows {
			return &mib.Error{Kind: mib.ErrInconsistent, Detail: "the row does not exist; create it with createAndGo(4) or createAndWait(5)"}
		}
		cfg, tok := tx.cand.Edit(t.Module)
		if !exists {
			row = t.New(cfg, tok, key)
		}
		stateOf(t.Edit(cfg, tok, row)).SetState(s)
		if s == mib.RowActive {
			tx.cand.activate(t, key)
		}
		tx.touch(t, key, s == mib.RowNotInService && !tx.CreateRows)
		return nil
	case mib.RowDestroy:
		if exists {
			cfg, tok := tx.cand.Edit(t.Module)
			t.Remove(cfg, tok, key)
		}
		return nil
	}
	return &mib.Error{Kind: mib.ErrWrongValue, Detail: "cannot be set: notReady is for reading only"}
}

func stateOf(row any) interface{ SetState(s mib.RowStatus) } {
	return row.(interface{ SetState(s mib.RowStatus) }) //nolint:forcetypeassert // every row embeds RowMeta
}

// editRows carries out Insert, Up, Down and Delete. The tables that have the
// first three are ordered: keyed by one integer that counts from 1.
func (tx *Tx) editRows(t *mib.Table, edit mib.RowEdit, key mib.Key) error {
	if err := tx.requireRow(t, key); err != nil {
		return err
	}
	cfg, tok := tx.cand.Edit(t.Module)
	switch edit {
	case mib.EditDelete:
		t.Remove(cfg, tok, key)
		if ordered(t) {
			tx.closeGap(t, key)
		}
		return nil
	case mib.EditInsert:
		return tx.insertBefore(t, key)
	case mib.EditUp, mib.EditDown:
		other, ok := tx.neighbour(t, key, edit)
		if !ok {
			return &mib.Error{Kind: mib.ErrInconsistent, Detail: "the row is at the end of the table already"}
		}
		tx.swapRows(t, key, other)
		return nil
	}
	return &mib.Error{Kind: mib.ErrInconsistent, Detail: fmt.Sprintf("no such row command (%d)", edit)}
}

// ordered tells a table whose rows have an order that operators change.
func ordered(t *mib.Table) bool {
	for _, c := range t.Columns {
		if c.Edit == mib.EditInsert {
			return true
		}
	}
	return false
}

// keys lists the keys from key on (inclusive), in order.
func (tx *Tx) keys(t *mib.Table, key mib.Key, inclusive bool) []mib.Key {
	var out []mib.Key
	cfg := tx.cand.Config(t.Module)
	for row, ok := t.Seek(cfg, key, inclusive); ok; {
		k := t.KeyOf(row, nil)
		out = append(out, k)
		row, ok = t.Seek(cfg, k, false)
	}
	return out
}

func (tx *Tx) neighbour(t *mib.Table, key mib.Key, edit mib.RowEdit) (mib.Key, bool) {
	if edit == mib.EditDown {
		row, ok := t.Seek(tx.cand.Config(t.Module), key, false)
		if !ok {
			return nil, false
		}
		return t.KeyOf(row, nil), true
	}
	var before mib.Key
	for _, k := range tx.keys(t, nil, true) {
		if mib.CompareKeys(t.Index, k, key) == 0 {
			break
		}
		before = k
	}
	return before, before != nil
}

// swapRows exchanges two rows by way of a key that no row has.
func (tx *Tx) swapRows(t *mib.Table, a, b mib.Key) {
	cfg, tok := tx.cand.Edit(t.Module)
	spare := mib.Key{{Kind: a[0].Kind, Num: 1<<32 - 1}}
	t.Move(cfg, tok, a, spare)
	t.Move(cfg, tok, b, a)
	t.Move(cfg, tok, spare, b)
}

// insertBefore shifts the row and those behind it by one, as far as they are
// consecutive, and puts a row of defaults in its place.
func (tx *Tx) insertBefore(t *mib.Table, key mib.Key) error {
	run := consecutive(tx.keys(t, key, true))
	last := run[len(run)-1]
	next := mib.Key{{Kind: last[0].Kind, Num: last[0].Num + 1}}
	if err := t.CheckKey(next); err != nil {
		return &mib.Error{Kind: mib.ErrInconsistent, Detail: "the table is full"}
	}
	cfg, tok := tx.cand.Edit(t.Module)
	for i := len(run) - 1; i >= 0; i-- {
		k := run[i]
		t.Move(cfg, tok, k, mib.Key{{Kind: k[0].Kind, Num: k[0].Num + 1}})
	}
	t.New(cfg, tok, key)
	return nil
}

// closeGap moves the consecutive rows behind a deleted one up by one.
func (tx *Tx) closeGap(t *mib.Table, key mib.Key) {
	behind := tx.keys(t, key, false)
	cfg, tok := tx.cand.Edit(t.Module)
	for _, k := range behind {
		if k[0].Num != key[0].Num+1 {
			return
		}
		t.Move(cfg, tok, k, key)
		key = k
	}
}

// consecutive cuts a list of keys at its first gap.
func consecutive(keys []mib.Key) []mib.Key {
	for i := 1; i < len(keys); i++ {
		if keys[i][0].Num != keys[i-1][0].Num+1 {
			return keys[:i]
		}
	}
	return keys
}
