package hoc

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"mibgate/element/clock"
	"mibgate/element/event"
	"mibgate/element/netif"
	"mibgate/element/posixtz"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/hoc"
)

// StateName is the name under which the last known time is kept in store.State.
const StateName = "clock"

// Slots is how many rows StaticSntpServers and StaticDnsServers have, always.
const Slots = 4

// Options are what the caller may provide; the zero value is right for a unit.
type Options struct {
	Logger *slog.Logger     // of the SNTP client; nil means none
	Host   func() time.Time // the host's clock, for tests; nil means time.Now
	Resolv string           // resolver configuration of the host; "" means /etc/resolv.conf
}

// Service is the host configuration.
type Service struct {
	options Options
	started time.Time // with its monotonic reading
	store   *store.Store
	bus     *event.Bus
	clock   *clock.Clock
	client  *clock.Client
	loadErr error // why the last known time could not be read
	resolv  resolvFile
	dnsPort string
	zone    atomic.Pointer[zone]

	mu      sync.Mutex   // orders what is applied and what is told
	told    *clock.State // the state that was told last; nil before Start
	lacking bool         // told that the clock is not synchronized
	failure string       // of the last round that was told; "" when it succeeded

	run struct {
		cancel context.CancelFunc
		done   chan struct{}
	}
}

// zone is a time zone with the string it was made of.
type zone struct {
	text string
	loc  *time.Location
}

// New makes the service. Until Attach, Now is the time of the host.
func New(o Options) *Service {
	if o.Host == nil {
		o.Host = time.Now
	}
	if o.Resolv == "" {
		o.Resolv = "/etc/resolv.conf"
	}
	return &Service{options: o, started: time.Now(), resolv: resolvFile{path: o.Resolv}, dnsPort: "53"}
}

// Attach gives the service the configuration and the bus, and makes the clock;
// call it once, before anything is started.
func (s *Service) Attach(st *store.Store, bus *event.Bus) {
	s.store, s.bus = st, bus
	state := st.State()
	s.clock, s.loadErr = clock.New(clock.Options{
		Mode:  mode(hoc.Of(st.Current())),
		Build: BuildTime(),
		Host:  s.options.Host,
		Load:  func() (time.Time, error) { return loadTime(state) },
		Save:  func(t time.Time) error { return state.Save(StateName, []byte(t.UTC().Format(time.RFC3339)+"\n")) },
	})
	s.client = clock.NewClient(s.clock, clock.ClientOptions{Logger: s.options.Logger, OnRound: s.onRound, Resolver: s.Resolver()})
}

func loadTime(state store.State) (time.Time, error) {
	b, err := state.Load(StateName)
	if err != nil || b == nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(string(b)))
	if err != nil {
		return time.Time{}, fmt.Errorf("state: %s does not hold a time", StateName)
	}
	return t, nil
}

// Module is MIBGATE-HOC-MIB.
func (s *Service) Module() *mib.Module { return hoc.Module }

// Start runs the SNTP client. It does not wait for an answer: who needs the
// time waits with WaitSynchronized.
func (s *Service) Start(context.Context, *store.Snapshot) error {
	s.mu.Lock()
	s.applyLocked()
	state := s.clock.State()
	s.told, s.lacking, s.failure = &state, false, ""
	s.mu.Unlock()
	s.tellStart(state)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	s.run.cancel, s.run.done = cancel, done
	go func() {
		defer close(done)
		_ = s.client.Run(ctx) // ends with ctx, and for no other reason
	}()
	return nil
}

// Stop ends the SNTP client and keeps the time. The clock goes on.
func (s *Service) Stop(context.Context) error {
	if s.run.cancel != nil {
		s.run.cancel()
		<-s.run.done
	}
	s.mu.Lock()
	s.told = nil
	s.mu.Unlock()
	return s.clock.Save()
}

// NeedRestart is never needed: everything is taken live.
func (s *Service) NeedRestart(_, _ *store.Snapshot) bool { return false }

// Status implements service.Service.
func (s *Service) Status() any { return status{s} }

// Commands implements service.Service.
func (s *Service) Commands() any { return nil }

// Normalize keeps the rows of the two tables of servers.
func (s *Service) Normalize(c *store.Candidate) {
	sntp, dns := make([]mib.Key, Slots), make([]mib.Key, Slots)
	for i := range uint32(Slots) {
		sntp[i], dns[i] = hoc.StaticSntpServersKey(i+1), hoc.StaticDnsServersKey(i+1)
	}
	c.Rows(hoc.Tables.StaticSntpServers, sntp)
	c.Rows(hoc.Tables.StaticDnsServers, dns)
}

// Validate refuses a time zone that is none, an interface that can never be, and a
// change to one that is not there now, which would take the management away at the
// next start. One that is configured already is no error: interfaces come and go,
// and a script of the first start may name one that is to come.
func (s *Service) Validate(c mib.Configs) error {
	cfg := hoc.Of(c)
	if _, err := posixtz.Parse(cfg.StaticTimeZone); err != nil {
		return refuse(hoc.Objects.StaticTimeZone, cfg.StaticTimeZone, "is not a POSIX TZ string: "+err.Error())
	}
	if strings.ContainsFunc(cfg.ManagementInterface, notInterface) {
		return refuse(hoc.Objects.ManagementInterface, cfg.ManagementInterface, "is not the name of an interface: Loop, Lan1, All or one of the host")
	}
	if began := store.Began(c); began != nil && hoc.Of(began).ManagementInterface != cfg.ManagementInterface {
		return isThere(cfg.ManagementInterface)
	}
	return nil
}

// isThere refuses an interface that is not there; when nobody can tell, it may be.
func isThere(name string) error {
	names, err := netif.Names()
	if err != nil || slices.Contains(names, name) {
		return nil //nolint:nilerr // see above
	}
	return refuse(hoc.Objects.ManagementInterface, name, "is no interface that is there now: "+strings.Join(names, ", "))
}

func notInterface(r rune) bool { return r == '/' || unicode.IsSpace(r) || unicode.IsControl(r) }

func refuse(o *mib.Object, value, detail string) error {
	return &mib.Error{Kind: mib.ErrWrongValue, Path: o.Path(), Value: value, HasValue: true, Detail: detail, Position: -1}
}

// Prepare takes changes to the clock live.
func (s *Service) Prepare(old, next *store.Snapshot) (store.Change, error) {
	if !old.Changed(next, hoc.Module) {
		return nil, nil //nolint:nilnil // nil means nothing to do
	}
	return store.OnCommit(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.applyLocked()
		s.observeLocked()
	}), nil
}

// applyLocked hands the configuration in force to the SNTP client. It is read
// here and not passed in, so that of a start and a commit that meet the last
// one has the newest.
func (s *Service) applyLocked() {
	cfg := hoc.Of(s.store.Current())
	s.client.Apply(clock.Config{
		Mode:          mode(cfg),
		Servers:       sntpServers(cfg),
		Period:        time.Duration(cfg.SntpSynchronizationPeriod) * time.Minute,
		PeriodOnError: time.Duration(cfg.SntpSynchronizationPeriodOnError) * time.Minute,
	})
}

func mode(cfg *hoc.Config) clock.Mode {
	if cfg.ClockSource == hoc.ClockSourceHost {
		return clock.ModeHost
	}
	return clock.ModeSNTP
}

// sntpServers lists the servers in the order in which they are asked.
func sntpServers(cfg *hoc.Config) []string {
	var out []string
	if cfg.StaticSntpServerHost != "" {
		out = append(out, withoutZeroPort(cfg.StaticSntpServerHost))
	}
	for row := range cfg.StaticSntpServers.All() {
		if row.HostName != "" {
			out = append(out, withoutZeroPort(row.HostName))
		}
	}
	return out
}

// withoutZeroPort drops the port 0, which stands for the default one.
func withoutZeroPort(host string) string {
	if h, ok := strings.CutSuffix(host, ":0"); ok && (!strings.Contains(h, ":") || strings.HasSuffix(h, "]")) {
		return h
	}
	return host
}
