package host

import (
	"encoding/binary"
	"net"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Attributes of a link, linux/if_link.h; package syscall has only the old ones.
const (
	attrAddress   = 1
	attrName      = 3
	attrMTU       = 4
	attrLink      = 5
	attrMaster    = 10
	attrOperState = 16
	attrLinkInfo  = 18
	attrAlias     = 20
	attrStats64   = 23
	attrPromisc   = 30
	attrLinkNetNS = 37

	attrInfoKind = 1 // within attrLinkInfo

	attrType = 0x3fff // without the flags NLA_F_NESTED and NLA_F_NET_BYTEORDER
)

// operStates are IF_OPER_… of linux/if.h as State; the first is no state.
var operStates = [...]State{Unknown, NotPresent, Down, LowerLayerDown, Testing, Dormant, Up}

// readLinks asks the kernel for interfaces and addresses.
func (h *Host) readLinks() ([]Interface, []Address, error) {
	links, err := request(syscall.RTM_GETLINK)
	if err != nil {
		return nil, nil, err
	}
	addresses, err := request(syscall.RTM_GETADDR)
	if err != nil {
		return nil, nil, err
	}
	interfaces := parseLinks(links)
	for i := range interfaces {
		h.device(&interfaces[i])
	}
	return interfaces, parseAddresses(addresses), nil
}

// dumpTries bounds how often a dump is asked for that something came between.
const dumpTries = 3

// request dumps what the kernel has of one kind (rtnetlink(7)). A dump that the
// kernel says something came between, so that parts may be missing, is asked for
// again.
func request(kind int) ([]syscall.NetlinkMessage, error) {
	return whole(func() ([]byte, error) { return syscall.NetlinkRIB(kind, syscall.AF_UNSPEC) })
}

func whole(dump func() ([]byte, error)) ([]syscall.NetlinkMessage, error) {
	var messages []syscall.NetlinkMessage
	for range dumpTries {
		b, err := dump()
		if err != nil {
			return nil, err
		}
		messages, err = syscall.ParseNetlinkMessage(b)
		if err != nil || !slices.ContainsFunc(messages, interrupted) {
			return messages, err
		}
	}
	return messages, nil // what there is
}

func interrupted(m syscall.NetlinkMessage) bool { return m.Header.Flags&unix.NLM_F_DUMP_INTR != 0 }

// parseLinks reads messages of this form:
//
//	struct ifinfomsg: family, pad (1 octet each), type (2), index, flags, change (4 each)
//	attributes: length, type (2 each), value, padding to 4
func parseLinks(messages []syscall.NetlinkMessage) []Interface {
	var out []Interface
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != syscall.RTM_NEWLINK || len(m.Data) < syscall.SizeofIfInfomsg {
			continue
		}
		link := Interface{
			Hardware: binary.NativeEndian.Uint16(m.Data[2:]),
			Index:    int(int32(binary.NativeEndian.Uint32(m.Data[4:]))), //nolint:gosec // the kernel's type
			Flags:    binary.NativeEndian.Uint32(m.Data[8:]),
		}
		for typ, value := range attributes(m.Data[syscall.SizeofIfInfomsg:]) {
			link.take(typ, value)
		}
		link.settle()
		if link.Index > 0 && link.Name != "" {
			out = append(out, link)
		}
	}
	return out
}

// attributes yields type and value of each, as far as they are whole.
func attributes(b []byte) func(yield func(typ uint16, value []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(b) >= syscall.SizeofRtAttr {
			size := int(binary.NativeEndian.Uint16(b))
			if size < syscall.SizeofRtAttr || size > len(b) {
				return
			}
			if !yield(binary.NativeEndian.Uint16(b[2:])&attrType, b[syscall.SizeofRtAttr:size]) {
				return
			}
			b = b[min((size+3)&^3, len(b)):]
		}
	}
}

func (i *Interface) take(typ uint16, value []byte) {
	switch typ {
	case attrAddress:
		i.Address = net.HardwareAddr(append([]byte(nil), value...))
	case attrName:
		i.Name = text(value)
	case attrMTU:
		i.MTU = int(number32(value))
	case attrLink:
		i.Below = int(int32(number32(value))) //nolint:gosec // the kernel's type
	case attrMaster:
		i.Above = int(int32(number32(value))) //nolint:gosec // the kernel's type
	case attrLinkNetNS:
		i.elsewhere = true
	case attrOperState:
		if len(value) > 0 && int(value[0]) < len(operStates) {
			i.State = operStates[value[0]]
		}
	case attrLinkInfo:
		i.Kind = kind(value)
	case attrAlias:
		i.Alias = text(value)
	case attrPromisc:
		i.Promisc = number32(value) > 0
	case attrStats64:
		i.Counters.take(value)
	}
}

// kind is the kind of a link, which is nested.
func kind(b []byte) string {
	for typ, value := range attributes(b) {
		if typ == attrInfoKind {
			return text(value)
		}
	}
	return ""
}

// settle completes the state: drivers without one of their own have unknown,
// and tell by the flags.
func (i *Interface) settle() {
	if i.State == 0 {
		i.State = Unknown
	}
	if i.elsewhere || cables[i.Kind] {
		i.Below = 0
	}
	switch {
	case !i.AdminUp() && i.State != NotPresent:
		i.State = Down
	case i.State == Unknown && i.Flags&flagRunning != 0:
		i.State = Up
	case i.State == Unknown:
		i.State = Down
	}
	i.Promisc = i.Promisc || i.Flags&flagPromisc != 0
	if i.Loopback() || allZero(i.Address) {
		i.Address = nil
	}
}

// cables are the kinds of which the kernel gives as IFLA_LINK the other end.
var cables = map[string]bool{"veth": true, "netkit": true, "vxcan": true}

// take reads struct rtnl_link_stats64 of linux/if_link.h: 64-bit numbers. What
// the kernel is too old to have stays 0.
func (c *Counters) take(b []byte) {
	at := func(i int) uint64 {
		if len(b) < 8*(i+1) {
			return 0
		}
		return binary.NativeEndian.Uint64(b[8*i:])
	}
	c.InPackets, c.OutPackets = at(0), at(1)
	c.InOctets, c.OutOctets = at(2), at(3)
	c.InErrors, c.OutErrors = at(4), at(5)
	c.InDropped, c.OutDropped = at(6)+at(15), at(7) // dropped and missed, as in /proc/net/dev
	c.InMulticast = at(8)
	c.InUnwanted = at(23)
}

// device adds what only /sys knows.
func (h *Host) device(i *Interface) {
	i.Device = h.exists("sys/class/net", i.Name, "device")
	if i.AdminUp() && !i.Loopback() { // of others the kernel gives an error
		i.Megabits = max(h.number("sys/class/net", i.Name, "speed"), 0)
	}
}

// text is a string that ends with a zero octet.
func text(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}

func number32(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(b)
}

func allZero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
