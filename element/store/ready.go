package store

import "mibgate/mib"

// rowTouch is a row that the transaction has changed, of a table whose rows
// need more than defaults.
type rowTouch struct {
	table    *mib.Table
	key      mib.Key
	position int
	ready    bool // it must be ready though it is not active
}

// touch remembers a row for checkReady.
func (tx *Tx) touch(t *mib.Table, key mib.Key, ready bool) {
	if len(t.Required) > 0 {
		tx.rows = append(tx.rows, rowTouch{table: t, key: key, position: tx.position, ready: ready})
	}
}

// checkReady refuses rows that are to be active and lack a value (RFC 2579 §2).
// The error names the column; it is that of the assignment to it, else to the
// RowStatus, else to anything in the row.
func (tx *Tx) checkReady() error {
	for i := range tx.rows {
		r := &tx.rows[i]
		row, ok := r.table.Lookup(tx.cand.Config(r.table.Module), r.key)
		if !ok || r.table.State(row) != mib.RowActive && !r.ready {
			continue
		}
		missing := r.table.Missing(row)
		if missing == nil {
			continue
		}
		position := r.position
		for _, o := range []*mib.Object{r.table.RowStatus, missing} {
			if o == nil {
				continue
			}
			if at, ok := tx.where[o.Instance(r.key)]; ok {
				position = at
			}
		}
		return &mib.Error{
			Kind: mib.ErrInconsistent, Path: missing.Instance(r.key), Position: position,
			Detail: "must have a value before the row can be active or notInService; a row that waits for one is made with createAndWait(5)",
		}
	}
	return nil
}
