package sipdns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mibgate/element/siptransport"
)

const zone = `
sip.example.test.        60 IN A     127.0.0.1
sip.example.test.        60 IN AAAA  ::1
two.example.test.        60 IN A     127.0.0.2
two.example.test.        60 IN A     127.0.0.3
alias.example.test.      60 IN CNAME sip.example.test.
loop.example.test.       60 IN CNAME loop.example.test.
_sips._tcp.example.test. 60 IN SRV   20 0 5071 two.example.test.
_sips._tcp.example.test. 60 IN SRV   10 0 5061 sip.example.test.
_sip._tcp.example.test.  60 IN SRV   10 0 0    sip.example.test.
_sips._tcp.gone.test.    60 IN SRV   0  0 0    .
_x._tcp.naptr.test.      60 IN SRV   1  1 6061 two.example.test.
naptr.test.              60 IN NAPTR 50 50 "s" "SIP+D2U"  "" _sip._udp.naptr.test.
naptr.test.              60 IN NAPTR 90 50 "s" "SIPS+D2T" "" _x._tcp.naptr.test.
naptr.test.              60 IN NAPTR 10 50 "u" "SIPS+D2T" "!.*!sip:evil!" .
naptr.test.              60 IN A     127.0.0.9
`

// server answers from the zone over UDP and TCP; change may spoil an answer.
func server(t *testing.T, change func(*dns.Msg) *dns.Msg) (addr string, queries *atomic.Int32) {
	t.Helper()
	var records []dns.RR
	zp := dns.NewZoneParser(strings.NewReader(zone), ".", "")
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		records = append(records, rr)
	}
	if err := zp.Err(); err != nil {
		t.Fatal(err)
	}
	queries = new(atomic.Int32)
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, req *dns.Msg) {
		queries.Add(1)
		res := new(dns.Msg).SetReply(req)
		name := req.Question[0].Name
		for range 2 {
			for _, rr := range records {
				if !strings.EqualFold(rr.Header().Name, name) {
					continue
				}
				if c, ok := rr.(*dns.CNAME); ok {
					res.Answer = append(res.Answer, rr)
					name = c.Target
					break
				}
				if rr.Header().Rrtype == req.Question[0].Qtype {
					res.Answer = append(res.Answer, rr)
				}
			}
			if name == req.Question[0].Name {
				break
			}
		}
		if change != nil {
			res = change(res)
		}
		if res != nil {
			w.WriteMsg(res)
		}
	})
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", pc.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	udp := &dns.Server{PacketConn: pc, Handler: handler}
	tcp := &dns.Server{Listener: ln, Handler: handler}
	for _, s := range []*dns.Server{udp, tcp} {
		ready := make(chan struct{})
		s.NotifyStartedFunc = func() { close(ready) }
		go s.ActivateAndServe()
		<-ready
		t.Cleanup(func() { s.Shutdown() })
	}
	return pc.LocalAddr().String(), queries
}

func render(r Result) string {
	var parts []string
	for _, t := range r.Targets {
		parts = append(parts, fmt.Sprintf("%s/%s", t.Transport, t.Addr))
	}
	return strings.Join(parts, " ")
}

func TestLocate(t *testing.T) {
	addr, _ := server(t, nil)
	tls, tcp, udp := siptransport.TLS, siptransport.TCP, siptransport.UDP
	tests := []struct {
		name       string
		level      Level
		v4         bool
		host       string
		transports []siptransport.Transport
		want       string
		names      string
	}{
		{"address and port", NAPTR, false, "127.0.0.1:5071", list(tls), "TLS/127.0.0.1:5071", "[]"},
		{"address", NAPTR, false, "127.0.0.1", list(tls), "TLS/127.0.0.1:5061", "[]"},
		{"port 0", NAPTR, false, "127.0.0.1:0", list(udp, tcp), "UDP/127.0.0.1:5060 TCP/127.0.0.1:5060", "[]"},
		{"IPv6", NAPTR, false, "[::1]:5071", list(tls), "TLS/[::1]:5071", "[]"},
		{"IPv6 without port", NAPTR, false, "::1", list(tls), "TLS/[::1]:5061", "[]"},
		{"name and port: no SRV", NAPTR, false, "sip.example.test:5071", list(tls), "TLS/127.0.0.1:5071 TLS/[::1]:5071", "[]"},
		{"IPv4 only", NAPTR, true, "sip.example.test:5071", list(tls), "TLS/127.0.0.1:5071", "[]"},
		{"alias", Address, true, "alias.example.test", list(tls), "TLS/127.0.0.1:5061", "[]"},
		{"several addresses", Address, true, "two.example.test.", list(tcp), "TCP/127.0.0.2:5060 TCP/127.0.0.3:5060", "[]"},
		{"SRV by priority", SRV, true, "example.test", list(tls), "TLS/127.0.0.1:5061 TLS/127.0.0.2:5071 TLS/127.0.0.3:5071",
			"[sip.example.test two.example.test]"},
		{"SRV with port 0 of the configuration", SRV, true, "example.test:0", list(tcp), "TCP/127.0.0.1:5060", "[sip.example.test]"},
		{"no SRV: address", SRV, true, "sip.example.test", list(tls), "TLS/127.0.0.1:5061", "[]"},
		{"NAPTR picks the service", NAPTR, true, "naptr.test", list(tls), "TLS/127.0.0.2:6061 TLS/127.0.0.3:6061", "[two.example.test]"},
		{"NAPTR without our transport: SRV, then address", NAPTR, true, "naptr.test", list(tcp), "TCP/127.0.0.9:5060", "[]"},
		{"level SRV asks no NAPTR", SRV, true, "naptr.test", list(tls), "TLS/127.0.0.9:5061", "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := New(Config{Servers: []string{addr}, Level: tt.level, IPv4Only: tt.v4})
			got, err := r.Locate(t.Context(), tt.host, tt.transports...)
			if err != nil {
				t.Fatal(err)
			}
			if render(got) != tt.want || fmt.Sprint(got.Names) != tt.names {
				t.Errorf("got %s, names %v", render(got), got.Names)
			}
			if len(got.Addrs()) != len(got.Targets) {
				t.Error("Addrs")
			}
		})
	}
}

func list(t ...siptransport.Transport) []siptransport.Transport { return t }

func TestLocateErrors(t *testing.T) {
	addr, _ := server(t, nil)
	tests := []struct {
		name, host string
		want       error
	}{
		{"unknown name", "nothing.test", ErrNotFound},
		{"alias to itself", "loop.example.test", ErrNotFound},
		{"service not available", "gone.test", ErrNotFound},
		{"empty", "", ErrBadHost},
		{"bad port", "a.test:99999", ErrBadHost},
		{"not a name", "a b.test", ErrBadHost},
		{"header injection", "a.test\r\nEvil", ErrBadHost},
	}
	r := New(Config{Servers: []string{addr}, Level: NAPTR, IPv4Only: true})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := r.Locate(t.Context(), tt.host, siptransport.TLS); !errors.Is(err, tt.want) {
				t.Errorf("Locate: %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := r.Locate(t.Context(), "127.0.0.1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("without transports: %v", err)
	}
}

func TestSpoiledAnswers(t *testing.T) {
	tests := []struct {
		name   string
		change func(*dns.Msg) *dns.Msg
		want   error // nil: found by the second server
	}{
		{"no answer", func(*dns.Msg) *dns.Msg { return nil }, ErrNoServer},
		{"server failure", func(m *dns.Msg) *dns.Msg { m.Rcode = dns.RcodeServerFailure; m.Answer = nil; return m }, ErrNoServer},
		{"records of another name", func(m *dns.Msg) *dns.Msg {
			for i, rr := range m.Answer {
				m.Answer[i] = dns.Copy(rr)
				m.Answer[i].Header().Name = "evil.test."
			}
			return m
		}, ErrNotFound},
		{"another question", func(m *dns.Msg) *dns.Msg { m.Question[0].Name = "evil.test."; return m }, ErrNoServer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad, _ := server(t, tt.change)
			cfg := Config{Servers: []string{bad}, IPv4Only: true, QueryTimeout: 100 * time.Millisecond}
			if _, err := New(cfg).Locate(t.Context(), "sip.example.test", siptransport.TLS); !errors.Is(err, tt.want) {
				t.Errorf("Locate: %v, want %v", err, tt.want)
			}
			if !errors.Is(tt.want, ErrNoServer) {
				return
			}
			good, _ := server(t, nil)
			cfg.Servers = append(cfg.Servers, good)
			if res, err := New(cfg).Locate(t.Context(), "sip.example.test", siptransport.TLS); err != nil || len(res.Targets) != 1 {
				t.Errorf("with a second server: %v, %v", res, err)
			}
		})
	}
}

func TestTruncatedAnswerIsFetchedByTCP(t *testing.T) {
	var n atomic.Int32
	addr, _ := server(t, func(m *dns.Msg) *dns.Msg {
		if n.Add(1) == 1 {
			m.Truncated, m.Answer = true, nil
		}
		return m
	})
	res, err := New(Config{Servers: []string{addr}, IPv4Only: true}).Locate(t.Context(), "sip.example.test", siptransport.TLS)
	if err != nil || render(res) != "TLS/127.0.0.1:5061" {
		t.Errorf("%s, %v", render(res), err)
	}
}

func TestFloodOfRecordsIsBounded(t *testing.T) {
	addr, queries := server(t, func(m *dns.Msg) *dns.Msg {
		q := m.Question[0]
		m.Answer = nil
		for i := range 20 {
			h := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET}
			switch q.Qtype {
			case dns.TypeA:
				m.Answer = append(m.Answer, &dns.A{Hdr: h, A: net.IPv4(127, 0, 1, byte(i))})
			case dns.TypeSRV:
				m.Answer = append(m.Answer, &dns.SRV{Hdr: h, Target: fmt.Sprintf("h%d.test.", i), Port: 1})
			case dns.TypeNAPTR:
				m.Answer = append(m.Answer, &dns.NAPTR{Hdr: h, Flags: "s", Service: "SIPS+D2T", Replacement: fmt.Sprintf("s%d.test.", i)})
			}
		}
		m.Compress = true
		return m
	})
	res, err := New(Config{Servers: []string{addr}, Level: NAPTR}).Locate(t.Context(), "a.test", siptransport.TLS)
	if err != nil || len(res.Targets) > maxTargets || queries.Load() > 2*maxQueries {
		t.Errorf("%d targets after %d queries, %v", len(res.Targets), queries.Load(), err)
	}
}

func TestWeights(t *testing.T) {
	records := func() []*dns.SRV {
		return []*dns.SRV{{Weight: 0, Target: "zero"}, {Weight: 10, Target: "ten"}, {Weight: 90, Target: "ninety"}}
	}
	for pick, want := range map[int]string{0: "zero", 1: "ten", 10: "ten", 11: "ninety", 100: "ninety"} {
		q := &session{r: New(Config{Rand: func(n int) int { return min(pick, n-1) }})}
		if got := q.draw(records()); got[0].Target != want || len(got) != 3 {
			t.Errorf("pick %d: first %s of %d", pick, got[0].Target, len(got))
		}
	}
}

func TestLocateEndsWithItsContext(t *testing.T) {
	addr, _ := server(t, func(*dns.Msg) *dns.Msg { return nil })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := New(Config{Servers: []string{addr, addr}, Level: NAPTR}).Locate(ctx, "a.test", siptransport.TLS)
	if err == nil || time.Since(began) > time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a", "a:1", "127.0.0.1:5061", "[::1]:5", "::1", "a:0", ":", "[", "a..b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		host, _, err := Split(s)
		if err != nil {
			return
		}
		if _, perr := netip.ParseAddr(host); perr != nil && strings.ContainsAny(host, " \r\n;<>@:\"") {
			t.Fatalf("Split(%q) gives host %q", s, host)
		}
	})
}
