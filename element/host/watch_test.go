package host

import (
	"testing"
	"time"

	"mibgate/testdata/testnetns"
	"mibgate/testdata/testwait"
)

// TestVeth pulls a cable: the other end of a veth pair is the switch.
func TestVeth(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	testwait.NoLeaks(t)
	testnetns.Cable(t, "v0", "v1")
	testnetns.IP(t, "link", "set", "v0", "alias", "uplink")
	h := newHost(t)
	told, done, ended := make(chan LinkChange, 10), make(chan struct{}), make(chan struct{})
	testwait.Until(t, 5*time.Second, "v0 is up", func() bool { return find(h, "v0").State == Up })
	go func() {
		defer close(ended)
		h.Run(done, func(c LinkChange) { told <- c })
	}()
	defer func() {
		close(done)
		<-ended
	}()
	testwait.Until(t, 5*time.Second, "Run watches", func() bool {
		h.network.mu.Lock()
		defer h.network.mu.Unlock()
		return h.history.told != nil
	})
	if v0 := find(h, "v0"); v0.Alias != "uplink" || v0.Kind != "veth" || v0.Device || !v0.AdminUp() {
		t.Errorf("%+v", v0)
	}
	want := func(what, name string, notice Notice, fault bool, state State) {
		t.Helper()
		c := testwait.Recv(t, interval/2, what, told)
		for c.Interface.Name != name || c.Notice == NoNotice { // of the switch, and of what is down for a moment
			c = testwait.Recv(t, interval/2, what, told)
		}
		if c.Interface.Name != name || c.Notice != notice || c.Fault != fault || c.Interface.State != state {
			t.Errorf("%s: %+v", what, c)
		}
		for len(told) > 0 {
			<-told
		}
	}
	start := time.Now()
	testnetns.IP(t, "link", "set", "v1", "down")
	want("the cable is out", "v0", LinkDown, true, LowerLayerDown)
	if d := time.Since(start); d > time.Second {
		t.Errorf("it took %v", d)
	}
	testnetns.IP(t, "link", "set", "v1", "up")
	want("the cable is in", "v0", LinkUp, false, Up)
	testwait.Until(t, 5*time.Second, "v1 is up", func() bool { return find(h, "v1").State == Up })
	for len(told) > 0 {
		<-told
	}
	testnetns.IP(t, "link", "set", "v0", "down")
	want("taken down", "v0", LinkDown, false, Down)
	before := h.Network().LastChange
	testnetns.IP(t, "link", "del", "v0")
	testwait.Until(t, 5*time.Second, "the interfaces are gone", func() bool { return h.Network().LastChange > before && find(h, "v0").Name == "" })
}

func find(h *Host, name string) Interface {
	for _, i := range h.Network().Interfaces {
		if i.Name == name {
			return i
		}
	}
	return Interface{}
}
