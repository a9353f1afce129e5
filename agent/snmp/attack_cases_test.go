package snmp

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// attack is something that somebody who has no key tries. try says what he got
// out of it; "" is nothing. falls tells that the baseline gives in, which
// proves that the attack is one.
type attack struct {
	name  string
	falls bool
	o     victimOptions
	try   func(v *victim) string
}

var (
	withCommunity = victimOptions{community: true}
	withoutPriv   = victimOptions{level: message.AuthNoPriv}
)

// attacks are all of them.
func attacks() []attack {
	return slices.Concat(forgeries, misdated, replays, strangers, malformed, bulks, echoes, carelessness)
}

// theft of what a request of the administrator, changed in one way, can get.
func steal(change func(v *victim, f *forgery)) func(v *victim) string {
	return func(v *victim) string {
		return v.broken(v.shoot(v.forged(v.admin(), func(f *forgery) { change(v, f) })...))
	}
}

// stealAs is theft by who believes what change makes him believe.
func stealAs(change func(v *victim, s *sender)) func(v *victim) string {
	return func(v *victim) string {
		s := v.admin()
		change(v, &s)
		return v.broken(v.shoot(v.theft(s)...))
	}
}

// stripTo is theft in the clear under flags.
func stripTo(flags message.Flags, user string) func(v *victim) string {
	return func(v *victim) string {
		return v.broken(v.shoot(v.stripped(flags|message.FlagReportable, user)...))
	}
}

var forgeries = []attack{
	{"empty user", true, victimOptions{}, stripTo(0, "")},
	{"empty user, community on", true, withCommunity, stripTo(0, "")},
	{"unknown user", false, victimOptions{}, stripTo(0, "nobody")},
	{"user in part", false, victimOptions{}, stripTo(0, "admi")},
	{"user and more", false, victimOptions{}, stripTo(0, "admin\x00")},
	{"lower level, noAuthNoPriv", false, victimOptions{}, stripTo(0, "admin")},
	{"lower level, noAuthNoPriv of authNoPriv", false, withoutPriv, stripTo(0, "admin")},
	{"lower level, authNoPriv", false, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.level = message.AuthNoPriv })},
	{"privacy without authentication", false, victimOptions{}, stripTo(message.FlagPriv, "admin")},
	{"authPriv in the clear", true, victimOptions{}, stripTo(message.FlagAuth|message.FlagPriv, "admin")},
	{"wrong key", true, withoutPriv, stealAs(func(v *victim, s *sender) { s.user = v.user("not the password", "", v.engineID) })},
	{"wrong key of authentication, right one of privacy", true, victimOptions{}, stealAs(func(v *victim, s *sender) {
		s.user = v.user("not the password", adminPassword, v.engineID)
	})},
	{"wrong key of privacy", false, victimOptions{}, stealAs(func(v *victim, s *sender) {
		s.user = v.user(adminPassword, "not the password", v.engineID)
	})},
	{"no digest", false, withoutPriv, steal(func(_ *victim, f *forgery) { f.digest = nil })},
	{"digest of zeros", true, withoutPriv, steal(func(_ *victim, f *forgery) { clear(f.digest) })},
	{"digest cut by an octet", false, withoutPriv, steal(func(_ *victim, f *forgery) { f.digest = f.digest[:len(f.digest)-1] })},
	{"digest of one octet, all of them", false, withoutPriv, func(v *victim) string {
		var all [][]byte
		for i := range 256 {
			all = append(all, v.forged(v.admin(), func(f *forgery) { f.digest = []byte{byte(i)} })...)
		}
		return v.broken(v.shoot(all...))
	}},
	{"altered on the way", true, withoutPriv, func(v *victim) string {
		packet := v.request(v.admin(), message.Set, 0, 0, assign(locationName, "stolem"))
		packet[len(packet)-1] = 'n'
		return v.broken(v.shoot(packet))
	}},
	{"altered on the way, encrypted", true, victimOptions{}, func(v *victim) string {
		packet := v.request(v.admin(), message.Set, 0, 0, assign(locationName, "stolem"))
		packet[len(packet)-1] ^= 'm' ^ 'n' // the cipher is a stream
		return v.broken(v.shoot(packet))
	}},
	{"message of another engine", true, withoutPriv, stealAs(func(v *victim, s *sender) {
		s.engineID = []byte("\x80\x00\x7e\xd9\x04another")
		s.user = v.user(adminPassword, adminPassword, s.engineID)
	})},
	{"right key, wrong engine", true, withoutPriv, stealAs(func(_ *victim, s *sender) { s.engineID = []byte("\x80\x00\x7e\xd9\x04another") })},
	{"no engine", true, withoutPriv, steal(func(_ *victim, f *forgery) { f.engineID = nil })},
	{"another security model", true, withoutPriv, steal(func(_ *victim, f *forgery) { f.model = 1 })},
}

// misdated are messages that are authentic but for their time (RFC 3414 §3.2
// step 7a).
var misdated = []attack{
	{"stale", true, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.seconds -= 155 })},
	{"as old as the engine", true, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.seconds = 0 })},
	{"of the future", true, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.seconds += 250 })},
	{"of the end of time", true, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.seconds = 1<<31 - 1 })},
	{"of the boot before", true, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.boots-- })},
	{"of the next boot", true, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.boots++ })},
	{"of no boot", true, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.boots, s.seconds = 0, 0 })},
	{"of the last boot", true, victimOptions{}, stealAs(func(_ *victim, s *sender) { s.boots = 1<<31 - 1 })},
}

// record is an authentic SET that an attacker has seen, and what the
// administrator did after it.
func (v *victim) record() (packet []byte) {
	v.t.Helper()
	packet = v.request(v.admin(), message.Set, 0, 0, assign(locationName, "recorded"))
	v.ask(packet)
	if got := v.location(); got != "recorded" {
		v.t.Fatalf("the SET that is recorded is not carried out: %q", got)
	}
	if !v.reset() {
		v.t.Fatal("a SET of the administrator is not carried out")
	}
	return packet
}

var replays = []attack{
	{"replayed", true, victimOptions{}, func(v *victim) string {
		packet := v.record()
		return v.broken(v.shoot(packet, packet, packet))
	}},
	{"replayed without privacy", true, withoutPriv, func(v *victim) string { return v.broken(v.shoot(v.record())) }},
	{"replayed from elsewhere", true, victimOptions{}, func(v *victim) string {
		packet := v.record()
		there := *v
		there.peer = dial(v.t, v.to())
		return there.broken(there.shoot(packet))
	}},
	{"replayed after a restart", true, victimOptions{}, func(v *victim) string {
		packet := v.record()
		t := v.t
		v.restart()
		v.peer = dial(t, v.to())
		return v.broken(v.shoot(packet))
	}},
}

// stealWith is theft by community.
func stealWith(community string) func(v *victim) string {
	return func(v *victim) string {
		var packets [][]byte
		for _, version := range []message.Version{message.V1, message.V2c} {
			packets = append(packets,
				v.plain(version, community, message.Set, 0, 0, assign(locationName, "stolen")),
				v.plain(version, community, message.Get, 0, 0, binding{name: locationName}))
		}
		packets = append(packets, v.plain(message.V2c, community, message.GetBulk, 0, 50, binding{name: mib.OID{1, 3}}))
		o := v.shoot(packets...)
		if out := v.broken(o); out != "" || len(o.answers) == 0 {
			return out
		}
		return fmt.Sprintf("answers a stranger %d times", len(o.answers))
	}
}

var strangers = []attack{
	{"wrong community", true, withCommunity, stealWith("private")},
	{"community in part", true, withCommunity, stealWith("publi")},
	{"community and more", true, withCommunity, stealWith("public\x00")},
	{"community in capitals", true, withCommunity, stealWith("PUBLIC")},
	{"community where there is none", false, victimOptions{}, stealWith("public")},
	{"community of versions that are off", false, victimOptions{off: true}, stealWith("public")},
	{"context for community", true, victimOptions{}, func(v *victim) string {
		return v.broken(v.shoot(v.stripped(message.FlagReportable, "")...))
	}},
}

// unanswered is for what must be dropped, not answered.
func unanswered(packets func(v *victim) [][]byte) func(v *victim) string {
	return func(v *victim) string {
		o := v.shoot(packets(v)...)
		if len(o.answers) == 0 {
			return v.broken(o)
		}
		return fmt.Sprintf("answers %d of them, one with %x", len(o.answers), head(o.answers[0]))
	}
}

func head(b []byte) []byte { return b[:min(len(b), 40)] }

// reported is for what may at most be told to be refused.
func reported(packets func(v *victim) [][]byte) func(v *victim) string {
	return func(v *victim) string {
		o := v.shoot(packets(v)...)
		for _, a := range o.answers {
			var m message.Message
			if err := message.Decode(a, &m); err != nil {
				return fmt.Sprintf("sends what is no message: %x", head(a))
			}
			if m.Version != message.V3 || m.DecodeScoped(m.Header.Data) != nil || m.PDU.Type != message.Report || len(a) > 300 {
				return fmt.Sprintf("answers with %d octets: %x", len(a), head(a))
			}
		}
		return v.broken(o)
	}
}

var malformed = []attack{
	{"truncated, v1 and v2c", true, withCommunity, unanswered(func(v *victim) [][]byte {
		return truncations(
			v.plain(message.V1, "public", message.Set, 0, 0, assign(locationName, "stolen")),
			v.plain(message.V2c, "public", message.Set, 0, 0, assign(locationName, "stolen")),
			v.plain(message.V2c, "public", message.Get, 0, 0, binding{name: locationName}))
	})},
	{"truncated within, v2c", true, withCommunity, unanswered(func(v *victim) [][]byte { return v.shortened("public") })},
	{"truncated, v3", false, victimOptions{}, unanswered(func(v *victim) [][]byte { return truncations(v.theft(v.admin())...) })},
	{"truncated, v3 without privacy", false, withoutPriv, unanswered(func(v *victim) [][]byte { return truncations(v.theft(v.admin())...) })},
	{"empty datagrams", false, victimOptions{}, unanswered(func(*victim) [][]byte { return [][]byte{{}, {0}, {0x30}, {0x30, 0}} })},
	{"over-long, v2c", true, withCommunity, unanswered((*victim).overlong)},
	{"over-long, v3", true, withoutPriv, reported((*victim).overlongV3)},
	{"over-long, v3 with privacy", true, victimOptions{}, reported((*victim).overlongV3)},
}

// bulk is a GETBULK with the community, which an attacker may know. It must
// not keep the agent from its administrator, and must be answered itself, by
// no more than a datagram.
func bulk(nonRepeaters, repetitions int, names ...mib.OID) func(v *victim) string {
	return func(v *victim) string {
		var vbs []binding
		for _, n := range names {
			vbs = append(vbs, binding{name: n})
		}
		o := v.shoot(slices.Repeat([][]byte{v.plain(message.V2c, "public", message.GetBulk, nonRepeaters, repetitions, vbs...)}, 3)...)
		switch {
		case o.dead:
			return fmt.Sprintf("answers nobody any more, for %v at least", v.patience)
		case len(o.answers) != 3:
			return fmt.Sprintf("answers %d of 3", len(o.answers))
		case o.took > 5*time.Second:
			return fmt.Sprintf("takes %v", o.took)
		}
		for _, a := range o.answers {
			var m message.Message
			if err := message.Decode(a, &m); err != nil || m.PDU.Type != message.Response || m.PDU.ErrorStatus() != message.NoError {
				return fmt.Sprintf("answers with %x: %v", head(a), err)
			}
		}
		return ""
	}
}

const huge = 1<<31 - 1

var bulks = []attack{
	{"GETBULK, huge repetitions", true, withCommunity, bulk(0, huge, mib.OID{1, 3})},
	{"GETBULK, negative repetitions", true, withCommunity, bulk(0, -1, mib.OID{1, 3})},
	{"GETBULK, lowest repetitions", false, withCommunity, bulk(0, -1<<31, mib.OID{1, 3})},
	{"GETBULK, huge non-repeaters", true, withCommunity, bulk(huge, 10, mib.OID{1, 3})},
	{"GETBULK, negative non-repeaters", true, withCommunity, bulk(-1, 10, mib.OID{1, 3})},
	{"GETBULK, huge both at the end", true, withCommunity, bulk(huge, huge, biggest)},
	{"GETBULK, huge repetitions at the end", true, withCommunity, bulk(0, huge, biggest)},
	{"GETBULK, huge repetitions of 200 names", true, withCommunity, bulk(0, huge, slices.Repeat([]mib.OID{{1, 3}}, 200)...)},
	{"GETBULK, huge repetitions of 5000 names", true, withCommunity, bulk(0, huge, slices.Repeat([]mib.OID{{1, 3}}, 5000)...)},
	{"GETBULK, huge repetitions, v3", true, victimOptions{}, func(v *victim) string {
		if o := v.shoot(v.request(v.admin(), message.GetBulk, 0, huge, binding{name: mib.OID{1, 3}})); o.dead {
			return fmt.Sprintf("answers nobody any more, for %v at least", v.patience)
		}
		return ""
	}},
}

var carelessness = []attack{
	{"SET carried out in part, v2c", true, withCommunity, func(v *victim) string {
		return v.broken(v.shoot(
			v.plain(message.V2c, "public", message.Set, 0, 0, assign(locationName, "half"), assign(upTimeName, "x")),
			v.plain(message.V1, "public", message.Set, 0, 0, assign(locationName, "half"), assign(mib.OID{1, 3, 6, 1, 9, 9, 0}, "x"))))
	}},
	{"SET carried out in part, v3", true, victimOptions{}, func(v *victim) string {
		return v.broken(v.shoot(v.request(v.admin(), message.Set, 0, 0, assign(locationName, "half"), assign(upTimeName, "x"))))
	}},
	{"salt used twice", true, victimOptions{}, func(v *victim) string {
		seen := map[string]bool{}
		for range 50 {
			a := v.ask(v.request(v.admin(), message.Get, 0, 0, binding{name: locationName}))
			if a == nil {
				return "answers nobody any more"
			}
			f := apart(v.t, a)
			key := fmt.Sprintf("%d %d %x", f.boots, f.time, f.salt)
			if seen[key] {
				return fmt.Sprintf("uses the salt %x twice", f.salt)
			}
			seen[key] = true
		}
		return ""
	}},
	{"answer longer than msgMaxSize", true, withoutPriv, func(v *victim) string {
		s := v.admin()
		s.maxSize = message.MinMaxSize
		if a := v.ask(v.request(s, message.GetBulk, 0, 60, binding{name: mib.OID{1, 3}})); len(a) > message.MinMaxSize || len(a) == 0 {
			return fmt.Sprintf("answers with %d octets", len(a))
		}
		return ""
	}},
	{"largest sub-identifiers", true, withCommunity, func(v *victim) string {
		var packets [][]byte
		for _, typ := range []message.PDUType{message.Get, message.GetNext, message.GetBulk} {
			packets = append(packets, v.plain(message.V2c, "public", typ, 0, 0, binding{name: biggest}))
		}
		o := v.shoot(packets...)
		if len(o.answers) != len(packets) {
			return fmt.Sprintf("answers %d of %d", len(o.answers), len(packets))
		}
		return v.broken(o)
	}},
	{"no names at all", true, withCommunity, func(v *victim) string {
		var packets [][]byte
		for _, typ := range []message.PDUType{message.Get, message.GetNext, message.GetBulk, message.Set} {
			packets = append(packets, v.plain(message.V2c, "public", typ, 0, 10))
		}
		o := v.shoot(packets...)
		for _, a := range o.answers {
			if bytes.Contains(a, []byte(secretPlace)) {
				return "tells the value"
			}
		}
		if len(o.answers) != len(packets) {
			return fmt.Sprintf("answers %d of %d", len(o.answers), len(packets))
		}
		return v.broken(o)
	}},
}
