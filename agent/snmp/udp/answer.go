package udp

import (
	"bytes"
	"encoding/binary"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What may go through the stack as one: the kernel cuts it up last of all
// (UDP_SEGMENT, udp(7)). All segments but the last are equally long, and none
// may need fragments on an Ethernet.
const (
	maxSegment  = 1452
	maxSegments = 64
	maxTogether = 60000
)

// drainTime is how many milliseconds an answer waits for a full queue.
const drainTime = 100

// outgoing is memory for answers that are being sent.
type outgoing struct {
	headers  []header
	runs     []run // of each header
	iovecs   []unix.Iovec
	controls [][128]byte
	waiting  []*Datagram // those with an answer
}

// run is what one header sends: several answers to one peer, or one.
type run []*Datagram

func newOutgoing(n int) outgoing {
	return outgoing{
		headers: make([]header, 0, n), runs: make([]run, 0, n), iovecs: make([]unix.Iovec, 0, n),
		controls: make([][128]byte, n), waiting: make([]*Datagram, 0, n),
	}
}

// Answer sends the answers of the first n datagrams. What cannot be sent is
// lost, as any datagram may be. Answers to one peer need not go in the order
// of the requests: long ones go first, so that more of them go together.
func (s *Socket) Answer(b *Batch, n int) {
	o := &b.out
	o.waiting = o.waiting[:0]
	for _, d := range b.Datagrams[:n] {
		if d.Answer != nil {
			o.waiting = append(o.waiting, d)
		}
	}
	s.send(o, o.waiting, !s.single.Load())
}

// AnswerOne sends the answer of one datagram.
func (s *Socket) AnswerOne(d *Datagram) {
	if d.Answer != nil {
		o := newOutgoing(1)
		s.send(&o, append(o.waiting, d), false)
	}
}

// send sends ds, in runs when together is set.
func (s *Socket) send(o *outgoing, ds []*Datagram, together bool) {
	if len(ds) == 0 {
		return
	}
	o.headers, o.runs, o.iovecs = o.headers[:0], o.runs[:0], o.iovecs[:0]
	for len(ds) > 0 {
		n := 1
		if together {
			n = gather(ds)
		}
		o.add(ds[:n])
		ds = ds[n:]
	}
	if failed := s.transmit(o); len(failed) > 0 {
		s.send(o, failed, false)
	}
}

// transmit sends what is in o. It returns the answers of runs that the host
// does not send as such.
func (s *Socket) transmit(o *outgoing) (failed []*Datagram) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for at := 0; at < len(o.headers) && !s.closed; {
		sent, errno := mmsg(unix.SYS_SENDMMSG, s.fd, o.headers[at:])
		if errno == unix.EAGAIN && s.drained() {
			continue
		}
		if errno != 0 || sent == 0 {
			if len(o.runs[at]) > 1 {
				failed = append(failed, o.runs[at]...)
				s.refused(errno)
			}
			sent = 1
		}
		at += sent
	}
	return failed
}

// drained waits until the host takes datagrams again: its queue was full.
func (s *Socket) drained() bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLOUT}}, drainTime) //nolint:gosec // a descriptor
	return n == 1 && err == nil
}

// refused remembers that the host, or the way to a peer, has no use for runs.
func (s *Socket) refused(errno syscall.Errno) {
	switch errno {
	case unix.EINVAL, unix.EIO, unix.EMSGSIZE, unix.EOPNOTSUPP:
		s.single.Store(true)
	}
}

// gather brings the answers that can go with the first one to the front of ds
// and counts them.
func gather(ds []*Datagram) int {
	peers := 1
	for i := 1; i < len(ds); i++ {
		if ds[i].samePeer(ds[0]) {
			ds[i], ds[peers] = ds[peers], ds[i]
			peers++
		}
	}
	if peers == 1 {
		return 1
	}
	same := ds[:peers]
	slices.SortFunc(same, func(a, b *Datagram) int { return len(b.Answer) - len(a.Answer) })
	size := len(same[0].Answer)
	if size > maxSegment {
		return 1
	}
	n, total := 1, size
	for n < peers && n < maxSegments && total+size <= maxTogether {
		next := len(same[n].Answer)
		if next == 0 {
			break
		}
		n, total = n+1, total+next
		if next < size { // the last one
			break
		}
	}
	return n
}

func (d *Datagram) samePeer(e *Datagram) bool {
	return d.name == e.name && bytes.Equal(d.control, e.control)
}

// add makes a header of a run.
func (o *outgoing) add(r run) {
	at, first := len(o.headers), len(o.iovecs)
	o.headers, o.runs = append(o.headers, header{}), append(o.runs, r)
	for _, d := range r {
		v := unix.Iovec{Base: unsafe.SliceData(d.Answer)}
		v.SetLen(len(d.Answer))
		o.iovecs = append(o.iovecs, v)
	}
	control := r[0].control
	if len(r) > 1 {
		control = appendSegment(append(o.controls[at][:0], control...), len(r[0].Answer))
	}
	h := &o.headers[at].hdr
	h.Name, h.Namelen = (*byte)(unsafe.Pointer(&r[0].name)), r[0].nameLen
	h.Iov = &o.iovecs[first]
	h.SetIovlen(len(r))
	h.Control = unsafe.SliceData(control)
	h.SetControllen(len(control))
}

// appendSegment adds the control message that tells the length of a segment.
func appendSegment(dst []byte, size int) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, (cmsgData+2+cmsgLevel-1)/cmsgLevel*cmsgLevel)...)
	m, ne := dst[at:], binary.NativeEndian
	if cmsgLevel == 4 {
		ne.PutUint32(m, uint32(cmsgData+2))
	} else {
		ne.PutUint64(m, uint64(cmsgData+2))
	}
	ne.PutUint32(m[cmsgLevel:], unix.SOL_UDP)
	ne.PutUint32(m[cmsgType:], unix.UDP_SEGMENT)
	ne.PutUint16(m[cmsgData:], uint16(size)) //nolint:gosec // at most maxSegment
	return dst
}
