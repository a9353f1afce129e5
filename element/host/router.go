package host

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Router is the gateway of a default route.
type Router struct {
	Addr      netip.Addr // with zone as that of Address
	Interface int
	Lifetime  time.Duration // that it is still of use; 0: without end
	// Preference is what the router advertises (RFC 4191), in the numbers of
	// ipDefaultRouterPreference: 1 is high, 0 medium, -1 low.
	Preference int
}

// Attributes of a route and other numbers of linux/rtnetlink.h.
const (
	attrRouteOut       = 4
	attrRouteGateway   = 5
	attrRouteMultipath = 9
	attrRouteCache     = 12
	attrRouteTable     = 15
	attrRouteVia       = 18
	attrRoutePref      = 20

	routeMain    = 254   // table
	routeUnicast = 1     // type
	routeCloned  = 0x200 // flag: it is no route, but was made of one

	sizeofNextHop = 8
)

// preferences are the two bits of RFC 4191 §2.1; the kernel takes reserved for
// medium.
var preferences = map[byte]int{1: 1, 3: -1}

// Routers are those of default routes at one moment. It never changes.
type Routers struct {
	List []Router // by Addr and Interface
}

// readRouters asks the kernel for routes, of which there may be many: nobody but
// who asks for routers pays for them.
func (h *Host) readRouters() *Routers {
	r := &Routers{}
	if messages, err := request(syscall.RTM_GETROUTE); err == nil {
		r.List = parseRouters(messages)
	}
	return r
}

// parseRouters reads messages of this form, of which it wants the routes of the
// main table with a destination of no bits:
//
//	struct rtmsg: family, destination bits, source bits, tos, table, protocol, scope, type (1 octet each), flags (4)
//	attributes as of links
func parseRouters(messages []syscall.NetlinkMessage) []Router {
	var out []Router
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != syscall.RTM_NEWROUTE || len(m.Data) < syscall.SizeofRtMsg {
			continue
		}
		b := m.Data
		flags := binary.NativeEndian.Uint32(b[8:])
		if b[1] == 0 && b[2] == 0 && b[4] == routeMain && b[7] == routeUnicast && flags&routeCloned == 0 {
			out = append(out, parseRoute(b[syscall.SizeofRtMsg:])...)
		}
	}
	slices.SortFunc(out, func(a, b Router) int { return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.Interface, b.Interface)) })
	return slices.CompactFunc(out, func(a, b Router) bool { return a.Addr == b.Addr && a.Interface == b.Interface })
}

// parseRoute lists the routers of one route: several when it has several hops,
// none when it leads straight to a link.
func parseRoute(b []byte) []Router {
	var common Router
	hops := []Router{{}}
	for typ, value := range attributes(b) {
		switch typ {
		case attrRouteTable:
			if number32(value) != routeMain {
				return nil
			}
		case attrRouteCache: // struct rta_cacheinfo: references, last use, expires …
			if len(value) >= 12 {
				common.Lifetime = max(time.Duration(int32(number32(value[8:])))*time.Second/userHZ, 0) //nolint:gosec // the kernel's type
			}
		case attrRoutePref:
			if len(value) > 0 {
				common.Preference = preferences[value[0]]
			}
		case attrRouteMultipath:
			hops = append(hops, parseHops(value)...)
		default:
			hops[0].hop(typ, value)
		}
	}
	var out []Router
	for _, r := range hops {
		if r.Addr.IsValid() && r.Interface > 0 {
			r.Lifetime, r.Preference = common.Lifetime, common.Preference
			out = append(out, r.zoned())
		}
	}
	return out
}

// hop takes an attribute of a hop.
func (r *Router) hop(typ uint16, value []byte) {
	switch typ {
	case attrRouteOut:
		r.Interface = int(int32(number32(value))) //nolint:gosec // the kernel's type
	case attrRouteGateway:
		r.Addr, _ = netip.AddrFromSlice(value)
	case attrRouteVia: // struct rtvia: family (2), address
		if len(value) > 2 {
			r.Addr, _ = netip.AddrFromSlice(value[2:])
		}
	}
}

// parseHops reads hops of this form:
//
//	struct rtnexthop: length (2), flags, hops (1 each), index (4)
//	attributes of the hop
func parseHops(b []byte) []Router {
	var out []Router
	for len(b) >= sizeofNextHop {
		size := int(binary.NativeEndian.Uint16(b))
		if size < sizeofNextHop || size > len(b) {
			break
		}
		r := Router{Interface: int(int32(binary.NativeEndian.Uint32(b[4:])))} //nolint:gosec // the kernel's type
		for typ, value := range attributes(b[sizeofNextHop:size]) {
			r.hop(typ, value)
		}
		out = append(out, r)
		b = b[min((size+3)&^3, len(b)):]
	}
	return out
}

func (r Router) zoned() Router {
	if r.Addr.Is6() && r.Addr.IsLinkLocalUnicast() {
		r.Addr = r.Addr.WithZone(strconv.Itoa(r.Interface))
	}
	return r
}
