package host

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// MaxAge is how old an answer may be, unless it takes long to read; see readShare.
const MaxAge = time.Second

// Options tell what to read.
type Options struct {
	// Root is where /proc and /sys are found; empty: "/".
	Root string
	// UpTime is the up time of the unit, which changes are stamped with.
	UpTime func() time.Duration
	// Data is a folder whose file system is listed whatever it is; may be
	// empty.
	Data string
}

// Host is one machine.
type Host struct {
	root   string
	pid    int // of the unit
	data   string
	upTime func() time.Duration
	links  func() ([]Interface, []Address, error) // replaced in tests

	diagnose func(family, protocol uint8, f func(socket []byte)) error // replaced in tests

	network cached[*Network]
	system  cached[*System]
	sensors cached[*Sensors]
	traffic cached[*Traffic]
	cpus    cached[*Processors]

	neighbors    cached[*Neighbors]
	routers      cached[*Routers]
	ipInterfaces cached[*IPInterfaces]
	connections  cached[*Connections]

	history history
	modules lineMemory
	load    load
	mounts  mountNumbers
}

// New makes a Host.
func New(o Options) *Host {
	if o.Root == "" {
		o.Root = "/"
	}
	h := &Host{root: o.Root, pid: os.Getpid(), data: o.Data, upTime: o.UpTime}
	h.links, h.diagnose = h.readLinks, diagnose
	h.network.read = h.readNetwork
	h.system.read = h.readSystem
	h.sensors.read = h.readSensors
	h.traffic.read = h.readTraffic
	h.cpus.read = h.readProcessors
	h.neighbors.read = h.readNeighbors
	h.routers.read = h.readRouters
	h.ipInterfaces.read = h.readIPInterfaces
	h.connections.read = h.readConnections
	return h
}

// Network is the interfaces and addresses; never nil.
func (h *Host) Network() *Network { return h.network.get(MaxAge) }

// System is memory, storage, processors and the like; never nil.
func (h *Host) System() *System { return h.system.get(MaxAge) }

// Sensors is the sensors; never nil.
func (h *Host) Sensors() *Sensors { return h.sensors.get(MaxAge) }

// Processors is which processors there are; never nil.
func (h *Host) Processors() *Processors { return h.cpus.get(MaxAge) }

// Traffic is what IP has received and sent; never nil.
func (h *Host) Traffic() *Traffic { return h.traffic.get(MaxAge) }

// Neighbors is who is known on the links; never nil.
func (h *Host) Neighbors() *Neighbors { return h.neighbors.get(MaxAge) }

// Routers is who packets to everywhere go to; never nil.
func (h *Host) Routers() *Routers { return h.routers.get(MaxAge) }

// IPInterfaces is what is set for IP at the interfaces; never nil.
func (h *Host) IPInterfaces() *IPInterfaces { return h.ipInterfaces.get(MaxAge) }

// Connections is the sockets of TCP and UDP; never nil.
func (h *Host) Connections() *Connections { return h.connections.get(MaxAge) }

// path is a file below the root.
func (h *Host) path(elem ...string) string {
	return filepath.Join(append([]string{h.root}, elem...)...)
}

// cached is an answer that is good for a while. One caller reads anew; the
// others have the old answer meanwhile, but for the first time.
type cached[T any] struct {
	read func() T

	mu   sync.Mutex
	last atomic.Pointer[answer[T]]
}

type answer[T any] struct {
	value T
	at    time.Time     // when it had been read
	took  time.Duration // that long
}

// readShare bounds the part of the time that reading takes: an answer is good for
// so many times as long as it took, or a walk through much would read it again for
// every row.
const readShare = 10

func (c *cached[T]) get(maxAge time.Duration) T {
	a := c.last.Load()
	if a != nil && time.Since(a.at) < max(maxAge, readShare*a.took) && maxAge > 0 {
		return a.value
	}
	if a == nil || maxAge == 0 {
		c.mu.Lock()
	} else if !c.mu.TryLock() {
		return a.value
	}
	defer c.mu.Unlock()
	if b := c.last.Load(); b != a && maxAge > 0 {
		return b.value
	}
	began := time.Now()
	v := c.read()
	now := time.Now()
	c.last.Store(&answer[T]{v, now, now.Sub(began)})
	return v
}

// fresh reads anew.
func (c *cached[T]) fresh() T { return c.get(0) }
