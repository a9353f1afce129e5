package nms

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A node is an object, a flow, a list, a string, an int, an anchored or an
// alias.
type (
	// object is a mapping in block style; an entry whose value is nil, or an
	// empty list, is left out.
	object []entry
	entry  struct {
		key   string
		value any
	}
	// flow is a mapping on one line.
	flow object
	list []any
	// flowList is a list on one line.
	flowList []any
	// anchored is a node that an alias of the same name repeats.
	anchored struct {
		name string
		node any
	}
	alias string
)

func (o *object) add(key string, value any) { *o = append(*o, entry{key, value}) }

// plain are the strings that need no quotes in any version of YAML.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// scalar quotes a string unless every reader takes it for the string it is.
func scalar(s string) string {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		return "'" + s + "'"
	}
	if plain.MatchString(s) {
		return s
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		b, _ := json.Marshal(s) // a string never fails; YAML 1.2 takes JSON's escapes
		return string(b)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// document writes a tree under a comment.
func document(comment string, root object) []byte {
	w := &writer{}
	for line := range strings.Lines(comment) {
		w.text.WriteString("# " + strings.TrimSpace(line) + "\n")
	}
	w.object(root, "")
	return []byte(w.text.String())
}

type writer struct{ text strings.Builder }

// line writes the rest of a line.
func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.text, format+"\n", args...) }

func (w *writer) object(o object, indent string) {
	for _, e := range o {
		if l, ok := e.value.(list); e.value == nil || ok && len(l) == 0 {
			continue
		}
		w.text.WriteString(indent + scalar(e.key) + ":")
		w.value(e.value, indent+"  ")
	}
}

// value writes what stands behind "key:" or "-", from there to the line's end.
func (w *writer) value(node any, indent string) {
	if a, ok := node.(anchored); ok {
		w.text.WriteString(" &" + a.name)
		node = a.node
	}
	switch v := node.(type) {
	case object:
		w.line("")
		w.object(v, indent)
	case list:
		w.line("")
		w.list(v, indent)
	default:
		w.line(" %s", inline(v))
	}
}

func (w *writer) list(l list, indent string) {
	for _, item := range l {
		o, ok := item.(object)
		if !ok {
			w.text.WriteString(indent + "-")
			w.value(item, indent+"  ")
			continue
		}
		// The first entry of a mapping stands on the line of the dash.
		var inner writer
		inner.object(o, indent+"  ")
		w.text.WriteString(indent + "- " + strings.TrimPrefix(inner.text.String(), indent+"  "))
	}
}

// inline writes a node that takes no line of its own.
func inline(node any) string {
	switch v := node.(type) {
	case string:
		return scalar(v)
	case int:
		return strconv.Itoa(v)
	case alias:
		return "*" + string(v)
	case flow:
		parts := make([]string, len(v))
		for i, e := range v {
			key := scalar(e.key)
			if _, err := strconv.Atoi(e.key); err == nil {
				key = e.key // a number is a key of snmp_exporter's enum_values
			}
			parts[i] = key + ": " + inline(e.value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case flowList:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = inline(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(node)
}
