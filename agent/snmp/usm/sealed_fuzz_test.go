package usm

import (
	"bytes"
	"errors"
	"testing"

	"mibgate/agent/snmp/ber"
	"mibgate/agent/snmp/message"
)

// FuzzParams reads UsmSecurityParameters and writes them again.
func FuzzParams(f *testing.F) {
	for _, p := range []params{
		{},
		{engineID: engineID, boots: 1, time: 1<<31 - 1, user: []byte("joe"), auth: make([]byte, 12), salt: make([]byte, saltLength)},
		{engineID: engineID, boots: 1<<31 - 1, user: bytes.Repeat([]byte("u"), maxUserName), auth: make([]byte, 48)},
	} {
		f.Add(p.encode())
	}
	f.Add([]byte("\x30\x0f\x04\x00\x02\x01\xff\x02\x01\x00\x04\x00\x04\x00\x04\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		const at = 40 // somewhere in the packet
		var p, q params
		if err := p.decode(&message.Header{SecurityParameters: b, ParamsAt: at}); err != nil {
			if !errors.Is(err, message.ErrParse) {
				t.Fatal(err)
			}
			return
		}
		if len(p.user) > maxUserName || p.boots > maxBoots || p.time > maxTime {
			t.Fatalf("%+v was accepted", p)
		}
		if !bytes.Equal(b[p.authAt-at:][:len(p.auth)], p.auth) {
			t.Fatalf("the digest is not at %d of %x", p.authAt-at, b)
		}
		again := p.encode()
		err := q.decode(&message.Header{SecurityParameters: again, ParamsAt: at})
		if err != nil || !bytes.Equal(q.encode(), again) || !bytes.Equal(q.engineID, p.engineID) || q.boots != p.boots || q.time != p.time ||
			!bytes.Equal(q.user, p.user) || !bytes.Equal(q.auth, p.auth) || !bytes.Equal(q.salt, p.salt) {
			t.Fatalf("%x became %x: %v", b, again, err)
		}
	})
}

func (p *params) encode() []byte {
	var w ber.Writer
	w.Reset(0)
	w.PrependBytes(ber.OctetString, p.salt)
	w.PrependBytes(ber.OctetString, p.auth)
	w.PrependBytes(ber.OctetString, p.user)
	w.PrependInt(ber.Integer, int64(p.time))
	w.PrependInt(ber.Integer, int64(p.boots))
	w.PrependBytes(ber.OctetString, p.engineID)
	w.Wrap(ber.Sequence)
	return w.Bytes()
}

// FuzzSealed is what FuzzIncoming cannot reach: messages whose digest is
// right, with any contents. Who has the keys must not harm the agent either.
//
//	secret   contents and salt as they are, for the cipher; contents are
//	         sealed as a ScopedPDU otherwise
func FuzzSealed(f *testing.F) {
	users := []*User{
		user(f, "plain", NoAuth, NoPriv, engineID), user(f, "sha384", SHA384, NoPriv, engineID), user(f, "md5des", MD5, DES, engineID),
		user(f, "shaaes", SHA1, AES128, engineID), user(f, "sha256", SHA256, AES256, engineID),
	}
	e := newEngine(f, Config{Users: NewUserTable(users...), Boots: 3, Clock: newClock().now})
	scoped := []byte("\x30\x11\x04\x01e\x04\x00\xa0\x0a\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x00")
	for who := range users {
		f.Add(byte(who), false, []byte(nil), scoped)
		f.Add(byte(who), false, []byte(nil), append(bytes.Clone(scoped), 0, 0))
		f.Add(byte(who), true, []byte("12345678"), scoped[:16])
		f.Add(byte(who), true, []byte("1234567"), scoped)
	}
	f.Fuzz(func(t *testing.T, who byte, secret bool, salt, contents []byte) {
		u := users[int(who)%len(users)]
		s := sealed{manager: newManager(e, u, u.MaxLevel()), u: u}
		if secret {
			s.raw(salt, contents)
		} else {
			s.scoped(contents)
		}
		s.check(t, e, secret, contents)
	})
}

// sealed is a message that a user made.
type sealed struct {
	*manager
	u      *User
	packet []byte
}

func (s *sealed) header() *message.Header {
	return &message.Header{MsgID: 1, MaxSize: 1472, Flags: s.level.Flags() | message.FlagReportable, SecurityModel: message.SecurityModelUSM}
}

// scoped seals contents in the place of a ScopedPDU, as our own answers are.
func (s *sealed) scoped(contents []byte) {
	var w ber.Writer
	w.Reset(256)
	w.Append(contents)
	_ = s.Seal(&w, s.header()) // has no error
	s.packet = w.Bytes()
}

// raw takes contents for ciphertext.
func (s *sealed) raw(salt, contents []byte) {
	var w ber.Writer
	w.Reset(256)
	if w.Append(contents); s.level == message.AuthPriv {
		w.Wrap(ber.OctetString)
	}
	p := params{engineID: engineID, boots: s.boots, time: s.time, user: s.name, salt: salt}
	mac := 0
	if s.level > message.NoAuthNoPriv {
		mac = s.u.mac.mac
		p.auth = make([]byte, mac)
	}
	data := w.Len()
	w.PrependBytes(ber.OctetString, p.encode())
	s.header().Prepend(&w)
	s.packet = w.Bytes()
	if mac > 0 {
		s.u.mac.sign(s.packet, len(s.packet)-data-ber.SizeTLV(len(salt))-mac)
	}
}

// check gives the message to e: it is authentic, and what is said of its
// contents is what message says of them.
func (s *sealed) check(t *testing.T, e *Engine, secret bool, contents []byte) {
	var m, want message.Message
	var c Context
	if message.Decode(s.packet, &m) != nil {
		return // not encrypted, and not a SEQUENCE
	}
	err := e.Incoming(&m, &c)
	if c.User() != s.u || c.Level() != s.level {
		t.Fatalf("%x is of %v at %v: %v", s.packet, c.User(), c.Level(), err)
	}
	if s.level == message.AuthPriv && secret {
		if err != nil && !errors.Is(err, ErrDecryption) && !errors.Is(err, message.ErrParse) && !errors.Is(err, message.ErrUnknownPDU) {
			t.Fatal(err)
		}
	} else {
		if block := s.u.priv.info().block; len(contents)%block > 0 { // the padding may complete it
			contents = append(bytes.Clone(contents), make([]byte, block-len(contents)%block)...)
		}
		want.Version, want.Header.Flags = message.V3, m.Header.Flags
		expected := want.DecodeScoped(contents)
		if _, _, bad := want.DecodeScope(contents); bad != nil && s.level == message.AuthPriv {
			expected = ErrDecryption
		}
		if !errors.Is(err, expected) || err == nil && !bytes.Equal(m.PDU.VarbindList, want.PDU.VarbindList) {
			t.Fatalf("%x at %v: %v, want %v", contents, s.level, err, expected)
		}
	}
	var b message.Builder
	if out := e.Report(&b, &m, &c, err); out != nil && message.Decode(out, &want) != nil {
		t.Fatalf("the report %x cannot be read", out)
	}
}
