package store

import (
	"errors"
	"strings"

	"mibgate/mib"
)

// blame gives an error of Validate or Prepare its position: of the assignment
// to what it names, else of the nearest to that, else of the last of all.
func (tx *Tx) blame(err error) error {
	var e *mib.Error
	if !errors.As(err, &e) {
		e = &mib.Error{Kind: mib.ErrInconsistent, Detail: err.Error()}
	}
	c := *e
	c.Position = tx.position
	best := unrelated
	for path, position := range tx.where {
		n := nearness(c.Path, path)
		if n > best || n == best && n > unrelated && position > c.Position {
			best, c.Position = n, position
		}
	}
	return &c
}

// How near an assignment is to what an error names. Of equally near ones the
// last counts.
const (
	unrelated = iota
	sameService
	sameTable
	sameColumn // of some row: the error names the column only
	sameRow
	sameVariable
)

func nearness(a, b string) int {
	if a == b {
		return sameVariable
	}
	p, q := dissect(a), dissect(b)
	switch {
	case p.table == q.table && p.key == q.key && p.key != "":
		return sameRow
	case p.table == q.table && p.column == q.column && p.column != "" && p.key == "":
		return sameColumn
	case p.table == q.table:
		return sameTable
	case p.service == q.service && p.service != "":
		return sameService
	}
	return unrelated
}

// named is a text name taken apart; of a scalar, table is the scalar.
type named struct{ service, table, key, column string }

func dissect(path string) named {
	n := named{table: path}
	n.service, _, _ = strings.Cut(path, ".")
	if i, j := strings.IndexByte(path, '['), strings.LastIndexByte(path, ']'); i >= 0 && j > i {
		n.table, n.key, n.column = path[:i], path[i:j+1], strings.TrimPrefix(path[j+1:], ".")
		return n
	}
	if dots := strings.SplitN(path, ".", 3); len(dots) == 3 {
		n.table, n.column = dots[0]+"."+dots[1], dots[2]
	}
	return n
}
