package store

import (
	"errors"
	"testing"

	"mibgate/mib"
)

func TestBlame(t *testing.T) {
	tx := &Tx{position: 6, where: map[string]int{
		"A.Scalar": 0, `A.T[Name="x"].P`: 1, `A.T[Name="x"].Q`: 2, `A.T[Name="y].["].P`: 3, "B.Scalar": 4, "A.Other": 5, "C.Scalar": 6,
	}}
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"the variable", &mib.Error{Path: "A.Scalar"}, 0},
		{"the cell", &mib.Error{Path: `A.T[Name="x"].P`}, 1},
		{"its row", &mib.Error{Path: `A.T[Name="x"].R`}, 2},
		{"the row itself", &mib.Error{Path: `A.T[Name="y].["]`}, 3},
		{"a column without key", &mib.Error{Path: "A.T.Q"}, 2},
		{"another row", &mib.Error{Path: `A.T[Name="z"].R`}, 3},
		{"the table", &mib.Error{Path: "A.T"}, 3},
		{"the service", &mib.Error{Path: "A.None"}, 5},
		{"nothing", &mib.Error{}, 6},
		{"something else", &mib.Error{Path: "Z.Scalar"}, 6},
		{"no model error", errors.New("boom"), 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e *mib.Error
			if err := tx.blame(tt.err); !errors.As(err, &e) || e.Position != tt.want {
				t.Errorf("blame is %+v, want position %d", err, tt.want)
			}
		})
	}
}
