package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mibgate/agent/snmp/udp"
	"mibgate/mib"
)

// echoVerb makes this program a server that sends every datagram back: what
// then remains of an answer is what its system calls cost.
const echoVerb = "serve-echo"

// The ways to take and send datagrams, in the order of the report.
const (
	echoNet   = "package net"
	echoOne   = "one at a time"
	echoBatch = "as we do"
)

var echoWays = []string{echoNet, echoOne, echoBatch}

// echoBuffer holds any of the datagrams, echoBatchSize is the agent's.
const (
	echoBuffer    = 2048
	echoBatchSize = 32
)

// serveEcho sends back what comes to addr, in one of the ways.
func serveEcho(way, addr string) error {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	if way == echoNet {
		return echoByNet(at)
	}
	s, err := udp.Listen(at)
	if err != nil {
		return err
	}
	datagrams := make([]*udp.Datagram, 1)
	if way == echoBatch {
		datagrams = make([]*udp.Datagram, echoBatchSize)
	}
	for i := range datagrams {
		datagrams[i] = &udp.Datagram{Buffer: make([]byte, echoBuffer)}
	}
	for b := udp.NewBatch(datagrams); ; {
		n, err := s.Receive(b)
		if err != nil {
			return err
		}
		for _, d := range datagrams[:n] {
			d.Answer = d.Buffer[:min(d.Size, echoBuffer)]
		}
		s.Answer(b, n)
	}
}

func echoByNet(at netip.AddrPort) error {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return err
	}
	for buf := make([]byte, echoBuffer); ; {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err == nil {
			_, err = conn.WriteToUDPAddrPort(buf[:n], from)
		}
		if err != nil {
			return err
		}
	}
}

// echo is one way to echo at one number of requests under way.
type echo struct {
	way         string
	outstanding int
	passes      []sample
}

// measureEcho takes turns of every way, with one request under way and with
// many.
func (b *bench) measureEcho() error {
	dir := filepath.Join(b.dir, "echo")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	packets, err := echoPackets(4 * b.outstanding)
	if err != nil {
		return err
	}
	var servers []*agent
	defer func() {
		for _, a := range servers {
			a.stop()
		}
	}()
	for _, way := range echoWays {
		a, err := newAgent(way, dir, b.apart)
		if err != nil {
			return err
		}
		servers = append(servers, a)
		if err := a.start(self, echoVerb, way, fmt.Sprintf("127.0.0.1:%d", a.port)); err != nil {
			return err
		}
	}
	for _, outstanding := range []int{1, b.outstanding} {
		all := make([]echo, len(servers))
		for pass := range b.passes {
			for i, a := range servers {
				all[i].way, all[i].outstanding = a.kind, outstanding
				s, err := b.echoPass(a, packets, outstanding)
				if err != nil {
					return fmt.Errorf("echo, %s, pass %d: %w", a.kind, pass+1, err)
				}
				all[i].passes = append(all[i].passes, s)
			}
		}
		b.echoes = append(b.echoes, all...)
	}
	return nil
}

func (b *bench) echoPass(a *agent, packets [][]byte, outstanding int) (sample, error) {
	g, err := newGenerator(a.port, outstanding)
	if err != nil {
		return sample{}, err
	}
	defer g.close()
	return g.pass(load{pid: a.pid(), packets: packets, outstanding: outstanding, turn: b.turn, check: func([]byte) error { return nil }})
}

// echoPackets are GETs of one object.
func echoPackets(n int) ([][]byte, error) {
	e, out := &encoder{}, make([][]byte, n)
	for i := range out {
		p, err := e.encode(operations[0], firstID+int32(i), []object{{name: mib.OID{1, 3, 6, 1, 2, 1, 1, 3, 0}}}) //nolint:gosec // few
		if err != nil {
			return nil, err
		}
		out[i] = slices.Clone(p)
	}
	return out, nil
}

// echoReport says what several datagrams per system call are worth.
func (b *bench) echoReport(s *strings.Builder) {
	if len(b.echoes) == 0 {
		return
	}
	fmt.Fprint(s, `
## What system calls cost

Servers that send every datagram back do nothing but system calls. The first has Go's package net; the others have our package
agent/snmp/udp: a datagram per recvmmsg(2) and sendmmsg(2), and, as the agent does, what is there, up to 32 at once, answers to
one peer as one send (UDP_SEGMENT).

| requests under way | server | CPU µs | (best–worst) | datagrams/s | CPU, package net ÷ it |
|---|---|---|---|---|---|
`)
	reference := map[int]float64{}
	for _, e := range b.echoes {
		f := figure{passes: e.passes}
		m := f.middle()
		least, most := m.micros(), m.micros()
		for i := range e.passes {
			least, most = min(least, e.passes[i].micros()), max(most, e.passes[i].micros())
		}
		if e.way == echoNet {
			reference[e.outstanding] = m.micros()
		}
		fmt.Fprintf(s, "| %d | %s | %.2f | %.2f–%.2f | %.0f | **%.1f** |\n", e.outstanding, e.way, m.micros(), least, most, m.perSecond(), reference[e.outstanding]/m.micros())
	}
}
