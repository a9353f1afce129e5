package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"runtime"
	"strconv"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/notifier"
	"mibgate/element"
	"mibgate/element/aaa"
	"mibgate/element/cert"
	"mibgate/element/dcm"
	"mibgate/element/hoc"
	"mibgate/element/nlm"
	"mibgate/element/scm"
	"mibgate/element/service"
	"mibgate/element/sipep"
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
	s.root, err = servedRoot(o.oidRoot)
	return s, err
}

// unit is one gateway, put together.
type unit struct {
	settings
	el *element.Element
}

// assemble opens the data folder and puts the services together.
func assemble(dir string, s settings) (*unit, error) {
	u := &unit{settings: s}
	host := hoc.New(hoc.Options{Logger: s.log})
	var control *scm.Service
	el, err := element.Open(dir, model.Registry, element.Options{
		Now: host.Now,
		Supervisor: service.Options{
			OnState: func(i service.Info) { control.OnState(i) },
			OnPanic: func(m *mib.Module, cause any, stack []byte) { u.panicked(m.Service, cause, stack) },
			Startup: scm.Startup,
		},
	})
	if err != nil {
		return nil, err
	}
	u.el = el
	control = scm.New(el.Bus)
	control.Attach(el.Services)
	host.Attach(el.Store, el.Bus)
	if err := u.add(control, host); err != nil {
		_ = el.Close()
		return nil, err
	}
	return u, nil
}

// add registers the services, in the order in which they start.
func (u *unit) add(control *scm.Service, host *hoc.Service) error {
	el := u.el
	device, err := dcm.New(el.Store, version)
	if err != nil {
		return err
	}
	device.Report(el.Bus)
	log := nlm.New(el.Store, el.Bus, nlm.Options{Local: host.Local, Unit: func() syslog.Unit { return identity(device) }, Resolver: host.Resolver(), Log: u.log})
	agent, err := snmp.New(el, snmp.Options{
		Listen: u.snmp, OIDRoot: u.root,
		Description: fmt.Sprintf("%s %s, software SIP media gateway, %s/%s", dcm.Product, version, runtime.GOOS, runtime.GOARCH),
		Notifier:    notifier.New,
		OnPanic:     func(cause any, stack []byte) { u.panicked("Snmp", cause, stack) },
		Local:       host.Local,
	})
	if err != nil {
		return err
	}
	certificates := cert.New(el.Store, el.Bus, host)
	endpoint := sipep.New(sipep.Options{
		Store: el.Store, Bus: el.Bus, Clock: host, Certificates: certificates, DNSServers: host.DNSServers, Log: u.log,
		Unit: func() sipep.Unit {
			return sipep.Unit{Product: dcm.Product, Version: version, Profile: dcm.Product, Serial: device.Serial(), MAC: device.MAC()}
		},
	})
	for _, s := range []struct {
		service.Service
		class service.Class
	}{
		{control, service.System},
		{aaa.New(), service.System},
		{certificates, service.System},
		{device, service.System},
		{host, service.System},
		{log, service.User},
		{agent, service.User},
		{endpoint, service.User},
	} {
		el.Services.Add(s.Service, s.class)
	}
	return nil
}

// identity is what syslog messages say of the unit.
func identity(d *dcm.Service) syslog.Unit {
	return syslog.Unit{MAC: d.MAC(), Serial: d.Serial(), MFP: dcm.Product, Version: d.Version(), Profile: dcm.Product, ProcID: strconv.Itoa(os.Getpid())}
}

func (u *unit) panicked(service string, cause any, stack []byte) {
	u.log.Error("internal error", "service", service, "cause", cause, "stack", string(stack))
}
