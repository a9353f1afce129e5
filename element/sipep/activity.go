package sipep

import (
	"slices"
	"strings"
	"time"

	"mibgate/element/siptx"
	"mibgate/mib/sipep"
)

// Activity is what the service has carried since the start of the unit, and what
// it carries now.
type Activity struct {
	Messages     siptx.TallyReport
	Transactions int      // now
	Discarded    uint64   // messages that nobody got, and that were not answered
	Methods      []string // that requests may have, in order; none while no gateway is up

	// Inbound are the connections that others opened, Outbound our links.
	Inbound, Outbound Associations
}

// Associations are connections of one direction.
type Associations struct {
	Now    int
	All    uint64 // that there have been
	Failed uint64 // refused by us, or attempts of ours that failed
	// Last is when there last was one: now while there is; zero when there has
	// been none.
	Last time.Time
}

// Activity tells what the service has carried.
func (st status) Activity() Activity {
	b := st.s.board
	a := Activity{Messages: b.tally.Report()}
	b.mu.Lock()
	defer b.mu.Unlock()
	for u := range b.agents {
		s := u.Transactions.Stats()
		a.Transactions += s.Clients + s.Servers
		a.Methods = append(a.Methods, strings.Split(u.Mux.Allow(), ", ")...)
	}
	slices.Sort(a.Methods)
	a.Methods = slices.Compact(a.Methods)
	t := b.statsLocked()
	a.Discarded = a.Messages.Stray + t.Dropped
	a.Inbound = Associations{Now: int(t.Conns), All: t.Accepted, Failed: t.Refused + t.TLSFailed, Last: t.LastConn}
	a.Outbound = b.outbound()
	return a
}

// outbound is what is told of links; the caller holds mu.
func (b *board) outbound() Associations {
	o := Associations{Failed: b.failures, Last: b.linkAt}
	for i := range b.links {
		if b.links[i].state == sipep.TlsPersistentConnectionStatusStateUp {
			o.Now++
		}
	}
	for _, n := range b.upCounts {
		o.All += uint64(n)
	}
	if o.Now > 0 {
		o.Last = time.Now()
	}
	return o
}

// Servers are the hosts of the servers of all gateways as a snapshot has them.
// Those of a gateway are its registrar, its home domain proxy and its outbound
// proxy.
func Servers(cfg *sipep.Config) (registrars, proxies []string) {
	for row := range cfg.Gateway.Active() {
		home, outbound, _ := proxiesOf(cfg, row.Name)
		registrars = append(registrars, registrarOf(cfg, row.Name))
		proxies = append(proxies, home, outbound)
	}
	none := func(host string) bool { return host == "" }
	return slices.DeleteFunc(registrars, none), slices.DeleteFunc(proxies, none)
}
