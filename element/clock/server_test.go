package clock

import (
	"encoding/binary"
	"net"
	"sync"
	"testing"
	"time"
)

// reply is how the test's SNTP server answers.
type reply struct {
	offset  time.Duration // its clock minus the host's
	stratum byte          // 0 for a kiss-o'-death with code
	code    string
	leap    byte // 3 is unsynchronized
	mode    byte // 4 is server
	silent  bool
	forged  bool // answers with another origin timestamp
	old     bool // its reference time is two days old
	short   bool
}

var good = reply{stratum: 1, mode: 4}

// sntpServer is an SNTP server on loopback whose answers a test chooses.
type sntpServer struct {
	addr string
	mu   sync.Mutex
	now  reply
	from []string // source address of each request
	got  chan struct{}
}

func startServer(t *testing.T, r reply) *sntpServer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &sntpServer{addr: conn.LocalAddr().String(), now: r, got: make(chan struct{}, 1000)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve(conn)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return s
}

func (s *sntpServer) set(r reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = r
}

func (s *sntpServer) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.from...)
}

func (s *sntpServer) serve(conn *net.UDPConn) {
	buf := make([]byte, 512)
	for {
		n, peer, err := conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		r := s.now
		s.from = append(s.from, peer.String())
		s.mu.Unlock()
		select {
		case s.got <- struct{}{}:
		default:
		}
		if n < 48 || r.silent {
			continue
		}
		if _, err := conn.WriteToUDP(r.packet(buf[:48], time.Now()), peer); err != nil {
			return
		}
	}
}

// packet is the answer to a request (RFC 5905 §7.3):
//
//	LI VN Mode | Stratum | Poll | Precision | root delay, dispersion | ref ID | four timestamps
func (r reply) packet(request []byte, now time.Time) []byte {
	out := make([]byte, 48)
	out[0] = r.leap<<6 | 4<<3 | r.mode
	out[1], out[2], out[3] = r.stratum, 6, 0xec
	copy(out[12:16], r.code)
	at := now.Add(r.offset)
	ref := at.Add(-time.Second)
	if r.old {
		ref = at.Add(-48 * time.Hour)
	}
	putTimestamp(out[16:], ref)
	copy(out[24:32], request[40:48])
	if r.forged {
		out[31]++
	}
	putTimestamp(out[32:], at)
	putTimestamp(out[40:], at)
	if r.short {
		return out[:40]
	}
	return out
}

func putTimestamp(b []byte, t time.Time) {
	const unixEpoch = 2208988800 // seconds from 1900 to 1970
	binary.BigEndian.PutUint32(b, uint32(t.Unix()+unixEpoch))
	binary.BigEndian.PutUint32(b[4:], uint32(uint64(t.Nanosecond())<<32/1e9))
}
