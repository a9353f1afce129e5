package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"

	"mibgate/agent/script"
	"mibgate/agent/view"
)

// handle carries a request out; what it answers goes to w.
func (s *Server) handle(ctx context.Context, req Request, w io.Writer) error {
	switch req.Verb {
	case VerbGet:
		return s.get(req, w)
	case VerbWalk, VerbShow:
		return s.walk(req, w)
	case VerbSet:
		sc, err := script.Assignments(s.el.Registry, req.Args)
		if err != nil {
			return err
		}
		return s.apply(ctx, sc)
	case VerbScript:
		sc, err := script.Read(s.el.Registry, req.File, bytes.NewReader(req.Script))
		if err != nil {
			return err
		}
		return s.apply(ctx, sc)
	case VerbExport:
		return script.Export(s.el, Operator, w)
	}
	return fmt.Errorf("there is no verb %q", req.Verb)
}

func (s *Server) view(req Request) *view.View {
	if req.Running {
		return view.Running(s.el, Operator)
	}
	return view.New(s.el, Operator)
}

// get reads all the instances before it answers the first: it answers all of
// them or an error.
func (s *Server) get(req Request, w io.Writer) error {
	v := s.view(req)
	cells := make([]view.Cell, 0, len(req.Args))
	for _, name := range req.Args {
		scope, err := view.ParseScope(s.el.Registry, name)
		if err != nil {
			return err
		}
		o, key, err := scope.Instance()
		if err != nil {
			return err
		}
		value, err := v.Get(o, key)
		if err != nil {
			return err
		}
		cells = append(cells, view.Cell{Object: o, Key: key, Value: value})
	}
	return write(w, req.Format, func(yield func(view.Cell) bool) {
		for _, c := range cells {
			if !yield(c) {
				return
			}
		}
	})
}

func (s *Server) walk(req Request, w io.Writer) error {
	name := ""
	switch len(req.Args) {
	case 0:
	case 1:
		name = req.Args[0]
	default:
		return fmt.Errorf("%s takes one name, not %d", req.Verb, len(req.Args))
	}
	scope, err := view.ParseScope(s.el.Registry, name)
	if err != nil {
		return err
	}
	v := s.view(req)
	if scope.Key != nil { // a row that is not there is an error, not nothing
		if err := v.RequireRow(scope); err != nil {
			return err
		}
	}
	if req.Format == Tables {
		return showTables(w, name, v.Walk(scope))
	}
	return write(w, req.Format, v.Walk(scope))
}

// showTables is for people, who are told when there is nothing: a table without
// rows, or a service that has nothing but such tables.
func showTables(w io.Writer, name string, cells iter.Seq[view.Cell]) error {
	for range cells {
		return write(w, Tables, cells)
	}
	_, err := fmt.Fprintf(w, "%s has no rows\n", name)
	return err
}

func (s *Server) apply(ctx context.Context, sc *script.Script) error {
	if err := sc.Apply(ctx, s.el.Store, Operator); err != nil {
		return err
	}
	s.log.Info("changed over the control socket", "assignments", sc.Len(), "first", first(sc.Names()))
	return nil
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
