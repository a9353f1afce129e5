package cli

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mibgate/agent/view"
	"mibgate/mib"
)

const (
	// wide is the longest line of a table; wider ones are shown row by row.
	wide = 120
	// narrow is the longest value in a column that is shown whole.
	narrow = 60
)

// tableWriter collects cells that belong together: the scalars of a service
// between two tables, or the rows of a table.
type tableWriter struct {
	w      *bytes.Buffer
	module *mib.Module
	table  *mib.Table
	heads  []string   // of the scalars, or of the columns
	rows   [][]string // one per scalar or row
	key    mib.Key    // of the last row
}

// writeTables is the form for people. Commands are left out: they say nothing.
func writeTables(w io.Writer, cells iter.Seq[view.Cell]) error {
	t := &tableWriter{w: &bytes.Buffer{}}
	for c := range cells {
		if c.Object.Source == mib.SourceCommand || c.Object.Source == mib.SourceEdit {
			continue
		}
		t.add(c)
		if t.w.Len() > chunk {
			if _, err := t.w.WriteTo(w); err != nil {
				return err
			}
		}
	}
	t.flush()
	_, err := t.w.WriteTo(w)
	return err
}

func (t *tableWriter) add(c view.Cell) {
	o := c.Object
	if o.Module != t.module || o.Table != t.table {
		t.flush()
		t.open(o)
	}
	text := shown(c.Text())
	if o.Table == nil {
		if o.Units != "" {
			text += " " + o.Units
		}
		t.rows = append(t.rows, []string{o.Param, text})
		return
	}
	if len(t.rows) == 0 || mib.CompareKeys(o.Table.Index, c.Key, t.key) != 0 {
		t.rows, t.key = append(t.rows, nil), c.Key
		t.addKey(o.Table, c.Key)
	}
	if len(t.rows) == 1 {
		t.heads = append(t.heads, o.Param)
	}
	last := len(t.rows) - 1
	t.rows[last] = append(t.rows[last], text)
}

// addKey begins a row with what of its key is no column that can be read, as in
// the standard tables.
func (t *tableWriter) addKey(table *mib.Table, key mib.Key) {
	last := len(t.rows) - 1
	for i, p := range table.Index {
		if p.Object == nil || p.Object.Table == table && p.Object.Access.Readable() {
			continue
		}
		if last == 0 {
			t.heads = append(t.heads, p.Param)
		}
		t.rows[last] = append(t.rows[last], shown(p.Syntax.Display(key[i])))
	}
}

// open writes the heading of what follows.
func (t *tableWriter) open(o *mib.Object) {
	if o.Module != t.module {
		if t.module != nil {
			t.w.WriteByte('\n')
		}
		fmt.Fprintf(t.w, "%s\n", o.Module.Service)
	}
	t.module, t.table = o.Module, o.Table
	if o.Table != nil {
		fmt.Fprintf(t.w, "  %s\n", o.Table.Param)
	}
}

func (t *tableWriter) flush() {
	switch {
	case len(t.rows) == 0:
	case t.table == nil:
		writeColumns(t.w, "  ", t.rows)
	case t.lineLength() <= wide:
		writeColumns(t.w, "    ", slices.Concat([][]string{t.heads}, t.rows))
	default:
		for n, row := range t.rows {
			if n > 0 {
				t.w.WriteByte('\n')
			}
			block := make([][]string, len(row))
			for i, v := range row {
				block[i] = []string{t.heads[i], v}
			}
			writeColumns(t.w, "    ", block)
		}
	}
	t.heads, t.rows, t.key = nil, nil, nil
}

func (t *tableWriter) lineLength() int {
	sum := 4
	for _, w := range widths(slices.Concat([][]string{t.heads}, t.rows)) {
		sum += w + 2
	}
	return sum
}

func widths(lines [][]string) []int {
	var out []int
	for _, line := range lines {
		for i, v := range line {
			if i == len(out) {
				out = append(out, 0)
			}
			out[i] = max(out[i], min(utf8.RuneCountInString(v), limit(line)))
		}
	}
	return out
}

// writeColumns aligns columns, two spaces apart.
func writeColumns(w *bytes.Buffer, indent string, lines [][]string) {
	ws := widths(lines)
	for _, line := range lines {
		w.WriteString(indent)
		for i, v := range line {
			v = clip(v, limit(line))
			w.WriteString(v)
			if i < len(line)-1 {
				w.WriteString(strings.Repeat(" ", ws[i]-utf8.RuneCountInString(v)+2))
			}
		}
		w.WriteByte('\n')
	}
}

// limit is how long a value in a line may be: more when it is beside its name.
func limit(line []string) int {
	if len(line) == 2 {
		return wide
	}
	return narrow
}

func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// shown makes a value fit for a terminal: what a peer has sent may hold control
// sequences.
func shown(s string) string {
	if s == "" {
		return "-"
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return mib.Quote(s)
	}
	return s
}
