package hoc

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"mibgate/element/clock"
	"mibgate/testdata/testelement"
	"mibgate/testdata/testwait"
)

func TestDNSServers(t *testing.T) {
	testwait.NoLeaks(t)
	resolv := filepath.Join(t.TempDir(), "resolv.conf")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(resolv, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# ours\nsearch example.test\nnameserver 192.0.2.53\nnameserver bad\nnameserver 2001:db8::53\n")
	f := startIn(t, t.TempDir(), Options{Resolv: resolv})
	check := func(want string) {
		t.Helper()
		if got := strings.Join(f.Column("Hoc.DnsServersInfo.IpAddress"), " "); got != want {
			t.Errorf("DNS servers are %q, want %q", got, want)
		}
	}
	check("192.0.2.53 2001:db8::53")
	write("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\nnameserver 192.0.2.5\n")
	check("192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4")
	f.MustSet(`Hoc.StaticDnsServers[Priority=2].IpAddress="198.51.100.1"`, `Hoc.StaticDnsServers[Priority=4].IpAddress="198.51.100.2"`)
	check("198.51.100.1 198.51.100.2")
	f.MustSet(`Hoc.StaticDnsServers[Priority=2].IpAddress=""`, `Hoc.StaticDnsServers[Priority=4].IpAddress=""`)
	if err := os.Remove(resolv); err != nil {
		t.Fatal(err)
	}
	check("")
}

// dnsServer answers every A question with 127.0.0.1, on 127.0.0.2.
func dnsServer(t *testing.T) (port string) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		r := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			r.Answer = append(r.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60},
				A:   net.IPv4(127, 0, 0, 1),
			})
		}
		_ = w.WriteMsg(r)
	})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.ActivateAndServe()
	}()
	t.Cleanup(func() {
		_ = s.Shutdown()
		conn.Close()
		<-done
	})
	_, port, _ = net.SplitHostPort(conn.LocalAddr().String())
	return port
}

// TestNamesByStaticServers: SNTP servers are found by the configured DNS
// servers, also when the first of them is dead.
func TestNamesByStaticServers(t *testing.T) {
	f := start(t)
	f.hoc.dnsPort = dnsServer(t)
	server := newTimeServer(t, 0)
	_, port, _ := net.SplitHostPort(server.addr)
	f.MustSet(
		`Hoc.StaticDnsServers[Priority=1].IpAddress="127.0.0.3"`, // nobody there
		`Hoc.StaticDnsServers[Priority=2].IpAddress="127.0.0.2"`,
		`Hoc.StaticSntpServerHost="time.example.test:`+port+`"`,
	)
	f.Await("Hoc.ClockState", "Synchronized")
	ctx, cancel := context.WithTimeout(t.Context(), testelement.Patience)
	defer cancel()
	addrs, err := f.hoc.Resolver().LookupHost(ctx, "other.example.test")
	if err != nil || len(addrs) != 1 || addrs[0] != "127.0.0.1" {
		t.Errorf("%v, %v", addrs, err)
	}
}

func TestTexts(t *testing.T) {
	tests := []struct{ name, got, want string }{
		{"uptime of nothing", uptime(0), "0 days, 0 hours, 0 minutes, 0 seconds"},
		{"uptime", uptime(49*time.Hour + 3*time.Minute + 4500*time.Millisecond), "2 days, 1 hours, 3 minutes, 4 seconds"},
		{"port 0", withoutZeroPort("ntp.example:0"), "ntp.example"},
		{"port 0 behind IPv6", withoutZeroPort("[2001:db8::1]:0"), "[2001:db8::1]"},
		{"an IPv6 address that ends so", withoutZeroPort("2001:db8::0"), "2001:db8::0"},
		{"a port", withoutZeroPort("ntp.example:10"), "ntp.example:10"},
		{"several errors", oneLine(errors.Join(clock.ErrMuted, clock.ErrNoServer)), clock.ErrMuted.Error() + "; " + clock.ErrNoServer.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("%q, want %q", tt.got, tt.want)
			}
		})
	}
}
