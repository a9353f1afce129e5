package sipua

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"mibgate/element/siptransport"
	"mibgate/element/siptx"
	"mibgate/testdata/testwait"
)

const patience = 5 * time.Second

// pair is two user agents on loopback, and a flow from the first to the second.
func pair(t *testing.T, tr siptransport.Transport) (client, server *UA, flow siptransport.Flow) {
	t.Helper()
	testwait.NoLeaks(t)
	client, server = New(Config{Headers: Headers{"client/1", 70}}), New(Config{Headers: Headers{"server/1", 70}})
	t.Cleanup(client.Close)
	t.Cleanup(server.Close)
	addr, err := server.Transport.Listen(tr, netip.MustParseAddrPort("127.0.0.1:0"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Transport.Listen(tr, netip.MustParseAddrPort("127.0.0.1:0"), nil); err != nil {
		t.Fatal(err)
	}
	if flow, err = client.Transport.Flow(t.Context(), tr, addr); err != nil {
		t.Fatal(err)
	}
	return client, server, flow
}

func ask(t *testing.T, u *UA, flow siptransport.Flow, r Request) *sip.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if r.URI.Scheme == "" {
		r.URI = URI("100", "127.0.0.1", 0)
	}
	r.From, r.To = URI("me", "example.test", 0), URI("100", "example.test", 0)
	res, err := u.Do(ctx, flow, u.NewRequest(r))
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func header(res *sip.Response, name string) string {
	if h := res.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

func TestInspectionOfRequests(t *testing.T) {
	client, server, flow := pair(t, siptransport.TCP)
	server.Mux.Handle(sip.OPTIONS, server.Mux.AnswerOptions)
	server.Mux.Handle(sip.INVITE, server.Mux.Refuse(480, "Temporarily Unavailable"))
	server.Mux.Handle(sip.INFO, func(*siptx.ServerTx) { panic("a defect") })
	server.Mux.SetExtensions([]string{"timer"}, false)
	tests := []struct {
		name          string
		req           Request
		status        int
		header, value string
	}{
		{"OPTIONS", Request{Method: sip.OPTIONS}, 200, "Allow", "ACK, CANCEL, INFO, INVITE, OPTIONS"},
		{"capabilities", Request{Method: sip.OPTIONS}, 200, "Supported", "timer"},
		{"our name", Request{Method: sip.OPTIONS}, 200, "Server", "server/1"},
		{"unknown method", Request{Method: "FOO"}, 405, "Allow", "ACK, CANCEL, INFO, INVITE, OPTIONS"},
		{"known extension", Request{Method: sip.OPTIONS, Headers: []sip.Header{sip.NewHeader("Require", "timer")}}, 200, "", ""},
		{"unknown extensions", Request{Method: sip.OPTIONS, Headers: []sip.Header{sip.NewHeader("Require", "a, timer,b")}}, 420, "Unsupported", "a, b"},
		{"other scheme", Request{Method: sip.OPTIONS, URI: sip.Uri{Scheme: "http", Host: "x"}}, 416, "", ""},
		{"panic in a handler", Request{Method: sip.INFO}, 500, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := ask(t, client, flow, tt.req)
			if res.StatusCode != tt.status || (tt.header != "" && header(res, tt.header) != tt.value) {
				t.Errorf("answer %d, %s %q; want %d %q", res.StatusCode, tt.header, header(res, tt.header), tt.status, tt.value)
			}
			if tag, _ := res.To().Params.Get("tag"); tag == "" {
				t.Error("no To tag")
			}
		})
	}
	server.Mux.SetExtensions(nil, true)
	if res := ask(t, client, flow, Request{Method: sip.OPTIONS, Headers: []sip.Header{sip.NewHeader("Require", "a")}}); res.StatusCode != 200 {
		t.Errorf("Require not ignored: %d", res.StatusCode)
	}
	server.Mux.Handle(sip.OPTIONS, nil)
	if res := ask(t, client, flow, Request{Method: sip.OPTIONS}); res.StatusCode != 405 {
		t.Errorf("handler not taken away: %d", res.StatusCode)
	}
}

func TestInviteOverEveryTransport(t *testing.T) {
	for _, tr := range []siptransport.Transport{siptransport.UDP, siptransport.TCP} {
		t.Run(string(tr), func(t *testing.T) {
			client, server, flow := pair(t, tr)
			ringing := make(chan struct{})
			server.Mux.Handle(sip.INVITE, func(tx *siptx.ServerTx) {
				if err := tx.Reply(180, "Ringing"); err != nil {
					t.Error(err)
				}
				close(ringing)
			})
			got := make(chan int, 10)
			invite := client.NewRequest(Request{Method: sip.INVITE, URI: URI("100", "127.0.0.1", 0)})
			tx, err := client.Transactions.Send(flow, invite, siptx.ClientUser{
				Response: func(res *sip.Response) { got <- res.StatusCode },
				Failed:   func(err error) { t.Error(err) },
			})
			if err != nil {
				t.Fatal(err)
			}
			testwait.Recv(t, patience, "the INVITE", ringing)
			if err := tx.Cancel(); err != nil {
				t.Fatal(err)
			}
			for _, want := range []int{180, 487} {
				status := testwait.Recv(t, patience, "a response", got)
				if status != want {
					t.Errorf("status %d, want %d", status, want)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := server.Transactions.Drain(ctx, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestProbe(t *testing.T) {
	client, server, flow := pair(t, siptransport.TCP)
	probe := client.Probe(ServerURI("127.0.0.1:5061"), URI("", "example.test", 0))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := probe(ctx, flow, "PING"); err != nil { // 405 is a sign of life
		t.Errorf("probe: %v", err)
	}
	server.Close()
	if err := probe(ctx, flow, sip.OPTIONS); err == nil {
		t.Error("a probe of a closed server succeeded")
	}
}

func TestNewRequest(t *testing.T) {
	u := New(Config{Headers: Headers{UserAgent: "mibgate/1", MaxForwards: 20}})
	defer u.Close()
	req := u.NewRequest(Request{
		Method: sip.REGISTER, URI: URI("", "example.test", 0), From: URI("a#b", "example.test", 0), To: URI("a#b", "example.test", 0),
		FromTag: "t1", CallID: "c1", CSeq: 7, Route: []sip.Uri{Loose("proxy.test:5070", siptransport.TLS)},
		Contacts: []Contact{
			ContactAt("a#b", netip.MustParseAddrPort("127.0.0.1:16000"), siptransport.TLS, true, "0.7"),
			ContactAt("", netip.MustParseAddrPort("[::1]:5060"), siptransport.UDP, false, ""),
		},
		Headers: []sip.Header{sip.NewHeader("Expires", "60")},
	})
	want := strings.Join([]string{
		"REGISTER sip:example.test SIP/2.0", "Route: <sip:proxy.test:5070;transport=tls;lr>", "Max-Forwards: 20",
		"From: <sip:a%23b@example.test>;tag=t1", "To: <sip:a%23b@example.test>", "Call-ID: c1", "CSeq: 7 REGISTER",
		"Contact: <sip:a%23b@127.0.0.1:16000;transport=tls>;q=0.7", "Contact: <sip:[::1]:5060>", "User-Agent: mibgate/1",
		"Expires: 60", "Content-Length: 0", "", "",
	}, "\r\n")
	if got := req.String(); got != want {
		t.Errorf("request\n%s\nwant\n%s", got, want)
	}
	u.SetHeaders(Headers{MaxForwards: 0})
	plain := u.NewRequest(Request{Method: sip.OPTIONS}).String()
	if strings.Contains(plain, "User-Agent") || !strings.Contains(plain, "Max-Forwards: 0\r\n") || !strings.Contains(plain, "CSeq: 1 ") {
		t.Errorf("request %s", plain)
	}
}

func TestURIs(t *testing.T) {
	for in, want := range map[string]string{
		"a.test": "sip:a.test", "a.test:5070": "sip:a.test:5070", "a.test:0": "sip:a.test", "127.0.0.1:5061": "sip:127.0.0.1:5061",
		"[::1]:5061": "sip:[::1]:5061", "::1": "sip:[::1]",
	} {
		u := ServerURI(in)
		if got := u.String(); got != want {
			t.Errorf("ServerURI(%q) = %s, want %s", in, got, want)
		}
	}
	u := Loose("a.test", siptransport.UDP)
	if got := u.String(); got != "sip:a.test;lr" {
		t.Errorf("Loose: %s", got)
	}
}

func FuzzEscapeUser(f *testing.F) {
	f.Add("+41#*")
	f.Add("a b@c:d%é\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		e := EscapeUser(s)
		if strings.ContainsAny(e, "@:<>\" \r\n#") {
			t.Fatalf("EscapeUser(%q) = %q", s, e)
		}
		if got := UnescapeUser(e); got != s {
			t.Fatalf("back: %q, want %q", got, s)
		}
	})
}
