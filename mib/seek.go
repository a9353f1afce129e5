package mib

import (
	"slices"
	"sort"
)

// Sorted is an immutable list of status rows in the order of a walk: what an
// implementer of Status may publish instead of seeking in its own state. The
// zero value is empty. It may be read by any number of goroutines.
type Sorted[R any] struct {
	rows    []R
	compare func(R, Key) int
}

// NewSorted takes rows, which the generated Sort function has put in order, and
// the generated Compare function of their table. The rows must not be changed
// afterwards.
func NewSorted[R any](rows []R, compare func(R, Key) int) Sorted[R] {
	return Sorted[R]{rows: rows, compare: compare}
}

// Len is the number of rows.
func (s Sorted[R]) Len() int { return len(s.rows) }

// Seek finds the first row whose key is greater than key, or equal to it when
// inclusive, compared over as many parts as key has (see Bound).
func (s Sorted[R]) Seek(key Key, inclusive bool) (row R, ok bool) {
	i := sort.Search(len(s.rows), func(i int) bool {
		c := s.compare(s.rows[i], key)
		return c > 0 || inclusive && c == 0
	})
	if i == len(s.rows) {
		return row, false
	}
	return s.rows[i], true
}

// SortRows orders rows by their keys; keyOf appends the key of a row to dst.
func SortRows[R any](rows []R, compare func(R, Key) int, keyOf func(row R, dst Key) Key) {
	var room Key
	slices.SortFunc(rows, func(a, b R) int {
		room = keyOf(b, room[:0])
		return compare(a, room)
	})
}
