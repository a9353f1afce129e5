package snmp

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
)

// TestAttacks makes every attack on our agent, where it must be in vain, and
// on GoSNMPServer v0.5.2, where those that are known to must succeed: a test
// that no agent fails proves nothing.
func TestAttacks(t *testing.T) {
	if os.Getenv(baselineEnv) != "" {
		return
	}
	var keys usm.KeyCache
	var table strings.Builder
	t.Run("ours", func(t *testing.T) {
		all := &victims{t, true, &keys, map[victimOptions]*victim{}}
		for _, a := range attacks() {
			t.Run(a.name, func(t *testing.T) {
				if got := a.try(all.of(t, a.o)); got != "" {
					t.Errorf("our agent %s", got)
				}
			})
		}
	})
	t.Run("baseline", func(t *testing.T) {
		all := &victims{t, false, &keys, map[victimOptions]*victim{}}
		for _, a := range attacks() {
			t.Run(a.name, func(t *testing.T) {
				got := a.try(all.of(t, a.o))
				fmt.Fprintf(&table, "%-52s %s\n", a.name, verdict(got))
				if a.falls && got == "" {
					t.Error("GoSNMPServer holds: the attack is none")
				}
			})
		}
	})
	t.Logf("GoSNMPServer v0.5.2 under the attacks that ours withstands:\n%s", table.String())
}

func verdict(got string) string {
	if got == "" {
		return "holds"
	}
	return got
}

// to is where a victim listens.
func (v *victim) to() netip.AddrPort {
	return netip.MustParseAddrPort(v.conn.RemoteAddr().String())
}

// echoed sends the answers to packets back to who made them, which must have
// nothing to say to that.
func echoed(packets func(v *victim) [][]byte) func(v *victim) string {
	return func(v *victim) string {
		var own [][]byte
		for _, p := range packets(v) {
			v.send(p)
			if a := v.receive(v.patience); a != nil {
				own = append(own, a)
			}
		}
		if len(own) == 0 {
			v.t.Fatal("there is no answer to send back")
		}
		o := v.shoot(own...)
		if len(o.answers) > 0 {
			return fmt.Sprintf("answers %d of %d answers of its own", len(o.answers), len(own))
		}
		return v.broken(o)
	}
}

// unsolicited are messages that nobody has asked for: what is no request, of
// every version, at every level.
func (v *victim) unsolicited() [][]byte {
	up := binding{upTimeName, mib.Numeric(mib.TimeTicks, 1)}
	id := binding{mib.OID{1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0}, mib.Ident(mib.OID{1, 3, 6, 1, 6, 3, 1, 1, 5, 1})}
	var out [][]byte
	for _, typ := range []message.PDUType{message.Response, message.TrapV2} {
		out = append(out, v.plain(message.V2c, "public", typ, 0, 0, up, id), v.plain(message.V2c, "private", typ, 5, 1, up, id))
	}
	out = append(out, v.plain(message.V1, "public", message.Response, 2, 1, up))
	for _, typ := range []message.PDUType{message.Response, message.TrapV2, message.Report} {
		clear := v.admin()
		clear.level = message.NoAuthNoPriv
		out = append(out, v.request(v.admin(), typ, 0, 0, up, id), v.request(clear, typ, 0, 0, up, id))
		f := apart(v.t, v.request(clear, typ, 0, 0, up, id))
		f.engineID = nil
		out = append(out, f.packet())
	}
	return out
}

var ownV3 = echoed(func(v *victim) [][]byte {
	return [][]byte{
		v.request(v.admin(), message.Get, 0, 0, binding{name: upTimeName}),
		v.request(v.admin(), message.Set, 0, 0, assign(locationName, secretPlace)),
	}
})

var echoes = []attack{
	{"own answers, v2c", true, withCommunity, echoed(func(v *victim) [][]byte {
		return [][]byte{
			v.plain(message.V2c, "public", message.Get, 0, 0, binding{name: upTimeName}),
			v.plain(message.V2c, "public", message.GetBulk, 0, 10, binding{name: mib.OID{1, 3}}),
			v.plain(message.V1, "public", message.Get, 0, 0, binding{name: mib.OID{1, 3}}),
		}
	})},
	{"own answers, v3", true, withoutPriv, ownV3},
	{"own answers, v3 with privacy", false, victimOptions{}, ownV3},
	{"own reports", false, victimOptions{}, echoed(func(v *victim) [][]byte {
		s := v.admin()
		s.boots++
		return append(v.forged(s, func(f *forgery) { f.engineID = nil; f.user = nil })[1:], v.request(s, message.Get, 0, 0))
	})},
	{"what nobody has asked for", true, withCommunity, unanswered((*victim).unsolicited)},
	{"loop between two agents", true, withCommunity, func(v *victim) string { return v.loop(v.second()) }},
}

// second is another agent of the same kind.
func (v *victim) second() *victim { return newVictim(v.t, v.ours, v.o, v.keys) }

// loop makes each agent believe that the other one is asking, as who forges
// the address of the one in a datagram to the other does: what one answers goes
// to the other. They must fall silent at once.
func (v *victim) loop(other *victim) string {
	seeds := v.unsolicited()
	seeds = append(seeds,
		v.plain(message.V2c, "public", message.Get, 0, 0, binding{name: upTimeName}),
		v.plain(message.V2c, "public", message.GetBulk, 0, 10, binding{name: mib.OID{1, 3}}),
		v.plain(message.V2c, "public", message.Set, 0, 0, assign(upTimeName, "x")),
		v.plain(message.V2c, "public", message.Inform, 0, 0, assign(upTimeName, "x")),
		v.plain(message.V2c, "private", message.Get, 0, 0, binding{name: upTimeName}),
		v.request(v.admin(), message.Get, 0, 0, binding{name: upTimeName}),
		other.request(other.admin(), message.Get, 0, 0, binding{name: upTimeName}))
	seeds = append(seeds, v.stripped(message.FlagReportable, "")...)
	seeds = append(seeds, v.stripped(message.FlagReportable, "admin")...)
	for _, seed := range seeds {
		v.send(seed)
	}
	const bound = 200 // a handful for each seed would be a lot
	passed := 0
	for quiet := 0; quiet < 2; {
		quiet++
		for _, way := range [][2]*victim{{v, other}, {other, v}} {
			for {
				answer := way[0].receive(30 * time.Millisecond)
				if answer == nil {
					break
				}
				quiet = 0
				way[1].send(answer)
				if passed++; passed > bound {
					return fmt.Sprintf("has passed %d answers to and fro without an end", passed)
				}
			}
		}
	}
	if passed > 2*len(seeds) {
		return fmt.Sprintf("has passed %d answers to and fro after %d messages", passed, len(seeds))
	}
	return ""
}
