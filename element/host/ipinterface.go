package host

import "time"

// IPInterfaces is what the host has set for IP at its interfaces. It never
// changes.
type IPInterfaces struct {
	V4 []IPInterface // those with an address, by Index
	V6 []IPInterface // those that can have one, by Index
	// ReasmTimeout is how long fragments of IPv4 wait for the others.
	ReasmTimeout time.Duration
}

// IPInterface is one version of IP at one interface.
type IPInterface struct {
	Index      int
	Enabled    bool
	Forwarding bool // packets of others that come in here are sent on
	// Reachable is for how long a neighbor is taken to be there, Retransmit
	// the time between two questions for it.
	Reachable, Retransmit time.Duration
	// Identifier is the end of the link-local address; empty: there is none.
	Identifier string
}

func (h *Host) readIPInterfaces() *IPInterfaces {
	n := h.Network()
	out := &IPInterfaces{ReasmTimeout: time.Duration(h.number("proc/sys/net/ipv4/ipfrag_time")) * time.Second}
	has4, identifiers := map[int]bool{}, map[int]string{}
	for i := range n.Addresses {
		a := &n.Addresses[i]
		if a.Addr.Is4() {
			has4[a.Interface] = true
		} else if b := a.Addr.As16(); a.Addr.IsLinkLocalUnicast() {
			identifiers[a.Interface] = string(b[8:])
		}
	}
	for i := range n.Interfaces {
		link := &n.Interfaces[i]
		if has4[link.Index] {
			v4 := h.ipInterface("ipv4", link)
			v4.Enabled = true
			out.V4 = append(out.V4, v4)
		}
		if h.exists("proc/sys/net/ipv6/conf", link.Name) {
			v6 := h.ipInterface("ipv6", link)
			v6.Enabled = h.number("proc/sys/net/ipv6/conf", link.Name, "disable_ipv6") == 0
			v6.Identifier = identifiers[link.Index]
			out.V6 = append(out.V6, v6)
		}
	}
	return out
}

// ipInterface reads the kernel's Documentation/networking/ip-sysctl.
func (h *Host) ipInterface(version string, link *Interface) IPInterface {
	milliseconds := func(name string) time.Duration {
		return time.Duration(h.number("proc/sys/net", version, "neigh", link.Name, name)) * time.Millisecond
	}
	return IPInterface{
		Index:      link.Index,
		Forwarding: h.number("proc/sys/net", version, "conf", link.Name, "forwarding") > 0,
		Reachable:  milliseconds("base_reachable_time_ms"),
		Retransmit: milliseconds("retrans_time_ms"),
	}
}
