package vacm

import (
	"cmp"
	"math"
	"slices"

	"mibgate/mib"
)

// Family is a view subtree family: a row of vacmViewTreeFamilyTable.
type Family struct {
	// Subtree has one sub-identifier at least, or none for everything.
	Subtree mib.OID
	// Mask is vacmViewTreeFamilyMask: the first bit, the most significant one
	// of the first octet, is about the first sub-identifier; where it is 0, any
	// sub-identifier matches. Bits that are missing are 1.
	Mask     []byte
	Included bool
}

// Verdict is what a view says of a name.
type Verdict uint8

// The verdicts. Only what is Included is in the view.
const (
	NoMatch  Verdict = iota // no family has the name
	Excluded                // the family that decides is an excluded one
	Included
)

// View is a set of names. The nil View is empty. Views that were made of the
// same families in any order are equal to reflect.DeepEqual.
type View struct {
	families []Family // those that decide first come first
}

// NewView makes the view of families, of which it keeps nothing. Two families
// have different subtrees, as the rows of the table do; of two that have not,
// the later one counts.
func NewView(families []Family) *View {
	v := &View{families: make([]Family, len(families))}
	for i, f := range families {
		v.families[len(families)-1-i] = Family{slices.Clone(f.Subtree), trim(f.Mask, len(f.Subtree)), f.Included}
	}
	slices.SortStableFunc(v.families, func(a, b Family) int { return rank(b, a) })
	v.families = slices.CompactFunc(v.families, func(a, b Family) bool { return rank(a, b) == 0 })
	return v
}

// With is the view of these families as well, which count where they have a
// subtree of it; the nil View stays that.
func (v *View) With(families ...Family) *View {
	if v == nil {
		return nil
	}
	return NewView(append(slices.Clone(v.families), families...))
}

// rank orders families by what they have to say of a name that both have: the
// longer one decides, or else the lexicographically greater one (RFC 3415 §4,
// vacmViewTreeFamilyTable).
func rank(a, b Family) int {
	return cmp.Or(cmp.Compare(len(a.Subtree), len(b.Subtree)), a.Subtree.Compare(b.Subtree))
}

// trim is a mask for n sub-identifiers without what says nothing; nil has no
// wildcards.
func trim(mask []byte, n int) []byte {
	mask = slices.Clone(mask[:min(len(mask), (n+7)/8)])
	if over := 8*len(mask) - n; over > 0 {
		mask[len(mask)-1] |= 1<<over - 1
	}
	for len(mask) > 0 && mask[len(mask)-1] == 0xff {
		mask = mask[:len(mask)-1]
	}
	if len(mask) == 0 {
		return nil
	}
	return mask
}

// wild tells whether any sub-identifier matches at place i, from 0.
func (f *Family) wild(i int) bool { return i>>3 < len(f.Mask) && f.Mask[i>>3]&(0x80>>(i&7)) == 0 }

// has tells whether oid is in the family.
func (f *Family) has(oid mib.OID) bool { return len(oid) >= len(f.Subtree) && f.meets(oid) }

// meets tells whether a name that begins with prefix may be in the family, and
// of a longer prefix whether all are.
func (f *Family) meets(prefix mib.OID) bool {
	n := min(len(prefix), len(f.Subtree))
	for i := n - 1; i >= 0; i-- { // families differ at the end, mostly
		if prefix[i] != f.Subtree[i] && !f.wild(i) {
			return false
		}
	}
	return true
}

// decides is the place of the family that decides about oid, or the number of
// all.
func (v *View) decides(oid mib.OID) int {
	for i := range v.families {
		if v.families[i].has(oid) {
			return i
		}
	}
	return len(v.families)
}

// Match is what the view says of oid (RFC 3415 §4, vacmViewTreeFamilyTable).
func (v *View) Match(oid mib.OID) Verdict {
	if v == nil {
		return NoMatch
	}
	i := v.decides(oid)
	switch {
	case i == len(v.families):
		return NoMatch
	case v.families[i].Included:
		return Included
	}
	return Excluded
}

// Contains tells whether oid is in the view.
func (v *View) Contains(oid mib.OID) bool { return v.Match(oid) == Included }

// Below tells what the view says of all names that begin with prefix: all are
// in it, or none is; or else part is a view that says the same of each of them,
// of no more families than that needs.
func (v *View) Below(prefix mib.OID) (all bool, part *View) {
	if v == nil {
		return false, nil
	}
	var met []Family
	in, out := false, true // some families include, or may leave out
	for i := range v.families {
		f := &v.families[i]
		if !f.meets(prefix) {
			continue
		}
		met = append(met, *f)
		in = in || f.Included
		if len(f.Subtree) <= len(prefix) { // decides about whatever is left
			out = slices.ContainsFunc(met, func(f Family) bool { return !f.Included })
			break
		}
	}
	switch {
	case !in:
		return false, nil
	case !out:
		return true, nil
	}
	return false, &View{met}
}

// Next is, for an oid that is not in the view, a later name with nothing of the
// view before it, which need not be in the view itself; ok is false when
// nothing of the view comes after oid. For an oid in the view it is oid. The
// name is written over dst, which must not hold oid.
func (v *View) Next(dst, oid mib.OID) (next mib.OID, ok bool) {
	if v == nil {
		return dst[:0], false
	}
	i := v.decides(oid)
	next = dst[:0]
	if i < len(v.families) {
		if v.families[i].Included {
			return append(next, oid...), true
		}
		// All that begins like oid is excluded too, but where a family
		// before this one decides.
		next, ok = behind(next, oid[:len(v.families[i].Subtree)])
	}
	for j := range v.families[:i] {
		f := &v.families[j]
		if !f.Included {
			continue
		}
		n := len(next)
		var found bool
		if next, found = f.from(next, oid); !found {
			next = next[:n]
			continue
		}
		if at := next[n:]; !ok || at.Compare(next[:n]) < 0 {
			next = next[:copy(next, at)]
			ok = true
			continue
		}
		next = next[:n]
	}
	return next, ok
}

// behind appends the first name that is behind all that begin with prefix.
func behind(dst, prefix mib.OID) (mib.OID, bool) {
	for n := len(prefix) - 1; n >= 0; n-- {
		if prefix[n] < math.MaxUint32 {
			return append(append(dst, prefix[:n]...), prefix[n]+1), true
		}
	}
	return dst, false
}

// from appends the first name of the family that is not before oid.
func (f *Family) from(dst, oid mib.OID) (mib.OID, bool) {
	up := -1 // the last wildcard that may take a greater sub-identifier
	for i, s := range f.Subtree {
		switch {
		case i == len(oid):
			return f.rest(append(dst, oid...), i), true
		case f.wild(i):
			if oid[i] < math.MaxUint32 {
				up = i
			}
		case oid[i] < s:
			return f.rest(append(dst, oid[:i]...), i), true
		case oid[i] > s && up < 0:
			return dst, false
		case oid[i] > s:
			return f.rest(append(append(dst, oid[:up]...), oid[up]+1), up+1), true
		}
	}
	return append(dst, oid...), true
}

// rest appends the least sub-identifiers of the family from place i on.
func (f *Family) rest(dst mib.OID, i int) mib.OID {
	for ; i < len(f.Subtree); i++ {
		if f.wild(i) {
			dst = append(dst, 0)
		} else {
			dst = append(dst, f.Subtree[i])
		}
	}
	return dst
}
