package admin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mibgate/mib"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/target"
)

// destinations are those of the active targets of TrapDest.
func destinations(c mib.Configs) (out []Destination) {
	faceTargets(c, func(row *target.SnmpTargetAddrRow) {
		if d, err := destinationAt(row.TDomain, row.TAddress); err == nil && row.State() == mib.RowActive {
			out = append(out, d)
		}
	})
	return out
}

// destinationsFace is TrapDest.
var destinationsFace = face{
	variable: "Snmp.TrapDest", rows: `the targets "trap-1" to "trap-5" of snmpTargetAddrTable`,
	variables: func(c mib.Configs) any { return snmpmib.Of(c).TrapDest },
	tables:    func(c mib.Configs) any { return destinations(c) },
	agree: func(c mib.Configs) bool {
		list, err := ParseDestinations(snmpmib.Of(c).TrapDest)
		return err != nil || sameDestinations(list, destinations(c)) // Validate refuses the error
	},
	derive: (*edit).deriveDestinations,
	project: func(e *edit) {
		var list []string
		for _, d := range destinations(e) {
			list = append(list, d.String())
		}
		text := strings.Join(list, ",")
		if err := snmpmib.Objects.TrapDest.Syntax.Check(mib.String(text)); err != nil {
			e.fail(`Target.SnmpTargetAddr`, "the targets trap-1 to trap-5 are also Snmp.TrapDest, which has no room for their names: give the target another name")
			return
		}
		cfg, _ := e.snmp()
		cfg.TrapDest = text
	},
}

// deriveDestinations makes the targets of TrapDest. A destination that has a
// target keeps it, with its timing, tags and parameters; another one gets a new
// target under a free name, and nothing of the one that had the name before. A
// target that is out of service is not in TrapDest, and stays as it is.
func (e *edit) deriveDestinations() {
	list, err := ParseDestinations(snmpmib.Of(e).TrapDest)
	if err != nil {
		return
	}
	claimed := e.claimed(list)
	cfg, tok := e.target()
	for i := 1; i <= MaxDestinations; i++ {
		name := trapTarget(i)
		if row := cfg.FindSnmpTargetAddr(name); row != nil && row.State() == mib.RowActive && !slices.Contains(claimed, name) {
			cfg.RemoveSnmpTargetAddr(tok, name)
		}
	}
	for i, d := range list {
		row := cfg.FindSnmpTargetAddr(claimed[i])
		if row == nil {
			if row = e.newTarget(d); row == nil {
				e.fail(snmpmib.Objects.TrapDest.Path(), fmt.Sprintf("has no room for %s: the targets %q to %q of snmpTargetAddrTable that are out of service have the names; remove one of them", d, trapTarget(1), trapTarget(MaxDestinations)))
				return
			}
		}
		cfg.EditSnmpTargetAddr(tok, row).SetState(mib.RowActive)
	}
	if len(list) > 0 {
		e.resumeNotify()
	}
}

// claimed are the names of the targets that destinations have, "" for those that
// have none: an active one, or else one that is out of service.
func (e *edit) claimed(list []Destination) []string {
	out := make([]string, len(list))
	for _, active := range []bool{true, false} {
		for i, d := range list {
			faceTargets(e, func(row *target.SnmpTargetAddrRow) {
				at, err := destinationAt(row.TDomain, row.TAddress)
				if out[i] == "" && err == nil && at.compare(d) == 0 && (row.State() == mib.RowActive) == active && !slices.Contains(out, row.Name) {
					out[i] = row.Name
				}
			})
		}
	}
	return out
}

// newTarget makes the target of a destination under the first free name; nil when
// none is.
func (e *edit) newTarget(d Destination) *target.SnmpTargetAddrRow {
	cfg, tok := e.target()
	for i := 1; i <= MaxDestinations; i++ {
		if cfg.FindSnmpTargetAddr(trapTarget(i)) != nil {
			continue
		}
		row := target.NewSnmpTargetAddrRow(trapTarget(i))
		row.Timeout, row.RetryCount = timing(snmpmib.Of(e))
		row.TagList, row.Params = TrapNotify, trapParams
		row.TDomain, row.TAddress = d.Address()
		cfg.AddSnmpTargetAddr(tok, row)
		return row
	}
	return nil
}

// compare orders destinations by where they are; 0 is the same place, however it is
// written.
func (d Destination) compare(other Destination) int {
	domain, address := d.Address()
	otherDomain, otherAddress := other.Address()
	return cmp.Or(domain.Compare(otherDomain), cmp.Compare(address, otherAddress))
}

// sameDestinations tells whether two lists have the same destinations: a list
// keeps the order that it was set in, the targets that of their names.
func sameDestinations(a, b []Destination) bool {
	a, b = slices.SortedFunc(slices.Values(a), Destination.compare), slices.SortedFunc(slices.Values(b), Destination.compare)
	return slices.EqualFunc(a, b, func(x, y Destination) bool { return x.compare(y) == 0 })
}
