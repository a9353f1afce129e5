package snmp

import (
	"net/netip"
	"slices"
	"time"

	"mibgate/element/store"
	"mibgate/mib/hoc"
	snmpmib "mibgate/mib/snmp"
)

// lookTime is how often the address of the management interface is looked at.
const lookTime = 5 * time.Second

// place is where a run listens.
type place struct {
	iface string // "" when the start option says where
	port  uint16
	addrs []netip.AddrPort
}

// place finds where a run with the configuration of snap listens.
func (s *Service) place(snap *store.Snapshot) (place, error) {
	if len(s.o.Listen) > 0 {
		return place{addrs: s.o.Listen}, nil
	}
	p := place{iface: hoc.Of(snap).ManagementInterface, port: uint16(snmpmib.Of(snap).Port)} //nolint:gosec // IpPort is 16 bits
	var err error
	p.addrs, err = s.o.lookup(p.iface, p.port)
	return p, err
}

// follow restarts the agent when its interface has got another address: nobody
// reaches sockets that are bound to the one of the start. An interface that is
// down keeps them, for it may come back as it was.
func (s *Service) follow(ending <-chan struct{}, at place) {
	if at.iface == "" {
		return
	}
	tick := time.NewTicker(s.o.lookTime)
	defer tick.Stop()
	for {
		select {
		case <-ending:
			return
		case <-tick.C:
		}
		now, err := s.o.lookup(at.iface, at.port)
		if err != nil || slices.Equal(now, at.addrs) {
			continue
		}
		if restart, err := s.el.Services.PrepareRestart(snmpmib.Module.Service); err == nil {
			restart()
			return
		}
	}
}
