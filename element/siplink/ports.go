package siplink

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// Ports gives out the local ports of persistent connections. One is shared by all links of the unit, as each link has a
// port of its own.
type Ports struct {
	base, interval uint16

	mu   sync.Mutex
	used map[uint16]bool
	last uint16 // the port used last, when ports are cycled
}

// search is how many ports from the base are tried when none may be cycled.
const search = 1000

// NewPorts makes a port allocator. With interval 0 a link takes the first free port from base upward and keeps it. With
// interval n every connection takes the next port of base..base+n; last is the one used last, 0 for none, so that a
// restart goes on with the cycle (it dodges servers that still hold the old connection).
func NewPorts(base, interval, last uint16) *Ports {
	return &Ports{base: base, interval: interval, last: last, used: make(map[uint16]bool)}
}

// Last is the port used last, to be remembered over restarts when ports are cycled.
func (p *Ports) Last() uint16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// cycled tells whether connections change their port.
func (p *Ports) cycled() bool { return p.interval > 0 }

// span is how many ports there are beyond the base.
func (p *Ports) span() int {
	span := search
	if p.cycled() {
		span = int(p.interval)
	}
	return min(span, 65535-int(p.base))
}

// reserve marks and returns the next port after the one given that no link has, from the end of the range on at its
// beginning; 0 begins at the base, or after the port used last when ports are cycled. ok is false when links have all.
func (p *Ports) reserve(after uint16) (port uint16, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	span := p.span()
	begin := 0
	switch {
	case after != 0:
		begin = int(after) - int(p.base) + 1
	case p.cycled() && p.last >= p.base && int(p.last-p.base) <= span:
		begin = int(p.last-p.base) + 1
	}
	for i := range span + 1 {
		port := p.base + uint16((begin+i)%(span+1))
		if !p.used[port] {
			p.used[port] = true
			return port, true
		}
	}
	return 0, false
}

func (p *Ports) release(port uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.used, port)
}

func (p *Ports) usedNow(port uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = port
}

// portTaken tells whether a dial failed for its local port: another socket has it, or the same pair of addresses is
// still known to the kernel. An address that is not ours fails in bind with the second error, and no port would help.
func portTaken(err error) bool {
	if errors.Is(err, syscall.EADDRINUSE) {
		return true
	}
	var call *os.SyscallError
	return errors.As(err, &call) && call.Syscall == "connect" && errors.Is(call.Err, syscall.EADDRNOTAVAIL)
}
