package udp

import (
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"mibgate/testdata/testnetns"
)

// TestAnswersWhatAGroupWasAsked: who asks all nodes of a link is answered from the
// address that we have there.
func TestAnswersWhatAGroupWasAsked(t *testing.T) {
	if !testnetns.Enter(t) {
		return
	}
	for _, conf := range []string{"default", "all"} { // or addresses wait a second to be used
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/"+conf+"/accept_dad", []byte("0"), 0o600); err != nil {
			t.Skip(err)
		}
	}
	testnetns.Cable(t, "g0", "g1")
	s, b := open(t, "[::]:0"), batch(1, 100)
	c, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6unspecified})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.WriteToUDPAddrPort([]byte("who"), netip.AddrPortFrom(netip.MustParseAddr("ff02::1%g0"), s.Addr().Port())); err != nil {
		t.Fatal(err)
	}
	receive(t, s, b)
	b.Datagrams[0].Answer = []byte("I")
	s.Answer(b, 1)
	buf := make([]byte, 10)
	n, from, err := c.ReadFromUDPAddrPort(buf)
	if err != nil || string(buf[:n]) != "I" || !from.Addr().IsLinkLocalUnicast() {
		t.Errorf("%q from %s (%v)", buf[:n], from, err)
	}
}
