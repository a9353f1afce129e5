package view

import (
	"fmt"
	"slices"
	"strings"

	"mibgate/mib"
	"mibgate/mib/text"
)

// Scope is a part of the model: everything (the zero Scope), a service, a
// table, a row, a column, or one instance.
type Scope struct {
	Module *mib.Module
	Table  *mib.Table
	Object *mib.Object
	Key    mib.Key // of a row or a cell; nil for all rows
}

// ParseScope reads a name: "", "SipEp", "SipEp.Gateway",
// `SipEp.Gateway[Name="x"]`, "SipEp.Gateway.Port",
// `SipEp.Gateway[Name="x"].Port`, "SipEp.TransportTlsVersion", the OID of an
// object or instance, or a MIB descriptor that only one object or table has.
func ParseScope(reg *mib.Registry, name string) (Scope, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return Scope{}, nil
	}
	if oid, err := mib.ParseOID(name); err == nil {
		return scopeOfOID(reg, name, oid)
	}
	if !strings.ContainsAny(name, ".[") {
		m := reg.Service(name)
		if m == nil {
			if s, ok := described(reg, name); ok {
				return s, nil
			}
			return Scope{}, &mib.Error{Kind: mib.ErrUnknown, Path: name, Detail: "there is no such service; there are " + services(reg), Position: -1}
		}
		return Scope{Module: m}, nil
	}
	t, o, key, err := text.ParseTarget(reg, name)
	if err != nil {
		return Scope{}, err
	}
	s := Scope{Table: t, Object: o, Key: key}
	if t != nil {
		s.Module = t.Module
	} else {
		s.Module = o.Module
	}
	return s, nil
}

// described finds what a MIB descriptor names, as the standard modules are known
// by: usmUserTable, snmpTargetAddrTAddress.
func described(reg *mib.Registry, name string) (Scope, bool) {
	if found := reg.Descriptor(name); len(found) == 1 && found[0].Module.Shown() {
		return Scope{Module: found[0].Module, Table: found[0].Table, Object: found[0]}, true
	}
	for _, m := range reg.Modules() {
		for _, t := range m.Tables {
			if m.Shown() && strings.EqualFold(t.Name, name) {
				return Scope{Module: m, Table: t}, true
			}
		}
	}
	return Scope{}, false
}

func services(reg *mib.Registry) string {
	var names []string
	for _, m := range reg.Modules() {
		if m.Shown() {
			names = append(names, m.Service)
		}
	}
	return strings.Join(names, ", ")
}

func scopeOfOID(reg *mib.Registry, name string, oid mib.OID) (Scope, error) {
	unknown := &mib.Error{Kind: mib.ErrUnknown, Path: name, Detail: "is not the OID of a variable of ours", Position: -1}
	o, inst := reg.ByOID(oid)
	if o == nil || !o.Module.Shown() {
		return Scope{}, unknown
	}
	s := Scope{Module: o.Module, Table: o.Table, Object: o}
	switch {
	case o.Table == nil:
		if len(inst) > 1 || len(inst) == 1 && inst[0] != 0 {
			return Scope{}, unknown
		}
	case len(inst) > 0:
		bound := mib.ParseInstance(o.Table.Index, nil, inst)
		if !bound.Exact {
			return Scope{}, unknown
		}
		s.Key = bound.Key
	}
	return s, nil
}

// Instance is the one instance that the scope names; the error says what it
// names instead.
func (s Scope) Instance() (*mib.Object, mib.Key, error) {
	switch {
	case s.Object != nil && (s.Table == nil || s.Key != nil):
		return s.Object, s.Key, nil
	case s.Object != nil:
		return nil, nil, fmt.Errorf("%s is a column: name a row as well, or use walk", s.Object.Path())
	case s.Key != nil:
		return nil, nil, fmt.Errorf("%s is a row: name a column as well, or use walk or show", s.Table.Instance(s.Key))
	case s.Table != nil:
		return nil, nil, fmt.Errorf("%s.%s is a table: use walk or show", s.Module.Service, s.Table.Param)
	case s.Module != nil:
		return nil, nil, fmt.Errorf("%s is a service: use walk or show", s.Module.Service)
	}
	return nil, nil, fmt.Errorf("a variable must be named")
}

func (s Scope) hasModule(m *mib.Module) bool { return s.Module == nil || s.Module == m }

func (s Scope) hasObject(o *mib.Object) bool {
	if s.Object != nil {
		return s.Object == o
	}
	return s.Table == nil || s.Table == o.Table
}

// inOrder lists the objects of m by OID.
func inOrder(m *mib.Module) []*mib.Object {
	byOID := func(a, b *mib.Object) int { return a.OID.Compare(b.OID) }
	if slices.IsSortedFunc(m.Objects, byOID) {
		return m.Objects
	}
	return slices.SortedFunc(slices.Values(m.Objects), byOID)
}
