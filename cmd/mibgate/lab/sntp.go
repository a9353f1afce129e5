package lab

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"time"
)

// sntpServer answers SNTP requests (RFC 4330) with the host's time.
type sntpServer struct {
	conn net.PacketConn
	wg   sync.WaitGroup
}

const ntpSize = 48

func startSNTP(port *uint16) (*sntpServer, error) {
	if err := freePort(port); err != nil {
		return nil, err
	}
	conn, err := net.ListenPacket("udp4", at(*port).String())
	if err != nil {
		return nil, fmt.Errorf("lab: SNTP: %w", err)
	}
	s := &sntpServer{conn: conn}
	s.wg.Go(s.serve)
	return s, nil
}

func (s *sntpServer) serve() {
	buf := make([]byte, 512)
	for {
		n, from, err := s.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if n < ntpSize || buf[0]&7 != 3 { // mode 3: client
			continue
		}
		_, _ = s.conn.WriteTo(answer(buf[:ntpSize], time.Now()), from)
	}
}

// answer is the reply to a request that came at now (RFC 4330 §5).
func answer(request []byte, now time.Time) []byte {
	r := make([]byte, ntpSize)
	r[0] = request[0]&0x38 | 4 // no leap warning, the client's version, mode 4: server
	r[1] = 1                   // stratum: primary
	r[2] = request[2]          // poll
	r[3] = 0xec                // precision: 2^-20 s
	copy(r[12:16], "LOCL")
	stamp := ntpTime(now)
	binary.BigEndian.PutUint64(r[16:], stamp)
	copy(r[24:32], request[40:48]) // originate: the client's transmit
	binary.BigEndian.PutUint64(r[32:], stamp)
	binary.BigEndian.PutUint64(r[40:], ntpTime(time.Now()))
	return r
}

// ntpTime is 32 bits of seconds since 1900 and 32 bits of fraction.
func ntpTime(t time.Time) uint64 {
	const from1900 = 2208988800
	return uint64(t.Unix()+from1900)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second) //nolint:gosec // eras wrap, as the format does
}

func (s *sntpServer) close() {
	_ = s.conn.Close()
	s.wg.Wait()
}
