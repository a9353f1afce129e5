package main

import (
	"cmp"
	"slices"

	smi "github.com/golangsnmp/gomib/mib"
)

// tables makes the model of every table and tells its columns which table they
// stand in.
func (b *builder) tables() {
	all := b.smi.Tables()
	slices.SortFunc(all, func(a, b *smi.Object) int { return a.OID().Compare(b.OID()) })
	for _, t := range all {
		b.out.Tables = append(b.out.Tables, b.table(t))
	}
}

func (b *builder) table(t *smi.Object) *Table {
	stem := tableStem(t.Name())
	out := &Table{
		Name:        t.Name(),
		Param:       exported(stem),
		OID:         oidLiteral(t.Entry().OID()),
		Description: prose(t.Description()),
	}
	columns := t.Columns()
	slices.SortFunc(columns, func(a, b *smi.Object) int { return cmp.Compare(a.OID().LastArc(), b.OID().LastArc()) })
	for _, c := range columns {
		o := b.objects[c]
		o.Table, o.Param = out, param(c.Name(), stem)
		if augmented := t.Entry().Augments(); augmented != nil && o.Param == o.Ident && !b.out.Reports {
			o.Param = param(c.Name(), tableStem(augmented.Table().Name()))
		}
		o.Syntax.Choice = b.out.Standard && isChoice(c.Name(), stem)
		out.Columns = append(out.Columns, o)
		if b.out.Reports {
			continue // status rows belong to the system
		}
		switch o.Syntax.TC {
		case "RowStatus":
			out.RowStatus = o
		case "StorageType":
			out.Storage = o
		}
		out.Config = out.Config || o.Syntax.TC == "RowStatus" || writable(c) && verb(c) == ""
	}
	for _, e := range t.Entry().EffectiveIndexes() {
		if i := b.index(t, out, e); i != nil {
			out.Index = append(out.Index, i)
		}
	}
	if len(out.Index) == 0 {
		b.failf(t.Name(), "has no index")
		return out
	}
	out.Index[len(out.Index)-1].Last = true
	return out
}

func (b *builder) index(t *smi.Object, out *Table, e smi.IndexEntry) *Index {
	o, ref := b.objects[e.Object], ""
	if o == nil {
		o, ref = b.foreign(e.Object)
	}
	switch {
	case o == nil:
		b.failf(t.Name(), "its index %s is of another module, which is none of the standard ones", e.Object.Name())
		return nil
	case o.Syntax.Bool || o.Syntax.Enum != nil && o.Syntax.Enum.Type == "":
		b.failf(t.Name(), "its index %s is a switch or a command", o.Name)
		return nil
	case e.Implied && o.Syntax.Base == "OctetString" && (len(o.Syntax.Ranges) == 0 || o.Syntax.Ranges[0].Min == 0):
		b.failf(t.Name(), "its index %s may be empty and so cannot be IMPLIED (RFC 2578 §7.7)", o.Name)
		return nil
	}
	i := &Index{Object: o, Field: o.Param, Implied: e.Implied, foreign: ref}
	if o.Table == out {
		o.index = true
	} else {
		i.Field = o.Ident
	}
	return i
}

// foreign makes the model of an index object of another standard module, and
// names its package; nil when it is of none.
func (b *builder) foreign(o *smi.Object) (out *Object, pkg string) {
	m := o.Module()
	if m == nil || standardPackages[m.Name()] == "" {
		return nil, ""
	}
	out = &Object{Name: o.Name(), Ident: exported(o.Name()), Description: prose(o.Description())}
	out.Param = out.Ident
	out.Syntax = b.syntax(o)
	return out, standardPackages[m.Name()]
}
