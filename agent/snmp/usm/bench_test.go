package usm

import (
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// answer is what a responder does for a v3 GET.
func answer(t testing.TB, e *Engine, packet []byte, m *message.Message, c *Context, b *message.Builder) {
	if err := message.Decode(packet, m); err != nil {
		t.Fatal(err)
	}
	if err := e.Incoming(m, c); err != nil {
		t.Fatal(err)
	}
	b.Begin(message.Reply(m, c, 65507), int(m.Header.MaxSize))
	for _, vb := range m.PDU.Varbinds {
		if err := b.Append(vb.Name, mib.Numeric(mib.TimeTicks, 123456)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Finish(0, 0); err != nil {
		t.Fatal(err)
	}
}

// frozen is the clock of benchmarks: the request must not grow old.
func frozen() func() time.Time { return newClock().now }

func TestGetDoesNotAllocate(t *testing.T) {
	for _, tt := range []struct {
		auth AuthProtocol
		priv PrivProtocol
	}{{NoAuth, NoPriv}, {MD5, DES}, {SHA1, AES128}, {SHA256, AES128}, {SHA512, AES256}} {
		u := user(t, "joe", tt.auth, tt.priv, engineID)
		e := newEngine(t, Config{Users: NewUserTable(u), Clock: frozen()})
		packet := append([]byte(nil), newManager(e, u, u.MaxLevel()).request(t, message.Get)...)
		var m message.Message
		var c Context
		var b message.Builder
		run := func() { answer(t, e, packet, &m, &c, &b) }
		run()
		// The pool of digests may be emptied by a collection meanwhile.
		if n := testing.AllocsPerRun(1000, run); n != 0 && !raceEnabled {
			t.Errorf("%v with %v: %v allocations", tt.auth, tt.priv, n)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, tt := range []struct {
		name string
		auth AuthProtocol
		priv PrivProtocol
	}{{"SHA-AES", SHA1, AES128}, {"SHA256-AES", SHA256, AES128}, {"MD5-DES", MD5, DES}, {"SHA512-AES256", SHA512, AES256}} {
		b.Run(tt.name, func(b *testing.B) {
			u := user(b, "joe", tt.auth, tt.priv, engineID)
			e := newEngine(b, Config{Users: NewUserTable(u), Clock: frozen()})
			packet := append([]byte(nil), newManager(e, u, u.MaxLevel()).request(b, message.Get)...)
			var m message.Message
			var c Context
			var bu message.Builder
			b.ReportAllocs()
			for b.Loop() {
				answer(b, e, packet, &m, &c, &bu)
			}
		})
	}
}
