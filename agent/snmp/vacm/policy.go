package vacm

import (
	"cmp"
	"slices"
	"strings"

	"mibgate/agent/snmp/message"
)

// AnyModel is the security model any(0) of an Access (RFC 3411 §5,
// SnmpSecurityModel).
const AnyModel int32 = 0

// Group is a row of vacmSecurityToGroupTable: Model (1: SNMPv1, 2: SNMPv2c, 3:
// USM) and security name are the index.
type Group struct {
	Model int32
	Name  string
	Group string
}

// Access is a row of vacmAccessTable.
type Access struct {
	Group string
	// Context is vacmAccessContextPrefix: with Exact the name of the context,
	// else what it begins with.
	Context string
	Exact   bool
	Model   int32         // or AnyModel
	Level   message.Level // the least that is needed
	// Read, Write and Notify name views; an empty name, or one that there is
	// no view of, stands for nothing.
	Read, Write, Notify string
}

// Config is what a Policy is made of.
type Config struct {
	Groups   []Group
	Access   []Access
	Views    map[string]*View
	Contexts []string // vacmContextTable; "" is the default context
}

// Rights are the views that a request, or a notification, has; nil is nothing.
type Rights struct {
	Group               string
	Read, Write, Notify *View
}

// Policy tells the rights of everybody.
type Policy struct {
	groups   map[member]string
	access   map[string][]grant // by group
	contexts map[string]bool
}

type member struct {
	model int32
	name  string
}

// grant is an Access with its views.
type grant struct {
	Access
	rights Rights
}

// NewPolicy makes a Policy; it keeps the views, and nothing else of c.
func NewPolicy(c Config) *Policy {
	p := &Policy{groups: map[member]string{}, access: map[string][]grant{}, contexts: map[string]bool{}}
	for _, g := range c.Groups {
		p.groups[member{g.Model, g.Name}] = g.Group
	}
	for _, a := range c.Access {
		p.access[a.Group] = append(p.access[a.Group], grant{a, Rights{a.Group, view(c.Views, a.Read), view(c.Views, a.Write), view(c.Views, a.Notify)}})
	}
	for _, grants := range p.access {
		slices.SortFunc(grants, func(a, b grant) int { return prefer(&b.Access, &a.Access) })
	}
	for _, name := range c.Contexts {
		p.contexts[name] = true
	}
	return p
}

func view(views map[string]*View, name string) *View {
	if name == "" {
		return nil
	}
	return views[name]
}

// prefer orders entries that all fit a request (RFC 3415 §4, vacmAccessTable):
// the one that names the security model, the one that names the whole context,
// the longest prefix, the highest level. What is left cannot fit the same
// request; it is ordered so that two policies of the same rows are equal.
func prefer(a, b *Access) int {
	return cmp.Or(
		compareBool(a.Model != AnyModel, b.Model != AnyModel),
		compareBool(a.Exact, b.Exact),
		cmp.Compare(len(a.Context), len(b.Context)),
		cmp.Compare(a.Level, b.Level),
		cmp.Compare(a.Model, b.Model),
		cmp.Compare(a.Context, b.Context),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// Check tells the rights of a security name of a model that asks at a level in
// a context (RFC 3415 §3.2 steps 1 to 4). The error is ErrNoContext, ErrNoGroup
// or ErrNoAccess.
func (p *Policy) Check(model int32, name string, level message.Level, context string) (Rights, error) {
	if !p.contexts[context] {
		return Rights{}, ErrNoContext
	}
	group, ok := p.groups[member{model, name}]
	if !ok {
		return Rights{}, ErrNoGroup
	}
	grants := p.access[group]
	for i := range grants {
		if grants[i].fits(model, level, context) {
			return grants[i].rights, nil
		}
	}
	return Rights{}, ErrNoAccess
}

func (a *Access) fits(model int32, level message.Level, context string) bool {
	if a.Model != AnyModel && a.Model != model || a.Level > level {
		return false
	}
	if a.Exact {
		return context == a.Context
	}
	return strings.HasPrefix(context, a.Context)
}
