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

	ICMP4, ICMP6 ICMP
	TCP          TCP
	UDP          UDP
}

// Packets are the counters of one version of IP (RFC 4293 §3.2.3).
type Packets struct {
	InReceives, InOctets, InHdrErrors, InNoRoutes, InAddrErrors, InUnknownProtos, InTruncated, InDiscards, InDelivers uint64
	ReasmReqds, ReasmOKs, ReasmFails                                                                                  uint64
	OutRequests, OutOctets, OutNoRoutes, Forwarded, OutDiscards, OutTransmits                                         uint64
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
	case "OutTransmits":
		return &p.OutTransmits
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
		put(f, value)
	}
}

// put takes a number; what is none changes nothing.
func put(to *uint64, value string) {
	if n, err := strconv.ParseUint(value, 10, 64); err == nil {
		*to = n
	}
}

// readTraffic reads proc_pid_net(5): IPv4 has a line of names and one of
// numbers in two files, IPv6 a line for each in one, which a host without IPv6
// has not.
func (h *Host) readTraffic() *Traffic {
	t := &Traffic{}
	h.paired("proc/net/snmp", map[string]func(name, value string){
		"Ip:": t.V4.set, "Icmp:": t.ICMP4.set, "IcmpMsg:": t.ICMP4.set, "Tcp:": t.TCP.set, "Udp:": t.UDP.set,
	})
	h.paired("proc/net/netstat", map[string]func(name, value string){"IpExt:": t.V4.set})
	sets := map[string]func(name, value string){"Ip6": t.V6.set, "Icmp6": t.ICMP6.set, "Udp6": t.UDP.set}
	h.lines("proc/net/snmp6", func(f []string) {
		label, name, ok := strings.Cut(f[0], "6")
		if set := sets[label+"6"]; ok && set != nil && len(f) == 2 {
			t.Has6 = t.Has6 || label == "Ip"
			set(name, f[1])
		}
	})
	t.settle()
	return t
}

// settle completes what kernels before 6.8 do not tell: of IPv4 they counted as
// OutRequests whatever was sent, of IPv6 what the host itself sent.
func (t *Traffic) settle() {
	if t.V4.OutTransmits == 0 {
		t.V4.OutTransmits = t.V4.OutRequests
	}
	if t.V6.OutTransmits == 0 {
		t.V6.OutTransmits = t.V6.OutRequests + t.V6.Forwarded
	}
}

// paired hands each number of a file to what takes those with its label.
func (h *Host) paired(file string, sets map[string]func(name, value string)) {
	names := map[string][]string{}
	h.lines(file, func(f []string) {
		set, have := sets[f[0]], names[f[0]]
		switch {
		case set == nil:
		case have == nil:
			names[f[0]] = f
		default:
			for i := 1; i < min(len(have), len(f)); i++ {
				set(have[i], f[i])
			}
			delete(names, f[0])
		}
	})
}
