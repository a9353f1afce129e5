package notifier

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// word is what a host told of a datagram of ours: ours too, when nobody
// answers for the address of the next one on the way.
type word struct {
	err error
	// of is how the datagram begins, as far as it was quoted.
	of []byte
}

// maxQuote is how much of a datagram is compared with a quotation: an ICMP
// error has 576 octets at most (RFC 1812 §4.3.2.3).
const maxQuote = 548

// words are those that the worker has not heard yet.
type words struct {
	news chan struct{} // has a token when there may be some

	mu   sync.Mutex
	list []word
}

func newWords() words { return words{news: make(chan struct{}, 1)} }

// take takes all of them.
func (x *words) take() []word {
	x.mu.Lock()
	defer x.mu.Unlock()
	list := x.list
	x.list = nil
	return list
}

// collect takes the words off a socket. Worker and reader both do, whoever is
// told first that there are any.
func (x *words) collect(conn *net.UDPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	// Control, unlike Read, does not wait for a reader to end.
	_ = raw.Control(func(fd uintptr) {
		for len(x.list) < 2*queueDepth {
			w, ok := readError(int(fd))
			if !ok {
				return
			}
			if w.err != nil {
				w.err = fmt.Errorf("%s: %w", conn.RemoteAddr(), w.err)
				x.list = append(x.list, w)
			}
		}
	})
	if len(x.list) > 0 {
		select {
		case x.news <- struct{}{}:
		default:
		}
	}
}

// hearErrors has a socket keep what hosts say of its datagrams. Without, a UDP
// socket of Linux is told neither of a host nor of a network that cannot be
// reached (ip(7), IP_RECVERR).
func hearErrors(conn *net.UDPConn, v4 bool) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	level, option := unix.IPPROTO_IPV6, unix.IPV6_RECVERR
	if v4 {
		level, option = unix.IPPROTO_IP, unix.IP_RECVERR
	}
	var set error
	if err := raw.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), level, option, 1) }); err != nil {
		return err
	}
	return set
}

// readError takes the next word off the error queue of a socket; ok is false
// when there is none. What the kernel told the sender itself has no err.
func readError(fd int) (w word, ok bool) {
	var quote [maxQuote]byte
	var oob [256]byte
	n, size, _, _, err := unix.Recvmsg(fd, quote[:], oob[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if err != nil {
		return word{}, false
	}
	w.of = bytes.Clone(quote[:n])
	control, err := unix.ParseSocketControlMessage(oob[:size])
	if err != nil {
		return w, true
	}
	for _, c := range control {
		is := c.Header.Level == unix.IPPROTO_IP && c.Header.Type == unix.IP_RECVERR ||
			c.Header.Level == unix.IPPROTO_IPV6 && c.Header.Type == unix.IPV6_RECVERR
		// struct sock_extended_err begins with ee_errno and ee_origin.
		if is && len(c.Data) >= 5 && c.Data[4] != unix.SO_EE_ORIGIN_LOCAL {
			w.err = syscall.Errno(binary.NativeEndian.Uint32(c.Data))
		}
	}
	return w, true
}

// departed is a trap that has gone out, and may be told of yet.
type departed struct {
	it    *item
	s     *settings
	begin []byte // as in word.of
	at    time.Time
}

// departures are the last ones, the oldest first.
type departures []departed

// add puts one more there, and forgets those that nobody will tell of any more.
func (d *departures) add(it *item, s *settings, out []byte, sure time.Duration) {
	now, old := time.Now(), 0
	for old < len(*d) && (now.Sub((*d)[old].at) > sure || len(*d)-old >= queueDepth || (*d)[old].s.Dest != s.Dest) {
		old++
	}
	clear((*d)[:old])
	*d = append((*d)[old:], departed{it, s, bytes.Clone(out[:min(len(out), maxQuote)]), now})
}

// take takes the one that a word is of, and those that went out after it where they
// are wanted. A quotation may be too short to tell: then it is the oldest.
func (d *departures) take(w word, later bool) []departed {
	i := slices.IndexFunc(*d, func(x departed) bool { return bytes.HasPrefix(x.begin, w.of) })
	if i < 0 {
		return nil
	}
	end := i + 1
	if later {
		end = len(*d)
	}
	out := slices.Clone((*d)[i:end])
	*d = slices.Delete(*d, i, end)
	return out
}
