package script

import (
	"context"
	"errors"
	"fmt"
	"io"

	"mibgate/element/access"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/text"
)

// MaxSize bounds a script, in octets.
const MaxSize = 4 << 20

// Script is a script that has been read.
type Script struct {
	file       string
	statements []text.Statement
}

// Read reads a script; file is its name for errors. The error is an *Error
// with the line.
func Read(reg *mib.Registry, file string, r io.Reader) (*Script, error) {
	limited := &io.LimitedReader{R: r, N: MaxSize + 1}
	statements, err := text.Parse(reg, limited)
	if limited.N <= 0 {
		return nil, &Error{File: file, Err: fmt.Errorf("is larger than %d octets", MaxSize)}
	}
	redact(err)
	var le *text.LineError
	switch {
	case errors.As(err, &le):
		return nil, &Error{File: file, Line: le.Line, Err: le.Err}
	case err != nil:
		return nil, &Error{File: file, Err: err}
	}
	return &Script{file: file, statements: statements}, nil
}

// Assignments makes a script of single assignments, as typed on a command
// line. Errors name no file and line; mib.Error.Position counts them.
func Assignments(reg *mib.Registry, lines []string) (*Script, error) {
	s := &Script{}
	for i, line := range lines {
		st, ok, err := text.ParseLine(reg, line)
		if err == nil && !ok {
			err = fmt.Errorf("assignment %d is empty", i+1)
		}
		if err != nil {
			redact(err)
			return nil, &Error{Err: positioned(err, i)}
		}
		s.statements = append(s.statements, st)
	}
	return s, nil
}

// redact takes what is confidential out of an error of the parser.
func redact(err error) {
	var e *mib.Error
	if errors.As(err, &e) {
		access.Redact(e)
	}
}

func positioned(err error, i int) error {
	var e *mib.Error
	if errors.As(err, &e) {
		e.Position = i
	}
	return err
}

// Len is the number of statements.
func (s *Script) Len() int { return len(s.statements) }

// Names lists the variables that the script assigns to, in order.
func (s *Script) Names() []string {
	out := make([]string, len(s.statements))
	for i, st := range s.statements {
		out[i] = st.Object.Instance(st.Key)
	}
	return out
}

// Apply carries the script out as one transaction. ctx bounds the wait for
// the writer's place. The error is an *Error; then nothing has changed.
func (s *Script) Apply(ctx context.Context, st *store.Store, who access.Principal) error {
	tx, err := st.Begin(ctx, who)
	if err != nil {
		return &Error{File: s.file, Err: err}
	}
	defer tx.Abort()
	tx.CreateRows = true
	if err := s.assign(tx); err != nil {
		return s.at(err)
	}
	if err := tx.Commit(); err != nil {
		return s.at(err)
	}
	return nil
}

// assign makes the assignments in order. A row of the system may be assigned
// to before the line that makes it appear: then this line and those behind it
// that concern the same table wait until the others are done.
func (s *Script) assign(tx *store.Tx) error {
	var later []int
	waiting := map[*mib.Table]bool{}
	for i, st := range s.statements {
		if t := st.Object.Table; t != nil && waiting[t] {
			later = append(later, i)
			continue
		}
		err := s.set(tx, i)
		if errors.Is(err, mib.ErrNoCreation) && mayAppear(st.Object.Table) {
			waiting[st.Object.Table] = true
			later = append(later, i)
			continue
		}
		if err != nil {
			return err
		}
	}
	for _, i := range later {
		if err := s.set(tx, i); err != nil {
			return err
		}
	}
	return nil
}

// mayAppear tells a table whose rows are the system's.
func mayAppear(t *mib.Table) bool {
	return t != nil && t.Source == mib.SourceConfig && t.RowStatus == nil
}

func (s *Script) set(tx *store.Tx, i int) error {
	tx.At(i)
	st := s.statements[i]
	if st.Sealed != "" {
		return &mib.Error{Kind: mib.ErrWrongEnc, Path: st.Object.Instance(st.Key), Position: i, Detail: "a sealed secret belongs to one data folder and cannot be set: write the secret itself"}
	}
	return tx.Set(st.Object, st.Key, st.Value)
}

// at finds the line of a failed assignment by its position.
func (s *Script) at(err error) error {
	out := &Error{File: s.file, Err: err}
	var e *mib.Error
	if errors.As(err, &e) && e.Position >= 0 && e.Position < len(s.statements) {
		out.Line = s.statements[e.Position].Line
	}
	return out
}
