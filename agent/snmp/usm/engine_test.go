package usm

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"testing"
	"time"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

const (
	authPassword = "authentication"
	privPassword = "privacy-privacy"
)

var (
	engineID = []byte("\x80\x00\x7e\xd9\x05engine")
	keys     KeyCache // of all tests: Ku are slow
)

// clock is a clock that tests set.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func (c *clock) add(d time.Duration) { c.t = c.t.Add(d) }

func newClock() *clock { return &clock{time.Unix(1000, 0)} }

func credentials(t testing.TB, name string, a AuthProtocol, p PrivProtocol) Credentials {
	t.Helper()
	c, err := NewCredentials(&keys, name, a, authPassword, p, privPassword)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func user(t testing.TB, name string, a AuthProtocol, p PrivProtocol, id []byte) *User {
	t.Helper()
	c := credentials(t, name, a, p)
	u, err := c.Localize(id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newEngine(t testing.TB, c Config) *Engine {
	t.Helper()
	if c.ID == nil {
		c.ID = engineID
	}
	e, err := NewEngine(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// manager makes requests with any parameters, right or wrong.
type manager struct {
	Context
	b           message.Builder
	boots, time uint32
	flags       message.Flags // over those of the level
}

func (p *manager) stamp() (boots, seconds uint32) { return p.boots, p.time }

// newManager seals with the time of e, as a peer that knows it does.
func newManager(e *Engine, u *User, level message.Level) *manager {
	p := &manager{flags: message.FlagReportable}
	p.reset(e, p, e.id)
	p.boots, p.time = e.Time()
	p.user, p.name, p.level = u, u.name, level
	return p
}

// request is a GET of sysUpTime.0 with request-id 77.
func (p *manager) request(t testing.TB, pdu message.PDUType) []byte {
	t.Helper()
	p.b.Begin(message.Envelope{
		Version: message.V3, Type: pdu, RequestID: 77, MsgID: 4711, MaxSize: 1472, Reportable: p.flags != 0,
		Scope: message.Scope{ContextEngineID: p.engineID}, Security: p,
	}, 65507)
	if err := p.b.AppendNull(message.SysUpTime, ber.Null); err != nil {
		t.Fatal(err)
	}
	out, err := p.b.Finish(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func decode(t testing.TB, packet []byte, m *message.Message) {
	t.Helper()
	if err := message.Decode(packet, m); err != nil {
		t.Fatal(err)
	}
}

func TestRequestAndResponse(t *testing.T) {
	for a := NoAuth; a <= SHA512; a++ {
		for p := NoPriv; p <= AES256R; p++ {
			if a == NoAuth && p != NoPriv {
				continue
			}
			t.Run(a.String()+"/"+p.String(), func(t *testing.T) {
				u := user(t, "joe", a, p, engineID)
				e := newEngine(t, Config{Users: NewUserTable(u), Boots: 3})
				exchange(t, e, u)
			})
		}
	}
}

// exchange sends a request of every size and opens the response as the
// manager would.
func exchange(t *testing.T, e *Engine, u *User) {
	t.Helper()
	p := newManager(e, u, u.MaxLevel())
	var m, r message.Message
	var c, back Context
	var b message.Builder
	for n := range 70 { // every remainder of every block
		decode(t, p.request(t, message.Get), &m)
		if err := e.Incoming(&m, &c); err != nil {
			t.Fatal(err)
		}
		if m.PDU.RequestID != 77 || c.User() != u || c.Level() != u.MaxLevel() || !bytes.Equal(m.Scope.ContextEngineID, engineID) {
			t.Fatalf("got %+v", m.PDU)
		}
		value := mib.String(string(bytes.Repeat([]byte("v"), n)))
		b.Begin(message.Reply(&m, &c, 65507), 65507)
		if err := b.Append(message.SysUpTime, value); err != nil {
			t.Fatal(err)
		}
		out, err := b.Finish(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		decode(t, out, &r)
		if err := e.Incoming(&r, &back); err != nil { // the same checks, the other way
			t.Fatal(err)
		}
		got, err := r.PDU.Varbinds[0].Value.Value()
		if err != nil || !got.Equal(value) || r.PDU.Type != message.Response || r.PDU.RequestID != 77 || r.Header.MsgID != 4711 {
			t.Fatalf("response %+v, %v", r.PDU, err)
		}
		if n > 2 && u.MaxLevel() == message.AuthPriv && bytes.Contains(out, []byte("vvv")) {
			t.Fatal("not encrypted")
		}
		if r.Header.Flags&message.FlagReportable != 0 {
			t.Fatal("a response must not be reportable")
		}
	}
}

// TestFailures goes through RFC 3414 §3.2 step by step: the failure, its
// counter and its Report.
func TestFailures(t *testing.T) {
	full := user(t, "joe", SHA256, AES128, engineID)
	noPriv := user(t, "nopriv", SHA256, NoPriv, engineID)
	plain := user(t, "plain", NoAuth, NoPriv, engineID)
	stranger := user(t, "stranger", SHA256, AES128, engineID)
	otherKey := user(t, "joe", SHA1, AES128, engineID)
	otherPriv := user(t, "joe", SHA256, AES192, engineID)
	tests := []struct {
		name   string
		user   *User
		level  message.Level
		change func(p *manager)
		damage func(packet []byte)
		want   *Failure
	}{
		{"discovery", plain, message.NoAuthNoPriv, func(p *manager) { p.engineID, p.name = nil, nil }, nil, ErrUnknownEngineID},
		{"other engine", full, message.AuthPriv, func(p *manager) { p.engineID = []byte("\x80another") }, nil, ErrUnknownEngineID},
		{"engine ID of 33 octets", full, message.AuthPriv, func(p *manager) { p.engineID = make([]byte, 33) }, nil, ErrUnknownEngineID},
		{"empty user", plain, message.NoAuthNoPriv, func(p *manager) { p.name = nil }, nil, ErrUnknownUserName},
		{"empty user, authPriv", full, message.AuthPriv, func(p *manager) { p.name = nil }, nil, ErrUnknownUserName},
		{"unknown user", stranger, message.AuthPriv, nil, nil, ErrUnknownUserName},
		{"no keys for auth", stranger, message.AuthNoPriv, func(p *manager) { p.name = []byte("plain") }, nil, ErrUnsupportedSecLevel},
		{"no keys for priv", stranger, message.AuthPriv, func(p *manager) { p.name = []byte("nopriv") }, nil, ErrUnsupportedSecLevel},
		{"below the minimum", full, message.NoAuthNoPriv, nil, nil, ErrUnsupportedSecLevel},
		{"wrong key", otherKey, message.AuthNoPriv, nil, nil, ErrWrongDigest},
		{"last octet changed", full, message.AuthPriv, nil, func(b []byte) { b[len(b)-1]++ }, ErrWrongDigest},
		{"flags changed", full, message.AuthPriv, nil, func(b []byte) { b[bytes.Index(b, []byte{4, 1, 7})+2] ^= 0x80 }, ErrWrongDigest},
		{"151 s old", full, message.AuthPriv, func(p *manager) { p.time -= 151 }, nil, ErrNotInTimeWindow},
		{"151 s ahead", full, message.AuthPriv, func(p *manager) { p.time += 151 }, nil, ErrNotInTimeWindow},
		{"boots before", full, message.AuthNoPriv, func(p *manager) { p.boots-- }, nil, ErrNotInTimeWindow},
		{"boots after", noPriv, message.AuthNoPriv, func(p *manager) { p.boots++ }, nil, ErrNotInTimeWindow},
		{"boots 0, time 0", full, message.AuthPriv, func(p *manager) { p.boots, p.time = 0, 0 }, nil, ErrNotInTimeWindow},
		{"wrong privacy key", otherPriv, message.AuthPriv, nil, nil, ErrDecryption},
		{"150 s old", full, message.AuthPriv, func(p *manager) { p.time -= 150 }, nil, nil},
		{"150 s ahead", full, message.AuthPriv, func(p *manager) { p.time += 150 }, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cl := newClock()
			e := newEngine(t, Config{Boots: 5, Clock: cl.now, Users: NewUserTable(full, noPriv, plain), MinLevel: message.AuthNoPriv})
			cl.add(1000 * time.Second)
			p := newManager(e, tt.user, tt.level)
			if tt.change != nil {
				tt.change(p)
			}
			packet := p.request(t, message.Get)
			if tt.damage != nil {
				tt.damage(packet)
			}
			var m message.Message
			var c Context
			decode(t, packet, &m)
			err := e.Incoming(&m, &c)
			if tt.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			checkReport(t, e, &m, &c, tt.want, tt.level)
		})
	}
}

// checkReport verifies the Report that answers m, and the counters.
func checkReport(t *testing.T, e *Engine, m *message.Message, c *Context, want *Failure, level message.Level) {
	t.Helper()
	for _, f := range failures[1:] {
		n := uint32(0)
		if f == want {
			n = 1
		}
		if e.Stats().Count(f) != n {
			t.Errorf("%s is %d, want %d", f.Name(), e.Stats().Count(f), n)
		}
	}
	var b message.Builder
	var r message.Message
	out := e.Report(&b, m, c, want)
	if out == nil {
		t.Fatal("no report")
	}
	decode(t, out, &r)
	var p params
	if err := p.decode(&r.Header); err != nil {
		t.Fatal(err)
	}
	boots, now := e.Time()
	if !bytes.Equal(p.engineID, e.ID()) || p.boots != boots || p.time != now || r.Header.MsgID != 4711 {
		t.Errorf("parameters %+v", p)
	}
	wantLevel := message.NoAuthNoPriv
	if want == ErrNotInTimeWindow {
		wantLevel = message.AuthNoPriv
		if !c.user.mac.verify(out, p.authAt) {
			t.Error("the report about the time is not authentic")
		}
	}
	if r.Header.Flags != wantLevel.Flags() {
		t.Errorf("flags %x, want level %v and not reportable", r.Header.Flags, wantLevel)
	}
	if err := r.DecodeScoped(r.Header.Data); err != nil {
		t.Fatal(err)
	}
	wantID := int32(77)
	if level == message.AuthPriv {
		wantID = 0 // it was encrypted
	}
	if r.PDU.Type != message.Report || r.PDU.RequestID != wantID || failureOf(&r.PDU) != want {
		t.Errorf("report %+v", r.PDU)
	}
	v, err := r.PDU.Varbinds[0].Value.Value()
	if err != nil || !v.Equal(mib.Numeric(mib.Counter32, 1)) {
		t.Errorf("counter %v, %v", v, err)
	}
}

func TestNoReport(t *testing.T) {
	u := user(t, "plain", NoAuth, NoPriv, engineID)
	e := newEngine(t, Config{})
	var m message.Message
	var c Context
	var b message.Builder
	for name, tt := range map[string]struct {
		pdu   message.PDUType
		flags message.Flags
		want  bool
	}{
		"request":                  {message.Get, message.FlagReportable, true},
		"request, not reportable":  {message.Get, 0, false},
		"response, reportable":     {message.Response, message.FlagReportable, false},
		"trap, reportable":         {message.TrapV2, message.FlagReportable, false},
		"report, reportable":       {message.Report, message.FlagReportable, false},
		"inform, reportable":       {message.Inform, message.FlagReportable, true},
		"set, not to be reported ": {message.Set, 0, false},
	} {
		p := newManager(e, u, message.NoAuthNoPriv)
		p.flags = tt.flags
		decode(t, p.request(t, tt.pdu), &m)
		err := e.Incoming(&m, &c)
		if !errors.Is(err, ErrUnknownUserName) {
			t.Fatal(err)
		}
		if got := e.Report(&b, &m, &c, err) != nil; got != tt.want {
			t.Errorf("%s: report %v", name, got)
		}
		if len(m.PDU.Varbinds) != 0 {
			t.Errorf("%s: an unauthenticated PDU is left", name)
		}
	}
	if e.Report(&b, &m, &c, message.ErrParse) != nil {
		t.Error("a parse error is not reported")
	}
}

func TestTimeOfEngine(t *testing.T) {
	cl := newClock()
	e := newEngine(t, Config{Boots: 7, Clock: cl.now})
	tests := []struct {
		add         time.Duration
		boots, time uint32
	}{
		{0, 7, 0},
		{1500 * time.Millisecond, 7, 1},
		{-time.Hour, 7, 0}, // a host clock that was set back
		{time.Hour + (1<<31)*time.Second, 8, 1},
	}
	for _, tt := range tests {
		cl.add(tt.add)
		if b, s := e.Time(); b != tt.boots || s != tt.time {
			t.Errorf("after %v: %d, %d, want %d, %d", tt.add, b, s, tt.boots, tt.time)
		}
	}
}

func TestBootsLatch(t *testing.T) {
	u := user(t, "joe", SHA1, NoPriv, engineID)
	e := newEngine(t, Config{Boots: math.MaxInt32, Users: NewUserTable(u)})
	var m message.Message
	var c Context
	decode(t, newManager(e, u, message.AuthNoPriv).request(t, message.Get), &m)
	if err := e.Incoming(&m, &c); !errors.Is(err, ErrNotInTimeWindow) {
		t.Errorf("engineBoots 2147483647: %v", err)
	}
	if _, err := NewEngine(Config{ID: engineID, Boots: 1 << 31}); !errors.Is(err, ErrBoots) {
		t.Errorf("engineBoots 2147483648: %v", err)
	}
}

func TestSalts(t *testing.T) {
	e, f := newEngine(t, Config{Boots: 9}), newEngine(t, Config{Boots: 9})
	seen := map[[8]byte]bool{}
	for range 1000 {
		var aes, des [8]byte
		e.nextSalt(AES128, &aes)
		e.nextSalt(DES, &des)
		if seen[aes] || seen[des] {
			t.Fatal("a salt came twice")
		}
		seen[aes], seen[des] = true, true
		if hex.EncodeToString(des[:4]) != "00000009" {
			t.Fatalf("DES salt %x does not begin with engineBoots", des)
		}
	}
	var a, b [8]byte
	e.nextSalt(AES128, &a)
	f.nextSalt(AES128, &b)
	if a == b {
		t.Error("salts are not seeded at random")
	}
}

func TestMalformedParameters(t *testing.T) {
	u := user(t, "plain", NoAuth, NoPriv, engineID)
	e := newEngine(t, Config{Users: NewUserTable(u)})
	for name, in := range map[string]string{
		"empty":               "",
		"not a sequence":      "0400",
		"empty sequence":      "3000",
		"negative boots":      "3010 0401 80 0201ff 020100 0400 0400 0400",
		"negative time":       "3010 0401 80 020100 0201ff 0400 0400 0400",
		"user of 33 octets":   "302f 0400 020100 020100 0421" + hex.EncodeToString(make([]byte, 33)) + "0400 0400",
		"no salt":             "300c 0400 020100 020100 0400 0400",
		"octet after the end": "300f 0400 020100 020100 0400 0400 0400 00",
		"octet after it all":  "300e 0400 020100 020100 0400 0400 0400 00",
	} {
		m := message.Message{Version: message.V3, Header: message.Header{SecurityParameters: unhex(t, in)}}
		var c Context
		if err := e.Incoming(&m, &c); !errors.Is(err, message.ErrParse) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAuthParametersOfWrongLength(t *testing.T) {
	u := user(t, "joe", SHA512, NoPriv, engineID)
	short := user(t, "joe", MD5, NoPriv, engineID)
	e := newEngine(t, Config{Users: NewUserTable(u)})
	var m message.Message
	var c Context
	decode(t, newManager(e, short, message.AuthNoPriv).request(t, message.Get), &m)
	if err := e.Incoming(&m, &c); !errors.Is(err, ErrWrongDigest) {
		t.Errorf("12 octets for SHA-512: %v", err)
	}
}

func TestUsersAreReplaced(t *testing.T) {
	old, next := user(t, "joe", SHA1, NoPriv, engineID), user(t, "joe", SHA256, NoPriv, engineID)
	e := newEngine(t, Config{Users: NewUserTable(old)})
	var m message.Message
	var c Context
	decode(t, newManager(e, next, message.AuthNoPriv).request(t, message.Get), &m)
	if err := e.Incoming(&m, &c); !errors.Is(err, ErrWrongDigest) {
		t.Fatal(err)
	}
	e.SetUsers(NewUserTable(next))
	if err := e.Incoming(&m, &c); err != nil {
		t.Fatal(err)
	}
	e.SetMinLevel(message.AuthPriv)
	if err := e.Incoming(&m, &c); !errors.Is(err, ErrUnsupportedSecLevel) {
		t.Fatal(err)
	}
	e.SetUsers(nil)
	if err := e.Incoming(&m, &c); !errors.Is(err, ErrUnknownUserName) {
		t.Fatal(err)
	}
}
