package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"runtime"
	"strconv"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/tree"
	"mibgate/element"
	"mibgate/element/aaa"
	"mibgate/element/cert"
	"mibgate/element/dcm"
	"mibgate/element/hoc"
	"mibgate/element/nlm"
	"mibgate/element/scm"
	"mibgate/element/service"
	"mibgate/element/syslog"
	"mibgate/mib"
	"mibgate/mib/model"
)

// settings are the checked flags of run.
type settings struct {
	snmp []netip.AddrPort // nil: as configured
	root mib.OID          // where our tree is served; nil: where the model has it
	log  *slog.Logger
}

func (o *runOptions) settings() (settings, error) {
	var s settings
	var err error
	if o.snmp != "" {
		if s.snmp, err = snmp.ParseListen(o.snmp); err != nil {
			return s, fmt.Errorf("--snmp: %w", err)
		}
	}
	if o.oidRoot != "" {
		if s.root, err = mib.ParseOID(o.oidRoot); err != nil {
			return s, fmt.Errorf("--oid-root: %w", err)
		}
		if _, err = tree.New(model.Registry, tree.Options{Model: model.Root, Served: s.root}); err != nil {
			return s, fmt.Errorf("--oid-root %s: %w", o.oidRoot, err)
		}
	}
	return s, nil
}

// unit is one gateway, put together.
type unit struct {
	settings
	el *element.Element
}

// assemble opens the data folder and puts the services together.
func assemble(dir string, s settings) (*unit, error) {
	var control *scm.Service
	hosts := hoc.New(hoc.Options{Logger: s.log})
	el, err := element.Open(dir, model.Registry, element.Options{
		Now: hosts.Now,
		Supervisor: service.Options{
			OnState: func(i service.Info) { control.OnState(i) },
			OnPanic: func(m *mib.Module, cause any, stack []byte) {
				s.log.Error("internal error", "service", m.Service, "cause", cause, "stack", string(stack))
			},
			Startup: scm.Startup,
		},
	})
	if err != nil {
		return nil, err
	}
	control = scm.New(el.Bus)
	control.Attach(el.Services)
	hosts.Attach(el.Store, el.Bus)
	if err := addServices(el, s, control, hosts); err != nil {
		_ = el.Close()
		return nil, err
	}
	return &unit{settings: s, el: el}, nil
}

// addServices registers the services in the order in which they start.
func addServices(el *element.Element, s settings, control *scm.Service, hosts *hoc.Service) error {
	certs := cert.New(el.Store, el.Bus, hosts)
	device, err := dcm.New(el.Store, version)
	if err != nil {
		return err
	}
	logs := nlm.New(el.Store, el.Bus, nlm.Options{Local: hosts.Local, Unit: identity(device), Log: s.log})
	agent, err := snmp.New(el, snmp.Options{
		Listen:      s.snmp,
		OIDRoot:     s.root,
		Description: fmt.Sprintf("mibgate %s, SIP media gateway, %s/%s", version, runtime.GOOS, runtime.GOARCH),
		OnPanic: func(cause any, stack []byte) {
			s.log.Error("internal error", "service", "Snmp", "cause", cause, "stack", string(stack))
		},
	})
	if err != nil {
		return err
	}
	el.Services.Add(control, service.System)
	el.Services.Add(aaa.New(), service.System)
	el.Services.Add(certs, service.System)
	el.Services.Add(device, service.System)
	el.Services.Add(hosts, service.System)
	el.Services.Add(logs, service.System)
	el.Services.Add(agent, service.User)
	return nil
}

// identity is what syslog messages say of the unit.
func identity(d *dcm.Service) func() syslog.Unit {
	return func() syslog.Unit {
		return syslog.Unit{MAC: d.MAC(), Serial: d.Serial(), MFP: dcm.Product, Version: d.Version(), ProcID: strconv.Itoa(os.Getpid())}
	}
}
