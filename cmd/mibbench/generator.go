package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
)

// patience is how long an answer may take before its request counts as lost.
const patience = time.Second

// generator asks one agent. It sends and receives many datagrams with one
// system call each, so that it is not what is measured.
type generator struct {
	conn *net.UDPConn
	fd   int
	in   []mmsghdr
	out  []mmsghdr
	iov  []unix.Iovec
	bufs [][]byte
}

// mmsghdr is struct mmsghdr.
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// newGenerator makes one that keeps outstanding requests under way.
func newGenerator(port uint16, outstanding int) (*generator, error) {
	conn, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(port)})
	if err != nil {
		return nil, err
	}
	g := &generator{
		conn: conn, in: make([]mmsghdr, outstanding), out: make([]mmsghdr, outstanding),
		iov: make([]unix.Iovec, 2*outstanding), bufs: make([][]byte, outstanding),
	}
	raw, err := conn.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			g.fd = int(fd)
			_ = unix.SetsockoptInt(g.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<20)
		})
	}
	if err == nil {
		err = unix.SetNonblock(g.fd, false)
	}
	if err == nil {
		wait := unix.NsecToTimeval(int64(patience))
		err = unix.SetsockoptTimeval(g.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait)
	}
	for i := range g.bufs {
		g.bufs[i] = make([]byte, 65536)
		iov := &g.iov[i]
		iov.Base = &g.bufs[i][0]
		iov.SetLen(len(g.bufs[i]))
		g.in[i].hdr.Iov = iov
		g.in[i].hdr.SetIovlen(1)
		g.out[i].hdr.Iov = &g.iov[outstanding+i]
		g.out[i].hdr.SetIovlen(1)
	}
	return g, err
}

func (g *generator) close() { _ = g.conn.Close() }

// errSilence is an answer that does not come.
var errSilence = errors.New("no answer")

func (g *generator) mmsg(call uintptr, hs []mmsghdr, flags int) (int, error) {
	for {
		n, _, errno := syscall.Syscall6(call, uintptr(g.fd), uintptr(unsafe.Pointer(&hs[0])), uintptr(len(hs)), uintptr(flags), 0, 0)
		switch errno {
		case 0:
			return int(n), nil //nolint:gosec // at most len(hs)
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, errSilence
		default:
			return 0, os.NewSyscallError("mmsg", errno)
		}
	}
}

// ask sends one request and waits for its answer, which is valid until the
// next. Answers to others, which came too late for those, are left out: to
// whoever is about to learn an engine ID they are from an unknown engine.
func (g *generator) ask(packet []byte) ([]byte, error) {
	if err := g.send([][]byte{packet}); err != nil {
		return nil, err
	}
	for began := time.Now(); time.Since(began) < patience; {
		if _, err := g.mmsg(unix.SYS_RECVMMSG, g.in[:1], 0); err != nil {
			return nil, err
		}
		if answer := g.bufs[0][:g.in[0].len]; idOf(answer) == idOf(packet) {
			return answer, nil
		}
	}
	return nil, errSilence
}

func (g *generator) send(packets [][]byte) error {
	for i, p := range packets {
		iov := g.out[i].hdr.Iov
		iov.Base = &p[0]
		iov.SetLen(len(p))
	}
	for out := g.out[:len(packets)]; len(out) > 0; {
		n, err := g.mmsg(unix.SYS_SENDMMSG, out, 0)
		if err != nil {
			return err
		}
		out = out[n:]
	}
	return nil
}

// sample is what a pass came to.
type sample struct {
	answered, lost int
	octets         int // of all answers
	cpu, wall      time.Duration
	times          []time.Duration // sorted
}

// load is what one turn asks.
type load struct {
	pid         int
	packets     [][]byte // the one with number i has the id firstID+i
	outstanding int
	turn        time.Duration
	check       func(answer []byte) error // sees every 64th answer
}

// turn is a load under way.
type turn struct {
	g    *generator
	load *load
	s    sample
	sent []time.Time // zero: not under way
	next int
	free int
	ring [][]byte
}

// pass asks for one turn. The processor time of the agent is taken.
func (g *generator) pass(l load) (sample, error) {
	if l.outstanding > len(g.out) || l.outstanding >= len(l.packets) {
		return sample{}, errors.New("more outstanding than there are requests")
	}
	t := &turn{g: g, load: &l, sent: make([]time.Time, len(l.packets)), free: l.outstanding, ring: make([][]byte, 0, l.outstanding)}
	t.s.times = make([]time.Duration, 0, 1<<18)
	before, err := cpuOf(l.pid)
	if err != nil {
		return t.s, err
	}
	began := time.Now()
	for now := began; now.Sub(began) < l.turn; {
		if now, err = t.step(now); err != nil {
			return t.s, err
		}
	}
	t.s.wall = time.Since(began)
	after, err := cpuOf(l.pid)
	t.s.cpu = after - before
	g.drain(l.outstanding - t.free)
	slices.Sort(t.s.times)
	return t.s, err
}

// step fills up what is under way and takes the answers that are there, or
// waits for one.
func (t *turn) step(now time.Time) (time.Time, error) {
	for t.ring = t.ring[:0]; t.free > 0; t.free-- {
		t.sent[t.next] = now
		t.ring = append(t.ring, t.load.packets[t.next])
		t.next = (t.next + 1) % len(t.load.packets)
	}
	if err := t.g.send(t.ring); err != nil {
		return now, err
	}
	n, err := t.g.mmsg(unix.SYS_RECVMMSG, t.g.in[:t.load.outstanding], unix.MSG_WAITFORONE)
	now = time.Now()
	if errors.Is(err, errSilence) {
		t.s.lost += t.load.outstanding - t.free
		t.free = t.load.outstanding
		clear(t.sent)
		return now, nil
	}
	for i := range n {
		if err := t.take(t.g.bufs[i][:t.g.in[i].len], now); err != nil {
			return now, err
		}
	}
	return now, err
}

// take takes one answer.
func (t *turn) take(answer []byte, now time.Time) error {
	id := int(idOf(answer) - firstID)
	if id < 0 || id >= len(t.sent) || t.sent[id].IsZero() {
		return nil // one that was given up
	}
	t.s.times = append(t.s.times, now.Sub(t.sent[id]))
	t.sent[id] = time.Time{}
	t.s.answered++
	t.s.octets += len(answer)
	t.free++
	if t.s.answered%64 != 1 {
		return nil
	}
	if err := t.load.check(answer); err != nil {
		return fmt.Errorf("a wrong answer under load: %w", err)
	}
	return nil
}

// drain takes the answers to what is under way; it gives up those that do not
// come in time.
func (g *generator) drain(underWay int) {
	for underWay > 0 {
		n, err := g.mmsg(unix.SYS_RECVMMSG, g.in, unix.MSG_WAITFORONE)
		if err != nil {
			return
		}
		underWay -= n
	}
}

// idOf is the request-id of a message, and of v3 the msgID, which is in the
// clear; -1 when it has none.
func idOf(packet []byte) int32 {
	body, _, err := ber.Expect(packet, ber.Sequence)
	if err != nil {
		return -1
	}
	version, body, err := ber.ReadInt32(body)
	if err != nil {
		return -1
	}
	if message.Version(version) != message.V3 {
		if _, body, err = ber.Expect(body, ber.OctetString); err != nil {
			return -1
		}
	}
	inner, _, err := ber.Next(body)
	if err != nil {
		return -1
	}
	id, _, err := ber.ReadInt32(inner.Content)
	if err != nil {
		return -1
	}
	return id
}
