package snmp

import (
	"bytes"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/mib"
	"mibgate/mib/hoc"
)

// What both agents serve.
var (
	upTimeName   = mib.OID{1, 3, 6, 1, 2, 1, 1, 3, 0} // read-only
	sysNameName  = mib.OID{1, 3, 6, 1, 2, 1, 1, 5, 0}
	locationName = mib.OID{1, 3, 6, 1, 2, 1, 1, 6, 0} // what attackers are after
)

// secretPlace is sysLocation before an attack: nobody who has no key may learn
// or change it.
const secretPlace = "the secret place"

// victimSeconds is about how long a victim's engine has run, so that there is a
// time before the window.
const victimSeconds = 1000

// victimOptions say how an agent is set up.
type victimOptions struct {
	community bool          // v1 and v2c, community public; v3 only otherwise
	off       bool          // there is the community, but v1 and v2c are switched off
	level     message.Level // what user admin has keys for, and must use; 0: AuthPriv
}

// victim is an agent under attack: ours or the baseline.
type victim struct {
	*peer
	o        victimOptions
	ours     bool
	unit     *unit // when ours
	patience time.Duration
	engineID []byte
	boots    uint32
	id       int32
	keys     *usm.KeyCache

	location func() string // sysLocation, read beside the network
	restart  func()        // the agent starts again, as after a failure of power
	end      func()        // of the baseline
	dead     bool          // it has stopped to answer
}

// victims are agents of one kind that are attacked again and again, by their
// options: what the attack before left behind is a part of the test.
type victims struct {
	t    testing.TB
	ours bool
	keys *usm.KeyCache
	by   map[victimOptions]*victim
}

// of lends a victim to a test; one that has not survived is replaced.
func (s *victims) of(t testing.TB, o victimOptions) *victim {
	t.Helper()
	v := s.by[o]
	if v != nil {
		v.peer = dial(t, v.to()) // nothing is left in this one
	}
	if v == nil || v.dead || !v.reset() {
		if v != nil && s.ours {
			t.Fatal("our agent has not survived the attack before")
		}
		if v != nil {
			v.end()
		}
		v = newVictim(s.t, s.ours, o, s.keys)
		s.by[o] = v
		v.peer = dial(t, v.to())
	}
	return v
}

// newVictim starts an agent and proves that a SET of its administrator is
// carried out: an attack that differs from it in one thing fails by that.
func newVictim(t testing.TB, ours bool, o victimOptions, keys *usm.KeyCache) *victim {
	t.Helper()
	v := &victim{o: o, ours: ours, keys: keys, patience: 10 * time.Second}
	if v.o.level == 0 {
		v.o.level = message.AuthPriv
	}
	if ours {
		v.startOurs(t)
	} else {
		v.startBaseline(t, 5)
	}
	if !v.reset() {
		t.Fatal("a SET of the administrator is not carried out")
	}
	if !ours {
		v.patience = time.Second // it may spin
	}
	return v
}

// reset makes sysLocation the secret place, by a SET of the administrator.
func (v *victim) reset() bool {
	v.t.Helper()
	v.send(v.request(v.admin(), message.Set, 0, 0, assign(locationName, secretPlace)))
	_, alive := v.collect(false)
	return alive && v.location() == secretPlace
}

func (v *victim) startOurs(t testing.TB) {
	t.Helper()
	settings := []string{`Snmp.MinimumSecurityLevel="AuthPriv"`}
	if v.o.level == message.AuthNoPriv {
		settings[0] = `Snmp.MinimumSecurityLevel="AuthNoPriv"`
	}
	if v.o.community || v.o.off {
		settings = append(settings, openSettings...)
	}
	if v.o.off {
		settings = append(settings, `Snmp.EnableSnmpV1="Disable"`, `Snmp.EnableSnmpV2="Disable"`)
	}
	dir := t.TempDir()
	u := openUnit(t, dir, Options{}, settings...)
	v.unit = u
	v.meet(t, u)
	v.location = func() string { return hoc.Of(u.el.Store.Current()).SystemLocation }
	v.restart = func() {
		u.close()
		again := openUnit(t, dir, Options{})
		v.unit = again
		v.meet(t, again)
		v.location = func() string { return hoc.Of(again.el.Store.Current()).SystemLocation }
	}
}

// meet connects to a unit, whose engine is made older.
func (v *victim) meet(t testing.TB, u *unit) {
	t.Helper()
	v.peer = dial(t, u.svc.Addrs()[0])
	v.engineID = u.svc.EngineID()
	v.boots, _ = u.svc.engine.Time()
	var age atomic.Int64
	eng, err := usm.NewEngine(usm.Config{
		ID: v.engineID, Boots: v.boots, MaxSize: maxMessage,
		Clock: func() time.Time { return time.Now().Add(time.Duration(age.Load()) * time.Second) },
	})
	if err != nil {
		t.Fatal(err)
	}
	age.Store(victimSeconds)
	u.svc.engine.mu.Lock()
	defer u.svc.engine.mu.Unlock()
	u.svc.engine.running.Store(eng)
	u.svc.engine.apply()
}

func (v *victim) startBaseline(t testing.TB, boots uint32) {
	t.Helper()
	b := startBaseline(t, baselineConfig{Community: v.o.community, Level: v.o.level, Boots: boots, Seconds: victimSeconds})
	v.peer = dial(t, b.addr)
	v.engineID = append([]byte{0x80, 0, 0x4f, 0xb8, 5}, "baseline"...)
	v.boots = boots
	v.location, v.end = b.location, b.kill
	v.restart = func() {
		place := b.location()
		b.kill()
		v.startBaseline(t, boots+1)
		v.ask(v.request(v.admin(), message.Set, 0, 0, assign(locationName, place)))
	}
}

// binding is a variable binding of a request; a value of no kind is NULL.
type binding struct {
	name  mib.OID
	value mib.Value
}

func assign(name mib.OID, s string) binding { return binding{name, mib.String(s)} }

// sender is who seals a request, and what he believes of the engine.
type sender struct {
	user     *usm.User
	level    message.Level
	engineID []byte
	boots    uint32
	seconds  uint32
	maxSize  int32
}

// admin is the administrator, with true knowledge.
func (v *victim) admin() sender { return v.sender(adminPassword, adminPassword) }

// sender is user admin with the passwords that somebody believes he has.
func (v *victim) sender(auth, priv string) sender {
	s := sender{level: v.o.level, engineID: v.engineID, boots: v.boots, seconds: victimSeconds, maxSize: maxMessage}
	s.user = v.user(auth, priv, v.engineID)
	return s
}

func (v *victim) user(auth, priv string, engineID []byte) *usm.User {
	v.t.Helper()
	cipher := usm.AES128
	if v.o.level < message.AuthPriv {
		cipher = usm.NoPriv
	}
	c, err := usm.NewCredentials(v.keys, "admin", usm.SHA256, auth, cipher, priv)
	if err != nil {
		v.t.Fatal(err)
	}
	u, err := c.Localize(engineID)
	if err != nil {
		v.t.Fatal(err)
	}
	return u
}

// request makes a sealed v3 request; a and b are error-status and -index, or
// GetBulk's numbers.
func (v *victim) request(s sender, typ message.PDUType, a, b int, vbs ...binding) []byte {
	v.t.Helper()
	now := time.Unix(0, 0)
	eng, err := usm.NewEngine(usm.Config{ID: s.engineID, Boots: s.boots, Clock: func() time.Time { return now }})
	if err != nil {
		v.t.Fatal(err)
	}
	now = now.Add(time.Duration(s.seconds) * time.Second)
	sec := &usm.Context{}
	if err := eng.Originate(sec, s.user, s.level); err != nil {
		v.t.Fatal(err)
	}
	v.id++
	return v.build(message.Envelope{
		Version: message.V3, Type: typ, RequestID: v.id, MsgID: v.id, MaxSize: s.maxSize, Reportable: true,
		Scope: message.Scope{ContextEngineID: v.engineID}, Security: sec, // the context is right, whatever else is wrong
	}, a, b, vbs)
}

// plain makes a request of v1 or v2c.
func (v *victim) plain(version message.Version, community string, typ message.PDUType, a, b int, vbs ...binding) []byte {
	v.t.Helper()
	v.id++
	return v.build(message.Envelope{Version: version, Type: typ, RequestID: v.id, Community: []byte(community)}, a, b, vbs)
}

func (v *victim) build(e message.Envelope, a, b int, vbs []binding) []byte {
	v.t.Helper()
	var out message.Builder
	out.Begin(e, maxMessage)
	for _, vb := range vbs {
		var err error
		if vb.value.Kind == mib.KindNone {
			err = out.AppendNull(vb.name, ber.Null)
		} else {
			err = out.Append(vb.name, vb.value)
		}
		if err != nil {
			v.t.Fatal(err)
		}
	}
	packet, err := out.Finish(message.ErrorStatus(a), b)
	if err != nil {
		v.t.Fatal(err)
	}
	return slices.Clone(packet)
}

// volley is what came of packets that were sent at a victim.
type volley struct {
	answers [][]byte
	took    time.Duration // until the administrator was answered again
	dead    bool          // he was not
}

// shoot sends packets, asks as the administrator and takes what comes until he
// is answered and it is quiet.
func (v *victim) shoot(packets ...[]byte) volley {
	v.t.Helper()
	var out volley
	began := time.Now()
	chunks := fitting(packets)
	for i, chunk := range chunks {
		for _, p := range chunk {
			v.send(p)
		}
		v.send(v.request(v.admin(), message.Get, 0, 0, binding{name: upTimeName}))
		answers, alive := v.collect(i == len(chunks)-1)
		out.answers = append(out.answers, answers...)
		out.took, out.dead = time.Since(began), !alive
		if v.dead = !alive; v.dead {
			break
		}
	}
	return out
}

// fitting cuts packets into parts that fit into any socket's buffer; one at
// least.
func fitting(packets [][]byte) [][][]byte {
	out, octets := [][][]byte{nil}, 0
	for _, p := range packets {
		if octets += len(p) + 1000; octets > maxMessage {
			out, octets = append(out, nil), len(p)+1000
		}
		out[len(out)-1] = append(out[len(out)-1], p)
	}
	return out
}

// collect takes what comes until the last request is answered, which alive
// tells, and, on the last occasion, until nothing more comes.
func (v *victim) collect(last bool) (answers [][]byte, alive bool) {
	wait := v.patience
	for {
		answer := v.receive(wait)
		switch {
		case answer == nil:
			return answers, alive
		case !v.answersRequest(answer, v.id):
			answers = append(answers, answer)
			continue
		case !last:
			return answers, true
		}
		alive, wait = true, 30*time.Millisecond
	}
}

// answersRequest tells whether a datagram is a v3 message with that number.
func (v *victim) answersRequest(packet []byte, msgID int32) bool {
	var m message.Message
	return message.Decode(packet, &m) == nil && m.Version == message.V3 && m.Header.MsgID == msgID
}

// broken says what an attacker without a key got out of a volley; "" is nothing.
func (v *victim) broken(o volley) string {
	for _, a := range o.answers {
		if bytes.Contains(a, []byte(secretPlace)) {
			return "tells the value"
		}
	}
	if got := v.location(); got != secretPlace {
		return fmt.Sprintf("carries the SET out: %q", got)
	}
	if o.dead {
		return "answers nobody any more"
	}
	return ""
}
