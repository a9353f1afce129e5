package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"mibgate/agent/view"
	"mibgate/mib"
)

// A hand-made service: two scalars, a narrow and a wide table, a command.
var (
	textual = &mib.Syntax{Base: mib.OctetString}
	number  = &mib.Syntax{Base: mib.Unsigned32}
	svc     = &mib.Module{Service: "Svc"}
	slim    = &mib.Table{Param: "Narrow", Module: svc, Index: []mib.IndexPart{{Param: "Name", Syntax: textual}}}
	broad   = &mib.Table{Param: "Broad", Module: svc, Index: []mib.IndexPart{{Param: "Name", Syntax: textual}}}
)

func object(param string, s *mib.Syntax, t *mib.Table) *mib.Object {
	return &mib.Object{Param: param, Syntax: s, Module: svc, Table: t, Source: mib.SourceConfig}
}

func named(name string) mib.Key { return mib.Key{mib.String(name)} }

func render(t *testing.T, f Format, cells ...view.Cell) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, f, slices.Values(cells)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTables(t *testing.T) {
	period := object("Period", number, nil)
	period.Units = "seconds"
	act := object("Act", number, nil)
	act.Source = mib.SourceCommand
	port, host := object("Port", number, slim), object("Host", textual, slim)
	wideText := strings.Repeat("w", 59)
	a, b, c := object("A", textual, broad), object("B", textual, broad), object("Longer", textual, broad)
	got := render(t, Tables,
		view.Cell{Object: period, Value: mib.Uint(5)},
		view.Cell{Object: act, Value: mib.Uint(0)},
		view.Cell{Object: object("Comment", textual, nil), Value: mib.String("")},
		view.Cell{Object: port, Key: named("x"), Value: mib.Uint(1)},
		view.Cell{Object: host, Key: named("x"), Value: mib.String("a")},
		view.Cell{Object: port, Key: named("yy"), Value: mib.Uint(50000)},
		view.Cell{Object: host, Key: named("yy"), Value: mib.String("evil\x1b[2J")},
		view.Cell{Object: a, Key: named("x"), Value: mib.String(wideText)},
		view.Cell{Object: b, Key: named("x"), Value: mib.String(wideText + wideText + "long")},
		view.Cell{Object: c, Key: named("x"), Value: mib.String("c")},
		view.Cell{Object: a, Key: named("y"), Value: mib.String("")},
		view.Cell{Object: b, Key: named("y"), Value: mib.String("")},
		view.Cell{Object: c, Key: named("y"), Value: mib.String("d")},
	)
	want := `Svc
  Period   5 seconds
  Comment  -
  Narrow
    Port   Host
    1      a
    50000  "evil\x1b[2J"
  Broad
    A       ` + wideText + `
    B       ` + wideText + wideText + `l…
    Longer  c

    A       -
    B       -
    Longer  d
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLineFormats(t *testing.T) {
	cells := []view.Cell{
		{Object: object("Period", number, nil), Value: mib.Uint(5)},
		{Object: object("Host", textual, slim), Key: named(`a"b`), Value: mib.String("x\ny")},
		{Object: object("Raw", textual, nil), Value: mib.String("\xff\x00")},
	}
	for _, tt := range []struct {
		format Format
		want   string
	}{
		{Lines, "Svc.Period=5\nSvc.Narrow[Name=\"a\\\"b\"].Host=\"x\\ny\"\nSvc.Raw=\"\\xff\\x00\"\n"},
		{Values, "5\nx\ny\nff00\n"},
		{JSON, "[\n{\"name\":\"Svc.Period\",\"value\":5},\n{\"name\":\"Svc.Narrow[Name=\\\"a\\\\\\\"b\\\"].Host\",\"value\":\"x\\ny\"},\n{\"name\":\"Svc.Raw\",\"value\":\"ff00\"}\n]\n"},
	} {
		t.Run(string(tt.format), func(t *testing.T) {
			if got := render(t, tt.format, cells...); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
	if got := render(t, JSON); got != "[]\n" {
		t.Errorf("no cells are %q in JSON", got)
	}
	if err := write(&bytes.Buffer{}, "xml", slices.Values(cells)); err == nil {
		t.Error("an unknown format is accepted")
	}
}

// TestKeysThatAreNoColumns begins rows with them: a standard table has its index
// objects not-accessible, or those of another table.
func TestKeysThatAreNoColumns(t *testing.T) {
	table := &mib.Table{Param: "Users", Module: svc}
	engine, other := object("Engine", textual, table), object("Name", textual, slim)
	other.Access = mib.ReadCreate
	table.Index = []mib.IndexPart{{Object: engine, Param: "Engine", Syntax: textual}, {Object: other, Param: "Name", Syntax: textual}}
	port, host := object("Port", number, table), object("Host", textual, table)
	x, y := mib.Key{mib.String("\x80\x00"), mib.String("x")}, mib.Key{mib.String("\x80\x00"), mib.String("yy")}
	got := render(t, Tables,
		view.Cell{Object: port, Key: x, Value: mib.Uint(1)}, view.Cell{Object: host, Key: x, Value: mib.String("a")},
		view.Cell{Object: port, Key: y, Value: mib.Uint(2)}, view.Cell{Object: host, Key: y, Value: mib.String("b")},
	)
	want := `Svc
  Users
    Engine  Name  Port  Host
    8000    x     1     a
    8000    yy    2     b
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
