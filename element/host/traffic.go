package host

import (
	"strconv"
	"strings"
)

// Traffic is what the host has received and sent by IP, counted since its
// start. It never changes.
type Traffic struct {
	V4, V6 Packets
	// Has6 tells whether the host has IPv6 at all.
	Has6 bool
}

// Packets are the counters of one version of IP (RFC 4293 §3.2.3).
type Packets struct {
	InReceives, InOctets, InHdrErrors, InNoRoutes, InAddrErrors, InUnknownProtos, InTruncated, InDiscards, InDelivers uint64
	ReasmReqds, ReasmOKs, ReasmFails                                                                                  uint64
	OutRequests, OutOctets, OutNoRoutes, Forwarded, OutDiscards                                                       uint64
	FragOKs, FragFails, FragCreates                                                                                   uint64

	InMcast, InMcastOctets, OutMcast, OutMcastOctets, InBcast, OutBcast uint64
}

// field is the counter that the kernel calls by a name, which is the same in all
// three files but for ForwDatagrams; nil for what is not wanted.
func (p *Packets) field(name string) *uint64 {
	switch name {
	case "InMcastPkts":
		return &p.InMcast
	case "InMcastOctets":
		return &p.InMcastOctets
	case "OutMcastPkts":
		return &p.OutMcast
	case "OutMcastOctets":
		return &p.OutMcastOctets
	case "InBcastPkts":
		return &p.InBcast
	case "OutBcastPkts":
		return &p.OutBcast
	case "InOctets":
		return &p.InOctets
	case "OutOctets":
		return &p.OutOctets
	}
	if f := p.received(name); f != nil {
		return f
	}
	return p.sent(name)
}

func (p *Packets) received(name string) *uint64 {
	switch name {
	case "InReceives":
		return &p.InReceives
	case "InHdrErrors":
		return &p.InHdrErrors
	case "InNoRoutes":
		return &p.InNoRoutes
	case "InAddrErrors":
		return &p.InAddrErrors
	case "InUnknownProtos":
		return &p.InUnknownProtos
	case "InTruncatedPkts":
		return &p.InTruncated
	case "InDiscards":
		return &p.InDiscards
	case "InDelivers":
		return &p.InDelivers
	case "ReasmReqds":
		return &p.ReasmReqds
	case "ReasmOKs":
		return &p.ReasmOKs
	case "ReasmFails":
		return &p.ReasmFails
	}
	return nil
}

func (p *Packets) sent(name string) *uint64 {
	switch name {
	case "OutRequests":
		return &p.OutRequests
	case "OutNoRoutes":
		return &p.OutNoRoutes
	case "ForwDatagrams", "OutForwDatagrams":
		return &p.Forwarded
	case "OutDiscards":
		return &p.OutDiscards
	case "FragOKs":
		return &p.FragOKs
	case "FragFails":
		return &p.FragFails
	case "FragCreates":
		return &p.FragCreates
	}
	return nil
}

// set takes a counter; what is not a number is left out.
func (p *Packets) set(name, value string) {
	if f := p.field(name); f != nil {
		if n, err := strconv.ParseUint(value, 10, 64); err == nil {
			*f = n
		}
	}
}

// readTraffic reads proc_pid_net(5): IPv4 has a line of names and one of
// numbers in two files, IPv6 a line for each in one, which a host without IPv6
// has not.
func (h *Host) readTraffic() *Traffic {
	t := &Traffic{}
	h.paired("proc/net/snmp", "Ip:", &t.V4)
	h.paired("proc/net/netstat", "IpExt:", &t.V4)
	h.lines("proc/net/snmp6", func(f []string) {
		if name, ok := strings.CutPrefix(f[0], "Ip6"); ok && len(f) == 2 {
			t.Has6 = true
			t.V6.set(name, f[1])
		}
	})
	return t
}

func (h *Host) paired(file, label string, into *Packets) {
	var names []string
	h.lines(file, func(f []string) {
		switch {
		case f[0] != label:
		case names == nil:
			names = f
		default:
			for i := 1; i < min(len(names), len(f)); i++ {
				into.set(names[i], f[i])
			}
			names = nil
		}
	})
}
