package lab

import (
	"crypto/tls"
	"errors"
	"fmt"
	"sync"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptls"
	"mibgate/element/siptransport"
)

// Registrar is a SIP registrar (RFC 3261 §10) and stateless proxy (§16.11) over
// TLS: what is registered is reached by the connection it registered on, which
// is how a gateway's persistent link is used.
type Registrar struct {
	layer *siptransport.Layer
	say   *teller
	auth  *digestServer

	mu    sync.Mutex
	users map[string]binding           // by user part
	flows map[siptransport.Flow]string // last user of each connection
	paths map[string]siptransport.Flow // where answers to a relayed request go, by our branch
	order []string                     // branches, oldest first
}

type binding struct {
	contact sip.Uri
	flow    siptransport.Flow
}

// maxPaths bounds the relayed requests whose answers are awaited.
const maxPaths = 4096

func startRegistrar(port *uint16, a *authority, say *teller) (*Registrar, error) {
	if err := freePort(port); err != nil {
		return nil, err
	}
	cert, err := a.server()
	if err != nil {
		return nil, err
	}
	r := &Registrar{
		say: say, auth: newDigestServer(),
		users: map[string]binding{}, flows: map[siptransport.Flow]string{}, paths: map[string]siptransport.Flow{},
	}
	r.layer = siptransport.NewLayer(siptransport.Config{Receiver: r})
	server := siptls.Server(func() (siptls.Settings, error) {
		return siptls.Settings{Certificates: []tls.Certificate{cert}}, nil
	})
	if _, err := r.layer.Listen(siptransport.TLS, at(*port), server); err != nil {
		return nil, fmt.Errorf("lab: SIP server: %w", err)
	}
	return r, nil
}

func (r *Registrar) close() { r.layer.Close() }

// Registered is how many users are registered now.
func (r *Registrar) Registered() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.users)
}

// Cut closes every connection, as a failing network would; it returns how many.
func (r *Registrar) Cut() int {
	r.mu.Lock()
	var conns []*siptransport.Conn
	for f := range r.flows {
		if c, ok := f.(*siptransport.Conn); ok {
			conns = append(conns, c)
		}
	}
	r.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	r.say.say("SIP", "cut %d TLS connections", len(conns))
	return len(conns)
}

// FlowClosed implements siptransport.Receiver: who was on the connection is not
// reachable any more.
func (r *Registrar) FlowClosed(f siptransport.Flow, _ error) {
	r.mu.Lock()
	delete(r.flows, f)
	for user, b := range r.users {
		if b.flow == f {
			delete(r.users, user)
		}
	}
	r.mu.Unlock()
	r.say.say("SIP", "connection from %s closed", f.Remote())
}

// ReceiveMessage implements siptransport.Receiver.
func (r *Registrar) ReceiveMessage(f siptransport.Flow, m sip.Message) {
	var err error
	switch m := m.(type) {
	case *sip.Request:
		err = r.request(f, m)
	case *sip.Response:
		err = r.relayBack(m)
	}
	if err != nil && !errors.Is(err, siptransport.ErrClosed) {
		r.say.say("SIP", "%v", err)
	}
}

func (r *Registrar) request(f siptransport.Flow, req *sip.Request) error {
	switch {
	case req.Method == sip.REGISTER:
		return r.register(f, req)
	case req.Method == sip.OPTIONS && req.Recipient.User == "":
		return f.Send(sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil))
	}
	return r.relay(f, req)
}

func (r *Registrar) register(f siptransport.Flow, req *sip.Request) error {
	to := req.To()
	user := to.Address.User
	if challenge := r.auth.check(req, user); challenge != "" {
		res := sip.NewResponseFromRequest(req, sip.StatusUnauthorized, "Unauthorized", nil)
		res.AppendHeader(sip.NewHeader("WWW-Authenticate", challenge))
		return f.Send(res)
	}
	expires := expiry(req)
	contact := req.Contact()
	res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
	r.mu.Lock()
	if contact == nil || expires == 0 {
		delete(r.users, user)
	} else {
		r.users[user] = binding{contact: contact.Address, flow: f}
		r.flows[f] = user
		res.AppendHeader(sip.NewHeader("Contact", fmt.Sprintf("<%s>;expires=%d", contact.Address.String(), expires)))
	}
	n := len(r.users)
	r.mu.Unlock()
	if expires == 0 {
		r.say.say("SIP", "%s unregistered, %d registered", user, n)
	} else {
		r.say.say("SIP", "%s registered from %s over TLS, %d registered", user, f.Remote(), n)
	}
	return f.Send(res)
}

func (r *Registrar) lookup(user string) (binding, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, ok := r.users[user]
	return b, ok
}
