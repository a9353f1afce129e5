package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mibgate/mib"
	"mibgate/mib/text"
)

// Scope is a part of the model: everything that is shown (the zero Scope), a
// module, a table, a row, a column, one instance, or what stands below an OID.
// Standard modules that are not shown by themselves are when they are named.
type Scope struct {
	Module *mib.Module
	Table  *mib.Table
	Object *mib.Object
	Key    mib.Key // of a row or a cell; nil for all rows
	Below  mib.OID // of a subtree; the rest is nil then
}

// ParseScope reads a name: "", "SipEp", "IF-MIB", "SipEp.Gateway",
// `SipEp.Gateway[Name="x"]`, "SipEp.Gateway.Port",
// `SipEp.Gateway[Name="x"].Port`, "SipEp.TransportTlsVersion", an OID that is
// one of ours or above some, or a MIB descriptor that only one object or table
// has, also with the rest of an instance behind it: "ifOperStatus.2".
func ParseScope(reg *mib.Registry, name string) (Scope, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return Scope{}, nil
	}
	if oid, err := mib.ParseOID(name); err == nil {
		return scopeOfOID(reg, name, oid)
	}
	if o, instance := descriptorInstance(reg, name); o != nil {
		return scopeOfOID(reg, name, o.OID.Append(instance...))
	}
	if !strings.ContainsAny(name, ".[") {
		return scopeOfWord(reg, name)
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

// scopeOfWord finds a service, a descriptor or a module.
func scopeOfWord(reg *mib.Registry, name string) (Scope, error) {
	if m := reg.Service(name); m != nil {
		return Scope{Module: m}, nil
	}
	t, o, err := text.Descriptor(reg, name)
	switch {
	case err != nil:
		return Scope{}, err
	case o != nil:
		return Scope{Module: o.Module, Table: o.Table, Object: o}, nil
	case t != nil:
		return Scope{Module: t.Module, Table: t}, nil
	}
	for _, m := range reg.Modules() {
		if strings.EqualFold(m.Name, name) {
			return Scope{Module: m}, nil
		}
	}
	services := text.Services(reg)
	detail := "there is no such service or descriptor" + text.DidYouMean(name, text.Names(reg))
	return Scope{}, &mib.Error{Kind: mib.ErrUnknown, Path: name, Detail: detail + "; the services are " + strings.Join(services, ", "), Position: -1}
}

// descriptorInstance reads "ifOperStatus.2" and "sysName.0", as other managers
// have it; nil when name is nothing of that kind.
func descriptorInstance(reg *mib.Registry, name string) (*mib.Object, mib.OID) {
	descriptor, rest, _ := strings.Cut(name, ".")
	_, o, err := text.Descriptor(reg, descriptor)
	if err != nil || o == nil {
		return nil, nil
	}
	var instance mib.OID
	for _, part := range strings.Split(rest, ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, nil
		}
		instance = append(instance, uint32(n))
	}
	return o, instance
}

func scopeOfOID(reg *mib.Registry, name string, oid mib.OID) (Scope, error) {
	unknown := &mib.Error{Kind: mib.ErrUnknown, Path: name, Detail: "is not the OID of a variable of ours", Position: -1}
	o, inst := reg.ByOID(oid)
	if o == nil {
		return scopeBelow(reg, oid, unknown)
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

// scopeBelow is a table, or a subtree that has variables.
func scopeBelow(reg *mib.Registry, oid mib.OID, unknown error) (Scope, error) {
	for _, m := range reg.Modules() {
		for _, t := range m.Tables {
			if entry := t.OID; slices.Equal(oid, entry) || slices.Equal(oid, entry[:len(entry)-1]) {
				return Scope{Module: m, Table: t}, nil
			}
		}
	}
	if slices.ContainsFunc(reg.Objects(), func(o *mib.Object) bool { return o.OID.HasPrefix(oid) }) {
		return Scope{Below: oid}, nil
	}
	return Scope{}, unknown
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
	case s.Below != nil:
		return nil, nil, fmt.Errorf("%s has variables below it: use walk or show", s.Below)
	case s.Module != nil:
		return nil, nil, fmt.Errorf("%s is a service: use walk or show", s.Module.Service)
	}
	return nil, nil, fmt.Errorf("a variable must be named")
}

func (s Scope) hasModule(m *mib.Module) bool {
	if s.Module == nil {
		return m.Shown() || s.Below != nil
	}
	return s.Module == m
}

// HasObject tells whether o is in the scope.
func (s Scope) HasObject(o *mib.Object) bool {
	return s.hasModule(o.Module) && s.hasObject(o)
}

func (s Scope) hasObject(o *mib.Object) bool {
	if s.Below != nil {
		return o.OID.HasPrefix(s.Below)
	}
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
