package text

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"mibgate/mib"
)

// MaxLine bounds a line of a script, in octets. A certificate in PEM form with
// its chain fits.
const MaxLine = 128 << 10

// Statement is one assignment or command.
type Statement struct {
	Line   int // 1-based
	Object *mib.Object
	Key    mib.Key // nil for a scalar
	Value  mib.Value
	Sealed string // the sealed form, when it was written sealed; Value is then empty
}

// LineError is a statement that cannot be read; Err is usually a *mib.Error.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }

// Parse reads a whole script. The first line that cannot be read ends it with
// a *LineError; nothing is returned then.
func Parse(reg *mib.Registry, r io.Reader) ([]Statement, error) {
	var out []Statement
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 4096), MaxLine)
	line := 0
	for sc.Scan() {
		line++
		source := sc.Text()
		if line == 1 {
			source = strings.TrimPrefix(source, "\ufeff") // editors on Windows put it there
		}
		st, ok, err := ParseLine(reg, source)
		if err != nil {
			return nil, &LineError{Line: line, Err: err}
		}
		if ok {
			st.Line = line
			out = append(out, st)
		}
	}
	if err := sc.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("is longer than %d octets", MaxLine)
		}
		return nil, &LineError{Line: line + 1, Err: err}
	}
	return out, nil
}

// ParseLine reads one line; ok is false for a blank line or a comment.
func ParseLine(reg *mib.Registry, line string) (st Statement, ok bool, err error) {
	p := parser{rest: line}
	p.space()
	if p.done() {
		return st, false, nil
	}
	if st.Object, st.Key, err = p.target(reg); err != nil {
		return st, false, err
	}
	if err := p.assignment(&st); err != nil {
		return st, false, err
	}
	if p.space(); !p.done() {
		return st, false, &mib.Error{Kind: mib.ErrWrongEnc, Path: st.Object.Instance(st.Key), Detail: p.unexpected(st.Object), Position: -1}
	}
	return st, true, nil
}

// unexpected tells what follows a value; behind a secret it may be a part of it.
func (p *parser) unexpected(o *mib.Object) string {
	if o.Secret {
		return "unexpected text after the value"
	}
	return fmt.Sprintf("unexpected %q after the value", clip(p.rest))
}

// ParseTarget reads the name of one variable as ParseLine does, without value;
// a table or a row may be named as well, then object is nil and table says
// which. It is what get, show and walk take.
func ParseTarget(reg *mib.Registry, name string) (table *mib.Table, object *mib.Object, key mib.Key, err error) {
	p := parser{rest: strings.TrimSpace(name)}
	service, param, err := p.path(reg)
	if err != nil {
		return nil, nil, nil, err
	}
	if t := reg.Table(service + "." + param); t != nil {
		if table, object, key, err = p.inTable(t); err != nil {
			return nil, nil, nil, err
		}
	} else if object = reg.Object(service + "." + param); object == nil || object.Table != nil {
		return nil, nil, nil, unknown(reg, service, param)
	}
	if !p.done() {
		return nil, nil, nil, fmt.Errorf("%s: unexpected %q", name, clip(p.rest))
	}
	return table, object, key, nil
}

func (p *parser) target(reg *mib.Registry) (*mib.Object, mib.Key, error) {
	service, param, err := p.path(reg)
	if err != nil {
		return nil, nil, err
	}
	if t := reg.Table(service + "." + param); t != nil {
		_, o, key, err := p.inTable(t)
		if err != nil {
			return nil, nil, err
		}
		if o == nil || key == nil {
			return nil, nil, fmt.Errorf("%s.%s is a table: name a cell, as in %s.%s[%s=…].%s", t.Module.Service, t.Param, t.Module.Service, t.Param, t.Index[0].Param, t.Columns[len(t.Columns)-1].Param)
		}
		return o, key, nil
	}
	o := reg.Object(service + "." + param)
	if o == nil || o.Table != nil {
		return nil, nil, unknown(reg, service, param)
	}
	return o, nil, nil
}

// inTable reads the optional key and the optional column after a table's name.
func (p *parser) inTable(t *mib.Table) (*mib.Table, *mib.Object, mib.Key, error) {
	var key mib.Key
	if p.take('[') {
		var err error
		if key, err = p.key(t); err != nil {
			return nil, nil, nil, err
		}
	}
	if !p.take('.') {
		return t, nil, key, nil
	}
	col := p.word()
	for _, c := range t.Columns {
		if strings.EqualFold(c.Param, col) {
			return t, c, key, nil
		}
	}
	return nil, nil, nil, &mib.Error{Kind: mib.ErrUnknown, Path: t.Module.Service + "." + t.Param + "." + col, Detail: fmt.Sprintf("the table has no column %q", col) + DidYouMean(col, columns(t)), Position: -1}
}

func (p *parser) key(t *mib.Table) (mib.Key, error) {
	key := make(mib.Key, len(t.Index))
	seen := make([]bool, len(t.Index))
	for {
		p.space()
		name := p.word()
		i := indexOf(t, name)
		if i < 0 {
			return nil, fmt.Errorf("%s.%s is keyed by %s, not by %q", t.Module.Service, t.Param, strings.Join(indexNames(t), ", "), name)
		}
		if p.space(); !p.take('=') {
			return nil, fmt.Errorf("%s.%s[%s: expected = after %s", t.Module.Service, t.Param, name, name)
		}
		p.space()
		text, _, err := p.value("],")
		if err != nil {
			return nil, err
		}
		v, err := t.Index[i].Syntax.Parse(text)
		if err != nil {
			return nil, named(err, t.Module.Service+"."+t.Param+"["+name+"]", text)
		}
		key[i], seen[i] = v, true
		if p.space(); p.take(',') {
			continue
		}
		break
	}
	if !p.take(']') {
		return nil, fmt.Errorf("%s.%s[…: expected ] after the key, found %q", t.Module.Service, t.Param, clip(p.rest))
	}
	for i := range seen {
		if !seen[i] {
			return nil, fmt.Errorf("%s.%s: the key lacks %s", t.Module.Service, t.Param, t.Index[i].Param)
		}
	}
	return key, nil
}

func indexOf(t *mib.Table, name string) int {
	for i := range t.Index {
		if strings.EqualFold(t.Index[i].Param, name) {
			return i
		}
	}
	return -1
}

func indexNames(t *mib.Table) []string {
	names := make([]string, len(t.Index))
	for i := range t.Index {
		names[i] = t.Index[i].Param
	}
	return names
}

func (p *parser) assignment(st *Statement) error {
	o := st.Object
	p.space()
	if !p.take('=') {
		if o.Source == mib.SourceCommand || o.Source == mib.SourceEdit && o.Edit != mib.EditService {
			st.Value = mib.Value{Kind: o.Syntax.Base, Num: mib.RowVerb}
			return nil
		}
		return &mib.Error{Kind: mib.ErrWrongEnc, Path: o.Instance(st.Key), Detail: "a value is missing: expected =", Position: -1}
	}
	p.space()
	if o.Secret && strings.HasPrefix(p.rest, "sealed:") {
		p.rest = p.rest[len("sealed:"):]
		var err error
		st.Sealed, _, err = p.value("")
		return err
	}
	text, _, err := p.value("")
	if err != nil {
		return fmt.Errorf("%s: %w", o.Instance(st.Key), err)
	}
	if st.Value, err = o.Syntax.Parse(text); err != nil {
		if o.Secret {
			text = ""
		}
		return named(err, o.Instance(st.Key), text)
	}
	return nil
}

// named puts the variable and the value into an error of Syntax.Parse.
func named(err error, path, value string) error {
	var e *mib.Error
	if errors.As(err, &e) {
		e.Path, e.Value, e.HasValue, e.Position = path, clip(value), value != "", -1
	}
	return err
}

type parser struct{ rest string }

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r") }

// done is the end of the line or the start of a comment.
func (p *parser) done() bool { return p.rest == "" || p.rest[0] == '#' }

func (p *parser) take(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) word() string {
	i := 0
	for i < len(p.rest) && (p.rest[i] == '-' || p.rest[i] == '_' || p.rest[i] >= '0' && p.rest[i] <= '9' || p.rest[i]|0x20 >= 'a' && p.rest[i]|0x20 <= 'z') {
		i++
	}
	w := p.rest[:i]
	p.rest = p.rest[i:]
	return w
}

// path reads "Service.Variable", or the descriptor of a table or scalar, which
// it answers as such a pair.
func (p *parser) path(reg *mib.Registry) (service, param string, err error) {
	service = p.word()
	switch {
	case service != "" && !strings.HasPrefix(p.rest, "."):
		return p.descriptor(reg, service)
	case service == "" || !p.take('.'):
		return "", "", fmt.Errorf("expected Service.Variable, as in Scm.MinSeverity, found %q", clip(service+p.rest))
	}
	if param = p.word(); param == "" {
		return "", "", fmt.Errorf("expected a variable after %q", clip(service)+".")
	}
	return service, param, nil
}

// descriptor is path without a dot. An error repeats the name alone: what
// follows may be a secret.
func (p *parser) descriptor(reg *mib.Registry, name string) (service, param string, err error) {
	t, o, err := Descriptor(reg, name)
	switch {
	case err != nil:
		return "", "", err
	case o == nil && t == nil:
		return "", "", &mib.Error{Kind: mib.ErrUnknown, Path: clip(name), Detail: "expected Service.Variable or the MIB descriptor of one, as in Scm.MinSeverity or transportTlsVersion" + DidYouMean(name, Names(reg)), Position: -1}
	case o != nil && t != nil:
		return "", "", fmt.Errorf("%s is the descriptor of a column: name a cell, as in %s.%s[%s=…].%s", name, t.Module.Service, t.Param, t.Index[0].Param, o.Param)
	case t != nil:
		return t.Module.Service, t.Param, nil
	}
	return o.Module.Service, o.Param, nil
}

// value reads a quoted string, or a bare word that ends at white space, a
// comment or one of stop.
func (p *parser) value(stop string) (text string, quoted bool, err error) {
	if p.rest != "" && p.rest[0] == '"' {
		q, err := strconv.QuotedPrefix(p.rest)
		if err == nil {
			text, err = strconv.Unquote(q)
		}
		if err != nil {
			return "", false, errors.New(`a string in double quotes is not closed or has a bad escape (write \\ for a backslash)`)
		}
		p.rest = p.rest[len(q):]
		return text, true, nil
	}
	i := strings.IndexAny(p.rest, " \t\r#"+stop)
	if i < 0 {
		i = len(p.rest)
	}
	text, p.rest = p.rest[:i], p.rest[i:]
	if text == "" {
		return "", false, errors.New(`a value is missing (write "" for an empty string)`)
	}
	return text, false, nil
}

// clip bounds what an error repeats of its input, at a rune's boundary.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for !utf8.ValidString(s) && len(s) > most-4 {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// Print writes one statement in canonical form, without line end.
func Print(o *mib.Object, key mib.Key, v mib.Value) string {
	return o.Instance(key) + "=" + mib.ValueText(o.Syntax, v)
}

// PrintSealed writes a secret in its sealed form.
func PrintSealed(o *mib.Object, key mib.Key, sealed string) string {
	return o.Instance(key) + "=sealed:" + mib.Quote(sealed)
}
