package usm

import (
	"errors"
	"testing"

	"mibgate/agent/snmp/message"
)

// FuzzIncoming gives packets to an Engine and, as if they were answers, to a
// Remote. None but the seeds' can be authentic.
func FuzzIncoming(f *testing.F) {
	users := []*User{
		user(f, "md5des", MD5, DES, engineID), user(f, "shaaes", SHA1, AES128, engineID),
		user(f, "sha512", SHA512, AES256R, engineID), user(f, "plain", NoAuth, NoPriv, engineID),
	}
	cl := newClock()
	e := newEngine(f, Config{Users: NewUserTable(users...), Boots: 3, Clock: cl.now})
	for _, u := range users {
		for level := message.NoAuthNoPriv; level <= u.MaxLevel(); level++ {
			p := newManager(e, u, level)
			f.Add(append([]byte(nil), p.request(f, message.Get)...))
			p.boots++
			f.Add(append([]byte(nil), p.request(f, message.Response)...))
			p.name, p.engineID = nil, nil
			f.Add(append([]byte(nil), p.request(f, message.Report)...))
		}
	}
	remote, err := NewRemote(e, credentials(f, "shaaes", SHA1, AES128), message.AuthPriv)
	if err != nil {
		f.Fatal(err)
	}
	var m, r message.Message
	var c, d Context
	var b message.Builder
	f.Fuzz(func(t *testing.T, packet []byte) {
		if message.Decode(packet, &m) != nil || m.Version != message.V3 {
			return
		}
		remoteErr := remote.Incoming(&m, &d)
		if remoteErr == nil {
			t.Fatalf("a forged response was accepted: %x", packet)
		}
		err := e.Incoming(&m, &c)
		if err == nil && c.Level() > message.NoAuthNoPriv && c.User() == nil {
			t.Fatal("authentic without user")
		}
		out := e.Report(&b, &m, &c, err)
		if out == nil {
			return
		}
		if len(out) > int(m.Header.MaxSize) {
			t.Fatalf("report of %d octets, limit %d", len(out), m.Header.MaxSize)
		}
		var f *Failure
		if err := message.Decode(out, &r); err != nil || !errors.As(e.Incoming(&r, &c), &f) && r.Header.Flags != 0 && !c.authentic(&r) {
			t.Fatalf("report %x: %v", out, err)
		}
		if e.Report(&b, &r, &c, f) != nil {
			t.Fatal("a report was answered by a report")
		}
	})
}
