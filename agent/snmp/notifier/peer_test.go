package notifier

import (
	"fmt"
	"testing"
	"time"

	"mibgate/agent/snmp"
	"mibgate/agent/snmp/message"
	"mibgate/agent/snmp/usm"
	"mibgate/testdata/snmptrapd"
)

// admin is the user of a receiver with net-snmp's names of protocols.
func admin(auth, priv string) snmptrapd.User {
	u := snmptrapd.User{Name: "admin", Auth: auth, AuthPassword: password, Priv: priv, PrivPassword: password}
	if auth == "" {
		u.AuthPassword = ""
	}
	if priv == "" {
		u.PrivPassword = ""
	}
	return u
}

// of is u at the engine that sends traps.
func of(u snmptrapd.User, engineID []byte) snmptrapd.User {
	u.EngineID = engineID
	return u
}

func TestV2cInform(t *testing.T) {
	r := snmptrapd.Start(t, snmptrapd.Options{})
	s := newSender(t, quick(), nil, informs(config(t, r.Addr())))
	s.emitUp(1)
	n := r.WaitFor("the inform", patience, isUp(1))
	if !n.Inform || n.Version != "v2c" || n.Community != "public" {
		t.Errorf("got %+v", n)
	}
	if d := s.awaitCounts(1, 1, 0, 1); d.LastError != "" || d.Destination != r.Addr() {
		t.Errorf("status %+v", d)
	}
}

func TestV3(t *testing.T) {
	type security struct {
		name  string
		auth  usm.AuthProtocol
		priv  usm.PrivProtocol
		level message.Level
		user  snmptrapd.User
	}
	for _, c := range []security{
		{"SHA-256 and AES-128", usm.SHA256, usm.AES128, message.AuthPriv, admin("SHA-256", "AES")},
		{"MD5 and DES", usm.MD5, usm.DES, message.AuthPriv, admin("MD5", "DES")},
		{"SHA-1 and AES-128", usm.SHA1, usm.AES128, message.AuthPriv, admin("SHA", "AES")},
		{"SHA-224 and AES-192", usm.SHA224, usm.AES192, message.AuthPriv, admin("SHA-224", "AES-192")},
		{"SHA-384 and AES-256", usm.SHA384, usm.AES256, message.AuthPriv, admin("SHA-384", "AES-256")},
		{"SHA-512 and AES-256", usm.SHA512, usm.AES256, message.AuthPriv, admin("SHA-512", "AES-256")},
		{"no privacy", usm.SHA256, usm.NoPriv, message.AuthNoPriv, admin("SHA-256", "")},
		{"no privacy wanted", usm.SHA256, usm.AES128, message.AuthNoPriv, admin("SHA-256", "")},
		{"no authentication", usm.SHA256, usm.AES128, message.NoAuthNoPriv, admin("", "")},
	} {
		for _, inform := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, inform %t", c.name, inform), func(t *testing.T) {
				addr := snmptrapd.FreeAddr(t)
				cfg := config(t, addr.String())
				cfg.Version, cfg.Inform, cfg.Level, cfg.Timeout = message.V3, inform, c.level, time.Second
				cfg.User = credentials(t, c.auth, c.priv, password)
				s := newSender(t, quick(), nil, cfg)
				user := c.user
				if !inform {
					user = of(user, s.engine.ID())
				}
				r := snmptrapd.Start(t, snmptrapd.Options{Addr: addr, Users: []snmptrapd.User{user}})
				for i := range uint32(3) {
					s.emitUp(i)
					n := r.WaitFor("the notification", patience, isUp(i))
					if n.Version != "v3" || n.User != "admin" || n.Inform != inform {
						t.Errorf("got %+v", n)
					}
				}
				acked := uint32(0)
				if inform {
					acked = 3
				}
				s.awaitCounts(1, 3, 0, acked)
			})
		}
	}
}

// A receiver that starts late gets the inform, once, and the ones after it.
func TestReceiverStartsLate(t *testing.T) {
	for _, v := range []message.Version{message.V2c, message.V3} {
		t.Run(v.String(), func(t *testing.T) {
			addr := snmptrapd.FreeAddr(t)
			c := informs(config(t, addr.String()))
			c.Retries = 10
			if v == message.V3 {
				c = asAdmin(t, c)
			}
			s := newSender(t, quick(), nil, c)
			s.emitUp(1)
			s.emitUp(2)
			if v == message.V2c {
				s.await(1, "the first try", func(d snmp.TargetStatus) bool { return d.Sent == 1 })
			}
			r := snmptrapd.Start(t, snmptrapd.Options{Addr: addr, Users: []snmptrapd.User{admin("SHA-256", "AES")}})
			s.awaitCounts(1, 2, 0, 2)
			r.WaitFor("the second", patience, isUp(2)) // it acknowledges before it prints
			got := r.Received()
			if len(got) != 2 || !isUp(1)(got[0]) || !isUp(2)(got[1]) {
				t.Errorf("received %v", got)
			}
		})
	}
}

// A dead destination, and one whose name nobody knows, cost the others nothing.
func TestDeadDestination(t *testing.T) {
	for _, inform := range []bool{false, true} {
		t.Run(fmt.Sprintf("inform %t", inform), func(t *testing.T) {
			r := snmptrapd.Start(t, snmptrapd.Options{})
			dead := snmptrapd.FreeAddr(t).String()
			c := config(t, dead, "nowhere.invalid", r.Addr())
			c.Inform, c.Retries = inform, 1
			o := quick()
			o.resolve = hosts{}.resolve
			s := newSender(t, o, nil, c)
			const many = 3
			for i := range uint32(many) {
				s.emitUp(i)
			}
			for i := range uint32(many) {
				r.WaitFor("what is sent to the living", patience, isUp(i))
			}
			if d, _ := s.target(1); inform && d.Dropped == many {
				t.Error("the living waited for the dead")
			}
			d := s.await(2, "what has no address waits", func(d snmp.TargetStatus) bool { return d.Queued == many && d.LastError != "" })
			if d.Sent+d.Dropped != 0 || d.LastError != "nowhere.invalid cannot be resolved: no such host" || d.Destination != "nowhere.invalid:162" {
				t.Errorf("no name: %+v", d)
			}
			want := dead + ": connection refused"
			d = s.await(1, "the dead one is told", func(d snmp.TargetStatus) bool { return d.Dropped > 0 && d.LastError == want })
			if inform {
				s.awaitCounts(1, many, many, 0)
			} else if d.Sent != many || d.Dropped > many {
				t.Errorf("dead: %+v", d)
			}
			s.await(3, "the living one", func(d snmp.TargetStatus) bool {
				return d.Sent == many && d.Dropped == 0 && d.LastError == "" && (d.Acked == many) == inform
			})
		})
	}
}

// A receiver that is started again is a new engine, or the same one with fewer
// boots than we know of.
func TestReceiverRestarts(t *testing.T) {
	for name, id := range map[string][]byte{"new engine": nil, "same engine": {0x80, 0, 0, 0, 5, 1, 2, 3}} {
		t.Run(name, func(t *testing.T) {
			r := snmptrapd.Start(t, snmptrapd.Options{EngineID: id, Users: []snmptrapd.User{admin("SHA-256", "AES")}})
			c := informs(asAdmin(t, config(t, r.Addr())))
			c.Timeout = time.Second
			s := newSender(t, quick(), nil, c)
			s.emitUp(1)
			s.awaitCounts(1, 1, 0, 1)
			r.Stop()
			s.emitUp(2)
			s.await(1, "the second is sent in vain", func(d snmp.TargetStatus) bool { return d.Sent == 2 })
			r.Restart()
			r.WaitFor("the second", patience, isUp(2))
			s.awaitCounts(1, 2, 0, 2)
		})
	}
}

// What is wrong is told in the operator's words, and put right without losing
// what is queued.
func TestWrongPassword(t *testing.T) {
	r := snmptrapd.Start(t, snmptrapd.Options{Users: []snmptrapd.User{admin("SHA-256", "AES")}})
	right := informs(asAdmin(t, config(t, r.Addr())))
	nobody, err := usm.NewCredentials(&keys, "nobody", usm.SHA256, password, usm.AES128, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		wrong *usm.Credentials
		want  string
	}{
		{"password", credentials(t, usm.SHA256, usm.AES128, "another password"), "the receiver has another authentication password or protocol (usmStatsWrongDigests)"},
		{"user", &nobody, "the receiver does not know the user (usmStatsUnknownUserNames)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.Clear()
			cfg := right
			cfg.User, cfg.Timeout, cfg.Retries = c.wrong, 200*time.Millisecond, 1
			s := newSender(t, quick(), nil, cfg)
			s.emitUp(1)
			s.emitUp(2)
			s.emitUp(3)
			d := s.await(1, "the first is given up", func(d snmp.TargetStatus) bool { return d.Dropped == 1 })
			if d.LastError != c.want {
				t.Errorf("last error %q, want %q", d.LastError, c.want)
			}
			s.configure(right)
			r.WaitFor("the second", patience, isUp(2))
			r.WaitFor("the third", patience, isUp(3))
			s.await(1, "both acknowledged", func(d snmp.TargetStatus) bool { return d.Acked == 2 && d.Dropped == 1 && d.LastError == "" })
		})
	}
}
