package host

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// interval is how often Run looks by itself: for the load of the processors,
// and in case the kernel has dropped a message about a link.
const interval = 5 * time.Second

// Run watches until done is closed, and calls told for every link that is down
// at the start and ought not to be, and for every one that goes down or comes up
// later; told must be quick. One Run at a time.
func (h *Host) Run(done <-chan struct{}, told func(LinkChange)) {
	changes := make(chan struct{}, 1)
	if s, err := subscribe(); err == nil {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			listen(s, changes)
		}()
		defer func() {
			s.Close()
			<-ended
		}()
	}
	h.tellTo(told)
	defer h.tellTo(nil)
	h.load.sample(h)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-changes:
			h.network.fresh()
		case <-tick.C:
			h.network.fresh()
			h.load.sample(h)
		}
	}
}

// tellTo says who is told of links. What there is already is no change.
func (h *Host) tellTo(told func(LinkChange)) {
	h.Network()
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	h.history.follow(told, h.network.last.Load().value)
}

// subscribe opens a socket on which the kernel tells of links and addresses.
func subscribe() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "rtnetlink"), nil
}

// listen tells of every message on s until s is closed. What it says does not
// matter: the state is read anew.
func listen(s *os.File, changes chan<- struct{}) {
	var b [1 << 16]byte
	for {
		_, err := s.Read(b[:])
		if err != nil && !lost(err) {
			return
		}
		select {
		case changes <- struct{}{}:
		default:
		}
	}
}

// lost tells whether messages were dropped since there were too many.
func lost(err error) bool { return errors.Is(err, syscall.ENOBUFS) }
