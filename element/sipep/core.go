package sipep

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	"mibgate/element/siptls"
	"mibgate/element/siptransport"
	"mibgate/element/siptx"
	"mibgate/element/sipua"
	"mibgate/mib/sipep"
)

// core is a gateway that is up at one address: its user agent, links and
// registrations. The control goroutine owns it; what links and registrations
// look at is guarded by mu or does not change.
type core struct {
	g     *gateway
	run   *run
	addr  netip.Addr
	ua    *sipua.UA
	links []*link
	// ended is closed when the core begins to end.
	ended   chan struct{}
	ctx     context.Context // of what watches servers
	cancel  context.CancelFunc
	watches []*watch
	wg      sync.WaitGroup
	secure  error // why the secure port is closed; nil when it is open or there is none
	leaving chan struct{}
	seen    *sipep.Config // by reconcile

	mu   sync.Mutex
	regs map[string]*registration // by user
}

// openCore opens the ports of a gateway and begins to bring up its links. The
// error is that of a port.
func openCore(g *gateway, addr netip.Addr) (*core, error) {
	r := g.run
	c := &core{g: g, run: r, addr: addr, ended: make(chan struct{}), leaving: make(chan struct{}), regs: map[string]*registration{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.ua = sipua.New(sipua.Config{Headers: r.headers(), Timing: siptx.Timing{Timeout: r.plan.transmission}, Tally: &r.board.tally, Logger: r.o.Log})
	c.serveRequests()
	r.board.count(c.ua)
	var err error
	if r.plan.tls {
		err = c.listenSecure()
	} else {
		err = c.listen()
	}
	if err == nil {
		err = c.openLinks()
	}
	if err != nil {
		c.drop()
		return nil, err
	}
	c.watchServers()
	return c, nil
}

// listenSecure opens the secure port, or closes it, as there is a host
// certificate or not.
func (c *core) listenSecure() error {
	_, open := c.ua.Transport.Local(siptransport.TLS)
	c.secure = nil
	switch has := c.run.hasHostCertificate(); {
	case !has:
		c.ua.Transport.StopListening(siptransport.TLS)
		c.secure = siptls.ErrNoCertificate
	case !open:
		at := netip.AddrPortFrom(c.addr, c.g.plan.securePort)
		if _, err := c.ua.Transport.Listen(siptransport.TLS, at, siptls.Server(c.run.tlsSettings)); err != nil {
			c.secure = err
			return fmt.Errorf("TLS port %d: %w", at.Port(), err)
		}
	}
	return nil
}

// refresh takes over what may change live.
func (c *core) refresh(retry bool) {
	c.ua.SetHeaders(c.run.headers())
	c.serveOptions()
	if c.run.plan.tls {
		_ = c.listenSecure() // its state tells
	}
	if retry {
		for _, l := range c.links {
			l.Retry()
		}
	}
	c.reconcile()
}

// state is the state of a gateway that is up, and what more there is to say.
func (c *core) state() (state, why string) {
	if len(c.links) > 0 && c.allLinks(func(l *link) bool { return l.unreachable() }) {
		return stateUnreachable, ""
	}
	if len(c.watches) > 0 && c.allWatches(func(w *watch) bool { return w.dead.Load() }) {
		return stateUnreachable, ""
	}
	switch {
	case c.secure == nil:
		return stateReady, ""
	case siptransport.IsPortInUse(c.secure):
		return statePortTaken, ""
	case c.run.hasHostCertificate():
		return stateReady + ", secure port closed", c.secure.Error()
	}
	return stateNoCertificate, ""
}

func (c *core) allLinks(holds func(*link) bool) bool {
	for _, l := range c.links {
		if !holds(l) {
			return false
		}
	}
	return true
}

func (c *core) allWatches(holds func(*watch) bool) bool {
	for _, w := range c.watches {
		if !holds(w) {
			return false
		}
	}
	return true
}

// shutdown is the good end, within ctx: registrations are removed over links
// that are waiting to shut down, then everything is closed.
func (c *core) shutdown(ctx context.Context) {
	close(c.ended)
	c.cancel()
	var links sync.WaitGroup
	for _, l := range c.links {
		links.Go(func() {
			l.Shutdown(ctx)
			l.leaves()
		})
	}
	for _, l := range c.links {
		<-l.leaving
	}
	c.stopRegistrations(ctx)
	close(c.leaving) // links have nothing to wait for any more
	links.Wait()
	c.close()
}

// drop is the end when the address has gone: nobody can be told.
func (c *core) drop() {
	close(c.ended)
	close(c.leaving)
	c.cancel()
	for _, l := range c.links {
		l.Close()
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	c.stopRegistrations(gone)
	c.close()
}

func (c *core) close() {
	c.wg.Wait()
	c.ua.Close()
	c.run.board.uncount(c.ua)
}
