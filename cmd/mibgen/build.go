package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	smi "github.com/golangsnmp/gomib/mib"
)

// rootModule defines the arc that everything of ours hangs below, servicesNode
// the arc of the services.
const (
	rootModule   = "MIBGATE-SMI"
	servicesNode = "mibgateServices"
)

// builder makes the model of one module, and collects what is wrong with it.
type builder struct {
	src     *sources
	smi     *smi.Module
	out     *Module
	shared  map[string]*Enum // mib/tc, by name
	objects map[*smi.Object]*Object
	errs    []error
}

// build makes the model of every module that defines objects or notifications:
// the services by their number, then the standard modules by name.
func build(src *sources) (*Tree, error) {
	tree := &Tree{}
	shared := map[string]*Enum{}
	var errs []error
	add := func(names []string, standard bool) {
		for _, name := range names {
			m := src.mib.Module(name)
			if len(m.Objects()) == 0 && len(m.Notifications()) == 0 {
				continue
			}
			b := &builder{src: src, smi: m, shared: shared, objects: map[*smi.Object]*Object{}}
			tree.Modules = append(tree.Modules, b.module(standard))
			errs = append(errs, b.errs...)
		}
	}
	add(src.modules, false)
	slices.SortFunc(tree.Modules, func(a, b *Module) int { return cmp.Compare(a.ServiceID, b.ServiceID) })
	add(src.standard, true)
	if root := src.mib.Module(rootModule); root != nil {
		tree.Root = oidLiteral(root.OID())
	}
	for _, e := range shared {
		tree.Conventions = append(tree.Conventions, e)
	}
	slices.SortFunc(tree.Conventions, func(a, b *Enum) int { return cmp.Compare(a.Type, b.Type) })
	return tree, errors.Join(errs...)
}

// failf notes that the definition of a descriptor cannot be generated.
func (b *builder) failf(descriptor, format string, args ...any) {
	at := b.src.where(b.smi.Name(), descriptor)
	b.errs = append(b.errs, fmt.Errorf("%s: %s: %s", at, descriptor, fmt.Sprintf(format, args...)))
}

func (b *builder) module(standard bool) *Module {
	b.out = &Module{
		Name:        b.smi.Name(),
		Standard:    standard,
		File:        b.smi.Name() + ".mib",
		Identity:    oidLiteral(b.smi.OID()),
		Description: prose(b.smi.Description()),
	}
	b.identity()
	leaves := b.leaves()
	for _, o := range leaves {
		b.out.Objects = append(b.out.Objects, b.object(o))
	}
	b.tables()
	for _, o := range leaves {
		b.classify(o, b.objects[o])
	}
	for _, n := range b.smi.Notifications() {
		b.out.Notifications = append(b.out.Notifications, b.notification(n))
	}
	b.unique()
	return b.out
}

// identity names the package and the service: our modules by the descriptor of
// their MODULE-IDENTITY (sipEpMIB), whose last arc is the service's number.
func (b *builder) identity() {
	m := b.out
	if m.Standard {
		m.Service, m.Package = standardServices[m.Name], standardPackages[m.Name]
		if m.Reports = m.Service == ""; m.Reports {
			m.Service = m.Name
		}
		if m.Package == "" {
			b.failf(m.Name, "has no package in standardPackages (cmd/mibgen/names.go)")
		}
		return
	}
	node := b.src.mib.NodeByOID(b.smi.OID())
	if node == nil || node.Parent().Name() != servicesNode {
		b.failf(m.Name, "its MODULE-IDENTITY is not below %s", servicesNode)
		return
	}
	// "sipEpMIB"; ours of SNMP is "mibgateSnmpMIB", as the other name is that of SNMPv2-MIB.
	m.Service = exported(strings.TrimPrefix(strings.TrimSuffix(node.Name(), "MIB"), "mibgate"))
	m.Package = strings.ToLower(m.Service)
	m.ServiceID = node.Arc()
}

// leaves lists the scalars and columns by OID.
func (b *builder) leaves() []*smi.Object {
	leaves := slices.DeleteFunc(b.smi.Objects(), func(o *smi.Object) bool { return !o.IsScalar() && !o.IsColumn() })
	slices.SortFunc(leaves, func(a, b *smi.Object) int { return a.OID().Compare(b.OID()) })
	return leaves
}

// unique refuses modules whose descriptors become one Go identifier.
func (b *builder) unique() {
	seen := map[string]string{}
	claim := func(ident, descriptor string) {
		if other, taken := seen[ident]; taken {
			b.failf(descriptor, "becomes the Go identifier %s, which %s is already", ident, other)
		}
		seen[ident] = descriptor
	}
	for _, ident := range []string{"Config", "NewConfig", "Of", "Status", "Commands", "Objects", "Tables", "Notifications", "Module"} {
		seen[ident] = "part of every package"
	}
	for _, e := range b.out.Enums {
		claim(e.Type, e.Of)
		for _, l := range e.Labels {
			claim(l.Const, e.Of)
		}
	}
	for _, t := range b.out.Tables {
		for _, ident := range []string{t.Param + "Row", t.Param + "Key", "New" + t.Param + "Row", "Compare" + t.Param, "Sort" + t.Param} {
			claim(ident, t.Name)
		}
	}
	for _, n := range b.out.Notifications {
		claim(n.Type, n.Name)
	}
	b.uniqueFields()
}

// rowMethods are what every row struct has; a field would hide them.
var rowMethods = []string{"AppendKey", "CompareKey", "RowMeta", "SetKey", "SetState", "State"}

func (b *builder) uniqueFields() {
	fields := map[string]string{}
	for _, o := range b.out.ConfigScalars() {
		fields[o.Param] = o.Name
	}
	for _, t := range b.out.ConfigTables() {
		if other := fields[t.Param]; other != "" {
			b.failf(t.Name, "and %s would both be the field %s of Config", other, t.Param)
		}
		for _, o := range t.Columns {
			if (o.IsConfig() || o.index) && slices.Contains(rowMethods, o.Param) {
				b.failf(o.Name, "the field %s would hide what every row has", o.Param)
			}
		}
	}
}

func oidLiteral(oid smi.OID) string {
	return "mib.OID{" + strings.ReplaceAll(oid.String(), ".", ", ") + "}"
}
