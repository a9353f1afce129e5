package tree

import (
	"slices"

	"mibgate/mib"
)

// Presence tells whether a name denotes an instance.
type Presence uint8

// The answers to a GET (RFC 3416 §4.2.1).
const (
	Found      Presence = iota
	NoObject            // noSuchObject: no object in the view has this name
	NoInstance          // noSuchInstance: the object is there, the instance is not
)

// Reader reads the instances that are in one view of one snapshot.
type Reader struct {
	tree        *Tree
	status      []any // by Module.Ordinal
	fingerprint func(secret string) string

	configs mib.Configs
	list          // what is in view
	place   Place // of the last answer of Next and After
	owned   owned

	parser mib.Parser
	key    mib.Key   // of the row that was found
	skip   mib.OID   // to go on from, behind what is hidden
	answer mib.Value // of Next and After; it does not fit into registers beside a name
}

// Place is where in a walk an answer stood. The zero Place is before all.
type Place struct {
	leaf int // its place in the list, from 1
	row  int // of a configuration table: the row's place, from 1
}

// owned is what the values of one leaf come from.
type owned struct {
	leaf    *Leaf
	owner   any // of the rows of its table
	binding mib.Binding
	served  bool // false: it has no instances, as nobody gives a value
	// read reads a value of the configuration without further ado.
	read func(owner, row any) mib.Value
}

// NewReader makes a reader. status has the Status of every module by ordinal,
// nil for those that are not served: their status objects have no instances.
// fingerprint is the store's.
func (t *Tree) NewReader(status []any, fingerprint func(secret string) string) *Reader {
	return &Reader{tree: t, status: status, fingerprint: fingerprint}
}

// Begin starts a PDU: what is in sight, of the reader's tree, in configs. narrow
// leaves Counter64 out, which SNMPv1 cannot carry.
func (r *Reader) Begin(configs mib.Configs, sight *Sight, narrow bool) {
	r.configs, r.place, r.owned = configs, Place{}, owned{}
	switch {
	case sight == nil:
		r.list = list{}
	case narrow:
		r.list = sight.narrow
	default:
		r.list = sight.all
	}
}

// End lets the snapshot go.
func (r *Reader) End() { r.configs, r.list, r.owned = nil, list{}, owned{} }

// Place is the place of the last answer of Next or After.
func (r *Reader) Place() Place { return r.place }

// Get answers one instance.
func (r *Reader) Get(oid mib.OID) (v mib.Value, p Presence) {
	i := r.at(oid)
	if i < 0 || !oid.HasPrefix(r.leaves[i].OID) {
		return mib.Value{}, NoObject
	}
	leaf := r.leaves[i]
	r.place = Place{leaf: i + 1}
	inst := oid[len(leaf.OID):]
	if leaf.Object.Table == nil {
		if len(inst) != 1 || inst[0] != 0 {
			return mib.Value{}, NoInstance
		}
		p = r.value(&v, leaf, nil)
		return v, p
	}
	if r.parts != nil && r.parts[i] != nil && !r.parts[i].Contains(oid) {
		return mib.Value{}, NoInstance
	}
	row := r.row(leaf, inst)
	if row == nil {
		return mib.Value{}, NoInstance
	}
	p = r.value(&v, leaf, row)
	return v, p
}

// Next answers the first instance after oid. Its name is appended to dst; ok
// is false at the end of what is in view.
func (r *Reader) Next(dst, oid mib.OID) (name mib.OID, v mib.Value, ok bool) {
	name, ok = r.next(dst, oid)
	if !ok {
		return name, mib.Value{}, false
	}
	return name, r.answer, true
}

func (r *Reader) next(dst, oid mib.OID) (name mib.OID, ok bool) {
	i := r.at(oid)
	if i < 0 || !oid.HasPrefix(r.leaves[i].OID) {
		return r.walk(dst, i+1, nil)
	}
	return r.walk(dst, i, oid[len(r.leaves[i].OID):])
}

// After is Next for an oid that was answered at p since Begin: in a
// configuration table, which does not change meanwhile, it need not search.
// Answer tells the value.
func (r *Reader) After(dst, oid mib.OID, p Place) (name mib.OID, ok bool) {
	i := p.leaf - 1
	if i < 0 || i >= len(r.leaves) {
		return r.next(dst, oid)
	}
	leaf := r.leaves[i]
	if p.row == 0 {
		return r.walk(dst, i, oid[len(leaf.OID):])
	}
	name, ok = r.rowAt(dst, leaf, p.row)
	if r.parts != nil {
		name, ok = r.inView(dst, i, name, ok)
	}
	if ok {
		r.place.leaf = p.leaf
		return name, true
	}
	return r.walk(dst, i+1, nil)
}

// Answer is the leaf that the last Next or After has found, and its value,
// which is valid until the next one.
func (r *Reader) Answer() (*Leaf, *mib.Value) { return r.leaves[r.place.leaf-1], &r.answer }

// walk answers the first instance after inst of leaf i, or else of the leaves
// behind it.
func (r *Reader) walk(dst mib.OID, i int, inst mib.OID) (name mib.OID, ok bool) {
	for ; i < len(r.leaves); i++ {
		name, ok = r.first(dst, r.leaves[i], inst, false)
		if r.parts != nil {
			name, ok = r.inView(dst, i, name, ok)
		}
		if ok {
			r.place.leaf = i + 1
			return name, true
		}
		inst = nil
	}
	return dst, false
}

// inView goes on from an instance of leaf i, if it is not in view, to the first
// one after it that is. It passes over what is hidden by the families of the
// view and not row by row, so that hiding most of a large table costs nothing.
func (r *Reader) inView(dst mib.OID, i int, name mib.OID, ok bool) (mib.OID, bool) {
	leaf, part := r.leaves[i], r.parts[i]
	if part == nil {
		return name, ok
	}
	for ok && !part.Contains(name[len(dst):]) {
		if r.skip, ok = part.Next(r.skip, name[len(dst):]); !ok || !r.skip.HasPrefix(leaf.OID) {
			return dst, false
		}
		name, ok = r.first(dst, leaf, r.skip[len(leaf.OID):], true)
		if ok && name[len(dst):].Compare(r.skip) < 0 {
			return dst, false // a table out of order must not make a walk turn round
		}
	}
	return name, ok
}

// at is the last leaf that is not beyond oid, or -1. In a walk it is often
// that of the answer before.
func (r *Reader) at(oid mib.OID) int {
	if i := r.place.leaf - 1; i >= 0 && i < len(r.leaves) && oid.HasPrefix(r.leaves[i].OID) {
		return i
	}
	return before(r.leaves, oid)
}

// first is the first instance of a leaf after inst, or with from, not before
// it; all of them come after an empty one. It sets the row of the place.
func (r *Reader) first(dst mib.OID, leaf *Leaf, inst mib.OID, from bool) (mib.OID, bool) {
	r.place.row = 0
	t := leaf.Object.Table
	if t == nil {
		if len(inst) > 0 || r.value(&r.answer, leaf, nil) != Found {
			return dst, false
		}
		return append(append(dst, leaf.OID...), 0), true
	}
	owner := r.of(leaf).owner
	if owner == nil {
		return dst, false
	}
	bound := r.parser.Parse(t.Index, inst)
	if from && bound.Exact {
		bound.Inclusive = true
	}
	if t.Place != nil {
		return r.rowAt(dst, leaf, t.Place(owner, bound.Key, bound.Inclusive))
	}
	return r.seek(dst, leaf, inst, bound)
}

// rowAt is the instance of a leaf in the row at a place, from 0, of its
// configuration table.
func (r *Reader) rowAt(dst mib.OID, leaf *Leaf, place int) (mib.OID, bool) {
	t, from := leaf.Object.Table, r.of(leaf)
	for ; ; place++ {
		row, ok := t.At(from.owner, place)
		if !ok {
			return dst, false
		}
		r.key = t.KeyOf(row, r.key[:0])
		name := mib.AppendInstance(t.Index, append(dst, leaf.OID...), r.key)
		if len(name)-len(dst) > mib.MaxOIDLen {
			continue // no manager could name this row (RFC 2578 §3.5)
		}
		r.place.row = place + 1
		return name, r.value(&r.answer, leaf, row) == Found
	}
}

// seek is the first instance of a leaf after inst, or bound, in a status
// table.
func (r *Reader) seek(dst mib.OID, leaf *Leaf, inst mib.OID, bound mib.Bound) (mib.OID, bool) {
	t, owner := leaf.Object.Table, r.of(leaf).owner
	key, inclusive := bound.Key, bound.Inclusive
	for {
		row, ok := t.Seek(owner, key, inclusive)
		if !ok {
			return dst, false
		}
		found := t.KeyOf(row, r.key[:0])
		r.key = found
		name := mib.AppendInstance(t.Index, append(dst, leaf.OID...), found)
		if len(name)-len(dst) > mib.MaxOIDLen {
			// No manager could name this row (RFC 2578 §3.5): on to the next.
			key, inclusive = slices.Clone(found), false
			continue
		}
		if c := name[len(dst)+len(leaf.OID):].Compare(inst); c < 0 || c == 0 && !inclusive {
			return dst, false // a table out of order must not make a walk turn round
		}
		if p := r.value(&r.answer, leaf, row); p == Found || !r.of(leaf).served {
			return name, p == Found
		}
		key, inclusive = slices.Clone(found), false // a row without this column
	}
}

// row finds the row of a leaf that an instance names exactly, or nil.
func (r *Reader) row(leaf *Leaf, inst mib.OID) any {
	t, owner := leaf.Object.Table, r.of(leaf).owner
	if owner == nil {
		return nil
	}
	bound := r.parser.Parse(t.Index, inst)
	if !bound.Exact {
		return nil
	}
	row, ok := t.Seek(owner, bound.Key, true)
	if !ok {
		return nil
	}
	r.key = t.KeyOf(row, r.key[:0])
	if mib.CompareKeys(t.Index, r.key, bound.Key) != 0 {
		return nil
	}
	return row
}

// of finds out what the values of a leaf come from; a walk along a column asks
// again and again.
func (r *Reader) of(leaf *Leaf) *owned {
	if r.owned.leaf == leaf {
		return &r.owned
	}
	from := owned{leaf: leaf}
	if t := leaf.Object.Table; t != nil {
		if t.Source == mib.SourceStatus {
			from.owner = r.status[t.Module.Ordinal]
		} else {
			from.owner = r.configs.Config(t.Module)
		}
	}
	o := leaf.Target
	from.binding = mib.Binding{Config: r.configs.Config(o.Module), Status: r.status[o.Module.Ordinal]}
	switch o.Source {
	case mib.SourceStatus:
		from.served = from.binding.Status != nil
	case mib.SourceConfig, mib.SourceFingerprint:
		from.served = from.binding.Config != nil
	default:
		from.served = o.Source != mib.SourceNone
	}
	if o.Source == mib.SourceConfig && !o.Secret && from.served {
		from.read = o.Read
		if leaf.read != nil {
			from.read = leaf.read
		}
	}
	r.owned = from
	return &r.owned
}

// value reads a leaf into v; a status that nobody gives is not there.
func (r *Reader) value(v *mib.Value, leaf *Leaf, row any) Presence {
	from := r.of(leaf)
	switch {
	case from.read != nil:
		*v = from.read(from.binding.Config, row)
	case from.served:
		*v = leaf.Target.Get(from.binding, row, r.fingerprint)
	default:
		return NoInstance
	}
	switch v.Kind {
	case mib.KindNone:
		return NoInstance
	case mib.ObjectIdentifier:
		*v = r.tree.ServeValue(*v)
	}
	return Found
}
