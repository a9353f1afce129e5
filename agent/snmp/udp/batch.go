package udp

import (
	"net/netip"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Datagram is one datagram that was received, and the answer to it.
type Datagram struct {
	// Buffer is where datagrams are received; what is longer is cut.
	Buffer []byte
	// Size is how many octets came, and one more than the buffer has when the
	// datagram was cut.
	Size int
	// Answer is sent to where the datagram came from; nil: none.
	Answer []byte

	name    unix.RawSockaddrInet6 // of the sender; IPv4 lies in its front
	nameLen uint32
	oob     [64]byte
	control []byte // sends the answer from the address that was asked
	in      unix.Iovec
}

// header is struct mmsghdr.
type header struct {
	hdr unix.Msghdr
	len uint32
}

// Batch is the memory for datagrams that are received, and answered, with one
// system call.
type Batch struct {
	Datagrams []*Datagram
	in        []header
	out       outgoing

	n     int // what the last take has taken
	errno syscall.Errno
	take  func(fd uintptr) bool // of the batch: a closure for each wait would be garbage
}

// NewBatch makes a batch of datagrams, which have their buffers.
func NewBatch(datagrams []*Datagram) *Batch {
	b := &Batch{Datagrams: datagrams, in: make([]header, len(datagrams)), out: newOutgoing(len(datagrams))}
	b.take = func(fd uintptr) bool {
		b.n, b.errno = mmsg(unix.SYS_RECVMMSG, fd, b.in)
		return b.errno != unix.EAGAIN
	}
	return b
}

// Receive waits for datagrams and takes those that are there. Answers are
// cleared. Once the socket is stopped it returns at once, with datagrams or
// without.
func (s *Socket) Receive(b *Batch) (n int, err error) {
	for i, d := range b.Datagrams {
		b.prepare(i, d)
	}
	switch err := s.raw.Read(b.take); {
	case err == nil:
	case stopped(err):
		return 0, nil
	default:
		return 0, err
	}
	if b.errno != 0 {
		return 0, b.errno
	}
	for i, d := range b.Datagrams[:b.n] {
		s.received(d, &b.in[i])
	}
	return b.n, nil
}

func (b *Batch) prepare(i int, d *Datagram) {
	d.Answer = nil
	d.in.Base = unsafe.SliceData(d.Buffer)
	d.in.SetLen(len(d.Buffer))
	h := &b.in[i].hdr
	h.Name, h.Namelen = (*byte)(unsafe.Pointer(&d.name)), unix.SizeofSockaddrInet6
	h.Iov = &d.in
	h.SetIovlen(1)
	h.Control = &d.oob[0]
	h.SetControllen(len(d.oob))
	h.Flags = 0
}

func (s *Socket) received(d *Datagram, h *header) {
	d.Size, d.nameLen = int(h.len), h.hdr.Namelen
	if h.hdr.Flags&unix.MSG_TRUNC != 0 {
		d.Size = len(d.Buffer) + 1
	}
	d.control = d.control[:0]
	if s.wildcard {
		d.control = answerFrom(d.control, d.oob[:min(len(d.oob), int(h.hdr.Controllen))]) //nolint:gosec // set by the kernel to at most len(oob)
	}
}

// From is the sender; an IPv4 address is one.
func (d *Datagram) From() netip.AddrPort {
	switch d.name.Family {
	case unix.AF_INET:
		n := (*unix.RawSockaddrInet4)(unsafe.Pointer(&d.name))
		return netip.AddrPortFrom(netip.AddrFrom4(n.Addr), ntohs(n.Port))
	case unix.AF_INET6:
		return netip.AddrPortFrom(scoped(netip.AddrFrom16(d.name.Addr).Unmap(), d.name.Scope_id), ntohs(d.name.Port))
	}
	return netip.AddrPort{}
}

func ntohs(n uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&n))
	return uint16(b[0])<<8 | uint16(b[1])
}

// scoped names the interface of a link-local address, by its number.
func scoped(a netip.Addr, zone uint32) netip.Addr {
	if zone == 0 {
		return a
	}
	return a.WithZone(strconv.FormatUint(uint64(zone), 10))
}

// mmsg is recvmmsg(2) or sendmmsg(2), repeated when a signal interrupts it. It
// never waits, and so need not tell the scheduler, which costs more than the call.
func mmsg(call, fd uintptr, hs []header) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall6(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(hs))), uintptr(len(hs)), unix.MSG_DONTWAIT, 0, 0)
		if errno != unix.EINTR {
			return int(n), errno //nolint:gosec // at most len(hs)
		}
	}
}
