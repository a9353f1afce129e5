package scm

import (
	"context"
	"fmt"

	"mibgate/element/event"
	"mibgate/element/service"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/scm"
)

// The messages of the service.
const (
	MsgStateChange   = 100
	MsgNotResponding = 110
)

const conditionNotAlive = "service not responding"

// Service is the service controller.
type Service struct {
	store.NoChange
	sup *service.Supervisor
	bus *event.Bus
}

// New makes the controller of sup's services; sup is given by Attach, since
// the supervisor needs OnState and Startup of the controller.
func New(bus *event.Bus) *Service { return &Service{bus: bus} }

// Attach names the supervisor, before anything is started.
func (s *Service) Attach(sup *service.Supervisor) { s.sup = sup }

// Module is MIBGATE-SCM-MIB.
func (s *Service) Module() *mib.Module { return scm.Module }

// Start has nothing to do: the supervisor runs already.
func (s *Service) Start(context.Context, *store.Snapshot) error { return nil }

// Stop has nothing to do.
func (s *Service) Stop(context.Context) error { return nil }

// NeedRestart is never needed: the start-up types are read when they matter.
func (s *Service) NeedRestart(_, _ *store.Snapshot) bool { return false }

// Status implements service.Service.
func (s *Service) Status() any { return status{s} }

// Commands implements service.Service.
func (s *Service) Commands() any { return commands{s} }

// Normalize keeps one row of ServicesConfig per service.
func (s *Service) Normalize(c *store.Candidate) {
	var want []mib.Key
	for _, name := range s.sup.Names() {
		want = append(want, scm.ServicesConfigKey(name))
	}
	c.Rows(scm.Tables.ServicesConfig, want)
}

// Startup reads the start-up type of a service.
func Startup(snap *store.Snapshot, m *mib.Module) service.Startup {
	if row := scm.Of(snap).FindServicesConfig(m.Service); row != nil {
		return service.Startup(row.StartupType)
	}
	return service.Auto
}

// Validate refuses a start-up type that a system service cannot have.
func (s *Service) Validate(c mib.Configs) error {
	for row := range scm.Of(c).ServicesConfig.All() {
		if row.StartupType == scm.ServicesConfigStartupTypeManual && s.sup.Class(row.Name) == service.System {
			return &mib.Error{
				Kind: mib.ErrInconsistent, Path: scm.Objects.ServicesConfigStartupType.Instance(scm.ServicesConfigKey(row.Name)),
				Value: row.StartupType.String(), HasValue: true, Detail: "is not possible for a system service: it always starts",
			}
		}
	}
	return nil
}

// OnState tells a change of state; it is the supervisor's hook. The states on
// the way to another are messages only.
func (s *Service) OnState(i service.Info) {
	e := event.Event{
		Module: scm.Module, ID: MsgStateChange, Severity: event.Info,
		Text: fmt.Sprintf("service %s is %s", i.Module.Service, i.State),
	}
	switch i.State {
	case service.Starting, service.Stopping:
		e.Severity = event.Debug
		s.bus.Emit(e)
		return
	case service.NotResponding:
		e.ID, e.Severity = MsgNotResponding, event.Error
		e.Text += ": " + i.Comment
	}
	e.Alarm = event.Alarm{Resource: i.Module.Service, Condition: conditionNotAlive, Raised: i.State == service.NotResponding}
	e.Notification = scm.ServiceStateChange{Name: i.Module.Service, ExecState: scm.ServicesInfoExecState(i.State)}
	s.bus.Emit(e)
}
