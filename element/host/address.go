package host

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"syscall"
)

// Attributes of an address, linux/if_addr.h.
const (
	attrAddr      = 1
	attrLocal     = 2
	attrBroadcast = 4
	attrFlags     = 8
)

// Flags of an address, linux/if_addr.h.
const (
	addrTemporary  = 0x01
	addrOptimistic = 0x04
	addrDADFailed  = 0x08
	addrDeprecated = 0x20
	addrTentative  = 0x40
	addrPermanent  = 0x80
)

// parseAddresses reads messages of this form:
//
//	struct ifaddrmsg: family, prefix length, flags, scope (1 octet each), index (4)
//	attributes as of links
func parseAddresses(messages []syscall.NetlinkMessage) []Address {
	var out []Address
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != syscall.RTM_NEWADDR || len(m.Data) < syscall.SizeofIfAddrmsg {
			continue
		}
		if a, ok := parseAddress(m.Data); ok {
			out = append(out, a)
		}
	}
	return out
}

func parseAddress(b []byte) (Address, bool) {
	a := Address{Bits: int(b[1]), Interface: int(int32(binary.NativeEndian.Uint32(b[4:])))} //nolint:gosec // the kernel's type
	flags := uint32(b[2])
	var local netip.Addr
	for typ, value := range attributes(b[syscall.SizeofIfAddrmsg:]) {
		switch typ {
		case attrAddr:
			a.Addr, _ = netip.AddrFromSlice(value)
		case attrLocal: // of a point-to-point link attrAddr is the other end
			local, _ = netip.AddrFromSlice(value)
		case attrBroadcast:
			a.Broadcast, _ = netip.AddrFromSlice(value)
		case attrFlags:
			flags = number32(value)
		}
	}
	if local.IsValid() && local != a.Addr {
		if a.Addr.BitLen() == local.BitLen() {
			a.Peer = a.Addr
		}
		a.Addr = local
	}
	if !a.Addr.IsValid() || a.Interface <= 0 || a.Bits > a.Addr.BitLen() {
		return a, false
	}
	a.Origin, a.Status = origin(a.Addr, flags), status(flags)
	if a.Addr.Is6() && a.Addr.IsLinkLocalUnicast() {
		a.Addr = a.Addr.WithZone(strconv.Itoa(a.Interface))
	}
	return a, true
}

// origin is told by the life of an address: what was set by hand lasts.
func origin(addr netip.Addr, flags uint32) Origin {
	switch {
	case addr.Is6() && flags&addrTemporary != 0: // of IPv4 the flag means secondary
		return OriginRandom
	case addr.Is6() && addr.IsLinkLocalUnicast():
		return OriginLinkLayer
	case flags&addrPermanent != 0:
		return OriginManual
	case addr.Is4():
		return OriginDHCP
	}
	return OriginLinkLayer
}

func status(flags uint32) AddressStatus {
	switch {
	case flags&addrDADFailed != 0:
		return Duplicate
	case flags&addrOptimistic != 0:
		return Optimistic
	case flags&addrTentative != 0:
		return Tentative
	case flags&addrDeprecated != 0:
		return Deprecated
	}
	return Preferred
}
