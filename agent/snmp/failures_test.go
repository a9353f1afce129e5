package snmp

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
	"mibgate/mib/snmpv2"
)

// guesses are messages with something wrong, of every kind that counts.
func guesses(t testing.TB, u *unit) map[string][]byte {
	t.Helper()
	c, up := &client{t: t}, mib.MustOID("1.3.6.1.2.1.1.3.0")
	digest := c.v3(u, message.Get, 0, 0, up)
	digest[bytes.Index(digest, []byte("admin"))+10] ^= 1 // in msgAuthenticationParameters
	public, wrong := []byte("public"), []byte("PUBLIC")
	return map[string][]byte{
		"community v1":  bytes.Replace(c.community(message.V1, message.Get, 0, 0, up), public, wrong, 1),
		"community v2c": bytes.Replace(c.community(message.V2c, message.Get, 0, 0, up), public, wrong, 1),
		"user":          bytes.Replace(c.v3(u, message.Get, 0, 0, up), []byte("admin"), []byte("nimda"), 1),
		"digest":        digest,
	}
}

// looked counts the messages whose authenticity was looked at and not found.
func (u *unit) looked() uint32 {
	return u.counter("UsmStatsWrongDigests") + u.counter("UsmStatsUnknownUserNames") + u.svc.count.badCommunityNames.Load()
}

// TestSourceThatGuesses: after the limit a source gets no answer but to a few
// messages of SNMPv3, and costs no cryptography else; others get theirs, and so
// does a peer that has authenticated, even from the same address.
func TestSourceThatGuesses(t *testing.T) {
	for _, kind := range []string{"community v1", "community v2c", "user", "digest"} {
		t.Run(kind, func(t *testing.T) {
			u := newUnit(t, append(openSettings, `Snmp.AuthFailureLimit=4`, `Snmp.AuthFailurePause=60`)...)
			clock := newFakeTime()
			u.svc.sources, u.svc.peers = newSources(clock.read), newPeers(clock.read)
			c, x := &client{t: t}, u.newExchange()
			up := mib.MustOID("1.3.6.1.2.1.1.3.0")
			v2, v3 := c.community(message.V2c, message.Get, 0, 0, up), c.v3(u, message.Get, 0, 0, up)
			guess := guesses(t, u)[kind]
			through := func(from string, packet []byte) bool {
				x.from = netip.MustParseAddrPort(from)
				return u.through(x, packet) != nil
			}
			const manager = "127.0.0.9:1000" // where the guesses will come from, too
			through(manager, v3)
			for i := range 4 {
				through(fmt.Sprintf("127.0.0.9:%d", 2000+i), guess)
			}
			if through("127.0.0.9:3999", v2) || !through("127.0.0.9:2999", v3) || !through("127.0.0.9:2999", v2) {
				t.Error("one who knows a key has no way back")
			}
			u.svc.peers.add(netip.MustParseAddrPort(manager)) // the other may have its place
			u.svc.count.authFailuresDropped.Store(0)
			for u.svc.sources.try(netip.MustParseAddr("127.0.0.9")) {
				continue // until all tries are used up
			}
			if n := (status{u.svc}).AuthFailuresDropped(); n != 0 {
				t.Errorf("%d were dropped before the limit", n)
			}
			before := u.looked()
			for i, packet := range [][]byte{guess, v2, v3, []byte("garbage")} {
				if through(fmt.Sprintf("127.0.0.9:%d", 3000+i), packet) {
					t.Errorf("message %d is answered", i)
				}
			}
			if n := (status{u.svc}).AuthFailuresDropped(); n != 4 || u.looked() != before {
				t.Errorf("%d were dropped, %d looked at", n, u.looked()-before)
			}
			for _, other := range []string{manager, "127.0.0.10:2000", "[::1]:2000"} {
				if !through(other, v2) || !through(other, v3) {
					t.Errorf("%s is not answered", other)
				}
			}
			for range 3 {
				through(manager, guess)
			}
			if !through(manager, v3) {
				t.Error("a peer that was forged a few times is not answered")
			}
			if through(manager, guess); through(manager, v3) {
				t.Error("a peer that fails as often as a source may is still answered")
			}
			clock.advance(time.Minute)
			if !through("127.0.0.9:4000", v3) {
				t.Error("the pause does not end")
			}
		})
	}
}

// TestFloodOfFailures: when too much fails from everywhere, strangers are not
// heard, but for what asks for the engine ID; peers are, and everybody afterwards.
func TestFloodOfFailures(t *testing.T) {
	u := newUnit(t, append(openSettings, `Snmp.AuthFailureLimit=10`)...)
	clock := newFakeTime()
	u.svc.sources, u.svc.peers = newSources(clock.read), newPeers(clock.read)
	c, x := &client{t: t}, u.newExchange()
	good, guess := c.v3(u, message.Get, 0, 0, upTimeName), guesses(t, u)["digest"]
	from := func(n int, packet []byte) bool {
		x.from = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 4000)
		return u.through(x, packet) != nil
	}
	from(1, good)
	for i := range floodMost + 100 {
		from(1000+i, guess)
	}
	if n := u.counter("UsmStatsWrongDigests"); n != floodMost {
		t.Errorf("%d guesses were looked at", n)
	}
	discovery := forgery{msgID: 1, maxSize: maxMessage, flags: []byte{byte(message.FlagReportable)}, model: int64(message.SecurityModelUSM), data: []byte{0x30, 0}}
	if from(2, good) || !from(1, good) || !from(3, discovery.packet()) {
		t.Error("a stranger is heard, or a peer or a discovery is not")
	}
	clock.advance(floodMost * floodTime)
	if !from(2, good) {
		t.Error("a stranger is not heard after the flood")
	}
}

// TestLimitIsLive: both variables act at once.
func TestLimitIsLive(t *testing.T) {
	u := newUnit(t, append(openSettings, `Snmp.AuthFailureLimit=2`, `Snmp.AuthFailurePause=3600`)...)
	clock := newFakeTime()
	u.svc.sources = newSources(clock.read)
	x, guess := u.newExchange(), guesses(t, u)["digest"]
	good := (&client{t: t}).community(message.V2c, message.Get, 0, 0, mib.MustOID("1.3.6.1.2.1.1.3.0"))
	fail := func(n int) {
		for range n {
			u.through(x, guess)
		}
	}
	answered := func(want bool) {
		t.Helper()
		if got := u.through(x, good) != nil; got != want {
			t.Errorf("answered: %v", got)
		}
		u.svc.peers = newPeers(clock.read) // without it
	}
	fail(2)
	answered(false)
	u.set(`Snmp.AuthFailureLimit=0`)
	answered(true)
	fail(100)
	answered(true)
	u.set(`Snmp.AuthFailureLimit=2`)
	answered(false)
	clock.advance(3 * time.Hour)
	answered(true)
	u.set(`Snmp.AuthFailurePause=1`)
	fail(2)
	answered(false)
	clock.advance(time.Second)
	answered(true)
}

// TestFailuresAreToldPerSource: one authenticationFailure per source and
// pause, and a word when it waits.
func TestFailuresAreToldPerSource(t *testing.T) {
	u := newUnit(t, append(openSettings, `Snmp.AuthFailureLimit=5`)...)
	clock := newFakeTime()
	u.svc.sources = newSources(clock.read)
	sink := u.el.Bus.Subscribe("test", 100)
	defer sink.Close()
	x, guess := u.newExchange(), guesses(t, u)["community v2c"]
	count := func() (failures, waits int) {
		for len(sink.Events()) > 0 {
			e := <-sink.Events()
			if _, ok := e.Notification.(snmpv2.AuthenticationFailure); ok {
				failures++
			} else if e.ID == MsgSourceWaits && strings.Contains(e.Text, "30s") {
				waits++
			}
		}
		return failures, waits
	}
	for _, from := range []string{"127.0.0.2:1", "127.0.0.3:1", "127.0.0.2:2"} {
		x.from = netip.MustParseAddrPort(from)
		for range 4 {
			u.through(x, guess)
		}
	}
	if f, w := count(); f != 2 || w != 1 {
		t.Errorf("two sources: %d authenticationFailure and %d that wait", f, w)
	}
	clock.advance(30 * time.Second)
	u.through(x, guess)
	u.set(`Snmp.TrapDest="127.0.0.1:9"`)
	u.through(x, guess)
	if f, _ := count(); f != 2 {
		t.Errorf("in the next interval, and with another destination: %d", f)
	}
}

// TestGuessingOverTheNetwork: net-snmp with a wrong password gets its report, then
// mostly nothing; with the right one it is answered all the same.
func TestGuessingOverTheNetwork(t *testing.T) {
	u := newUnit(t, `Snmp.AuthFailureLimit=3`, `Snmp.AuthFailurePause=3600`)
	wrong := user("authPriv", "admin", "SHA-256", "not the password", "AES", adminPassword)
	for i := range 3 {
		if out, err := u.tool("snmpget", wrong, "1.3.6.1.2.1.1.3.0"); err == nil || !strings.Contains(out, "Authentication failure") {
			t.Errorf("guess %d: %v %s", i, err, out)
		}
	}
	u.ask("snmpget", v3, "1.3.6.1.2.1.1.3.0")
	until(t, "a guess that is not looked at", func() bool {
		out, err := u.tool("snmpget", append(wrong, "-t", "0.2"), "1.3.6.1.2.1.1.3.0")
		return err != nil && strings.Contains(out, "imeout")
	})
	if n := (status{u.svc}).AuthFailuresDropped(); n == 0 {
		t.Error("nothing was dropped")
	}
}

// BenchmarkDropped is the cost of a message whose source waits.
func BenchmarkDropped(b *testing.B) {
	u := newUnit(b, append(openSettings, `Snmp.AuthFailureLimit=1`, `Snmp.AuthFailurePause=3600`)...)
	x := u.newExchange()
	u.svc.sources.fail(x.from.Addr(), 1, time.Hour)
	for name, packet := range guesses(b, u) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				u.through(x, packet)
			}
		})
	}
}
