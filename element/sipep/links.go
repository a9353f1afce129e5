package sipep

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/event"
	"mibgate/element/sipdns"
	"mibgate/element/siplink"
	"mibgate/element/siptransport"
	"mibgate/element/sipua"
	"mibgate/mib/sipep"
)

// errLinkDown says that a request has no way to its server.
var errLinkDown = errors.New("the link to the server is down")

// link is a persistent link with its row.
type link struct {
	*siplink.Link
	core  *core
	host  string
	key   string
	index uint32
	// decided is closed when the link has come up, or failed, for the first time.
	decided chan struct{}
	// leaving is closed when the link takes nothing new any more.
	leaving chan struct{}
	leaves  func()

	mu    sync.Mutex
	known bool // decided is closed
	up    bool
}

// openLinks makes a link to each server and starts it. Ports are reserved in the
// order of the servers.
func (c *core) openLinks() error {
	if !c.run.plan.tls {
		return nil
	}
	for _, s := range c.g.plan.servers {
		if err := c.openLink(s); err != nil {
			return fmt.Errorf("link to %s: %w", s.host, err)
		}
	}
	for _, l := range c.links {
		l.Start()
	}
	return nil
}

func (c *core) openLink(s server) error {
	l := &link{
		core: c, host: s.host, key: s.key, decided: make(chan struct{}), leaving: make(chan struct{}),
		index: c.run.board.linkIndex(linkResource(c.g.plan.name, s.host)),
	}
	l.leaves = sync.OnceFunc(func() { close(l.leaving) })
	p := &c.run.plan
	var err error
	l.Link, err = siplink.New(siplink.Config{
		Gateway: c.g.plan.name, Host: s.host, LocalAddr: c.addr, Ports: c.run.ports,
		Locate: func(ctx context.Context) (siplink.Location, error) {
			res, err := c.run.locate(ctx, s.host, siptransport.TLS)
			loc := siplink.Location{Targets: res.Addrs()}
			loc.Reference.Host, loc.Reference.SRVNames = res.Host, res.Names
			return loc, err
		},
		TLS: c.run.tlsSettings, ConnectTimeout: p.connectTime, FailbackInterval: p.failback, KeepAlive: p.keepAlive,
		Probe: c.probe(s.host), Receiver: c.ua.Transactions, Drain: c.drain, Counters: c.ua.Transport.Counters(), OnEvent: l.onEvent,
	})
	if err != nil {
		return err
	}
	c.links = append(c.links, l)
	return nil
}

// locate finds a server (RFC 3263) as the configuration in force says.
func (r *run) locate(ctx context.Context, host string, transports ...siptransport.Transport) (sipdns.Result, error) {
	var servers []string
	for _, a := range r.o.DNSServers() {
		servers = append(servers, a.String())
	}
	level := sipdns.Level(sipep.Of(r.o.Store.Current()).SupportedDnsQueries)
	// The interfaces have IPv4 addresses (element/netif), from which no other can be reached.
	return sipdns.New(sipdns.Config{Servers: servers, Level: level, IPv4Only: true}).Locate(ctx, host, transports...)
}

// drain waits until the registrations are removed and nothing is in progress.
func (c *core) drain(ctx context.Context, flow siptransport.Flow) {
	select {
	case <-c.leaving:
	case <-ctx.Done():
		return
	}
	_ = c.ua.Transactions.Drain(ctx, flow) // what is not done in time is cut off
}

// probe makes the request that asks a server for a sign of life.
func (c *core) probe(host string) siplink.Probe {
	target := sipua.ServerURI(host)
	return func(ctx context.Context, flow siptransport.Flow, method sip.RequestMethod) error {
		self := sipua.URI("", flow.Local().Addr().String(), 0)
		req := c.ua.NewRequest(sipua.Request{
			Method: method, URI: target, From: self, To: target, Contacts: []sipua.Contact{c.contact("", flow)},
		})
		_, err := c.ua.Do(ctx, flow, req)
		return err
	}
}

// contact is the Contact of everything but REGISTER.
func (c *core) contact(user string, flow siptransport.Flow) sipua.Contact {
	return sipua.ContactAt(user, c.local(flow), flow.Transport(), c.g.plan.nameInContact, "")
}

// onEvent is told of everything that happens to the link, on its goroutine.
func (l *link) onEvent(e siplink.Event) {
	r := l.core.run
	row := r.board.setLink(l.index, func(row *linkRow) {
		row.localPort, row.remote = e.LocalPort, e.RemoteAddr.Addr()
		row.state = sipep.TlsPersistentConnectionStatusState(e.State)
		switch e.Kind {
		case siplink.Established:
			row.version, row.suite = tls.VersionName(e.Version), tls.CipherSuiteName(e.CipherSuite)
			row.expiry = e.PeerNotAfter
		case siplink.HandshakeFailed:
			row.reason, row.detail = sipep.TlsPersistentConnectionStatusLastFailureReason(e.Reason), e.Detail
		}
		if e.State == siplink.Down && e.Kind != siplink.Established {
			row.version, row.suite = "", ""
		}
	})
	switch e.Kind {
	case siplink.Attempt:
		r.emit(event.Event{
			ID: MsgLinkAttempt, Severity: event.Warning,
			Text: fmt.Sprintf("gateway %s: establishing persistent connection to %s (%s)", row.gateway, row.host, e.RemoteAddr),
		})
	case siplink.HandshakeFailed:
		r.board.linkFailed()
		r.tellHandshake(row, e.Repeated)
	case siplink.StateChanged:
		l.stateChanged(e, row)
	}
}

// stateChanged tells of the link's state, and lets the registrations know.
func (l *link) stateChanged(e siplink.Event, row linkRow) {
	r := l.core.run
	switch {
	case !e.Announce:
	case e.State == siplink.Up:
		r.tellLinkUp(row)
	case e.State == siplink.Down:
		r.tellLinkDown(row, e.Detail, e.Stopping)
	}
	l.mu.Lock()
	wasUp, wasKnown := l.up, l.known
	l.up = e.State == siplink.Up
	now := l.up
	if !l.known && (now || e.State == siplink.Down) {
		l.known = true
		close(l.decided)
	}
	l.mu.Unlock()
	switch {
	case e.State == siplink.WaitingShutdown:
		l.leaves()
	case e.Stopping:
	case now && !wasUp && wasKnown: // the first time, registrations wait for decided
		l.core.linkUp(l)
	case wasUp && !now:
		l.core.linkLost(l)
	}
	r.wake()
}

// unreachable reports whether the link is down, and not only not up yet.
func (l *link) unreachable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known && !l.up
}

// flow waits for the first outcome of the link, and gives the way to its server.
func (l *link) flow(ctx context.Context) (siptransport.Flow, error) {
	select {
	case <-l.decided:
	case <-l.core.ended:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if f, ok := l.Flow(); ok {
		return f, nil
	}
	return nil, errLinkDown
}
