package text

import (
	"fmt"
	"slices"
	"strings"

	"mibgate/mib"
)

// Descriptor finds what a MIB descriptor names: an object, or a table; nothing
// when no module has it. The error lists the objects of one that several have
// ("minSeverity").
func Descriptor(reg *mib.Registry, name string) (*mib.Table, *mib.Object, error) {
	found := reg.Descriptor(name)
	if len(found) == 1 {
		return found[0].Table, found[0], nil
	}
	if len(found) > 1 {
		paths := make([]string, len(found))
		for i, o := range found {
			paths[i] = o.Path()
		}
		return nil, nil, &mib.Error{Kind: mib.ErrUnknown, Path: name, Detail: "several have this descriptor: name one of " + strings.Join(paths, ", "), Position: -1}
	}
	for _, m := range reg.Modules() {
		for _, t := range m.Tables {
			if strings.EqualFold(t.Name, name) {
				return t, nil, nil
			}
		}
	}
	return nil, nil, nil
}

// DidYouMean is the end of an error about an unknown name: `; did you mean
// "Gateway"?` for the name that is most like it, nothing when none is.
func DidYouMean(name string, names []string) string {
	best, least := "", min(2, len(name)/3)+1 // one slip in three letters, two at most
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// longestName bounds the work of distance, which goes with the square of it.
const longestName = 80

// distance is how many letters must be added, taken away, changed or swapped
// with their neighbour to make b of a.
func distance(a, b string) int {
	if len(a) > longestName || len(b) > longestName {
		return longestName
	}
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		older, old, row = old, row, older
		row[0] = i + 1
		for j := range len(b) {
			changed := old[j]
			if a[i] != b[j] {
				changed++
			}
			row[j+1] = min(old[j+1]+1, row[j]+1, changed)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], older[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

// Services are the names of the services that are shown.
func Services(reg *mib.Registry) []string {
	var out []string
	for _, m := range reg.Modules() {
		if m.Shown() {
			out = append(out, m.Service)
		}
	}
	return out
}

// Names are what is a name by itself: services, modules, and the descriptors of
// tables and objects.
func Names(reg *mib.Registry) []string {
	out := Services(reg)
	for _, m := range reg.Modules() {
		out = append(out, m.Name)
		for _, t := range m.Tables {
			out = append(out, t.Name)
		}
		for _, o := range m.Objects {
			out = append(out, o.Name)
		}
	}
	return out
}

// parts are the names of the variables and tables of a service.
func parts(m *mib.Module) []string {
	var out []string
	for _, t := range m.Tables {
		out = append(out, t.Param)
	}
	for _, o := range m.Objects {
		if o.Table == nil {
			out = append(out, o.Param)
		}
	}
	return out
}

func columns(t *mib.Table) []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Param
	}
	return out
}

// module finds a module by its service, whether it is shown or not.
func module(reg *mib.Registry, service string) *mib.Module {
	i := slices.IndexFunc(reg.Modules(), func(m *mib.Module) bool { return strings.EqualFold(m.Service, service) })
	if i < 0 {
		return nil
	}
	return reg.Modules()[i]
}

func unknown(reg *mib.Registry, service, param string) error {
	m := module(reg, service)
	if m == nil {
		detail := fmt.Sprintf("there is no service %q", service) + DidYouMean(service, Services(reg))
		return &mib.Error{Kind: mib.ErrUnknown, Path: service + "." + param, Detail: detail, Position: -1}
	}
	detail := fmt.Sprintf("service %s has no variable, table or command %q", m.Service, param) + DidYouMean(param, parts(m))
	return &mib.Error{Kind: mib.ErrUnknown, Path: service + "." + param, Detail: detail, Position: -1}
}
