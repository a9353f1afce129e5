package usm

import (
	"errors"
	"testing"
	"time"

	"mibgate/agent/snmp/message"
	"mibgate/mib"
)

// receiver is an inform receiver in memory: an Engine with its own clock.
type receiver struct {
	*Engine
	m  message.Message
	c  Context
	b  message.Builder
	to []byte // its last answer
}

// receive answers packet: a Response, or the Report that is due.
func (r *receiver) receive(t testing.TB, packet []byte) (accepted bool) {
	t.Helper()
	decode(t, packet, &r.m)
	if err := r.Incoming(&r.m, &r.c); err != nil {
		r.to = r.Report(&r.b, &r.m, &r.c, err)
		return false
	}
	r.b.Begin(message.Reply(&r.m, &r.c, 65507), 65507)
	if err := r.b.Echo(&r.m.PDU); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.to, err = r.b.Finish(0, 0); err != nil {
		t.Fatal(err)
	}
	return true
}

// sender is the notifier's side of one try.
type sender struct {
	*Remote
	m message.Message
	c Context
	b message.Builder
}

func (s *sender) inform(t testing.TB) []byte {
	t.Helper()
	if err := s.Secure(&s.c); err != nil {
		t.Fatal(err)
	}
	s.b.Begin(message.Envelope{
		Version: message.V3, Type: message.Inform, RequestID: 5, MsgID: 6, MaxSize: 65507, Reportable: true, Security: &s.c,
	}, 1472)
	if err := s.b.Append(message.SysUpTime, mib.Numeric(mib.TimeTicks, 1)); err != nil {
		t.Fatal(err)
	}
	out, err := s.b.Finish(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// answer gives the receiver's last answer to the sender.
func (s *sender) answer(t testing.TB, packet []byte) error {
	t.Helper()
	decode(t, packet, &s.m)
	return s.Incoming(&s.m, &s.c)
}

func newPair(t testing.TB, a AuthProtocol, p PrivProtocol, level message.Level) (*sender, *receiver, *clock) {
	t.Helper()
	cl := newClock()
	peerID := []byte("\x80\x00\x7e\xd9\x05receiver")
	peer := newEngine(t, Config{ID: peerID, Boots: 4, Clock: cl.now, Users: NewUserTable(user(t, "joe", a, p, peerID))})
	remote, err := NewRemote(newEngine(t, Config{Clock: cl.now}), credentials(t, "joe", a, p), level)
	if err != nil {
		t.Fatal(err)
	}
	cl.add(time.Hour)
	return &sender{Remote: remote}, &receiver{Engine: peer}, cl
}

// discover makes the sender know the engine ID of the receiver.
func (s *sender) discover(t testing.TB, r *receiver) {
	t.Helper()
	probe, err := s.Probe(&s.b, &s.c, 9)
	if err != nil {
		t.Fatal(err)
	}
	if r.receive(t, probe) {
		t.Fatal("a probe was accepted")
	}
	if err := s.answer(t, r.to); !errors.Is(err, ErrLearned) || !s.Known() {
		t.Fatalf("probe: %v", err)
	}
}

// synchronise makes the sender know its clock.
func (s *sender) synchronise(t testing.TB, r *receiver) {
	t.Helper()
	if r.receive(t, s.inform(t)) {
		t.Fatal("an inform with boots 0 was accepted")
	}
	if err := s.answer(t, r.to); !errors.Is(err, ErrLearned) {
		t.Fatalf("time: %v", err)
	}
}

func TestInform(t *testing.T) {
	for _, tt := range []struct {
		name  string
		auth  AuthProtocol
		priv  PrivProtocol
		level message.Level
	}{
		{"noAuthNoPriv", NoAuth, NoPriv, message.NoAuthNoPriv},
		{"authNoPriv", SHA1, NoPriv, message.AuthNoPriv},
		{"DES", MD5, DES, message.AuthPriv},
		{"AES", SHA256, AES128, message.AuthPriv},
		{"below what the user could", SHA256, AES128, message.AuthNoPriv},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, r, cl := newPair(t, tt.auth, tt.priv, tt.level)
			if s.Known() || !errors.Is(s.Secure(&s.c), ErrNotReady) {
				t.Fatal("known before discovery")
			}
			s.discover(t, r)
			if tt.level > message.NoAuthNoPriv {
				s.synchronise(t, r)
			}
			for range 3 { // its clock goes on as ours does
				if !r.receive(t, s.inform(t)) {
					t.Fatal("not accepted")
				}
				if err := s.answer(t, r.to); err != nil || s.m.PDU.Type != message.Response || s.m.PDU.RequestID != 5 {
					t.Fatalf("answer %+v: %v", s.m.PDU, err)
				}
				cl.add(24 * time.Hour)
			}
		})
	}
}

func TestPeerRestarts(t *testing.T) {
	s, r, _ := newPair(t, SHA256, AES128, message.AuthPriv)
	s.discover(t, r)
	s.synchronise(t, r)
	r.Engine.boots++ // its engineTime goes on, which is as good
	s.synchronise(t, r)
	if !r.receive(t, s.inform(t)) {
		t.Error("not accepted after a restart")
	}
}

func TestPeerGetsAnotherEngineID(t *testing.T) {
	s, r, cl := newPair(t, SHA256, AES128, message.AuthPriv)
	s.discover(t, r)
	s.synchronise(t, r)
	id := []byte("\x80\x00\x7e\xd9\x05another")
	r.Engine = newEngine(t, Config{ID: id, Boots: 1, Clock: cl.now, Users: NewUserTable(user(t, "joe", SHA256, AES128, id))})
	cl.add(time.Second)
	if r.receive(t, s.inform(t)) {
		t.Fatal("accepted with the old engine ID")
	}
	if err := s.answer(t, r.to); !errors.Is(err, ErrLearned) || string(s.EngineID()) != string(id) {
		t.Fatalf("%v", err)
	}
	s.synchronise(t, r)
	if !r.receive(t, s.inform(t)) {
		t.Error("not accepted")
	}
}

// TestPeerForgotItsBoots: without persisted boots a peer falls behind what
// was authentic once; only Forget helps.
func TestPeerForgotItsBoots(t *testing.T) {
	s, r, _ := newPair(t, SHA256, NoPriv, message.AuthNoPriv)
	s.discover(t, r)
	s.synchronise(t, r)
	r.Engine.boots = 1
	if r.receive(t, s.inform(t)) {
		t.Fatal("accepted")
	}
	if err := s.answer(t, r.to); !errors.Is(err, ErrNotInTimeWindow) {
		t.Fatalf("an old time was believed: %v", err)
	}
	s.Forget()
	if s.Known() {
		t.Fatal("still known")
	}
	s.discover(t, r)
	s.synchronise(t, r)
	if !r.receive(t, s.inform(t)) {
		t.Error("not accepted")
	}
}

func TestPeerRefuses(t *testing.T) {
	id := []byte("\x80\x00\x7e\xd9\x05receiver")
	for _, tt := range []struct {
		name string
		user *User
		want *Failure
	}{
		{"no such user", user(t, "jim", SHA256, AES128, id), ErrUnknownUserName},
		{"other key", user(t, "joe", SHA1, AES128, id), ErrWrongDigest},
		{"no privacy", user(t, "joe", SHA256, NoPriv, id), ErrUnsupportedSecLevel},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, r, _ := newPair(t, SHA256, AES128, message.AuthPriv)
			r.SetUsers(NewUserTable(tt.user))
			s.discover(t, r)
			if r.receive(t, s.inform(t)) {
				t.Fatal("accepted")
			}
			if err := s.answer(t, r.to); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestForgedAnswers: what the peer did not say must not count as an answer.
func TestForgedAnswers(t *testing.T) {
	s, r, cl := newPair(t, SHA256, AES128, message.AuthPriv)
	s.discover(t, r)
	s.synchronise(t, r)
	if !r.receive(t, s.inform(t)) {
		t.Fatal("not accepted")
	}
	good := append([]byte(nil), r.to...)

	bad := append([]byte(nil), good...)
	bad[len(bad)-1]++
	if err := s.answer(t, bad); !errors.Is(err, ErrWrongDigest) {
		t.Errorf("changed: %v", err)
	}
	forger := newManager(r.Engine, user(t, "joe", NoAuth, NoPriv, r.ID()), message.NoAuthNoPriv)
	if err := s.answer(t, forger.request(t, message.Response)); !errors.Is(err, ErrUnsupportedSecLevel) {
		t.Errorf("unsigned response: %v", err)
	}
	if err := s.answer(t, forger.request(t, message.Report)); !errors.Is(err, ErrRefused) {
		t.Errorf("unsigned report of sysUpTime: %v", err)
	}
	half := newManager(r.Engine, user(t, "joe", SHA256, NoPriv, r.ID()), message.AuthNoPriv)
	if err := s.answer(t, half.request(t, message.Response)); !errors.Is(err, ErrUnsupportedSecLevel) {
		t.Errorf("response that is not encrypted: %v", err)
	}
	whole := newManager(r.Engine, user(t, "joe", SHA256, AES128, r.ID()), message.AuthPriv)
	if err := s.answer(t, whole.request(t, message.Get)); !errors.Is(err, ErrUnsupportedSecLevel) {
		t.Errorf("a request: %v", err)
	}
	whole.name = []byte("jim")
	if err := s.answer(t, whole.request(t, message.Response)); !errors.Is(err, ErrUnknownUserName) {
		t.Errorf("another user: %v", err)
	}
	whole.engineID = []byte("\x80other")
	if err := s.answer(t, whole.request(t, message.Response)); !errors.Is(err, ErrUnknownEngineID) {
		t.Errorf("another engine: %v", err)
	}
	cl.add(timeWindow * time.Second)
	if err := s.answer(t, good); err != nil {
		t.Errorf("150 s old: %v", err)
	}
	cl.add(time.Second)
	if err := s.answer(t, good); !errors.Is(err, ErrNotInTimeWindow) {
		t.Errorf("151 s old: %v", err)
	}
}

func TestNewRemoteLevels(t *testing.T) {
	e := newEngine(t, Config{})
	for _, tt := range []struct {
		auth  AuthProtocol
		priv  PrivProtocol
		level message.Level
		want  error
	}{
		{NoAuth, NoPriv, message.AuthNoPriv, ErrUnsupportedSecLevel},
		{SHA1, NoPriv, message.AuthPriv, ErrUnsupportedSecLevel},
		{SHA1, DES, message.NoAuthNoPriv, nil},
	} {
		if _, err := NewRemote(e, credentials(t, "joe", tt.auth, tt.priv), tt.level); !errors.Is(err, tt.want) {
			t.Errorf("%v %v %v: %v", tt.auth, tt.priv, tt.level, err)
		}
	}
}

// fixed are keys at one engine, as a row of usmUserTable has them.
type fixed struct {
	engineID string
	user     *User
}

func (f fixed) Name() string { return f.user.Name() }

func (f fixed) Localize(engineID []byte) (*User, error) {
	if string(engineID) != f.engineID {
		return nil, ErrUnknownEngineID
	}
	return f.user, nil
}

// Keys that are for one engine are found out when the peer tells which it is.
func TestKeysOfOneEngine(t *testing.T) {
	peerID := []byte("\x80\x00\x7e\xd9\x05receiver")
	for _, tt := range []struct {
		name string
		keys Keys
		want error
	}{
		{"of the peer", fixed{string(peerID), user(t, "joe", SHA256, AES128, peerID)}, ErrLearned},
		{"of another engine", fixed{"\x80\x00\x7e\xd9\x05another", user(t, "joe", SHA256, AES128, peerID)}, ErrNoKeys},
		{"below the level", fixed{string(peerID), user(t, "joe", SHA256, NoPriv, peerID)}, ErrNoKeys},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, r, _ := newPair(t, SHA256, AES128, message.AuthPriv)
			var err error
			if s.Remote, err = NewRemote(newEngine(t, Config{}), tt.keys, message.AuthPriv); err != nil {
				t.Fatal(err)
			}
			probe, err := s.Probe(&s.b, &s.c, 9)
			if err != nil {
				t.Fatal(err)
			}
			r.receive(t, probe)
			if err := s.answer(t, r.to); !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if s.Known() != errors.Is(tt.want, ErrLearned) {
				t.Errorf("known: %t", s.Known())
			}
		})
	}
	if _, err := NewRemote(newEngine(t, Config{}), nil, message.NoAuthNoPriv); !errors.Is(err, ErrUnknownUserName) {
		t.Errorf("no keys at all: %v", err)
	}
}

func TestOriginate(t *testing.T) {
	e := newEngine(t, Config{})
	u := user(t, "joe", SHA1, NoPriv, engineID)
	var c Context
	if err := e.Originate(&c, u, message.AuthPriv); !errors.Is(err, ErrUnsupportedSecLevel) {
		t.Error(err)
	}
	if err := e.Originate(&c, nil, message.AuthPriv); !errors.Is(err, ErrUnknownUserName) {
		t.Error(err)
	}
	if err := e.Originate(&c, u, message.AuthNoPriv); err != nil || c.Level() != message.AuthNoPriv || c.User() != u {
		t.Error(err)
	}
}
