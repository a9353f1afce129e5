package sipauth

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

const password = "Circle of Life"

func mufasa(realm string) (Credentials, bool) {
	return Credentials{Username: "Mufasa", Password: password}, realm != "nobody"
}

func register(t *testing.T) *sip.Request {
	t.Helper()
	var u sip.Uri
	if err := sip.ParseUri("sip:example.test", &u); err != nil {
		t.Fatal(err)
	}
	return sip.NewRequest(sip.REGISTER, u)
}

func challenged(status int, values ...string) *sip.Response {
	res := sip.NewResponse(status, "Unauthorized")
	name := "WWW-Authenticate"
	if status == 407 {
		name = "Proxy-Authenticate"
	}
	for _, v := range values {
		res.AppendHeader(sip.NewHeader(name, v))
	}
	return res
}

func credentials(t *testing.T, req *sip.Request, header string) *digest.Credentials {
	t.Helper()
	h := req.GetHeader(header)
	if h == nil {
		t.Fatalf("no %s", header)
	}
	c, err := digest.ParseCredentials(h.Value())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// RFC 7616 §3.9.1 gives responses for MD5 and SHA-256 with fixed nonces.
func TestRFC7616Vectors(t *testing.T) {
	tests := []struct{ algorithm, want string }{
		{"MD5", "8ca523f5e9506fed4657c9700eebdbec"},
		{"SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
	}
	for _, tt := range tests {
		t.Run(tt.algorithm, func(t *testing.T) {
			st := &nonceState{cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", challenge: &digest.Challenge{
				Realm: "http-auth@example.org", Nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
				Opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", Algorithm: tt.algorithm, QOP: []string{"auth", "auth-int"},
			}}
			value, err := st.respond("GET", "/dir/index.html", Credentials{"Mufasa", password})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(value, `response="`+tt.want+`"`) || !strings.Contains(value, "nc=00000001") {
				t.Errorf("credentials %s", value)
			}
		})
	}
}

// A second way to compute the -sess responses, written out from RFC 7616 §3.4.
func TestSessionAlgorithms(t *testing.T) {
	for _, name := range []string{"MD5-sess", "SHA-256-sess"} {
		for _, qop := range []string{"auth", ""} {
			t.Run(name+" "+qop, func(t *testing.T) {
				chal := &digest.Challenge{Realm: "r", Nonce: "n", Algorithm: name}
				if qop != "" {
					chal.QOP = []string{qop}
				}
				st := &nonceState{cnonce: "c", challenge: chal}
				value, err := st.respond("REGISTER", "sip:example.test", Credentials{"u", "p"})
				if err != nil {
					t.Fatal(err)
				}
				h := newHash(strings.ToUpper(strings.TrimSuffix(name, "-sess")))
				ha1 := hexHash(h, hexHash(h, "u:r:p")+":n:c")
				ha2 := hexHash(h, "REGISTER:sip:example.test")
				want := hexHash(h, ha1+":n:"+ha2)
				if qop != "" {
					want = hexHash(h, ha1+":n:00000001:c:auth:"+ha2)
				}
				if !strings.Contains(value, `response="`+want+`"`) || !strings.Contains(value, "algorithm="+name) || strings.Count(value, "cnonce=") != 1 {
					t.Errorf("credentials %s, want response %s", value, want)
				}
			})
		}
	}
}

func TestStrongestChallengeIsTaken(t *testing.T) {
	digestOf := func(alg, nonce string) string {
		return fmt.Sprintf(`Digest realm="r", nonce=%q, algorithm=%s, qop="auth"`, nonce, alg)
	}
	tests := []struct {
		name   string
		values []string
		nonce  string // "" for ErrNoChallenge
	}{
		{"unknown first", []string{digestOf("SHA-999", "1"), digestOf("MD5", "2")}, "2"},
		{"weak first", []string{digestOf("MD5", "1"), digestOf("SHA-256", "2")}, "2"},
		{"strong first", []string{digestOf("SHA-256", "1"), digestOf("MD5", "2")}, "1"},
		{"session form is stronger", []string{digestOf("MD5", "1"), digestOf("md5-SESS", "2")}, "2"},
		{"other schemes are passed over", []string{`Basic realm="r"`, `NTLM`, digestOf("MD5", "2")}, "2"},
		{"no algorithm is MD5", []string{`Digest realm="r",nonce="1"`}, "1"},
		{"spaces in qop", []string{`Digest realm="r", nonce="1", qop="auth-int, auth"`}, "1"},
		{"auth-int alone", []string{`Digest realm="r", nonce="1", qop="auth-int"`}, ""},
		{"broken", []string{`Digest realm="r", nonce=`, `Digest`, ``}, ""},
		{"no nonce", []string{`Digest realm="r", algorithm=MD5`}, ""},
		{"only unknown", []string{digestOf("SHA-999", "1")}, ""},
		{"none", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewSession(mufasa)
			err := s.Answer(register(t), challenged(401, tt.values...))
			if tt.nonce == "" {
				if !errors.Is(err, ErrNoChallenge) {
					t.Errorf("Answer: %v", err)
				}
				return
			}
			req := register(t)
			if err != nil || s.Authorize(req) != nil {
				t.Fatalf("Answer: %v", err)
			}
			if c := credentials(t, req, "Authorization"); c.Nonce != tt.nonce || c.Username != "Mufasa" || c.URI != "sip:example.test" {
				t.Errorf("credentials %+v", c)
			}
		})
	}
}

func TestNonceIsCountedAndReused(t *testing.T) {
	s := NewSession(mufasa)
	if err := s.Answer(register(t), challenged(401, `Digest realm="r", nonce="1", qop="auth"`)); err != nil {
		t.Fatal(err)
	}
	var cnonce string
	for i := range 3 {
		req := register(t)
		if err := s.Authorize(req); err != nil {
			t.Fatal(err)
		}
		c := credentials(t, req, "Authorization")
		if c.Nc != i+1 || (cnonce != "" && c.Cnonce != cnonce) {
			t.Errorf("use %d: %+v", i, c)
		}
		cnonce = c.Cnonce
	}
	s.Reset()
	req := register(t)
	if err := s.Authorize(req); err != nil || req.GetHeader("Authorization") != nil {
		t.Errorf("credentials after Reset: %v", err)
	}
}

func TestRefusedCredentialsAreNotSentAgain(t *testing.T) {
	challenge := func(nonce, more string) *sip.Response {
		return challenged(401, fmt.Sprintf(`Digest realm="r", nonce=%q, qop="auth"%s`, nonce, more))
	}
	s := NewSession(mufasa)
	sent := register(t)
	if err := s.Answer(sent, challenge("1", "")); err != nil {
		t.Fatal(err)
	}
	sent = register(t)
	if err := s.Authorize(sent); err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(sent, challenge("2", ", stale=true")); err != nil {
		t.Fatalf("stale nonce: %v", err)
	}
	sent = register(t)
	if err := s.Authorize(sent); err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(sent, challenge("3", "")); !errors.Is(err, ErrRejected) {
		t.Errorf("wrong password: %v", err)
	}
}

func TestOldNonceWithoutStaleIsTriedOnceMore(t *testing.T) {
	s := NewSession(mufasa)
	if err := s.Answer(register(t), challenged(401, `Digest realm="r", nonce="1", qop="auth"`)); err != nil {
		t.Fatal(err)
	}
	var sent *sip.Request
	for range 2 { // the second use is a refresh, long after the first
		sent = register(t)
		if err := s.Authorize(sent); err != nil {
			t.Fatal(err)
		}
	}
	next := challenged(401, `Digest realm="r", nonce="2", qop="auth"`)
	if err := s.Answer(sent, next); err != nil {
		t.Fatalf("nonce grown old: %v", err)
	}
	sent = register(t)
	if err := s.Authorize(sent); err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(sent, challenged(401, `Digest realm="r", nonce="3", qop="auth"`)); !errors.Is(err, ErrRejected) {
		t.Errorf("refused at once: %v", err)
	}
}

func TestProxyAndServerRealmsTogether(t *testing.T) {
	s := NewSession(mufasa)
	if err := s.Answer(register(t), challenged(407, `Digest realm="proxy", nonce="p"`)); err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(register(t), challenged(401, `Digest realm="server", nonce="s"`)); err != nil {
		t.Fatal(err)
	}
	req := register(t)
	if err := s.Authorize(req); err != nil {
		t.Fatal(err)
	}
	if credentials(t, req, "Proxy-Authorization").Nonce != "p" || credentials(t, req, "Authorization").Nonce != "s" {
		t.Errorf("request %s", req)
	}
}

func TestRealmWithoutCredentials(t *testing.T) {
	s := NewSession(mufasa)
	if err := s.Answer(register(t), challenged(401, `Digest realm="nobody", nonce="1"`)); !errors.Is(err, ErrNoCredentials) {
		t.Errorf("Answer: %v", err)
	}
	if err := s.Answer(nil, challenged(401, `Digest realm="nobody", nonce="1"`, `Digest realm="r", nonce="2"`)); err != nil {
		t.Errorf("Answer with one known realm: %v", err)
	}
}

func TestBadUserNameIsRefusedWithoutShowingSecrets(t *testing.T) {
	s := NewSession(func(string) (Credentials, bool) { return Credentials{"a\r\nEvil: 1", "secret"}, true })
	if err := s.Answer(register(t), challenged(401, `Digest realm="r", nonce="1"`)); err != nil {
		t.Fatal(err)
	}
	err := s.Authorize(register(t))
	if !errors.Is(err, ErrBadUsername) || strings.Contains(err.Error(), "secret") {
		t.Errorf("Authorize: %v", err)
	}
}

func TestRealmsAreBounded(t *testing.T) {
	s := NewSession(mufasa)
	for i := range 100 {
		if err := s.Answer(register(t), challenged(401, fmt.Sprintf(`Digest realm="r%d", nonce="1"`, i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.realms) > maxRealms {
		t.Errorf("%d realms kept", len(s.realms))
	}
}

// FuzzAnswer feeds arbitrary challenges: no panic, and what Authorize adds is one header line.
func FuzzAnswer(f *testing.F) {
	f.Add(`Digest realm="r", nonce="1", qop="auth,auth-int", algorithm=SHA-256-sess, opaque="x", stale=TRUE`)
	f.Add(`Digest realm="a\"b", nonce="\\", qop=""`)
	f.Fuzz(func(t *testing.T, value string) {
		s := NewSession(mufasa)
		if s.Answer(nil, challenged(401, value)) != nil {
			return
		}
		req := register(t)
		if err := s.Authorize(req); err != nil {
			return
		}
		if h := req.GetHeader("Authorization"); h == nil || strings.ContainsAny(h.Value(), "\r\n\x00") {
			t.Fatalf("credentials %q for %q", h, value)
		}
	})
}
