package tree

import (
	"mibgate/agent/snmp/vacm"
	"mibgate/element/access"
	"mibgate/mib"
)

// Sight is what of a tree is in a view. It is immutable; making one costs a
// look at every leaf, asking it nothing. The nil Sight is of the empty view.
type Sight struct {
	all    list
	narrow list // without Counter64 (RFC 3584 §4.2.2.1)
}

// list is the leaves of which anything is in the view, by OID.
type list struct {
	leaves []*Leaf
	// parts has, for the leaves of which only some instances are in the view,
	// a view that says which. It is nil when there is no such leaf.
	parts []*vacm.View
}

// add appends a leaf; part is nil when all of it is in the view.
func (l *list) add(leaf *Leaf, part *vacm.View) {
	if part != nil && l.parts == nil {
		l.parts = make([]*vacm.View, len(l.leaves), cap(l.leaves))
	}
	l.leaves = append(l.leaves, leaf)
	if l.parts != nil {
		l.parts = append(l.parts, part)
	}
}

// Sight is what of the tree is in v, a view over the OIDs as they are served.
func (t *Tree) Sight(v *vacm.View) *Sight {
	s := &Sight{}
	for _, leaf := range t.leaves {
		all, part := look(v, leaf)
		if !all && part == nil {
			continue
		}
		s.all.add(leaf, part)
		if leaf.Object.Syntax.Base != mib.Counter64 {
			s.narrow.add(leaf, part)
		}
	}
	return s
}

// look tells whether all instances of a leaf are in a view, or else which; a
// scalar has one.
func look(v *vacm.View, leaf *Leaf) (all bool, part *vacm.View) {
	all, part = v.Below(leaf.OID)
	if part != nil && leaf.Object.Table == nil {
		return part.Contains(leaf.OID.Append(0)), nil
	}
	return all, part
}

// RoleFamilies are the fewest subtrees that say of every leaf, as it is served,
// what package access says of the role: which it sees, or with write, which it
// may change if they can be changed at all; columns of which it is the own row only
// are among them (see access.OwnRow). There are none for a role that may do nothing.
func (t *Tree) RoleFamilies(role access.Role, write bool) []vacm.Family {
	if len(t.leaves) == 0 || role > access.Admin {
		return nil
	}
	may := make([]bool, len(t.leaves))
	for i, l := range t.leaves {
		if write {
			may[i] = access.CanWrite(role, l.Target)
		} else {
			may[i] = access.CanRead(role, l.Object) && access.CanRead(role, l.Target) || role >= access.Observer && access.OwnRow(l.Object)
		}
	}
	return colour(t.leaves, may, 0).out
}

// colours are the families that say what is in a view below a node of the tree,
// when what is above it leaves it out, and when it lets it in.
type colours struct{ out, in []vacm.Family }

// colour finds the colours of leaves, which have their first n sub-identifiers
// in common.
func colour(leaves []*Leaf, may []bool, n int) colours {
	node := leaves[0].OID
	if last := len(leaves) - 1; last > 0 {
		for node[n] == leaves[last].OID[n] {
			n++
		}
		node = node[:n]
	}
	var c colours
	switch {
	case len(leaves) > 1:
		for from := 0; from < len(leaves); {
			to := from + 1
			for to < len(leaves) && leaves[to].OID[n] == leaves[from].OID[n] {
				to++
			}
			child := colour(leaves[from:to], may[from:to], n)
			c.out, c.in = append(c.out, child.out...), append(c.in, child.in...)
			from = to
		}
	case may[0]:
		c.out = []vacm.Family{{Subtree: node, Included: true}}
	default:
		c.in = []vacm.Family{{Subtree: node}}
	}
	return c.from(node)
}

// from says the same with one family more at node where that makes them fewer.
func (c colours) from(node mib.OID) colours {
	switch {
	case len(c.out) > len(c.in)+1:
		c.out = append([]vacm.Family{{Subtree: node, Included: true}}, c.in...)
	case len(c.in) > len(c.out)+1:
		c.in = append([]vacm.Family{{Subtree: node}}, c.out...)
	}
	return c
}
