package snmp

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"mibgate/agent/snmp/admin"
	"mibgate/agent/snmp/history"
	"mibgate/agent/snmp/responder"
	"mibgate/agent/snmp/standard"
	"mibgate/agent/snmp/tree"
	"mibgate/element"
	"mibgate/element/access"
	"mibgate/element/event"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/alarm"
	"mibgate/mib/hoc"
	"mibgate/mib/model"
	nlog "mibgate/mib/notificationlog"
	snmpmib "mibgate/mib/snmp"
	"mibgate/mib/snmpv2"
)

// The messages of the service.
const (
	MsgColdStart             = 100
	MsgWarmStart             = 110
	MsgAuthenticationFailure = 200
	MsgSourceWaits           = 210
	MsgInternalError         = 900
)

// Options place the agent.
type Options struct {
	// Listen overrides interface and port; see ParseListen. Empty: configured.
	Listen []netip.AddrPort
	// OIDRoot is where our tree is served; empty: where the model has it.
	OIDRoot mib.OID
	// Description is sysDescr: product, version and platform.
	Description string
	// Notifier makes what sends notifications; nil: none are sent.
	Notifier func(NotifierEnv) Notifier
	// OnPanic is told what a packet made us panic with.
	OnPanic func(cause any, stack []byte)
	// Local puts a time into the time zone of the unit; nil means UTC.
	Local func(time.Time) time.Time

	// Of tests: where an interface is, and how often that is looked at.
	lookup   func(iface string, port uint16) ([]netip.AddrPort, error)
	lookTime time.Duration
}

// Service is the SNMP agent of an element.
type Service struct {
	el       *element.Element
	o        Options
	tree     *tree.Tree
	engine   *engine
	product  mib.OID
	count    counters
	failures failures // told of
	pauses   failures // told of, for those are rarer and say more
	sources  *sources // that have failed
	peers    *peers   // that have not
	admin    *admin.Admin
	notifier Notifier
	standard *standard.Tables
	locks    locks
	inForce  func() mib.Configs // what contextRunning reads
	history  *history.History
	logs     atomic.Pointer[logs]

	policy      atomic.Pointer[policy]
	responder   *responder.Responder
	once        sync.Once // makes responder, when every service is known
	mu          sync.Mutex
	run         *run // nil while stopped
	everStarted bool
}

// aliases are the standard scalars that are another name of ours.
func aliases() map[*mib.Object]*mib.Object {
	return map[*mib.Object]*mib.Object{
		snmpv2.Objects.SysContact:              hoc.Objects.SystemContact,
		snmpv2.Objects.SysName:                 hoc.Objects.SystemName,
		snmpv2.Objects.SysLocation:             hoc.Objects.SystemLocation,
		snmpv2.Objects.SnmpEnableAuthenTraps:   snmpmib.Objects.AuthenTrapsEnable,
		nlog.Objects.NlmConfigGlobalEntryLimit: snmpmib.Objects.NotificationLogLimit,
		nlog.Objects.NlmConfigGlobalAgeOut:     snmpmib.Objects.NotificationLogAge,
		alarm.Objects.AlarmClearMaximum:        snmpmib.Objects.ClearedAlarmLimit,
	}
}

// products is mibgateSoftwareGateway below the root of the model.
var products = []uint32{100, 61000}

// New makes the agent of el. The error is an OID root that does not fit, or
// state of the engine that cannot be read.
func New(el *element.Element, o Options) (*Service, error) {
	eng, err := loadEngine(el.Store.State(), model.Root[len(model.Root)-2])
	if err != nil {
		return nil, err
	}
	t, err := tree.New(el.Registry, tree.Options{Model: model.Root, Served: o.OIDRoot, Aliases: aliases(), Stands: stands(eng.ID())})
	if err != nil {
		return nil, err
	}
	if o.lookup == nil {
		o.lookup = addresses
	}
	if o.lookTime == 0 {
		o.lookTime = lookTime
	}
	if o.Description == "" {
		o.Description = description()
	}
	s := &Service{el: el, o: o, tree: t, engine: eng, product: model.Root.Append(products...), standard: standard.New(el, model.Root.Append(products...)), locks: newLocks()}
	s.admin = admin.New(admin.Options{EngineID: eng.ID(), Serve: t.Serve, Families: t.RoleFamilies})
	s.inForce = el.Services.InForce
	s.sources, s.peers = newSources(time.Now), newPeers(time.Now)
	s.history = history.New(history.Options{Bus: el.Bus, Limits: s.kept, Logs: s.logged, Local: o.Local, Engine: eng.text})
	if o.Notifier != nil {
		s.notifier = o.Notifier(NotifierEnv{Element: el, Tree: t, Engine: eng.usm, Product: t.Serve(s.product)})
	}
	return s, nil
}

// kept is how much of what has happened is kept, also while we are stopped.
func (s *Service) kept() history.Limits {
	cfg := snmpmib.Of(s.el.Store.Current())
	return history.Limits{
		Entries: cfg.NotificationLogLimit, Age: time.Duration(cfg.NotificationLogAge) * time.Minute, Cleared: cfg.ClearedAlarmLimit,
	}
}

// Module is MIBGATE-SNMP-MIB.
func (s *Service) Module() *mib.Module { return snmpmib.Module }

// Status implements service.Service.
func (s *Service) Status() any { return status{s} }

// Commands implements service.Service.
func (s *Service) Commands() any { return nil }

// Tree is where every object is served.
func (s *Service) Tree() *tree.Tree { return s.tree }

// EngineID is snmpEngineID.
func (s *Service) EngineID() []byte { return s.engine.ID() }

// Addrs is where a running agent listens.
func (s *Service) Addrs() []netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == nil {
		return nil
	}
	var out []netip.AddrPort
	for _, sock := range s.run.sockets {
		out = append(out, sock.Addr())
	}
	return out
}

// Normalize brings the variables and the tables of the standard modules in
// line; see package admin.
func (s *Service) Normalize(c *store.Candidate) { s.admin.Normalize(c) }

// Edit implements store.Editor: cloning and key changes.
func (s *Service) Edit(c *store.Candidate, who access.Principal, o *mib.Object, key mib.Key, v mib.Value) (mine bool, err error) {
	return s.admin.Edit(c, who, o, key, v)
}

// NeedRestart reports another address or port; everything else is absorbed live.
func (s *Service) NeedRestart(running, stored *store.Snapshot) bool {
	if len(s.o.Listen) > 0 {
		return false
	}
	return snmpmib.Of(running).Port != snmpmib.Of(stored).Port ||
		hoc.Of(running).ManagementInterface != hoc.Of(stored).ManagementInterface
}

// InForce implements service.Holder.
func (s *Service) InForce(running, _ *store.Snapshot, c *service.Configs) {
	cfg, unit := *snmpmib.Of(c), *hoc.Of(c)
	cfg.Port, unit.ManagementInterface = snmpmib.Of(running).Port, hoc.Of(running).ManagementInterface
	c.Put(snmpmib.Module, &cfg)
	c.Put(hoc.Module, &unit)
}

// Start binds the sockets and begins to answer.
func (s *Service) Start(_ context.Context, snap *store.Snapshot) error {
	at, err := s.place(snap)
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	if err := s.refresh(snap); err != nil {
		return err
	}
	sockets, err := listen(at.addrs)
	if err != nil {
		return err
	}
	// Before the first packet is answered (RFC 3414 §2.2).
	if err := s.engine.boot(); err != nil {
		closeAll(sockets)
		return fmt.Errorf("engine boots cannot be kept: %w", err)
	}
	s.once.Do(func() {
		s.responder = responder.New(s.answering())
	})
	s.mu.Lock()
	s.run = s.newRun(sockets)
	ending := s.run.ending
	s.run.wg.Go(func() { s.standard.Run(ending) })
	s.run.wg.Go(func() { s.follow(ending, at) })
	again := s.everStarted
	s.everStarted = true
	if s.notifier != nil {
		s.notifier.Start(s.policy.Load().notify)
	}
	s.mu.Unlock()
	s.started(again)
	return nil
}

// answering is what the responder works on.
func (s *Service) answering() responder.Options {
	return responder.Options{
		Store: s.el.Store, Tree: s.tree, Status: s.statuses(), OnPanic: s.panicked,
		Locks: s.locks, Frozen: frozen(), Final: final(),
	}
}

// started tells managers that the unit, or only its agent, has started.
func (s *Service) started(again bool) {
	e := event.Event{Module: snmpmib.Module, ID: MsgColdStart, Severity: event.Info, Text: "the unit has started", Notification: snmpv2.ColdStart{}}
	if again {
		e.ID, e.Text, e.Notification = MsgWarmStart, "the SNMP agent has started again", snmpv2.WarmStart{}
	}
	s.el.Bus.Emit(e)
}

// Stop ends the run; requests under way are answered, and more while the last
// notifications go out: no target decides for how long managers are not heard.
func (s *Service) Stop(ctx context.Context) error {
	if s.notifier != nil {
		s.notifier.Stop(ctx)
	}
	s.mu.Lock()
	r := s.run
	s.run = nil
	s.mu.Unlock()
	if r == nil {
		return nil
	}
	return r.stop(ctx)
}

// panicked tells that a packet was lost to a fault of ours.
func (s *Service) panicked(cause any, stack []byte) {
	s.count.panics.Add(1)
	if s.o.OnPanic != nil {
		s.o.OnPanic(cause, stack)
	}
}
