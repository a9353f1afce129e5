package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/golangsnmp/gomib"
	smi "github.com/golangsnmp/gomib/mib"
)

// Input names the folders to read.
type Input struct {
	Modules  string // our modules, *.mib
	Standard string // subsets of standard modules, *.mib; "" for none
}

// sources are the resolved modules and where their text is.
type sources struct {
	mib      *smi.Mib
	modules  []string // names of our modules, sorted
	standard []string
	texts    map[string]source // by module name
}

type source struct {
	path string
	text string
}

// load parses and resolves every module; a diagnostic of severity error or
// worse and a reference that leads nowhere are errors.
func load(in Input) (*sources, error) {
	s := &sources{texts: map[string]source{}}
	var from []gomib.Source
	for _, dir := range []struct {
		path  string
		names *[]string
	}{{in.Modules, &s.modules}, {in.Standard, &s.standard}} {
		if dir.path == "" {
			continue
		}
		src, err := gomib.Dir(dir.path, gomib.WithExtensions(".mib"))
		if err != nil {
			return nil, err
		}
		from = append(from, src)
		if *dir.names, err = s.read(dir.path); err != nil {
			return nil, err
		}
	}
	m, err := gomib.Load(context.Background(), gomib.WithSource(from...),
		gomib.WithModules(slices.Concat(s.modules, s.standard)...),
		gomib.WithStrictness(smi.StrictnessStrict))
	if m == nil {
		return nil, err
	}
	s.mib = m
	return s, errors.Join(s.complaints(), unlessThreshold(err))
}

// unlessThreshold drops the summary error of the parser: the diagnostics
// themselves say more.
func unlessThreshold(err error) error {
	if errors.Is(err, gomib.ErrDiagnosticThreshold) {
		return nil
	}
	return err
}

// read keeps the text of every module in dir and returns their names.
func (s *sources) read(dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.mib"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(path), ".mib")
		names = append(names, name)
		s.texts[name] = source{path: filepath.ToSlash(path), text: string(text)}
	}
	slices.Sort(names)
	return names, nil
}

// complaints joins what the parser found, and the modules whose name is not
// that of their file.
func (s *sources) complaints() error {
	var errs []error
	for _, d := range s.mib.Diagnostics() {
		if src, ours := s.texts[d.Module]; ours && d.Severity <= smi.SeverityError {
			errs = append(errs, fmt.Errorf("%s:%d:%d: %s (%s)", src.path, d.Line, d.Column, d.Message, d.Severity))
		}
	}
	for _, u := range s.mib.Unresolved() {
		if _, ours := s.texts[u.Module]; ours && len(errs) == 0 { // else a diagnostic says it better
			errs = append(errs, fmt.Errorf("%s: %s leads nowhere (%s)", s.where(u.Module, u.Symbol), u.Symbol, u.Kind))
		}
	}
	for _, name := range slices.Concat(s.modules, s.standard) {
		if s.mib.Module(name) == nil {
			errs = append(errs, fmt.Errorf("%s:1:1: the file must be named as its module", s.texts[name].path))
		}
	}
	return errors.Join(errs...)
}

// where is file:line:col of the definition of a descriptor, or of its first use
// when it is defined elsewhere.
func (s *sources) where(module, descriptor string) string {
	src := s.texts[module]
	name := regexp.QuoteMeta(descriptor)
	at := regexp.MustCompile(`(?m)^[ \t]*` + name + `[ \t\r\n]+(OBJECT-TYPE|NOTIFICATION-TYPE|MODULE-IDENTITY|::=)`).FindStringIndex(src.text)
	if at == nil {
		at = regexp.MustCompile(`\b` + name + `\b`).FindStringIndex(src.text)
	}
	if at == nil {
		return src.path + ":1:1"
	}
	start := at[0] + len(src.text[at[0]:]) - len(strings.TrimLeft(src.text[at[0]:], " \t"))
	line := strings.Count(src.text[:start], "\n") + 1
	return fmt.Sprintf("%s:%d:%d", src.path, line, start-strings.LastIndexByte(src.text[:start], '\n'))
}
