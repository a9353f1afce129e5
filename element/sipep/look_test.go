package sipep

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/element/netif"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// host is where the gateway of a test has its address, or not.
type host struct {
	looks, units atomic.Int64
	down         atomic.Bool
}

// lookFixture is the factory gateway over UDP, up, without a server.
func lookFixture(t *testing.T) (*fixture, *host) {
	t.Helper()
	f, h := prepare(t), &host{}
	f.sip.addr = func(string) (netip.Addr, error) {
		h.looks.Add(1)
		if h.down.Load() {
			return netip.Addr{}, netif.ErrNetworkDown
		}
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	unit := f.sip.o.Unit
	f.sip.o.Unit = func() Unit { h.units.Add(1); return unit() }
	f.setup(`SipEp.TransportConfig[GatewayName="default"].UdpEnable="Enable"`, `SipEp.TransportConfig[GatewayName="default"].TlsEnable="Disable"`)
	f.run()
	f.Await(gatewayState, stateReady)
	return f, h
}

// commit changes the registrations and waits until the gateway has seen it.
func (f *fixture) commit(n int) {
	f.t.Helper()
	f.setup(fmt.Sprintf(`SipEp.UnitRegistrations[Index=%d].Username="user%d"`, n, n))
	testwait.Until(f.t, testelement.Patience, "the row is there", func() bool { return len(f.Column("SipEp.RegistrationStatus.State")) == n })
}

// TestCommitsDoNotLookAtInterfaces: what a plan is made of does not change, so
// the answer of the host can be another only by what happens there.
func TestCommitsDoNotLookAtInterfaces(t *testing.T) {
	f, h := lookFixture(t)
	looks, units, began := h.looks.Load(), h.units.Load(), time.Now()
	for n := 1; n <= 20; n++ {
		f.commit(n)
	}
	most := int64(time.Since(began)/lookTime) + 1 // the regular ones
	if n := h.looks.Load() - looks; n > most {
		t.Errorf("20 commits looked %d times", n)
	}
	if n := h.units.Load() - units; n > most {
		t.Errorf("20 commits asked for the unit %d times", n)
	}
	looks = h.looks.Load()
	f.sip.run.wake() // as links and watches do
	testwait.Until(t, time.Second, "it looks", func() bool { return h.looks.Load() > looks })
}

// TestCommitsDoNotPutOffLooking: a lost address is noticed within lookTime,
// however often something is committed meanwhile.
func TestCommitsDoNotPutOffLooking(t *testing.T) {
	f, h := lookFixture(t)
	h.down.Store(true)
	n := 0
	testwait.Until(t, lookTime+time.Second, stateNetworkDown, func() bool {
		n++
		f.setup(fmt.Sprintf(`SipEp.UnitRegistrations[Index=1].Username="user%d"`, n))
		return f.Get(gatewayState) == stateNetworkDown
	})
}
