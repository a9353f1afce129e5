package tree

import (
	"fmt"
	"sort"

	"mibgate/agent/snmp/ber"
	"mibgate/mib"
)

// Leaf is one scalar or column where it is served.
type Leaf struct {
	// Object is what is asked for.
	Object *mib.Object
	// Target is whose value it is: Object itself, or what it is an alias of.
	Target *mib.Object
	// OID is where it is served, without instance.
	OID mib.OID
	// Octets are the contents of the OID's encoding, which that of every
	// instance begins with.
	Octets []byte

	// read reads the configuration; nil: as Target does.
	read func(cfg, row any) mib.Value
}

// Options place a tree.
type Options struct {
	// Model is the root in the model, Served the root it is served under.
	// An empty Served leaves everything where the model has it.
	Model, Served mib.OID
	// Aliases maps scalars of standard modules to the scalars of ours that
	// they are another name of.
	Aliases map[*mib.Object]*mib.Object
	// Stands is what is answered for objects of the configuration whose empty text
	// stands for something that managers must not see as empty.
	Stands map[*mib.Object]mib.Value
}

// Tree is every leaf of a registry. It is immutable.
type Tree struct {
	model, served mib.OID
	moved         bool
	leaves        []*Leaf // all, by OID
}

// New sorts the leaves of reg. The error says which objects would get in each
// other's way under the served root.
func New(reg *mib.Registry, o Options) (*Tree, error) {
	t := &Tree{model: o.Model, served: o.Served}
	if len(t.served) == 0 {
		t.served = t.model
	}
	t.moved = t.model.Compare(t.served) != 0
	for _, obj := range reg.Objects() {
		if !obj.Access.Readable() {
			continue
		}
		leaf := &Leaf{Object: obj, Target: obj, OID: t.Serve(obj.OID)}
		if target := o.Aliases[obj]; target != nil {
			leaf.Target = target
		}
		if v, ok := o.Stands[obj]; ok {
			leaf.read = func(cfg, row any) mib.Value {
				if stored := obj.Read(cfg, row); stored.Str != "" {
					return stored
				}
				return v
			}
		}
		t.leaves = append(t.leaves, leaf)
	}
	sort.Slice(t.leaves, func(i, j int) bool { return t.leaves[i].OID.Compare(t.leaves[j].OID) < 0 })
	if err := t.check(); err != nil {
		return nil, err
	}
	for _, l := range t.leaves {
		l.Octets = octets(l.OID)
	}
	return t, nil
}

// check refuses a root that puts a leaf below or onto another, and OIDs that
// leave no room for an instance.
func (t *Tree) check() error {
	for i, l := range t.leaves {
		if i > 0 && l.OID.HasPrefix(t.leaves[i-1].OID) {
			return fmt.Errorf("OID root %s: %s (%s) would be in the way of %s (%s)",
				t.served, t.leaves[i-1].Object.Path(), t.leaves[i-1].OID, l.Object.Path(), l.OID)
		}
		if len(l.OID) >= mib.MaxOIDLen {
			return fmt.Errorf("OID root %s is too long: %s would have %d sub-identifiers", t.served, l.Object.Path(), len(l.OID))
		}
	}
	return nil
}

// Serve is where an OID of the model is served; OIDs outside our root stay.
func (t *Tree) Serve(oid mib.OID) mib.OID { return move(oid, t.moved, t.model, t.served) }

// Model is the OID of the model that is served as oid; the inverse of Serve.
func (t *Tree) Model(oid mib.OID) mib.OID { return move(oid, t.moved, t.served, t.model) }

func move(oid mib.OID, moved bool, from, to mib.OID) mib.OID {
	if !moved || !oid.HasPrefix(from) {
		return oid
	}
	return to.Append(oid[len(from):]...)
}

// ServeValue moves the OID that a value holds, as it goes out.
func (t *Tree) ServeValue(v mib.Value) mib.Value {
	if t.moved && v.Kind == mib.ObjectIdentifier {
		v.OID = t.Serve(v.OID)
	}
	return v
}

// ModelValue moves the OID that a value holds, as it comes in.
func (t *Tree) ModelValue(v mib.Value) mib.Value {
	if t.moved && v.Kind == mib.ObjectIdentifier {
		v.OID = t.Model(v.OID)
	}
	return v
}

// AppendName appends the served name of one instance: what a notification
// puts into its varbinds. key is nil for a scalar.
func (t *Tree) AppendName(dst mib.OID, o *mib.Object, key mib.Key) mib.OID {
	if t.moved && o.OID.HasPrefix(t.model) {
		dst = append(append(dst, t.served...), o.OID[len(t.model):]...)
	} else {
		dst = append(dst, o.OID...)
	}
	if o.Table == nil {
		return append(dst, 0)
	}
	return mib.AppendInstance(o.Table.Index, dst, key)
}

// Locate finds the leaf that oid is an instance of, whoever may see it, and
// the instance; nil when there is none.
func (t *Tree) Locate(oid mib.OID) (*Leaf, mib.OID) {
	if i := before(t.leaves, oid); i >= 0 && oid.HasPrefix(t.leaves[i].OID) {
		return t.leaves[i], oid[len(t.leaves[i].OID):]
	}
	return nil, nil
}

// Leaves lists every leaf by OID; the slice must not be changed.
func (t *Tree) Leaves() []*Leaf { return t.leaves }

// before is the place of the last leaf whose OID is not beyond oid, or -1.
func before(leaves []*Leaf, oid mib.OID) int {
	lo, hi := 0, len(leaves)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1) //nolint:gosec // sizes are small
		if leaves[mid].OID.Compare(oid) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

// octets are the contents of the encoding of an OID; of one that has none,
// which no name has, they are empty.
func octets(oid mib.OID) []byte {
	var w ber.Writer
	w.Reset(0)
	if err := w.AppendOID(oid); err != nil {
		return nil
	}
	raw, _, err := ber.Next(w.Bytes())
	if err != nil {
		return nil
	}
	return raw.Content
}
