package main

import (
	"slices"
	"strings"

	smi "github.com/golangsnmp/gomib/mib"
)

// notification makes the model of a NOTIFICATION-TYPE. The struct has the
// index fields of the rows its columns belong to first, but for those that are
// in OBJECTS themselves.
func (b *builder) notification(n *smi.Notification) *Notification {
	out := &Notification{
		Name:        n.Name(),
		Type:        exported(n.Name()),
		OID:         oidLiteral(n.OID()),
		Description: prose(n.Description()),
	}
	if rest, ok := strings.CutPrefix(n.Name(), unexported(b.out.Service)); ok && rest != "" {
		out.Type = exported(rest)
	}
	objects := b.carried(n)
	for _, o := range objects {
		if o.Table == nil || slices.ContainsFunc(out.Keys, func(k *NotificationKey) bool { return k.Table == o.Table }) {
			continue
		}
		out.Keys = append(out.Keys, &NotificationKey{Table: o.Table, Var: "key"})
		for _, i := range o.Table.Index {
			if !slices.Contains(objects, i.Object) && !out.has(i.Object) {
				out.Fields = append(out.Fields, &Field{Object: i.Object, Index: true})
			}
		}
	}
	for _, o := range objects {
		f := &Field{Object: o, Key: "nil"}
		out.Fields = append(out.Fields, f)
		out.Objects = append(out.Objects, f)
	}
	out.nameFields()
	out.nameKeys()
	return out
}

// carried lists the OBJECTS of a notification.
func (b *builder) carried(n *smi.Notification) []*Object {
	var objects []*Object
	for _, o := range n.Objects() {
		if b.objects[o] == nil {
			b.failf(n.Name(), "carries %s of another module", o.Name())
			continue
		}
		objects = append(objects, b.objects[o])
	}
	return objects
}

func (n *Notification) has(o *Object) bool {
	return slices.ContainsFunc(n.Fields, func(f *Field) bool { return f.Object == o })
}

// nameFields calls every field by its column, or by column and table where two
// tables have a column of one name.
func (n *Notification) nameFields() {
	count := map[string]int{}
	for _, f := range n.Fields {
		count[f.Object.Param]++
	}
	for _, f := range n.Fields {
		f.Name = f.Object.Param
		if count[f.Name] > 1 || f.Name == "Type" || f.Name == "Varbinds" {
			f.Name = f.Object.Ident
		}
	}
}

// nameKeys names the key of each table, and the fields it is made of.
func (n *Notification) nameKeys() {
	for _, k := range n.Keys {
		if len(n.Keys) > 1 {
			k.Var = argument(k.Table.Param) + "Key"
		}
		for _, i := range k.Table.Index {
			for _, f := range n.Fields {
				if f.Object == i.Object {
					k.Fields = append(k.Fields, f.Name)
					break
				}
			}
		}
		for _, f := range n.Objects {
			if f.Object.Table == k.Table {
				f.Key = k.Var
			}
		}
	}
}
