package mib

import "iter"

// EditToken marks what belongs to one transaction: rows and row sets that
// carry its token may be changed in place, all others are shared with
// published snapshots and are copied first. Zero is no transaction.
type EditToken uint64

// RowMeta is embedded in every generated configuration row.
type RowMeta struct {
	status RowStatus
	token  EditToken
}

// State is the RowStatus of the row: RowActive or RowNotInService.
func (m *RowMeta) State() RowStatus {
	if m.status == 0 {
		return RowActive
	}
	return m.status
}

// SetState changes it; the row must be editable.
func (m *RowMeta) SetState(s RowStatus) { m.status = s }

func (m *RowMeta) meta() *RowMeta { return m } //nolint:unused // by ConfigRow, which the linter does not follow

// ConfigRow is what Rows needs of a generated row type *R.
type ConfigRow[R any] interface {
	*R
	meta() *RowMeta
	// CompareKey orders the row's key against key in SNMP order.
	CompareKey(key Key) int
}

// Rows is a configuration table: rows sorted in SNMP order. The zero value is
// empty. Copying a Rows shares its rows; the editing methods copy what the
// token does not own, so that a published snapshot never changes.
type Rows[R any, P ConfigRow[R]] struct {
	rows  []P
	token EditToken
}

// Len is the number of rows, active or not.
func (r *Rows[R, P]) Len() int { return len(r.rows) }

// All yields every row, active or not, in key order.
func (r *Rows[R, P]) All() iter.Seq[P] {
	return func(yield func(P) bool) {
		for _, p := range r.rows {
			if !yield(p) {
				return
			}
		}
	}
}

// Active yields the active rows in key order: what a service acts on.
func (r *Rows[R, P]) Active() iter.Seq[P] {
	return func(yield func(P) bool) {
		for _, p := range r.rows {
			if p.meta().State() == RowActive && !yield(p) {
				return
			}
		}
	}
}

// Seek finds the first row at (inclusive) or after key, or nil.
func (r *Rows[R, P]) Seek(key Key, inclusive bool) P {
	i := r.search(key, inclusive)
	if i == len(r.rows) {
		return nil
	}
	return r.rows[i]
}

// Find returns the row with exactly this key, or nil.
func (r *Rows[R, P]) Find(key Key) P {
	if p := r.Seek(key, true); p != nil && p.CompareKey(key) == 0 {
		return p
	}
	return nil
}

func (r *Rows[R, P]) search(key Key, inclusive bool) int {
	// Not sort.Search, whose function would be called through a pointer for
	// every row that is looked at: this is what a GETNEXT consists of.
	lo, hi := 0, len(r.rows)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1) //nolint:gosec // sizes are small
		if c := r.rows[mid].CompareKey(key); c > 0 || inclusive && c == 0 {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// Insert adds row under key; a row that has the key already is replaced. A row
// of another transaction, which a snapshot may share, is copied.
func (r *Rows[R, P]) Insert(tok EditToken, key Key, row P) {
	if owner := row.meta().token; owner != 0 && owner != tok {
		row = clone[R](row)
	}
	row.meta().token = tok
	i := r.search(key, true)
	if i < len(r.rows) && r.rows[i].CompareKey(key) == 0 {
		r.own(tok)
		r.rows[i] = row
		return
	}
	if r.token == tok && tok != 0 {
		r.rows = append(r.rows, nil)
		copy(r.rows[i+1:], r.rows[i:])
		r.rows[i] = row
		return
	}
	rows := make([]P, len(r.rows)+1, len(r.rows)+len(r.rows)/8+4)
	copy(rows, r.rows[:i])
	rows[i] = row
	copy(rows[i+1:], r.rows[i:])
	r.rows, r.token = rows, tok
}

// Edit returns a version of row that may be changed in place under tok.
func (r *Rows[R, P]) Edit(tok EditToken, key Key, row P) P {
	if row.meta().token == tok && tok != 0 {
		return row
	}
	c := clone[R](row)
	c.meta().token = tok
	i := r.search(key, true)
	if i < len(r.rows) && r.rows[i].CompareKey(key) == 0 {
		r.own(tok)
		r.rows[i] = c
	}
	return c
}

// Remove takes the row with this key out; a missing one is no matter.
func (r *Rows[R, P]) Remove(tok EditToken, key Key) {
	i := r.search(key, true)
	if i == len(r.rows) || r.rows[i].CompareKey(key) != 0 {
		return
	}
	if r.token == tok && tok != 0 {
		copy(r.rows[i:], r.rows[i+1:])
		r.rows[len(r.rows)-1] = nil
		r.rows = r.rows[:len(r.rows)-1]
		return
	}
	rows := make([]P, 0, len(r.rows))
	rows = append(rows, r.rows[:i]...)
	r.rows, r.token = append(rows, r.rows[i+1:]...), tok
}

func clone[R any, P ConfigRow[R]](row P) P {
	c := P(new(R))
	*c = *row
	return c
}

func (r *Rows[R, P]) own(tok EditToken) {
	if r.token == tok && tok != 0 {
		return
	}
	rows := make([]P, len(r.rows))
	copy(rows, r.rows)
	r.rows, r.token = rows, tok
}
