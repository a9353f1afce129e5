package netif

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// The BNI names that are not names of host interfaces.
const (
	Loop = "Loop" // 127.0.0.1
	Lan1 = "Lan1" // the interface of the default route
	All  = "All"  // every address; ManagementAddr only
)

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// host is what is asked of the host, replaced in tests.
type host struct {
	routes     string
	interfaces func() ([]net.Interface, error)
	addrs      func(net.Interface) ([]net.Addr, error)
}

var system = host{
	routes:     routeFile,
	interfaces: net.Interfaces,
	addrs:      func(i net.Interface) ([]net.Addr, error) { return i.Addrs() },
}

// Addr is the primary IPv4 address of the interface with a BNI name: the first that is not
// link-local, else the first. Errors: ErrNetworkDown, ErrNoSuchInterface, both wrapped with the name.
func Addr(name string) (netip.Addr, error) { return system.addr(name) }

// ManagementAddr is Addr for a service that may listen on all interfaces: All gives 0.0.0.0.
func ManagementAddr(name string) (netip.Addr, error) {
	if name == All {
		return netip.IPv4Unspecified(), nil
	}
	return system.addr(name)
}

// HostName is the name that the host has for the interface with a BNI name, "eth0" for Lan1 or
// "lo" for Loop. Errors as Addr.
func HostName(name string) (string, error) {
	i, err := system.find(name)
	return i.Name, err
}

// Names are those that ManagementAddr knows now: the BNI names, then those of the
// host's interfaces.
func Names() ([]string, error) { return system.names() }

// MAC is the hardware address of the interface with a BNI name; nil when the interface has none.
// Errors as Addr.
func MAC(name string) (net.HardwareAddr, error) {
	i, err := system.find(name)
	return i.HardwareAddr, err
}

// UnitMAC is the hardware address that stands for the unit: that of Lan1, or else of the first
// other interface that has one; nil on a host without any.
func UnitMAC() net.HardwareAddr { return system.unitMAC() }

func (h host) names() ([]string, error) {
	all, err := h.interfaces()
	if err != nil {
		return nil, fmt.Errorf("interfaces of the host: %w", err)
	}
	names := []string{Loop, Lan1, All}
	for _, i := range all {
		names = append(names, i.Name)
	}
	return names, nil
}

func (h host) addr(name string) (netip.Addr, error) {
	if name == Loop {
		return loopback, nil
	}
	i, err := h.find(name)
	if err != nil {
		return netip.Addr{}, err
	}
	if i.Flags&net.FlagUp == 0 {
		return netip.Addr{}, fmt.Errorf("%s: %w", name, ErrNetworkDown)
	}
	list, err := h.addrs(i)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%s: %w", name, errors.Join(ErrNetworkDown, err))
	}
	if a := primary(list); a.IsValid() {
		return a, nil
	}
	return netip.Addr{}, fmt.Errorf("%s: %w", name, ErrNetworkDown)
}

// primary picks among the addresses of an interface, which the kernel lists primary first.
func primary(list []net.Addr) netip.Addr {
	var linkLocal netip.Addr
	for _, a := range list {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(n.IP)
		if ip = ip.Unmap(); !ok || !ip.Is4() {
			continue
		}
		if !ip.IsLinkLocalUnicast() {
			return ip
		}
		if !linkLocal.IsValid() {
			linkLocal = ip
		}
	}
	return linkLocal
}

// find is the host's interface for a BNI name.
func (h host) find(name string) (net.Interface, error) {
	all, err := h.interfaces()
	if err != nil {
		return net.Interface{}, fmt.Errorf("%s: %w", name, errors.Join(ErrNetworkDown, err))
	}
	match := func(i net.Interface) bool { return i.Name == name }
	missing := ErrNoSuchInterface
	switch name {
	case Loop:
		match = func(i net.Interface) bool { return i.Flags&net.FlagLoopback != 0 }
		missing = ErrNetworkDown
	case Lan1:
		route, err := defaultInterface(h.routes)
		if err != nil {
			return net.Interface{}, fmt.Errorf("%s: %w", name, errors.Join(ErrNetworkDown, err))
		}
		match = func(i net.Interface) bool { return route != "" && i.Name == route }
		missing = ErrNetworkDown
	}
	if i := slices.IndexFunc(all, match); i >= 0 {
		return all[i], nil
	}
	return net.Interface{}, fmt.Errorf("%s: %w", name, missing)
}

func (h host) unitMAC() net.HardwareAddr {
	if i, err := h.find(Lan1); err == nil && len(i.HardwareAddr) > 0 {
		return i.HardwareAddr
	}
	all, err := h.interfaces()
	if err != nil {
		return nil
	}
	for _, i := range all {
		if len(i.HardwareAddr) > 0 && i.Flags&net.FlagLoopback == 0 {
			return i.HardwareAddr
		}
	}
	return nil
}
