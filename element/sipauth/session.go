package sipauth

import (
	"crypto/md5" //nolint:gosec // the digest algorithm that most registrars still ask for
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// Credentials are a user name and its password.
type Credentials struct {
	Username, Password string
}

// Lookup finds the credentials for a realm; ok is false when there are none.
type Lookup func(realm string) (c Credentials, ok bool)

// Session answers the challenges to one sequence of requests.
type Session struct {
	lookup Lookup

	mu     sync.Mutex
	realms map[realmKey]*nonceState
}

type realmKey struct {
	proxy bool
	realm string
}

// nonceState is what was last heard from one realm, and how often it was used.
type nonceState struct {
	challenge *digest.Challenge
	count     int
	cnonce    string // fixed for a nonce: -sess binds the key to it
}

// maxRealms bounds what a peer that invents realms can make us keep.
const maxRealms = 8

// NewSession makes a session that asks lookup for credentials.
func NewSession(lookup Lookup) *Session {
	return &Session{lookup: lookup, realms: make(map[realmKey]*nonceState)}
}

// Answer takes in the challenges of a 401 or 407 to sent. Nil means: build the request anew, with a higher CSeq, call
// Authorize on it and send it (RFC 3261 §22.2). ErrRejected: the realm refused credentials that we had just sent for
// its nonce; sending them again would be refused again. ErrNoChallenge and ErrNoCredentials: there is no answer.
func (s *Session) Answer(sent *sip.Request, res *sip.Response) error {
	proxy := res.StatusCode == sip.StatusProxyAuthRequired
	header := "WWW-Authenticate"
	if proxy {
		header = "Proxy-Authenticate"
	}
	list := challenges(res, header)
	if len(list) == 0 {
		return ErrNoChallenge
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for _, c := range list {
		if _, ok := s.lookup(c.Realm); !ok {
			continue
		}
		found = true
		if !c.Stale && answered(sent, proxy, c) && s.freshlyRefused(sent, proxy, c) {
			s.forget(proxy, c.Realm)
			return ErrRejected
		}
		s.learn(proxy, c)
	}
	if !found {
		return ErrNoCredentials
	}
	return nil
}

// answered tells whether the request carried credentials for the realm of c.
func answered(sent *sip.Request, proxy bool, c *digest.Challenge) bool {
	_, ok := sentNonce(sent, proxy, c.Realm)
	return ok
}

// freshlyRefused tells a wrong password from a nonce that has grown too old. Servers that forget to say stale=true
// exist; a nonce used for the first time is not old, so its refusal is about the credentials.
func (s *Session) freshlyRefused(sent *sip.Request, proxy bool, c *digest.Challenge) bool {
	nonce, _ := sentNonce(sent, proxy, c.Realm)
	st := s.realms[realmKey{proxy, c.Realm}]
	return nonce == c.Nonce || (st != nil && st.challenge.Nonce == nonce && st.count <= 1)
}

func sentNonce(sent *sip.Request, proxy bool, realm string) (string, bool) {
	if sent == nil {
		return "", false
	}
	for _, h := range sent.GetHeaders(headerName(proxy)) {
		cred, err := digest.ParseCredentials(h.Value())
		if err == nil && cred.Realm == realm {
			return cred.Nonce, true
		}
	}
	return "", false
}

func (s *Session) learn(proxy bool, c *digest.Challenge) {
	key := realmKey{proxy, c.Realm}
	if s.realms[key] == nil && len(s.realms) >= maxRealms {
		clear(s.realms)
	}
	s.realms[key] = &nonceState{challenge: c, cnonce: rand.Text()}
}

func (s *Session) forget(proxy bool, realm string) { delete(s.realms, realmKey{proxy, realm}) }

// Reset forgets every nonce, as when the server was changed.
func (s *Session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.realms)
}

// Authorize puts credentials on a request for every realm whose nonce is known; without one it does nothing. Each call
// counts as one use of the nonces.
func (s *Session) Authorize(req *sip.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, st := range s.realms {
		cred, ok := s.lookup(key.realm)
		if !ok {
			delete(s.realms, key)
			continue
		}
		value, err := st.respond(string(req.Method), req.Recipient.String(), cred)
		if err != nil {
			return err
		}
		req.AppendHeader(sip.NewHeader(headerName(key.proxy), value))
	}
	return nil
}

func headerName(proxy bool) string {
	if proxy {
		return "Proxy-Authorization"
	}
	return "Authorization"
}

// respond computes the header value for the next use of the nonce.
func (st *nonceState) respond(method, uri string, c Credentials) (string, error) {
	if strings.ContainsFunc(c.Username, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", ErrBadUsername
	}
	st.count++
	opts := digest.Options{
		Method: method, URI: uri, Count: st.count, Username: c.Username, Password: c.Password, Cnonce: st.cnonce,
	}
	chal := *st.challenge
	name := algorithm(&chal)
	sess := strings.HasSuffix(name, "-SESS")
	chal.Algorithm = strings.TrimSuffix(name, "-SESS")
	if len(chal.QOP) > 0 {
		chal.QOP = []string{"auth"}
	}
	if sess {
		// RFC 7616 §3.4.2: A1 = H(user:realm:password):nonce:cnonce.
		h := newHash(chal.Algorithm)
		opts.A1 = hexHash(h, hexHash(h, c.Username, chal.Realm, c.Password), chal.Nonce, st.cnonce)
	}
	cred, err := digest.Digest(&chal, opts)
	if err != nil {
		return "", fmt.Errorf("sipauth: %w", err)
	}
	cred.Algorithm = st.challenge.Algorithm // as the server wrote it, also when it wrote none
	value := cred.String()
	if sess && cred.QOP == "" {
		value += fmt.Sprintf(", cnonce=%q", st.cnonce) // the server needs it for A1 even without qop
	}
	return value, nil
}

func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "SHA-256":
		return sha256.New()
	case "SHA-512-256":
		return sha512.New512_256()
	}
	return md5.New() //nolint:gosec // see the import
}

func hexHash(h hash.Hash, parts ...string) string {
	h.Reset()
	h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}
