package mib

import (
	"sort"
	"strings"
)

// Registry is every module of a program, found by OID and by name. It is
// immutable once made.
type Registry struct {
	modules  []*Module
	objects  []*Object // by OID
	services map[string]*Module
	names    map[string]*Object // lower-case Path
	tables   map[string]*Table  // lower-case "service.table"
	byName   map[string][]*Object
}

// NewRegistry numbers the modules (Module.Ordinal) and indexes their objects.
func NewRegistry(modules ...*Module) *Registry {
	r := &Registry{
		modules:  modules,
		services: map[string]*Module{},
		names:    map[string]*Object{},
		tables:   map[string]*Table{},
		byName:   map[string][]*Object{},
	}
	for i, m := range modules {
		m.Ordinal = i
		if m.Shown() {
			r.services[strings.ToLower(m.Service)] = m
		}
		for _, t := range m.Tables {
			r.tables[strings.ToLower(m.Service+"."+t.Param)] = t
		}
		for _, o := range m.Objects {
			r.objects = append(r.objects, o)
			r.names[strings.ToLower(o.Path())] = o
			r.byName[strings.ToLower(o.Name)] = append(r.byName[strings.ToLower(o.Name)], o)
		}
	}
	sort.Slice(r.objects, func(i, j int) bool { return r.objects[i].OID.Compare(r.objects[j].OID) < 0 })
	return r
}

// Modules lists the modules by ordinal.
func (r *Registry) Modules() []*Module { return r.modules }

// Objects lists every object by OID.
func (r *Registry) Objects() []*Object { return r.objects }

// Service finds a module that is shown by its service text key; letter case does
// not matter.
func (r *Registry) Service(name string) *Module { return r.services[strings.ToLower(name)] }

// Table finds "SipEp.Gateway"; letter case does not matter.
func (r *Registry) Table(path string) *Table { return r.tables[strings.ToLower(path)] }

// Object finds "SipEp.TransportTlsVersion" or "SipEp.Gateway.Port"; letter
// case does not matter.
func (r *Registry) Object(path string) *Object { return r.names[strings.ToLower(path)] }

// Descriptor finds the objects with a MIB descriptor ("minSeverity" has one
// per service); letter case does not matter.
func (r *Registry) Descriptor(name string) []*Object { return r.byName[strings.ToLower(name)] }

// ByOID finds the object whose OID is a prefix of oid and the rest, which is
// the instance: 0 for a scalar.
func (r *Registry) ByOID(oid OID) (o *Object, instance OID) {
	i := sort.Search(len(r.objects), func(i int) bool { return r.objects[i].OID.Compare(oid) > 0 })
	if i == 0 {
		return nil, nil
	}
	if o = r.objects[i-1]; oid.HasPrefix(o.OID) {
		return o, oid[len(o.OID):]
	}
	return nil, nil
}
