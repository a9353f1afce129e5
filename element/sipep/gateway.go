package sipep

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"mibgate/element/siptransport"
)

// The states of a gateway in words, as GatewayStatus.State has them.
const (
	stateReady         = "Ready"
	statePortInUse     = "Cannot start, port already in use"
	stateNetworkDown   = "Network down"
	stateRestarting    = "Restarting"
	stateWaitingTime   = "Waiting for time synchronization"
	stateUnreachable   = "Server unreachable"
	stateInvalid       = "Invalid Configuration"
	stateNoCertificate = stateReady + ", secure port closed: no host certificate"
	statePortTaken     = stateReady + ", secure port closed: port already in use"
)

func isReady(state string) bool { return strings.HasPrefix(state, stateReady) }

// gateway is one gateway of a run. The control goroutine owns it.
type gateway struct {
	run     *run
	plan    *gatewayPlan
	addr    netip.Addr
	lost    error     // why there is no addr
	lookAt  time.Time // when to look at its interface again
	core    *core     // while it is up
	retryAt time.Time
	state   string // that was told
}

// look looks at the interface: a gateway that is up at another address than the
// one it has now goes down.
func (g *gateway) look(now time.Time) {
	g.run.lookAtUnit()
	g.addr, g.lost = g.run.addr(g.plan.iface)
	g.lookAt = now.Add(lookTime)
	if g.lost != nil {
		g.lookAt = now.Add(min(lookTime, g.run.plan.failback))
	}
	if g.core != nil && (g.lost != nil || g.addr != g.core.addr) {
		g.core.drop()
		g.core = nil
	}
}

// step brings the gateway on and returns when to do so again; lookAt is seen to
// by the run. retry makes links that are down try at once.
func (g *gateway) step(retry bool) time.Duration {
	if g.core == nil {
		g.run.board.wantRegs(g.plan.name, g.plan.registrar, wanted(g.run.o.Store.Current(), g.plan))
	}
	switch {
	case len(g.plan.transports) == 0:
		g.setState(stateInvalid, "no transport is enabled")
		return lookTime
	case g.lost != nil:
		g.setState(stateNetworkDown, g.lost.Error())
		return lookTime
	case g.core != nil:
		g.core.refresh(retry)
	case g.run.plan.tls && !g.run.o.Clock.Synchronized():
		g.setState(stateWaitingTime, "")
		return lookTime
	case time.Now().Before(g.retryAt):
		return time.Until(g.retryAt)
	default:
		return g.open()
	}
	return g.up()
}

// open opens the ports at the address that the interface has now.
func (g *gateway) open() time.Duration {
	if g.look(time.Now()); g.lost != nil {
		g.setState(stateNetworkDown, g.lost.Error())
		return lookTime
	}
	core, err := openCore(g, g.addr)
	if err != nil {
		g.retryAt = time.Now().Add(g.run.plan.failback)
		g.setState(openFailure(err), err.Error())
		return g.run.plan.failback
	}
	g.core = core
	g.core.refresh(false)
	return g.up()
}

// up shows a gateway that is up.
func (g *gateway) up() time.Duration {
	g.showPorts()
	g.setState(g.core.state())
	return lookTime
}

// openFailure is the state of a gateway that cannot open its ports.
func openFailure(err error) string {
	switch {
	case siptransport.IsPortInUse(err):
		return statePortInUse
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return stateNetworkDown
	}
	return stateInvalid
}

// setState shows a state, and tells it when it is new.
func (g *gateway) setState(state, why string) {
	if g.core == nil {
		g.showPorts()
	}
	if state == g.state {
		return
	}
	g.state = state
	g.run.board.setGateway(g.plan.name, func(row *gatewayRow) { row.state = state })
	g.run.tellGateway(g.plan.name, state, why)
}

// showPorts shows the ports that are open.
func (g *gateway) showPorts() {
	var port, secure uint16
	if g.core != nil {
		port, secure = g.core.ports()
	}
	g.run.board.setGateway(g.plan.name, func(row *gatewayRow) { row.port, row.securePort = port, secure })
}

// resources adds what alarms of the gateway may be about.
func (g *gateway) resources(keep map[string]bool) {
	keep[gatewayResource(g.plan.name)] = true
	for _, s := range g.plan.servers {
		keep[linkResource(g.plan.name, s.host)] = g.run.plan.tls
	}
	for _, w := range wanted(g.run.o.Store.Current(), g.plan) {
		keep[registerResource(g.plan.name, w.user)] = true
	}
}

// listenTries is how often a port that suits both UDP and TCP is looked for.
const listenTries = 20

// listen opens the ports of a gateway's transports other than TLS.
func (c *core) listen() error {
	for try := 1; ; try++ {
		err := c.listenOnce()
		if err == nil || c.g.plan.port != 0 || try == listenTries {
			return err
		}
	}
}

func (c *core) listenOnce() error {
	at := netip.AddrPortFrom(c.addr, c.g.plan.port)
	for i, t := range c.g.plan.transports {
		got, err := c.ua.Transport.Listen(t.transport, at, nil)
		if err != nil {
			for _, opened := range c.g.plan.transports[:i] {
				c.ua.Transport.StopListening(opened.transport)
			}
			return fmt.Errorf("%s port %d: %w", t.transport, at.Port(), err)
		}
		at = got // one port for both
	}
	return nil
}

// ports are the ports that are open.
func (c *core) ports() (port, secure uint16) {
	for _, t := range []siptransport.Transport{siptransport.UDP, siptransport.TCP} {
		if at, ok := c.ua.Transport.Local(t); ok {
			port = at.Port()
		}
	}
	if at, ok := c.ua.Transport.Local(siptransport.TLS); ok {
		secure = at.Port()
	}
	return port, secure
}
