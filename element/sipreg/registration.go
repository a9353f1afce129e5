package sipreg

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/sipauth"
	"mibgate/element/siptransport"
	"mibgate/element/sipua"
)

// UserAgent is what a registration needs of sipua.UA.
type UserAgent interface {
	NewRequest(sipua.Request) *sip.Request
	Do(context.Context, siptransport.Flow, *sip.Request) (*sip.Response, error)
}

// Config is what a Registration is made of. UA, Flow and Contacts are compulsory.
type Config struct {
	UA UserAgent
	// User and Domain are the address of record, sip:User@Domain; the request goes to sip:Domain.
	User, Domain string
	// Flow gives the way to the registrar for each attempt; an error means that there is none now.
	Flow func(context.Context) (siptransport.Flow, error)
	// Contacts gives what is to be registered, for the flow in use.
	Contacts func(siptransport.Flow) []sipua.Contact
	// Credentials may be nil.
	Credentials sipauth.Lookup
	// Route is the route set: an outbound proxy, when it is a loose router.
	Route []sip.Uri
	// RefreshTime is how long before expiry the registration is refreshed; 0: it expires, and is made anew.
	RefreshTime time.Duration
	// Expiration is assumed when the registrar names none; 0 means an hour.
	Expiration time.Duration
	// Proposed is asked for; 0 asks for none.
	Proposed time.Duration
	// RetryTime is the time from a failure to the next attempt; 0 means 120 s.
	RetryTime time.Duration
	// Matching says how our contact is found in the answer; 0 means Strict.
	Matching Matching
	// OnChange, when not nil, is told of every change of state.
	OnChange func(Change)
}

// Registration keeps one address of record registered.
type Registration struct {
	cfg     Config
	callID  string
	fromTag string
	auth    *sipauth.Session
	again   chan struct{}
	lost    chan struct{}
	stop    chan struct{}
	once    sync.Once
	done    chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc

	mu       sync.Mutex
	state    State
	started  bool
	farewell context.Context // of Stop
	times    Times
	proposed time.Duration // what is asked for: Times.Proposed, or more when the registrar insisted (423)

	// Owned by the registration's goroutine.
	cseq  uint32
	bound bool // the registrar may hold a binding of ours
}

// Times are the times of a registration, as Config has them.
type Times struct {
	Refresh, Expiration, Proposed, Retry time.Duration
}

func (t Times) withDefaults() Times {
	if t.Expiration <= 0 {
		t.Expiration = time.Hour
	}
	if t.Retry <= 0 {
		t.Retry = 120 * time.Second
	}
	return t
}

// New makes a registration, which is unregistered until Start.
func New(cfg Config) *Registration {
	if cfg.Matching == 0 {
		cfg.Matching = Strict
	}
	if cfg.Credentials == nil {
		cfg.Credentials = func(string) (sipauth.Credentials, bool) { return sipauth.Credentials{}, false }
	}
	r := &Registration{
		cfg: cfg, callID: rand.Text(), fromTag: rand.Text(), auth: sipauth.NewSession(cfg.Credentials),
		again: make(chan struct{}, 1), lost: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		state: Unregistered, proposed: cfg.Proposed,
		times: Times{Refresh: cfg.RefreshTime, Expiration: cfg.Expiration, Proposed: cfg.Proposed, Retry: cfg.RetryTime}.withDefaults(),
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// Start begins to register.
func (r *Registration) Start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.started {
		return
	}
	r.started = true
	go r.run()
}

// State is the state now.
func (r *Registration) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

// Reregister registers at once, whatever the state: the link came up again, or the credentials changed.
func (r *Registration) Reregister() { signal(r.again) }

// Lost tells that the flow to the registrar has gone: unreachable, until Reregister or the retry time.
func (r *Registration) Lost() { signal(r.lost) }

// SetTimes changes the times; a timer that runs already runs on.
func (r *Registration) SetTimes(t Times) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t.Proposed != r.times.Proposed {
		r.proposed = t.Proposed
	}
	r.times = t.withDefaults()
}

// now are the times in force, and what is to be asked for.
func (r *Registration) now() (t Times, proposed time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.times, r.proposed
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Stop removes the binding, if there may be one, and ends the registration. It takes no longer than ctx.
func (r *Registration) Stop(ctx context.Context) {
	r.mu.Lock()
	r.farewell = ctx
	started := r.started
	r.started = true
	r.mu.Unlock()
	r.once.Do(func() {
		close(r.stop)
		r.cancel()
	})
	if started {
		<-r.done
	}
}

func (r *Registration) run() {
	defer close(r.done)
	for {
		wait, drop := r.attempt()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
			if drop {
				r.set(Unregistered, 0, time.Time{})
			}
		case <-r.again:
		case <-r.lost:
			r.set(Unreachable, 0, time.Time{})
			times, _ := r.now()
			timer.Reset(times.Retry)
			select {
			case <-timer.C:
			case <-r.again:
			case <-r.stop:
			}
		case <-r.stop:
		}
		timer.Stop()
		select {
		case <-r.stop:
			r.unregister()
			return
		default:
		}
	}
}

// set changes the state and tells of it.
func (r *Registration) set(s State, status int, expires time.Time) {
	r.mu.Lock()
	old := r.state
	r.state = s
	r.mu.Unlock()
	if old != s && r.cfg.OnChange != nil {
		r.cfg.OnChange(Change{Old: old, New: s, Status: status, Expires: expires})
	}
}

// attempt registers once. It returns when the next attempt is due, and whether the registration has expired by then.
func (r *Registration) attempt() (wait time.Duration, drop bool) {
	drain(r.again) // what was asked for is being done
	drain(r.lost)
	if r.State() == Registered {
		r.set(Refreshing, 0, time.Time{})
	} else {
		r.set(Registering, 0, time.Time{})
	}
	flow, contacts, err := r.prepare(r.ctx)
	if err != nil {
		return r.failed(err, nil)
	}
	_, proposed := r.now()
	res, err := r.exchange(r.ctx, flow, contacts, proposed)
	if err != nil || !res.IsSuccess() {
		return r.failed(err, res)
	}
	times, _ := r.now()
	granted, ok := grantedExpiry(res, contacts, r.cfg.Matching, times.Expiration)
	if !ok {
		r.bound = true // there may be a binding, only we do not find it
		r.set(InvalidResponse, res.StatusCode, time.Time{})
		return times.Retry, false
	}
	r.bound = true
	r.set(Registered, res.StatusCode, time.Now().Add(granted))
	return times.refreshIn(granted), times.Refresh == 0
}

// refreshIn is the time until the refresh of a binding.
func (t Times) refreshIn(granted time.Duration) time.Duration {
	if t.Refresh < granted {
		return granted - t.Refresh
	}
	return granted / 2 // a binding shorter than the refresh time
}

func (r *Registration) prepare(ctx context.Context) (siptransport.Flow, []sipua.Contact, error) {
	if r.cfg.User == "" || r.cfg.Domain == "" {
		return nil, nil, errConfig
	}
	flow, err := r.cfg.Flow(ctx)
	if err != nil {
		return nil, nil, err
	}
	contacts := r.cfg.Contacts(flow)
	if len(contacts) == 0 {
		return nil, nil, errConfig
	}
	return flow, contacts, nil
}

// maxRounds bounds the challenges and 423s that are answered in one attempt.
const maxRounds = 5

// exchange sends REGISTER, and again for challenges (§22) and for 423 (§10.3), until there is another final response.
func (r *Registration) exchange(ctx context.Context, flow siptransport.Flow, contacts []sipua.Contact, expires time.Duration) (*sip.Response, error) {
	var res *sip.Response
	for range maxRounds {
		req := r.request(contacts, expires)
		if err := r.auth.Authorize(req); err != nil {
			return nil, err
		}
		var err error
		if res, err = r.cfg.UA.Do(ctx, flow, req); err != nil {
			return nil, err
		}
		switch res.StatusCode {
		case sip.StatusUnauthorized, sip.StatusProxyAuthRequired:
			if err := r.auth.Answer(req, res); err != nil {
				return res, err
			}
		case sip.StatusIntervalToBrief:
			minimum, ok := minExpires(res)
			if !ok || minimum <= expires || expires < 0 {
				return res, nil
			}
			expires = minimum
			r.mu.Lock()
			r.proposed = minimum
			r.mu.Unlock()
		default:
			return res, nil
		}
	}
	return res, nil
}

func (r *Registration) request(contacts []sipua.Contact, expires time.Duration) *sip.Request {
	r.cseq++
	aor := sipua.URI(r.cfg.User, r.cfg.Domain, 0)
	req := sipua.Request{
		Method: sip.REGISTER, URI: sipua.URI("", r.cfg.Domain, 0), From: aor, To: aor, FromTag: r.fromTag, CallID: r.callID,
		CSeq: r.cseq, Route: r.cfg.Route, Contacts: contacts,
	}
	if h := expiresHeader(expires); h != nil {
		req.Headers = append(req.Headers, h)
	}
	return r.cfg.UA.NewRequest(req)
}

// failed sets the state that fits a failure.
func (r *Registration) failed(err error, res *sip.Response) (time.Duration, bool) {
	status := 0
	if res != nil {
		status = res.StatusCode
	}
	state := Rejected
	switch {
	case errors.Is(err, errConfig), errors.Is(err, siptransport.ErrControlChar), errors.Is(err, sipauth.ErrBadUsername):
		state = ConfigError
	case status == sip.StatusUnauthorized, status == sip.StatusProxyAuthRequired:
		state = AuthFailed
	case status == sip.StatusRequestTimeout, err != nil:
		state = Unreachable
	}
	if r.ctx.Err() == nil {
		r.set(state, status, time.Time{})
	}
	times, _ := r.now()
	return max(times.Retry, retryAfter(res)), false
}

// unregister is the end: the binding is removed (§10.2.2) if there may be one and a way to say so.
func (r *Registration) unregister() {
	defer r.set(Unregistered, 0, time.Time{})
	r.mu.Lock()
	ctx := r.farewell
	r.mu.Unlock()
	if !r.bound || ctx.Err() != nil {
		return
	}
	r.set(Unregistering, 0, time.Time{})
	flow, contacts, err := r.prepare(ctx)
	if err != nil {
		return
	}
	// Whatever the answer, this registration is over; the registrar's clock removes what we could not.
	_, _ = r.exchange(ctx, flow, contacts, -1)
}

func drain(ch chan struct{}) {
	select {
	case <-ch:
	default:
	}
}

var errConfig = errors.New("sipreg: the configuration does not make a REGISTER")
