package host

import (
	"strconv"
	"strings"
)

// ICMP are the counters of one version of ICMP.
type ICMP struct {
	InMsgs, InErrors, OutMsgs, OutErrors uint64
	// Types are the messages by type. Those that the kernel counts only once it
	// has seen them are missing before.
	Types map[uint8]ICMPType
}

// ICMPType is the messages of one type.
type ICMPType struct{ In, Out uint64 }

// set takes a counter: "InMsgs", "InType3".
func (i *ICMP) set(name, value string) {
	switch name {
	case "InMsgs":
		put(&i.InMsgs, value)
	case "InErrors":
		put(&i.InErrors, value)
	case "OutMsgs":
		put(&i.OutMsgs, value)
	case "OutErrors":
		put(&i.OutErrors, value)
	default:
		direction, number, ok := strings.Cut(name, "Type")
		kind, err := strconv.ParseUint(number, 10, 8)
		if ok && err == nil {
			i.setType(uint8(kind), direction, value)
		}
	}
}

func (i *ICMP) setType(kind uint8, direction, value string) {
	if i.Types == nil {
		i.Types = map[uint8]ICMPType{}
	}
	t := i.Types[kind]
	switch direction {
	case "In":
		put(&t.In, value)
	case "Out":
		put(&t.Out, value)
	}
	i.Types[kind] = t
}

// TCP is what TCP has carried, over both versions of IP (RFC 4022).
type TCP struct {
	RtoAlgorithm, RtoMin, RtoMax                                    uint64
	MaxConn                                                         int64 // -1: there is no fixed number
	ActiveOpens, PassiveOpens, AttemptFails, EstabResets, CurrEstab uint64
	InSegs, OutSegs, RetransSegs, InErrs, OutRsts                   uint64
}

func (t *TCP) set(name, value string) {
	fields := map[string]*uint64{
		"RtoAlgorithm": &t.RtoAlgorithm, "RtoMin": &t.RtoMin, "RtoMax": &t.RtoMax,
		"ActiveOpens": &t.ActiveOpens, "PassiveOpens": &t.PassiveOpens, "AttemptFails": &t.AttemptFails, "EstabResets": &t.EstabResets, "CurrEstab": &t.CurrEstab,
		"InSegs": &t.InSegs, "OutSegs": &t.OutSegs, "RetransSegs": &t.RetransSegs, "InErrs": &t.InErrs, "OutRsts": &t.OutRsts,
	}
	switch to := fields[name]; {
	case name == "MaxConn":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			t.MaxConn = n
		}
	case to != nil:
		put(to, value)
	}
}

// UDP is what UDP has carried, over both versions of IP together (RFC 4113);
// the kernel counts them apart.
type UDP struct{ InDatagrams, NoPorts, InErrors, OutDatagrams uint64 }

func (u *UDP) set(name, value string) {
	fields := map[string]*uint64{"InDatagrams": &u.InDatagrams, "NoPorts": &u.NoPorts, "InErrors": &u.InErrors, "OutDatagrams": &u.OutDatagrams}
	if to := fields[name]; to != nil {
		var n uint64
		put(&n, value)
		*to += n
	}
}
