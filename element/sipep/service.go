package sipep

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/netip"
	"reflect"
	"sync"
	"time"

	"mibgate/element/event"
	"mibgate/element/netif"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/cert"
	"mibgate/mib/sipep"
)

// Clock is what the service needs of the element's clock; hoc.Service is one.
type Clock interface {
	Now() time.Time
	// Synchronized reports whether certificate dates can be judged.
	Synchronized() bool
	// Changed is closed at the next step of the time or change of its state.
	Changed() <-chan struct{}
	// Local is t in the time zone of the unit.
	Local(t time.Time) time.Time
}

// Certificates is what the service needs of the certificates; cert.Service is
// one. All take a snapshot.
type Certificates interface {
	Roots(c mib.Configs) *x509.CertPool
	Intermediates(c mib.Configs) []*x509.Certificate
	HostCertificates(c mib.Configs, service string) []tls.Certificate
}

// Unit is what the User-Agent header says of the unit.
type Unit struct {
	Product, Version, Profile, Serial, MAC string
}

// Options are what the service is made of; only DNSServers and Log may be nil.
type Options struct {
	Store        *store.Store
	Bus          *event.Bus
	Clock        Clock
	Certificates Certificates
	// Unit is asked when interfaces are looked at.
	Unit func() Unit
	// DNSServers are those to ask; nil or none means those of the host.
	DNSServers func() []netip.Addr
	// Log gets internal errors.
	Log *slog.Logger
}

// Service is the SIP endpoint.
type Service struct {
	o     Options
	addr  func(iface string) (netip.Addr, error) // netif.Addr, but for tests
	board *board

	mu      sync.Mutex
	running *store.Snapshot // what the run began with; nil while stopped
	run     *run
}

// New makes the service.
func New(o Options) *Service {
	if o.DNSServers == nil {
		o.DNSServers = func() []netip.Addr { return nil }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Service{o: o, addr: netif.Addr, board: newBoard(o.Clock)}
}

// Module is MIBGATE-SIPEP-MIB.
func (s *Service) Module() *mib.Module { return sipep.Module }

// Status implements service.Service.
func (s *Service) Status() any { return status{s} }

// Commands implements service.Service.
func (s *Service) Commands() any { return nil }

// Start brings the gateways up in their order and returns when each has opened
// its ports and begun to bring up its links, or is in a state that says why not.
// It never waits for a server.
func (s *Service) Start(_ context.Context, snap *store.Snapshot) error {
	r := newRun(s, newPlan(snap))
	s.mu.Lock()
	s.running, s.run = snap, r
	s.mu.Unlock()
	r.start()
	return nil
}

// Stop unregisters and closes the links, within ctx and stopTime.
func (s *Service) Stop(ctx context.Context) error {
	s.mu.Lock()
	r := s.run
	s.run, s.running = nil, nil
	s.mu.Unlock()
	if r != nil {
		r.stop(ctx)
	}
	return nil
}

// NeedRestart compares what a run has taken from either configuration.
func (s *Service) NeedRestart(running, stored *store.Snapshot) bool {
	return running.Changed(stored, sipep.Module) && !reflect.DeepEqual(newPlan(running), newPlan(stored))
}

// needRestart is NeedRestart of the run there is.
func (s *Service) needRestart() bool {
	s.mu.Lock()
	running := s.running
	s.mu.Unlock()
	return running != nil && s.NeedRestart(running, s.o.Store.Current())
}

// Prepare makes the run look at what it takes live.
func (s *Service) Prepare(old, next *store.Snapshot) (store.Change, error) {
	if !old.Changed(next, sipep.Module) && !old.Changed(next, cert.Module) {
		return nil, nil //nolint:nilnil // nil means nothing to do
	}
	certificates := old.Changed(next, cert.Module)
	return store.OnCommit(func() {
		s.mu.Lock()
		r := s.run
		s.mu.Unlock()
		if r != nil {
			r.changed(certificates)
		}
	}), nil
}
