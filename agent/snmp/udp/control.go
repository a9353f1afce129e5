package udp

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Layout of a control message: struct cmsghdr, then in_pktinfo or in6_pktinfo.
const (
	cmsgLevel = int(unsafe.Sizeof(uintptr(0))) // cmsg_len is a size_t
	cmsgType  = cmsgLevel + 4
	cmsgData  = cmsgLevel + 8
	infoSize4 = 12 // ipi_ifindex, ipi_spec_dst, ipi_addr
	infoSize6 = 20 // ipi6_addr, ipi6_ifindex
)

// answerFrom makes the control message that sends the answer from the address
// that the request went to; nothing when oob does not tell it.
func answerFrom(dst, oob []byte) []byte {
	if len(oob) < cmsgData {
		return dst
	}
	size := int(length(oob)) //nolint:gosec // compared below
	level := int(binary.NativeEndian.Uint32(oob[cmsgLevel:]))
	kind := int(binary.NativeEndian.Uint32(oob[cmsgType:]))
	if size < cmsgData || size > len(oob) {
		return dst
	}
	data := oob[cmsgData:size]
	switch {
	case level == unix.IPPROTO_IP && kind == unix.IP_PKTINFO && len(data) >= infoSize4:
		dst = append(dst, oob[:cmsgData+infoSize4]...)
		info := dst[len(dst)-infoSize4:]
		clear(info[:4]) // let routing choose the interface
		clear(info[8:])
	case level == unix.IPPROTO_IPV6 && kind == unix.IPV6_PKTINFO && len(data) >= infoSize6:
		// The interface stays: a link-local address means nothing without it.
		dst = append(dst, oob[:cmsgData+infoSize6]...)
		if address := dst[len(dst)-infoSize6:][:16]; address[0] == 0xff { // of a group: no host's
			clear(address)
		}
	}
	for len(dst)%cmsgLevel != 0 {
		dst = append(dst, 0)
	}
	return dst
}

func length(oob []byte) uint64 {
	if cmsgLevel == 4 {
		return uint64(binary.NativeEndian.Uint32(oob))
	}
	return binary.NativeEndian.Uint64(oob)
}
