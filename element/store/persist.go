package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"mibgate/mib"
	"mibgate/mib/text"
)

const header = "# mibgate configuration: what differs from the defaults. Change it through a view, not here.\n"

// Hold keeps commits off the disk until Flush: what a start applies is written
// once, whole, so that a start that fails leaves the folder as it was. It is
// for the time before the services run.
func (s *Store) Hold() { s.disk.held = true }

// Flush ends Hold and writes the configuration in force.
func (s *Store) Flush() error {
	s.writer <- struct{}{}
	defer s.release()
	s.disk.held = false
	if err := s.persist(s.Current(), false); err != nil {
		return fmt.Errorf("the configuration could not be written to disk: %w", err)
	}
	return nil
}

// persist writes the canonical text of snap, unless that is on disk already. The
// history does not remember the text before a passing one.
func (s *Store) persist(snap *Snapshot, passing bool) error {
	if s.disk.held {
		return nil
	}
	b := s.canonical(snap)
	if bytes.Equal(b, s.written) {
		return nil
	}
	s.disk.passing = passing
	err := s.disk.replace(b)
	switch {
	case err == nil:
		s.written = b
	case errors.Is(err, errUndo):
		s.written = nil // nobody knows what is on disk: the next commit writes
	}
	s.tellTrouble(err)
	return err
}

// printed is canonical text, and where in it the rows of tables stand. Rows of
// a snapshot do not change, so that the next text takes over those it shares:
// a SET in a large table costs the rows it changes and a copy of the others.
type printed struct {
	text []byte
	rows map[any]span
}

// span is a part of a text.
type span struct{ from, to int }

// canonical is the text of what is not at its default, by service, then by OID.
func (s *Store) canonical(snap *Snapshot) []byte {
	old := s.printed
	s.printed = printed{text: append(make([]byte, 0, len(old.text)+1024), header...), rows: make(map[any]span, len(old.rows))}
	p := &s.printed
	line := func(o *mib.Object, key mib.Key, v mib.Value) {
		if o.Secret {
			p.text = append(p.text, text.PrintSealed(o, key, s.seal.seal(o.Instance(key), v.Str))...)
		} else {
			p.text = append(p.text, text.Print(o, key, v)...)
		}
		p.text = append(p.text, '\n')
	}
	walk(s.reg, snap, line, func(t *mib.Table, cfg, row any) {
		from := len(p.text)
		if at, ok := old.rows[row]; ok {
			p.text = append(p.text, old.text[at.from:at.to]...)
		} else {
			rowStatements(t, cfg, row, line)
		}
		p.rows[row] = span{from, len(p.text)}
	})
	return p.text
}

// Statements yields the assignments that make snap out of the defaults, in
// canonical order, without rows that are not kept over a restart (see
// keptRow). Secrets are yielded in clear: a view must leave them out.
func Statements(reg *mib.Registry, snap *Snapshot, yield func(o *mib.Object, key mib.Key, v mib.Value)) {
	walk(reg, snap, yield, func(t *mib.Table, cfg, row any) { rowStatements(t, cfg, row, yield) })
}

// walk yields the scalars that differ from their defaults, and every row that
// is kept over a restart.
func walk(reg *mib.Registry, snap *Snapshot, scalar func(o *mib.Object, key mib.Key, v mib.Value), row func(t *mib.Table, cfg, row any)) {
	for _, m := range reg.Modules() {
		cfg := snap.Config(m)
		if cfg == nil {
			continue
		}
		for _, o := range m.Objects {
			if o.Table != nil || o.Source != mib.SourceConfig {
				continue
			}
			if v := o.Read(cfg, nil); !v.Equal(o.Default) {
				scalar(o, nil, v)
			}
		}
		for _, t := range m.Tables {
			if t.Source == mib.SourceConfig {
				walkRows(t, cfg, row)
			}
		}
	}
}

func walkRows(t *mib.Table, cfg any, row func(t *mib.Table, cfg, row any)) {
	for place := 0; ; place++ {
		r, ok := t.At(cfg, place)
		if !ok {
			return
		}
		if keptRow(t, r) {
			row(t, cfg, r)
		}
	}
}

func rowStatements(t *mib.Table, cfg, row any, yield func(o *mib.Object, key mib.Key, v mib.Value)) {
	key := t.KeyOf(row, nil)
	if t.RowStatus != nil {
		yield(t.RowStatus, key, mib.Int(int32(row.(interface{ State() mib.RowStatus }).State()))) //nolint:forcetypeassert // every row embeds RowMeta
	}
	for _, o := range t.Columns {
		if o.Source != mib.SourceConfig {
			continue
		}
		if v := o.Read(cfg, row); !v.Equal(o.Default) && !lacking(o, v) {
			yield(o, key, v)
		}
	}
}

// lacking tells a column without default that was given no value yet, in a row
// that waits for one (RFC 2579 §2, notReady): empty may be none of its values.
func lacking(o *mib.Object, v mib.Value) bool {
	return o.Default.Kind == mib.KindNone && v.Num == 0 && v.Str == "" && len(v.OID) == 0
}

// read loads the text on disk onto the defaults; text is nil when there is
// none.
func (s *Store) read() (snap *Snapshot, b []byte, err error) {
	b, err = os.ReadFile(s.disk.config())
	if errors.Is(err, os.ErrNotExist) {
		return Defaults(s.reg), nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	snap, err = s.parse(b)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration %s: %w (mibgate rollback goes back to the one before)", s.disk.config(), err)
	}
	return snap, b, nil
}

// parse applies canonical text to the defaults. Rows of the system may come
// before their cause is known: they are made here and normalised later.
func (s *Store) parse(b []byte) (*Snapshot, error) {
	sts, err := text.Parse(s.reg, strings.NewReader(string(b)))
	if err != nil {
		return nil, err
	}
	c := newCandidate(Defaults(s.reg))
	for _, st := range sts {
		if err := s.applyStored(c, st); err != nil {
			return nil, &text.LineError{Line: st.Line, Err: err}
		}
	}
	c.snap.Seq = 0
	return c.snap, nil
}

func (s *Store) applyStored(c *Candidate, st text.Statement) error {
	o := st.Object
	v := st.Value
	if st.Sealed != "" {
		plain, err := s.seal.open(o.Instance(st.Key), st.Sealed)
		if err != nil {
			return fmt.Errorf("%s: %w", o.Instance(st.Key), err)
		}
		v = mib.String(plain)
	}
	if err := o.Syntax.Check(v); err != nil {
		return fmt.Errorf("%s: %w", o.Instance(st.Key), err)
	}
	cfg, tok := c.Edit(o.Module)
	var row any
	if t := o.Table; t != nil {
		if err := t.CheckKey(st.Key); err != nil {
			return err
		}
		r, ok := t.Lookup(cfg, st.Key)
		if !ok {
			r = t.New(cfg, tok, st.Key)
		}
		row = t.Edit(cfg, tok, r)
	}
	switch o.Source {
	case mib.SourceConfig:
		o.Write(cfg, row, v)
	case mib.SourceRowStatus:
		stateOf(row).SetState(mib.RowStatus(v.Num)) //nolint:gosec // checked against the labels
	default:
		return &mib.Error{Kind: mib.ErrNotWritable, Path: o.Instance(st.Key), Detail: "is not a part of the configuration"}
	}
	return nil
}
