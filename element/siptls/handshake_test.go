package siptls

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mibgate/testdata/testcert"
)

func newCA(t *testing.T) *testcert.CA {
	t.Helper()
	ca, err := testcert.NewCA("siptls test CA", testcert.ECDSA)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func issue(t *testing.T, ca *testcert.CA, l testcert.Leaf) tls.Certificate {
	t.Helper()
	p, err := ca.Issue(l)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// handshake runs one TCP connection on loopback (net.Pipe would hide alerts) and returns the client's error: that of
// the handshake, or that of the first read when the server refuses us after it, as TLS 1.3 does.
func handshake(t *testing.T, client, server *tls.Config) error {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(5 * time.Second))
		srv := tls.Server(c, server)
		if srv.Handshake() == nil {
			srv.Write([]byte("x"))
		}
	}()
	defer func() { <-done }()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	cl := tls.Client(c, client)
	if err := cl.Handshake(); err != nil {
		return err
	}
	_, err = cl.Read(make([]byte, 1))
	return err
}

func TestServerCertificateAtEveryLevel(t *testing.T) {
	ca, stranger := newCA(t), newCA(t)
	good := testcert.Leaf{DNS: []string{"sip.example.test"}}
	byIP := testcert.Leaf{IPs: []string{"127.0.0.1"}}
	const host = "sip.example.test"
	tests := []struct {
		name   string
		signer *testcert.CA
		leaf   testcert.Leaf
		level  Level
		ref    Reference
		want   Reason // 0 for success
	}{
		{"right name", ca, good, HostName, Reference{Host: host}, 0},
		{"name in other letter case and with dot", ca, good, HostName, Reference{Host: "SIP.Example.Test."}, 0},
		{"RSA key", ca, testcert.Leaf{Key: testcert.RSA, DNS: good.DNS}, HostName, Reference{Host: host}, 0},
		{"address", ca, byIP, HostName, Reference{Host: "127.0.0.1"}, 0},
		{"other address", ca, byIP, HostName, Reference{Host: "127.0.0.2"}, ReasonNameMismatch},
		{"URI name", ca, testcert.Leaf{URIs: []string{"sip:" + host}}, HostName, Reference{Host: host}, 0},
		{"URI name with user", ca, testcert.Leaf{URIs: []string{"sip:a@" + host}}, HostName, Reference{Host: host}, ReasonNameMismatch},
		{"common name does not count", ca, testcert.Leaf{NoSAN: true, CommonName: host}, HostName, Reference{Host: host}, ReasonNameMismatch},
		{"wildcard does not count", ca, testcert.Leaf{DNS: []string{"*.example.test"}}, HostName, Reference{Host: host}, ReasonNameMismatch},
		{"SRV name at hostName", ca, good, HostName, Reference{Host: "example.test", SRVNames: []string{host}}, ReasonNameMismatch},
		{"SRV name at dnsSrvResponse", ca, good, DNSSRVResponse, Reference{Host: "example.test", SRVNames: []string{"a.test", host}}, 0},
		{"host at dnsSrvResponse", ca, good, DNSSRVResponse, Reference{Host: host}, 0},
		{"other name at dnsSrvResponse", ca, good, DNSSRVResponse, Reference{Host: "b.test", SRVNames: []string{"a.test"}}, ReasonNameMismatch},
		{"other name at trustedCertificate", ca, good, TrustedCertificate, Reference{Host: "b.test"}, 0},
		{"stranger at trustedCertificate", stranger, good, TrustedCertificate, Reference{Host: host}, ReasonUntrusted},
		{"stranger at noValidation", stranger, good, NoValidation, Reference{Host: host}, 0},
		{"expired", ca, testcert.Expired(good), TrustedCertificate, Reference{Host: host}, ReasonExpired},
		{"expired at noValidation", ca, testcert.Expired(good), NoValidation, Reference{Host: host}, 0},
		{"not yet valid", ca, testcert.NotYetValid(good), TrustedCertificate, Reference{Host: host}, ReasonNotYetValid},
		{"unknown level is strict", ca, good, Level(0), Reference{Host: "b.test"}, ReasonNameMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := &tls.Config{Certificates: []tls.Certificate{issue(t, tt.signer, tt.leaf)}}
			err := handshake(t, Settings{Level: tt.level, Roots: ca.Pool()}.Client(tt.ref, nil), srv)
			checkReason(t, err, tt.want)
		})
	}
}

func checkReason(t *testing.T, err error, want Reason) {
	t.Helper()
	if want == 0 {
		if err != nil {
			t.Fatalf("handshake: %v", err)
		}
		return
	}
	got, detail := Classify(err)
	if got != want || detail == "" {
		t.Errorf("Classify(%v) = %v %q, want %v", err, got, detail, want)
	}
}

func TestDatesAreJudgedByTheElementsClock(t *testing.T) {
	ca := newCA(t)
	srv := &tls.Config{Certificates: []tls.Certificate{issue(t, ca, testcert.Expired(testcert.Leaf{}))}}
	yesterday := func() time.Time { return time.Now().Add(-24 * time.Hour) }
	cfg := Settings{Level: HostName, Roots: ca.Pool(), Now: yesterday}.Client(Reference{Host: "127.0.0.1"}, nil)
	checkReason(t, handshake(t, cfg, srv), 0)
	tomorrow := func() time.Time { return time.Now().Add(72 * time.Hour) }
	srv.Certificates = []tls.Certificate{issue(t, ca, testcert.Leaf{})}
	cfg = Settings{Level: HostName, Roots: ca.Pool(), Now: tomorrow}.Client(Reference{Host: "127.0.0.1"}, nil)
	checkReason(t, handshake(t, cfg, srv), ReasonExpired)
}

func TestVersionFloor(t *testing.T) {
	ca := newCA(t)
	cert := issue(t, ca, testcert.Leaf{Key: testcert.RSA})
	tests := []struct {
		name             string
		floor            uint16
		srvMin, srvMax   uint16
		want             Reason
		suites, srvSuite []uint16
	}{
		{"1.3", 0, tls.VersionTLS13, tls.VersionTLS13, 0, nil, nil},
		{"1.2", 0, tls.VersionTLS12, tls.VersionTLS12, 0, nil, nil},
		{"server below our floor", 0, tls.VersionTLS10, tls.VersionTLS11, ReasonProtocolVersion, nil, nil},
		{"floor 1.3, server 1.2", tls.VersionTLS13, tls.VersionTLS12, tls.VersionTLS12, ReasonProtocolVersion, nil, nil},
		{"floor 1.0, server 1.0", tls.VersionTLS10, tls.VersionTLS10, tls.VersionTLS10, 0, nil, nil},
		{"chosen suite", 0, tls.VersionTLS12, tls.VersionTLS12, 0, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}},
		{"no common suite", 0, tls.VersionTLS12, tls.VersionTLS12, ReasonOther, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA},
			[]uint16{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Settings{Level: HostName, Roots: ca.Pool(), MinVersion: tt.floor, CipherSuites: tt.suites}
			srv := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tt.srvMin, MaxVersion: tt.srvMax, CipherSuites: tt.srvSuite}
			checkReason(t, handshake(t, s.Client(Reference{Host: "127.0.0.1"}, nil), srv), tt.want)
		})
	}
}

func TestServerAsksForATrustedClient(t *testing.T) {
	ca, stranger := newCA(t), newCA(t)
	server := Settings{Certificates: []tls.Certificate{issue(t, ca, testcert.Leaf{})}, Roots: ca.Pool(), RequireClientCertificate: true}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, tt := range []struct {
			name  string
			certs []tls.Certificate
			want  Reason
		}{
			{"trusted", []tls.Certificate{issue(t, ca, testcert.Leaf{})}, 0},
			{"stranger", []tls.Certificate{issue(t, stranger, testcert.Leaf{})}, ReasonRefused},
			{"expired", []tls.Certificate{issue(t, ca, testcert.Expired(testcert.Leaf{}))}, ReasonRefused},
			{"none", nil, ReasonRefused},
		} {
			t.Run(tls.VersionName(version)+" "+tt.name, func(t *testing.T) {
				if version == tls.VersionTLS12 && tt.certs == nil {
					tt.want = ReasonOther // RFC 5246 §7.4.6: only a handshake_failure, which may mean anything
				}
				cl := Settings{Level: HostName, Roots: ca.Pool(), Certificates: tt.certs}.Client(Reference{Host: "127.0.0.1"}, nil)
				cl.MaxVersion = version
				srv := Server(func() (Settings, error) { return server, nil })
				checkReason(t, handshake(t, cl, srv), tt.want)
			})
		}
	}
}

func TestServerTakesTheCertificateOfTheMoment(t *testing.T) {
	ca := newCA(t)
	var now atomic.Pointer[Settings]
	now.Store(&Settings{})
	srv := Server(func() (Settings, error) { return *now.Load(), nil })
	cl := Settings{Level: HostName, Roots: ca.Pool()}.Client(Reference{Host: "127.0.0.1"}, nil)
	if err := handshake(t, cl, srv); err == nil {
		t.Fatal("a handshake without a host certificate succeeded")
	}
	now.Store(&Settings{Certificates: []tls.Certificate{issue(t, ca, testcert.Leaf{})}})
	checkReason(t, handshake(t, cl, srv), 0)
}

func TestTicketIsSignalledOnce13AcceptsUs(t *testing.T) {
	ca := newCA(t)
	srv := &tls.Config{Certificates: []tls.Certificate{issue(t, ca, testcert.Leaf{})}}
	var tickets atomic.Int32
	cl := Settings{Level: HostName, Roots: ca.Pool()}.Client(Reference{Host: "127.0.0.1"}, func() { tickets.Add(1) })
	for i := range 2 {
		checkReason(t, handshake(t, cl, srv), 0)
		if tickets.Load() != int32(i+1) {
			t.Fatalf("%d tickets after %d handshakes", tickets.Load(), i+1)
		}
	}
}

func TestServerNameIndication(t *testing.T) {
	for host, want := range map[string]string{
		"sip.example.test": "sip.example.test", "sip.example.test.": "sip.example.test", "127.0.0.1": "", "::1": "", "[::1]": "",
	} {
		if got := serverName(host); got != want {
			t.Errorf("serverName(%q) = %q, want %q", host, got, want)
		}
	}
}

func TestClassifyOtherFailures(t *testing.T) {
	long := errors.New(strings.Repeat("x", 1000) + "\r\n")
	tests := []struct {
		name string
		err  error
		want Reason
	}{
		{"deadline", context.DeadlineExceeded, ReasonTimeout},
		{"kernel timeout", &net.OpError{Op: "dial", Err: syscall.ETIMEDOUT}, ReasonTimeout},
		{"refused", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, ReasonRefused},
		{"reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, ReasonRefused},
		{"closed", io.EOF, ReasonRefused},
		{"no certificate", ErrNoPeerCertificate, ReasonUntrusted},
		{"plain text peer", tls.RecordHeaderError{Msg: "secret bytes", RecordHeader: [5]byte{'S'}}, ReasonOther},
		{"anything", long, ReasonOther},
		{"nil", nil, ReasonOther},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, detail := Classify(tt.err)
			if got != tt.want {
				t.Errorf("reason %v, want %v", got, tt.want)
			}
			if len(detail) > maxDetail || strings.ContainsAny(detail, "\r\n") || strings.Contains(detail, "secret") {
				t.Errorf("detail %q", detail)
			}
		})
	}
}

func TestReasonLabels(t *testing.T) {
	want := []string{"untrusted", "expired", "notYetValid", "nameMismatch", "protocolVersion", "timeout", "refused", "other"}
	for i, w := range want {
		if got := Reason(100 * (i + 1)).String(); got != w {
			t.Errorf("Reason(%d) = %q, want %q", 100*(i+1), got, w)
		}
	}
}
