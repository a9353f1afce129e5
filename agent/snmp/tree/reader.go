package tree

import (
	"mibgate/element/access"
	"mibgate/mib"
)

// Presence tells whether a name denotes an instance.
type Presence uint8

// The answers to a GET (RFC 3416 §4.2.1).
const (
	Found      Presence = iota
	NoObject            // noSuchObject: no object the role sees has this name
	NoInstance          // noSuchInstance: the object is there, the instance is not
)

// Reader reads the instances that one role sees in one snapshot.
type Reader struct {
	tree        *Tree
	status      []any // by Module.Ordinal
	fingerprint func(secret string) string

	configs mib.Configs
	leaves  []*Leaf
	hint    int // the leaf of the last answer

	parsed, found mib.Key
}

// NewReader makes a reader. status has the Status of every module by ordinal,
// nil for those that are not served: their status objects have no instances.
// fingerprint is the store's.
func (t *Tree) NewReader(status []any, fingerprint func(secret string) string) *Reader {
	return &Reader{tree: t, status: status, fingerprint: fingerprint}
}

// Begin starts a PDU: what role sees in configs. narrow leaves Counter64 out,
// which SNMPv1 cannot carry.
func (r *Reader) Begin(configs mib.Configs, role access.Role, narrow bool) {
	r.configs, r.hint = configs, 0
	l := list{}
	if int(role) < len(r.tree.lists) {
		l = r.tree.lists[role]
	}
	r.leaves = l.all
	if narrow {
		r.leaves = l.narrow
	}
}

// End lets the snapshot go.
func (r *Reader) End() { r.configs, r.leaves = nil, nil }

// Hint is the place of the last answer in the walk, SetHint goes back to one:
// who walks several columns in turn keeps one for each. A wrong hint costs a
// search and nothing else.
func (r *Reader) Hint() int { return r.hint }

// SetHint takes what Hint returned, or 0.
func (r *Reader) SetHint(h int) { r.hint = h }

// Get answers one instance.
func (r *Reader) Get(oid mib.OID) (mib.Value, Presence) {
	i := r.at(oid)
	if i < 0 || !oid.HasPrefix(r.leaves[i].OID) {
		return mib.Value{}, NoObject
	}
	leaf := r.leaves[i]
	inst := oid[len(leaf.OID):]
	if leaf.Object.Table == nil {
		if len(inst) != 1 || inst[0] != 0 {
			return mib.Value{}, NoInstance
		}
		return r.value(leaf, nil)
	}
	row := r.row(leaf.Object.Table, inst)
	if row == nil {
		return mib.Value{}, NoInstance
	}
	return r.value(leaf, row)
}

// Next answers the first instance after oid. Its name is appended to dst; ok
// is false at the end of what the role sees.
func (r *Reader) Next(dst, oid mib.OID) (name mib.OID, v mib.Value, ok bool) {
	i := r.at(oid)
	var inst mib.OID
	if i < 0 || !oid.HasPrefix(r.leaves[i].OID) {
		i++
	} else {
		inst = oid[len(r.leaves[i].OID):]
	}
	for ; i < len(r.leaves); i++ {
		if name, v, ok = r.first(dst, r.leaves[i], inst); ok {
			r.hint = i
			return name, v, true
		}
		inst = nil
	}
	return dst, mib.Value{}, false
}

// at is the last leaf that is not beyond oid, or -1. In a walk it is that of
// the answer before.
func (r *Reader) at(oid mib.OID) int {
	if r.hint < len(r.leaves) && oid.HasPrefix(r.leaves[r.hint].OID) {
		return r.hint
	}
	return before(r.leaves, oid)
}

// first is the first instance of a leaf after inst; all of them come after an
// empty one.
func (r *Reader) first(dst mib.OID, leaf *Leaf, inst mib.OID) (mib.OID, mib.Value, bool) {
	t := leaf.Object.Table
	if t == nil {
		if len(inst) > 0 {
			return dst, mib.Value{}, false
		}
		v, p := r.value(leaf, nil)
		if p != Found {
			return dst, v, false
		}
		return append(append(dst, leaf.OID...), 0), v, true
	}
	owner := r.owner(t)
	if owner == nil {
		return dst, mib.Value{}, false
	}
	bound := mib.ParseInstance(t.Index, r.parsed, inst)
	r.parsed = bound.Key
	key, inclusive := bound.Key, bound.Inclusive
	for {
		row, ok := t.Seek(owner, key, inclusive)
		if !ok {
			return dst, mib.Value{}, false
		}
		r.found = t.KeyOf(row, r.found[:0])
		name := mib.AppendInstance(t.Index, append(dst, leaf.OID...), r.found)
		if len(name)-len(dst) > mib.MaxOIDLen {
			// No manager could name this row (RFC 2578 §3.5): on to the next.
			r.parsed, r.found = r.found, r.parsed
			key, inclusive = r.parsed, false
			continue
		}
		if name[len(dst)+len(leaf.OID):].Compare(inst) <= 0 {
			return dst, mib.Value{}, false // a table out of order must not make a walk turn round
		}
		v, p := r.value(leaf, row)
		return name, v, p == Found
	}
}

// row finds the row that an instance names exactly, or nil.
func (r *Reader) row(t *mib.Table, inst mib.OID) any {
	owner := r.owner(t)
	if owner == nil {
		return nil
	}
	bound := mib.ParseInstance(t.Index, r.parsed, inst)
	r.parsed = bound.Key
	if !bound.Exact {
		return nil
	}
	row, ok := t.Seek(owner, bound.Key, true)
	if !ok {
		return nil
	}
	r.found = t.KeyOf(row, r.found[:0])
	if mib.CompareKeys(t.Index, r.found, bound.Key) != 0 {
		return nil
	}
	return row
}

// owner is what the rows of t are sought in, or nil.
func (r *Reader) owner(t *mib.Table) any {
	if t.Source == mib.SourceStatus {
		return r.status[t.Module.Ordinal]
	}
	return r.configs.Config(t.Module)
}

// value reads a leaf; a status that nobody gives is not there.
func (r *Reader) value(leaf *Leaf, row any) (mib.Value, Presence) {
	o := leaf.Target
	b := mib.Binding{Config: r.configs.Config(o.Module), Status: r.status[o.Module.Ordinal]}
	switch o.Source {
	case mib.SourceStatus:
		if b.Status == nil {
			return mib.Value{}, NoInstance
		}
	case mib.SourceConfig, mib.SourceFingerprint:
		if b.Config == nil {
			return mib.Value{}, NoInstance
		}
	case mib.SourceNone:
		return mib.Value{}, NoInstance
	}
	v := o.Get(b, row, r.fingerprint)
	if v.Kind == mib.KindNone {
		return v, NoInstance
	}
	return r.tree.ServeValue(v), Found
}
