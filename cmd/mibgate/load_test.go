package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
)

// outstanding is how many requests a load keeps under way.
const outstanding = 8

// load asks one agent for the same kind of thing again and again. Its requests
// are encoded before the clock runs.
type load struct {
	t       testing.TB
	m       *manager
	pid     int
	packets [][]byte
	// binds is how many variable bindings an answer has to have.
	binds int

	size int // of the first answer
	next int
}

// cost is what a load came to.
type cost struct {
	requests, lost int
	cpu, wall      time.Duration
}

// micros is the processor time of the agent per request.
func (c cost) micros() float64 { return float64(c.cpu.Microseconds()) / float64(c.requests) }

// perSecond is how many requests were answered in a second.
func (c cost) perSecond() float64 { return float64(c.requests) / c.wall.Seconds() }

// run loads the agent until it has used cpu of processor time, so that the
// kernel's clock ticks are a small part of what is measured.
func (l *load) run(cpu time.Duration) cost {
	l.t.Helper()
	l.exchange(200) // caches
	began, before := time.Now(), cpuOf(l.t, l.pid)
	var c cost
	for c.cpu < cpu {
		n, lost := l.exchange(2000)
		c.requests, c.lost = c.requests+n, c.lost+lost
		c.cpu = cpuOf(l.t, l.pid) - before
		if time.Since(began) > cpu*20+10*time.Second {
			l.t.Fatalf("only %v of processor time in %v", c.cpu, time.Since(began))
		}
	}
	c.wall = time.Since(began)
	return c
}

// exchange sends requests and takes the answers, n of them.
func (l *load) exchange(n int) (answered, lost int) {
	l.t.Helper()
	for range outstanding {
		l.send()
	}
	waiting := outstanding
	for answered < n {
		if answered%256 == 0 {
			_ = l.m.conn.SetReadDeadline(time.Now().Add(time.Second))
		}
		size, err := l.m.conn.Read(l.m.buf[:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			lost += waiting
			for range waiting {
				l.send()
			}
			_ = l.m.conn.SetReadDeadline(time.Now().Add(time.Second))
			if lost > n {
				l.t.Fatalf("%d answers, %d requests lost", answered, lost)
			}
			continue
		}
		if err != nil {
			l.t.Fatal(err)
		}
		l.check(l.m.buf[:size], answered)
		answered++
		if answered+waiting <= n {
			l.send()
		} else {
			waiting--
		}
	}
	return answered, lost
}

func (l *load) send() {
	if _, err := l.m.conn.Write(l.packets[l.next%len(l.packets)]); err != nil && !errors.Is(err, net.ErrClosed) {
		l.t.Fatal(err)
	}
	l.next++
}

// check opens an answer now and then; of the others the size is as telling.
func (l *load) check(answer []byte, i int) {
	if l.size > 0 && i%64 != 0 {
		if d := len(answer) - l.size; d > 64 || d < -64 {
			l.t.Fatalf("an answer has %d octets, the first one had %d", len(answer), l.size)
		}
		return
	}
	var a message.Message
	err := message.Decode(answer, &a)
	if err == nil && a.Version == message.V3 {
		err = l.m.open(&a)
	}
	if err == nil && (a.PDU.ErrorStatus() != message.NoError || len(a.PDU.Varbinds) != l.binds) {
		err = fmt.Errorf("%v with %v and %d bindings", a.PDU.Type, a.PDU.ErrorStatus(), len(a.PDU.Varbinds))
	}
	if err != nil {
		l.t.Fatalf("a wrong answer under load: %v", err)
	}
	if l.size == 0 {
		l.size = len(answer)
	}
}
