package snmp

import (
	"net/netip"
	"strings"
	"testing"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
	"mibgate/mib/hoc"
)

// TestReplayedSet: who records an authentic SET cannot have it carried out a
// second time, from whatever address and port, while it is still in time.
func TestReplayedSet(t *testing.T) {
	u := newUnit(t)
	c, x := &client{t: t}, u.newExchange()
	name := mib.MustOID(u.oid("Hoc.SystemName"))
	set := func(value string) []byte {
		c.id++
		c.b.Begin(c.envelope(u, message.Set), maxMessage)
		if err := c.b.Append(name, mib.String(value)); err != nil {
			t.Fatal(err)
		}
		out, err := c.b.Finish(message.NoError, 0)
		if err != nil {
			t.Fatal(err)
		}
		return append([]byte(nil), out...)
	}
	refused := func() []byte { return set(strings.Repeat("x", 300)) }
	first, second := set("first"), set("second")
	flood := [][]byte{first, second, first}
	for range 4200 { // more than are remembered of those that change nothing
		flood = append(flood, refused())
	}
	for i, packet := range append(flood, first) {
		x.from = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(4000+i)) //nolint:gosec // small
		if u.through(x, packet) == nil {
			t.Fatal("no answer")
		}
	}
	if got := hoc.Of(u.el.Store.Current()).SystemName; got != "second" {
		t.Errorf("a replayed SET was carried out: %q", got)
	}
	u.through(x, set("first")) // the same, sealed anew, is another SET
	if got := hoc.Of(u.el.Store.Current()).SystemName; got != "first" {
		t.Errorf("a new SET was not carried out: %q", got)
	}
}
