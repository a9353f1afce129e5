package sipep

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"mibgate/element/siptransport"
	"mibgate/element/siptx"
	"mibgate/element/sipua"
	"mibgate/mib/sipep"
)

// board is what the service shows. It outlives the runs: while there is none it
// shows the rows of the last one.
type board struct {
	clock Clock

	mu       sync.Mutex
	gateways []gatewayRow // in the order of their keys
	links    []linkRow    // by index, counting from 1
	regs     []regRow     // by index
	nextReg  uint32
	ready    bool              // a gateway is
	readyAt  time.Time         // when ready last changed
	upCounts map[string]uint32 // by resource, since the start of the unit
	failures uint64            // of links, since then
	linkAt   time.Time         // a link was last up, when none is
	closed   siptransport.Stats
	agents   map[*sipua.UA]struct{} // those that count now
	tally    siptx.Tally
}

type gatewayRow struct {
	name, iface, domain, state string
	port, securePort           uint16
}

type linkRow struct {
	index         uint32
	gateway, host string
	resource      string
	localPort     uint16
	remote        netip.Addr
	state         sipep.TlsPersistentConnectionStatusState
	reason        sipep.TlsPersistentConnectionStatusLastFailureReason
	detail        string
	version       string
	suite         string
	expiry        time.Time
	changedAt     time.Time
}

type regRow struct {
	index     uint32
	gateway   string
	user      string
	registrar string
	state     sipep.RegistrationStatusState
	owned     bool // a registration has it
}

func newBoard(clock Clock) *board {
	return &board{clock: clock, upCounts: map[string]uint32{}, agents: map[*sipua.UA]struct{}{}}
}

// begin makes the rows of a new run.
func (b *board) begin(p plan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gateways, b.links, b.regs, b.nextReg = nil, nil, nil, 0
	defer b.noteReady()
	for _, g := range p.gateways {
		b.gateways = append(b.gateways, gatewayRow{name: g.name, iface: g.iface, domain: g.domain, state: stateRestarting})
		if !p.tls {
			continue
		}
		for _, s := range g.servers {
			b.links = append(b.links, linkRow{
				index: uint32(len(b.links) + 1), gateway: g.name, host: s.host, resource: linkResource(g.name, s.host), //nolint:gosec // a few
				state: sipep.TlsPersistentConnectionStatusStateDown, changedAt: b.clock.Now(),
			})
		}
	}
}

// setGateway changes the row of a gateway and answers it before and after.
func (b *board) setGateway(name string, change func(*gatewayRow)) (before, after gatewayRow) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.gateways {
		if b.gateways[i].name == name {
			before = b.gateways[i]
			change(&b.gateways[i])
			b.noteReady()
			return before, b.gateways[i]
		}
	}
	return before, after
}

// noteReady keeps whether a gateway is ready, and since when; the caller holds
// mu.
func (b *board) noteReady() {
	ready := slices.ContainsFunc(b.gateways, func(g gatewayRow) bool { return isReady(g.state) })
	if ready != b.ready {
		b.ready, b.readyAt = ready, time.Now() // a span of time is measured from it
	}
}

// setLink changes the row of a link and answers it. The state's time and the
// count of ups follow the state.
func (b *board) setLink(index uint32, change func(*linkRow)) linkRow {
	b.mu.Lock()
	defer b.mu.Unlock()
	row := &b.links[index-1]
	before := row.state
	change(row)
	if row.state != before {
		row.changedAt = b.clock.Now()
		switch sipep.TlsPersistentConnectionStatusStateUp {
		case row.state:
			b.upCounts[row.resource]++
		case before:
			b.linkAt = time.Now() // a span of time is measured from it
		}
	}
	return *row
}

// linkIndex finds the row of a gateway's link; 0 when there is none.
func (b *board) linkIndex(resource string) uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.links {
		if b.links[i].resource == resource {
			return b.links[i].index
		}
	}
	return 0
}

// wantRegs makes the rows of a gateway's users that no registration has follow
// the configuration: while the gateway is not up they are all there is.
func (b *board) wantRegs(gateway, registrar string, list []want) {
	b.mu.Lock()
	defer b.mu.Unlock()
	missing := map[string]bool{}
	for _, w := range list {
		missing[w.user] = true
	}
	b.regs = slices.DeleteFunc(b.regs, func(r regRow) bool { return r.gateway == gateway && !r.owned && !missing[r.user] })
	for i := range b.regs {
		if b.regs[i].gateway == gateway {
			delete(missing, b.regs[i].user)
		}
	}
	for _, w := range list {
		if missing[w.user] {
			b.newReg(gateway, w.user, registrar)
		}
	}
}

// newReg makes a row; the caller holds mu.
func (b *board) newReg(gateway, user, registrar string) *regRow {
	b.nextReg++
	b.regs = append(b.regs, regRow{
		index: b.nextReg, gateway: gateway, user: user, registrar: registrar, state: sipep.RegistrationStatusStateUnregistered,
	})
	return &b.regs[len(b.regs)-1]
}

// addReg gives a row to a registration: the one that waits for it, or a new one.
func (b *board) addReg(gateway, user, registrar string) uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.regs {
		if r := &b.regs[i]; r.gateway == gateway && r.user == user && !r.owned {
			r.owned = true
			return r.index
		}
	}
	row := b.newReg(gateway, user, registrar)
	row.owned = true
	return row.index
}

// setReg changes the state of a registration and answers its row; ok is false
// when it is gone.
func (b *board) setReg(index uint32, state sipep.RegistrationStatusState) (row regRow, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.regs {
		if b.regs[i].index == index {
			b.regs[i].state = state
			return b.regs[i], true
		}
	}
	return regRow{}, false
}

// leaveReg keeps the row of a registration that has ended with its gateway.
func (b *board) leaveReg(index uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.regs {
		if b.regs[i].index == index {
			b.regs[i].owned = false
		}
	}
}

func (b *board) removeReg(index uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.regs = slices.DeleteFunc(b.regs, func(r regRow) bool { return r.index == index })
}

// registered reports whether every registration of a gateway stands.
func (b *board) registered(gateway string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.regs {
		r := &b.regs[i]
		if r.gateway == gateway && r.state != sipep.RegistrationStatusStateRegistered && r.state != sipep.RegistrationStatusStateRefreshing {
			return false
		}
	}
	return true
}

// count adds a user agent to the counters; uncount keeps what its transport
// counted.
func (b *board) count(u *sipua.UA) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.agents[u] = struct{}{}
}

func (b *board) uncount(u *sipua.UA) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.agents[u]; ok {
		last := u.Transport.Stats()
		last.Conns = 0
		b.closed = sum(b.closed, last)
		delete(b.agents, u)
	}
}

// linkFailed counts an attempt to bring up a link that failed.
func (b *board) linkFailed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures++
}

// stats are the counters since the start of the unit.
func (b *board) stats() siptransport.Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.statsLocked()
}

func (b *board) statsLocked() siptransport.Stats {
	total := b.closed
	for u := range b.agents {
		total = sum(total, u.Transport.Stats())
	}
	return total
}

// sum adds what the service shows.
func sum(a, b siptransport.Stats) siptransport.Stats {
	a.Received += b.Received
	a.Malformed += b.Malformed
	a.Oversize += b.Oversize
	a.Dropped += b.Dropped
	a.Refused += b.Refused
	a.TLSFailed += b.TLSFailed
	a.Accepted += b.Accepted
	a.Conns += b.Conns
	if b.LastConn.After(a.LastConn) {
		a.LastConn = b.LastConn
	}
	return a
}
