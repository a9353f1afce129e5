package sipep

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptls"
	"mibgate/element/siptransport"
	"mibgate/element/siptx"
	"mibgate/element/sipua"
	"mibgate/testdata/testcert"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

// registrar is a SIP server of a test: it answers REGISTER with 200 and keeps
// what it was asked.
type registrar struct {
	t    *testing.T
	ca   *testcert.CA
	ua   *sipua.UA
	addr netip.AddrPort
	got  chan received

	mu     sync.Mutex
	answer func(tx *siptx.ServerTx) bool // true when it has answered
	leaf   tls.Certificate
}

type received struct {
	req  *sip.Request
	flow siptransport.Flow
}

// newRegistrar starts a server over one transport, with a certificate for
// 127.0.0.1.
func newRegistrar(t *testing.T, tr siptransport.Transport) *registrar {
	t.Helper()
	ca, err := testcert.NewCA("test CA", testcert.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	s := &registrar{t: t, ca: ca, got: make(chan received, 1000)}
	s.certificate(testcert.Leaf{})
	s.listen(tr, "127.0.0.1:0")
	t.Cleanup(func() { s.ua.Close() })
	return s
}

func (s *registrar) listen(tr siptransport.Transport, at string) {
	s.t.Helper()
	s.ua = sipua.New(sipua.Config{})
	s.ua.Mux.Handle(sip.REGISTER, s.register)
	s.ua.Mux.Handle(sip.OPTIONS, s.register)
	var err error
	s.addr, err = s.ua.Transport.Listen(tr, netip.MustParseAddrPort(at), siptls.Server(func() (siptls.Settings, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return siptls.Settings{Certificates: []tls.Certificate{s.leaf}}, nil
	}))
	if err != nil {
		s.t.Fatal(err)
	}
}

// restart closes every connection and listens again on the same port.
func (s *registrar) restart() {
	s.t.Helper()
	s.ua.Close()
	s.listen(siptransport.TLS, s.addr.String())
}

// certificate issues the certificate for the next handshake.
func (s *registrar) certificate(l testcert.Leaf) {
	s.t.Helper()
	pair, err := s.ca.Issue(l)
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := pair.TLS()
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaf = c
}

// answers sets who answers before the usual 200 does.
func (s *registrar) answers(f func(tx *siptx.ServerTx) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

func (s *registrar) register(tx *siptx.ServerTx) {
	s.got <- received{tx.Request(), tx.Flow()}
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	if answer != nil && answer(tx) {
		return
	}
	var contacts []sip.Header
	for _, c := range tx.Request().GetHeaders("Contact") {
		contacts = append(contacts, sip.HeaderClone(c))
	}
	_ = tx.Reply(200, "OK", append(contacts, sip.NewHeader("Expires", "60"))...)
}

// challenge is an answer that asks for a digest and takes any but that of a
// wrong user.
func challenge(realm, user string) func(tx *siptx.ServerTx) bool {
	return func(tx *siptx.ServerTx) bool {
		auth := tx.Request().GetHeader("Authorization")
		if auth != nil && strings.Contains(auth.Value(), fmt.Sprintf("username=%q", user)) {
			return false
		}
		_ = tx.Reply(401, "Unauthorized", sip.NewHeader("WWW-Authenticate", fmt.Sprintf(`Digest realm=%q, nonce="n", qop="auth"`, realm)))
		return true
	}
}

// next waits for the next request.
func (s *registrar) next() received {
	s.t.Helper()
	return testwait.Recv(s.t, testelement.Patience, "a request at the server", s.got)
}

// header is the value of a header of a request, "" when there is none.
func (r received) header(name string) string {
	if h := r.req.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

// ask sends a request to the unit by flow, in a dialog when toTag is not empty,
// and answers its final response.
func (s *registrar) ask(flow siptransport.Flow, method sip.RequestMethod, toTag string) *sip.Response {
	s.t.Helper()
	to := sipua.URI("100", "example.test", 0)
	req := s.ua.NewRequest(sipua.Request{Method: method, URI: to, From: sipua.URI("them", "example.test", 0), To: to})
	if toTag != "" {
		req.To().Params = sip.NewParams()
		req.To().Params.Add("tag", toTag)
	}
	got := make(chan *sip.Response, 10)
	_, err := s.ua.Transactions.Send(flow, req, siptx.ClientUser{Response: func(res *sip.Response) {
		if !res.IsProvisional() {
			got <- res
		}
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	return testwait.Recv(s.t, testelement.Patience, "an answer to "+string(method), got)
}

func value(res *sip.Response, name string) string {
	if h := res.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}
