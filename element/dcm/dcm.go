package dcm

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"mibgate/element/event"
	"mibgate/element/store"
	"mibgate/mib"
	"mibgate/mib/dcm"
)

// Product is the name of the product.
const Product = "mibgate"

// StateName is the name under which the serial number is kept in store.State. A
// factory reset keeps it: the unit stays the same unit.
const StateName = "serial"

// Service is the unit itself.
type Service struct {
	store.NoChange
	version string
	store   *store.Store
	dir     string
	serial  string
	kernel  kernel
}

// New makes the service of st's data folder; version is that of the software.
// At the first start it makes the serial number; the error is that it cannot be
// kept.
func New(st *store.Store, version string) (*Service, error) {
	serial, err := loadSerial(st.State())
	if err != nil {
		return nil, err
	}
	return &Service{version: version, store: st, dir: st.Dir(), serial: serial, kernel: kernel{root: "/"}}, nil
}

func loadSerial(state store.State) (string, error) {
	b, err := state.Load(StateName)
	if err != nil {
		return "", err
	}
	if serial := strings.TrimSpace(string(b)); serial != "" {
		return mib.Clip(serial, 64), nil
	}
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	serial := strings.ToUpper(hex.EncodeToString(id[:]))
	if err := state.Save(StateName, []byte(serial+"\n")); err != nil {
		return "", fmt.Errorf("serial number: %w", err)
	}
	return serial, nil
}

// The messages of the service.
const (
	MsgDiskUnknown  = 100
	MsgDiskRepaired = 110
)

// Report makes bus tell when nobody knows which configuration is on disk; call
// it once, before anything is started.
func (s *Service) Report(bus *event.Bus) {
	s.store.OnTrouble(func(err error) { bus.Emit(diskEvent(err)) })
}

// diskEvent is what is told of a commit that could not be undone (err) and of
// the end of that (nil).
func diskEvent(err error) event.Event {
	e := event.Event{
		Module: dcm.Module, ID: MsgDiskRepaired, Severity: event.Info, Text: "the configuration in force is on disk again",
		Alarm: event.Alarm{Resource: "data folder", Condition: "configuration on disk unknown", Raised: err != nil},
	}
	if err != nil {
		e.ID, e.Severity = MsgDiskUnknown, event.Critical
		e.Text = "a change was refused, but it may be on disk and come into force at the next start: " + err.Error()
	}
	return e
}

// Serial is the serial number of the unit.
func (s *Service) Serial() string { return s.serial }

// Version is the version of the software, at most 64 octets.
func (s *Service) Version() string { return mib.Clip(s.version, 64) }

// Module is MIBGATE-DCM-MIB.
func (s *Service) Module() *mib.Module { return dcm.Module }

// Start has nothing to do.
func (s *Service) Start(context.Context, *store.Snapshot) error { return nil }

// Stop has nothing to do.
func (s *Service) Stop(context.Context) error { return nil }

// NeedRestart is never needed: nothing is configured here but a threshold.
func (s *Service) NeedRestart(_, _ *store.Snapshot) bool { return false }

// Status implements service.Service.
func (s *Service) Status() any { return status{s} }

// Commands implements service.Service.
func (s *Service) Commands() any { return nil }
