package service

import (
	"context"
	"time"

	"mibgate/element/store"
	"mibgate/mib"
)

// Service is one service of the element.
type Service interface {
	store.Participant
	// Module is the service's module: its text key, number and objects.
	Module() *mib.Module
	// Start brings the service up with the configuration of snap and returns
	// when it has settled: running, or in a state that says why not. An error
	// is why it cannot run at all; nothing of it is left then, and it may be
	// started again. ctx bounds the start, not the run.
	Start(ctx context.Context, snap *store.Snapshot) error
	// Stop ends the run within ctx; nothing of it is left behind.
	Stop(ctx context.Context) error
	// NeedRestart reports whether stored has changes that a run which began
	// with running has not absorbed.
	NeedRestart(running, stored *store.Snapshot) bool
	// Status is the generated Status of the module.
	Status() any
	// Commands is the generated Commands of the module, nil when it has none.
	Commands() any
}

// A Provider is a service that also answers for modules that no service is
// named after: the standard ones.
type Provider interface {
	// StatusOf is the Status of such a module, nil for others.
	StatusOf(m *mib.Module) any
}

// Class says who may stop a service.
type Class int32

// The classes, in the numbers of servicesInfoClass.
const (
	System Class = 100
	User   Class = 200
)

// Startup says whether a service starts with the unit.
type Startup int32

// The start-up types, in the numbers of servicesConfigStartupType.
const (
	Auto   Startup = 100
	Manual Startup = 200
)

// State is the state of a service, in the numbers of servicesInfoExecState.
type State int32

// The states.
const (
	Started       State = 100
	Starting      State = 200
	Stopped       State = 300
	Stopping      State = 400
	NotResponding State = 65000
)

func (s State) String() string {
	switch s {
	case Started:
		return "started"
	case Starting:
		return "starting"
	case Stopped:
		return "stopped"
	case Stopping:
		return "stopping"
	case NotResponding:
		return "not responding"
	}
	return "unknown"
}

// How long a service may take.
const (
	StartTimeout = 30 * time.Second
	StopTimeout  = 10 * time.Second
	// RetryTime is until a start that failed is tried again: what it lacked, an
	// interface or a port, may have come.
	RetryTime = 5 * time.Second
)

// Info is what the service table shows of one service.
type Info struct {
	Module      *mib.Module
	Class       Class
	Startup     Startup
	State       State
	Since       time.Time // of State; zero when it never changed
	StartedAt   time.Time // last; zero when it never was
	Comment     string
	NeedRestart bool
}
