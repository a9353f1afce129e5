package sipreg

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/sipauth"
	"mibgate/element/siptransport"
	"mibgate/element/sipua"
	"mibgate/testdata/testwait"
)

// fakeFlow is a persistent link's flow.
type fakeFlow struct{}

func (fakeFlow) Transport() siptransport.Transport { return siptransport.TLS }
func (fakeFlow) Reliable() bool                    { return true }
func (fakeFlow) Local() netip.AddrPort             { return netip.MustParseAddrPort("127.0.0.1:16000") }
func (fakeFlow) Remote() netip.AddrPort            { return netip.MustParseAddrPort("127.0.0.1:5061") }
func (fakeFlow) Send(sip.Message) error            { return nil }

// registrar answers requests by a script; the last entry repeats. Tests run in a synctest bubble, where an hour passes
// at once.
type registrar struct {
	*sipua.UA
	mu      sync.Mutex
	answers []string
	got     []*sip.Request
	at      []time.Duration
	began   time.Time
	down    bool
	changes []string
}

// Do answers with the next entry of the script: "200 30" grants 30 s by the Contact, "200" says nothing of expiry,
// "200 h30" grants by header, "200 other" has another contact, "423 60", "503 300", "401 nonce", "408", "error".
func (r *registrar) Do(ctx context.Context, _ siptransport.Flow, req *sip.Request) (*sip.Response, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, req)
	r.at = append(r.at, time.Since(r.began))
	answer := r.answers[0]
	if len(r.answers) > 1 {
		r.answers = r.answers[1:]
	}
	if answer == "error" {
		return nil, errors.New("timer F")
	}
	var status int
	var arg string
	fmt.Sscan(answer, &status, &arg)
	req = req.Clone()
	req.PrependHeader(&sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "TLS", Host: "127.0.0.1", Params: sip.HeaderParams{{K: "branch", V: "z9hG4bK1"}}})
	res := sip.NewResponseFromRequest(req, status, "Reason", nil)
	r.fill(res, req, status, arg)
	return res, nil
}

func (r *registrar) fill(res *sip.Response, req *sip.Request, status int, arg string) {
	add := func(name, value string) { res.AppendHeader(sip.NewHeader(name, value)) }
	switch {
	case status == 401:
		add("WWW-Authenticate", fmt.Sprintf(`Digest realm="r", nonce=%q, qop="auth"`, arg))
	case status == 423:
		add("Min-Expires", arg)
	case status == 503:
		add("Retry-After", arg+" (busy)")
	case status == 200 && arg == "other":
		res.AppendHeader(&sip.ContactHeader{Address: sipua.URI("100", "127.0.0.9", 1)})
	case status == 200:
		seconds, byHeader := strings.CutPrefix(arg, "h")
		for _, h := range req.GetHeaders("Contact") {
			c := h.(*sip.ContactHeader).Clone()
			if seconds != "" && !byHeader {
				c.Params.Add("EXPIRES", seconds)
			}
			res.AppendHeader(c)
		}
		if byHeader {
			add("Expires", seconds)
		}
	}
}

func (r *registrar) flow(context.Context) (siptransport.Flow, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil, errors.New("the link is down")
	}
	return fakeFlow{}, nil
}

func (r *registrar) setDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

func (r *registrar) note(c Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := c.New.String()
	if c.Status != 0 {
		s += fmt.Sprint(" ", c.Status)
	}
	r.changes = append(r.changes, s)
}

// take returns the changes since the last call.
func (r *registrar) take() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	s := strings.Join(r.changes, ", ")
	r.changes = nil
	return s
}

func (r *registrar) last(t *testing.T) *sip.Request {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.got) == 0 {
		t.Fatal("no REGISTER was sent")
	}
	return r.got[len(r.got)-1]
}

func start(t *testing.T, change func(*Config), answers ...string) (*registrar, *Registration) {
	t.Helper()
	reg := &registrar{UA: sipua.New(sipua.Config{Headers: sipua.Headers{UserAgent: "mibgate", MaxForwards: 70}}), answers: answers, began: time.Now()}
	cfg := Config{
		UA: reg, User: "100", Domain: "example.test", Flow: reg.flow, OnChange: reg.note,
		Contacts: func(f siptransport.Flow) []sipua.Contact {
			return []sipua.Contact{sipua.NewContact("100", f, true, "0.7")}
		},
		Credentials: func(string) (sipauth.Credentials, bool) {
			return sipauth.Credentials{Username: "100", Password: "secret"}, true
		},
		RefreshTime: 60 * time.Second, RetryTime: 120 * time.Second,
	}
	if change != nil {
		change(&cfg)
	}
	r := New(cfg)
	r.Start()
	t.Cleanup(func() { r.Stop(context.Background()) })
	return reg, r
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestRegisterAndRefresh(t *testing.T) {
	tests := []struct {
		name    string
		answer  string
		refresh time.Duration
		want    time.Duration // from one REGISTER to the next
		changes string        // at the second
	}{
		{"expires of the contact", "200 300", time.Minute, 4 * time.Minute, "refreshing, registered 200"},
		{"Expires header", "200 h600", time.Minute, 9 * time.Minute, "refreshing, registered 200"},
		{"no expiry: the configured one", "200", time.Minute, 59 * time.Minute, "refreshing, registered 200"},
		{"shorter than the refresh time", "200 40", time.Minute, 20 * time.Second, "refreshing, registered 200"},
		{"no refresh", "200 300", 0, 5 * time.Minute, "unregistered, registering, registered 200"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reg, r := start(t, func(c *Config) { c.RefreshTime = tt.refresh }, tt.answer)
				check(t, "changes", reg.take(), "registering, registered 200")
				time.Sleep(tt.want - time.Second)
				check(t, "changes before", reg.take(), "")
				time.Sleep(time.Second)
				check(t, "changes at the refresh", reg.take(), tt.changes)
				if r.State() != Registered {
					t.Errorf("state %v", r.State())
				}
			})
		})
	}
}

func TestRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, _ := start(t, func(c *Config) {
			c.Proposed = time.Hour
			c.Route = []sip.Uri{sipua.Loose("proxy.test", siptransport.TLS)}
		}, "200 300")
		synctest.Wait()
		got := reg.last(t).String()
		for _, part := range []string{
			"REGISTER sip:example.test SIP/2.0\r\n", "Route: <sip:proxy.test;transport=tls;lr>\r\n", "From: <sip:100@example.test>;tag=",
			"To: <sip:100@example.test>\r\n", "Contact: <sip:100@127.0.0.1:16000;transport=tls>;q=0.7\r\n", "Expires: 3600\r\n", "CSeq: 1 REGISTER\r\n",
		} {
			if !strings.Contains(got, part) {
				t.Errorf("no %q in\n%s", part, got)
			}
		}
		first := reg.last(t)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		second := reg.last(t)
		if first.CallID().Value() != second.CallID().Value() || second.CSeq().SeqNo != 2 || first.From().Value() != second.From().Value() {
			t.Errorf("second request\n%s", second)
		}
	})
}

func TestFailures(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*Config)
		answers []string
		want    string
		retry   time.Duration
	}{
		{"no answer", nil, []string{"error", "200 300"}, "registering, unreachable", 2 * time.Minute},
		{"408", nil, []string{"408", "200 300"}, "registering, unreachable 408", 2 * time.Minute},
		{"forbidden", nil, []string{"403", "200 300"}, "registering, rejected 403", 2 * time.Minute},
		{"redirected", nil, []string{"302", "200 300"}, "registering, rejected 302", 2 * time.Minute},
		{"stay away", nil, []string{"503 300", "200 300"}, "registering, rejected 503", 5 * time.Minute},
		{"wrong password", nil, []string{"401 a", "401 b", "200 300"}, "registering, authFailed 401", 2 * time.Minute},
		{"no credentials", func(c *Config) { c.Credentials = nil }, []string{"401 a", "200 300"}, "registering, authFailed 401", 2 * time.Minute},
		{"other contact", nil, []string{"200 other", "200 300"}, "registering, invalidResponse 200", 2 * time.Minute},
		{"granted no time", nil, []string{"200 0", "200 300"}, "registering, invalidResponse 200", 2 * time.Minute},
		{"423 without end", func(c *Config) { c.Proposed = time.Minute }, []string{"423 600", "423 600", "200 300"}, "registering, rejected 423", 2 * time.Minute},
		{"423 without a time", nil, []string{"423", "200 300"}, "registering, rejected 423", 2 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reg, _ := start(t, tt.change, tt.answers...)
				check(t, "changes", reg.take(), tt.want)
				time.Sleep(tt.retry - time.Second)
				check(t, "too early", reg.take(), "")
				time.Sleep(time.Second)
				check(t, "retry", reg.take(), "registering, registered 200")
			})
		})
	}
}

func TestConfigErrors(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no user":   func(c *Config) { c.User = "" },
		"no domain": func(c *Config) { c.Domain = "" },
		"no contact": func(c *Config) {
			c.Contacts = func(siptransport.Flow) []sipua.Contact { return nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reg, _ := start(t, change, "200")
				check(t, "changes", reg.take(), "registering, configError")
			})
		})
	}
}

func TestChallengeIsAnsweredAndTheNonceUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, _ := start(t, nil, "401 a", "200 300")
		check(t, "changes", reg.take(), "registering, registered 200")
		if h := reg.last(t).GetHeader("Authorization"); h == nil || !strings.Contains(h.Value(), "nc=00000001") || reg.last(t).CSeq().SeqNo != 2 {
			t.Errorf("request %s", reg.last(t))
		}
		time.Sleep(4 * time.Minute)
		check(t, "refresh", reg.take(), "refreshing, registered 200")
		if h := reg.last(t).GetHeader("Authorization"); h == nil || !strings.Contains(h.Value(), "nc=00000002") || reg.last(t).CSeq().SeqNo != 3 {
			t.Errorf("request %s", reg.last(t))
		}
	})
}

func TestIntervalTooBrief(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, _ := start(t, func(c *Config) { c.Proposed = time.Minute }, "423 600", "200 600")
		check(t, "changes", reg.take(), "registering, registered 200")
		check(t, "Expires", reg.last(t).GetHeader("Expires").Value(), "600")
	})
}

func TestLinkLostAndUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, r := start(t, nil, "200 300")
		check(t, "changes", reg.take(), "registering, registered 200")
		reg.setDown(true)
		r.Lost()
		check(t, "lost", reg.take(), "unreachable")
		time.Sleep(10 * time.Second)
		reg.setDown(false)
		r.Reregister()
		check(t, "up again", reg.take(), "registering, registered 200")
		reg.setDown(true)
		r.Lost()
		time.Sleep(121 * time.Second)
		check(t, "retry without a link", reg.take(), "unreachable, registering, unreachable")
		r.Reregister()
		r.Lost()
		check(t, "both at once", strings.ReplaceAll(reg.take(), "registering, unreachable", "x"), "x")
	})
}

func TestStopRemovesTheBinding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, r := start(t, nil, "200 300")
		check(t, "changes", reg.take(), "registering, registered 200")
		r.Stop(t.Context())
		check(t, "changes", reg.take(), "unregistering, unregistered")
		check(t, "Expires", reg.last(t).GetHeader("Expires").Value(), "0")
		r.Stop(t.Context())
	})
}

func TestStopWithoutABindingSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg, r := start(t, nil, "403")
		check(t, "changes", reg.take(), "registering, rejected 403")
		r.Stop(t.Context())
		check(t, "changes", reg.take(), "unregistered")
		if len(reg.got) != 1 {
			t.Errorf("%d requests", len(reg.got))
		}
		idle := New(Config{})
		idle.Stop(t.Context())
		idle.Start()
		if idle.State() != Unregistered {
			t.Errorf("state %v", idle.State())
		}
	})
}

func TestStopIsBounded(t *testing.T) {
	testwait.NoLeaks(t)
	ua := sipua.New(sipua.Config{})
	defer ua.Close()
	block := make(chan struct{})
	stuck := &stuckUA{ua, block}
	registered := make(chan Change, 10)
	r := New(Config{UA: stuck, User: "1", Domain: "a", OnChange: func(c Change) { registered <- c },
		Flow:     func(context.Context) (siptransport.Flow, error) { return fakeFlow{}, nil },
		Contacts: func(f siptransport.Flow) []sipua.Contact { return []sipua.Contact{sipua.NewContact("1", f, false, "")} }})
	r.bound = true // as after an earlier answer
	r.Start()
	testwait.Recv(t, 5*time.Second, "a change", registered)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	began := time.Now()
	r.Stop(ctx)
	if d := time.Since(began); d > time.Second {
		t.Errorf("Stop took %v", d)
	}
}

// stuckUA gets no answer to anything.
type stuckUA struct {
	*sipua.UA
	block chan struct{}
}

func (s *stuckUA) Do(ctx context.Context, _ siptransport.Flow, _ *sip.Request) (*sip.Response, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
