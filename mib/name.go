package mib

import (
	"fmt"
	"strconv"
	"strings"
)

// Quote is the text form of a string: in double quotes, with the escapes of Go
// for quotes, backslashes and what does not print: \n, \u200b, \xff for an
// octet that is no UTF-8. strconv.Unquote reads it back.
func Quote(s string) string { return strconv.Quote(s) }

// keyText is `Name="x"` or `Index=1`, parts separated by ", ".
func (t *Table) keyText(key Key) string {
	var b strings.Builder
	for i := range key {
		if i >= len(t.Index) {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(t.Index[i].Param)
		b.WriteByte('=')
		b.WriteString(ValueText(t.Index[i].Syntax, key[i]))
	}
	return b.String()
}

// ValueText is a value in script syntax: strings and labels in quotes, numbers
// bare.
func ValueText(s *Syntax, v Value) string {
	text := s.Format(v)
	if len(s.Enum) > 0 || v.IsString() || v.Kind == ObjectIdentifier {
		return Quote(text)
	}
	return text
}

// CheckKey checks every part of a key against its syntax.
func (t *Table) CheckKey(key Key) error {
	if len(key) != len(t.Index) {
		return &Error{
			Kind: ErrNoCreation, Path: t.Module.Service + "." + t.Param, Position: -1,
			Detail: fmt.Sprintf("a key has %d parts, not %d", len(t.Index), len(key)),
		}
	}
	for i, v := range key {
		if err := t.Index[i].Syntax.Check(v); err != nil {
			e := err.(*Error) //nolint:errorlint,forcetypeassert // Check returns nothing else
			e.Path, e.Kind = t.Instance(key), ErrNoCreation
			e.Detail = t.Index[i].Param + " " + e.Detail
			return e
		}
	}
	return nil
}
