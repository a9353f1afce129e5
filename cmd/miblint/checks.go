package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	errNoModule     = errors.New("no module line")
	errUnknownCheck = errors.New("unknown check")
)

// Finding is one broken rule at one place.
type Finding struct {
	Path  string // relative to the root
	Line  int    // 1-based; 0 when the finding is about the file or folder as a whole
	Check string // name of the check, filled in by runChecks
	Text  string
}

func (f Finding) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: [%s] %s", f.Path, f.Check, f.Text)
	}
	return fmt.Sprintf("%s:%d: [%s] %s", f.Path, f.Line, f.Check, f.Text)
}

// Check is one rule over the whole tree.
type Check struct {
	Name string
	Doc  string // one line, shown by -list
	Run  func(*Tree) []Finding
}

// allChecks is the list to extend: one file per check.
func allChecks() []Check {
	return []Check{
		{"imports", "import edges cmd -> agent -> element -> mib, drivers apart (DESIGN §1)", checkImports},
		{"size", "files up to 500 lines, functions up to 80, generated code excepted (DESIGN §7)", checkSize},
		{"docgo", "every package has a doc.go with a package comment (DESIGN §7)", checkDocGo},
		{"markers", "no markers of unfinished work in comments", checkMarkers},
		{"unread", "no writable object without effect: something reads every field of Config (DESIGN §2)", checkUnread},
		{"generated", "generated files, and only they, are named *_gen.go (DESIGN §1)", checkGenerated},
	}
}

// selectChecks picks checks by comma-separated names; "" means all.
func selectChecks(names string) ([]Check, error) {
	if names == "" {
		return allChecks(), nil
	}
	var picked []Check
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(allChecks(), func(c Check) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%w %q", errUnknownCheck, name)
		}
		picked = append(picked, allChecks()[i])
	}
	return picked, nil
}

// runChecks runs the checks and returns their findings sorted by place.
func runChecks(t *Tree, checks []Check) []Finding {
	var all []Finding
	for _, c := range checks {
		for _, f := range c.Run(t) {
			f.Check = c.Name
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Check, b.Check), cmp.Compare(a.Text, b.Text))
	})
	return all
}
