package sipep

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"mibgate/element/sipauth"
	"mibgate/element/sipreg"
	"mibgate/element/siptransport"
	"mibgate/element/sipua"
	"mibgate/mib"
	"mibgate/mib/sipep"
)

// allGateways stands for every gateway in UnitRegistrations.GatewayName.
const allGateways = "all"

// farewellTime is how long a user whose row was deleted may take to unregister.
const farewellTime = 5 * time.Second

// want is a registration that the configuration asks a gateway for.
type want struct {
	user, domain string
}

// wanted lists the registrations of a gateway, in the order of their rows.
func wanted(c mib.Configs, g *gatewayPlan) []want {
	var out []want
	for row := range sipep.Of(c).UnitRegistrations.Active() {
		if row.Username != "" && (row.GatewayName == allGateways || row.GatewayName == g.name) {
			out = append(out, want{row.Username, domainOf(c, g)})
		}
	}
	return out
}

// domainOf is the domain of the addresses that a gateway registers: its own, or
// the home domain, in the place of which REGISTER may have another.
func domainOf(c mib.Configs, g *gatewayPlan) string {
	if d := sipep.Of(c).InteropRegisterHomeDomainOverride; d != "" && !g.ownDomain {
		return d
	}
	return g.domain
}

// timesOf are the times of the registrations of a gateway.
func timesOf(c mib.Configs, gateway string) sipreg.Times {
	cfg := sipep.Of(c)
	if row := cfg.GwSpecificRegistration.Find(sipep.GwSpecificRegistrationKey(gateway)); row != nil && row.EnableConfig {
		return sipreg.Times{
			Refresh: seconds(row.RefreshTime), Expiration: seconds(row.ExpirationValue),
			Proposed: seconds(row.ProposedExpirationValue), Retry: seconds(row.RetryTime),
		}
	}
	return sipreg.Times{
		Refresh: seconds(cfg.DefaultRegistrationRefreshTime), Expiration: seconds(cfg.DefaultRegistrationExpirationValue),
		Proposed: seconds(cfg.DefaultRegistrationProposedExpirationValue), Retry: seconds(cfg.DefaultRegistrationRetryTime),
	}
}

// registration is one user on one gateway, with its row.
type registration struct {
	want
	*sipreg.Registration // nil without a registrar
	core                 *core
	index                uint32
	link                 *link // that it goes over; nil when TLS is not used
	turn                 atomic.Uint32
	told                 sipep.RegistrationStatusState // that was told last; of the registration's goroutine
}

// reconcile starts and stops registrations as the configuration in force says.
func (c *core) reconcile() {
	snap := c.run.o.Store.Current()
	times := timesOf(snap, c.g.plan.name)
	list := wanted(snap, c.g.plan)
	keep := make(map[string]want, len(list))
	for _, w := range list {
		keep[w.user] = w
	}
	credentials := c.newCredentials(sipep.Of(snap))
	c.mu.Lock()
	defer c.mu.Unlock()
	for user, reg := range c.regs {
		if keep[user] != reg.want {
			delete(c.regs, user)
			c.retire(reg)
		}
	}
	for _, w := range list {
		if reg := c.regs[w.user]; reg == nil {
			c.regs[w.user] = c.register(w, times)
		} else if reg.Registration != nil {
			reg.SetTimes(times)
			if reg.State() == sipreg.AuthFailed && credentials() {
				reg.Reregister()
			}
		}
	}
}

// newCredentials gives what reports whether the credentials are others than at
// the last call. It compares when it is asked: there may be thousands.
func (c *core) newCredentials(cfg *sipep.Config) func() bool {
	old := c.seen
	c.seen = cfg
	return sync.OnceValue(func() bool {
		return old != nil && old != cfg && !reflect.DeepEqual(old.Authentication, cfg.Authentication)
	})
}

// retire ends a registration that is not wanted any more.
func (c *core) retire(reg *registration) {
	c.wg.Go(func() {
		ctx, cancel := context.WithTimeout(c.ctx, farewellTime)
		defer cancel()
		reg.stop(ctx)
		c.run.board.removeReg(reg.index)
	})
}

func (reg *registration) stop(ctx context.Context) {
	if reg.Registration != nil {
		reg.Stop(ctx)
	}
}

// register begins to register a user.
func (c *core) register(w want, times sipreg.Times) *registration {
	g := c.g.plan
	reg := &registration{
		want: w, core: c, index: c.run.board.addReg(g.name, w.user, g.registrar), link: c.linkTo(g.next()),
		told: sipep.RegistrationStatusStateUnregistered,
	}
	if g.registrar == "" {
		return reg
	}
	reg.Registration = sipreg.New(sipreg.Config{
		UA: routed{c.ua, c}, User: w.user, Domain: w.domain, Flow: reg.flow, Contacts: reg.contacts, Credentials: reg.credentials,
		RefreshTime: times.Refresh, Expiration: times.Expiration, Proposed: times.Proposed, RetryTime: times.Retry,
		OnChange: reg.onChange,
	})
	reg.Start()
	return reg
}

// linkTo is the link to a server; nil when there is none.
func (c *core) linkTo(host string) *link {
	key := serverKey(host, true)
	for _, l := range c.links {
		if l.key == key {
			return l
		}
	}
	return nil
}

// flow gives the way to the registrar, or to the outbound proxy.
func (reg *registration) flow(ctx context.Context) (siptransport.Flow, error) {
	if reg.link != nil {
		return reg.link.flow(ctx)
	}
	return reg.core.flow(ctx, reg.core.g.plan.next(), reg.turn.Load())
}

// flow finds a way to a server over UDP or TCP. turn goes up with each server
// that did not answer: the next one is tried then.
func (c *core) flow(ctx context.Context, host string, turn uint32) (siptransport.Flow, error) {
	ctx, cancel := context.WithTimeout(ctx, c.run.plan.connectTime)
	defer cancel()
	res, err := c.run.locate(ctx, host, c.g.plan.names()...)
	if err != nil {
		return nil, err
	}
	for i := range res.Targets {
		t := res.Targets[(int(turn)+i)%len(res.Targets)]
		var f siptransport.Flow
		if f, err = c.ua.Transport.Flow(ctx, t.Transport, t.Addr); err == nil {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", host, err)
}

// contacts are the Contacts of REGISTER: the address of the flow, or, when
// REGISTER names the transports, one address for each.
func (reg *registration) contacts(flow siptransport.Flow) []sipua.Contact {
	c := reg.core
	if !c.g.plan.nameInRegister {
		return []sipua.Contact{sipua.ContactAt(reg.user, c.local(flow), flow.Transport(), false, "")}
	}
	var out []sipua.Contact
	for _, t := range c.g.plan.transports {
		at := c.local(flow)
		if l, ok := c.ua.Transport.Local(t.transport); ok && t.transport != siptransport.TLS {
			at = l
		}
		out = append(out, sipua.ContactAt(reg.user, at, t.transport, true, t.q))
	}
	return out
}

// credentials are those for a realm: the first row that fits.
func (reg *registration) credentials(realm string) (sipauth.Credentials, bool) {
	for row := range sipep.Of(reg.core.run.o.Store.Current()).Authentication.Active() {
		if !fits(row, reg.core.g.plan.name, reg.user, realm) {
			continue
		}
		c := sipauth.Credentials{Username: row.Username, Password: row.Password}
		if c.Username == "" {
			c.Username = reg.user
		}
		return c, true
	}
	return sipauth.Credentials{}, false
}

// fits reports whether credentials are for a request of user on gateway.
func fits(row *sipep.AuthenticationRow, gateway, user, realm string) bool {
	if row.ValidateRealm && row.Realm != realm {
		return false
	}
	switch row.CriteriaSelection {
	case sipep.AuthenticationCriteriaSelectionUnit:
		return true
	case sipep.AuthenticationCriteriaSelectionGateway:
		return row.GatewayName == gateway
	case sipep.AuthenticationCriteriaSelectionUsername:
		return row.UsernameCriteria == user
	}
	return false // there are no endpoints
}

// onChange shows a change of state, and tells one that lasts.
func (reg *registration) onChange(ch sipreg.Change) {
	r := reg.core.run
	state := sipep.RegistrationStatusState(ch.New)
	row, ok := r.board.setReg(reg.index, state)
	if !ok {
		return
	}
	switch ch.New {
	case sipreg.Registering, sipreg.Refreshing, sipreg.Unregistering:
		return
	case sipreg.Unreachable:
		reg.turn.Add(1)
	}
	if state == reg.told {
		return
	}
	why := ""
	if ch.Status != 0 && ch.New != sipreg.Registered {
		why = fmt.Sprintf("answer %d", ch.Status)
	}
	r.tellRegistration(row, why)
	reg.told = state
}

// linkUp makes the registrations over a link register at once.
func (c *core) linkUp(l *link) {
	c.each(func(reg *registration) {
		if reg.link == l {
			reg.Reregister()
		}
	})
}

// linkLost tells the registrations over a link that it has gone.
func (c *core) linkLost(l *link) {
	c.each(func(reg *registration) {
		if reg.link == l {
			reg.Lost()
		}
	})
}

// each calls f for every registration that has begun.
func (c *core) each(f func(*registration)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, reg := range c.regs {
		if reg.Registration != nil {
			f(reg)
		}
	}
}

// stopRegistrations ends all of them at the same time, within ctx.
func (c *core) stopRegistrations(ctx context.Context) {
	c.mu.Lock()
	regs := c.regs
	c.regs = nil
	c.mu.Unlock()
	var all sync.WaitGroup
	for _, reg := range regs {
		all.Go(func() {
			reg.stop(ctx)
			c.run.board.leaveReg(reg.index)
		})
	}
	all.Wait()
}
