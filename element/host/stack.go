package host

import (
	"cmp"
	"slices"
)

// Layer is one interface on top of another. 0 stands for none: below an
// interface that runs on no other, and above one that no other runs on (RFC 2863
// §3.1.1).
type Layer struct{ Higher, Lower int }

// stack lists the layers of all interfaces, and marks those on top. One that the kernel names and does
// not list, as it is just going, is none.
func stack(n *Network) []Layer {
	var out []Layer
	above, below := map[int]bool{}, map[int]bool{} // has something above it, below it
	put := func(higher, lower int) {
		_, high := n.Interface(higher)
		_, low := n.Interface(lower)
		if high && low && higher != lower {
			out = append(out, Layer{higher, lower})
			above[lower], below[higher] = true, true
		}
	}
	for i := range n.Interfaces {
		link := &n.Interfaces[i]
		put(link.Index, link.Below)
		put(link.Above, link.Index)
	}
	for i := range n.Interfaces {
		link := &n.Interfaces[i]
		index := link.Index
		link.OnTop = below[index]
		if !above[index] {
			out = append(out, Layer{0, index})
		}
		if !below[index] {
			out = append(out, Layer{index, 0})
		}
	}
	slices.SortFunc(out, func(a, b Layer) int {
		return cmp.Or(cmp.Compare(a.Higher, b.Higher), cmp.Compare(a.Lower, b.Lower))
	})
	return slices.Compact(out)
}
