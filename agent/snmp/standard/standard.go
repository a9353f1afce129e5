package standard

import (
	"sync/atomic"
	"time"

	"mibgate/element"
	"mibgate/element/host"
	"mibgate/mib"
	"mibgate/mib/entity"
	"mibgate/mib/entitysensor"
	"mibgate/mib/hostresources"
	"mibgate/mib/ifmib"
	"mibgate/mib/ipmib"
	"mibgate/mib/networkservices"
	"mibgate/mib/sipcommon"
	"mibgate/mib/sipuamib"
	"mibgate/mib/tcpmib"
	"mibgate/mib/udpmib"
)

// Tables answers the standard modules of one element.
type Tables struct {
	Modules // of SNMPv2-MIB, the rest of which is the agent's own

	el      *element.Element
	product mib.OID
	begun   time.Time // when sysUpTime was 0
	host    *host.Host
	status  map[*mib.Module]any
	faults  map[string]bool // the interfaces with an alarm; of Run

	interfaces   derived[*host.Network, *interfaceTables]
	addresses    derived[*host.Network, *addressTables]
	traffic      derived[*host.Traffic, mib.Sorted[ipmib.IpSystemStatsRow]]
	icmp         derived[*host.Traffic, *icmpTables]
	resources    derived[*host.System, *resourceTables]
	devices      derived[moment, *deviceTables]
	sensors      derived[*host.Sensors, mib.Sorted[entitysensor.EntPhySensorRow]]
	neighbors    derived[*host.Neighbors, *neighborTables]
	routers      derived[*host.Routers, mib.Sorted[ipmib.IpDefaultRouterRow]]
	ipInterfaces derived[*host.IPInterfaces, *ipInterfaceTables]
	connections  derived[*host.Connections, *connectionTables]
	sip          recent[*sipTables]
	inventory    inventory
	places       places
	servers      indices
}

// New makes the tables of el; product is sysObjectID.
func New(el *element.Element, product mib.OID) *Tables {
	t := &Tables{
		Modules: NewModules(el.Registry),
		el:      el,
		begun:   time.Now().Add(-el.UpTime()),
		product: product,
		host:    host.New(host.Options{UpTime: el.UpTime, Data: el.Store.Dir()}),
	}
	t.faults = map[string]bool{}
	t.status = map[*mib.Module]any{
		ifmib.Module:         interfaces{t},
		ipmib.Module:         addresses{t},
		tcpmib.Module:        transport{t},
		udpmib.Module:        transport{t},
		hostresources.Module: resources{t},
		entity.Module:        physical{t},
		entitysensor.Module:  sensors{t},

		networkservices.Module: sip{t},
		sipcommon.Module:       sip{t},
		sipuamib.Module:        sip{t},
	}
	return t
}

// Status is the generated Status of a standard module; nil when it is not
// answered here.
func (t *Tables) Status(m *mib.Module) any { return t.status[m] }

// ticksOf is TimeTicks of a duration; it wraps after 497 days (RFC 2578 §7.1.8).
func ticksOf(d time.Duration) uint32 {
	return uint32(d / (10 * time.Millisecond)) //nolint:gosec // wraps by definition
}

// derived keeps what was made of a snapshot, as long as it is the last one.
type derived[S comparable, T any] struct {
	last atomic.Pointer[made[S, T]]
}

type made[S comparable, T any] struct {
	from  S
	value T
}

// of makes the value of a snapshot, or finds it. Two callers may both make it:
// they make the same.
func (d *derived[S, T]) of(from S, build func(S) T) T {
	if m := d.last.Load(); m != nil && m.from == from {
		return m.value
	}
	v := build(from)
	d.last.Store(&made[S, T]{from, v})
	return v
}

// recent keeps what was read, for a while. Two callers may both read.
type recent[T any] struct{ last atomic.Pointer[reading[T]] }

type reading[T any] struct {
	value T
	at    time.Time
}

func (r *recent[T]) get(maxAge time.Duration, read func() T) T {
	if l := r.last.Load(); l != nil && time.Since(l.at) < maxAge {
		return l.value
	}
	l := &reading[T]{at: time.Now()}
	l.value = read()
	r.last.Store(l)
	return l.value
}
