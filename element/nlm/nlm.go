package nlm

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"mibgate/element/event"
	"mibgate/element/netif"
	"mibgate/element/store"
	"mibgate/element/syslog"
	"mibgate/mib"
	"mibgate/mib/hoc"
	"mibgate/mib/nlm"
)

const (
	sinkDepth    = 4096             // events: what may wait for this service
	syslogQueue  = 1024             // messages: what may wait for the syslog server
	drainTimeout = time.Second      // of a stop: what is queued may still be sent
	lookAgain    = 30 * time.Second // the addresses of the unit may change
)

// Options are what the caller provides.
type Options struct {
	// Local puts a time into the time zone of the unit; nil means UTC.
	Local func(time.Time) time.Time
	// Unit is what syslog messages say of the unit; the host name is filled in
	// here. It is asked now and then. Nil means nothing.
	Unit func() syslog.Unit
	// Resolver finds the syslog server by name; nil means the host's resolver.
	Resolver *net.Resolver
	// Log also gets every message that passes its threshold; nil means none.
	Log *slog.Logger
}

// Service is notifications and logging.
type Service struct {
	options    Options
	store      *store.Store
	bus        *event.Bus
	thresholds map[*mib.Module]*mib.Object
	log        ring

	mu      sync.Mutex
	sink    *event.Sink // nil while stopped
	sender  *syslog.Sender
	unit    syslog.Unit // that the sender was given last
	done    chan struct{}
	past    syslog.Stats // of senders that were closed
	dropped uint64       // of sinks that were closed
}

// New makes the service. From now on it collects events, so that those of
// services that start before it are not lost.
func New(st *store.Store, bus *event.Bus, o Options) *Service {
	if o.Local == nil {
		o.Local = time.Time.UTC
	}
	if o.Unit == nil {
		o.Unit = func() syslog.Unit { return syslog.Unit{} }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{options: o, store: st, bus: bus, thresholds: map[*mib.Module]*mib.Object{}}
	for _, m := range st.Registry().Modules() {
		if object := st.Registry().Object(m.Service + ".MinSeverity"); object != nil && !m.Standard {
			s.thresholds[m] = object
		}
	}
	s.sink = bus.Subscribe("log", sinkDepth)
	return s
}

// Module is MIBGATE-NLM-MIB.
func (s *Service) Module() *mib.Module { return nlm.Module }

// Start begins to log.
func (s *Service) Start(context.Context, *store.Snapshot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sink == nil {
		s.sink = s.bus.Subscribe("log", sinkDepth)
	}
	s.sender = syslog.NewSender(syslogQueue, s.options.Log)
	s.configureLocked()
	s.done = make(chan struct{})
	go s.run(s.sink, s.sender, s.done)
	return nil
}

// Stop ends logging; what has happened before is still logged, as far as the
// syslog server can be reached.
func (s *Service) Stop(ctx context.Context) error {
	s.mu.Lock()
	sink, sender, done := s.sink, s.sender, s.done
	s.mu.Unlock()
	if sender == nil {
		return nil
	}
	sink.Close()
	<-done
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	_ = sender.Close(ctx) // what could not be sent is counted
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink, s.sender = nil, nil
	s.dropped += sink.Dropped()
	s.past.Sent += sender.Stats().Sent
	s.past.Dropped += sender.Stats().Dropped
	return nil
}

// NeedRestart is never needed: everything is taken live.
func (s *Service) NeedRestart(_, _ *store.Snapshot) bool { return false }

// Status implements service.Service.
func (s *Service) Status() any { return status{s} }

// Commands implements service.Service.
func (s *Service) Commands() any { return nil }

// Normalize has no rows to keep.
func (s *Service) Normalize(*store.Candidate) {}

// Validate refuses a message format that is none.
func (s *Service) Validate(c mib.Configs) error {
	format := nlm.Of(c).SyslogMessageFormat
	if _, err := syslog.ParseFormat(format); err != nil {
		return &mib.Error{
			Kind: mib.ErrWrongValue, Path: nlm.Objects.SyslogMessageFormat.Path(), Position: -1,
			Value: format, HasValue: true, Detail: "is not a format: " + err.Error(),
		}
	}
	return nil
}

// Prepare takes changes live. The thresholds are read with every event.
func (s *Service) Prepare(old, next *store.Snapshot) (store.Change, error) {
	if !old.Changed(next, nlm.Module) && !old.Changed(next, hoc.Module) {
		return nil, nil //nolint:nilnil // nil means nothing to do
	}
	return store.OnCommit(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.configureLocked()
	}), nil
}

// configureLocked gives the sender the configuration in force.
func (s *Service) configureLocked() {
	if s.sender == nil {
		return
	}
	cfg := nlm.Of(s.store.Current())
	format, err := syslog.ParseFormat(cfg.SyslogMessageFormat)
	if err != nil {
		format = syslog.Format{} // Validate lets no such format in
	}
	s.unit = s.options.Unit()
	s.unit.Hostname = hostname(hoc.Of(s.store.Current()))
	s.sender.Configure(syslog.Config{
		Host:      withoutZeroPort(cfg.SyslogRemoteHost),
		Formatter: syslog.Formatter{Protocol: syslog.Protocol(cfg.SyslogProtocol), Format: format, Unit: s.unit},
		Resolver:  s.options.Resolver,
	})
}

// refresh configures the sender again when the unit has got another address.
func (s *Service) refresh() {
	unit := s.options.Unit()
	unit.Hostname = hostname(hoc.Of(s.store.Current()))
	s.mu.Lock()
	defer s.mu.Unlock()
	if unit != s.unit {
		s.configureLocked()
	}
}

// hostname is Hoc.HostName or, when that is empty, the address of the unit: that
// of the management interface, for All that of the default route. It is "" on a
// unit without address.
func hostname(cfg *hoc.Config) string {
	if cfg.HostName != "" {
		return cfg.HostName
	}
	name := cfg.ManagementInterface
	if name == netif.All {
		name = netif.Lan1
	}
	addr, err := netif.Addr(name)
	if err != nil {
		return ""
	}
	return addr.String()
}
