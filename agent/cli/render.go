package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"mibgate/agent/view"
)

// write renders cells in a format.
func write(w io.Writer, f Format, cells iter.Seq[view.Cell]) error {
	switch f {
	case Lines, "":
		return writeEach(w, cells, view.Cell.Line)
	case Values:
		return writeEach(w, cells, view.Cell.Text)
	case JSON:
		return writeJSON(w, cells)
	case Tables:
		return writeTables(w, cells)
	}
	return fmt.Errorf("there is no format %q", f)
}

func writeEach(w io.Writer, cells iter.Seq[view.Cell], line func(view.Cell) string) error {
	for c := range cells {
		if _, err := io.WriteString(w, line(c)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// writeJSON writes an array, one cell per line.
func writeJSON(w io.Writer, cells iter.Seq[view.Cell]) error {
	sep := "[\n"
	for c := range cells {
		name, err := json.Marshal(c.Name())
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s{\"name\":%s,\"value\":%s}", sep, name, c.JSON()); err != nil {
			return err
		}
		sep = ",\n"
	}
	end := "\n]\n"
	if sep == "[\n" {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}
